"""How the snippet comes into a page: the tags and the stub of docs/reference/loading.md, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.cli.main import cli
from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import DIST, STRICT_POLICY, FakeServer, name_of

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "loading.md").read_text()
NEWEST, _PINNED, STUB, DATA = re.findall(r"```html\n(.*?)```", PAGE, re.DOTALL)


def names(server: FakeServer) -> list[str]:
    return [name_of(message) for message in server.messages]


def pasted(server: FakeServer, tag: str) -> str:
    """A tag of the documentation, for this server and its key."""
    return tag.replace("https://waypost.example.com", server.sdk).replace("wp_pub_…", server.key)


def with_head(server: FakeServer, head: str) -> None:
    """A page that has this in its head, and nothing else of ours."""
    server.body = f"<!doctype html><html lang=en><title>Page</title>{head}<h1>Page</h1><p id=verify>Text</p>"


def test_the_tag_alone_is_enough(page: Any, server: FakeServer) -> None:
    with_head(server, pasted(server, NEWEST))
    server.policy = STRICT_POLICY
    opened(page, server)
    server.wait_for(lambda: names(server) == ["$page"])
    assert page.complaints.console == []


def test_a_server_below_a_path_is_found_by_the_script_s_address(page: Any, server: FakeServer) -> None:
    server.prefix = "/guidance/eu"
    with_head(server, pasted(server, NEWEST).replace("/sdk/", "/guidance/eu/sdk/"))
    server.answer("$page", decision(example("slideout")))
    opened(page, server)
    shown(page)
    assert page.evaluate("waypost.debug(false).host") == f"{server.sdk}/guidance/eu"


def test_with_the_stub_every_call_works_from_the_first_moment(page: Any, server: FakeServer) -> None:
    early = (
        "<script>window.kept = waypost; waypost.on('shown', (heard) => { window.heard = heard });"
        "waypost.identify('ada', {plan: 'trial'}); waypost.track('Signed Up', {via: 'ad'})</script>"
    )
    with_head(server, STUB + early + pasted(server, NEWEST))
    server.answer("Asked", decision(example("slideout")))
    opened(page, server)
    server.wait_for(lambda: len(server.messages) == 3)
    assert names(server) == ["$identify", "Signed Up", "$page"]
    assert server.messages[1]["properties"] == {"via": "ad"}
    page.evaluate("kept.track('Asked')")
    shown(page)
    page.wait_for_function("() => window.heard")
    assert page.evaluate("heard.guide") == "guide_1", "a listener of the stub hears"


def test_the_stub_below_the_script_takes_nothing_away(page: Any, server: FakeServer) -> None:
    with_head(server, pasted(server, NEWEST))
    opened(page, server)
    page.evaluate("waypost.track('Before')")
    page.evaluate(STUB.replace("<script>", "").replace("</script>", ""))
    page.evaluate("waypost.track('After')")
    server.wait_for(lambda: {"Before", "After"} <= set(names(server)))


def test_a_block_of_data_says_it_without_a_script_of_the_page_s_own(page: Any, server: FakeServer) -> None:
    with_head(server, pasted(server, DATA))
    server.policy = STRICT_POLICY
    opened(page, server)
    server.wait_for(lambda: len(server.messages) == 4)
    assert names(server) == ["$identify", "$group", "$step", "$page"]
    assert {message["userId"] for message in server.messages} == {"u_42"}
    assert page.complaints.console == []


@pytest.mark.parametrize(
    "block", ["", "{", "7", "[7, null, [], ['nothing'], [\"nothing\"]]", '[["track"]]', '{"a": 1}']
)
def test_a_block_that_cannot_be_read_breaks_nothing(page: Any, server: FakeServer, block: str) -> None:
    data = f'<script type="application/json" data-waypost>{block}</script>'
    with_head(server, data + pasted(server, NEWEST))
    opened(page, server)
    server.wait_for(lambda: "$page" in names(server))
    assert page.complaints.console == []


def pinned(server: FakeServer) -> str:
    done = CliRunner().invoke(cli, ["snippet", "--pin", "--host", server.sdk, "--key", server.key])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_version_with_its_hash_runs_under_a_strict_policy(page: Any, server: FakeServer) -> None:
    tag = pinned(server)
    assert re.search(r'/sdk/waypost-[A-Z0-9]{8}\.js" integrity="sha384-[\w+/]{64}" crossorigin="anonymous"', tag)
    with_head(server, tag)
    server.policy = STRICT_POLICY
    server.answer("$page", decision(example("slideout")))
    opened(page, server)
    shown(page)
    assert page.complaints.console == []


def test_another_file_than_the_one_with_that_hash_is_not_run(page: Any, server: FakeServer) -> None:
    with_head(server, re.sub(r"sha384-.{8}", "sha384-AAAAAAAA", pinned(server)))
    page.goto(server.page + "/")
    page.wait_for_timeout(400)
    assert page.evaluate("window.waypost") is None
    assert server.messages == []
    assert page.complaints.uncaught == []


@pytest.mark.parametrize("part", ["sensors", "drawing", "headless"])
def test_a_part_that_cannot_be_loaded_breaks_nothing(page: Any, server: FakeServer, part: str) -> None:
    page.route(f"**/sdk/{part}*", lambda route: route.abort())
    server.script_attributes = 'data-headless="on"' if part == "headless" else ""
    server.answer("$page", decision(example("slideout")))
    opened(page, server)
    if part == "sensors":
        page.keyboard.press("Shift")
    page.wait_for_function("(part) => waypost.debug(false).faults.some((each) => each.includes(part))", arg=part)
    page.evaluate("waypost.track('Still there')")
    server.wait_for(lambda: "Still there" in names(server))
    assert page.complaints.uncaught == []


def test_a_core_of_another_contract_draws_nothing_and_says_why(page: Any, server: FakeServer) -> None:
    core = (DIST / "waypost.js").read_text()
    assert core.count("contract:1,") == 1
    other = core.replace("contract:1,", "contract:2,")
    page.route("**/sdk/waypost.js", lambda route: route.fulfill(body=other, content_type="text/javascript"))
    server.answer("$page", decision(example("slideout")))
    opened(page, server)
    page.wait_for_function("() => waypost.debug(false).faults.length")
    assert page.evaluate("waypost.debug(false).faults")[0] == (
        "Error: this page's core keeps contract 2, what draws keeps 1"
    )
    assert page.locator("waypost-guide").count() == 0
    page.evaluate("waypost.track('Still there')")
    server.wait_for(lambda: "Still there" in names(server))
    assert page.complaints.uncaught == []


def test_a_recorder_that_cannot_be_made_throws_nothing_into_the_page_and_is_tried_again(
    page: Any, server: FakeServer
) -> None:
    broken = (
        "export function openReplay() { if (!window.isWell) throw new Error('cannot be made'); window.isMade = 1; }"
    )
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"}
    page.route("**/sdk/replay*", lambda route: route.fulfill(body=broken, headers=headers))
    page.add_init_script(
        "window.unheard = []; addEventListener('unhandledrejection', (event) => unheard.push(String(event.reason)))"
    )
    server.head = f"<script crossorigin src='{server.sdk}/sdk/waypost.js' data-key='wp_pub_test'></script>"
    server.record = "sessions"
    opened(page, server)
    page.wait_for_function("() => waypost.debug(false).faults.some((fault) => fault.includes('cannot be made'))")
    for each in range(3):
        page.evaluate(f"waypost.track('Heard {each}')")
        page.wait_for_function("() => waypost.debug(false).queued === 0")
    page.wait_for_timeout(100)
    assert page.evaluate("unheard") == []
    page.evaluate("window.isWell = true; waypost.track('Well')")
    page.wait_for_function("() => window.isMade")
