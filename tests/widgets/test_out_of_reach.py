"""While the server cannot be reached: what may still be shown, and what becomes of what happened meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import FakeServer, Fault, name_of

pytestmark = pytest.mark.browser

DOWN = Fault(status=503)
ALWAYS = {"page": False, "every": None, "times": None, "per": None, "ends": ["completed", "dismissed"]}
CARD = "waypost-guide .card"


def names(server: FakeServer) -> list[str]:
    return [name_of(message) for message in server.messages]


def sent_ids(server: FakeServer) -> list[str]:
    return [message["messageId"] for batch in server.batches for message in batch["batch"]]


def banner(**keep: Any) -> dict[str, Any]:
    return decision(example("banner"), keep={**ALWAYS, **keep})


def decided_once(page: Any, server: FakeServer, found: dict[str, Any]) -> None:
    """A page on which the server decides this, and is out of reach as soon as it has answered."""

    def decides(message: dict[str, Any]) -> list[dict[str, Any]]:
        # Already here: the reply to `$shown` would be newer than the one that decides.
        server.fault = DOWN
        return [found] if name_of(message) == "$page" else []

    server.decides = decides
    opened(page, server)
    shown(page)


def opened_in_vain(page: Any, server: FakeServer, path: str) -> None:
    """A page that the server has not answered."""
    opened(page, server, path)
    page.wait_for_function("() => waypost.debug(false).faults.length")


def stays_away(page: Any, server: FakeServer, path: str) -> bool:
    """Whether nothing is shown on this page without an answer."""
    opened_in_vain(page, server, path)
    page.wait_for_timeout(300)
    return not page.locator(CARD).count()


class TestWhatIsShown:
    def test_the_last_decision_of_a_state_rule_is_shown_again(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner())
        opened_in_vain(page, server, "/next")
        shown(page)

    def test_the_decision_of_an_event_is_not(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, decision(example("banner"), keep=None))
        assert stays_away(page, server, "/next")

    def test_of_a_page_it_is_shown_on_that_page(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner(page=True))
        assert stays_away(page, server, "/elsewhere")
        opened_in_vain(page, server, "/domains/verify")
        shown(page)

    def test_what_was_sent_away_here_does_not_come_back(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner())
        shown(page).get_by_role("button", name="Close").click()
        assert stays_away(page, server, "/next")

    def test_what_may_be_shown_once_is_not_shown_twice(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner(times=1))
        page.wait_for_function("() => Object.keys(localStorage).some((key) => key.endsWith(':seen'))")
        assert stays_away(page, server, "/next")

    def test_once_every_hour_holds_and_an_hour_later_it_comes_again(self, page: Any, server: FakeServer) -> None:
        page.context.clock.install()
        decided_once(page, server, banner(every=3600, ends=[]))
        page.context.clock.run_for(2000)
        page.wait_for_function("() => Object.keys(localStorage).some((key) => key.endsWith(':seen'))")
        opened(page, server, "/next")
        page.context.clock.run_for(2000)
        page.wait_for_function("() => waypost.debug(false).faults.length")
        assert page.locator(CARD).count() == 0
        page.context.clock.fast_forward(3_600_000)
        opened(page, server, "/later")
        page.context.clock.run_for(2000)
        shown(page)

    def test_an_empty_reply_takes_it_back(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner())
        server.fault, server.decides = None, lambda _message: []
        opened(page, server, "/next")
        server.wait_for(lambda: any(each["context"]["page"]["path"] == "/next" for each in server.messages))
        page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.endsWith(':last'))")
        server.fault = DOWN
        assert stays_away(page, server, "/third")

    def test_what_has_expired_or_is_a_day_old_is_not_shown(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner())
        page.evaluate(
            "() => { const name = Object.keys(localStorage).find((key) => key.endsWith(':last'));"
            "const kept = JSON.parse(localStorage[name]); kept.at -= 90e6; localStorage[name] = JSON.stringify(kept) }"
        )
        assert stays_away(page, server, "/next")

    def test_a_refusal_is_an_answer(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner())
        server.fault = Fault(status=403)
        assert stays_away(page, server, "/next")

    def test_it_is_shown_after_a_change_of_route_too(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner(page=True))
        assert stays_away(page, server, "/elsewhere")
        page.evaluate("history.pushState(null, '', '/domains/verify')")
        shown(page)

    def test_what_waits_is_confirmed_by_what_was_shown_here(self, page: Any, server: FakeServer) -> None:
        patient = {**banner(times=1), "wait": {"until": "elapsed", "seconds": 0.2}}
        server.answer("$page", patient)
        server.confirms = False
        opened(page, server)
        server.wait_for(lambda: server.confirmed)
        server.fault = DOWN
        opened(page, server, "/next")
        shown(page)

    def test_another_user_inherits_nothing(self, page: Any, server: FakeServer) -> None:
        decided_once(page, server, banner())
        page.evaluate("waypost.reset()")
        assert stays_away(page, server, "/next")


class TestWhatHappenedMeanwhile:
    def test_two_tabs_that_go_away_leave_all_and_each_is_sent_once(self, page: Any, server: FakeServer) -> None:
        # Nothing is on its way at the moment when they go away.
        server.fault = Fault(status=503, headers={"Retry-After": "600"})
        opened(page, server)
        other = page.context.new_page()
        opened(other, server, "/other")
        for tab, name in ((page, "One"), (other, "Two")):
            tab.evaluate(f"waypost.track('{name}')")
            tab.wait_for_function("() => waypost.debug(false).faults.length")
        page.goto("about:blank")
        other.goto("about:blank")
        server.fault = None
        opened(page, server, "/next")
        server.wait_for(lambda: {"One", "Two"} <= set(names(server)))
        page.wait_for_timeout(200)
        assert sorted(names(server)) == ["$page", "$page", "$page", "One", "Two"]
        assert len(sent_ids(server)) == len(set(sent_ids(server)))

    def test_a_tab_that_was_only_hidden_sends_what_it_put_aside(self, page: Any, server: FakeServer) -> None:
        page.clock.install()
        # Nothing is on its way at the moment when the tab is hidden.
        server.fault = Fault(status=503, headers={"Retry-After": "600"})
        opened(page, server)
        page.evaluate("waypost.track('Kept')")
        page.wait_for_function("() => waypost.debug(false).faults.length")
        hide = "Object.defineProperty(document, 'visibilityState', {{configurable: true, get: () => '{}'}});"
        tell = "document.dispatchEvent(new Event('visibilitychange'))"
        page.evaluate(hide.format("hidden") + tell)
        assert page.evaluate("waypost.debug(false).queued") == 0
        server.fault = None
        page.evaluate(hide.format("visible") + tell)
        page.clock.fast_forward(600_000)
        server.wait_for(lambda: "Kept" in names(server))

    def test_what_no_beacon_takes_is_sent_from_the_next_page(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        # Whatever is on its way would be handed to a beacon too.
        page.wait_for_function("() => waypost.debug(false).queued === 0")
        fill = "for (let n = 0; n < 150; n++) waypost.track('Much', {n, text: 'x'.repeat(1000)})"
        page.evaluate(f"addEventListener('pagehide', () => {{ {fill} }})")
        page.goto("about:blank")
        server.wait_for(lambda: names(server).count("Much") > 30)
        page.wait_for_timeout(300)
        # Browsers share 64 KiB between all beacons of a page.
        assert names(server).count("Much") < 65
        opened(page, server, "/next")
        server.wait_for(lambda: names(server).count("Much") == 150)
        assert len(sent_ids(server)) == len(set(sent_ids(server)))

    @pytest.mark.parametrize(
        ("characters", "tracked", "kept"),
        [(1, 1_200, range(1_000, 1_001)), (30_000, 60, range(30, 34))],
        ids=["a thousand messages", "a megabyte"],
    )
    def test_the_newest_wait_up_to_a_limit(
        self, page: Any, server: FakeServer, characters: int, tracked: int, kept: range
    ) -> None:
        # Nothing is tried again meanwhile.
        server.fault = Fault(status=503, headers={"Retry-After": "600"})
        opened(page, server)
        page.wait_for_function("() => waypost.debug(false).faults.length")
        page.evaluate(
            f"for (let n = 0; n < {tracked}; n++) waypost.track('Much', {{n, text: 'x'.repeat({characters})}})"
        )
        page.wait_for_function("() => waypost.debug(false).queued > 1")
        waiting = page.evaluate("waypost.debug(false).queued")
        assert waiting in kept
        server.fault = None
        page.evaluate("dispatchEvent(new Event('online'))")
        server.wait_for(lambda: names(server).count("Much") == waiting)
        numbers = [message["properties"]["n"] for message in server.messages if name_of(message) == "Much"]
        assert numbers == list(range(tracked - waiting, tracked))

    def test_the_pauses_grow_to_a_minute_and_are_drawn_at_random(self, page: Any, server: FakeServer) -> None:
        page.add_init_script(
            "window.pauses = []; const later = window.setTimeout; Math.random = () => 0.5;"
            "window.setTimeout = (call, ms, ...more) => { if (ms >= 500 && ms <= 60000 && ms !== 10000) {"
            " pauses.push(ms); ms = 1 } return later(call, ms, ...more) }"
        )
        server.script_attributes = 'data-sensors="off"'
        server.fault = DOWN
        opened(page, server)
        page.wait_for_function("() => pauses.length > 8")
        assert page.evaluate("pauses.slice(0, 9)") == [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]

    def test_what_is_in_storage_and_makes_no_sense_does_no_harm(self, page: Any, server: FakeServer) -> None:
        page.add_init_script("localStorage['waypost:wp_pub_test:unsent'] = JSON.stringify(['{', 7, null, 'x'])")
        page.add_init_script("localStorage['waypost:wp_pub_test:last'] = '{\"at\":'")
        opened(page, server)
        server.wait_for(lambda: names(server) == ["$page"])

    def test_it_begins_without_a_network_and_sends_when_there_is_one(self, page: Any, server: FakeServer) -> None:
        server.fault = Fault(drops=True)
        opened(page, server)
        page.evaluate("waypost.track('Kept')")
        page.wait_for_function("() => waypost.debug(false).faults.length")
        server.fault = None
        page.evaluate("dispatchEvent(new Event('online'))")
        server.wait_for(lambda: names(server) == ["$page", "Kept"])


class TestWhoItWas:
    """A token proves one user; a batch never holds messages of two."""

    def test_the_token_goes_with_batches_and_questions(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        page.evaluate("waypost.identify('u1', {}, {token: 'signed.for.u1'})")
        server.wait_for(lambda: "$identify" in names(server))
        assert [batch.get("userToken") for batch in server.batches if "userId" in batch["batch"][-1]] == [
            "signed.for.u1"
        ]
        page.evaluate("waypost.show('tour')")
        (asked,) = server.wait_for(lambda: server.asked)
        assert (asked["userId"], asked["userToken"], asked["guide"]) == ("u1", "signed.for.u1", "tour")
        assert page.evaluate("waypost.debug(false).isSigned") is True
        opened(page, server, "/next")
        page_of = lambda batch: batch["batch"][0]["context"]["page"]["path"]  # noqa: E731
        found = server.wait_for(lambda: [batch for batch in server.batches if page_of(batch) == "/next"])
        assert found[0]["userToken"] == "signed.for.u1"

    def test_after_logging_out_the_last_words_are_still_signed_and_nothing_else(
        self, page: Any, server: FakeServer
    ) -> None:
        opened(page, server)
        page.evaluate(
            "waypost.identify('u1', {}, {token: 't1'}); waypost.track('Left'); waypost.reset();"
            "waypost.identify('u2', {}, {token: 't2'}); waypost.track('Came')"
        )
        server.wait_for(lambda: "Came" in names(server))
        signed = {
            message["event"]: batch.get("userToken")
            for batch in server.batches
            for message in batch["batch"]
            if message["type"] == "track"
        }
        assert signed == {"Left": "t1", "Came": "t2"}
        page.evaluate("waypost.reset(); waypost.track('Alone')")
        server.wait_for(lambda: "Alone" in names(server))
        assert "userToken" not in server.batches[-1]
        assert "t2" not in str(page.evaluate("Object.values(localStorage)"))


def test_a_locale_of_the_page_s_own_is_asked_in(page: Any, server: FakeServer) -> None:
    opened(page, server)
    page.evaluate("waypost.setLocale('de-AT'); waypost.track('Asked')")
    server.wait_for(lambda: server.asked and "Asked" in names(server))
    assert server.asked[0]["context"]["locale"] == "de-AT"
    assert server.batches[-1]["context"]["locale"] == "de-AT"
    page.evaluate("waypost.setLocale()")
    server.wait_for(lambda: len(server.asked) == 2)
    assert server.asked[1]["context"]["locale"] != "de-AT"


@pytest.mark.parametrize(("said", "is_gone"), [("", True), ("'guide_1'", True), ("'another'", False)])
def test_the_page_closes_a_guide_as_the_user_would(page: Any, server: FakeServer, said: str, is_gone: bool) -> None:
    server.answer("$page", decision(example("banner")))
    opened(page, server)
    shown(page)
    page.evaluate(f"waypost.dismiss({said})")
    if is_gone:
        assert server.wait_for_event("$dismissed") == {"guide": "guide_1", "how": "close"}
        page.locator(CARD).wait_for(state="detached")
    else:
        page.wait_for_timeout(200)
        assert page.locator(CARD).count() == 1
