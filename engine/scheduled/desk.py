"""The scheduled sources of all projects: made, changed, called, removed. What they fetch: `engine.scheduled.fetch`.

Secrets go in and never come out: they are in no reply, no log and no entry of the audit log. Who changes where a source
goes has to give its secrets again, so that nobody can have them sent elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.audit import Act, Action
from engine.errors import UnknownJourney, UnknownStep
from engine.evidence import BadEvidence, read_place, refuse_unknown_place
from engine.roadmap.items import StaleItem
from engine.scheduled.facts import (
    LONGEST_NAME,
    LONGEST_SETTING,
    LOOKS_BACK,
    MOST_SOURCES,
    BadScheduledSource,
    Every,
    NoSuchScheduledSource,
    ScheduledSource,
    SourceRun,
)
from engine.scheduled.kinds import kinds
from engine.scheduled.reading import Kind, Setting, Told, read_day
from engine.storage import audit
from engine.storage import scheduled as kept
from engine.telling_hooks import note_for_hooks
from engine.webhooks import BadWebhook, HookKind, read_url

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.storage.store import Database


@dataclass(frozen=True, slots=True)
class SourceWanted:
    """A source to make. values: settings and secrets by name."""

    kind: str
    name: str
    values: Mapping[str, str]
    every: Every = Every.DAILY
    step: str | None = None


class ScheduledDesk:
    """The scheduled sources of a database. Instants are passed in."""

    def __init__(self, database: Database, *, allows_private: bool = False) -> None:
        self._database = database
        self._allows_private = allows_private

    def sources(self, project_id: int) -> tuple[ScheduledSource, ...]:
        """The scheduled sources of a project, oldest first."""
        with self._database.reading() as connection:
            return kept.sources_of(connection, project_id)

    def source(self, project_id: int, number: int) -> ScheduledSource:
        """One source. Raises NoSuchScheduledSource."""
        return _the(self.sources(project_id), number)

    def add(
        self, project_id: int, wanted: SourceWanted, rules: RuleProject, *, by: str, now: Instant
    ) -> ScheduledSource:
        """A new source, whose first run is at once. Raises BadScheduledSource."""
        kind = _kind(wanted.kind)
        settings, secrets = self._judged(kind, wanted.values, {}, {}, now=now)
        values = {
            "kind": kind.name,
            "name": _read_name(wanted.name or kind.title),
            "settings": settings,
            "secrets": secrets,
            "every": wanted.every.value,
            "step": read_step(wanted.step, rules),
        }
        with self._database.writing() as connection:
            if len(kept.sources_of(connection, project_id)) >= MOST_SOURCES:
                raise BadScheduledSource(f"a project has up to {MOST_SOURCES} scheduled sources: remove one first")
            made = kept.add(connection, project_id, values, at=now)
            _note(connection, project_id, Action.SOURCE_ADD, made, by=by, at=now)
        return made

    def change(
        self,
        project_id: int,
        number: int,
        changes: Mapping[str, Any],
        rules: RuleProject,
        *,
        revision: int,
        by: str,
        now: Instant,
    ) -> ScheduledSource:
        """Change a source: name, values (settings and secrets, those that are left out stay), every, step, is_on.

        Where what it asks for is another one, it begins anew. Raises BadScheduledSource, NoSuchScheduledSource,
        StaleItem.
        """
        with self._database.writing() as connection:
            before = _the(kept.sources_of(connection, project_id), number)
            wanted: dict[str, Any] = {}
            if "name" in changes:
                wanted["name"] = _read_name(changes["name"] or _kind(before.kind).title)
            if "every" in changes:
                wanted["every"] = Every(changes["every"]).value
            if "step" in changes:
                wanted["step"] = read_step(changes["step"], rules)
            if values := changes.get("values"):
                secrets = kept.secrets_of(connection, project_id, number)
                settings, secrets = self._judged(_kind(before.kind), values, before.settings, secrets, now=now)
                wanted |= {"settings": settings, "secrets": secrets}
                if settings != before.settings:
                    wanted["cursor"] = {}
            is_on = changes.get("is_on", before.is_on)
            if is_on is not before.is_on:
                wanted |= {"is_on": is_on}
            if is_on and (wanted.keys() & {"is_on", "settings"}):
                wanted |= {"failures": 0, "stopped": None, "next_run": now}
            elif not is_on:
                wanted["next_run"] = None
            if before.revision != revision or not kept.change(
                connection, project_id, number, wanted, expected=revision
            ):
                raise StaleItem(
                    f"scheduled source {number}", given=revision, current=before.revision, by="somebody else"
                )
            made = _the(kept.sources_of(connection, project_id), number)
            if before.stopped is not None and made.stopped is None:
                tell_stop(connection, project_id, made, None, at=now)
            _note(connection, project_id, Action.SOURCE_CHANGE, made, by=by, at=now)
        return made

    def call(self, project_id: int, number: int, *, now: Instant) -> ScheduledSource:
        """Let a source be fetched now. Raises NoSuchScheduledSource, BadScheduledSource."""
        with self._database.writing() as connection:
            found = _the(kept.sources_of(connection, project_id), number)
            if not found.is_on:
                raise BadScheduledSource("this source is off: turn it on first")
            kept.call(connection, project_id, number, at=now)
            return _the(kept.sources_of(connection, project_id), number)

    def remove(self, project_id: int, number: int, *, by: str, now: Instant) -> ScheduledSource:
        """Remove a source with its secrets and runs; what it brought stays. Raises NoSuchScheduledSource."""
        with self._database.writing() as connection:
            found = _the(kept.sources_of(connection, project_id), number)
            kept.remove(connection, project_id, number)
            _note(connection, project_id, Action.SOURCE_REMOVE, found, by=by, at=now)
        return found

    def runs(
        self, project_id: int, number: int, *, before: int | None = None, limit: int | None = 50
    ) -> list[SourceRun]:
        """The runs of a source, the latest first. Raises NoSuchScheduledSource."""
        with self._database.reading() as connection:
            _the(kept.sources_of(connection, project_id), number)
            return kept.runs_of(connection, project_id, number, before=before, limit=limit)

    def last_runs(self, project_id: int) -> dict[int, SourceRun]:
        """The latest run of each source."""
        with self._database.reading() as connection:
            return kept.last_runs(connection, project_id)

    def _judged(
        self,
        kind: Kind,
        values: Mapping[str, str],
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        *,
        now: Instant,
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Settings and secrets as they may be kept. Raises BadScheduledSource."""
        known = {each.name for each in kind.settings}
        if unknown := sorted(values.keys() - known):
            listed = ", ".join(f"`{name}`" for name in sorted(known))
            raise BadScheduledSource(f"`{unknown[0][:80]}` is no setting of `{kind.name}`; there are: {listed}")
        made: dict[str, str] = {}
        for each in kind.settings:
            old = (secrets if each.is_secret else settings).get(each.name, each.default)
            # A secret that is left blank stays as it is: it is shown nowhere, so nobody can send it back.
            text = values.get(each.name, old)
            made[each.name] = self._read(each, old if each.is_secret and not text else text)
        leads = [each.name for each in kind.settings if each.leads]
        held = [each.name for each in kind.settings if each.is_secret and secrets.get(each.name)]
        if settings and any(settings.get(name) != made[name] for name in leads):
            lacking = [name for name in held if not values.get(name)]
            if lacking:
                raise BadScheduledSource(f"the address is another one: give the `{lacking[0]}` again, too")
        # What a kind itself cannot use is told now rather than by the first run.
        kind.begin(told_of(kind, made, created=now))
        hidden = {each.name for each in kind.settings if each.is_secret}
        return (
            {name: text for name, text in made.items() if name not in hidden},
            {name: text for name, text in made.items() if name in hidden and text},
        )

    def _read(self, setting: Setting, text: str) -> str:
        value = text.strip()
        if not value:
            if setting.is_required:
                raise BadScheduledSource(
                    f"`{setting.name}` is missing: {setting.label.lower()}. {setting.hint}".strip()
                )
            return ""
        if len(value) > LONGEST_SETTING or "\0" in value:
            raise BadScheduledSource(f"`{setting.name}` has up to {LONGEST_SETTING:,} characters")
        if setting.choices and value not in setting.choices:
            listed = ", ".join(f"`{each}`" for each in setting.choices)
            raise BadScheduledSource(f"`{setting.name}` is one of {listed}")
        if setting.is_secret and setting.name != "credentials" and not value.isprintable():
            raise BadScheduledSource(f"`{setting.name}` stands on one line")
        if setting.name == "since" and read_day(value) is None:
            raise BadScheduledSource(f"`since` is a day like 2026-01-31, not `{value[:80]}`")
        if setting.leads:
            try:
                return read_url(value, allows_private=self._allows_private)
            except BadWebhook as error:
                why = str(error).replace("https://hooks.example.com/waypost", "https://acme.example.com")
                raise BadScheduledSource(f"`{setting.name}`: {why}") from None
        return value


