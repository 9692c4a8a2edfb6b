"""Answers that take long, computed again beside the requests.

Whoever asks gets the earlier answer meanwhile, and is told so in the headers of the reply. What is asked often is
computed again when the data have changed, so that nobody waits. One thread of the application does it, and only while
there is such a question. See `docs/decisions/0008-answers-are-recomputed-beside-the-requests.md`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, request

from api.auth import Caller, Door, Gate, gate_of
from dsl.values import Instant
from engine import kept_answers
from engine.kept_answers import Asker, Served
from engine.permissions import Scope

if TYPE_CHECKING:
    from engine.analyst import Analyst

STATE_HEADER: Final = "Waypost-Answer"
VERSION_HEADER: Final = "Waypost-Data-Version"
OFTEN: Final = 3
"""How many times a question that takes long is asked within a day until it is kept warm."""
DAY: Final = 86_400.0
LOOK_EVERY: Final = 30.0
"""Seconds between two looks for new data."""
LEAST_PAUSE: Final = 60.0
"""Seconds between two times that a question is computed again unasked, and at least ten times as long as it takes."""
MOST_QUESTIONS: Final = 200
"""How many questions are remembered; the one that was asked longest ago goes."""

_EXTENSION: Final = "waypost-recomputing"
_log = logging.getLogger("waypost.answers")


class State(StrEnum):
    """How a question stands."""

    CURRENT = "current"
    STALE = "stale"
    WAITING = "waiting"
    AT_WORK = "being recomputed"


@dataclass(slots=True)
class Question:
    """A question that takes long. address: path and query; asked: how often within a day; version: of the data.

    took: seconds that the answer took; finished, began, last_asked: by the timer; computed: by the clock.
    """

    address: str
    caller: Caller
    asked: int
    last_asked: float
    version: int
    took: float
    finished: float
    computed: Instant
    state: State = State.CURRENT
    began: float | None = None


@dataclass(frozen=True, slots=True)
class QuestionState:
    """A question as people see it. running: seconds since its new answer was begun; progress: 0 to 1, by how long it
    took the last time, None where nobody is at it."""

    question: str
    state: State
    asked: int
    version: int
    data_version: int
    computed: Instant
    took: float
    running: float | None
    progress: float | None


class Recomputing:
    """The questions of one application that take long, and the thread that computes them again.

    timer: seconds that only go forward. clock: now. keeps_warm: also what nobody waits for at the moment.
    """

    def __init__(
        self, app: Flask, shared: Analyst, *, timer: Callable[[], float], clock: Callable[[], Instant], keeps_warm: bool
    ) -> None:
        self._app = app
        self._shared = shared
        self._timer = timer
        self._clock = clock
        self._keeps_warm = keeps_warm
        self._questions: dict[tuple[int, str], Question] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._at_the_end: Finalize | None = None
        self._is_stopped = False

    def note(self, address: str, caller: Caller, served: Sequence[Served]) -> None:
        """Somebody was given an answer. One that takes long is remembered; a stale one is to be computed again."""
        took = sum(each.took for each in served)
        if took < kept_answers.SLOW:
            return
        now, key = self._timer(), (caller.project_id, address)
        with self._changed:
            found = self._questions.pop(key, None)
            if found is None:
                found = Question(address, caller, 0, now, 0, took, now, self._clock())
            if now - found.last_asked > DAY:
                found.asked = 0
            # Put back last: the order is that of asking.
            self._questions[key] = found
            found.asked += 1
            found.last_asked = now
            self._take_over(found, served)
            if any(each.is_stale for each in served) and found.state not in {State.WAITING, State.AT_WORK}:
                found.state = State.WAITING
            while len(self._questions) > MOST_QUESTIONS:
                del self._questions[next(iter(self._questions))]
            self._begin()

    def states(self, project_id: int) -> tuple[QuestionState, ...]:
        """How the questions of a project stand, the one asked last first."""
        data_version, now = self._data_version(project_id), self._timer()
        with self._changed:
            found = [each for (project, _), each in self._questions.items() if project == project_id]
            return tuple(self._shown(each, data_version, now) for each in reversed(found))

    def forget(self) -> None:
        """Drop all questions: for when somebody was erased."""
        with self._changed:
            self._questions.clear()

    def stop(self, timeout: float | None = None) -> None:
        """Begin nothing new, and wait for the answer at hand."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _begin(self) -> None:
        """Have the thread, where there is something to do or to look after. With the lock held."""
        if self._is_stopped or not self._has_work():
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._go_on, name="waypost-answers", daemon=True)
            # Before the service is closed, whose priority is lower; only while there is a thread, so that an
            # application that is dropped before its process ends is not held by this.
            self._at_the_end = Finalize(self, self.stop, kwargs={"timeout": 10}, exitpriority=20)
            self._thread.start()
        else:
            self._changed.notify_all()

    def _has_work(self) -> bool:
        return any(each.state is State.WAITING or self._is_warm(each) for each in self._questions.values())

    def _is_warm(self, question: Question) -> bool:
        """True for what is asked often enough to be computed unasked."""
        is_asked = question.asked >= OFTEN and self._timer() - question.last_asked <= DAY
        return self._keeps_warm and is_asked

    def _go_on(self) -> None:
        while True:
            with self._changed:
                if self._is_stopped or not self._has_work():
                    self._end()
                    return
                question = self._next()
                if question is None:
                    self._changed.wait(LOOK_EVERY)
                    continue
                question.state, question.began = State.AT_WORK, self._timer()
            self._compute(question)

    def _end(self) -> None:
        """The thread has nothing to do any more; a new one begins when there is. With the lock held."""
        self._thread = None
        if self._at_the_end is not None:
            self._at_the_end.cancel()
            self._at_the_end = None

    def _next(self) -> Question | None:
        """What somebody was given a stale answer to, else what is kept warm and is about earlier data."""
        for question in self._questions.values():
            if question.state is State.WAITING:
                return question
        warm = [each for each in self._questions.values() if self._is_warm(each) and self._has_rested(each)]
        for question in sorted(warm, key=lambda each: -each.asked):
            if question.version != self._data_version(question.caller.project_id):
                return question
        return None

    def _has_rested(self, question: Question) -> bool:
        return self._timer() - question.finished >= max(LEAST_PAUSE, 10 * question.took)

    def _compute(self, question: Question) -> None:
        asker = Asker()
        try:
            with self._app.test_request_context(question.address):
                g.caller, g.asker = question.caller, asker
                view = self._app.view_functions[request.endpoint or ""]
                view(**(request.view_args or {}))
        except Exception:
            # Whatever it is: whoever asks again waits for the answer, and is told what is wrong.
            _log.warning("could not compute `%s` again", question.address, exc_info=True)
            with self._changed:
                self._questions.pop((question.caller.project_id, question.address), None)
            return
        with self._changed:
            self._take_over(question, asker.served)
            question.state, question.began = State.CURRENT, None

    def _take_over(self, question: Question, served: Sequence[Served]) -> None:
        """What is known of the answer by how it was come by."""
        version = min(each.version for each in served)
        if version < question.version:
            return
        age = max(each.age for each in served)
        question.version, question.took = version, sum(each.took for each in served)
        question.finished = self._timer() - age
        question.computed = Instant(self._clock() - int(age * 1_000_000))

    def _data_version(self, project_id: int) -> int:
        return self._shared.lake(project_id).manifest().version

    def _shown(self, question: Question, data_version: int, now: float) -> QuestionState:
        running = None if question.began is None else now - question.began
        is_stale = question.state is State.CURRENT and question.version != data_version
        return QuestionState(
            question=question.address,
            state=State.STALE if is_stale else question.state,
            asked=question.asked,
            version=question.version,
            data_version=data_version,
            computed=question.computed,
            took=question.took,
            running=running,
            progress=None if running is None else min(0.99, running / max(question.took, 0.001)),
        )


