"""Waypost is refused, hangs, fails or answers nonsense: the page does not notice, and nothing is written to its console
but the browser's own lines about the network, which no script can keep back.
"""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from api.cli.main import cli
from tests.running import free_port
from tests.widgets.browser import decision, example, opened
from tests.widgets.fake_server import FakeServer, Fault, name_of

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

SHIFTS = """() => new Promise((resolve) => {
  const found = [];
  new PerformanceObserver((list) => found.push(...list.getEntries())).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => resolve(found.length), 200);
})"""

TEN_MEGABYTES = b'{"decisions": [' + b'{"id": "x"},' * 850_000 + b"7]}"
JSON_KIND = {"Content-Type": "application/json"}

FAULTS: dict[str, Fault] = {
    "hanging": Fault(wait_seconds=2),
    "500": Fault(status=500, body=b"<h1>Server error</h1>"),
    "502 of a proxy": Fault(status=502, body=b"<html><title>Bad Gateway</title></html>"),
    "429 with a pause": Fault(status=429, headers={"Retry-After": "60"}),
    "429 with a pause that is none": Fault(status=429, headers={"Retry-After": "soon"}),
    "429 until next year": Fault(status=429, headers={"Retry-After": "Fri, 31 Dec 2099 23:59:59 GMT"}),
    "400 without a word": Fault(status=400, body=b""),
    "401": Fault(status=401, body=b'{"code": "unknown_key"}', headers=JSON_KIND),
    "404 in HTML": Fault(status=404, body=b"<h1>Not Found</h1>"),
    "204": Fault(status=204, body=b""),
    "HTML instead of JSON": Fault(body=b"<!doctype html><title>Sign in to the wifi</title>"),
    "cut short": Fault(body=b'{"accepted": 1, "decis'),
    "ten megabytes": Fault(body=TEN_MEGABYTES, headers=JSON_KIND),
    "letters that are none": Fault(body=b"\xff\xfe\x00{", headers=JSON_KIND),
    "connection cut": Fault(drops=True),
    "no origin allowed": Fault(body=b"{}", headers={"Access-Control-Allow-Origin": ""}),
    "another origin allowed": Fault(body=b"{}", headers={"Access-Control-Allow-Origin": "https://else.example.com"}),
    "a redirect to a login": Fault(status=302, headers={"Location": "/login"}),
    "a redirect without end": Fault(status=307, headers={"Location": "/v1/batch"}),
    "a list": Fault(body=b"[]", headers=JSON_KIND),
    "null": Fault(body=b"null", headers=JSON_KIND),
    "numbers for lists": Fault(body=b'{"decisions": 7, "rejected": 7, "clicks": 7, "revision": 7, "ttl": "x"}'),
    "texts for lists": Fault(body=b'{"decisions": "abc", "rejected": "abc", "clicks": "abc", "revision": "r"}'),
    "decisions that are none": Fault(
        body=b'{"decisions": [null, 7, "x", [], {}, {"id": "a"}, {"id": "b", "content": 1}]}'
    ),
    "clicks that are none": Fault(body=b'{"decisions": [], "revision": "r", "clicks": [null, 7, {}, {"selector": 1}]}'),
    "a pause of no number": Fault(body=b'{"decisions": [], "ttl": -1e999}'.replace(b"-1e999", b"-1")),
    "nested without end": Fault(body=b"[" * 200_000 + b"]" * 200_000, headers=JSON_KIND),
}


def nothing_is_noticed(page: Any) -> None:
    """The page works, has not moved, and holds nothing of ours."""
    # Before anything is pressed: the page's own button moves its neighbours when its words change.
    assert page.evaluate(SHIFTS) == 0
    page.locator("#verify").click()
    assert page.locator("#verify").inner_text() == "Checking…"
    page.locator("#note").fill("still here")
    assert page.locator("waypost-guide").count() == 0
    assert page.evaluate("document.documentElement.children.length") == 2


def calls(page: Any) -> None:
    page.evaluate("waypost.identify('ada'); waypost.track('Asked'); waypost.show('tour'); waypost.setLocale('de')")


@pytest.mark.parametrize("fault", FAULTS)
def test_of_what_the_server_does_the_page_notices_nothing(page: Any, server: FakeServer, fault: str) -> None:
    server.fault = FAULTS[fault]
    opened(page, server)
    calls(page)
    page.wait_for_timeout(300)
    nothing_is_noticed(page)
    page.evaluate("history.pushState({}, '', '/else')")
    page.evaluate("waypost.reset()")
    page.wait_for_timeout(100)


