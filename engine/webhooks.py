"""Webhooks as facts: what may be told, to which addresses, how it is signed, and when it is tried again.

Deliveries follow the Standard Webhooks specification, so that the libraries which check it check ours: the headers
`webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature` (`v1,` and the base64 of HMAC-SHA256 over
`ID.TIMESTAMP.BODY`), with a secret that is written `whsec_` and its base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from dsl.values import DAY, HOUR, MINUTE, SECOND, Duration, Instant, JsonValue, format_instant
from engine.errors import WaypostError

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  (what secrets begin with)
MOST_HOOKS: Final = 20
"""In one project."""
LONGEST_URL: Final = 2_000
LONGEST_NOTE: Final = 200
MOST_GUIDES: Final = 50
"""That one webhook names."""
PAUSES: Final = tuple(
    Duration(pause) for pause in (30 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY)
)
"""After each try that failed, how long until the next one; after the last pause one more try, then it is given up."""
KEPT: Final = Duration(30 * DAY)
"""How long deliveries are listed."""

_NOT_PUBLIC: Final = (
    # 6to4 and NAT64 carry an IPv4 address, which may be a private one, within one that looks public.
    IPv6Network("2002::/16"),
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv4Network("192.88.99.0/24"),
    # Private by older rules (RFC 3879), and for examples (RFC 9637): Python takes both for public.
    IPv6Network("fec0::/10"),
    IPv6Network("3fff::/20"),
)


class HookKind(StrEnum):
    """What a webhook may be told of."""

    ALERT_RAISED = "alert.raised"
    ALERT_RESOLVED = "alert.resolved"
    ANSWER_RECEIVED = "answer.received"
    SCORE_LOW = "score.low"
    GUIDE_DECIDED = "guide.decided"
    GUIDE_SHOWN = "guide.shown"
    GUIDE_PUBLISHED = "guide.published"
    REVIEW_ASKED = "review.asked"
    REVIEW_DUE = "review.due"
    EXPORT_FINISHED = "export.finished"
    TEST = "test"


CHOSEN: Final = tuple(kind for kind in HookKind if kind is not HookKind.TEST)
"""What one chooses from; a test is always told."""

MEANINGS: Final[Mapping[HookKind, str]] = {
    HookKind.ALERT_RAISED: "a guide's target is missing or its shows collapse, a figure of a step that is watched "
    "changed, or a scheduled source was turned off for failing: once for each change",
    HookKind.ALERT_RESOLVED: "what was raised is over",
    HookKind.ANSWER_RECEIVED: "somebody answered a question of a survey",
    HookKind.SCORE_LOW: "somebody gave a score of the lowest third of its scale, or is a detractor",
    HookKind.GUIDE_DECIDED: "a guide was decided for somebody, whether or not a page showed it; as many as visits",
    HookKind.GUIDE_SHOWN: "a guide or survey was really shown to somebody; as many as visits",
    HookKind.GUIDE_PUBLISHED: "rules were put in force, with the guides that are new, changed or gone",
    HookKind.REVIEW_ASKED: "a draft of the rules is ready to be reviewed",
    HookKind.REVIEW_DUE: "a quarter is over, and its review can be held",
    HookKind.EXPORT_FINISHED: "the file of a scheduled export was written",
    HookKind.TEST: "somebody wants to see whether it works",
}
"""What each kind tells, for reference pages."""


ABOUT_GUIDES: Final = frozenset(
    {HookKind.ANSWER_RECEIVED, HookKind.SCORE_LOW, HookKind.GUIDE_DECIDED, HookKind.GUIDE_SHOWN}
)
"""What the choice of guides of a webhook narrows."""
OFTEN: Final = frozenset({HookKind.GUIDE_DECIDED, HookKind.GUIDE_SHOWN})
"""What happens with every visit: nobody hears of it without having chosen it."""


class DeliveryState(StrEnum):
    """How a delivery is doing."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    GONE = "gone"
    """There is nothing to tell any more: who answered was erased."""


class Format(StrEnum):
    """In which form a body is written: for programs, or for a chat tool. How each looks: `engine.chat_formats`."""

    STANDARD = "standard"
    SLACK = "slack"
    DISCORD = "discord"
    TEAMS = "teams"
    GOOGLE_CHAT = "google_chat"
    MATTERMOST = "mattermost"


