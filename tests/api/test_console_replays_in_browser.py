"""In Chromium: a recording plays in a frame that can do nothing else, one jumps between moments, and notes count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dsl.values import SECOND, Duration, Instant, format_instant
from engine.replay.desk import ReplayDesk
from engine.replay.parts import pack, read_part
from engine.replay.settings import ReplayMode, ReplaySettings
from tests.api.asking import PUBLIC_KEY, Site
from tests.api.browsing import barred, complaints, session, visit, whole
from tests.api.conftest import START
from tests.api.test_replay_settings import change
from tests.api.test_replays import RULES, send
from tests.recordings import OTHER, RECORDING, element, moment, part, recorded, words

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

OUTSIDE = "https://evil.example/"
DRAWN_SCRIPT = {**element(50, "script", [words(51, "top.taken = 1")]), "isSVG": True}
DRAWN_PICTURE = {**element(52, "image", [], href=f"{OUTSIDE}i.png"), "isSVG": True}
HOSTILE = [
    element(7, "button", [words(8, "•••••• ••")], id="go"),
    element(30, "script", [words(31, "parent.parent.document.title = 'taken'")]),
    element(32, "script", [], src=f"{OUTSIDE}x.js"),
    element(33, "img", [], src=f"{OUTSIDE}x.png", onload="top.taken = 1", onerror="top.taken = 1"),
    element(34, "iframe", [], src=f"{OUTSIDE}frame", srcdoc="<script>top.taken = 1</script>"),
    element(35, "form", [element(36, "input", [], name="q", value="•••")], action=OUTSIDE, id="form"),
    element(37, "a", [words(38, "•••• •")], href=f"{OUTSIDE}?x=1", target="_top", id="link"),
    element(39, "link", [], rel="stylesheet", href=f"{OUTSIDE}x.css"),
    element(40, "meta", [], http_equiv="refresh", content=f"0;url={OUTSIDE}"),
    element(41, "base", [], href=OUTSIDE),
    element(42, "object", [], data=f"{OUTSIDE}x.swf"),
    element(43, "video", [], src=f"{OUTSIDE}x.mp4", autoplay=""),
    element(44, "body", [], onload="top.taken = 1"),
    element(45, "style", [words(46, f"@font-face{{font-family:f;src:url({OUTSIDE}f.woff)}}")]),
    element(55, "style", [words(56, f"p{{background:url({OUTSIDE}b.png);font-family:f}}")]),
    element(47, "p", [words(48, "•••• ••••")], style=f"background-image:url({OUTSIDE}s.png)"),
    {**element(49, "svg", [DRAWN_SCRIPT, DRAWN_PICTURE]), "isSVG": True},
]
"""Whatever a page might try, kept as if nobody had looked at it at the door: none of it reaches anybody."""


@pytest.fixture
def watched(site: Site) -> Site:
    """Ada was recorded twice over; in the second half a rage click, and the page was left."""
    site.service.publish(1, {"a.way": RULES})
    change(site, {"mode": "moments", "days": 30, "megabytes_a_day": 500})
    rage = {"evidence": {"clicks": 4}, "v": 1, "page": {"path": "/dns"}}
    batch = [
        {"type": "track", "event": "Signed Up", "userId": "ada", "anonymousId": "visitor"},
        {"type": "track", "event": "$rage_click", "userId": "ada", "properties": rage,
         "timestamp": format_instant(Instant(START + 12 * SECOND))},
    ]  # fmt: skip
    site.clock.move(Duration(60 * SECOND))
    assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    moments = [moment("$dead_click", Instant(START + 6 * SECOND))]
    rules, settings = site.service.rules_now(1), ReplaySettings(ReplayMode.MOMENTS)
    first = replace(read_part(part(START, moments=moments), now=rules.now), packed=pack(recorded(START, body=HOSTILE)))
    assert ReplayDesk(site.service.database).take(1, first, settings, rules) == 1
    later = Instant(START + 10 * SECOND)
    moments = [moment("$rage_click", Instant(START + 12 * SECOND)), moment("$dropped", Instant(START + 19 * SECOND))]
    told = part(later, number=1, last=True, moments=moments, events=recorded(later)[2:])
    assert send(site, told).status_code == 200
    assert send(site, part(START, recording=OTHER, moments=moments[:1])).status_code == 200
    return site


def ready(page: Any) -> None:
    """Wait until a recording can be played."""
    page.get_by_text("moments to go to").wait_for()


def stage_of(page: Any) -> Any:
    """The frame in which the recorded page stands."""
    return page.frame_locator("[data-frame]").frame_locator("iframe").frame_locator("iframe")


def plays_and_is_masked(page: Any) -> None:
    ready(page)
    stage = stage_of(page)
    assert stage.locator("#go").inner_text() == "•••••• ••"
    assert page.locator("[data-clock]").inner_text() == "0:05 of 0:20", "the first moment, from a little before"
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_function("() => parseFloat(document.querySelector('[data-position]').value) > 5.5")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()


def jumps_from_moment_to_moment(page: Any) -> None:
    clock, status = page.locator("[data-clock]"), page.locator("[data-status]")
    page.locator("[data-position]").fill("0")
    for shown, said in (("0:05", "Dead click at 0:06."), ("0:11", "Rage click at 0:12."), ("0:18", "Dropped at 0:19.")):
        page.get_by_role("button", name="Next moment").click()
        assert (clock.inner_text(), status.inner_text()) == (f"{shown} of 0:20", said)
    page.keyboard.press("n")
    assert status.inner_text() == "There is no moment after this one."
    page.keyboard.press("b")
    assert status.inner_text() == "Rage click at 0:12."
    page.keyboard.press("l")
    assert clock.inner_text() == "0:16 of 0:20"
    page.locator("ol.events button", has_text="Rage click").click()
    assert clock.inner_text() == "0:12 of 0:20"
    current = page.locator("ol.events [aria-current]")
    assert "Rage click" in current.inner_text()
    page.get_by_label("Speed").select_option("8")
    page.get_by_label("Skip inactivity").uncheck()
    page.keyboard.press("k")
    page.get_by_text("The end.").wait_for()
    assert clock.inner_text() == "0:20 of 0:20"


def cannot_do_anything_else(page: Any, stopped: dict[str, str], address: str) -> None:
    stage = stage_of(page)
    relay = next(frame for frame in page.frames if "/console/player" in frame.url)
    (within,) = relay.child_frames
    assert within.url.startswith("data:")
    assert within.evaluate("self.origin") == "null"
    tried = within.evaluate(
        """async () => ({
          parent: (() => { try { return parent.parent.document.title } catch (fault) { return "no" } })(),
          storage: (() => { try { return String(localStorage.length) } catch (fault) { return "no" } })(),
          cookies: (() => { try { return document.cookie } catch (fault) { return "no" } })(),
          fetched: await fetch("ADDRESS/api/v1/me").then(() => "yes", () => "no"),
          opened: String(open("ADDRESS") ?? "no"),
        })""".replace("ADDRESS", address)
    )
    assert tried == dict.fromkeys(("parent", "storage", "cookies", "fetched", "opened"), "no") | {
        "cookies": tried["cookies"]
    }
    assert tried["cookies"] in {"", "no"}
    inner = within.child_frames[-1]
    assert inner.frame_element().get_attribute("sandbox") == "allow-same-origin"
    stage.locator("#link").evaluate("(each) => each.click()")
    stage.locator("#form").evaluate("(each) => each.submit()")
    page.wait_for_timeout(300)
    assert page.evaluate("[top.taken, document.title.includes('taken')]") == [None, False]

    def outside() -> set[str]:
        return {why for each, why in stopped.items() if not each.startswith((address, "data:", "about:"))}

    # That something was stopped is told a moment after it was tried.
    for _ in range(300):
        if "not stopped" not in outside():
            break
        page.wait_for_timeout(100)
    assert outside() == {"csp"}, "whatever was tried never left the browser"
    assert len(page.context.pages) == 1
    assert stage.locator("script").count() == 0


def takes_a_note(page: Any, site: Site) -> None:
    page.locator("[data-position]").fill("12.5")
    page.get_by_label("What do you see?").fill("Clicks four times, nothing happens.")
    page.get_by_label("It feels").select_option("frustrated")
    assert page.get_by_label("At second").input_value() == "12.5"
    page.get_by_label("Step").select_option("activation.verify_domain")
    page.get_by_role("button", name="Note it").click()
    note = page.locator("ol.notes li")
    note.wait_for()
    assert "0:12 Clicks four times, nothing happens." in note.inner_text()
    record = site.service.step_record(1, "activation", "verify_domain")
    assert [(each.source, each.n) for each in record.evidence] == [("replay", 1)]
    ready(page)
    assert page.locator("[data-clock]").inner_text() == "0:12 of 0:20"


def test_a_recording_is_watched_and_noted_on(chromium: Any, watched: Site, address: str, axe: str) -> None:
    page = visit(chromium, session(watched, address))
    stopped: dict[str, str] = {}
    page.on("request", lambda request: stopped.setdefault(request.url, "not stopped"))
    page.on("requestfailed", lambda request: stopped.update({request.url: request.failure}))
    page.goto(f"{address}/console/p/default/replays")
    row = page.get_by_role("row", name="Dead click")
    assert "Rage click" in row.inner_text()
    assert barred(page, axe) == []
    heard = complaints(page)
    page.goto(f"{address}/console/p/default/replays?replay={OTHER}")
    page.get_by_text("1 moment to go to").wait_for()
    assert heard == []
    page.goto(f"{address}/console/p/default/replays")
    row.get_by_role("link").click()
    plays_and_is_masked(page)
    jumps_from_moment_to_moment(page)
    cannot_do_anything_else(page, stopped, address)
    takes_a_note(page, watched)
    assert barred(page, axe) == []
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/console/p/default/replays?replay={RECORDING}")
    whole(page)
    ready(page)
    assert watched.service.privacy.erase(1, "ada") is not None
    page.reload()
    page.get_by_text("This recording is gone").wait_for()
    page.context.close()