def register(app: Flask) -> None:
    """Have every reply with an answer say what data it is about, and whether it is being computed again."""
    app.after_request(_tell)


def attach(app: Flask, recomputing: Recomputing) -> None:
    """Give the application the one that computes again; its thread ends before the database is closed."""
    app.extensions[_EXTENSION] = recomputing


def recomputing() -> Recomputing | None:
    """That of the application that answers this request; None where nothing was asked yet."""
    return cast("Recomputing | None", current_app.extensions.get(_EXTENSION))


def asker() -> Asker:
    """Who asks, for this request.

    Accepts what is stale where the reply can say so and the new answer is computed then, unless the request says
    `Cache-Control: no-cache`.
    """
    if "asker" not in g:
        wants_new = "no-cache" in request.headers.get("Cache-Control", "")
        g.asker = Asker(accepts_stale=_may_be_listed() and not wants_new)
    return cast("Asker", g.asker)


def _tell(answer: Response) -> Response:
    found: Asker | None = g.get("asker")
    if found is None or not found.served or answer.status_code != 200:
        return answer
    is_stale = any(each.is_stale for each in found.served)
    answer.headers[VERSION_HEADER] = str(min(each.version for each in found.served))
    answer.headers[STATE_HEADER] = f"{State.STALE}; {State.AT_WORK}" if is_stale else State.CURRENT.value
    answer.headers["Age"] = str(int(max(each.age for each in found.served)))
    here = recomputing()
    if here is not None and _may_be_listed():
        here.note(_address(), g.caller, found.served)
    return answer


def _address() -> str:
    """The question of this request. A file and a document are the same answer, and an order of parameters is none."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "format"]
    # By name alone: of what may stand several times, such as `step`, the order is part of the question.
    asked.sort(key=lambda pair: pair[0])
    return quote(request.path) + (f"?{urlencode(asked)}" if asked else "")


def _may_be_listed() -> bool:
    """True for addresses without people: lists of users have ids in their queries."""
    gate = gate_of(current_app.view_functions[request.endpoint or ""])
    return request.method == "GET" and gate == Gate(Door.SCOPE, Scope.RECORDS_READ)
