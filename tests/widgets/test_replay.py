"""When a page is recorded, what is sent of it, and what becomes of it when something goes wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dsl.friction import WEIGHTS
from tests.widgets.browser import WIDGETS, decision, example, opened
from tests.widgets.fake_server import PAGES, FakeServer, Fault
from tests.widgets.recording import (
    ALWAYS,
    PATCHED,
    act,
    await_recording,
    begin,
    chunks,
    ends,
    events,
    is_whole,
    look,
    moment,
    moments,
    recordings,
    takes_no_time,
    until,
)
from widgets.sensing import THRESHOLDS, THRESHOLDS_VERSION

browser = [pytest.mark.browser, pytest.mark.thorough]

PAGE_BETWEEN = """() => {
  const kept = JSON.parse(sessionStorage.getItem("waypost:replay"));
  const [first] = kept.unsent;
  kept.unsent.push({ ...first, head: { ...first.head, recording: "of-the-page-between" } });
  sessionStorage.setItem("waypost:replay", JSON.stringify(kept));
}"""
"""Another page of the tab took what was not sent, recorded something too, and could not send either."""

HELD = """
window.held = { holds: false, answered: 0 };
const own = window.fetch;
window.fetch = async (address, options) => {
  if (!String(address).endsWith("/v1/replays")) return own(address, options);
  if (held.holds && !options.keepalive) return new Promise((_, fail) => (held.fail = fail));
  const answer = await own(address, options);
  if (options.keepalive) setTimeout(() => held.answered++);
  return answer;
};"""
"""Keeps what is sent while the page is there from being answered; what outlives it is."""


@pytest.fixture
def page(page: Any) -> Any:
    """A page on which recording takes no time."""
    takes_no_time(page)
    return page


def reloaded(page: Any) -> None:
    with page.expect_navigation():
        page.evaluate("location.reload()")
    page.wait_for_function("() => window.waypost && window.waypost.loaded")


def count_of_sent(page: Any, server: FakeServer) -> int:
    """How many chunks came, once no more come."""
    count = -1
    while len(server.replay_bodies) != count:
        count = len(server.replay_bodies)
        page.wait_for_timeout(700)
    return count


def test_every_sign_of_friction_is_a_moment() -> None:
    wire = (WIDGETS / "replay" / "wire.ts").read_text()
    assert "Object.keys(thresholds).map((name) => `$${name}`), ERROR, LOW_SCORE, DROPPED]" in wire
    assert set(THRESHOLDS[THRESHOLDS_VERSION]) == set(WEIGHTS)


class TestMoments:
    pytestmark = browser

    def test_the_half_minute_before_a_moment_is_sent_and_what_follows(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        for each in range(12):
            act(page, f"before {each}")
            look(page)
        assert server.replay_bodies == [], "nothing has happened yet"

        at = page.evaluate("Date.now()")
        moment(page)
        until(page, server, lambda: server.replays)
        act(page, "after")
        look(page, 6)
        until(page, server, lambda: moments(server) and len(chunks(server)) > 3)
        told = events(server)
        assert [event["type"] for event in told[:2]] == [4, 2], "it can be shown from its beginning"
        assert 30_000 <= at - told[0]["timestamp"] <= 50_000
        times = [event["timestamp"] for event in told]
        assert times == sorted(times)
        assert moments(server) == ["$rage_click"]

        look(page, 31)
        until(page, server, lambda: chunks(server)[-1]["last"])
        sent = chunks(server)
        assert [chunk["chunk"] for chunk in sent] == list(range(len(sent)))
        assert [chunk["last"] for chunk in sent] == [False] * (len(sent) - 1) + [True]
        assert all(set(chunk) == ALWAYS for chunk in sent)
        assert {chunk["page"] for chunk in sent} == {f"{server.page}/domains/verify"}
        assert {json.dumps(chunk["size"]) for chunk in sent} == {'{"width": 1280, "height": 800}'}

        count = len(server.replay_bodies)
        act(page, "later")
        look(page, 20)
        assert len(server.replay_bodies) == count, "it is over"
        moment(page, "$dead_click")
        until(page, server, lambda: len(recordings(server)) == 2)
        assert [event["type"] for event in events(server, recordings(server)[1])[:2]] == [4, 2]
        assert len({chunk["sessionId"] for chunk in server.replays}) == 1

    def test_more_moments_make_a_recording_longer_up_to_ten_minutes(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        moment(page)
        for each in range(32):
            act(page, f"{each}")
            page.mouse.click(300 + each, 300)
            look(page, 20)
            moment(page, "$hesitation")
        until(page, server, lambda: any(chunk["last"] for chunk in server.replays))
        first = chunks(server)
        seconds = (events(server)[-1]["timestamp"] - events(server)[0]["timestamp"]) / 1000
        assert 570 <= seconds <= 660
        assert first[-1]["last"]

    def test_errors_and_low_scores_are_moments_and_good_ones_are_not(self, page: Any, server: FakeServer) -> None:
        survey = {**example("survey")}
        asked = {"nps": (6, 7), "csat": (2, 3), "effort": (3, 4)}
        questions = [{**each, "id": each["type"]} for each in (example(f"survey/questions/{name}") for name in asked)]
        held = decision({**survey, "questions": questions}, guide="survey_1")
        server.on_ask = lambda _body: [held]
        server.script_attributes = 'data-pages="off" data-headless="on"'
        begin(page, server)
        for low in (False, True):
            for name, (bad, good) in asked.items():
                given = {"guide": "survey_1", "question": name, "value": bad if low else good}
                page.evaluate(f"waypost.track('$answered', {json.dumps(given)})")
            page.evaluate("waypost.track(" + ("'Payment Failed'" if low else "'Terror watched'") + ")")
            look(page, 6)
            if not low:
                assert server.replay_bodies == []
        page.evaluate("reportError(new Error('of the page'))")
        look(page, 6)
        until(page, server, lambda: len(moments(server)) >= 5)
        assert moments(server) == ["$low_score", "$low_score", "$low_score", "$error", "$error"]
        page.complaints.uncaught.clear()
        page.complaints.console.clear()

    def test_somebody_else_is_another_recording(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        moment(page)
        page.evaluate("waypost.identify('ada', {}, {token: 'signed.for.ada'})")
        act(page, "as ada")
        look(page, 6)
        until(page, server, lambda: chunks(server) and chunks(server)[-1].get("userId") == "ada")
        assert chunks(server)[-1]["userToken"] == "signed.for.ada"
        assert len(recordings(server)) == 1, "the same person, who said their name"
        page.evaluate("waypost.reset()")
        look(page, 6)
        until(page, server, lambda: chunks(server)[-1]["last"])
        assert chunks(server)[-1]["userId"] == "ada"
        act(page, "as nobody")
        look(page, 6)
        moment(page)
        until(page, server, lambda: len(recordings(server)) == 2)
        first, second = (chunks(server, each) for each in recordings(server))
        assert second[0]["anonymousId"] != first[0]["anonymousId"]
        assert second[0]["sessionId"] != first[0]["sessionId"]
        assert "userId" not in second[0]
        assert [event["type"] for event in second[0]["events"][:2]] == [4, 2]

    def test_what_somebody_did_before_is_no_part_of_the_next_one_s_recording(
        self, page: Any, server: FakeServer
    ) -> None:
        begin(page, server)
        act(page, "of who was there before")
        page.clock.run_for(50)
        before = page.evaluate("waypost.debug(false).anonymousId")
        page.evaluate("waypost.reset(); waypost.track('Login failed')")
        look(page, 6)
        until(page, server, lambda: len(chunks(server)) > 1)
        assert page.evaluate("waypost.debug(false).anonymousId") != before
        assert before not in json.dumps(server.replays)
        assert moments(server) == ["$error"]

    def test_what_is_wrong_with_a_browser_or_its_extensions_is_no_moment(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        for told in (
            "{message: 'ResizeObserver loop completed with undelivered notifications.'}",
            "{message: 'Uncaught Error', filename: 'chrome-extension://abcdef/content.js'}",
        ):
            page.evaluate(f"dispatchEvent(new ErrorEvent('error', {told}))")
            look(page, 6)
        assert server.replay_bodies == []
        page.evaluate("dispatchEvent(new ErrorEvent('error', {message: 'Uncaught Error', filename: '/app.js'}))")
        until(page, server, lambda: moments(server) == ["$error"])


class TestPages:
    pytestmark = browser

    def test_who_leaves_the_site_dropped_off_and_what_there_is_goes_along(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        act(page, "last words")
        page.goto("about:blank")
        until(page, server, lambda: is_whole(server))
        assert moments(server) == ["$dropped"]
        assert [event["type"] for event in events(server)[:2]] == [4, 2]
        assert "xxxx xxxxx" in json.dumps(events(server)[2:])

    @pytest.mark.parametrize("how", ["that tells where it goes", "that does not", "that takes an element for it"])
    def test_a_recording_goes_on_on_the_next_page_of_the_site_in_a_browser(
        self, page: Any, server: FakeServer, how: str
    ) -> None:
        if how == "that does not":
            page.add_init_script("Object.defineProperty(window, 'navigation', {value: undefined})")
        if how == "that takes an element for it":
            page.add_init_script("delete window.navigation")
            server.body = (PAGES / "product.html").read_text().replace("<nav>", '<nav id="navigation">')
        begin(page, server)
        page.click("a[href='/overview']")
        page.wait_for_url("**/overview")
        await_recording(page, server)
        assert server.replay_bodies == [], "nobody dropped off"
        moment(page)
        until(page, server, lambda: len({chunk["page"] for chunk in server.replays}) == 2)
        look(page, 1)
        page.keyboard.press("F5")
        reloaded(page)
        await_recording(page, server)
        look(page, 6)
        until(page, server, lambda: len([event for event in events(server) if event["type"] == 2]) == 3)
        assert len(recordings(server)) == 1
        assert chunks(server)[0]["page"] == f"{server.page}/domains/verify"
        assert moments(server) == ["$rage_click"]

    def test_a_recording_of_who_came_after_somebody_else_goes_on_too(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        page.evaluate("waypost.reset()")
        look(page, 6)
        act(page, "as somebody else")
        moment(page)
        until(page, server, lambda: server.replays)
        page.click("a[href='/overview']")
        page.wait_for_url("**/overview")
        await_recording(page, server)
        act(page, "still there")
        look(page, 6)
        until(page, server, lambda: len({chunk["page"] for chunk in server.replays}) == 2)
        assert len(recordings(server)) == 1
        assert len({chunk["sessionId"] for chunk in server.replays}) == 1

    def test_a_page_that_comes_back_sends_what_the_page_between_could_not(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        server.replay_fault = Fault(status=503)
        moment(page)
        until(page, server, lambda: server.replay_bodies)
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
        page.evaluate(PAGE_BETWEEN)
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        server.replay_fault = None
        look(page, 70)
        until(page, server, lambda: "of-the-page-between" in recordings(server))
        look(page, 10)
        count_of_sent(page, server)
        came = [(chunk["recording"], chunk["chunk"]) for chunk in server.replays]
        assert len(came) == len(set(came)), "each once, though both pages kept it"

    def test_an_answer_to_the_last_words_of_a_page_does_not_keep_it_from_sending_more(
        self, page: Any, server: FakeServer
    ) -> None:
        page.add_init_script(HELD)
        begin(page, server)
        page.evaluate("held.holds = true")
        moment(page)
        until(page, server, lambda: page.evaluate("held.fail !== undefined"))
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
        until(page, server, lambda: page.evaluate("held.answered") == len(server.replays) > 0)
        page.evaluate("held.holds = false; sessionStorage.clear(); held.fail(new Error('broken off'))")
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        look(page, 6)
        moment(page, "$dead_click")
        look(page, 6)
        until(page, server, lambda: len(recordings(server)) == 2)

    def test_a_route_of_an_application_is_a_page_of_its_own(self, page: Any, server: FakeServer) -> None:
        begin(page, server, "sessions")
        look(page, 6)
        page.evaluate("history.pushState({}, '', '/inbox/ada@example.org?q=1')")
        look(page, 2)
        act(page, "there")
        look(page, 6)
        until(page, server, lambda: len({chunk["page"] for chunk in server.replays}) == 2)
        assert {chunk["page"] for chunk in server.replays} == {
            f"{server.page}/domains/verify",
            f"{server.page}/inbox/*",
        }
        assert len(recordings(server)) == 1

    def test_what_could_not_be_sent_survives_a_reload(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        server.replay_fault = Fault(drops=True)
        act(page, "unsent")
        moment(page)
        look(page, 6)
        until(page, server, lambda: server.replay_bodies)
        assert server.replays == []
        reloaded(page)
        await_recording(page, server)
        server.replay_fault = None
        look(page, 70)
        until(page, server, lambda: server.replays)
        assert [event["type"] for event in events(server)[:2]] == [4, 2]
        assert moments(server) == ["$rage_click"]
        until(page, server, lambda: len([event for event in events(server) if event["type"] == 2]) > 1)

    def test_consent_withdrawn_drops_what_was_not_sent(self, page: Any, server: FakeServer) -> None:
        begin(page, server)
        server.replay_fault = Fault(status=503)
        moment(page)
        until(page, server, lambda: server.replay_bodies)
        page.evaluate("waypost.optOut()")
        look(page, 1)
        server.replay_fault = None
        count = len(server.replay_bodies)
        act(page, "unseen")
        look(page, 90)
        page.reload()
        page.wait_for_function("() => window.waypost && window.waypost.loaded")
        look(page, 10)
        assert len(server.replay_bodies) == count
        assert page.evaluate("sessionStorage.getItem('waypost:replay')") is None
        assert page.evaluate(PATCHED) == 0
        page.evaluate("waypost.optIn()")
        await_recording(page, server)
        moment(page)
        until(page, server, lambda: server.replays)

    @pytest.mark.parametrize("way", ["pending", "doNotTrack", "absent"])
    def test_nobody_is_recorded_who_did_not_agree_or_whom_no_rule_covers(
        self, page: Any, server: FakeServer, way: str
    ) -> None:
        server.record = None if way == "absent" else "sessions"
        if way == "pending":
            server.script_attributes = 'data-consent="pending"'
        if way == "doNotTrack":
            page.add_init_script("Object.defineProperty(navigator, 'doNotTrack', {value: '1'})")
        opened(page, server)
        page.evaluate("waypost.track('Something')")
        page.wait_for_timeout(400)
        assert not any(path.startswith("/sdk/replay") for path in server.loaded)


class TestSessions:
    pytestmark = browser

    def test_a_session_is_sent_from_its_beginning_until_a_reply_says_no(self, page: Any, server: FakeServer) -> None:
        begin(page, server, "sessions")
        act(page, "one")
        look(page, 6)
        until(page, server, lambda: server.replays)
        page.mouse.move(300, 300)
        page.mouse.click(310, 310)
        act(page, "two")
        look(page, 6)
        ends(page, server)
        until(page, server, lambda: chunks(server)[-1]["last"])
        assert {event["data"].get("source") for event in events(server)} >= {0, 1, 2}
        assert moments(server) == []
        assert page.evaluate(PATCHED) == 0, "nothing stands in the page's way any more"
        count = len(server.replay_bodies)
        act(page, "three")
        look(page, 20)
        assert len(server.replay_bodies) == count

    def test_what_a_page_does_while_nobody_is_there_is_left_out(self, page: Any, server: FakeServer) -> None:
        begin(page, server, "sessions")
        page.mouse.click(310, 310)
        for _ in range(7):
            act(page, "tick")
            look(page, 60)
        until(page, server, lambda: len(chunks(server)) >= 4)
        count = count_of_sent(page, server)
        for _ in range(3):
            act(page, "tick")
            look(page, 60)
        page.wait_for_timeout(100)
        assert len(server.replay_bodies) == count
        page.mouse.click(320, 320)
        look(page, 8)
        until(page, server, lambda: len(server.replay_bodies) > count)
        assert 4 in [event["type"] for event in events(server)[-6:]]
