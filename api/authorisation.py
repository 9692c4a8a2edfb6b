"""The matrix of who may call what, made from the declarations at the addresses; `docs/reference/authorisation.md`.

Says what a declaration means for each kind of caller. Nothing is enforced here: `api.auth` does that on its own, and a
test asks every address as every kind of caller whether the two agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from flask import Flask

from api.auth import Door, Gate, gate_of
from engine.permissions import GRANTS, MEANINGS, Role, Scope

LET_IN: Final = "in"
"""The verdict for a caller who may; the others are codes of problems."""


class Kind(StrEnum):
    """Who may be asking, about their own project."""

    NOBODY = "nobody"
    PUBLIC_KEY = "public key"
    SECRET_KEY = "secret key with the scope"  # noqa: S105  (a kind of caller)
    OTHER_SECRET_KEY = "secret key without it"  # noqa: S105
    VIEWER = "viewer"
    ANALYST = "analyst"
    AUTHOR = "author"
    ADMIN = "admin"


ROLES: Final = {Kind.VIEWER: Role.VIEWER, Kind.ANALYST: Role.ANALYST, Kind.AUTHOR: Role.AUTHOR, Kind.ADMIN: Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Address:
    """A method and an address, with who may call it; None where nothing is declared."""

    method: str
    rule: str
    endpoint: str
    gate: Gate | None


def addresses(app: Flask) -> Iterator[Address]:
    """Every address of an application, with each method of its own, in the order of the addresses."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        gate = gate_of(app.view_functions[rule.endpoint])
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Address(method, rule.rule, rule.endpoint, gate)


def verdict(gate: Gate, kind: Kind) -> str:
    """What a kind of caller gets: LET_IN, or the code of the refusal."""
    match gate.door:
        case Door.OPEN:
            return LET_IN
        case Door.SESSION:
            return LET_IN if kind in ROLES else "not_signed_in"
        case Door.PAGE:
            return _with_the_scope(gate, kind) if kind in ROLES else "not_signed_in"
        case Door.WRITE_KEY:
            return _with_a_key(kind)
        case Door.SCOPE:
            return _with_the_scope(gate, kind)
        case other:
            assert_never(other)


def _with_a_key(kind: Kind) -> str:
    match kind:
        case Kind.PUBLIC_KEY | Kind.SECRET_KEY:
            return LET_IN
        case Kind.OTHER_SECRET_KEY:
            return "missing_scope"
        case _:
            return "missing_key"


def _with_the_scope(gate: Gate, kind: Kind) -> str:
    match kind:
        case Kind.NOBODY:
            return "missing_key"
        case Kind.PUBLIC_KEY:
            return "key_not_allowed"
        case Kind.SECRET_KEY:
            return LET_IN
        case Kind.OTHER_SECRET_KEY:
            return "missing_scope"
        case _:
            return LET_IN if gate.scope in GRANTS[ROLES[kind]] else "missing_scope"


def reference_page(app: Flask) -> str:
    """`docs/reference/authorisation.md`."""
    kinds = list(Kind)
    lines = [
        "# Who may call what",
        "",
        "Made from the declarations at the addresses by `waypost openapi --access`; a test compares the two, and",
        "another one asks every address as every kind of caller.",
        "",
        "An object of another project, or of another environment of the same one, looks exactly like a missing one.",
        "",
        "## Scopes",
        "",
        "A secret key has all scopes or those that it was made with; a person of the console has those of the role.",
        "",
        "| scope | allows | roles |",
        "|---|---|---|",
    ]
    for scope in Scope:
        roles = ", ".join(role.value for role in Role if scope in GRANTS[role])
        lines.append(f"| `{scope}` | {MEANINGS[scope]} | {roles} |")
    lines += [
        "",
        "## Addresses",
        "",
        f"✓ is let in, else the refusal's code. Where pages bring a key a secret one needs `{Scope.EVENTS_WRITE}`.",
        "",
        "| address | scope | " + " | ".join(kinds) + " |",
        "|---" * (len(kinds) + 2) + "|",
    ]
    for address in addresses(app):
        if address.gate is None:
            continue
        wanted = f"`{address.gate.scope}`" if address.gate.scope else address.gate.door.value
        cells = [verdict(address.gate, kind) for kind in kinds]
        shown = " | ".join("✓" if cell == LET_IN else f"`{cell}`" for cell in cells)
        lines.append(f"| `{address.method} {address.rule}` | {wanted} | {shown} |")
    return "\n".join(lines) + "\n"
