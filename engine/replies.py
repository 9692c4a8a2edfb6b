"""What the service answers: receipts, served guidance, confirmations, published rules, pages of the log.

Shapes only; frozen, without storage and without web. The promised JSON of each is made in `api/schemas`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from dsl.diagnostics import Diagnostic
from dsl.values import Instant, JsonValue
from engine.environments import Environment
from engine.intake import Notice, Rejection
from engine.permissions import Scope
from engine.replay.settings import ReplayMode, ReplaySettings

if TYPE_CHECKING:
    from engine.events import Event
    from engine.survey_versions import NewSurveyVersion
    from engine.verdicts import Considered

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Served:
    """One piece of guidance for a browser: the wire decision."""

    id: str
    guide: str
    kind: str
    variant: str | None
    content: dict[str, JsonValue]
    wait: dict[str, JsonValue] | None
    priority: int
    expires: Instant | None
    keep: dict[str, JsonValue] | None = None
    """How often it may be shown while the server cannot be reached (`engine.keeping`); None for not at all."""


@dataclass(frozen=True, slots=True)
class Click:
    """A click of which the browser makes an event: `event "…" when clicked "…" on page "…"`."""

    event: str
    selector: str
    page: str | None
    """A pattern; None for every page."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of some messages: how many are kept, were known before, or were refused, each with its reason."""

    accepted: int
    duplicates: int
    rejected: tuple[Rejection, ...]
    decisions: tuple[Served, ...] = ()
    revision: str | None = None
    """The rule set that decided; None when nothing was to be decided or no rules are published."""
    ttl: int = 0
    """Seconds for which the decisions may be used."""
    clicks: tuple[Click, ...] | None = None
    """None where the asker knows them already, or nothing was to be decided."""
    notices: tuple[Notice, ...] = ()
    """What is to be known of messages that are kept."""


@dataclass(frozen=True, slots=True)
class RecordingReceipt(Receipt):
    """The same for a page of a project that records. Every other page is spared the member."""

    record: ReplayMode = ReplayMode.OFF
    """What the page records of the user from now on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Guidance for one user at this instant; at most one decision today, a list so that it may be more."""

    decisions: tuple[Served, ...]
    revision: str | None
    ttl: int
    degraded: bool = False
    """True when the database could not be used (`engine.makeshift`)."""
    clicks: tuple[Click, ...] | None = None
    """None where the asker knows them already."""
    considered: tuple[Considered, ...] | None = None
    """Why each guide is shown or not, as far as the asker may know (`engine.telling`); None if they did not ask."""
    standing: Mapping[str, str | None] | None = None
    """By journey, the step where the user stands, None after the last; as far as the asker may know."""


@dataclass(frozen=True, slots=True)
class RecordingReply(Reply):
    """The same for a page of a project that records."""

    record: ReplayMode = ReplayMode.OFF
    """What the page records of the user from now on."""


def recording(reply: Reply, record: ReplayMode) -> RecordingReply:
    """A reply to a page of a project that records."""
    return RecordingReply(**{each.name: getattr(reply, each.name) for each in fields(reply)}, record=record)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Whether a decision may be shown now; `reason` is a word of `engine.reasons.Reason`."""

    show: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Published:
    """A rule set that is now in force."""

    version: int
    """Counts up from 1 in each project."""
    revision: str
    """A hash of the content: the same files give the same revision."""
    changed: bool
    """False when the very same rules were in force already; no version was added then."""
    warnings: tuple[Diagnostic, ...] = ()
    surveys: tuple[NewSurveyVersion, ...] = ()
    """Surveys whose answers from now on are apart from those before."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Rules with errors: nothing was published, the set in force stays. All diagnostics, warnings too."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RulesChange:
    """What changed in one rule file; `diff` is a unified diff."""

    file: str
    diff: str


@dataclass(frozen=True, slots=True)
class RulesVersion:
    """A published rule set as the list of versions shows it."""

    version: int
    revision: str
    published: Instant
    by: str
    note: str
    active: bool


class KeyKind(StrEnum):
    """What a key may do: write events and fetch guidance, or read and change everything of its project."""

    PUBLIC = "public"
    SECRET = "secret"  # noqa: S105  (the name of a kind)


@dataclass(frozen=True, slots=True)
class Access:
    """Whose key it is and what it may do."""

    project_id: int
    key_id: int
    kind: KeyKind
    scopes: frozenset[Scope]
    expires: Instant | None = None
    last_used: Instant | None = None


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as a list of keys shows it: of a secret one only its first letters."""

    id: int
    kind: KeyKind
    name: str
    shown: str
    """A public key in full, a secret one as `wp_sec_abcd…`."""
    created: Instant
    revoked: Instant | None
    environment: Environment = Environment.PRODUCTION
    scopes: frozenset[Scope] = frozenset()
    expires: Instant | None = None
    """From when on it is no key any more."""
    last_used: Instant | None = None
    """To the minute."""
    replaced_by: int | None = None
    """The key that was made to take its place."""

    def is_alive(self, now: Instant) -> bool:
        """True while it opens anything."""
        return self.revoked is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `text` is the only time that a secret key is seen."""

    view: KeyView
    text: str


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project, or rather one environment of it, and its settings."""

    id: int
    slug: str
    """`shop` for production, `shop/staging` for another environment."""
    name: str
    zone: str
    allowed_origins: tuple[str, ...]
    environment: Environment = Environment.PRODUCTION
    root_id: int | None = None
    """The production environment of the same project; None in that one itself."""
    signed_users: bool = False
    """True when what pages say of a known user counts only with a token that the customer's server signed."""
    shared_links: bool = True
    """False where pages may not be shown by links to people who are not signed in."""
    replay: ReplaySettings = ReplaySettings()  # noqa: RUF009  (frozen)
    """Whether sessions are recorded, and how much of that is kept."""

    @property
    def root(self) -> int:
        """The number under which people are members of it: that of its production environment."""
        return self.id if self.root_id is None else self.root_id


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the service is doing. waiting: what is received and not yet written; groups, requests: since the start."""

    is_ready: bool
    waiting_requests: int
    waiting_events: int
    groups: int
    requests: int


@dataclass(frozen=True, slots=True)
class UserView:
    """What is known of one person now. `state` is the folded state as JSON."""

    person_id: int
    first_id: str
    """The first id that the person was seen with: what rollout, variant and holdout are hashed from."""
    user_id: str | None
    anonymous_ids: tuple[str, ...]
    state: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of the log with what the log knows besides."""

    event: Event
    person_id: int
    simulated: bool
    session_id: str | None
    clamped: bool
    """True when its time lay in the future and was set to its receipt."""


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """The compact row that is kept of each decision."""

    seq: int
    id: str
    time: Instant
    person_id: int
    user_id: str | None
    first_id: str
    revision: str
    trigger: str | None
    """The events that woke it, separated by commas; None for a plain request."""
    guide: str | None
    variant: str | None
    held_out: str | None
    reasons: Mapping[str, int] = field(default_factory=dict)
    """How many of the considered guides had each reason."""
    confirmed: Instant | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, oldest first, and the cursor from which the next page begins."""

    items: tuple[Item, ...]
    next: int
