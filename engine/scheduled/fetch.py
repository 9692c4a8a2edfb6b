"""Fetches what is due: page by page from where the last run ended, so that each item is taken once.

An item that is known and says something else now replaces what was kept of it, but for its step and its feelings, if
somebody set them by hand; what another source of the project brought is left alone. After a failure a source is asked
less and less often, and in the end turned off.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dsl.values import MINUTE, Duration, Instant
from engine.errors import Busy, StorageUnavailable, WaypostError
from engine.evidence import Draft, NoSuchEvidence, TagRule, checked, place_by_rule, read_place, refuse_unknown_place
from engine.evidence_desk import EvidenceDesk, Fate
from engine.fetching import Answer, Fetcher, Unanswered
from engine.membership import RulesNow
from engine.roadmap.items import StaleItem
from engine.scheduled.desk import tell_stop, told_of
from engine.scheduled.facts import (
    MOST_PAGES,
    MOST_PROBLEMS,
    PAUSES,
    PERIODS,
    RUNS_KEPT,
    ScheduledSource,
    SourceRunState,
)
from engine.scheduled.kinds import kinds
from engine.scheduled.reading import Cursor, Page, Reader
from engine.storage import scheduled as kept
from engine.storage.scheduled import DueSource

if TYPE_CHECKING:
    from engine.service import Service

_log = logging.getLogger("waypost.sources")

_REPLACED: Final = ("text", "quotes", "language", "score", "tags", "page", "link")
"""What is the source's own of a piece of evidence."""
_AHEAD: Final = Duration(5 * MINUTE)
"""By how much the clock of the other side may be ahead of ours."""
_NOT_KNOWN: Final = frozenset({400, 404, 410})
"""What is answered where the place to go on from is not known any more."""


class _TakenOver(Exception):
    """Somebody else does this work by now."""


def fetch_due(
    service: Service, fetcher: Fetcher, *, clock: Callable[[], Instant], renew: Callable[[], bool]
) -> tuple[int, int]:
    """Fetch from all sources whose time has come: how many runs, and how many sources were turned off for failing.

    renew: called after every page; False means: stop.
    """
    done, stopped, now = 0, 0, clock()
    with service.database.writing() as connection:
        kept.forget_before(connection, Instant(now - RUNS_KEPT))
    seen: set[int] = set()
    while True:
        with service.database.reading() as connection:
            found = kept.due(connection, now=clock())
        # One that has more than a run takes waits for the next turn, so that the others have theirs.
        if found is None or found.source.id in seen:
            return done, stopped
        seen.add(found.source.id)
        try:
            stopped += _Run(service, fetcher, found, clock=clock, renew=renew).run()
        except _TakenOver:
            return done, stopped
        done += 1


