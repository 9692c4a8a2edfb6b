"""What the audit log holds: administrative acts, chained by hashes so that none can be changed or left out unseen.

Decides which acts there are, what an entry is, and what its hash is. An entry names people, keys and users by number
only: personal data is erased elsewhere, and this log is never rewritten. `engine.storage.audit.record` writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson

from dsl.values import Instant, JsonValue, format_instant

COMMAND_LINE: Final = "command line"
"""The actor of what is done with `waypost` on the machine itself."""
INSTALLATION: Final = 0
"""The project number of acts that belong to no project."""
NOTHING_BEFORE: Final = "0" * 64
"""What stands in the first entry for the hash of the one before."""


class Action(StrEnum):
    """What was done."""

    PROJECT_ADD = "project.add"
    SETTINGS_CHANGE = "settings.change"
    KEY_CREATE = "key.create"
    KEY_ROTATE = "key.rotate"
    KEY_REVOKE = "key.revoke"
    RULES_PUBLISH = "rules.publish"
    GUIDANCE_STOP = "guidance.stop"
    GUIDANCE_RESUME = "guidance.resume"
    PLAN_PUBLISH = "plan.publish"
    MEMBER_INVITE = "member.invite"
    INVITE_WITHDRAW = "invite.withdraw"
    MEMBER_ADD = "member.add"
    MEMBER_ROLE = "member.role"
    MEMBER_REMOVE = "member.remove"
    PASSWORD_RESET = "password.reset"  # noqa: S105  (the name of an act)
    PASSWORD_CHANGE = "password.change"  # noqa: S105
    SESSION_START = "session.start"
    SESSION_END = "session.end"
    SIGNING_ADD = "signing.add"
    SIGNING_WITHDRAW = "signing.withdraw"
    PERSON_EXPORT = "person.export"
    PERSON_ERASE = "person.erase"
    EVENTS_EXPORT = "events.export"
    RETENTION_CHANGE = "retention.change"
    ROADMAP_OVERRIDE = "roadmap.override"
    MAP_CHANGE = "map.change"
    MAP_CONFIRM = "map.confirm"
    MAP_SNAPSHOT = "map.snapshot"
    WEBHOOK_ADD = "webhook.add"
    WEBHOOK_CHANGE = "webhook.change"
    WEBHOOK_REMOVE = "webhook.remove"
    WEBHOOK_RESEND = "webhook.resend"
    ALERT_ADD = "alert.add"
    ALERT_CHANGE = "alert.change"
    ALERT_REMOVE = "alert.remove"
    EXPORT_SCHEDULE = "export.schedule"
    EXPORT_REMOVE = "export.remove"
    IMPORT_START = "import.start"
    IMPORT_REMOVE = "import.remove"
    SOURCE_ADD = "source.add"
    SOURCE_CHANGE = "source.change"
    SOURCE_REMOVE = "source.remove"
    COMMENT_ADD = "comment.add"
    COMMENT_CHANGE = "comment.change"
    COMMENT_RESOLVE = "comment.resolve"
    COMMENT_REOPEN = "comment.reopen"
    COMMENT_DELETE = "comment.delete"
    REPLAY_WATCH = "replay.watch"
    REPLAY_DELETE = "replay.delete"
    LINK_SHARE = "link.share"
    LINK_WITHDRAW = "link.withdraw"


MEANINGS: Final[Mapping[Action, str]] = {
    Action.PROJECT_ADD: "a project, or an environment of one, was made",
    Action.SETTINGS_CHANGE: "settings of the project were changed; `detail` names them",
    Action.KEY_CREATE: "a key was made",
    Action.KEY_ROTATE: "a key was made in place of another one, which ends later",
    Action.KEY_REVOKE: "a key was withdrawn",
    Action.RULES_PUBLISH: "rules were put in force, new ones or those of an earlier version",
    Action.GUIDANCE_STOP: "all guidance was stopped",
    Action.GUIDANCE_RESUME: "guidance was let go on",
    Action.PLAN_PUBLISH: "a tracking plan was put in force",
    Action.MEMBER_INVITE: "somebody was invited to the console",
    Action.INVITE_WITHDRAW: "an invitation was withdrawn",
    Action.MEMBER_ADD: "somebody joined the project",
    Action.MEMBER_ROLE: "a member's role was changed",
    Action.MEMBER_REMOVE: "a member was removed",
    Action.PASSWORD_RESET: "a link to choose a new password was made",
    Action.PASSWORD_CHANGE: "a member chose a new password",
    Action.SESSION_START: "a member signed in",
    Action.SESSION_END: "a member signed out, or was signed out",
    Action.SIGNING_ADD: "a secret for signing users was made",
    Action.SIGNING_WITHDRAW: "a secret for signing users was withdrawn",
    Action.PERSON_EXPORT: "what is known of a user was exported",
    Action.PERSON_ERASE: "a user was erased",
    Action.EVENTS_EXPORT: "events were exported; `detail` says in which form, and of how many users if not of all",
    Action.RETENTION_CHANGE: "how long events are kept was changed",
    Action.ROADMAP_OVERRIDE: "an item was scheduled without a step or evidence; `detail` says why",
    Action.MAP_CHANGE: "a cell or a target of a journey map was changed; `detail` says which",
    Action.MAP_CONFIRM: "steps of a journey map were looked at and confirmed",
    Action.MAP_SNAPSHOT: "a snapshot of a journey map was taken",
    Action.WEBHOOK_ADD: "a webhook was made; `detail` says what it hears of",
    Action.WEBHOOK_CHANGE: "a webhook was changed, or got another secret",
    Action.WEBHOOK_REMOVE: "a webhook was removed",
    Action.WEBHOOK_RESEND: "something was told to a webhook again; `detail` says which delivery",
    Action.ALERT_ADD: "an alert on a figure of a step was made; `detail` says which",
    Action.ALERT_CHANGE: "an alert on a figure of a step was changed, or turned off or on",
    Action.ALERT_REMOVE: "an alert on a figure of a step was removed",
    Action.EXPORT_SCHEDULE: "a report by schedule was made, changed, or turned off or on",
    Action.EXPORT_REMOVE: "a report by schedule was removed",
    Action.IMPORT_START: "a file of events was given to be taken in; `detail` says in which format",
    Action.IMPORT_REMOVE: "a file that waited to be taken in was removed",
    Action.SOURCE_ADD: "a scheduled source was made; `detail` says of which kind",
    Action.SOURCE_CHANGE: "a scheduled source was changed, or turned off or on",
    Action.SOURCE_REMOVE: "a scheduled source was removed",
    Action.COMMENT_ADD: "somebody commented; `detail` says on what kind of thing",
    Action.COMMENT_CHANGE: "the words of a comment were changed",
    Action.COMMENT_RESOLVE: "a comment was settled",
    Action.COMMENT_REOPEN: "a comment that was settled was opened again",
    Action.COMMENT_DELETE: "a comment was deleted",
    Action.REPLAY_WATCH: "a recording of a user's session was watched or exported",
    Action.REPLAY_DELETE: "a recording of a user's session was deleted",
    Action.LINK_SHARE: "a link that shows a page to others was made; `detail` says which page, and for how long",
    Action.LINK_WITHDRAW: "a link that shows a page to others was withdrawn",
}
"""What each act means, for reference pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody did, about to be recorded."""

    actor: str
    """Who: `member 3`, `key 7`, `command line`. Never a name or an address."""
    action: Action
    target: str = ""
    """What it was done to: `key 8`, `version 12`, `person 4711`."""
    detail: Mapping[str, JsonValue] = field(default_factory=dict)
    """More, without personal data and without secrets."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An act as it stands in the log."""

    project_id: int
    seq: int
    """Its place in the project's log, from 1."""
    time: Instant
    actor: str
    action: str
    target: str
    detail: str
    """A JSON object, as it was written."""
    previous: str
    """The hash of the entry before."""
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of reading a project's whole log again."""

    entries: int
    head: str
    """The hash of the last entry that fits. Noted elsewhere, it proves later that nothing before it was changed."""
    broken_at: int | None = None
    """The first entry that does not fit; None when all do."""
    why: str = ""


