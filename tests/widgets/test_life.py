"""What the host page hears of the life of guides, held against what the package's types promise."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.widgets.browser import WIDGETS, decision, example, opened, shown, survey_of
from tests.widgets.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

TYPES = (WIDGETS / "packages" / "js" / "src" / "types.ts").read_text()
LIFE = re.search(r"export interface LifeEvents \{\n(.*?)\n\}", TYPES, re.DOTALL)[1]  # type: ignore[index]
PROMISED: dict[str, dict[str, bool]] = {
    name: {key: not optional for key, optional in re.findall(r"(\w+)(\??):", re.sub(r"/\*\*.*?\*/", "", members))}
    for name, members in re.findall(r"^  (\w+): \{(.*?)\};$", LIFE, re.DOTALL | re.MULTILINE)
}
"""By event, its properties, and whether each is always there."""

LISTEN = """(names) => {
  window.hear = Object.fromEntries(names.map((name) => [name, (told) => {
    const heard = JSON.parse(localStorage.heard ?? '[]');
    localStorage.heard = JSON.stringify([...heard, [name, told]]);
  }]));
  for (const name of names) waypost.on(name, hear[name]);
}"""

SURVEY = survey_of(
    example("survey/questions/effort"),
    {**example("survey/questions/choice"), "id": "cause"},
    {**example("survey/questions/text"), "id": "detail", "optional": True},
)


def heard(page: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(name, told) for name, told in json.loads(page.evaluate("localStorage.heard ?? '[]'"))]


def begun(page: Any, server: FakeServer, content: dict[str, Any]) -> Any:
    """The card of a guide on a page that listens to everything."""
    server.answer("Asked", decision(content))
    opened(page, server)
    page.evaluate(LISTEN, [*PROMISED])
    page.evaluate("waypost.track('Asked')")


def press(page: Any, name: str) -> None:
    shown(page).get_by_role("button", name=name, exact=True).click()


def answer_two_and_skip(page: Any) -> None:
    shown(page).get_by_role("radio", name="3", exact=True).click()
    shown(page).get_by_role("radio", name=example("survey/questions/choice")["choices"][0]["text"]).click()
    press(page, "Skip")


def answer_and_go_away(page: Any) -> None:
    shown(page).get_by_role("radio", name="3", exact=True).click()
    page.get_by_role("heading", name=example("survey/questions/choice")["text"]).wait_for()
    page.goto(page.url.partition("/domains")[0] + "/elsewhere?page=bare")


LIVES = {
    "done": (example("tooltip"), lambda page: press(page, "Done"), ["clicked", "completed"]),
    "put off": (example("tooltip"), lambda page: press(page, "Later"), ["clicked", "snoozed"]),
    "sent away": (example("slideout"), lambda page: press(page, "Close"), ["dismissed"]),
    "answered": (SURVEY, answer_two_and_skip, ["started", "answered", "answered", "skipped", "completed"]),
    "left": (SURVEY, answer_and_go_away, ["started", "answered", "abandoned"]),
    "nowhere": ({**example("tooltip"), "target": {"selector": "#a["}}, lambda _page: None, ["target_missing"]),
}
"""What is shown, what the user does, and what the page hears besides that it was shown."""


@pytest.mark.parametrize("life", LIVES)
def test_the_page_hears_what_the_types_promise(page: Any, server: FakeServer, life: str) -> None:
    content, act, names = LIVES[life]
    begun(page, server, content)
    if life != "nowhere":
        server.wait_for_event("$shown")
    act(page)
    server.wait_for(lambda: len(heard(page)) >= len(names) + (life != "nowhere"))
    told = heard(page)
    assert [name for name, _ in told if name != "shown"] == names
    for name, properties in told:
        assert set(properties) <= set(PROMISED[name]), name
        assert {key for key, is_always in PROMISED[name].items() if is_always} <= set(properties), name


def test_every_event_of_the_types_is_heard_in_one_of_these_lives() -> None:
    assert {"shown", *(name for *_, names in LIVES.values() for name in names)} == set(PROMISED)


def test_who_listens_no_more_hears_no_more(page: Any, server: FakeServer) -> None:
    begun(page, server, example("slideout"))
    server.wait_for_event("$shown")
    page.evaluate("for (const name in hear) waypost.off(name, hear[name])")
    press(page, "Close")
    server.wait_for_event("$dismissed")
    assert [name for name, _ in heard(page)] == ["shown"]
