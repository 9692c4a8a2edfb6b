"""The words that may stand in a scenario file, each with what it means.

Declared once: the reader, its messages and the JSON Schema for editors are made from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from engine.context import FROM_CONTEXT
from engine.exposures import CLOSING
from engine.friction import WEIGHTS
from engine.reasons import Reason

__all__ = ["DEVICE", "EXPECTATION", "FILE", "GIVEN", "HAPPENING", "KINDS", "PAGE", "SCENARIO", "STEP", "Member"]


@dataclass(frozen=True, slots=True)
class Member:
    """A word before a `:`. schema: what may stand after it, as JSON Schema."""

    doc: str
    schema: Mapping[str, Any] = field(default_factory=dict)


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


_TEXT: Final = {"type": "string", "minLength": 1}
_SCALAR: Final = {"type": ["string", "number", "boolean", "null"]}
_YES_NO: Final = {"enum": [True, False, "yes", "no"]}

DISMISSALS: Final = (*sorted(CLOSING), "outside")
FRICTION: Final = tuple(name.replace("_", " ") for name in WEIGHTS)
EXPECTATION: Final = (
    r"^(nothing|(not )?recorded|shown \S+( variant \S+)?( because [A-Z_]+)?|not shown \S+( because [A-Z_]+)?)$"
)
"""What may stand after `expect`."""

PAGE: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "path": Member("The path, `/domains/7`.", _TEXT),
        "url": Member("The whole address.", _TEXT),
        "title": Member("The title.", _TEXT),
        "referrer": Member("The page before.", _TEXT),
    }
)

DEVICE: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "type": Member("`mobile`, `tablet`, `desktop`.", _TEXT),
        "os": Member("The operating system.", _TEXT),
        "browser": Member("The browser.", _TEXT),
        "ip": Member("The address, for `in network`.", _TEXT),
    }
)

_WHERE: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "page": Member("The page that the user is on, from here on: a path, an address or its parts.", _ref("page")),
        "device": Member("The device, from here on.", _ref("device")),
    }
)

KINDS: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "event": Member("An event that the rules know.", _TEXT),
        "visits": Member("A page is viewed: a path or an address.", _TEXT),
        "traits": Member("What is known of the user changes.", _ref("values")),
        "account": Member("What is known of the account changes.", _ref("account")),
        "shown": Member("A guide or survey was seen.", _TEXT),
        "started": Member("A guide was begun.", _TEXT),
        "answered": Member("A survey was answered; `answers` says how.", _TEXT),
        "completed": Member("A guide was completed.", _TEXT),
        "dismissed": Member("A guide was closed; `how` says by what.", _TEXT),
        "snoozed": Member("A guide was put off; `for` says for how long.", _TEXT),
        "held out": Member("A guide would have been seen, but the user was in its holdout.", _TEXT),
        "friction": Member("A sign of trouble on the page.", {"enum": list(FRICTION)}),
    }
)
"""What can happen. Without any of these, guidance is asked for."""

DETAILS: Final[Mapping[str, tuple[str, Member]]] = MappingProxyType(
    {
        "with": ("event", Member("The properties of the event.", _ref("values"))),
        "variant": ("shown", Member("Which variant was seen.", _TEXT)),
        "answers": (
            "answered",
            Member("By question: a score, a choice's id, a list of them, or text.", _ref("answers")),
        ),
        "how": ("dismissed", Member("What closed it.", {"enum": list(DISMISSALS), "default": "close"})),
        "for": ("snoozed", Member("How long, `1 day`.", _ref("duration"))),
        "selector": ("friction", Member("The element.", _TEXT)),
    }
)
"""What a kind of happening may say besides, with the kind."""

HAPPENING: Final[Mapping[str, Member]] = MappingProxyType(
    {
        **KINDS,
        **{name: member for name, (_, member) in DETAILS.items()},
        "at": Member("When: `3 days ago`, `2 minutes later`, `2026-03-02 09:00`, `now`.", _ref("time")),
        **_WHERE,
        "from": Member(
            "Who sends it. What a server sends belongs to no session, and waits for the user's next request.",
            {"enum": ["browser", "server"], "default": "browser"},
        ),
    }
)

GIVEN: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "user": Member(
            "The user's id, by which shares, variants and holdouts are drawn. Without it, the story is somebody's who "
            "is in the shares of the guides that it expects and is not held out.",
            _TEXT,
        ),
        "traits": Member("What is known of the user, by the names of the rules.", _ref("values")),
        "account": Member("What is known of the user's account; `id` is its id.", _ref("account")),
        "events": Member(
            "What has happened before, each with its time.", {"type": "array", "items": _ref("happening")}
        ),
        **_WHERE,
        **{
            name: Member(f"The {name.replace('_', ' ')} that the browser tells.", _SCALAR)
            for name in sorted(FROM_CONTEXT)
        },
        "consent": Member("`no`: the user has refused guidance.", _YES_NO),
        "responses": Member(
            "By survey: how many responses it has from others, for `stop after`.",
            {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        ),
        "colleagues": Member(
            "What other users of the account have done, for `anyone in account`: a list of `events` each.",
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["events"],
                    "additionalProperties": False,
                    "properties": {"events": {"type": "array", "items": _ref("happening")}},
                },
            },
        ),
    }
)

STEP: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "when": Member(
            "What happens; a list is one round trip. Without it, guidance is asked for.",
            {"anyOf": [_ref("happening"), {"type": "array", "minItems": 1, "items": _ref("happening")}]},
        ),
        "expect": Member(
            "`shown GUIDE`, `shown GUIDE variant NAME`, `not shown GUIDE`, `not shown GUIDE because REASON` or "
            "`nothing`; a list expects all of them.",
            {"anyOf": [_ref("expectation"), {"type": "array", "minItems": 1, "items": _ref("expectation")}]},
        ),
        "seen": Member("`no`: what is shown now is not seen, and does not count.", _YES_NO),
    }
)

_START: Final = Member(
    "When the story begins; times such as `3 days ago` count from it. Without it, Monday 2026-01-05 09:00.",
    _ref("time"),
)

SCENARIO: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "name": Member("The scenario as a sentence.", _TEXT),
        "start": _START,
        "given": Member("What is so before anything happens, besides what the file gives.", _ref("given")),
        **STEP,
        "steps": Member(
            "Several things that happen one after the other, instead of one `when` and `expect`.",
            {"type": "array", "minItems": 1, "items": _ref("step")},
        ),
    }
)

FILE: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "rules": Member(
            "The rules: a `.way` file or a folder, or a list of them, seen from this file. Without it, the `.way` "
            "files beside this one.",
            {"anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}]},
        ),
        "zone": Member("The project's time zone, `Europe/Berlin`. Without it, UTC.", _TEXT),
        "start": _START,
        "given": Member("What all scenarios of the file have in common.", _ref("given")),
        "scenarios": Member("The scenarios.", {"type": "array", "minItems": 1, "items": _ref("scenario")}),
    }
)

REASONS: Final = tuple(reason.value for reason in Reason)
