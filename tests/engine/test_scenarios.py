"""What a scenario means: what is given, what happens, what is expected, and whose story it is."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from engine.reasons import Reason
from engine.scenarios import failure_text, step_words
from tests.engine.stories import result, results


def guide(
    *clauses: str, name: str = "help", kind: str = "guide", show: str = 'show modal { title "T" body "B" }'
) -> str:
    """A guide of a table, without an end and without a holdout unless the table says one."""
    shown = show if kind == "guide" and not any("variant" in each for each in clauses) else ""
    held = "" if any("holdout" in each for each in clauses) or kind != "guide" else "holdout 0%"
    return f'{kind} {name} "L" {{\n' + "\n".join((*clauses, shown, held)) + "\nexpires 2099-01-01\n}\n"


ONCE = guide("once")

CONDITIONS = [
    # given, the guide's condition, holds
    ("traits: { plan: trial }", 'plan is "trial"', True),
    ("traits: { plan: trial }", 'plan is "pro"', False),
    ("traits: { seats: 5 }", "seats >= 5", True),
    ("traits: { seats: '5' }", "seats >= 5", True),
    ("traits: { sales_assisted: yes }", "sales_assisted is yes", True),
    ("traits: { sales_assisted: no }", "sales_assisted is no", True),
    ("traits: { sales_assisted: true }", "sales_assisted is yes", True),
    # The same word is text where the rules say text.
    ("traits: { country_code: NO }", 'country_code is "NO"', True),
    ("traits: { country_code: 47 }", 'country_code is "47"', True),
    ("traits: { app: 2.10 }", 'app is version "2.10.0"', True),
    ("traits: { app: 2.10 }", 'app > version "2.9"', True),
    ("traits: { tags: [beta, 'no'] }", 'tags include all of "beta", "no"', True),
    ("traits: { scores: [1, 2.5] }", "scores include 2.5", True),
    ("traits: { trial_ends_at: 2 days later }", "trial_ends_at within next 3 days", True),
    ("traits: { trial_ends_at: 2026-01-04 }", "trial_ends_at before 2026-01-05", True),
    ("traits: { size: 10 }", "size is 10", True),
    ("traits: { Company Size: 10 }", "size is 10", True),
    ("traits: { seats: }", "seats is not set", True),
    ("traits: { seats: null }", "seats is not set", True),
    ("account: { industry: health }", 'account.industry is "health"', True),
    ("account: { id: acme, industry: health }", 'account.industry contains "heal"', True),
    ("page: /exports/7", 'page.path matches "/exports/*"', True),
    ("page: https://app.example.com/exports/7?x=1", 'page.path matches "/exports/*"', True),
    ("page: { path: /a, title: Exports }", 'page.title is "Exports"', True),
    ("device: { type: mobile, ip: 10.1.2.3 }", 'device.type is "mobile" and device.ip in network "10.0.0.0/8"', True),
    ("language: de-AT", 'language is "de"', True),
    ("timezone: Europe/Berlin", 'timezone is "Europe/Berlin"', True),
    ("app_version: 2.10", 'app_version is version "2.10"', True),
    ("user: ada", 'user_id is "ada"', True),
    ("events: [{ event: Export Failed, at: 3 days ago }]", 'did "Export Failed" in last 3 days', False),
    ("events: [{ event: Export Failed, at: 71 hours 59 minutes ago }]", 'did "Export Failed" in last 3 days', True),
    ("events: [{ event: Export Failed, at: now }]", 'did "Export Failed" in last 1 minute', True),
    ("events: [{ event: Export Failed, at: 2026-01-05 08:59 }]", 'did "Export Failed" in last 1 minute', False),
    ("events: [{ event: Export Failed, at: 2026-01-05T08:59:01Z }]", 'did "Export Failed" in last 1 minute', True),
    (
        "events: [{ event: Export Failed, at: 1 hour ago, with: { attempt: 3, final: no, note: [1] } }]",
        'did "Export Failed" where attempt is 3 and final is no',
        True,
    ),
    (
        "events: [{ event: Export Failed, at: 2 days ago, with: { seen_at: 1 hour ago } }]",
        'did "Export Failed" where seen_at within last 1 hour',
        False,
    ),
    (
        "events: [{ event: Signed Up, at: 1 day ago }, { event: Export Done, at: 1 hour later }]",
        "reached work.export",
        True,
    ),
    ("events: [{ visits: /exports/1, at: 1 hour ago }]", "days active in last 7 days >= 1", True),
    ("events: [{ traits: { plan: pro }, at: 1 hour ago }]", 'plan is "pro"', True),
    ("events: [{ account: { industry: x }, at: 1 hour ago }]", 'account.industry is "x"', True),
    (
        "events: [{ event: Signed Up, at: 1 day ago }, { friction: rage click, at: 1 hour ago, page: /exports/1 }]",
        "friction at work.export > 0.3",
        True,
    ),
    ("events: [{ shown: asks, at: 1 day ago }]", "saw asks", True),
    ("events: [{ dismissed: asks, at: 1 day ago }]", "dismissed asks", True),
    ("events: [{ answered: asks, at: 1 day ago, answers: { ease: 2 } }]", "answered asks.ease <= 3", True),
    ("events: [{ answered: asks, at: 1 day ago, answers: { why: slow } }]", 'answered asks.why is "slow"', True),
    (
        "events: [{ answered: asks, at: 1 day ago, answers: { why: It is slow } }]",
        'answered asks.why is "slow"',
        True,
    ),
    (
        "events: [{ answered: asks, at: 1 day ago, answers: { why: { other: No idea } } }]",
        "answered asks.why is other",
        True,
    ),
    (
        "colleagues: [{ events: [{ event: Export Done, at: 1 day ago }] }]",
        'anyone in account did "Export Done" in last 7 days',
        True,
    ),
    (
        "colleagues: [{ events: [{ event: Export Done, at: 8 days ago }] }]",
        'anyone in account did "Export Done" in last 7 days',
        False,
    ),
]  # fmt: skip

ASKS = guide(
    'ask effort ease "How easy?"',
    'ask choice why "Why?" { "It is slow" as slow  other }',
    "once",
    "paused",
    name="asks",
    kind="survey",
)


@pytest.mark.parametrize(("given", "condition", "holds"), CONDITIONS)
def test_what_is_given_is_what_the_rules_read(given: str, condition: str, holds: bool) -> None:
    rules = guide(f"when {condition}", "once") + ASKS
    expected = "shown help" if holds else "not shown help because CONDITION_FALSE"
    found = result(f"given:\n  {given}\nexpect: {expected}", rules)
    assert found.passed, failure_text(found)


HAPPENINGS = [
    ("event: Export Failed", 'on "Export Failed"'),
    ("event: Export Failed\n  with: { reason: timeout }", 'on "Export Failed" where reason is "timeout"'),
    ("visits: /exports/4", 'on page "/exports/*"'),
    ("visits: /exports/4", "on session start"),
    ("visits: /exports/4", 'when page.path is "/exports/4"'),
    ("page: /exports/5", 'when page.path is "/exports/5"'),
    ("device: { type: tablet }", 'when device.type is "tablet"'),
    ("traits: { plan: pro }", 'when plan is "pro"'),
    ("account: { industry: law }", 'when account.industry is "law"'),
    ("friction: dead click\n  page: /exports/5", "when friction at work.export > 0"),
]  # fmt: skip


@pytest.mark.parametrize(("happening", "clause"), HAPPENINGS)
def test_what_happens_wakes_rules_and_is_known_at_once(happening: str, clause: str) -> None:
    given = "given:\n  events: [{ event: Signed Up, at: 1 day ago }]\n"
    found = result(f"{given}when:\n  {happening}\nexpect: shown help", guide(clause, "once"))
    assert found.passed, failure_text(found)


def test_history_wakes_nothing() -> None:
    found = result(
        "given: { events: [{ event: Export Failed, at: 1 minute ago, from: server }] }\nexpect: nothing",
        guide('on "Export Failed"', "once"),
    )
    assert found.passed


STORIES = {
    "a guide that is shown is seen, and counts": """
        steps:
          - expect: shown help
          - when: { at: 1 minute later }
            expect: not shown help because FREQUENCY_CAPPED
    """,
    "unless the story says that it is not seen": """
        steps:
          - expect: shown help
            seen: no
          - when: { at: 1 minute later }
            expect: shown help
    """,
    "without a time, a step happens when the one before did": """
        start: 2026-05-01 10:00
        steps:
          - when: { event: Signed Up, at: 2026-05-01 12:00 }
            seen: no
          - expect: shown help
          - when: { at: 2026-05-01 12:00 }
            expect: not shown help
    """,
    "a completed guide is over": """
        steps:
          - expect: shown help
            seen: no
          - when: { completed: help, at: 1 minute later }
            expect: not shown help because FREQUENCY_CAPPED
    """,
    "a guide that somebody else was held out of is shown to most": "expect: shown help",
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story(story: str) -> None:
    found = result(dedent(story), ONCE)
    assert found.passed, failure_text(found)


def test_what_a_file_gives_comes_before_what_a_scenario_gives() -> None:
    rules = guide('when plan is "pro" and seats is 3', 'when did "Export Failed" exactly 2 times', "once")
    text = """
    start: 2026-05-01
    given:
      traits: { plan: trial, seats: 3 }
      events: [{ event: Export Failed, at: 1 day ago }]
    scenarios:
      - name: with more
        given:
          traits: { plan: pro }
          events: [{ event: Export Failed, at: 2 days ago }]
        expect: shown help
      - name: without
        expect: nothing
    """
    assert [(each.scenario.name, each.passed) for each in results(dedent(text), rules)] == [
        ("with more", True),
        ("without", True),
    ]


def test_a_clock_without_an_offset_is_that_of_the_files_zone() -> None:
    text = """
    zone: America/New_York
    start: 2026-05-01 09:00
    scenarios:
      - name: at nine
        expect: shown help
    """
    (found,) = results(dedent(text), ONCE)
    assert found.steps[0].step.at == 1_777_640_400_000_000  # 2026-05-01T13:00:00Z


SHARES = [
    # clauses, what the story expects
    (("holdout 10%", 'goal "Export Done" within 1 day'), "shown help"),
    (("holdout 10%", 'goal "Export Done" within 1 day'), "not shown help because HELD_OUT"),
    (("holdout 90%", 'goal "Export Done" within 1 day'), "shown help"),
    (("rollout 1%",), "shown help because SPLIT"),
    (("rollout 99%",), "not shown help because NOT_IN_ROLLOUT"),
    (
        (
            'variant a 50% { show modal { title "A" body "A" } }',
            'variant b 50% { show modal { title "B" body "B" } }',
        ),
        "shown help variant a",
    ),
    (
        (
            'variant a 99% { show modal { title "A" body "A" } }',
            'variant b 1% { show modal { title "B" body "B" } }',
        ),
        "shown help variant b",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("clauses", "expected"), SHARES)
def test_without_a_user_a_story_is_somebodys_whom_the_shares_draw_for_it(
    clauses: tuple[str, ...], expected: str
) -> None:
    found = result(f"expect: {expected}", guide(*clauses, "once"))
    assert found.passed, failure_text(found)


def test_the_guides_that_a_story_is_not_about_keep_nobody_away() -> None:
    # Were somebody held out of the other guide, it would keep its place, and nothing would be shown.
    other = guide("priority 90", "holdout 50%", 'goal "Export Done" within 1 day', "once", name="other")
    found = result("expect: not shown help because OUTRANKED", ONCE + other)
    assert found.passed
    assert [each.guide for each in found.steps[0].shown] == ["other"]


def test_a_named_user_is_drawn_as_they_are() -> None:
    rules = guide("rollout 50%", "once")
    outcome = {user: result(f"given: {{ user: {user} }}\nexpect: shown help", rules).passed for user in "abcdefgh"}
    assert set(outcome.values()) == {True, False}


def test_a_story_that_is_nobodys_says_so() -> None:
    found = result(
        "steps:\n  - expect: shown help\n    seen: no\n  - expect: not shown help because NOT_IN_ROLLOUT",
        guide("rollout 50%", "once"),
    )
    assert not found.passed
    assert "nobody is drawn as this scenario needs" in failure_text(found)


EXPECTATIONS = [
    # what happens with these rules, what is expected, met
    (ONCE, "shown help", True),
    (ONCE, "shown help because TARGETING_MATCH", True),
    (ONCE, "shown help because SPLIT", False),
    (ONCE, "not shown help", False),
    (ONCE, "nothing", False),
    (guide("paused"), "not shown help because PAUSED", True),
    (guide("paused", 'on "Export Done"'), "not shown help because PAUSED", True),
    (guide('on "Export Done"'), "not shown help because NOT_TRIGGERED", True),
    (guide('on "Export Done"'), "not shown help because NOT_AT_STEP", False),
    (guide('on "Export Done"'), "nothing", True),
    (guide("draft"), "not shown help because DRAFT", True),
    (guide("when seats > 3"), "not shown help because CONDITION_UNKNOWN", True),
    (guide("when seats > 3"), "not shown help because CONDITION_FALSE", False),
    (guide("when seats > 3"), "[nothing, not shown help]", True),
    (guide("wait until exit intent"), "shown help because WAITING_FOR_BROWSER", True),
    (guide("for nobody") + 'segment nobody where plan is "free" and plan is "pro"\n', "nothing", True),
    (ONCE + guide("priority 99", name="first"), "[shown first, not shown help because OUTRANKED]", True),
    (ONCE + guide("priority 99", name="first"), "shown help", False),
    # A launcher is always there and takes no place.
    (guide('ask text words "What?"', kind="feedback", name="always"), "[nothing, shown always]", True),
    (guide('ask text words "What?"', kind="feedback", name="always"), "not shown always", False),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "expected", "is_met"), EXPECTATIONS)
def test_an_expectation_is_met_or_not(rules: str, expected: str, is_met: bool) -> None:
    assert result(f"expect: {expected}", rules).passed is is_met


def test_a_servers_event_asks_for_no_guidance() -> None:
    scenario = "when: { event: Export Done, from: server }\nexpect: shown help"
    found = result(scenario, guide('on "Export Done"'))
    assert not found.passed
    assert "no guidance was asked for" in step_words(found.steps[0])
    assert result(scenario.replace("shown help", "nothing"), guide('on "Export Done"')).passed


def test_a_quota_counts_the_responses_of_others_and_of_the_story() -> None:
    survey = guide('ask text words "What?"', "stop after 2 responses", "once every 1 day", name="asks", kind="survey")
    story = """
    given: { responses: { asks: 1 } }
    steps:
      - expect: shown asks
      - when: { answered: asks, answers: { words: hello }, at: 1 minute later }
      - when: { at: 2 days later }
        expect: not shown asks because QUOTA_REACHED
    """
    found = result(dedent(story), survey)
    assert found.passed, failure_text(found)


def test_a_failure_says_what_was_expected_what_happened_and_why_for_each_guide() -> None:
    rules = guide('on "Export Failed"', "when seats > 5", "once") + guide("when seats > 100", name="other")
    story = """
    given: { traits: { seats: 3 }, user: ada }
    steps:
      - expect: nothing
      - when: { event: Export Failed, at: 2 minutes later }
        expect: [shown help, not shown other because OUTRANKED]
    """
    assert failure_text(result(dedent(story), rules)) == dedent(
        """\
        step 2, line 7: Export Failed, at 2026-01-05T09:02:00Z
          expected  shown help
          expected  not shown other because OUTRANKED
          happened  nothing
            help   CONDITION_FALSE  A `when` is false, or an `unless` is true.
            other  CONDITION_FALSE  A `when` is false, or an `unless` is true.
        as user `ada`"""
    )


def test_every_reason_can_be_expected() -> None:
    reasons = [f"{'' if each.shows else 'not '}shown help because {each.value}" for each in Reason]
    text = "scenarios:\n  - name: all\n    steps:\n" + indent(
        "\n".join(f"- expect: {each}" for each in reasons), "      "
    )
    assert len(results(text, ONCE)[0].scenario.steps) == len(Reason)


def test_the_same_scenario_gives_the_same_result_again() -> None:
    story = "steps:\n  - expect: shown help\n  - when: { at: 1 day later }\n    expect: shown help"
    rules = guide("rollout 50%", "once every 1 day")
    assert result(story, rules) == result(story, rules)
