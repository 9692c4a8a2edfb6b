"""Nothing of what a page says leaves the browser in a recording, and what a page reveals leaves no secret either."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.widgets.browser import WIDGETS, opened
from tests.widgets.fake_server import FakeServer
from tests.widgets.planted import HAPPENS, LATER, STANDING, traces
from tests.widgets.planted import page as planted_page
from tests.widgets.recording import begin, look, takes_no_time, until

SECRETS = {**STANDING, **{f"later: {name}": secret for name, secret in LATER.items()}}
RECORDER = WIDGETS / "node_modules" / "@rrweb" / "record" / "dist" / "record.umd.min.cjs"


def sent(server: FakeServer) -> bytes:
    """Every byte of the recordings, as it came and unpacked."""
    unpacked = [gzip.decompress(body) for body in server.replay_bodies]
    return b"\n".join([*server.replay_bodies, *unpacked, json.dumps(server.replays, ensure_ascii=False).encode()])


def happen(page: Any) -> None:
    """All that comes to the page later, by scripts and by hand."""
    page.evaluate(HAPPENS, LATER)
    for field, how in (
        ("typed", "typed into a field"),
        ("password", "typed password"),
        ("shown", "typed password that is shown"),
        ("card", "typed card"),
        ("code", "typed one-time code"),
        ("area", "typed into a textarea"),
        ("editable", "typed into contenteditable"),
    ):
        page.focus(f"#{field}")
        page.keyboard.type(LATER[how])
    page.fill("#day", LATER["date chosen"])
    page.select_option("#select", LATER["chosen option"])
    page.check("#tick")
    page.evaluate("document.getElementById('shown').type = 'text'")
    page.focus("#shown")
    page.keyboard.type("!")
    name = LATER["file chosen"]
    page.set_input_files("#file", {"name": f"{name}.txt", "mimeType": "text/plain", "buffer": name.encode()})
    page.mouse.move(200, 200)
    page.mouse.wheel(0, 200)
    page.mouse.click(5, 5)


def recorded(page: Any, server: FakeServer, *, also: str = "", path: str = "/p?token=cuscus#x") -> None:
    """Visit the page with the secrets while it is recorded, until all of it was sent."""
    server.record = "sessions"
    server.body = planted_page().replace("<html lang", f"<html {also} lang")
    takes_no_time(page)
    opened(page, server, path)
    server.wait_for(lambda: any(path.startswith("/sdk/replay") for path in server.loaded))
    server.wait_for(
        lambda: page.evaluate(
            "CSSStyleSheet.prototype.insertRule.toString().includes('native') && "
            "Object.hasOwn(document, 'adoptedStyleSheets')"
        )
    )
    happen(page)
    page.wait_for_timeout(300)
    server.record = "off"
    page.evaluate("waypost.track('The end')")
    server.wait_for(lambda: any(chunk["last"] for chunk in server.replays))


def events(server: FakeServer) -> list[dict[str, Any]]:
    chunks = sorted(server.replays, key=lambda chunk: chunk["chunk"])
    return [event for chunk in chunks for event in chunk["events"]]


@pytest.mark.browser
@pytest.mark.thorough
def test_no_secret_of_a_page_is_found_in_what_is_sent(page: Any, server: FakeServer) -> None:
    recorded(page, server)
    page.complaints.uncaught.clear()
    assert len(STANDING) > 50
    assert traces(sent(server), SECRETS) == []

    told = events(server)
    kinds = {event["type"] for event in told}
    sources = {event["data"]["source"] for event in told if event["type"] == 3}
    assert kinds - {5} == {2, 3, 4}
    assert sources >= {0, 1, 2, 5, 8, 13, 15}, "it is a recording all the same"
    text = json.dumps(told)
    assert "rgb(1, 2, 3)" in text, "the page's own look"
    assert "rgb(4, 5, 6)" in text, "also from a sheet that it links to"
    assert "xxxxxx-xxxx-xx" not in text
    assert "xxxxxxxxxxxxxx " in text, "text is as long as it was"
    assert server.replays[0]["page"] == f"{server.page}/p"
    assert any(chunk["page"] == f"{server.page}/reset/*" for chunk in server.replays)


@pytest.mark.browser
@pytest.mark.thorough
def test_what_a_page_reveals_is_seen_but_for_what_nobody_may_see(page: Any, server: FakeServer) -> None:
    recorded(page, server, also='data-waypost-reveal=""')
    page.complaints.uncaught.clear()
    text = sent(server)
    found = set(traces(text, SECRETS))
    assert {"text", "text in bold", "svg text", "summary", "later: text inserted", "placeholder"} <= found
    assert found - VISIBLE == set(), "what cannot be seen on the page, what is typed, and what looks like a secret"


VISIBLE = {
    "text",
    "text in bold",
    "svg text",
    "svg use",
    "summary",
    "dialog",
    "popover",
    "ruby",
    "mathml",
    "slot",
    "shadow text",
    "placeholder",
    "button value",
    "option",
    "optgroup",
    "option label",
    "output",
    "later: text inserted",
    "later: text changed",
    "later: element inserted",
    "later: placeholder changed",
    "later: chosen option",
    "later: shadow root attached",
    "later: shadow text changed",
    "later: custom element defined",
    "later: svg inserted",
    "later: option inserted",
    "later: moved",
    "later: selected text",
    "later: textarea text node",
}
"""What may be found where a page reveals everything: words that can be read on it and that look like no secret.

