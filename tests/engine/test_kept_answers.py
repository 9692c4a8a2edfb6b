"""When an answer about earlier data will do: it has to have taken long, and must not be old."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.values import MINUTE, Duration
from engine.analyst import Analyst
from engine.analytics.history import History
from engine.kept_answers import KEPT, OLDEST, SLOW, KeptAnswer, KeptAnswers, keep
from engine.service import Service
from tests.engine.clock import Clock

CASES = [
    # seconds that it took, seconds ago, whether it is given
    (SLOW, 0.0, True),
    (SLOW - 0.1, 0.0, False),
    (60.0, OLDEST, True),
    (60.0, OLDEST + 1, False),
]


@pytest.mark.parametrize(("took", "age", "is_given"), CASES, ids=[f"{took} s, {age} s ago" for took, age, _ in CASES])
def test_an_earlier_answer_is_given_where_a_new_one_takes_long(took: float, age: float, is_given: bool) -> None:
    now = [100.0]
    kept = KeptAnswers(lambda: now[0])
    answer = KeptAnswer("found", 1, took, now[0])
    keep(kept.shelf(), "question", ("question", 1), answer)
    now[0] += age
    assert kept.exact(("question", 1)) is answer
    assert kept.exact(("question", 2)) is None
    assert kept.earlier("question") is (answer if is_given else None)


def test_without_a_timer_nobody_is_given_an_earlier_answer() -> None:
    kept = KeptAnswers()
    keep(kept.shelf(), "question", ("question", 1), KeptAnswer("found", 1, 60.0, 0.0))
    assert kept.earlier("question") is None


def test_what_was_being_computed_when_somebody_was_erased_is_not_found() -> None:
    kept = KeptAnswers(lambda: 0.0)
    shelf = kept.shelf()
    kept.memo("who", lambda: {1})
    kept.forget()
    keep(shelf, "question", ("question", 1), KeptAnswer("found", 1, 60.0, 0.0))
    assert (kept.exact(("question", 1)), kept.earlier("question")) == (None, None)
    assert kept.memo("who", lambda: {2}) == {2}


def test_the_answers_asked_for_last_stay() -> None:
    kept = KeptAnswers(lambda: 0.0)
    for number in range(KEPT):
        keep(kept.shelf(), number, number, KeptAnswer(number, 1, 0.0, 0.0))
    assert kept.exact(0) is not None
    keep(kept.shelf(), KEPT, KEPT, KeptAnswer(KEPT, 1, 0.0, 0.0))
    assert (kept.exact(0) is not None, kept.exact(1)) == (True, None)


INTERNAL = 'segment internal where role is "staff"\nattribute role: text\n'


def test_a_minute_later_an_answer_about_the_same_people_is_the_same(
    service: Service, clock: Clock, tmp_path: Path
) -> None:
    project = service.ensure_project().id
    service.publish(project, {"a.way": INTERNAL})
    message = {"type": "track", "event": "Signed Up", "messageId": "m", "userId": "ada"}
    service.receive(project, [message], received=clock.now)
    analyst = Analyst(service.database, tmp_path)
    computed: list[str] = []

    def ask(question: str, *, asks_now: bool = False) -> int:
        def answer(history: History) -> str:
            computed.append(question)
            return question

        analyst.answer(project, question, service.rules_now(project), answer, asks_now=asks_now)
        return computed.count(question)

    assert (ask("who"), ask("lately", asks_now=True)) == (1, 1)
    clock.pass_(Duration(5 * MINUTE))
    assert (ask("who"), ask("lately", asks_now=True)) == (1, 2)
    told = {"type": "identify", "messageId": "n", "userId": "ada", "traits": {"role": "staff"}}
    service.receive(project, [told], received=clock.now)
    clock.pass_(Duration(MINUTE))
    assert ask("who") == 2
