"""The alerts on steps of all projects: made, changed, looked at once a day, raised once and resolved once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from dsl.values import Instant, JsonValue
from engine.analytics.history import NothingRecorded
from engine.analytics.period_changes import FEWEST
from engine.audit import Act, Action
from engine.errors import Busy, StorageUnavailable, UnknownJourney, UnknownStep, WaypostError
from engine.membership import RulesNow
from engine.roadmap.items import StaleItem
from engine.step_alerts import (
    METRICS,
    MOST_ALERTS,
    BadStepAlert,
    Ending,
    Look,
    NoSuchStepAlert,
    Watch,
    checked,
    day_of,
    ending_of,
    figures_of,
    is_calm,
    is_evident,
    look_of,
    raised_words,
    read_note,
    resolved_words,
    seen_against,
)
from engine.storage import audit
from engine.storage import step_alerts as kept
from engine.storage.step_alerts import Episode, StepAlert
from engine.telling_hooks import note_for_hooks
from engine.webhooks import HookKind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.analyst import Analyst
    from engine.analytics.step_measures import Samples
    from engine.storage.store import Database

_log = logging.getLogger("waypost.jobs")

_OUR_FAULT: Final = "something went wrong on our side; the server's log says what"


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a round of looks."""

    looks: int = 0
    raised: int = 0
    resolved: int = 0


