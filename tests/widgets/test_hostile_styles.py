"""Pages whose style sheets want to reach everything: none of it reaches our cards, and nothing of ours reaches them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown, survey_of
from tests.widgets.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

PAUSE_MS = 300
PATIENCE = 100
"""So often it is looked at a card before it is believed to stay as it is: it is there before it is placed, and before
it has said what it says to those who hear it."""

# Whether a page is light or dark, our cards follow on purpose.
HOSTILE_STYLES = {
    "everything unset": "* { all: unset !important }",
    "nothing is displayed": "html > *, body *, *::before, button, dialog, [popover] { display: none !important }",
    "nothing is seen": "html > *, waypost-guide { visibility: hidden !important; opacity: 0 !important; "
    "clip-path: inset(50%) !important; content-visibility: hidden !important; filter: brightness(0) !important }",
    "everything turns": "* { transform: rotate(20deg) scale(.4) !important; perspective: 9px; will-change: transform "
    "!important; contain: strict !important; rotate: 30deg !important }",
    "everything large": "* { font: 60px/3 cursive !important; letter-spacing: 1em !important; "
    "text-transform: uppercase !important; text-align: right !important; "
    "word-spacing: 3em !important; padding: 40px !important }",
    "everything small": "* { max-width: 30px !important; max-height: 9px !important; overflow: hidden !important; "
    "width: 1px !important; height: 1px !important; position: static !important; float: left !important }",
    "nothing is pressed": "* { pointer-events: none !important; user-select: none !important; cursor: none !important; "
    "touch-action: none !important }",
    "everything written down": "html { writing-mode: vertical-rl; direction: rtl; unicode-bidi: bidi-override; "
    "text-orientation: upright; quotes: none; hyphens: none }",
    "everything moves": "* { transition: all 9s !important; animation: fly 1s infinite !important } "
    "@keyframes fly { from { translate: 900px 900px; opacity: 0 } }",
    "names of ours": ".card, .root, .layer, .button, .inner, .title, .words { display: none !important } "
    "waypost-guide::part(card) { display: none } :root { --accent: red; --ink: red; --surface: red; --font: cursive; "
    "--line: red; --radius: 90px }",
    "in the way of dialogs": "dialog, [popover], :modal, :popover-open { display: none !important; inset: 900px "
    "!important } ::backdrop { display: none !important; background: red !important }",
}

LOOKS = """() => {
  // The font is the page's on purpose; where something stands is compared by itself, but for what nobody sees.
  const OWN = /^(font-family|-webkit-locale|perspective-origin|transform-origin)$/;
  const all = [...document.querySelector('waypost-guide').shadowRoot.querySelectorAll('.root *:not(.unseen)')];
  return all.map((each) => {
    const style = getComputedStyle(each);
    const { left, top, width, height } = each.getBoundingClientRect();
    const box = [left, top, width, height].map(Math.round).join();
    const values = [...style].filter((name) => !OWN.test(name) && !name.startsWith('--'));
    const written = values.map((name) => name + ': ' + style.getPropertyValue(name));
    return [each.localName + '.' + each.className, box, ...written];
  });
}"""


def looks(page: Any, tame: Any) -> Any:
    """How a card looks as soon as it looks as on a tame page; else in the end."""
    for _ in range(PATIENCE):
        if (found := page.evaluate(LOOKS)) == tame:
            break
        page.wait_for_timeout(PAUSE_MS)
    return found


class TestHostileStyles:
    @pytest.mark.parametrize("widget", ["slideout", "modal", "survey"])
    def test_every_property_of_every_element_is_what_it_is_on_a_tame_page(
        self, page: Any, server: FakeServer, widget: str
    ) -> None:
        server.answer("$page", decision(example(widget)))
        style = 'body { font-family: "Liberation Sans" !important }'
        server.body = "<!doctype html><html lang=en><style>STYLE</style><title>Page</title><!-- head --><p>Text</p>"
        page_without = server.body
        server.body = page_without.replace("STYLE", style)
        opened(page, server)
        shown(page)
        # Told a second after it came into view, when it has long been at rest.
        server.wait_for_event("$shown")
        tame = page.evaluate(LOOKS)
        assert len(tame) > 4
        for name, hostile in HOSTILE_STYLES.items():
            server.body = page_without.replace("STYLE", f"{hostile}\n{style}")
            opened(page, server)
            page.wait_for_function("() => document.querySelector('waypost-guide')?.shadowRoot.querySelector('.card')")
            found = looks(page, tame)
            differs = [
                (was[0], sorted(set(now) - set(was))[:5]) for was, now in zip(tame, found, strict=True) if was != now
            ]
            assert differs == [], name

    @pytest.mark.parametrize("name", HOSTILE_STYLES)
    def test_it_is_used_as_on_any_other_page(self, page: Any, server: FakeServer, name: str) -> None:
        server.body = f"<!doctype html><html lang=en><style>{HOSTILE_STYLES[name]}</style><title>Page</title>"
        server.body += "<!-- head --><p>Text</p>"
        server.answer("$page", decision(survey_of(example("survey/questions/effort"))))
        opened(page, server)
        shown(page).get_by_role("radio", name="2", exact=True).click()
        assert server.wait_for_event("$answered")["value"] == 2

    def test_a_page_without_any_style_of_ours_keeps_its_own(self, page: Any, server: FakeServer) -> None:
        looks = "() => [...document.querySelectorAll('body, body *')].map((each) => {"
        looks += "const style = getComputedStyle(each);"
        looks += " return [...style].map((name) => style.getPropertyValue(name)).join() })"
        server.answer("Asked", decision(example("modal")))
        opened(page, server)
        before = page.evaluate(looks)
        page.evaluate("waypost.track('Asked')")
        shown(page).get_by_role("button", name="Close").click()
        page.locator("waypost-guide").wait_for(state="detached")
        assert page.evaluate(looks) == before
