"""What a request for guidance, or an event, tells of the page and the device: from Segment's `context` to our names.

Decides only where a value stands in what was sent; of what type it is, the catalog says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from dsl.values import JsonValue

_PLACES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "page.path": (("page", "path"),),
    "page.url": (("page", "url"),),
    "page.title": (("page", "title"),),
    "page.referrer": (("page", "referrer"),),
    "device.type": (("device", "type"),),
    "device.os": (("device", "os"), ("os", "name")),
    "device.browser": (("device", "browser"), ("browser", "name")),
    "device.ip": (("device", "ip"), ("ip",)),
    "locale": (("locale",),),
    "language": (("language",),),
    "timezone": (("timezone",),),
    "country": (("country",), ("location", "country")),
    "app_version": (("app", "version"),),
}
"""Where each value stands in a context, in the order in which it is looked for."""


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What a request tells: raw values by the names of the language (`page.path`, `locale`).

    has_consent: False with `"consent": {"guidance": false}`: the user refused guidance, so nothing is shown.
    """

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    has_consent: bool = True


NO_CONTEXT: Final = RequestContext(MappingProxyType({}))


def read_context(sent: Mapping[str, JsonValue] | None) -> RequestContext:
    """Read a context as it is sent. Unknown members and ones of an unexpected shape are left out."""
    if not sent:
        return NO_CONTEXT
    found = {name: value for name, places in _PLACES.items() if (value := _first(sent, places)) is not None}
    locale = found.get("locale")
    if "language" not in found and isinstance(locale, str):
        found["language"] = base_language(locale)
    consent = sent.get("consent")
    refused = isinstance(consent, dict) and consent.get("guidance") is False
    return RequestContext(MappingProxyType(found), has_consent=not refused)


def base_language(tag: str) -> str:
    """The base of a language tag: `de` of `de-AT` and of `de_AT`."""
    return tag.replace("_", "-").split("-", 1)[0].lower()


def _first(sent: Mapping[str, JsonValue], places: tuple[tuple[str, ...], ...]) -> JsonValue:
    for place in places:
        value = sent.get(place[0])
        for part in place[1:]:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str | int | float | bool):
            return value
    return None
