"""What a request for guidance, or an event, tells of the page and the device, by the names of the language.

Reads Segment's `context` and our own; a value that is not there is left out, never guessed. Of what type a value is,
the catalog says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from dsl.values import JsonValue

_PLACES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = MappingProxyType(
    {
        "page.path": (("page", "path"),),
        "page.url": (("page", "url"),),
        "page.title": (("page", "title"),),
        "page.referrer": (("page", "referrer"),),
        "device.type": (("device", "type"),),
        "device.os": (("device", "os"), ("os", "name")),
        "device.browser": (("device", "browser"), ("browser", "name")),
        "device.ip": (("device", "ip"), ("ip",)),
        "language": (("language",), ("locale",)),
        "locale": (("locale",),),
        "timezone": (("timezone",),),
        "country": (("country",), ("location", "country")),
        "app_version": (("app_version",), ("app", "version")),
    }
)
"""Where in a context each name is looked for, in this order."""

MEMBERS: Final = frozenset(place[0] for places in _PLACES.values() for place in places)
"""The members of a context that anything is read from."""

FROM_CONTEXT: Final = frozenset(name for name in _PLACES if "." not in name)
"""Attributes of the user that the context tells where no trait does."""


@dataclass(frozen=True, slots=True)
class RequestContext:
    """A context as it was sent, in Segment's form or ours.

    has_consent: False with `"consent": {"guidance": false}`: the user refused guidance, so nothing is shown.
    asked_for: the name of the one guide that the user wants to see, by a button or by a call of the page.
    """

    sent: Mapping[str, JsonValue] = field(default_factory=dict)
    has_consent: bool = True
    asked_for: str | None = None


NO_CONTEXT: Final = RequestContext(MappingProxyType({}))


def read_context(sent: Mapping[str, JsonValue] | None, *, asked_for: str | None = None) -> RequestContext:
    """Read a context as it is sent."""
    if not sent:
        return NO_CONTEXT if asked_for is None else RequestContext(NO_CONTEXT.sent, asked_for=asked_for)
    consent = sent.get("consent")
    refused = isinstance(consent, dict) and consent.get("guidance") is False
    return RequestContext(MappingProxyType(dict(sent)), has_consent=not refused, asked_for=asked_for)


def described(context: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The values of a context, by name: `page.path`, `device.type`, `language` …"""
    found: dict[str, JsonValue] = {}
    for name, places in _PLACES.items():
        for place in places:
            value = _at(context, place)
            if value is not None:
                found[name] = value
                break
    if isinstance(language := found.get("language"), str):
        found["language"] = base_language(language)
    return found


def base_language(tag: str) -> str:
    """The base subtag of a language tag: `de` of `de-AT`."""
    return tag.replace("_", "-").split("-", 1)[0].lower()


def _at(context: Mapping[str, JsonValue], place: tuple[str, ...]) -> JsonValue:
    found = context.get(place[0])
    for part in place[1:]:
        found = found.get(part) if isinstance(found, dict) else None
    return found
