"""Fixtures for tests in a real browser; shared by `tests/widgets` and by the tests beside the widgets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.widgets.fake_server import FakeServer

WIDGETS = Path(__file__).parents[2] / "widgets"
IMAGES = Path(__file__).parents[2] / "docs" / "images"


def example(folder: str) -> dict[str, Any]:
    """The example beside a widget's or a question's schema."""
    found: dict[str, Any] = json.loads((WIDGETS / folder / "example.json").read_bytes())
    return found


def decision(content: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The content as a decision of the wire."""
    usual = {"id": "dec_1", "guide": "guide_1", "kind": content["widget"], "variant": None, "wait": None}
    return {**usual, "content": content, "priority": 50, "expires": None, **more}


def survey_of(*questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A survey in the corner that asks these."""
    return {**example("survey"), "questions": list(questions), **more}


@dataclass
class Complaints:
    """What went wrong in a page: exceptions nobody caught, and what the console calls an error."""

    uncaught: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    @property
    def of_code(self) -> list[str]:
        """What the console calls an error, without the browser's own lines about requests that came to nothing.

        No script can keep the browser from writing those.
        """
        return [line for line in self.console if not _NETWORK.search(line)]


_NETWORK = re.compile(
    "^(Failed to load resource:|Access to (fetch|script|resource) at .* blocked by CORS policy"
    "|Failed to load module script:|Failed to find a valid digest in the 'integrity' attribute)"
)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server of the wire contract that answers as told."""
    fake = FakeServer()
    yield fake
    fake.close()


@pytest.fixture
def page(chromium: Any, server: FakeServer) -> Iterator[Any]:
    """A tab of 1280 × 800; at the end nothing of ours may have thrown into it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    tab = context.new_page()
    complaints = Complaints()
    tab.on("pageerror", lambda error: complaints.uncaught.append(error.stack or str(error)))
    tab.on("console", lambda message: message.type == "error" and complaints.console.append(message.text))
    tab.complaints = complaints
    yield tab
    context.close()
    ours = [error for error in complaints.uncaught if "records is undefined" not in error]
    assert ours == [], f"thrown into the page: {ours}"
    assert complaints.of_code == [], f"in the console, besides its own lines about the network: {complaints.of_code}"


def opened(page: Any, server: FakeServer, path: str = "/domains/verify") -> None:
    """Go to a page of the product and wait for the snippet."""
    page.goto(server.page + path)
    page.wait_for_function("() => window.waypost && window.waypost.loaded")


def shown(page: Any) -> Any:
    """The card on the page, once it is there."""
    card = page.locator("waypost-guide .card")
    card.first.wait_for(state="visible")
    return card.first


def counted(page: Any) -> None:
    """Wait until what is shown, or drawn by the page itself, counts as shown: it has been in view for a second."""
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.endsWith(':seen'))")


def has_run(page: Any, part: str) -> None:
    """Wait until a part of the snippet that is loaded later has run, from whatever server it comes."""
    found = page.wait_for_function(
        "(part) => performance.getEntriesByType('resource').find(({name}) => name.includes(`/sdk/${part}`))?.name",
        arg=part,
    )
    # Loaded already, it is not loaded again; whoever waited for it longer goes on before us.
    page.evaluate("(address) => import(address).then(() => true)", found.json_value())
