"""States that a piece of the gallery comes into by what a user does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Act = Callable[[Any, Any], None]
"""What is done on a page with the guide that it shows."""


def _press(selector: str) -> Act:
    return lambda _page, guide: guide.locator(selector).first.click()


def _thanks(page: Any, guide: Any) -> None:
    guide.get_by_role("radio").first.click()
    guide.locator(".thanks").wait_for()


def _wrong_address(page: Any, guide: Any) -> None:
    guide.get_by_role("textbox").fill("nobody")
    guide.locator(".primary").click()
    guide.locator(".wrong").wait_for()


def _second_step(page: Any, guide: Any) -> None:
    guide.locator(".steps .primary").click()
    guide.locator(".steps .count", has_text="2").wait_for()


def _full_choices(page: Any, guide: Any) -> None:
    for place in (0, 1):
        guide.get_by_role("checkbox").nth(place).click()


STATES: Final[Mapping[str, tuple[str, Act]]] = {
    "the card of a hotspot": ("hotspot", _press(".mark")),
    "a checklist folded away": ("checklist", _press(".fold")),
    "an open launcher": ("feedback", _press(".launcher")),
    "pointing at an element": (
        "feedback",
        lambda page, guide: (_press(".launcher")(page, guide), _press(".about button:last-child")(page, guide)),  # type: ignore[func-returns-value]
    ),
    "thanks": ("ask-effort", _thanks),
    "an answer of one's own": ("ask-choice", _press(".option:last-of-type")),
    "an address that is none": ("ask-email", _wrong_address),
    "as many choices as allowed": ("ask-choices", _full_choices),
    "the second step of a tour": ("tour", _second_step),
}
"""States that a piece comes into by what a user does, each with the piece and the act."""
