"""What the browsers of the demo's customers would have gathered for heat maps: clicks by element and scroll depths.

Added to a history that stands already, from a stream of chance of its own, so that nothing else of it changes. Pure.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from dsl.values import SECOND, Instant, JsonValue, format_instant, read_instant
from examples.demo.history import SEED, Message

_LONGEST: Final = 40
"""Seconds that a view of a page goes on after the last thing that somebody did there."""


_KEPT: Final = ("anonymousId", "userId", "context")
"""What is the same in all messages of a view."""
_AGREED: Final = 0.5
"""The share of visitors who agreed to it."""


@dataclass(frozen=True, slots=True)
class _PageKind:
    """A kind of page: how tall it is, in px, and what is clicked there, with how likely that is in a view of it."""

    ends: str
    height: int
    clicked: dict[str, float]


_PAGES: Final = (
    _PageKind("/signup", 980, {"#email": 0.9, "#signup > button": 0.85, "#signup > p": 0.04}),
    _PageKind("/domains/new", 900, {"#domain": 0.9, "#provider": 0.7, "form > button": 0.85}),
    _PageKind(
        "/dns",
        1_350,
        {"#check-dns": 0.75, "#zone-term": 0.3, "#dns-records > div > input:nth-of-type(1)": 0.5, "aside > h2": 0.12},
    ),
)


def with_heat(messages: Sequence[Message], *, seed: int = SEED) -> list[Message]:
    """The same messages with what was gathered, in the order of their time."""
    by_visitor: dict[str, list[Message]] = {}
    for message in messages:
        by_visitor.setdefault(str(message["anonymousId"]), []).append(message)
    last = max((_time(each) for each in messages), default=Instant(0))
    gathered = [each for visitor, own in by_visitor.items() for each in _gathered(visitor, own, seed, last)]
    # Stable: what has the same time stays in the order in which it was told.
    return sorted([*messages, *gathered], key=_time)


def _gathered(visitor: str, own: Sequence[Message], seed: int, last: Instant) -> Iterator[Message]:
    chance = random.Random(f"{seed}/heat/{visitor}")  # noqa: S311
    if chance.random() >= _AGREED:
        return
    views = [number for number, each in enumerate(own) if each["type"] == "page"]
    for view, following in zip(views, [*views[1:], len(own)], strict=True):
        path = str(cast("dict[str, JsonValue]", own[view]["properties"])["path"])
        kind = next((each for each in _PAGES if path.endswith(each.ends)), None)
        if kind is None:
            continue
        ended = Instant(_time(own[following - 1]) + chance.randint(1, _LONGEST) * SECOND)
        if following < len(own):
            ended = min(ended, _time(own[following]))
        told = _Teller(own[view], path, min(ended, last), f"sim-{seed}-{visitor}-heat-{view:03}")
        clicks: list[JsonValue] = [
            [selector, chance.randint(8, 92), chance.randint(15, 85)]
            for selector, likely in kind.clicked.items()
            if chance.random() < likely
            for _ in range(1 if chance.random() < 0.7 else 2)
        ]
        narrow = told.is_mobile
        sizes = (390, 760) if narrow else (1280, 720)
        height = kind.height * 2 if narrow else kind.height
        if clicks:
            yield told.message("c", "$element_clicks", clicks=clicks, width=sizes[0])
        fold = min(100, round(100 * sizes[1] / height))
        depth = min(100, max(fold // 10 * 10, chance.choices((40, 60, 80, 100), (2, 3, 3, 6))[0]))
        yield told.message(
            "d", "$scroll_depth", depth=depth, fold=fold, height=height, viewport=sizes[1], width=sizes[0]
        )


@dataclass(frozen=True, slots=True)
class _Teller:
    """Writes what was gathered in a view, as the browser of the view's message would."""

    view: Message
    path: str
    at: Instant
    id: str

    @property
    def is_mobile(self) -> bool:
        context = cast("dict[str, dict[str, JsonValue]]", self.view["context"])
        return context["device"]["type"] == "mobile"

    def message(self, mark: str, event: str, **properties: JsonValue) -> Message:
        kept: Message = {name: told for name, told in self.view.items() if name in _KEPT}
        return {
            "type": "track",
            "messageId": f"{self.id}{mark}",
            "timestamp": format_instant(self.at),
            **kept,
            "event": event,
            "properties": {"page": {"path": self.path}, **properties, "v": 1},
        }


def _time(message: Message) -> Instant:
    found = read_instant(str(message["timestamp"]))
    assert found is not None  # noqa: S101  (we wrote it)
    return found
