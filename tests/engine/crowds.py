"""Many random histories asked in one question: a crowd costs an engine hardly more than one person does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

Unit = TypeVar("Unit", int, str)


def differences(
    found: Mapping[Unit, Any], said: Mapping[Unit, Any], events: Iterable[tuple[Unit, Any]]
) -> list[tuple[Sequence[Any], Any, Any]]:
    """Of whom an engine and an oracle do not say the same: what happened, what each says. The three shortest histories.

    events: whose, and what.
    """
    wrong = {unit: list[Any]() for unit in {*found, *said} if found.get(unit) != said.get(unit)}
    for unit, event in events:
        if unit in wrong:
            wrong[unit].append(event)
    told = [(history, found.get(unit), said.get(unit)) for unit, history in wrong.items()]
    return sorted(told, key=lambda each: len(each[0]))[:3]
