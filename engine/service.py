"""The service as one object: events in, guidance out, rules published, people looked up.

The door of the engine: `api/` calls nothing else for what is live. Decides nothing itself: intake validates, ingest
writes and folds, decisions decide. Time comes from the clock it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dsl.values import Instant, JsonValue
from engine.intake import Defaults
from engine.replies import (
    Access,
    Confirmation,
    KeyKind,
    KeyView,
    LoggedDecision,
    LoggedEvent,
    NewKey,
    Page,
    ProjectView,
    Published,
    Receipt,
    Refused,
    Reply,
    RulesVersion,
    UserView,
)

if TYPE_CHECKING:
    from dsl.project import RuleProject
    from engine.ruleset import RuleSet


class Service:
    """Everything that a running Waypost does, for all projects of one database."""

    @classmethod
    def open(cls, url: str, *, clock: Callable[[], Instant]) -> Service:
        """Connect (`sqlite:////path/file` or `postgresql://…`), migrate to the newest schema, start the writer.

        Raises engine.errors.StorageUnavailable, engine.errors.NewerDatabase.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Write what was accepted, stop the writer, close all connections. May be called twice."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """True when the database answers and the writer runs; never raises."""
        raise NotImplementedError

    # projects and keys

    def ensure_project(
        self,
        slug: str = "default",
        *,
        name: str = "",
        zone: str = "UTC",
        allowed_origins: Sequence[str] = (),
        public_key: str | None = None,
        secret_key: str | None = None,
    ) -> ProjectView:
        """The project of that slug; created with these settings and keys when it is not there (at the first start)."""
        raise NotImplementedError

    def project(self, project_id: int) -> ProjectView | None:
        raise NotImplementedError

    def projects(self) -> tuple[ProjectView, ...]:
        """All projects, in the order of their making. Cheap enough to be asked at every pre-flight."""
        raise NotImplementedError

    def set_origins(self, project_id: int, origins: Sequence[str]) -> ProjectView:
        """Replace the web origins whose pages may use the project's public keys."""
        raise NotImplementedError

    def authenticate(self, key: str) -> Access | None:
        """Who a key belongs to; None for an unknown or revoked one."""
        raise NotImplementedError

    def create_key(self, project_id: int, kind: KeyKind, *, name: str = "") -> NewKey:
        raise NotImplementedError

    def keys(self, project_id: int) -> tuple[KeyView, ...]:
        raise NotImplementedError

    def revoke_key(self, project_id: int, key_id: int) -> bool:
        """False when the project has no such living key."""
        raise NotImplementedError

    # events and guidance

    def receive(
        self,
        project_id: int,
        messages: Sequence[JsonValue],
        *,
        received: Instant,
        sent_at: JsonValue = None,
        defaults: Defaults = Defaults(),  # noqa: B008  (frozen)
        decide: bool = False,
        context: Mapping[str, JsonValue] | None = None,
        live: bool = True,
    ) -> Receipt:
        """Keep messages in Segment's form (each with its `type`), fold them, and decide for the last one's user.

        When this returns, the accepted events are durable. sent_at: the batch's `sentAt`, as received. defaults: what
        a batch gives to its messages. context: that of the request for guidance (`page`, `locale`, `device`,
        `timezone`), only for `decide`. live: False for imports, which wake nothing.
        Raises engine.errors.Busy, engine.errors.StorageUnavailable.
        """
        raise NotImplementedError

    def import_history(
        self,
        project_id: int,
        messages: Iterable[JsonValue],
        *,
        received: Instant,
        progress: Callable[[int], None] | None = None,
        batch: int = 5_000,
    ) -> Receipt:
        """Keep a long history fast: in batches of `batch`, waking nothing; `progress` hears how many were read.

        In time order it is fastest. `rejected` counts messages from 0 over the whole history.
        """
        raise NotImplementedError

    def decide(
        self,
        project_id: int,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        context: Mapping[str, JsonValue] | None = None,
        trigger: str | None = None,
    ) -> Reply:
        """Guidance for one user now. trigger: let only waiting events of this name wake edge rules."""
        raise NotImplementedError

    def confirm(
        self,
        project_id: int,
        decision_id: str,
        *,
        context: Mapping[str, JsonValue] | None = None,
        holder: str | None = None,
    ) -> Confirmation:
        """May this decision be shown now? A yes reserves the place for 30 s against other tabs and devices.

        holder: a tab's own mark; with it a repeated question of the same tab gets the same yes.
        Raises UnknownDecision.
        """
        raise NotImplementedError

    # rules

    def publish(
        self, project_id: int, files: Mapping[str, str], *, by: str = "", note: str = ""
    ) -> Published | Refused:
        """Put rule files in force, whole or not at all."""
        raise NotImplementedError

    def check(self, project_id: int, files: Mapping[str, str]) -> RuleProject:
        """Check rule files against what this project has really received."""
        raise NotImplementedError

    def rules(self, project_id: int) -> RuleSet | None:
        """The rule set in force; None before the first publication."""
        raise NotImplementedError

    def rules_files(self, project_id: int, version: int | None = None) -> Mapping[str, str] | None:
        """The files of a version; of the one in force without a number. None when there is none."""
        raise NotImplementedError

    def rules_versions(self, project_id: int) -> tuple[RulesVersion, ...]:
        """All versions, newest first."""
        raise NotImplementedError

    # people and the log

    def user(self, project_id: int, *, user_id: str | None = None, anonymous_id: str | None = None) -> UserView | None:
        raise NotImplementedError

    def history(
        self,
        project_id: int,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        limit: int = 1_000,
    ) -> tuple[LoggedEvent, ...]:
        """The latest events of one person, over all ids, in history order (time, then receipt)."""
        raise NotImplementedError

    def recent_events(self, project_id: int, *, after: int | None = None, limit: int = 100) -> Page[LoggedEvent]:
        """Events received after a cursor, oldest first; without a cursor the latest ones."""
        raise NotImplementedError

    def recent_decisions(self, project_id: int, *, after: int | None = None, limit: int = 100) -> Page[LoggedDecision]:
        """Decisions made after a cursor, oldest first; without a cursor the latest ones."""
        raise NotImplementedError