def told_of(kind: Kind, values: Mapping[str, str], *, created: Instant) -> Told:
    """What a source of a kind is told, with the defaults of what is not said."""
    said = {each.name: values.get(each.name, each.default) for each in kind.settings}
    day = read_day(said.get("since", ""))
    return Told(said, Instant(created - LOOKS_BACK) if day is None else day)


def read_step(text: str | None, rules: RuleProject) -> str | None:
    """`journey.step` of the rules in force; None for none. Raises BadScheduledSource."""
    if text is None or not text.strip():
        return None
    try:
        refuse_unknown_place(read_place(text.strip()), rules)
    except (BadEvidence, UnknownJourney, UnknownStep) as error:
        raise BadScheduledSource(str(error)) from None
    return text.strip()


def tell_stop(
    connection: Connection, project_id: int, source: ScheduledSource, stopped: str | None, *, at: Instant
) -> None:
    """Tell webhooks that a source was turned off for failing; with None, that it is on again."""
    kind = HookKind.ALERT_RESOLVED if stopped is None else HookKind.ALERT_RAISED
    message = f"the scheduled source `{source.name}` is on again"
    if stopped is not None:
        message = f"the scheduled source `{source.name}` was turned off: {stopped}"
    data: dict[str, JsonValue] = {
        "alert": "source_stopped",
        "source": source.id,
        "name": source.name,
        "message": message,
    }
    note_for_hooks(connection, project_id, kind, f"source:{source.id}:{kind.value}:{at}", data, at)


def _kind(name: str) -> Kind:
    found = kinds().get(name)
    if found is None:
        listed = ", ".join(f"`{each}`" for each in kinds())
        raise BadScheduledSource(f"`{name[:80]}` is no kind of source; there are: {listed}")
    return found


def _read_name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadScheduledSource(f"a source has a name of 1 to {LONGEST_NAME} characters")
    return name


def _the(found: Sequence[ScheduledSource], number: int) -> ScheduledSource:
    one = next((each for each in found if each.id == number), None)
    if one is None:
        raise NoSuchScheduledSource(number)
    return one


def _note(
    connection: Connection, project_id: int, action: Action, source: ScheduledSource, *, by: str, at: Instant
) -> None:
    detail: dict[str, JsonValue] = {"kind": source.kind, "every": source.every.value, "on": source.is_on}
    act = Act(actor=by, action=action, target=f"scheduled source {source.id}", detail=detail)
    audit.record(connection, project_id, act, at=at)
