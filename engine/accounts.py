"""What the users of one account have in common.

Two things: the account's attributes, told by the `group` calls of any of its users, and for `anyone in account did …`
the slots of each user. Both are kept so that nothing has to be replayed when a user comes, goes or is rebuilt: the
attributes by the newest `(time, seq)`, in whatever order the events come, the slots one record a user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from dsl.needs import Slot
from dsl.values import JsonValue
from engine.events import Event, EventKind
from engine.state import KEPT_TRAITS, StatePlan, UserState


@dataclass(slots=True)
class AccountState:
    """The attributes of an account. told: by name, the value with the position of the event that told it."""

    told: dict[str, tuple[int, int, JsonValue]] = field(default_factory=dict)

    @property
    def traits(self) -> dict[str, JsonValue]:
        """The attributes that are set."""
        return {name: value for name, (_, _, value) in self.told.items() if value is not None}

    def to_json(self) -> bytes:
        """The state as JSON: equal states give equal bytes."""
        return orjson.dumps(self.told, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes) -> AccountState:
        """The state that `to_json` wrote."""
        return cls({name: (time, seq, value) for name, (time, seq, value) in orjson.loads(data).items()})


def fold_account(account: AccountState, event: Event) -> AccountState:
    """Take a `group` call about the account into its attributes, in place; other events change nothing.

    In any order, duplicates and all, the same events give the same state.
    """
    if event.kind is not EventKind.GROUP:
        return account
    for name, value in event.traits.items():
        known = account.told.get(name)
        if known is None and len(account.told) >= KEPT_TRAITS:
            continue
        if known is None or (event.time, event.seq) > known[:2]:
            account.told[name] = (event.time, event.seq, value)
    return account


def account_slots(plan: StatePlan, state: UserState) -> Mapping[str, Slot]:
    """What the other users of the account may read of this one: the record to keep for them beside the account's id.

    It changes with the user's own state only; empty where no rule asks for anyone in the account.
    """
    return {key: state.slots[key] for key in sorted(plan.account_wide) if key in state.slots}
