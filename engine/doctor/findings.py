"""What the doctor says: one line a check, each with what to do where something is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a check came out."""

    GOOD = "good"
    WARNING = "warning"
    """It works, and somebody should look at it."""
    FAULT = "fault"
    """Something does not work, or soon will not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. project: None for the whole installation. advice: what to do; None where all is good."""

    check: str
    grade: Grade
    message: str
    advice: str | None = None
    project: str | None = None


def good(check: str, message: str, *, project: str | None = None) -> Finding:
    """All as it should be."""
    return Finding(check, Grade.GOOD, message, None, project)


def warning(check: str, message: str, advice: str, *, project: str | None = None) -> Finding:
    """Worth a look."""
    return Finding(check, Grade.WARNING, message, advice, project)


def fault(check: str, message: str, advice: str, *, project: str | None = None) -> Finding:
    """Not as it must be."""
    return Finding(check, Grade.FAULT, message, advice, project)
