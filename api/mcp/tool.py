"""What a tool is: a name, the scope that it needs, what it takes and answers, and the function that does it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from api.mcp.desk import Desk
from api.problems import FieldError, InvalidFields
from engine.permissions import Scope

Run = Callable[[Desk, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing that an assistant may ask for.

    description: for the model that chooses it. asks, answers: the shapes of its arguments and of its answer.
    writes: whether it keeps something; the others only read. has_words_of_users: whether names and texts that users of
    the product wrote may be in the answer: data, whatever it says.
    """

    name: str
    title: str
    description: str
    scope: Scope
    asks: type[ma.Schema]
    answers: type[ma.Schema]
    run: Run
    writes: bool = False
    has_words_of_users: bool = False

    def call(self, desk: Desk, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The answer as a document. Raises WaypostError: `InvalidFields`, `MissingScope`, and what the tool refuses."""
        desk.admit(self.scope)
        try:
            asked = self.asks().load(dict(arguments))
        except ma.ValidationError as error:
            found = error.normalized_messages()  # type: ignore[no-untyped-call]
            raise InvalidFields(tuple(_faults(found))) from None
        told: dict[str, Any] = self.answers().dump(self.run(desk, asked))
        return told


def tool(
    title: str,
    scope: Scope,
    *,
    asks: type[ma.Schema],
    answers: type[ma.Schema],
    writes: bool = False,
    has_words_of_users: bool = False,
) -> Callable[[Run], Tool]:
    """Make a tool of a function: its name is that of the function, its description the docstring."""

    def made(run: Run) -> Tool:
        told = inspect.getdoc(run)
        assert told is not None  # noqa: S101  (a tool without words could not be chosen)
        return Tool(run.__name__, title, told, scope, asks, answers, run, writes, has_words_of_users)

    return made


def _faults(messages: Mapping[Any, Any], path: str = "") -> list[FieldError]:
    """Each message with the place of its field, `files.a.way`."""
    found: list[FieldError] = []
    for name, told in messages.items():
        # Messages about a whole object, and about the key or value of a member, stand under names of marshmallow's own.
        here = path if name in ("_schema", "key", "value") else f"{path}.{name}" if path else str(name)
        if isinstance(told, Mapping):
            found += _faults(told, here)
        else:
            found += [FieldError(here, str(each)) for each in told]
    return found
