"""What a request for guidance tells beside the user's ids: the page, the device, and whether the user agreed.

Where each value stands in what was sent is said in `engine.contexts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from dsl.values import JsonValue


@dataclass(frozen=True, slots=True)
class RequestContext:
    """A context as it was sent, in Segment's form or ours.

    has_consent: False with `"consent": {"guidance": false}`: the user refused guidance, so nothing is shown.
    """

    sent: Mapping[str, JsonValue] = field(default_factory=dict)
    has_consent: bool = True


NO_CONTEXT: Final = RequestContext(MappingProxyType({}))


def read_context(sent: Mapping[str, JsonValue] | None) -> RequestContext:
    """Read a context as it is sent."""
    if not sent:
        return NO_CONTEXT
    consent = sent.get("consent")
    refused = isinstance(consent, dict) and consent.get("guidance") is False
    return RequestContext(MappingProxyType(dict(sent)), has_consent=not refused)
