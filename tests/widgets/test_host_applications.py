"""Applications that we did not write, with our line in their page: they do what they do without it.

Swagger UI is the one that is vendored for the documentation of the HTTP interface; JupyterLab is in `test_jupyterlab`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from api.routes import docs
from tests.widgets.browser import Complaints, decision, example, shown
from tests.widgets.fake_server import FakeServer, name_of

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "A library", "version": "1"},
    "paths": {
        "/books/{id}": {
            "get": {
                "tags": ["books"],
                "operationId": "one_book",
                "summary": "One book",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "The book"}},
                "security": [{"token": []}],
            }
        },
        "/loans": {
            "post": {
                "tags": ["loans"],
                "operationId": "lend",
                "summary": "Lend a book",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Loan"}}}},
                "responses": {"404": {"description": "No such book"}},
            }
        },
    },
    "components": {
        "schemas": {"Loan": {"type": "object", "properties": {"book": {"type": "string", "example": "moby-dick"}}}},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
}

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A library</title>
<link rel="stylesheet" href="/built/swagger-ui.css"><script src="/built/swagger-ui-bundle.js"></script>
LINE
</head><body><main id="docs"></main>
<script>window.ui = SwaggerUIBundle({ spec: SPEC, dom_id: "#docs", deepLinking: true, validatorUrl: null, filter: true,
  tryItOutEnabled: false })</script></body></html>"""

LOOK = """() => ({
  boxes: [...document.querySelectorAll('#docs *')].map((each) => {
    const { left, top, width, height } = each.getBoundingClientRect();
    return each.localName + '.' + each.className + ' ' + [left, top, width, height].map(Math.round).join();
  }),
  focus: document.activeElement.localName + '.' + document.activeElement.className,
  scrolled: Math.round(scrollY),
})"""


Look = Callable[[], Any]

PAUSE_MS = 250
AT_REST = 5
"""As often as it looks the same in a row when it is at rest; parts of it unfold by animation."""
PATIENCE = 80
"""So often something is looked at before it is believed to stay another thing."""


def at_rest(page: Any, look: Look) -> Any:
    """What is seen again and again; a busy machine may pause, so once is not enough."""
    seen: list[Any] = []
    for _ in range(PATIENCE):
        seen.append(look())
        if len(seen) >= AT_REST and all(each == seen[-1] for each in seen[-AT_REST:]):
            return seen[-1]
        page.wait_for_timeout(PAUSE_MS)
    raise AssertionError("it does not come to rest")


def in_the_end(page: Any, look: Look, wanted: Any) -> Any:
    """What is seen as soon as it is what is wanted; else what is seen last."""
    for _ in range(PATIENCE):
        if (found := look()) == wanted:
            return found
        page.wait_for_timeout(PAUSE_MS)
    return found


SUMMARY = ".opblock-summary-description"


def _fold(page: Any, operation: str) -> None:
    """Unfold an operation, or fold it again."""
    page.locator(SUMMARY, has_text=operation).click()


def use(page: Any) -> Iterator[tuple[str, Look]]:
    """What its users do, and how to see what came of it."""
    drawn: Look = partial(page.evaluate, LOOK)
    page.locator(SUMMARY, has_text="One book").wait_for()
    yield "opened", drawn
    page.get_by_placeholder("Filter by tag").fill("loans")
    yield "filtered", page.locator(SUMMARY).all_inner_texts
    page.get_by_placeholder("Filter by tag").fill("")
    page.get_by_role("button", name="Authorize", exact=True).click()
    dialog = page.locator(".dialog-ux")
    dialog.get_by_label("auth-bearer-value").fill("secret")
    dialog.get_by_role("button", name="Apply credentials").click()
    yield "authorised", dialog.inner_text
    dialog.get_by_role("button", name="Close", exact=True).click()
    _fold(page, "One book")
    operation = page.locator(".opblock-get")
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("id").fill("moby-dick")
    yield "filled in", drawn
    page.keyboard.press("Tab")
    yield "one on", lambda: drawn()["focus"]
    operation.get_by_role("button", name="Execute").click()
    operation.locator(".live-responses-table .response-col_status").first.wait_for()
    yield "executed", operation.locator(".request-url, .curl").first.inner_text
    yield "answered", operation.locator(".live-responses-table tbody .response-col_status").first.inner_text
    _fold(page, "Lend a book")
    page.locator(".opblock-post").get_by_role("tab", name="Schema").first.click()
    yield "the schema", page.locator(".opblock-post .model-example").inner_text
    _fold(page, "Lend a book")
    _fold(page, "One book")
    yield "folded", drawn
    yield "the address", partial(page.evaluate, "location.hash")


