"""How pages mark what became of a guide: only what is told apart from chance is good or bad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.analytics.effect import Effect, Verdict

_TONES: Final[Mapping[Verdict, str]] = {Verdict.HIGHER: "good", Verdict.LOWER: "bad", Verdict.BROKEN: "bad"}


def tone_of(effect: Effect) -> str:
    """`good`, `bad`, or nothing."""
    return _TONES.get(effect.verdict, "")
