"""What the figures of all pages share: whom an address names, and what becomes of one that names nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from api.console.desk import Desk
from engine.analyst import UsersBehind


class NoFigure(ValueError):
    """The address names no figure; why not, in words."""


@dataclass(frozen=True, slots=True)
class Named:
    """Those whom an address names. told: who they are, in words. page: where the figure stands.

    ask: the users after an id, so many of them.
    """

    told: str
    page: str
    ask: Callable[[str, int], UsersBehind]


def read(schema: type[ma.Schema], said: Mapping[str, Any]) -> dict[str, Any]:
    """What an address says, by a schema of the API. Raises NoFigure."""
    try:
        found: dict[str, Any] = schema().load(said)
    except ma.ValidationError as error:
        raise NoFigure(_first(error.messages)) from None
    return found


def of_persona(desk: Desk) -> str:
    """The end of a sentence on people of the persona that is looked at."""
    return "" if desk.persona is None else f", of “{desk.personas[desk.persona]}”"


def _first(messages: Any) -> str:
    """The first sentence of a refusal."""
    while not isinstance(messages, str):
        messages = next(iter(messages.values() if isinstance(messages, dict) else messages))
    return messages.rstrip(".")
