"""What is kept of one person, and its JSON: the same for the same state, and quick where little has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

import orjson

from dsl.needs import Slot
from dsl.values import Instant, JsonValue
from engine.exposures import Answer, GuideHistory
from engine.journeys import JourneyProgress, StepProgress
from engine.packing import Packer, telling_news
from engine.sessions import Session

Part = str | tuple[str, str]
"""`traits`, `account`, or ("journey", name), or ("guide", name)."""


@dataclass(slots=True)
class UserState:
    """What is kept of one person. `fold` changes it in place; everything in it is JSON.

    revision: of the plan that it was folded with; under another plan it is rebuilt.
    traits, account: as received; the later by event time wins, null takes away, and operations (`engine.traits`) build
      on what was there when they happened. account: what this person's own `group` calls said; what all users of the
      account said is in `engine.accounts`.
    told_anonymously: names of traits that no `identify` with a user id told; one with a user id goes before those
      without, whatever the time, so that a user's attributes win when an anonymous history is linked to theirs.
    position: (time, seq) of the latest event folded.
    journeys: of every journey of the plan. guides: of those with which anything happened.
    read: what `engine.facts` made of the traits, as long as they stay; not part of the state.
    packed: the JSON of parts that have not changed since it was made, or None for those that were written once since
      they changed; whoever changes a part in place takes its JSON away (`unpack`). Not part of the state either.
    """

    revision: str
    user_id: str | None = None
    traits: dict[str, JsonValue] = field(default_factory=dict)
    told_anonymously: list[str] = field(default_factory=list)
    account_id: str | None = None
    account: dict[str, JsonValue] = field(default_factory=dict)
    first_seen: Instant | None = None
    position: tuple[Instant, int] | None = None
    session: Session | None = None
    journeys: dict[str, JourneyProgress] = field(default_factory=dict)
    guides: dict[str, GuideHistory] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    read: object = field(default=None, compare=False, repr=False)
    packed: dict[Part, orjson.Fragment | None] = field(default_factory=dict, compare=False, repr=False)

    def session_at(self, now: Instant) -> Session | None:
        """The session that is open at the instant, or None."""
        return self.session if self.session is not None and self.session.is_open(now) else None

    def standing(self) -> dict[str, str | None]:
        """The step where the person stands, by journey."""
        return {name: progress.standing for name, progress in self.journeys.items()}

    def unpack(self, parts: Iterable[Part]) -> None:
        """Forget the JSON of parts that are about to change."""
        if self.packed:
            for part in parts:
                self.packed.pop(part, None)

    def to_json(self) -> bytes:
        """The state as JSON: equal states give equal bytes. What is as in a new state is left out."""
        content: dict[str, Any] = {"revision": self.revision}
        for name, value in zip(_PLAIN, _plain_of(self), strict=True):
            if value:
                content[name] = value
        if self.first_seen is not None:
            content["first_seen"] = self.first_seen
        if self.session is not None:
            content["session"] = packed(self.session)
        if self.traits:
            content["traits"] = self._part("traits", self.traits)
        if self.account:
            content["account"] = self._part("account", self.account)
        if self.journeys:
            content["journeys"] = {
                name: self._part(("journey", name), progress) for name, progress in self.journeys.items()
            }
        if self.guides:
            content["guides"] = {name: self._part(("guide", name), history) for name, history in self.guides.items()}
        return _compact(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))

    @classmethod
    def from_json(cls, data: bytes) -> UserState:
        """The state that `to_json` wrote."""
        return _unpacked_state(orjson.loads(data))

    def _part(self, part: Part, value: object) -> Any:
        """What stands for a part in the JSON. One that changed just now will likely change again: its text is kept from
        the second time on."""
        if part not in self.packed:
            self.packed[part] = None
            return packed(value)
        known = self.packed[part]
        if known is None:
            text = _compact(orjson.dumps(packed(value), option=orjson.OPT_SORT_KEYS))
            known = self.packed[part] = orjson.Fragment(text)
        return known


def _compact(text: bytes) -> bytes:
    """A copy for keeping: without the room behind it that orjson leaves, 4 KB for the shortest text."""
    return bytes(memoryview(text))


_PLAIN: Final = ("user_id", "told_anonymously", "account_id", "position", "slots")
_plain_of: Final = attrgetter(*_PLAIN)
_STEPS: Final = telling_news(StepProgress)
_ANSWERS: Final = telling_news(Answer)
_PACKERS: Final[Mapping[type[Any], Packer]] = {
    Session: telling_news(Session),
    JourneyProgress: telling_news(JourneyProgress, {"steps": _STEPS}),
    GuideHistory: telling_news(GuideHistory, {"answers": _ANSWERS}),
}


def packed(value: Any) -> Any:
    """A value as JSON; of our own parts, the members that differ from their default."""
    pack = _PACKERS.get(type(value))
    return value if pack is None else pack(value)


def _unpacked_state(data: dict[str, Any]) -> UserState:
    position, session = data.get("position"), data.get("session")
    parts: dict[str, Any] = {
        "position": None if position is None else (position[0], position[1]),
        "session": None if session is None else Session(**session),
        "journeys": {name: _unpacked_journey(each) for name, each in data.get("journeys", {}).items()},
        "guides": {name: _unpacked_guide(each) for name, each in data.get("guides", {}).items()},
    }
    return UserState(**{**data, **parts})


def _unpacked_journey(data: dict[str, Any]) -> JourneyProgress:
    steps = {name: StepProgress(**each) for name, each in data.get("steps", {}).items()}
    return JourneyProgress(**{**data, "steps": steps})


def _unpacked_guide(data: dict[str, Any]) -> GuideHistory:
    answers = {name: Answer(**each) for name, each in data.get("answers", {}).items()}
    return GuideHistory(**{**data, "answers": answers})