class StepAlertDesk:
    """The alerts of a database. Instants are passed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # by people

    def alerts(self, project_id: int) -> list[StepAlert]:
        """The alerts of a project, oldest first."""
        with self._database.reading() as connection:
            return kept.alerts_of(connection, project_id)

    def alert(self, project_id: int, number: int) -> StepAlert:
        """One of them. Raises NoSuchStepAlert."""
        with self._database.reading() as connection:
            return _the(connection, project_id, number)

    def history(
        self, project_id: int, *, alert_id: int | None = None, before: int | None = None, limit: int = 50
    ) -> list[Episode]:
        """What was raised, and when it was over, the latest first. Raises NoSuchStepAlert."""
        with self._database.reading() as connection:
            if alert_id is not None:
                _the(connection, project_id, alert_id)
            return kept.history_of(connection, project_id, alert_id=alert_id, before=before, limit=limit)

    def add(
        self, project_id: int, watch: Watch, rules: RulesNow, *, note: str = "", by: str, now: Instant
    ) -> StepAlert:
        """A new alert, looked at within minutes and then once a day.

        Raises BadStepAlert, UnknownJourney, UnknownStep.
        """
        from engine.step_watching import refuse_unknown  # noqa: PLC0415  (the analyses are heavy to import)

        wanted, called = checked(watch), read_note(note)
        refuse_unknown(wanted, rules)
        with self._database.writing() as connection:
            known = kept.alerts_of(connection, project_id)
            if len(known) >= MOST_ALERTS:
                raise BadStepAlert(f"a project has up to {MOST_ALERTS} alerts on steps: remove one that is not needed")
            _refuse_twin(known, wanted)
            made = kept.add(connection, project_id, wanted, note=called, at=now)
            _note(connection, Action.ALERT_ADD, made, by=by, at=now)
        return made

    def change(
        self,
        project_id: int,
        number: int,
        changes: Mapping[str, Any],
        rules: RulesNow,
        *,
        revision: int,
        by: str,
        now: Instant,
    ) -> StepAlert:
        """Change an alert: what it watches (members of `Watch`), its note, is_on. What is raised of it is over where it
        watches something else from then on, or is turned off. Raises BadStepAlert, NoSuchStepAlert, StaleItem,
        UnknownJourney, UnknownStep.
        """
        from engine.step_watching import refuse_unknown  # noqa: PLC0415

        told = dict(changes)
        with self._database.writing() as connection:
            before = _the(connection, project_id, number)
            note, is_on = read_note(told.pop("note", before.note)), told.pop("is_on", before.is_on)
            watch = checked(replace(before.watch, **told))
            is_another = watch != before.watch
            if is_another:
                refuse_unknown(watch, rules)
                _refuse_twin(kept.alerts_of(connection, project_id), watch)
            if before.revision != revision or not kept.change(
                connection, before, watch, note=note, is_on=is_on, begins_anew=is_another
            ):
                current = _the(connection, project_id, number).revision
                raise StaleItem(f"alert {number}", given=revision, current=current, by="somebody else")
            if is_another or not is_on:
                self._end(connection, before, Ending.CHANGED, None, now)
            made = _the(connection, project_id, number)
            _note(connection, Action.ALERT_CHANGE, made, by=by, at=now)
        return made

    def remove(self, project_id: int, number: int, *, by: str, now: Instant) -> StepAlert:
        """Remove an alert, and what became of it; what is raised of it is over. Raises NoSuchStepAlert."""
        with self._database.writing() as connection:
            found = _the(connection, project_id, number)
            self._end(connection, found, Ending.CHANGED, None, now)
            kept.remove(connection, number)
            _note(connection, Action.ALERT_REMOVE, found, by=by, at=now)
        return found

    # by the worker

    def look(
        self,
        analyst: Callable[[], Analyst],
        rules_of: Callable[[int], RulesNow],
        *,
        now: Instant,
        renew: Callable[[], bool],
    ) -> Looked:
        """Look at every alert that was not looked at today. renew: False means: stop."""
        today, done = day_of(now), Looked()
        with self._database.reading() as connection:
            waiting = kept.due(connection, today=today)
        for each in waiting:
            try:
                raised, resolved = self._look_at(each, analyst(), rules_of(each.project_id), now=now)
            except (StorageUnavailable, Busy):
                raise
            except Exception:
                # Whatever it is: the alerts of others go on.
                _log.exception("the look at alert %s on a step failed", each.id)
                raised, resolved = self._note_nothing(each, _OUR_FAULT, None, now)
            done = Looked(done.looks + 1, done.raised + raised, done.resolved + resolved)
            if not renew():
                break
        return done

    def _look_at(self, alert: StepAlert, analyst: Analyst, rules: RulesNow, *, now: Instant) -> tuple[bool, bool]:
        """Whether it was raised, and whether it is over."""
        from engine.step_watching import numbers_of, windows_now  # noqa: PLC0415

        watch = alert.watch
        try:
            windows = windows_now(watch, rules)
            samples = numbers_of(analyst, alert.project_id, watch, windows, rules)
            look = look_of(watch, windows, *samples, now)
        except NothingRecorded:
            return self._note_nothing(alert, "nothing is recorded yet of those who count", None, now)
        except (UnknownJourney, UnknownStep, BadStepAlert) as error:
            return self._note_nothing(alert, str(error), Ending.GONE, now)
        except (StorageUnavailable, Busy):
            raise
        except WaypostError as error:
            return self._note_nothing(alert, str(error), None, now)
        if look.interval is None:
            look = replace(look, problem=_too_few(look))
        with self._database.writing() as connection:
            if not kept.note_look(connection, alert, look, today=day_of(now)):
                return False, False
            episode = kept.open_episode(connection, alert.id)
            if episode is not None:
                return False, self._follow(connection, alert, episode, look, samples, now)
            return self._raise(connection, alert, look, samples, now), False

    def _raise(self, connection: Connection, alert: StepAlert, look: Look, samples: Samples, now: Instant) -> bool:
        """Whether there is something to tell."""
        if not is_evident(alert.watch, look):
            return False
        said = _said(alert, look)
        number = kept.raise_(
            connection,
            alert.project_id,
            alert_id=alert.id,
            subject=_subject(alert),
            said=said,
            baseline=samples[1],
            at=now,
        )
        note_for_hooks(connection, alert.project_id, HookKind.ALERT_RAISED, f"episode:{number}:raised", said, now)
        return True

    def _follow(
        self,
        connection: Connection,
        alert: StepAlert,
        episode: Episode,
        look: Look,
        samples: Samples,
        now: Instant,
    ) -> bool:
        """Whether what is raised is over by now."""
        watch, state = alert.watch, episode.state
        calm = is_calm(watch, state, seen_against(watch, state, samples[0], now))
        row = episode.calm if calm is None else episode.calm + 1 if calm else 0
        ending = ending_of(watch, state, calm=row, now=now)
        if ending is None:
            kept.note_still(connection, episode.id, calm=row, seen=None if calm else now)
            return False
        self._end(connection, alert, ending, look, now)
        return True

    def _note_nothing(self, alert: StepAlert, why: str, ending: Ending | None, now: Instant) -> tuple[bool, bool]:
        look = Look(now, None, None, None, 0, 0, None, problem=why)
        with self._database.writing() as connection:
            if not kept.note_look(connection, alert, look, today=day_of(now)) or ending is None:
                return False, False
            return False, self._end(connection, alert, ending, None, now)

    def _end(self, connection: Connection, alert: StepAlert, ending: Ending, look: Look | None, now: Instant) -> bool:
        """Whether anything was raised."""
        episode = kept.open_episode(connection, alert.id)
        if episode is None:
            return False
        told = resolved_words(alert.watch, ending, look)
        kept.resolve(connection, episode.id, ending=ending, told=told, at=now)
        data = {**episode.said, "ending": ending.value, "message": told}
        note_for_hooks(
            connection, alert.project_id, HookKind.ALERT_RESOLVED, f"episode:{episode.id}:resolved", data, now
        )
        return True


def _too_few(look: Look) -> str:
    if min(look.n, look.n_before) >= FEWEST:
        return f"too few people for so rare a value: {look.n:,} and {look.n_before:,}"
    return f"not enough people yet: {look.n:,} and {look.n_before:,}, and it takes {FEWEST} in each period"


def _subject(alert: StepAlert) -> str:
    return f"{alert.watch.metric.value} {alert.watch.place}"[:255]


def _said(alert: StepAlert, look: Look) -> dict[str, JsonValue]:
    watch = alert.watch
    return {
        "alert": watch.metric.value,
        "alertId": alert.id,
        "journey": watch.journey,
        "step": watch.step,
        "persona": watch.persona,
        "direction": watch.direction.value,
        "unit": METRICS[watch.metric].unit,
        **figures_of(look),
        "people": look.n,
        "peopleBefore": look.n_before,
        "note": alert.note,
        "message": raised_words(watch, look),
    }


def _refuse_twin(known: list[StepAlert], wanted: Watch) -> None:
    twin = next((each for each in known if each.watch == wanted), None)
    if twin is not None:
        raise BadStepAlert(f"alert {twin.id} watches exactly this already")


def _the(connection: Connection, project_id: int, number: int) -> StepAlert:
    found = next((each for each in kept.alerts_of(connection, project_id) if each.id == number), None)
    if found is None:
        raise NoSuchStepAlert(number)
    return found


def _note(connection: Connection, action: Action, alert: StepAlert, *, by: str, at: Instant) -> None:
    detail: dict[str, JsonValue] = {
        "metric": alert.watch.metric.value,
        "place": alert.watch.place,
        "on": alert.is_on,
    }
    act = Act(actor=by, action=action, target=f"alert {alert.id}", detail=detail)
    audit.record(connection, alert.project_id, act, at=at)
