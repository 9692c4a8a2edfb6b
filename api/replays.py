"""How requests reach the recordings, and how they ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from api.auth import caller
from api.schemas.evidence import evidence_document
from api.serving import serving
from engine.evidence_desk import EvidenceDesk
from engine.membership import RulesNow
from engine.replay.desk import ReplayDesk
from engine.replay.recordings import Recording, ReplaysAsked


def replay_desk() -> ReplayDesk:
    """The recordings of the application's database."""
    return ReplayDesk(serving().service.database)


def rules_at_hand() -> RulesNow:
    """The rules in force where the caller asks."""
    return serving().service.rules_now(caller().project_id)


def asked_for(project_id: int, query: Mapping[str, Any], *, limit: int) -> ReplaysAsked:
    """Which recordings a query asks for."""
    return read_asked(
        replay_desk(),
        project_id,
        step=query["step"],
        event=query["event"],
        user=query["user"],
        since=query["since"],
        until=query["until"],
        persona=query["persona"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
        before=query["before"],
        limit=limit,
    )


def read_asked(desk: ReplayDesk, project_id: int, *, step: str | None, user: str | None, **said: Any) -> ReplaysAsked:
    """The same from what people write: a step as `journey.step` or a journey alone, a user by any id of theirs."""
    journey, _, name = (step or "").partition(".")
    person = None if user is None else desk.person(project_id, user)
    return ReplaysAsked(place=(journey, name) if step else None, person=person, **said)


def members_of(recording: Recording) -> dict[str, Any]:
    """A recording with what follows from it, by the names of its members."""
    return asdict(recording) | {
        "seconds": recording.seconds,
        "events": recording.events,
        "steps": recording.steps,
        "moments": recording.moments,
    }


def document_of(project_id: int, recording: str) -> dict[str, Any]:
    """All that is told of one recording. Raises NoSuchReplay."""
    desk = replay_desk()
    found = desk.one(project_id, recording)
    notes = EvidenceDesk(serving().service.database).of_recording(project_id, found.id)
    return members_of(found) | {
        "meanwhile": desk.meanwhile(project_id, found.id),
        "notes": [evidence_document(each) for each in notes],
    }
