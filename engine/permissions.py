"""What may be allowed: the one registry of scopes, and the roles of the console as sets of them.

Decides what a scope means and which role has it. Which address needs which scope is declared at the address, and
whether a caller has it is judged in `api.auth`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """One thing that a secret key, or a person of the console, may be allowed to do in a project."""

    EVENTS_WRITE = "events:write"
    RULES_READ = "rules:read"
    RULES_DRAFT = "rules:draft"
    RULES_WRITE = "rules:write"
    RECORDS_READ = "records:read"
    ROADMAP_WRITE = "roadmap:write"
    ROADMAP_OVERRIDE = "roadmap:override"
    MAP_WRITE = "map:write"
    ACCOUNTS_WRITE = "accounts:write"
    EVIDENCE_WRITE = "evidence:write"
    COMMENTS_WRITE = "comments:write"
    COMMENTS_DELETE = "comments:delete"
    SHARES_WRITE = "shares:write"
    PEOPLE_READ = "people:read"
    PEOPLE_ERASE = "people:erase"
    REPLAYS_READ = "replays:read"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    AUDIT_READ = "audit:read"


class Role(StrEnum):
    """What a person of the console is in one project. Each role may do all that the one before may, and more."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    AUTHOR = "author"
    ADMIN = "admin"


ALL_SCOPES: Final = frozenset(Scope)

_VIEWER: Final = frozenset({Scope.RULES_READ, Scope.RECORDS_READ, Scope.SETTINGS_READ, Scope.COMMENTS_WRITE})
_ANALYST: Final = _VIEWER | {
    Scope.PEOPLE_READ,
    Scope.REPLAYS_READ,
    Scope.RULES_DRAFT,
    Scope.ROADMAP_WRITE,
    Scope.MAP_WRITE,
    Scope.ACCOUNTS_WRITE,
    Scope.EVIDENCE_WRITE,
    Scope.SHARES_WRITE,
}
_AUTHOR: Final = _ANALYST | {Scope.RULES_WRITE}

GRANTS: Final[dict[Role, frozenset[Scope]]] = {
    Role.VIEWER: _VIEWER,
    Role.ANALYST: _ANALYST,
    Role.AUTHOR: _AUTHOR,
    Role.ADMIN: ALL_SCOPES,
}
"""What each role may do."""


MEANINGS: Final[dict[Scope, str]] = {
    Scope.EVENTS_WRITE: "Send events and ask for guidance, from a server.",
    Scope.RULES_READ: "Read rules, their versions, content and the tracking plan; check rules; follow health.",
    Scope.RULES_DRAFT: "Write the working draft of the rules and ask for its review; publishes nothing.",
    Scope.RULES_WRITE: "Publish and roll back rules, change the tracking plan, stop all guides.",
    Scope.RECORDS_READ: "Read records of steps, funnels, the roadmap and every other figure about many people.",
    Scope.ROADMAP_WRITE: "Confirm and dismiss opportunities; change themes and items of the roadmap.",
    Scope.ROADMAP_OVERRIDE: "Schedule an item that lacks a step or evidence, with a reason.",
    Scope.MAP_WRITE: "Type into journey maps, set targets, confirm steps, take snapshots.",
    Scope.ACCOUNTS_WRITE: "Say who looks after an account, and note something of it.",
    Scope.EVIDENCE_WRITE: "Take in, tag, change, delete evidence, and its rules; judge scores and words that disagree.",
    Scope.COMMENTS_WRITE: "Comment, change and delete one's own comments, settle any: no figure, no rule.",
    Scope.COMMENTS_DELETE: "Delete comments of others.",
    Scope.SHARES_WRITE: "Make, list and withdraw links that show a page of the console to whoever has them.",
    Scope.PEOPLE_READ: "Look one person up: traits, state, history, why a guide was shown, the export.",
    Scope.PEOPLE_ERASE: "Erase a person for good; delete a recording of a session.",
    Scope.REPLAYS_READ: "List and watch recordings of sessions; each look is in the audit log.",
    Scope.SETTINGS_READ: "Read the project's settings.",
    Scope.SETTINGS_WRITE: "Change the project's settings: origins, signing of users, retention.",
    Scope.KEYS_READ: "List keys, without their text.",
    Scope.KEYS_WRITE: "Make, rotate and withdraw keys; never one that may do more than its maker.",
    Scope.MEMBERS_READ: "List who may use the console, and open invitations.",
    Scope.MEMBERS_WRITE: "Invite people to the console, change their roles, remove them.",
    Scope.AUDIT_READ: "Read and verify the audit log.",
}
"""What each scope allows, for reference pages and `--help`."""


def read_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names. Raises ValueError with a sentence that names the first that is none."""
    found = set()
    for name in names:
        try:
            found.add(Scope(name))
        except ValueError:
            known = ", ".join(f"`{scope}`" for scope in Scope)
            raise ValueError(f"`{name[:80]}` is not a scope; there are: {known}") from None
    return frozenset(found)
