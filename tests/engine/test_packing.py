"""What a part of a state says as JSON: whatever its fields, the same as a walk over them finds."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

import orjson
import pytest

from engine.exposures import Answer, GuideHistory
from engine.folding import PersonState
from engine.journeys import JourneyProgress, StepProgress
from engine.sessions import Session
from engine.user_state import UserState, packed

Make = Callable[[random.Random], Any]


def default_of(member: Field[Any]) -> object:
    return member.default_factory() if member.default_factory is not MISSING else member.default


def walked(value: Any, *, is_whole: bool) -> Any:
    """A part as JSON, the slow way."""
    if isinstance(value, dict):
        return {key: walked(each, is_whole=is_whole) for key, each in value.items()}
    if not is_dataclass(value):
        return value
    members = [(each, getattr(value, each.name)) for each in fields(value)]
    told = members if is_whole else [(each, own) for each, own in members if own != default_of(each)]
    return {each.name: walked(own, is_whole=is_whole) for each, own in told}


def step(chance: random.Random) -> StepProgress:
    return StepProgress(
        entered_at=chance.choice((None, 0, 17)),
        reached_at=chance.choice((None, 0, 99)),
        skipped=chance.random() < 0.3,
        attempts=chance.randrange(3),
        signals=chance.choice(({}, {"rage_click": 2})),
        elsewhere=chance.choice(({}, {"rage_click": 1})),
        felt=chance.choice(({}, {"doubtful": [1, 2]})),
        returns=chance.randrange(2),
        away=chance.random() < 0.3,
        present_at=chance.choice((None, 5)),
    )


def journey(chance: random.Random) -> JourneyProgress:
    return JourneyProgress(
        standing=chance.choice((None, "connect")),
        standing_since=chance.choice((None, 0, 3)),
        steps={name: step(chance) for name in ("signup", "connect", "publish")[: chance.randrange(4)]},
        last_event_at=chance.choice((None, 12)),
        outcome_at=chance.choice((None, 13)),
    )


def guide(chance: random.Random) -> GuideHistory:
    answer = Answer(chance.choice((None, "x", 0)), chance.choice((None, "y")), chance.randrange(3), None)  # type: ignore[arg-type]
    history = GuideHistory(answers={"why": answer})
    history.shown = chance.choice(([], [4, 5]))
    return history


def session(chance: random.Random) -> Session:
    return Session(chance.randrange(3), chance.randrange(2), chance.randrange(2))


@pytest.mark.parametrize("make", [step, journey, guide, session], ids=lambda make: make.__name__)
def test_what_differs_from_its_default_is_told_and_nothing_else(make: Make) -> None:
    for seed in range(200):
        part = make(random.Random(seed))  # noqa: S311
        told = packed(part) if make is not step else packed(JourneyProgress(None, steps={"s": part}))["steps"]["s"]
        assert told == walked(part, is_whole=False)


def test_the_progress_of_a_journey_is_told_whole_and_in_order() -> None:
    for seed in range(200):
        part = journey(random.Random(seed))  # noqa: S311
        state = PersonState(UserState("plan", journeys={"activation": part}), journeys={"activation"})
        assert state.progress() == {"activation": orjson.dumps(walked(part, is_whole=True)).decode()}
        # As it was written before: nothing that is stored becomes another text.
        assert state.progress()["activation"].encode() == orjson.dumps(part)