class BadWebhook(WaypostError):
    """What a webhook is to be cannot be so."""

    code = "bad_webhook"


class NoSuchWebhook(WaypostError):
    """The project has no webhook of that number."""

    code = "no_such_webhook"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no webhook {number} in this project")


class NoSuchDelivery(WaypostError):
    """The project's webhooks were told nothing of that number, or it is listed no longer."""

    code = "no_such_delivery"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no delivery {number} in this project")


class NothingToResend(WaypostError):
    """A delivery that waits already, or of which nothing is left to tell."""

    code = "nothing_to_resend"


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook. revision: another one with every change. format: in which a body is written. guides: of which it hears
    only, by name; of all where there is none.
    """

    id: int
    url: str
    kinds: tuple[HookKind, ...]
    note: str
    is_on: bool
    revision: int
    created: Instant
    format: Format = Format.STANDARD
    guides: tuple[str, ...] = ()

    def hears_of(self, guide: str | None) -> bool:
        """Whether it wants to hear of something of a guide."""
        return not self.guides or guide in self.guides


@dataclass(frozen=True, slots=True)
class HookDraft:
    """A webhook that is about to be made."""

    url: str
    kinds: tuple[HookKind, ...]
    note: str
    format: Format
    guides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was told, or will be, to a webhook. status: what the address answered the last time, None for nothing."""

    id: int
    webhook_id: int
    kind: HookKind
    created: Instant
    state: DeliveryState
    tries: int
    next_try: Instant | None
    status: int | None
    error: str | None
    finished: Instant | None


def read_url(text: str, *, allows_private: bool) -> str:
    """An address that may be told. allows_private: plain http and addresses within one's own network too.

    What a name leads to is judged when something is sent. Raises BadWebhook.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadWebhook(f"`{url[:80]}` is not an address like `https://hooks.example.com/waypost`") from None
    schemes = {"https", "http"} if allows_private else {"https"}
    host = parts.hostname
    is_clean = url.isprintable() and " " not in url and len(url) <= LONGEST_URL and port != 0
    if parts.scheme not in schemes or not host or not is_clean:
        raise BadWebhook(f"`{url[:80]}` is not an address like `https://hooks.example.com/waypost`")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadWebhook("an address of a webhook has no name, password or `#` in it: deliveries are signed instead")
    if not allows_private and not _may_be_public(host):
        raise BadWebhook(f"`{host}` lies within a private network, where this server sends nothing")
    return url


def outline(url: str) -> str:
    """An address for those who may not change it: where it leads, without what follows, which is often a password."""
    parts = urlsplit(url)
    whole = f"{parts.scheme}://{parts.netloc}/"
    return url if url in {whole, whole[:-1]} else f"{whole}…"


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """True for an address that anybody on the internet can reach, and that is no way around to another one."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def signature(secret: str, *, delivery: str, at: Instant, body: bytes) -> dict[str, str]:
    """The headers of a delivery, with its signature."""
    seconds = at // SECOND
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.new(key, f"{delivery}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def new_secret(random: bytes) -> str:
    """A secret as it is written."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def next_try(tries: int, now: Instant) -> Instant | None:
    """When a delivery that failed so many times is tried again; None where it is given up."""
    return Instant(now + PAUSES[tries - 1]) if tries <= len(PAUSES) else None


def envelope(kind: HookKind, *, project: str, at: Instant, data: JsonValue) -> dict[str, JsonValue]:
    """The body of a delivery."""
    return {"type": kind.value, "timestamp": format_instant(at), "project": project, "data": data}


def _may_be_public(host: str) -> bool:
    try:
        return is_public(ip_address(host))
    except ValueError:
        pass
    name = host.rstrip(".").lower()
    is_own = name.endswith((".localhost", ".local", ".internal", ".home.arpa"))
    return "." in name and not is_own and not _is_number(name)


def _is_number(name: str) -> bool:
    """True for what resolvers take for an address of four numbers though it is not written so, such as `127.1`."""
    last = name.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")
