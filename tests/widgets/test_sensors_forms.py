"""Signs of friction in forms: given up, corrected, waited at; and what is none of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.widgets.fake_server import FakeServer
from tests.widgets.sensing import add, go, play, signals, told, told_times

pytestmark = pytest.mark.browser

FORM = """
<form id=signup onsubmit="return false">
  <label>Name <input id=name></label> <label>Mail <input id=mail type=email></label>
  <label>Plan <select id=plan><option>Free<option>Team</select></label> <label>Why <textarea id=why></textarea></label>
  <button id=send>Send</button> <button id=cancel type=button class=btn-cancel>Cancel</button>
</form>
"""

SEARCH = "<form id=f><label>Find <input id=q type=search></label><button>Go</button></form>"
KEPT_UP = {
    "sent by its button": (FORM, "click #name; type Ada; click #send"),
    "sent by Enter": (FORM, "click #name; type Ada; press Enter"),
    "tabbed through": (FORM, "click #name; press Tab; press Tab; press Tab; press Tab"),
    "filled in by a program": (
        FORM,
        "script mail.value = 'a@b.c'; script mail.dispatchEvent(new Event('input', {bubbles: true}))",
    ),
    "a search": (SEARCH, "click #q; type dns"),
    "saved as one goes": ("<form id=f><input id=a><input id=b></form>", "click #a; type on; click #b; type off"),
    "a single field outside a form": ("<div><input id=a><button type=button>Add</button></div>", "click #a; type x"),
    "saved by a button of its own": (
        "<form id=f><input id=a><button>Send</button><button id=b type=button>Save</button></form>",
        "click #a; type x; click #b",
    ),
}
"""Forms that nobody gave up."""

DIALOG = (
    "<div role=dialog id=box><input id=a><input id=b><button type=button id=save>Save</button>"
    "<button type=button id=cancel class=btn-cancel>Cancel</button></div>"
)
CLOSES = {"taken away": "box.remove()", "hidden": "box.hidden = true"}
REFUSES = "box.insertAdjacentHTML('beforeend', '<p role=alert>No.</p>')"
GIVES_UP = {"not sent": "wait 100", "refused": "click #save"}
"""What somebody does in a dialog before they leave it by its other button."""

NO_CORRECTION = {
    "only looked at": "click #name; type Ada; click #mail; type a@b.c; click #name; click #mail",
    "no other field in between": "click #name; type Ada; click h1; click #name; type !; click #mail",
    "emptied by the page": (
        "click #name; type Ada; click #mail; script document.getElementById('name').value = ''; "
        "click #name; type Bob; click #mail"
    ),
    "tabbing to and fro": "click #name; press Tab; press Tab; press Tab; press Shift+Tab; press Shift+Tab",
}

NO_HESITATION = {
    "a pause in typing": "click #mail; type a; wait 15000; type b; press Tab",
    "thinking about a text": "click #why; wait 15000; type Because",
    "put there by the page": "script document.getElementById('mail').focus(); wait 15000; type a",
    "in another window": "click #mail; script dispatchEvent(new Event('blur')); wait 15000; type a",
    "away from the desk": "click #mail; wait 400000; type a",
    "tabbing through": "click #name; press Tab; press Tab; press Tab; press Tab; press Tab",
}


def leave(page: Any, path: str = "/else") -> None:
    """To another route, whose page takes the form away."""
    go(page, path)
    page.evaluate("document.getElementById('case')?.remove()")
    page.clock.run_for(700)
    page.wait_for_timeout(100)


class TestFormAbandoned:
    def test_it_tells_the_fields_in_their_order_and_where_it_ended(self, watched: Any, server: FakeServer) -> None:
        add(watched, FORM)
        watched.locator("#name").click()
        watched.keyboard.type("Ada Lovelace")
        watched.keyboard.press("Tab")
        watched.keyboard.type("ada@example.com")
        watched.keyboard.press("Tab")
        watched.clock.fast_forward(4000)
        leave(watched)
        found = told(server, "$form_abandoned")
        evidence = found["evidence"]
        assert (found["selector"], found["page"]) == ("#signup", {"path": "/domains/verify"})
        assert [field["selector"] for field in evidence["fields"]] == ["#name", "#mail", "#plan"]
        assert [field["changes"] for field in evidence["fields"]] == [1, 1, 0]
        assert ([field["place"] for field in evidence["fields"]], evidence["places"]) == ([1, 2, 3], 4)
        assert (evidence["entered"], evidence["changed"], evidence["last"]) == (3, 2, "#plan")
        assert (evidence["submits"], evidence["errors"], evidence["form"]) == (0, 0, True)
        assert evidence["spent_ms"] >= 4000
        assert evidence["fields"][2]["spent_ms"] >= 4000
        assert "Ada" not in json.dumps(found)
        assert "example.com" not in json.dumps(found)

    def test_one_that_was_refused_and_then_left_too(self, watched: Any, server: FakeServer) -> None:
        add(
            watched,
            FORM,
            "signup.addEventListener('submit', () => signup.insertAdjacentHTML('beforeend', '<p role=alert>No.</p>'))",
        )
        watched.locator("#name").click()
        watched.keyboard.type("Ada")
        watched.locator("#send").click()
        watched.clock.run_for(400)
        leave(watched)
        evidence = told(server, "$form_abandoned")["evidence"]
        assert (evidence["submits"], evidence["errors"]) == (1, 1)

    def test_with_the_page_itself_by_cancel_and_without_a_form(self, watched: Any, server: FakeServer) -> None:
        add(watched, FORM)
        watched.locator("#name").click()
        watched.keyboard.type("Ada")
        watched.locator("#cancel").click()
        watched.goto(server.page + "/elsewhere?page=bare")
        assert told(server, "$form_abandoned")["evidence"]["last"] == "#name"

    def test_in_a_shadow_root(self, watched: Any, server: FakeServer) -> None:
        html = "<form id=inner><input id=first><button>Send</button></form>"
        add(
            watched,
            "<x-form></x-form>",
            f"document.querySelector('x-form').attachShadow({{mode: 'open'}}).innerHTML = '{html}'",
        )
        watched.locator("#first").click()
        watched.keyboard.type("Ada")
        leave(watched)
        assert told(server, "$form_abandoned")["selector"] == "#inner"

    def test_a_dialog_that_was_saved_and_closed_is_sent_however_long_the_user_stays(
        self, watched: Any, server: FakeServer
    ) -> None:
        for what, closes in CLOSES.items():
            add(watched, DIALOG, f"save.onclick = () => setTimeout(() => {{ {closes} }}, 300)")
            play(watched, "click #a; type x; click #b; type y; click #save")
            watched.clock.run_for(1500)
            watched.clock.fast_forward(60_000)
            leave(watched)
            assert "$form_abandoned" not in signals(server), what
            go(watched, "/domains/verify")

    def test_a_dialog_that_was_cancelled_or_could_not_be_saved_is_given_up(
        self, watched: Any, server: FakeServer
    ) -> None:
        for count, (what, act) in enumerate(GIVES_UP.items(), 1):
            add(watched, DIALOG, f"save.onclick = () => {{ {REFUSES} }}; cancel.onclick = () => box.remove()")
            play(watched, f"click #a; type x; click #b; type y; {act}")
            watched.clock.run_for(1500)
            play(watched, "click #cancel")
            watched.clock.run_for(1500)
            watched.clock.fast_forward(60_000)
            leave(watched)
            told_times(server, "$form_abandoned", count)
            assert [name for name in signals(server) if name == "$form_abandoned"] == ["$form_abandoned"] * count, what
            go(watched, "/domains/verify")

    def test_one_that_goes_on_on_the_next_route_is_told_once_it_is_gone(self, watched: Any, server: FakeServer) -> None:
        add(watched, FORM)
        play(watched, "click #name; type Ada; click #mail")
        go(watched, "/second-step")
        watched.clock.run_for(700)
        watched.wait_for_timeout(100)
        assert signals(server) == []
        leave(watched)
        assert told(server, "$form_abandoned")["page"] == {"path": "/domains/verify"}

    def test_what_was_not_given_up_is_not_told(self, watched: Any, server: FakeServer) -> None:
        for what, (html, act) in KEPT_UP.items():
            add(watched, html, "document.querySelector('form')?.addEventListener('submit', (e) => e.preventDefault())")
            play(watched, act)
            leave(watched)
            assert "$form_abandoned" not in signals(server), what
            go(watched, "/domains/verify")


class TestFieldReentered:
    def test_a_field_that_is_changed_again_after_another_one(self, watched: Any, server: FakeServer) -> None:
        add(watched, FORM)
        play(watched, "click #name; type Ada; click #mail; type a@b.c; wait 3000; click #name; type !; click #mail")
        found = told(server, "$field_reentered")
        assert (found["selector"], found["evidence"]["entries"]) == ("#name", 2)
        assert found["evidence"]["away_ms"] >= 3000

    def test_what_is_no_correction_is_not_told(self, watched: Any, server: FakeServer) -> None:
        for what, act in NO_CORRECTION.items():
            add(watched, FORM)
            play(watched, act)
            watched.wait_for_timeout(100)
            assert signals(server) == [], what
            watched.evaluate("document.getElementById('case').remove()")


class TestHesitation:
    def test_a_long_time_before_the_first_letter(self, watched: Any, server: FakeServer) -> None:
        add(watched, FORM)
        play(watched, "click #mail; wait 12000; type a")
        found = told(server, "$hesitation")
        assert found["selector"] == "#mail"
        assert found["evidence"]["waited_ms"] >= 12_000
        assert (found["evidence"]["filled"], found["evidence"]["long_text"]) == (True, False)

    def test_a_long_time_and_then_nothing(self, watched: Any, server: FakeServer) -> None:
        add(watched, FORM)
        play(watched, "click #mail; wait 12000; press Tab")
        assert told(server, "$hesitation")["evidence"]["filled"] is False

    def test_what_is_no_hesitation_is_not_told(self, watched: Any, server: FakeServer) -> None:
        for what, act in NO_HESITATION.items():
            add(watched, FORM)
            play(watched, act)
            watched.wait_for_timeout(100)
            assert "$hesitation" not in signals(server), what
            watched.evaluate("document.getElementById('case').remove()")