def test_a_server_that_refuses_connections_is_not_noticed(page: Any, server: FakeServer) -> None:
    server.script_attributes = f'data-host="http://127.0.0.1:{free_port()}"'
    opened(page, server)
    calls(page)
    page.wait_for_timeout(300)
    nothing_is_noticed(page)


def test_a_script_that_cannot_be_had_is_not_noticed(page: Any, server: FakeServer) -> None:
    server.elsewhere = f"http://127.0.0.1:{free_port()}"
    page.goto(server.page + "/domains/verify")
    page.evaluate("(window.waypost = window.waypost || []).push(['track', 'Asked'])")
    page.wait_for_timeout(300)
    nothing_is_noticed(page)


INSTEAD = {
    "500": {"status": 500, "body": "broken"},
    "a page": {"status": 200, "content_type": "text/html", "body": "<!doctype html><title>Sign in to the wifi</title>"},
    "half of it": {"status": 200, "content_type": "text/javascript", "body": "(()=>{try{const a="},
    "nothing": {"status": 200, "content_type": "text/javascript", "body": ""},
}


@pytest.mark.parametrize("instead", INSTEAD)
def test_another_file_in_place_of_a_script_with_its_hash_is_not_noticed(
    page: Any, server: FakeServer, instead: str
) -> None:
    done = CliRunner().invoke(cli, ["snippet", "--pin", "--host", server.sdk, "--key", server.key])
    page.context.route(f"{server.sdk}/sdk/**", lambda route: route.fulfill(**INSTEAD[instead]))
    server.body = (
        server_page := "<!doctype html><html lang=en><head>HEAD</head><body><h1>Page</h1></body></html>"
    ).replace("HEAD", done.stdout)
    assert server_page != server.body
    page.goto(server.page + "/")
    page.wait_for_timeout(300)
    assert page.evaluate("window.waypost") is None
    assert page.evaluate(SHIFTS) == 0


@pytest.mark.parametrize("instead", INSTEAD)
def test_another_file_in_place_of_a_part_is_not_noticed(page: Any, server: FakeServer, instead: str) -> None:
    parts = ("drawing", "sensors", "clicks", "panel", "survey", "tour", "headless")
    for part in parts:
        page.context.route(f"{server.sdk}/sdk/{part}-*", lambda route: route.fulfill(**INSTEAD[instead]))
    server.decides = lambda _message: [decision(example("tour")), decision(example("survey"), id="dec_2", guide="two")]
    opened(page, server)
    page.evaluate("waypost.debug(); waypost.dismiss(); waypost.reset()")
    calls(page)
    page.wait_for_function("() => waypost.debug(false).faults.length")
    page.wait_for_timeout(200)
    nothing_is_noticed(page)


class TestWhatTheServerTakesBack:
    """Confirmations and questions that fail are a no, and no more than that."""

    @pytest.mark.parametrize("answer", ["{}", "7", '{"show": "yes"}', "<html>"])
    def test_a_confirmation_that_is_none_shows_nothing(self, page: Any, server: FakeServer, answer: str) -> None:
        page.context.route(
            "**/confirm",
            lambda route: route.fulfill(status=200, body=answer, headers={"Access-Control-Allow-Origin": "*"}),
        )
        server.answer("$page", decision(example("slideout"), wait={"until": "elapsed", "seconds": 0.1}))
        opened(page, server)
        page.wait_for_timeout(700)
        nothing_is_noticed(page)

    def test_a_hanging_server_holds_up_neither_the_page_nor_its_end(self, page: Any, server: FakeServer) -> None:
        # Longer than a request of ours is waited for, which then is a fault, and than anything here.
        server.fault = Fault(wait_seconds=60)
        page.add_init_script("addEventListener('load', () => { window.atLoad = window.waypost?.debug(false).faults })")
        opened(page, server)
        calls(page)
        assert page.evaluate("atLoad") == [], "what hangs does not hold up the page's own load event"
        page.goto("about:blank")


def test_after_all_of_them_in_turn_everything_arrives_once(page: Any, server: FakeServer) -> None:
    page.add_init_script("Math.random = () => 0")
    opened(page, server)
    kept = ("500", "HTML instead of JSON", "cut short", "null", "connection cut", "another origin allowed")
    for number, fault in enumerate(kept):
        server.fault = FAULTS[fault]
        page.evaluate(f"waypost.track('Kept {number}')")
        page.wait_for_timeout(120)
    server.fault = None
    page.evaluate("dispatchEvent(new Event('online'))")
    wanted = {f"Kept {number}" for number in range(len(kept))}
    server.wait_for(lambda: wanted <= {name_of(message) for message in server.messages})
    ids = [message["messageId"] for batch in server.batches for message in batch["batch"]]
    assert len(ids) == len(set(ids))
    page.wait_for_function("() => waypost.debug(false).queued === 0")