def chained(act: Act, *, project_id: int, seq: int, time: Instant, previous: str) -> Entry:
    """An act as the next entry after the one with the hash `previous`."""
    detail = orjson.dumps(act.detail, option=orjson.OPT_SORT_KEYS).decode()
    entry = Entry(project_id, seq, time, act.actor, act.action.value, act.target, detail, previous, "")
    return Entry(project_id, seq, time, act.actor, act.action.value, act.target, detail, previous, hash_of(entry))


def hash_of(entry: Entry) -> str:
    """SHA-256, hexadecimal, of all that an entry holds but its hash, as a JSON list: anybody can check it."""
    held = [
        entry.project_id,
        entry.seq,
        entry.time,
        entry.actor,
        entry.action,
        entry.target,
        entry.detail,
        entry.previous,
    ]
    return hashlib.sha256(orjson.dumps(held)).hexdigest()


AUDIT_COLUMNS: Final[Mapping[str, str]] = {
    "seq": "its place in the log, from 1",
    "time": "when",
    "actor": "who, by number",
    "action": "what was done",
    "target": "to what",
    "detail": "more, as JSON",
    "previous": "the hash of the entry before",
    "hash": "its own hash",
}
"""The columns of the log, with what they mean."""


def audit_rows(found: Iterable[Entry]) -> list[dict[str, Any]]:
    """The rows of entries, with the keys of AUDIT_COLUMNS."""
    return [
        {
            "seq": each.seq,
            "time": format_instant(each.time),
            "actor": each.actor,
            "action": each.action,
            "target": each.target,
            "detail": each.detail,
            "previous": each.previous,
            "hash": each.hash,
        }
        for each in found
    ]


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """Which entries are asked for; None does not choose. since, until: from an instant on, and before one."""

    action: Action | None = None
    actor: str | None = None
    since: Instant | None = None
    until: Instant | None = None
