"""Replays: recordings of moments at which something went wrong, listed; one of them played, beside what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, url_for

from api import tables
from api.analyses import listed_in_form
from api.console.clips import clock_of, words_of
from api.console.desk import Desk
from api.console.lines import Line, event_line
from api.console.linking import url_if
from api.console.periods import back
from api.console.registry import Group, Page
from api.replays import read_asked, replay_desk
from api.schemas.replays import ReplaySchema
from dsl.feelings import FEELINGS
from dsl.values import DAY, Duration, Instant
from engine.events import HEAT_EVENTS
from engine.evidence_desk import EvidenceDesk
from engine.friction import SIGNAL_EVENTS
from engine.permissions import Scope
from engine.replay.errors import NoSuchReplay
from engine.replay.recordings import Happened, Meanwhile, Recording
from engine.replay.settings import days_kept
from engine.stages import place_labels

PER_PAGE: Final = 25
PERIODS: Final[Mapping[str, str]] = {"1": "last 24 hours", "7": "last 7 days", "30": "last 30 days"}
EVERY_TIME: Final = "all that is kept"
ALIKE: Final = 1.0
"""Seconds within which a moment and an event of the same name are the same thing."""
LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that one may jump to. second: from the beginning. steps: where the user stood."""

    second: float
    words: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """A line of what happened meanwhile."""

    second: float
    clock: str
    line: Line


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Replays shows: one recording where the address names one, else a list."""
    labels = place_labels(desk.rules.project)
    named = desk.said.get("replay", "")
    if named:
        try:
            return {"labels": labels, "gone": False, **_one(desk, replay_desk().one(desk.project.id, named))}
        except NoSuchReplay:
            return {"labels": labels, "recording": None, "gone": True}
    return _listed(desk, labels)


def _listed(desk: Desk, labels: dict[str, str]) -> Mapping[str, Any] | Response:
    recordings, project = replay_desk(), desk.project
    period = desk.said.get("period")
    period = period if period in PERIODS else None
    events = recordings.events_that_went_wrong(project.id)
    step, event = desk.said.get("step"), desk.said.get("event")
    place = _place(desk, labels)
    user = desk.said.get("user", "").strip()[:LONGEST_ID] or None
    limit = tables.ALL if desk.said.get("format") in {"csv", "parquet"} else PER_PAGE + 1
    since = None if period is None else back(Duration(int(period) * DAY), desk.rules.now)
    asked = read_asked(
        recordings,
        project.id,
        step=place,
        user=user,
        event=event if event in events else None,
        since=since,
        until=None,
        persona=desk.persona,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
        before=desk.number("before", digits=18),
        limit=limit,
    )
    found = recordings.listed(project.id, asked, desk.rules)
    if limit == tables.ALL:
        answer = listed_in_form(desk.said["format"], found, ReplaySchema, name="replays")
        assert isinstance(answer, Response)  # noqa: S101  (a file was asked for)
        return answer
    page = found[:PER_PAGE]
    return {
        "recording": None,
        "gone": False,
        "labels": labels,
        "listed": page,
        "words_of": words_of,
        "length_of": clock_of,
        "older": desk.here(before=page[-1].number) if len(found) > len(page) else None,
        "latest": desk.here(before=None) if desk.said.get("before") else None,
        "filters": {"place": place, "event": event, "user": user or "", "period": period},
        "is_filtered": any((place, step, event, user, period, desk.persona)),
        "events": {name: words_of(name) for name in events},
        "periods": PERIODS,
        "every_time": EVERY_TIME,
        "settings": project.replay,
        "has_declared": has_declared(desk),
        "to_settings": url_if(desk, "settings_privacy") if desk.may(Scope.SETTINGS_WRITE) else None,
        "to_rules": url_if(desk, "rules"),
    }


def _place(desk: Desk, labels: Mapping[str, str]) -> str | None:
    """The step that the address names: whole, or with the journey that is looked at."""
    said = desk.said.get("at") or desk.said.get("step", "")
    journey = "" if desk.journey is None else f"{desk.journey.name.text}."
    return next((each for each in (said, journey + said) if said and each in labels), None)


def has_declared(desk: Desk) -> bool:
    """Whether the rules say of anybody that they are recorded."""
    return bool(desk.rules.project.recorded)


def _one(desk: Desk, recording: Recording) -> dict[str, Any]:
    found = replay_desk().meanwhile(desk.project.id, recording.id)
    marks = marks_of(recording, found)
    notes = EvidenceDesk(desk.service.database).of_recording(desk.project.id, recording.id)
    second = _second(desk.said.get("t", ""), recording)
    nearest = next((each for each in reversed(marks) if each.steps and each.second <= second), None)
    nearest = nearest or next((each for each in marks if each.steps), None)
    return {
        "recording": recording,
        "marks": marks,
        "beside": [_beside(each) for each in found if each.name not in HEAT_EVENTS],
        "notes": notes,
        "second": second,
        "clock_of": clock_of,
        "feelings": FEELINGS,
        "step": nearest.steps[0] if nearest is not None else None,
        "may_note": desk.may(Scope.EVIDENCE_WRITE),
        "names": desk.names,
        "delete": url_for("replays.delete", recording=recording.id) if desk.may(Scope.PEOPLE_ERASE) else None,
        "events_at": url_for("replays.events", recording=recording.id),
        "player_at": url_for("player.player"),
        "bring": url_for("evidence.bring"),
        "to_user": url_if(desk, "users", id=recording.user),
        "is_kept_until": _kept_until(desk, recording),
        "data": {
            "seconds": recording.seconds,
            "started": recording.started // 1_000,
            "marks": [{"second": each.second, "words": each.words} for each in marks],
            "recording": recording.id,
        },
    }


def marks_of(recording: Recording, meanwhile: Sequence[Meanwhile]) -> list[Mark]:
    """What one may jump to: what the page said went wrong, and the signs of friction in the log, each once."""
    by_moment: dict[tuple[str, float], list[Happened]] = {}
    for each in recording.moments:
        by_moment.setdefault((each.event, each.second), []).append(each)
    found = [
        Mark(second, words_of(event), tuple(".".join(each.place) for each in told if each.place is not None))
        for (event, second), told in by_moment.items()
    ]
    known = list(by_moment)
    found += [
        Mark(each.second, words_of(each.name))
        for each in meanwhile
        if each.name in SIGNAL_EVENTS
        and not any(event == each.name and abs(second - each.second) <= ALIKE for event, second in known)
    ]
    return sorted(found, key=lambda each: (each.second, each.words))


def _beside(each: Meanwhile) -> Beside:
    return Beside(each.second, clock_of(each.second), event_line(each.logged))


def _second(text: str, recording: Recording) -> float:
    is_number = text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit() and len(text) <= 9
    return min(float(text), recording.seconds) if is_number else 0.0


def _kept_until(desk: Desk, recording: Recording) -> Instant:
    days = days_kept(desk.project.replay, events=desk.service.privacy.retention_days(desk.project.id))
    return Instant(recording.ended + days * DAY)


PAGE = Page(
    "replays",
    "replays",
    "Replays",
    "Recordings of moments at which something went wrong.",
    Group.PEOPLE,
    Scope.REPLAYS_READ,
    view,
    frames=True,
)