def opened(page: Any, server: FakeServer, *, line: bool) -> None:
    tag = f'<script async src="{server.sdk}/sdk/waypost.js" data-key="{server.key}"></script>'
    server.built = docs.FOLDER / "vendor"
    server.body = PAGE.replace("LINE", tag if line else "").replace("SPEC", json.dumps(SPEC))
    page.goto(server.page + "/library")
    if line:
        page.wait_for_function("() => window.waypost?.loaded")


@pytest.fixture(scope="module")
def alone(chromium: Any) -> dict[str, Any]:
    """What it does without us."""
    server = FakeServer()
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    complaints = Complaints()
    page.on("pageerror", lambda error: complaints.uncaught.append(str(error)))
    opened(page, server, line=False)
    found = {name: at_rest(page, nowhere(server, look)) for name, look in use(page)}
    page.close()
    server.close()
    assert complaints.uncaught == []
    return found


def nowhere(server: FakeServer, look: Look) -> Look:
    """The same look without the address of the server, which is another one each time."""
    return lambda: str(look()).replace(server.page, "")


def used(page: Any, server: FakeServer, alone: dict[str, Any]) -> dict[str, Any]:
    return {name: in_the_end(page, nowhere(server, look), alone[name]) for name, look in use(page)}


class TestSwaggerUi:
    def test_with_nothing_to_show_it_does_what_it_does_alone(
        self, page: Any, server: FakeServer, alone: dict[str, Any]
    ) -> None:
        opened(page, server, line=True)
        assert used(page, server, alone) == alone
        assert page.complaints.console == []
        assert page.evaluate("waypost.debug(false).faults") == []

    @pytest.mark.parametrize("widget", ["slideout", "survey", "checklist"])
    def test_with_a_card_in_the_corner_too(
        self, page: Any, server: FakeServer, alone: dict[str, Any], widget: str
    ) -> None:
        server.answer("$page", decision(example(widget)))
        opened(page, server, line=True)
        shown(page)
        assert used(page, server, alone) == alone
        shown(page).get_by_role("button", name="Close").or_(page.get_by_role("button", name="Fold away")).first.click()

    def test_a_card_stands_beside_what_it_draws_later_and_follows_it(self, page: Any, server: FakeServer) -> None:
        content = {**example("tooltip"), "target": {"selector": ".opblock-get .try-out__btn"}}
        server.answer("Asked", decision(content))
        opened(page, server, line=True)
        page.locator(SUMMARY, has_text="One book").wait_for()
        page.evaluate("waypost.track('Asked')")
        page.wait_for_timeout(300)
        assert page.locator("waypost-guide").count() == 0
        _fold(page, "One book")
        card, target = shown(page), page.locator(".try-out__btn")

        def is_beside() -> bool:
            one, other = card.bounding_box(), target.bounding_box()
            below, above = one["y"] - other["y"] - other["height"], one["y"] + one["height"] - other["y"]
            return min(abs(below), abs(above)) < 30

        # It unfolds by an animation, and its card follows it.
        assert in_the_end(page, is_beside, True)
        _fold(page, "One book")
        page.locator("waypost-guide .card").wait_for(state="detached")
        assert server.wait_for_event("$target_missing")["reason"] == "removed"

    def test_using_it_is_no_sign_of_friction(self, page: Any, server: FakeServer) -> None:
        opened(page, server, line=True)
        for _, look in use(page):
            look()
        page.wait_for_timeout(2_800)
        sent = [name_of(message) for message in server.messages]
        # The routes of its own are page views; none of what was done looks like trouble.
        assert set(sent) <= {"$page"}
