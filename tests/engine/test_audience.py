"""Two rule sets over one history: who gains a guide, who loses it, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dsl.values import HOUR, Instant
from engine.audience import AudienceChange, GuideAudience, compare
from engine.events import NAMES, Event, EventKind
from engine.people import people_of
from engine.reasons import Reason
from tests.engine.stories import ruleset

START = 1_770_000_000_000_000


def guide(*clauses: str, name: str = "help") -> str:
    held = "" if any("holdout" in each for each in clauses) else "holdout 0%"
    show = 'show modal { title "T" body "B" }'
    return f'guide {name} "L" {{\n' + "\n".join((*clauses, held, show)) + "\nexpires 2099-01-01\n}\n"


def history(*rows: tuple[Any, ...], from_browser: bool = True) -> list[Event]:
    """Events of (hour, user, name, properties): an hour counts from the start."""
    kinds = {name: kind for kind, name in NAMES.items()}
    events = []
    for number, (hour, user, name, *given) in enumerate(rows, 1):
        kind = kinds.get(name, EventKind.TRACK)
        more = given[0] if given else {}
        time = Instant(START + int(hour * HOUR))
        events.append(
            Event(
                seq=number,
                message_id=f"m{number}",
                kind=kind,
                name=name,
                time=time,
                received=time,
                user_id=user,
                properties=more if kind is EventKind.TRACK else {},
                traits=more if kind in (EventKind.IDENTIFY, EventKind.GROUP) else {},
                group_id="acme" if kind is EventKind.GROUP else None,
                from_browser=from_browser and kind is not EventKind.IDENTIFY,
            )
        )
    return events


def compared(old: str, new: str, events: Sequence[Event]) -> AudienceChange:
    return compare(ruleset(old), ruleset(new), people_of(events))


def of(change: AudienceChange, name: str = "help") -> GuideAudience:
    return next(each for each in change.guides if each.guide == name)


def switches(change: AudienceChange, name: str = "help") -> dict[str, list[tuple[str, Reason | None, Reason | None]]]:
    found = of(change, name)
    return {
        "gains": [(each.person, each.before, each.after) for each in found.gains],
        "losses": [(each.person, each.before, each.after) for each in found.losses],
    }


TWO = history(
    (0, "ada", "$identify", {"plan": "trial"}),
    (0, "bob", "$identify", {"plan": "pro"}),
    (1, "ada", "Export Failed"),
    (2, "bob", "Export Failed"),
    (3, "ada", "Export Failed"),
)
ON_FAILURE = 'on "Export Failed"'


def test_the_same_rules_change_nothing() -> None:
    change = compared(guide(ON_FAILURE, "once"), guide(ON_FAILURE, "once"), TWO)
    assert not any(each.is_changed for each in change.guides)
    assert of(change).people == (2, 2)
    assert (change.people, change.moments) == (2, 3)


def test_a_condition_that_lets_others_in_is_seen_by_them() -> None:
    change = compared(guide(ON_FAILURE, 'when plan is "trial"'), guide(ON_FAILURE, 'when plan is "pro"'), TWO)
    assert switches(change) == {
        "gains": [("bob", Reason.CONDITION_FALSE, Reason.TARGETING_MATCH)],
        "losses": [("ada", Reason.TARGETING_MATCH, Reason.CONDITION_FALSE)],
    }


def test_what_was_brought_in_later_wakes_rules_as_if_it_came_when_it_happened() -> None:
    imported = [replace(each, live=False) for each in TWO]
    change = compared(guide(ON_FAILURE, 'when plan is "trial"'), guide(ON_FAILURE), imported)
    assert [each.person for each in of(change).gains] == ["bob"]


def test_a_guide_that_is_new_has_no_reason_before() -> None:
    other = guide("priority 10", "paused", name="other")
    change = compared(other, guide(ON_FAILURE, "once") + other, TWO)
    assert switches(change)["gains"] == [
        ("ada", None, Reason.TARGETING_MATCH),
        ("bob", None, Reason.TARGETING_MATCH),
    ]
    assert switches(compared(guide(ON_FAILURE), other, TWO))["losses"][0] == ("ada", Reason.TARGETING_MATCH, None)


def test_frequency_counts_what_these_rules_showed_not_what_was_shown_then() -> None:
    shown = history((1, "ada", "Export Failed"), (1, "ada", "$shown", {"guide": "help"}), (2, "ada", "Export Failed"))
    change = compared(guide(ON_FAILURE, "once"), guide(ON_FAILURE, "once every 1 hour"), shown)
    assert of(change).shows == (1, 2)
    assert switches(change) == {"gains": [], "losses": []}
    assert of(change).is_changed


def test_what_users_did_themselves_stays_as_recorded() -> None:
    closed = history((1, "ada", "$dismissed", {"guide": "help", "how": "close"}), (2, "ada", "Export Failed"))
    change = compared(guide(ON_FAILURE, "until dismissed"), guide(ON_FAILURE, "once"), closed)
    assert switches(change)["gains"] == [("ada", Reason.FREQUENCY_CAPPED, Reason.TARGETING_MATCH)]


def test_a_guide_that_takes_anothers_place_takes_its_people() -> None:
    old = guide(ON_FAILURE, "priority 60", "once") + guide(ON_FAILURE, "priority 50", "once", name="other")
    new = guide(ON_FAILURE, "priority 40", "once") + guide(ON_FAILURE, "priority 50", "once", name="other")
    change = compared(old, new, history((1, "bob", "Export Failed")))
    assert switches(change)["losses"] == [("bob", Reason.TARGETING_MATCH, Reason.OUTRANKED)]
    assert switches(change, "other")["gains"] == [("bob", Reason.OUTRANKED, Reason.TARGETING_MATCH)]


def test_a_holdout_takes_a_guide_from_those_who_are_in_it() -> None:
    many = history(*((1, f"u{number}", "Export Failed") for number in range(200)))
    goal = 'goal "Export Done" within 1 day'
    change = compared(guide(ON_FAILURE, goal), guide(ON_FAILURE, goal, "holdout 50%"), many)
    losses = switches(change)["losses"]
    assert {(before, after) for _, before, after in losses} == {(Reason.TARGETING_MATCH, Reason.HELD_OUT)}
    assert 70 < len(losses) < 130
    assert of(change).people == (200, 200 - len(losses))


def test_what_a_server_sent_waits_for_the_users_next_request() -> None:
    by_server = history((1, "ada", "Export Failed"), from_browser=False)
    soon = [*by_server, *history((2, "bob", "Signed Up"), (1.05, "ada", "Signed Up"))]
    rules = guide('on "Export Failed"', "once")
    events = [replace(each, seq=number, message_id=f"x{number}") for number, each in enumerate(soon)]
    change = compared(guide("paused"), rules, events)
    assert [(each.person, each.at) for each in of(change).gains] == [("ada", START + int(1.05 * HOUR))]


def test_in_a_history_without_a_browser_every_event_is_a_request() -> None:
    events = history((1, "ada", "Export Failed"), from_browser=False)
    change = compared(guide("paused"), guide(ON_FAILURE, "once"), events)
    assert [each.person for each in of(change).gains] == ["ada"]


def test_people_of_one_account_know_of_each_other_at_that_time_only() -> None:
    rules = guide(ON_FAILURE, 'when anyone in account did "Export Done"')
    events = history(
        (0, "ada", "$group", {}),
        (0, "bob", "$group", {}),
        (1, "ada", "Export Failed"),
        (2, "bob", "Export Done"),
        (3, "bob", "Export Failed"),
        (4, "ada", "Export Failed"),
    )
    change = compared(guide("paused"), rules, events)
    assert {each.person: (each.at - START) // HOUR for each in of(change).gains} == {"ada": 4, "bob": 3}


def test_a_survey_that_has_its_responses_is_shown_to_nobody_else() -> None:
    survey = 'survey asks "A" { on "Export Failed" ask text words "What?" once stop after %d responses }\n'
    events = history(
        (1, "ada", "Export Failed"),
        (1.1, "ada", "$answered", {"guide": "asks", "question": "words", "value": "x", "submission": "s"}),
        (2, "bob", "Export Failed"),
    )
    change = compared(survey % 1, survey % 2, events)
    assert switches(change, "asks")["gains"] == [("bob", Reason.QUOTA_REACHED, Reason.TARGETING_MATCH)]


def test_progress_counts_the_events() -> None:
    told: list[int] = []
    compare(ruleset(guide("paused")), ruleset(guide("paused")), people_of(TWO), progress=told.append)
    assert told == [1, 2, 3, 4, 5]
