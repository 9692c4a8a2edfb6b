"""What the users of one account have in common.

Two things: the account's attributes, told by the `group` calls of any of its users, and for `anyone in account did …`
the slots of each user. Both are kept so that nothing has to be replayed when a user comes, goes or is rebuilt: the
attributes by the newest `(time, seq)`, the slots one record a user. Values that are set come in any order; only where
something older than an operation that builds on it (`$add`, `$append` …) comes late, the account is folded anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from dsl.needs import Slot
from dsl.values import JsonValue
from engine.events import Event, EventKind
from engine.state import KEPT_TRAITS, LateEvent, StatePlan, UserState
from engine.traits import Change, changed, changes_of


@dataclass(slots=True)
class AccountState:
    """The attributes of an account.

    told: by name, the position of the event that told of it last, the value since then, and whether that event built
      on the value before (`$add` and its like), so that nothing older can be left out.
    """

    told: dict[str, tuple[int, int, JsonValue, bool]] = field(default_factory=dict)

    @property
    def traits(self) -> dict[str, JsonValue]:
        """The attributes that are set."""
        return {name: value for name, (_, _, value, _) in self.told.items() if value is not None}

    def to_json(self) -> bytes:
        """The state as JSON: equal states give equal bytes."""
        return orjson.dumps(self.told, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes) -> AccountState:
        """The state that `to_json` wrote."""
        stored: dict[str, tuple[int, int, JsonValue, bool]] = orjson.loads(data)
        return cls({name: (time, seq, value, builds) for name, (time, seq, value, builds) in stored.items()})


def fold_account(account: AccountState, event: Event) -> AccountState:
    """Take a `group` call about the account into its attributes, in place; other events change nothing.

    In any order, duplicates and all, the same events give the same state. Raises LateEvent where that is not possible
    without the account's other events; then it has to be made by `account_of`.
    """
    if event.kind is not EventKind.GROUP:
        return account
    named: dict[str, list[Change]] = {}
    for change in changes_of(event.traits):
        named.setdefault(change.name, []).append(change)
    for name, changes in named.items():
        known = account.told.get(name)
        if known is None and len(account.told) >= KEPT_TRAITS:
            continue
        if known is not None and event.position <= known[:2]:
            if known[3] and event.position < known[:2]:
                raise LateEvent(f"event `{event.message_id}` is older than what builds on it")
            continue
        value = None if known is None else known[2]
        for change in changes:
            value = changed(value, change)
        builds = not any(change.is_absolute for change in changes)
        account.told[name] = (event.time, event.seq, value, builds)
    return account


def account_of(events: Iterable[Event]) -> AccountState:
    """The attributes of an account whose `group` calls these are, in any order."""
    account = AccountState()
    for event in sorted(events, key=lambda event: event.position):
        fold_account(account, event)
    return account


def accounts_of(events: Iterable[Event]) -> dict[str, AccountState]:
    """The attributes of every account that some events tell of, in any order."""
    told: dict[str, list[Event]] = {}
    for event in events:
        if event.kind is EventKind.GROUP and event.group_id is not None:
            told.setdefault(event.group_id, []).append(event)
    return {name: account_of(group) for name, group in told.items()}


def account_slots(plan: StatePlan, state: UserState) -> Mapping[str, Slot]:
    """What the other users of the account may read of this one: the record to keep for them beside the account's id.

    It changes with the user's own state only; empty where no rule asks for anyone in the account.
    """
    return {key: state.slots[key] for key in sorted(plan.account_wide) if key in state.slots}
