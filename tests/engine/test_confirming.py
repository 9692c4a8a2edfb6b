"""A decision is asked again just before it is shown: one place, one show, over all tabs and devices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from dsl.values import SECOND, format_instant
from engine.errors import UnknownDecision
from engine.replies import Published
from engine.service import Service
from tests.engine.clock import Clock
from tests.engine.serving import TIP, decided, guide, publish, send, shown, track


def test_two_tabs_that_confirm_get_one_show(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    first, second = decided(service, project, clock), decided(service, project, clock)
    assert first != second
    assert service.confirm(project, first).show is True
    refused = service.confirm(project, second)
    assert (refused.show, refused.reason != "TARGETING_MATCH") == (False, True)
    assert service.recent_decisions(project).items[0].confirmed == clock.now


def test_twenty_tabs_that_confirm_at_once_get_one_show(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, guide("tip", "shown at most 50 times"))
    decisions = [decided(service, project, clock) for _ in range(20)]
    with ThreadPoolExecutor(20) as tabs:
        answers = list(tabs.map(lambda decision: service.confirm(project, decision).show, decisions))
    assert sum(answers) == 1


@pytest.mark.parametrize(("waited", "expected"), [(29 * SECOND, False), (30 * SECOND, True)])
def test_a_place_that_is_not_used_is_free_again_after_thirty_seconds(
    service: Service, project: int, clock: Clock, waited: int, expected: bool
) -> None:
    service.publish(project, {"a.way": TIP})
    first, second = decided(service, project, clock), decided(service, project, clock)
    assert service.confirm(project, first).show is True
    clock.pass_(waited)  # type: ignore[arg-type]
    assert service.confirm(project, second).show is expected


def test_a_place_is_reserved_against_other_guides_too(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, 'event "Other"\n', guide("tip"), guide("other", on="Other"))
    first = decided(service, project, clock)
    (other,) = send(service, project, clock, track("Other")).decisions
    assert service.confirm(project, first).show is True
    assert service.confirm(project, other.id).show is False
    assert service.confirm(project, decided(service, project, clock, user="v")).show is True


def test_a_tab_that_asks_again_gets_the_same_yes(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    decision = decided(service, project, clock)
    assert service.confirm(project, decision, holder="tab 1").show is True
    assert service.confirm(project, decision, holder="tab 1").show is True
    assert service.confirm(project, decision, holder="tab 2").show is False
    assert service.confirm(project, decision).show is False


def test_what_was_shown_meanwhile_is_not_confirmed(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    decision = decided(service, project, clock)
    send(service, project, clock, track("$shown", properties={"guide": "tip"}))
    assert service.confirm(project, decision).show is False


def test_a_browser_that_confirms_without_a_word_is_where_it_was(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, guide("here", 'when page.path matches "/domains/*"', 'when device.type is "mobile"'))
    context = {"page": {"path": "/domains/new"}, "device": {"type": "mobile"}, "secret": "not kept"}
    (served,) = send(service, project, clock, track("Stuck", context=context)).decisions
    assert service.confirm(project, served.id).show is True
    (other,) = send(service, project, clock, track("Stuck", user="v", context=context)).decisions
    assert service.confirm(project, other.id, context={"page": {"path": "/elsewhere"}}).show is False


def test_a_rule_with_a_property_of_its_event_is_confirmed_with_it(service: Service, project: int, clock: Clock) -> None:
    rules = 'event "Stuck" { reason: text }\n' + guide("why", 'when event.reason is "dns"')
    assert isinstance(service.publish(project, {"rules.way": rules}), Published)
    (served,) = send(service, project, clock, track("Stuck", properties={"reason": "dns"})).decisions
    send(service, project, clock, track("Stuck", properties={"reason": "other"}))
    assert service.confirm(project, served.id).show is True


def test_a_launcher_is_confirmed_beside_a_guide(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, guide("tip"), 'feedback talk "Talk to us" {\n  ask text what "What is it?"\n}\n')
    receipt = send(service, project, clock, track("Stuck"))
    assert shown(receipt) == ["tip", "talk"]
    first, launcher = receipt.decisions
    assert service.confirm(project, first.id).show is True
    assert service.confirm(project, launcher.id).show is True
    with pytest.raises(UnknownDecision):
        service.confirm(project, launcher.id.partition(".")[0] + ".tip")


def test_words_that_cannot_be_made_show_nothing_and_lose_no_event(
    service: Service, project: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> object:
        raise RuntimeError("a fault in a widget")

    service.publish(project, {"a.way": TIP})
    monkeypatch.setattr("engine.guidance.render", fail)
    receipt = send(service, project, clock, track("Stuck"))
    assert (receipt.accepted, receipt.decisions) == (1, ())


def test_a_guide_that_was_taken_back_is_not_confirmed(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    decision = decided(service, project, clock)
    publish(service, project, guide("another"))
    assert service.confirm(project, decision).show is False


def test_the_place_follows_a_visitor_who_signs_in(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    send(service, project, clock, track("Signed Up"), decide=False)
    visit = {"type": "track", "event": "Stuck", "anonymousId": "a", "timestamp": format_instant(clock.now)}
    (first,) = send(service, project, clock, visit).decisions
    assert service.confirm(project, first.id).show is True
    send(service, project, clock, {"type": "identify", "userId": "u", "anonymousId": "a"}, decide=False)
    publish(service, project, guide("other"))
    assert service.confirm(project, decided(service, project, clock)).show is False


@pytest.mark.parametrize("decision", ["", "dec_unknown", "x" * 500, "a\0b", "."])
def test_an_unknown_decision_is_an_error_of_its_own(service: Service, project: int, decision: str) -> None:
    with pytest.raises(UnknownDecision):
        service.confirm(project, decision)


def test_another_projects_decision_looks_like_a_missing_one(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    decision = decided(service, project, clock)
    other = service.ensure_project("other").id
    with pytest.raises(UnknownDecision):
        service.confirm(other, decision)
    assert service.user(other, user_id="u") is None
    assert service.history(other, user_id="u") == ()
    assert service.recent_events(other).items == service.recent_decisions(other).items == ()


def test_decisions_can_be_followed_by_cursor(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    first = decided(service, project, clock)
    page = service.recent_decisions(project)
    assert [row.id for row in page.items] == [first]
    second = decided(service, project, clock, user="v")
    assert [row.id for row in service.recent_decisions(project, after=page.next).items] == [second]
    assert [row.id for row in service.recent_decisions(project, after=0, limit=1).items] == [first]