class _Run:
    """One run of one source."""

    def __init__(
        self,
        service: Service,
        fetcher: Fetcher,
        due: DueSource,
        *,
        clock: Callable[[], Instant],
        renew: Callable[[], bool],
    ) -> None:
        self._service = service
        self._database = service.database
        self._fetcher = fetcher
        self._due = due
        self._clock = clock
        self._renew = renew
        self._evidence = EvidenceDesk(service.database)
        self._has_more = False
        with self._database.writing() as connection:
            self._run = kept.begin_run(connection, due.project_id, due.source.id, at=clock())

    def run(self) -> bool:
        """Fetch, and note what became of it, whatever happens; whether the source was turned off."""
        try:
            self._fetch()
        except Unanswered as refusal:
            return self._fail(str(refusal), status=refusal.status, after=refusal.after)
        except (StorageUnavailable, Busy, _TakenOver):
            raise
        except WaypostError as failure:
            return self._fail(str(failure))
        except Exception:
            # Whatever it is: the sources of others go on.
            _log.exception("scheduled source %s failed", self._due.source.id)
            return self._fail("something went wrong on our side; the server's log says what")
        now = self._clock()
        pause = 0 if self._has_more else PERIODS[self._due.source.every]
        self._end(SourceRunState.DONE, now, {"failures": 0, "stopped": None, "next_run": now + pause})
        return False

    def _fetch(self) -> None:
        due, source = self._due, self._due.source
        kind = kinds()[source.kind]
        reader = kind.begin(told_of(kind, {**source.settings, **due.secrets}, created=source.created))
        rules = self._service.rules_now(due.project_id)
        place = None if source.step is None else read_place(source.step)
        refuse_unknown_place(place, rules.project)
        tag_rules = self._evidence.rules(due.project_id).rules
        grant = reader.grant(self._clock())
        if grant is not None:
            reader.granted(self._fetcher.fetch(grant, now=self._clock()))
        cursor = due.cursor
        while True:
            page = reader.read(self._answer(reader, cursor), cursor)
            # Written while this runs, it is not of the future.
            self._take(page, replace(rules, now=self._clock()), tag_rules, place)
            if page.cursor == cursor and not page.is_last:
                raise Unanswered("it tells the same page again and again")
            cursor = page.cursor
            with self._database.writing() as connection:
                kept.keep_run(connection, self._run)
                goes_on = kept.note(connection, source.id, {"cursor": dict(cursor)}, revision=source.revision)
            if page.is_last or not goes_on:
                return
            if self._run.pages >= MOST_PAGES:
                self._has_more = True
                return
            if not self._renew():
                raise _TakenOver

    def _answer(self, reader: Reader, cursor: Cursor) -> Answer:
        """Raises Unanswered."""
        try:
            return self._fetcher.fetch(reader.ask(cursor), now=self._clock())
        except Unanswered as refusal:
            source, anew = self._due.source, reader.afresh(cursor)
            if refusal.status in _NOT_KNOWN and anew != cursor:
                with self._database.writing() as connection:
                    kept.note(connection, source.id, {"cursor": dict(anew)}, revision=source.revision)
            raise

    def _take(self, page: Page, rules: RulesNow, tag_rules: Iterable[TagRule], place: tuple[str, str] | None) -> None:
        """Keep what a page holds."""
        by, project = self._due.source.actor, self._due.project_id
        known_rules = tuple(tag_rules)
        drafts = [_placed(_of_now(each, rules.now), known_rules, rules, place) for each in page.drafts]
        receipts = self._evidence.take_in(project, rules, drafts, by=by)
        counts = {fate: sum(each.fate is fate for each in receipts) for fate in Fate}
        known = [
            (draft, each.id)
            for draft, each in zip(drafts, receipts, strict=True)
            if each.fate is Fate.KNOWN and each.id is not None
        ]
        gone = self._numbers(page.gone)
        theirs = self._theirs([*(number for _, number in known), *gone.values()])
        updated = sum(self._replace(draft, number, rules) for draft, number in known if number not in theirs)
        removed = sum(self._remove(number) for number in gone.values() if number not in theirs)
        foreign = [
            (external or "", _of_another(theirs[number]))
            for external, number in [*((draft.external, number) for draft, number in known), *gone.items()]
            if number in theirs
        ]
        refused = [(drafts[each.index].external or "", each.problem or "") for each in receipts if each.problem]
        problems = (*self._run.problems, *page.problems, *refused, *foreign)
        self._run = replace(
            self._run,
            pages=self._run.pages + 1,
            found=self._run.found + len(drafts) + len(page.problems),
            kept=self._run.kept + counts[Fate.KEPT],
            updated=self._run.updated + updated,
            known=self._run.known + sum(number not in theirs for _, number in known) - updated,
            removed=self._run.removed + removed,
            refused=self._run.refused + counts[Fate.REFUSED] + len(page.problems) + len(foreign),
            problems=problems[:MOST_PROBLEMS],
        )

    def _replace(self, draft: Draft, number: int, rules: RulesNow) -> bool:
        """Keep what a known item says now; False where that is what it said before."""
        project = self._due.project_id
        wanted = checked(replace(draft, place=None), rules.project, now=rules.now)
        try:
            found = self._evidence.one(project, number)
            said: dict[str, Any] = {
                name: getattr(wanted, name) for name in _REPLACED if getattr(wanted, name) != getattr(found.draft, name)
            }
            if not said:
                return False
            by = self._due.source.actor
            self._evidence.change(project, rules, number, said, revision=found.revision, by=by)
        except (NoSuchEvidence, StaleItem):
            # Somebody changes or deletes it just now; the next change there is taken again.
            return False
        return True

    def _remove(self, number: int) -> bool:
        try:
            self._evidence.delete(self._due.project_id, number)
        except NoSuchEvidence:
            return False
        return True

    def _numbers(self, externals: Iterable[str]) -> dict[str, int]:
        """The numbers of what is here of ids."""
        kind, project = kinds()[self._due.source.kind], self._due.project_id
        if kind.evidence is None:
            return {}
        with self._database.reading() as connection:
            found = {each: kept.evidence_number(connection, project, kind.evidence, each) for each in externals}
        return {each: number for each, number in found.items() if number is not None}

    def _theirs(self, numbers: Sequence[int]) -> dict[int, ScheduledSource]:
        """What another source of the project brought. Two accounts may count from 1 alike."""
        with self._database.reading() as connection:
            return kept.brought_by_others(connection, self._due.project_id, self._due.source.id, numbers)

    def _fail(self, why: str, *, status: int | None = None, after: int | None = None) -> bool:
        now, source = self._clock(), self._due.source
        failures = source.failures + 1
        self._run = replace(self._run, status=status, error=why)
        if failures <= len(PAUSES):
            pause = max(PAUSES[failures - 1], after or 0)
            self._end(SourceRunState.FAILED, now, {"failures": failures, "next_run": now + pause})
            return False
        stopped = f"{failures} runs in a row failed, the last one because: {why}"
        off = {"failures": failures, "is_on": False, "next_run": None, "stopped": stopped}
        if not self._end(SourceRunState.FAILED, now, off):
            return False
        _log.warning("scheduled source %s was turned off: %s", source.id, stopped)
        return True

    def _end(self, state: SourceRunState, now: Instant, changes: dict[str, Any]) -> bool:
        """Note the end of the run, and what it changes; False, and no change, where somebody changed the source."""
        self._run = replace(self._run, state=state, finished=now)
        due, source = self._due, self._due.source
        with self._database.writing() as connection:
            kept.keep_run(connection, self._run)
            took = kept.note(connection, source.id, changes, revision=source.revision)
            if took and (stopped := changes.get("stopped")) is not None:
                tell_stop(connection, due.project_id, source, stopped, at=now)
        return took


def _of_another(source: ScheduledSource) -> str:
    return f"its id is known from another source of the project, `{source.name}`: what that one brought stays"


def _of_now(draft: Draft, now: Instant) -> Draft:
    """The draft, said now where a clock that is a little ahead says later."""
    if draft.time is None or not now < draft.time <= now + _AHEAD:
        return draft
    return replace(draft, time=now)


def _placed(draft: Draft, tag_rules: Iterable[TagRule], rules: RulesNow, place: tuple[str, str] | None) -> Draft:
    """The draft with the step that was chosen for the source, where no rule of the project gives one."""
    if draft.place is not None or place is None or place_by_rule(draft, tuple(tag_rules), rules.project) is not None:
        return draft
    return replace(draft, place=place)
