"""JupyterLab with our line in its page: notebooks run, shortcuts are its own, and nothing moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.widgets.browser import Complaints, decision, example, survey_of
from tests.widgets.fake_server import FakeServer, name_of
from tests.widgets.jupyterlab import installed, running
from tests.widgets.test_host_applications import Look, at_rest, in_the_end

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 90_000

LOOK = """() => ({
  panels: [...document.querySelectorAll('#jp-top-panel, #jp-main-dock-panel, #jp-left-stack, .jp-Notebook, .jp-Cell')]
    .map((each) => {
      const { left, top, width, height } = each.getBoundingClientRect();
      const names = each.className.split(' ').filter((name) => name.startsWith('jp-')).slice(0, 2);
      return [...names, left, top, width, height].map((part) => Math.round(part) || part).join();
    }),
  focus: document.activeElement.closest('.jp-Cell, .jp-Notebook, .lm-CommandPalette, .jp-Dialog')?.classList[0],
  mode: document.querySelector('.jp-Notebook')?.classList.contains('jp-mod-editMode'),
})"""


def use(page: Any) -> Iterator[tuple[str, Look]]:
    """What its users do, and how to see what came of it."""
    page.locator(".jp-LauncherCard[data-category=Notebook]").first.click()
    cells = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
    drawn: Look = partial(page.evaluate, LOOK)
    with_cells: Look = lambda: [drawn(), cells.count()]  # noqa: E731
    cells.first.wait_for()
    # What is run before the kernel has answered for the first time may be lost.
    page.locator("#jp-main-statusbar").get_by_text("Idle").wait_for()
    editor = page.locator(".jp-Notebook .cm-content").first
    editor.click()
    page.locator(".jp-Notebook .cm-content:focus").wait_for()
    editor.press_sequentially("print(6 * 7)")
    page.locator(".jp-Notebook .cm-line", has_text="print(6 * 7)").wait_for()
    yield "written", drawn
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-OutputArea-output", has_text="42").wait_for()
    yield "run", with_cells
    yield "printed", page.locator(".jp-OutputArea-output").all_inner_texts
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    yield "a cell above, by its shortcut", with_cells
    page.keyboard.press("d")
    page.keyboard.press("d")
    yield "and gone, by its shortcut", with_cells
    page.keyboard.press("Control+Shift+c")
    page.locator(".lm-CommandPalette-input").wait_for()
    page.keyboard.type("Toggle All Line Numbers")
    yield "the palette", lambda: drawn()["focus"]
    page.keyboard.press("Escape")
    page.get_by_role("menuitem", name="File", exact=True).click()
    yield "a menu", lambda: page.locator(".lm-Menu-itemLabel").all_inner_texts()[:8]
    page.keyboard.press("Escape")
    yield "at the end", lambda: [drawn()["panels"], cells.count()]


def used(page: Any, alone: dict[str, Any]) -> dict[str, Any]:
    return {name: in_the_end(page, look, alone[name]) for name, look in use(page)}


@dataclass
class Lab:
    """A tab with JupyterLab in it."""

    page: Any
    complaints: Complaints


def opened(chromium: Any, address: str) -> Lab:
    page = chromium.new_page(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE_MS)
    complaints = Complaints()
    page.on("pageerror", lambda error: complaints.uncaught.append(str(error)))
    page.on("console", lambda said: said.type == "error" and complaints.console.append(said.text))
    page.goto(f"{address}?reset")
    page.locator(".jp-LauncherCard").first.wait_for()
    return Lab(page, complaints)


@pytest.fixture(scope="module")
def python(request: pytest.FixtureRequest) -> Path:
    return installed(request)


@pytest.fixture(scope="module")
def alone(chromium: Any, python: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Complaints]:
    """What it does without us, and what it complains of by itself."""
    with running(python, tmp_path_factory.mktemp("alone"), line="") as address:
        lab = opened(chromium, address)
        found = {name: at_rest(lab.page, look) for name, look in use(lab.page)}
        lab.page.close()
    return found, lab.complaints


@pytest.fixture(scope="module")
def waypost() -> Iterator[FakeServer]:
    server = FakeServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def address(python: Path, tmp_path_factory: pytest.TempPathFactory, waypost: FakeServer) -> Iterator[str]:
    """A JupyterLab with our line in its page."""
    line = f'<script async src="{waypost.sdk}/sdk/waypost.js" data-key="{waypost.key}"></script>'
    with running(python, tmp_path_factory.mktemp("with"), line=line) as found:
        yield found


def complains_no_more(lab: Lab, alone: Complaints) -> None:
    assert set(lab.complaints.uncaught) <= set(alone.uncaught)
    assert set(lab.complaints.of_code) <= set(alone.of_code)
    assert lab.page.evaluate("waypost.debug(false).faults") == []


def test_with_nothing_to_show_it_does_what_it_does_alone(
    chromium: Any, address: str, waypost: FakeServer, alone: tuple[dict[str, Any], Complaints]
) -> None:
    lab = opened(chromium, address)
    assert lab.page.evaluate("waypost.loaded")
    assert used(lab.page, alone[0]) == alone[0]
    assert lab.page.locator("waypost-guide").count() == 0
    complains_no_more(lab, alone[1])
    assert "$page" in [name_of(message) for message in waypost.messages]
    lab.page.close()


def test_with_a_survey_in_the_corner_too_and_what_is_typed_there_is_no_shortcut(
    chromium: Any, address: str, waypost: FakeServer, alone: tuple[dict[str, Any], Complaints]
) -> None:
    question = {**example("survey/questions/text"), "id": "said"}
    waypost.decides = lambda message: [decision(survey_of(question))] if name_of(message) == "Asked" else []
    lab = opened(chromium, address)
    lab.page.evaluate("waypost.track('Asked')")
    card = lab.page.locator("waypost-guide .card")
    card.wait_for()
    assert used(lab.page, alone[0]) == alone[0]
    # In its command mode, where single letters add and delete cells.
    lab.page.locator(".jp-Notebook .jp-InputPrompt").first.click()
    cells = lab.page.locator(".jp-Notebook .jp-Cell").count()
    field = card.get_by_role("textbox")
    field.click()
    lab.page.keyboard.type("add dd: bb aa")
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert field.input_value() == "add dd: bb aa"
    card.get_by_role("button", name="Send").click()
    waypost.wait_for_event("$completed")
    complains_no_more(lab, alone[1])
    lab.page.close()


def test_a_card_stands_beside_a_button_of_its_toolbar_and_its_dialogs_go_before(
    chromium: Any, address: str, waypost: FakeServer, alone: tuple[dict[str, Any], Complaints]
) -> None:
    content = {**example("tooltip"), "target": {"selector": "#jp-MainMenu"}}
    waypost.decides = lambda message: [decision(content, guide="beside")] if name_of(message) == "Beside" else []
    lab = opened(chromium, address)
    lab.page.keyboard.press("Control+Shift+c")
    lab.page.locator(".lm-CommandPalette-input").wait_for()
    lab.page.keyboard.press("Escape")
    lab.page.evaluate("waypost.track('Beside')")
    card = lab.page.locator("waypost-guide .card")
    card.wait_for()
    menu = lab.page.locator("#jp-MainMenu").bounding_box()
    below = menu["y"] + menu["height"]
    assert in_the_end(lab.page, lambda: below <= card.bounding_box()["y"] < below + 40, True)
    card.get_by_role("button", name="Done").click()
    card.wait_for(state="detached")
    complains_no_more(lab, alone[1])
    lab.page.close()