And of a revealed drawing the name of a part that it uses.
"""


@pytest.mark.browser
@pytest.mark.thorough
def test_a_recorder_without_masking_finds_the_secrets_of_that_page(page: Any, server: FakeServer) -> None:
    server.body = planted_page()
    opened(page, server, "/p?token=cuscus#x")
    page.evaluate(Path(RECORDER).read_text())
    page.evaluate(
        "() => { window.taken = []; const {record} = window.rrwebRecord ?? window.rrweb;"
        "record({emit: (event) => taken.push(event), recordCanvas: false}); }"
    )
    happen(page)
    page.wait_for_timeout(300)
    taken = page.evaluate("JSON.stringify(taken)")
    page.complaints.uncaught.clear()
    missing = set(SECRETS) - set(traces(taken.encode(), SECRETS))
    assert len(SECRETS) - len(missing) > 100, sorted(missing)


MASKED_WITHIN = """<!doctype html><head><!-- head --></head><body><main data-waypost-reveal>
<p>words to be seen</p><svg width="9" height="9"><path d="M1 1h7"></path></svg>
<section data-waypost-mask><p>words of nobody</p><svg width="9" height="9"><path d="M2 2h7"></path></svg>
<p data-waypost-reveal>seen again</p></section>
<svg width="9" height="9"><g data-waypost-mask><path d="M3 3h7"></path></g></svg>
</main></body>"""


@pytest.mark.browser
@pytest.mark.thorough
def test_what_is_masked_within_what_is_revealed_is_not_seen_nor_are_its_drawings(page: Any, server: FakeServer) -> None:
    server.body = MASKED_WITHIN
    takes_no_time(page)
    begin(page, server, "sessions")
    look(page, 6)
    until(page, server, lambda: server.replays)
    told = json.dumps(events(server))
    assert [each for each in ("words to be seen", "seen again", "M1 1h7") if each not in told] == []
    assert [each for each in ("nobody", "M2 2h7", "M3 3h7") if each in told] == []


@pytest.mark.browser
@pytest.mark.thorough
@pytest.mark.parametrize("first", ["password", "text"], ids=["from the beginning", "in the meantime"])
def test_a_password_is_none_the_longer_where_the_field_was_for_text_before_it_was_typed(
    page: Any, server: FakeServer, first: str
) -> None:
    server.body = f"<!doctype html><head><!-- head --></head><body><form><input type='{first}'></form></body>"
    takes_no_time(page)
    begin(page, server, "sessions")
    for kind in ("password", "text"):
        page.evaluate(f"document.querySelector('input').type = '{kind}'")
        page.clock.run_for(50)
    page.focus("input")
    page.keyboard.type("abc")
    look(page, 6)
    typed: Callable[[], list[str]] = lambda: [  # noqa: E731
        event["data"]["text"] for event in events(server) if event["data"].get("source") == 5
    ]
    until(page, server, lambda: len(typed()) >= 3)
    assert set(typed()) == {"x" * 8}


@pytest.mark.browser
@pytest.mark.thorough
def test_a_paragraph_that_is_revealed_in_many_pieces_is_looked_at_once(page: Any, server: FakeServer) -> None:
    page.add_init_script(
        "window.walked = 0; const own = Document.prototype.createTreeWalker;"
        "Document.prototype.createTreeWalker = function (...given) { window.walked++; return own.apply(this, given); };"
    )
    pieces = "<b>4556</b> " * 4 + "<b>ab</b> " * 400
    server.body = f"<!doctype html><head><!-- head --></head><body><p data-waypost-reveal>{pieces}</p></body>"
    takes_no_time(page)
    begin(page, server, "sessions")
    look(page, 6)
    until(page, server, lambda: server.replays)
    told = json.dumps(events(server))
    assert ('"ab"' in told, "4556" in told) == (True, False), "and a number in pieces is found in it"
    assert page.evaluate("walked") < 20


REVEALED = [
    ("Your domain is not verified yet", "Your domain is not verified yet"),
    ("Invoice 2026-0017 of 22 November 2026, 10:30", "Invoice 2026-0017 of 22 November 2026, 10:30"),
    ("Step 3 of 12: 4,500 contacts", "Step 3 of 12: 4,500 contacts"),
    ("Write to ada@example.com today", "Write to xxxxxxxxxxxxxxx today"),
    ("Card 4556 7375 8689 9855 ends 12/29", "Card xxxx xxxx xxxx xxxx ends 12/29"),
    ("5425-2334-3010-9903", "xxxxxxxxxxxxxxxxxxx"),
    ("SSN 078-05-1120", "SSN xxxxxxxxxxx"),
    ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN xxxx xxxx xxxx xxxx xxxx xx."),
    ("IBAN NO9386011117947 or GB29NWBK60161331926819", "IBAN xxxxxxxxxxxxxxx or xxxxxxxxxxxxxxxxxxxxxx"),
    ("(ada@example.com, bob@example.com)", "(xxxxxxxxxxxxxxx, xxxxxxxxxxxxxxx)"),
    ("see https://a.example?of=ada#me", "see https://a.examplexxxxxxxxxx"),
    ("Your code is 914207", "Your xxxx xx xxxxxx"),
    ("password: hunter2 and more", "xxxxxxxxx xxxxxxx and more"),
    ("key sk_live_51BilbyQ", "key xxxxxxxxxxxxxxxx"),
    ("Bearer eyJhbGciOi1.eyJzdWI.c2ln", "Bearer xxxxxxxxxxxxxxxxxxxxxxxx"),
    ("Go to https://example.com/reset/me?t=1", "Go to https://example.comxxxxxxxxxxxxx"),
    ("3f9a1c7be2d04a58aa", "xxxxxxxxxxxxxxxxxx"),
]
"""A text that a page reveals, and what is seen of it."""

LONG = [
    ("a", ""),
    ("1", ""),
    ("AB12", "_"),
    ("AB12 ", "_"),
    ("a1-", ""),
    ("sk-", ""),
    ("1sk_live.", ""),
    ("a@", ""),
    ("a:/", ""),
    ("a://b", ""),
    ("?a", ""),
    ("code is", ""),
    ("code ", ""),
    ("1 ", "a"),
]
"""What a text may consist of many times that a page reveals, and how it may end."""

ADDRESSES = [
    ("https://app.example.com/domains/verify", "https://app.example.com/domains/verify"),
    ("https://app.example.com/domains/42/edit?tab=dns#top", "https://app.example.com/domains/42/edit"),
    ("https://ada:secret@app.example.com/", "https://app.example.com/"),
    ("https://app.example.com/blog/how-to-2026-guide", "https://app.example.com/blog/how-to-2026-guide"),
    ("https://app.example.com/u/ada@example.com/x", "https://app.example.com/u/*/x"),
    ("https://app.example.com/u/ada%40example.com", "https://app.example.com/u/*"),
    ("https://app.example.com/reset/3f9a1c7be2d04a58", "https://app.example.com/reset/*"),
    ("https://app.example.com/o/0192f3a1-77aa-7bbb-8ccc-0123456789ab", "https://app.example.com/o/*"),
    ("https://app.example.com/i/a1B2-c3D4-e5F6", "https://app.example.com/i/*"),
    ("https://app.example.com/i/xKqPzWmBtRsV", "https://app.example.com/i/*"),
    ("https://app.example.com/card/4556737586899855", "https://app.example.com/card/*"),
    ("https://app.example.com/#/inbox/7", "https://app.example.com/"),
    ("not an address", "about:blank"),
]
"""Where a page is, and what a recording says of that."""


def looked_at(given: dict[str, Any]) -> dict[str, Any]:
    """What is left of texts and addresses, and how long texts of 200 KB took, in milliseconds."""
    program = Path(__file__).parent / "replay_secrets.mjs"
    done = subprocess.run(
        ["node", str(program)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=WIDGETS,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.node
def test_what_is_left_of_revealed_texts_and_of_addresses() -> None:
    told = looked_at(
        {"texts": [text for text, _ in REVEALED], "addresses": [address for address, _ in ADDRESSES], "long": []}
    )
    assert told["texts"] == [left for _, left in REVEALED]
    assert told["addresses"] == [left for _, left in ADDRESSES]


@pytest.mark.node
@pytest.mark.parametrize(("piece", "end"), LONG, ids=[piece.strip() for piece, _ in LONG])
def test_a_very_long_word_that_a_page_reveals_does_not_hold_it_up(piece: str, end: str) -> None:
    (took,) = looked_at({"texts": [], "addresses": [], "long": [[piece, end]]})["took"]
    assert took < 2_000, "it would take minutes if it were looked at again from each of its places"
