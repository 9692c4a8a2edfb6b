"""The rules of projects in production: checked, put in force, compared, put back, and stopped all at once.

Decides what a publication is: whole or not at all, numbered, with who, when and why. A version is never changed; going
back to an earlier one is a new version with its files. Other processes see a publication at their next question.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dsl.diagnostics import Severity
from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.alerts import KEPT_HOURS, Alert, alerts_of
from engine.audience import AudienceChange, compare
from engine.audit import Act, Action
from engine.backtest import Backtest, backtest
from engine.errors import UnknownGuide, UnknownVersion, WaypostError
from engine.events import GuideEvent
from engine.replies import Published, Refused, RulesChange, RulesVersion
from engine.rulebook import InForce, Rulebook
from engine.ruleset import RuleSet
from engine.storage import audit, guide_hours, projects, versions
from engine.storage.histories import count_events, people_of_project
from engine.storage.portions import people_of_portion, portions_of
from engine.storage.store import Database
from engine.storage.surveys import keep_versions, versions_of_project
from engine.storage.versions import StoredRules
from engine.storage.writer import Transaction, Writer
from engine.survey_versions import NewSurveyVersion

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

UNKNOWN: Final = "unknown"
"""Who published, where nobody says."""
_NO_FILES: Final[Mapping[str, str]] = {}
MOST_REHEARSED: Final = 100_000
"""Events that one request may live through: about half a minute. `waypost backtest` has no such limit."""


class TooMuchHistory(WaypostError):
    """The history is too long to be lived through while a request waits."""

    code = "too_much_history"

    def __init__(self, events: int) -> None:
        super().__init__(
            f"the history has {events:,} events up to the end of the window; over HTTP at most {MOST_REHEARSED:,} are "
            "lived through at once: ask for an earlier end, for a part of the people (`sample` of a backtest, "
            "`portion` of an audience), or use `waypost backtest` beside the database"
        )


class Publications:
    """Puts rules in force. republished: told the project whose rules changed, after that is durable."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        rulebook: Rulebook,
        *,
        clock: Callable[[], Instant],
        republished: Callable[[int], object],
    ) -> None:
        self._database = database
        self._writer = writer
        self._rulebook = rulebook
        self._clock = clock
        self._republished = republished

    def publish(
        self,
        project_id: int,
        files: Mapping[str, str],
        *,
        by: str = "",
        note: str = "",
        expected: int | None = None,
    ) -> Published | Refused:
        """Put rule files in force, whole or not at all.

        expected: the version that these files were made from; another one in force raises StaleVersion, so that nobody
        undoes what they have not seen. Raises UnknownProject.
        """
        now = self._clock()
        with self._database.reading() as connection:
            checked = self._rulebook.check(connection, project_id, files, at=now)
            stored = _in_force(connection, project_id)
        if not checked.ok:
            return Refused(checked.diagnostics, checked.sources)
        ruleset = RuleSet.build(checked, previous=self._rulebook.known(project_id))
        warnings = tuple(each for each in checked.diagnostics if each.severity is Severity.WARNING)
        if stored is not None and stored.files == dict(files) and expected in {None, stored.version}:
            return Published(stored.version, stored.revision, changed=False, warnings=warnings)

        def keep(transaction: Transaction, _: Sequence[None]) -> list[tuple[int, tuple[NewSurveyVersion, ...]]]:
            connection = transaction.connection
            before = self._rulebook.known(project_id)
            version = versions.add_version(
                connection, project_id, files, revision=ruleset.revision, at=now, by=by, note=note, expected=expected
            )
            is_stopped = projects.in_force(connection, [project_id])[project_id].is_stopped
            detail: dict[str, JsonValue] = {"revision": ruleset.revision}
            act = Act(actor=by or UNKNOWN, action=Action.RULES_PUBLISH, target=f"version {version}", detail=detail)
            audit.record(connection, project_id, act, at=now)
            started = keep_versions(
                connection, project_id, checked, before=None if before is None else before.project, at=now
            )
            asked = ruleset.with_surveys(versions_of_project(connection, project_id))
            published = InForce(version, asked.switched(is_stopped=is_stopped))
            transaction.after_commit(lambda: self._rulebook.put(project_id, published))
            return [(version, started)]

        version, started = self._writer.write(keep, None)
        self._republished(project_id)
        return Published(version, ruleset.revision, changed=True, warnings=warnings, surveys=started)

    def roll_back(
        self, project_id: int, version: int, *, by: str = "", note: str = "", expected: int | None = None
    ) -> Published | Refused:
        """Put the files of an earlier version in force again, as a new version. Raises UnknownVersion, StaleVersion."""
        files = self.files(project_id, version)
        if files is None:
            raise UnknownVersion(version)
        return self.publish(project_id, files, by=by, note=note or f"back to version {version}", expected=expected)

    def check(self, project_id: int, files: Mapping[str, str]) -> RuleProject:
        """Check rule files against what this project has really received. Raises UnknownProject."""
        with self._database.reading() as connection:
            return self._rulebook.check(connection, project_id, files, at=self._clock())

    def rehearse(
        self,
        project_id: int,
        *,
        files: Mapping[str, str] | None = None,
        beside_live: bool = False,
        guides: Sequence[str] = (),
        begin: Instant | None = None,
        end: Instant | None = None,
        with_simulated: bool = False,
        sample: bool = False,
    ) -> Backtest | Refused:
        """How often guides would have come over the project's own history; files: under these rules, which are not
        published; without them under those in force. beside_live: under both, a file standing in for one of its name
        that is in force, so that a new guide meets those that people see already. guides: those to report; all without.
        sample: of a history that is too long, one portion of the people.

        Raises UnknownProject, UnknownGuide, TooMuchHistory.
        """
        with self._database.reading() as connection:
            if files is None:
                ruleset = self._rulebook.of(connection, project_id).ruleset
            else:
                stored = _in_force(connection, project_id) if beside_live else None
                tried = files if stored is None else {**stored.files, **files}
                checked = self._rulebook.check(connection, project_id, tried, at=self._clock())
                if not checked.ok:
                    return Refused(checked.diagnostics, checked.sources)
                ruleset = RuleSet.build(checked, previous=self._rulebook.known(project_id))
            for name in guides:
                if name not in ruleset.by_name:
                    raise UnknownGuide(name, tuple(ruleset.by_name))
            count = count_events(connection, project_id, until=end)
            if count > MOST_REHEARSED and not sample:
                raise TooMuchHistory(count)
            portions = portions_of(count) if count > MOST_REHEARSED else 1
            whole = (connection, project_id)
            if portions == 1:
                people = people_of_project(*whole, until=end, with_simulated=with_simulated)
            else:
                people = people_of_portion(*whole, 0, portions, until=end, with_simulated=with_simulated)
        found = backtest(ruleset, people, begin=begin, end=end, guides=guides or None)
        return replace(found, portions=portions)

    def compare(
        self,
        project_id: int,
        old: Mapping[str, str],
        new: Mapping[str, str],
        *,
        with_simulated: bool = False,
        portion: tuple[int, int | None] | None = None,
    ) -> AudienceChange | Refused:
        """Who of the project's own history would have seen each guide under two sets of rule files.

        portion: only this portion of the people, from 0, of how many; None of them: of as many as the history takes.
        Nothing is published. Raises UnknownProject, TooMuchHistory.
        """
        rulesets: list[RuleSet] = []
        with self._database.reading() as connection:
            for files in (old, new):
                checked = self._rulebook.check(connection, project_id, files, at=self._clock())
                if not checked.ok:
                    return Refused(checked.diagnostics, checked.sources)
                rulesets.append(RuleSet.build(checked))
            count, whole = count_events(connection, project_id), (connection, project_id)
            if portion is None:
                if count > MOST_REHEARSED:
                    raise TooMuchHistory(count)
                people, number, portions = people_of_project(*whole, with_simulated=with_simulated), 0, 1
            else:
                number, portions = portion[0], portion[1] or portions_of(count)
                people = people_of_portion(*whole, number, portions, with_simulated=with_simulated)
        before, after = rulesets
        return replace(compare(before, after, people), portion=number, portions=portions)

    def files(self, project_id: int, version: int | None = None) -> Mapping[str, str] | None:
        """The files of a version; of the one in force without a number. None when there is none."""
        with self._database.reading() as connection:
            stored = (
                _in_force(connection, project_id)
                if version is None
                else versions.rules_of(connection, project_id, version)
            )
        return None if stored is None else stored.files

    def versions(self, project_id: int, *, before: int | None = None, limit: int = 100) -> tuple[RulesVersion, ...]:
        """Versions, newest first; before: only lower numbers."""
        with self._database.reading() as connection:
            return versions.versions_of(connection, project_id, before=before, limit=limit)

    def version(self, project_id: int, version: int) -> RulesVersion:
        """One version. Raises UnknownVersion."""
        for found in self.versions(project_id, before=version + 1, limit=1):
            if found.version == version:
                return found
        raise UnknownVersion(version)

    def changes(self, project_id: int, old: int | None, new: int) -> tuple[RulesChange, ...]:
        """What a version changed in each file, by name. old: compared with; nothing for None. Raises UnknownVersion."""
        before = _NO_FILES if old is None else self.files(project_id, old)
        after = self.files(project_id, new)
        for number, files in ((old, before), (new, after)):
            if files is None and number is not None:
                raise UnknownVersion(number)
        return tuple(changes_between(before or _NO_FILES, after or _NO_FILES))

    def is_stopped(self, project_id: int) -> bool:
        """True while all guidance of a project is switched off. Raises UnknownProject."""
        with self._database.reading() as connection:
            return self._rulebook.of(connection, project_id).ruleset.is_stopped

    def alerts(self, project_id: int) -> tuple[Alert, ...]:
        """What an author should look at now: missing targets, collapsed shows. Raises UnknownProject."""
        now = self._clock()
        since = guide_hours.hour_of(now) - KEPT_HOURS
        with self._database.reading() as connection:
            ruleset = self._rulebook.of(connection, project_id).ruleset
            shown, missing = (
                guide_hours.hours_of(connection, project_id, what, since=since)
                for what in (GuideEvent.SHOWN, GuideEvent.TARGET_MISSING)
            )
        return alerts_of(ruleset, shown=shown, missing=missing, now=now)

    def switch(self, project_id: int, *, is_stopped: bool, by: str = "") -> bool:
        """Stop all guidance of a project at once, or let it go on; False when it was so already.

        Nothing is shown while it is stopped, also what browsers were told before: they ask before they show.
        """

        now = self._clock()

        def change(transaction: Transaction, _: Sequence[None]) -> list[bool]:
            connection = transaction.connection
            has_changed = projects.set_stopped(connection, project_id, is_stopped=is_stopped, at=now, by=by)
            if has_changed:
                action = Action.GUIDANCE_STOP if is_stopped else Action.GUIDANCE_RESUME
                audit.record(connection, project_id, Act(actor=by or UNKNOWN, action=action), at=now)
            return [has_changed]

        return self._writer.write(change, None)


def changes_between(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[RulesChange]:
    """The files that differ, by name, each with its unified diff."""
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        lines = difflib.unified_diff(
            (before or "").splitlines(),
            (after or "").splitlines(),
            fromfile=name if before is not None else "/dev/null",
            tofile=name if after is not None else "/dev/null",
            lineterm="",
        )
        yield RulesChange(file=name, diff="\n".join(lines))


def _in_force(connection: Connection, project_id: int) -> StoredRules | None:
    known = projects.in_force(connection, [project_id]).get(project_id)
    if known is None or known.version is None:
        return None
    return versions.rules_of(connection, project_id, known.version)
