"""What a broken scenario file says: where, what is wrong in the writer's words, and what to write."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.diagnostics import render
from dsl.values import Instant
from engine.scenarios import open_file, read_scenarios
from engine.scenarios.codes import SCENARIO_CODES
from engine.scenarios.times import Unclear, read_time
from engine.scenarios.tree import LONGEST
from tests.engine.stories import project, read

GUIDES = """
guide help "Help" { when plan is "trial" once show modal { title "T" body "B" } expires 2099-01-01 }
guide tried "Tried" {
  once
  variant a 50% { show modal { title "T" body "B" } }
  variant b 50% { show modal { title "T" body "B" } }
  expires 2099-01-01
}
survey asks "Asks" {
  ask effort ease "How easy?"
  ask choice why "Why?" { "It is slow" as slow  other }
  once
  expires 2099-01-01
}
"""

EXPECTS = "\n    expect: nothing"

FILES = [
    # the file, then each message as `line:column code message | help`
    ("", ["1:1 WS004 this file is empty | begin with `scenarios:` and a list of them"]),
    ("scenarios", ["1:1 WS005 a scenario file needs names with values | write `rules: …` below it, further to the right"]),
    ("rule: x", [
        "1:1 WS004 this file has no scenarios | write `scenarios:` and a list of them",
        "1:1 WS003 a scenario file has no `rule` | did you mean `rules`?",
    ]),
    ("scenarios: x", ["1:12 WS005 `scenarios` is a list | begin each of its items with `- `"]),
    ("zone: Berlin\nscenarios: []", ["1:7 WS009 `Berlin` is no time zone | write one such as Europe/Berlin"]),
    ("scenarios: a: b", ["1:13 WS001 there is a `:` too many, or a line stands too far to the right | put the text in quotes"]),
    ("a:\n\t- b", ["2:1 WS001 a tab stands before the text | indent with blanks"]),
    ("a: 'b", ["1:6 WS001 a quote is not closed | close it"]),
    ("a: [b", ["1:6 WS001 a `]` is missing | close the list with `]`"]),
    ("a: &x b", ["1:4 WS002 `&x` names something for elsewhere | write it out; what all scenarios share stands in `given` at the top of the file"]),
    ("a: !!python/name:os.system b", ["1:4 WS002 a `!` at the beginning means something else in YAML | put it in quotes"]),
    ("a: b\n---\nc: d", ["2:1 WS002 a second document begins here | make a file of its own, without `---`"]),
    ("[" * 100, ["1:33 WS002 more than 32 lists and groups inside each other | write it flatter"]),
    ("a: \x07", ["1:4 WS001 there is a character here that cannot be printed | take it out"]),
    ("#" * (LONGEST + 1), ["1:1 WS002 this file has 250,001 characters; 250,000 is the limit | make several files of it"]),
]  # fmt: skip

SCENARIOS = [
    ("nothing", ["2:5 WS005 a scenario needs names with values | write `name: …` below it, further to the right"]),
    ("expect: nothing", ["2:5 WS004 this scenario has no name | write `name:` and a sentence"]),
    ("name:\n    expect: nothing", ["2:10 WS004 `name` is blank | write it after the `:`"]),
    ("name: [x]\n    expect: nothing", ["2:11 WS005 `name` is a text | write it after the `:`"]),
    ("name: x", ["2:5 WS011 this scenario expects nothing in particular, and cannot fail | write `expect: shown GUIDE`, or `expect: nothing` where nothing is to be shown"]),
    ("name: x\n    expect: nothing\n    expect: nothing", ["4:5 WS006 `expect` stands here twice | keep one of them"]),
    ("name: x\n    expcet: nothing\n    expect: nothing", ["3:5 WS003 a scenario has no `expcet` | did you mean `expect`?"]),
    ("name: x\n    steps: [expect: nothing]\n    when: { at: now }", ["4:11 WS006 `when` stands beside `steps` | make it the first of the steps"]),
    ("name: x\n    user: ann\n    expect: nothing", ["3:5 WS003 a scenario has no `user` | write it below `given:`: `given: { user: … }`"]),
    ("name: x\n    event: Signed Up\n    expect: nothing", ["3:5 WS003 a scenario has no `event` | write it below `when:`: `when: { event: … }`"]),
    ("name: x\n    start: soon\n    expect: nothing", ["3:12 WS007 `soon` is no time | write `2026-03-02 09:00`"]),
    ("name: x\n    seen: maybe\n    expect: nothing", ["3:11 WS009 `seen` is `yes` or `no`"]),
    ("name: x\n    expect: nothing\n  - name: x\n    expect: nothing", ["4:5 WS006 two scenarios are called “x” | say what differs"]),
]  # fmt: skip

WHENS = [
    ("Sined Up", ["3:11 WS005 what happens needs names with values | write `event: Signed Up`; its properties stand after `with:`"]),
    ("{ Export Failed: { reason: x } }", ["3:13 WS003 what happens has no `Export Failed` | write `event: Export Failed`; its properties stand after `with:`"]),
    ("{ evnt: Signed Up }", ["3:13 WS003 what happens has no `evnt` | did you mean `event`?"]),
    ("{ event: Sined Up }", ["3:20 WS008 the rules know no event `Sined Up` | did you mean `Signed Up`?"]),
    ("{ event: Anything Else }", ['3:20 WS008 the rules know no event `Anything Else` | declare it in the rules: `event "Anything Else"`']),
    ("{ event: $held_out }", ["3:20 WS008 the rules know no event `$held_out` | write `held out: …`"]),
    ("{ event: $page }", ["3:20 WS008 the rules know no event `$page` | write `visits: …`"]),
    ("{ event: Signed Up, visits: /x }", ["3:39 WS006 `event` and `visits` are two things | make two items of a list of them, each with `- `"]),
    ("{ visits: /x, with: { a: b } }", ["3:31 WS003 `with` goes with `event`, not with `visits`"]),
    ("{ visits: domains }", ["3:21 WS009 `domains` is no page | write `/domains` or a whole address"]),
    ("{ event: Export Failed, with: { resaon: x } }", ["3:43 WS008 the event has no property `resaon` | did you mean `reason`?"]),
    ("{ event: Export Failed, with: { attempt: one } }", ["3:52 WS009 `attempt` is a number, not `one` | write a number such as `5`"]),
    ("{ event: Export Failed, with: [a] }", ["3:41 WS005 `with` needs names with values | write `name: …` below it, further to the right"]),
    ("{ traits: { plan: tiral } }", ["3:29 WS009 `plan` is one of the declared values, not `tiral` | did you mean `trial`?"]),
    ("{ traits: { paln: trial } }", ["3:23 WS008 the rules know no attribute `paln` | did you mean `plan`?"]),
    ("{ traits: { first_seen: now } }", ["3:23 WS008 `first_seen` cannot be given | it is the time of the first event"]),
    ("{ traits: { tags: beta } }", ["3:29 WS005 `tags` is a list | write `[first, second]`"]),
    ("{ traits: { seats: [1, 2] } }", ["3:30 WS005 `seats` is one number, not several"]),
    ("{ account: { industy: x } }", ["3:24 WS008 the rules know no account attribute `industy` | did you mean `industry`?"]),
    ("{ friction: rageclick }", ["3:23 WS009 `friction` cannot be `rageclick` | did you mean `rage click`?"]),
    ("{ event: Signed Up, from: app }", ["3:37 WS009 `from` cannot be `app` | it is `browser` or `server`"]),
    ("{ shown: hlep }", ["3:20 WS008 the rules have no guide or survey `hlep` | did you mean `help`?"]),
    ("{ shown: tried, variant: c }", ["3:36 WS008 `tried` has no variant `c` | did you mean `a` or `b`?"]),
    ("{ dismissed: help, how: shouting }", ["3:35 WS009 `how` cannot be `shouting` | it is `button`, `close`, `escape` or `outside`"]),
    ("{ snoozed: help }", ["3:22 WS004 this does not say for how long | write `for: 1 day`"]),
    ("{ snoozed: help, for: 1d }", ["3:33 WS007 `1d` is no length of time | write `1 day`"]),
    ("{ answered: help, answers: { ease: 1 } }", ["3:23 WS008 `help` asks nothing | name a survey"]),
    ("{ answered: asks }", ["3:23 WS004 this does not say how it was answered | write `answers: { ease: … }`"]),
    ("{ answered: asks, answers: 3 }", ["3:38 WS005 `answers` needs names with values | write `ease: …` below it, further to the right"]),
    ("{ answered: asks, answers: { eas: 3 } }", ["3:40 WS008 `asks` has no question `eas` | did you mean `ease`?"]),
    ("{ answered: asks, answers: { ease: 8 } }", ["3:46 WS009 the answer to `ease` is 1 to 7, not 8"]),
    ("{ answered: asks, answers: { why: It is slw } }", ["3:45 WS008 `why` has no choice `It is slw` | did you mean `It is slow`?"]),
    ("{ at: 2 hours ago }", ["3:17 WS007 2026-01-05T07:00:00Z is before what happens above it | put the steps in the order of time"]),
    ("{ at: 2 hours }", ["3:17 WS007 `2 hours` is a length of time, not a time | write `2 hours ago` or `2 hours later`"]),
    ("{ at: 1 month later }", ["3:17 WS007 `1 month` is no length of time | months and years have no fixed length; write days: `30 days`"]),
    ("{ at: 2026-02-30 }", ["3:17 WS007 there is no 2026-02-30 | write `3 days ago`, `2 minutes later`, `2026-03-02 09:00` or `2026-03-02T09:00:00Z`"]),
]  # fmt: skip

GIVENS = [
    ("{ trait: { plan: trial } }", ["3:14 WS003 `given` has no `trait` | did you mean `traits`?"]),
    ("[{ event: Signed Up, at: now }]", ["3:12 WS005 `given` needs names with values | write `events:` below it, and the list below that"]),
    ("{ events: { event: Signed Up } }", ["3:22 WS005 `events` is a list | begin each of its items with `- `"]),
    ("{ events: [{ event: Signed Up }] }", ["3:23 WS004 this does not say when it happened | write `at: 3 days ago`"]),
    ("{ events: [{ at: now }] }", ["3:23 WS004 an event of the history says what happened | write `event: …`, `visits: …` or another of them"]),
    ("{ events: [{ event: Signed Up, at: 1 day later }] }", ["3:47 WS007 2026-01-06T09:00:00Z is after the scenario begins | it begins at 2026-01-05T09:00:00Z; what happens later stands in `steps`"]),
    ("{ consent: perhaps }", ["3:23 WS009 `consent` is `yes` or `no`"]),
    ("{ responses: { asks: many } }", ["3:33 WS009 `responses` are a number | write one such as `500`"]),
    ("{ responses: { ask: 5 } }", ["3:27 WS008 the rules have no guide or survey `ask` | did you mean `asks`?"]),
    ("{ device: mobile }", ["3:22 WS005 `device` needs names with values | write `type: …` below it, further to the right"]),
    ("{ colleagues: [{}] }", ["3:27 WS004 a colleague has `events` | write `events:`"]),
]  # fmt: skip

EXPECTATIONS = [
    ("show help", ["3:13 WS010 `show help` is no expectation | write `shown GUIDE`"]),
    ("hidden", ["3:13 WS010 `hidden` is no expectation | write `not shown GUIDE`"]),
    ("help", ["3:13 WS010 `help` is no expectation | write `shown GUIDE`, `not shown GUIDE because REASON`, `nothing`, `recorded` or `not recorded`"]),
    ("{ shown: help }", ["3:13 WS005 `expect` is one text, without a second `:` | write `expect: shown help`"]),
    ("{ not shown: help, because: SNOOZED }", ["3:13 WS005 `expect` is one text, without a second `:` | write `expect: not shown help because SNOOZED`"]),
    ("{ show: help }", ["3:13 WS005 `expect` is one text, without a second `:` | write `shown GUIDE`, `not shown GUIDE because REASON`, `nothing`, `recorded` or `not recorded`"]),
    ("shown hlep", ["3:13 WS008 the rules have no guide or survey `hlep` | did you mean `help`?"]),
    ("shown help variant a", ["3:13 WS008 `help` has no variant `a` | there is no variant at all"]),
    ("not shown tried variant a", ["3:13 WS010 which variant is not shown cannot be said | write `not shown tried`"]),
    ("not shown help because snoozed", ["3:13 WS010 `snoozed` is no reason | write `SNOOZED`"]),
    ("not shown help because CONDITON_FALSE", ["3:13 WS010 `CONDITON_FALSE` is no reason | write `CONDITION_FALSE`"]),
    ("not shown help because SPLIT", ["3:13 WS010 with SPLIT a guide is shown | write `shown GUIDE`, `not shown GUIDE because REASON`, `nothing`, `recorded` or `not recorded`"]),
    ("[shown help, shown tried]", ["3:13 WS010 one guide is shown at a time | expect one to be shown, and the other `not shown …`"]),
    ("[shown help, nothing]", ["3:13 WS010 `nothing` and `shown help` cannot both be"]),
]  # fmt: skip


def messages(text: str) -> list[str]:
    found = read(text, GUIDES).diagnostics
    return [
        f"{each.span.line}:{each.span.column} {each.code} {each.message}" + (f" | {each.help}" if each.help else "")
        for each in found
    ]


@pytest.mark.parametrize(("text", "expected"), FILES, ids=lambda value: str(value)[:40])
def test_a_file_that_cannot_be_read(text: str, expected: list[str]) -> None:
    assert sorted(messages(text)) == sorted(expected)


@pytest.mark.parametrize(("scenario", "expected"), SCENARIOS)
def test_a_scenario_with_a_mistake(scenario: str, expected: list[str]) -> None:
    assert messages(f"scenarios:\n  - {scenario}\n") == expected


@pytest.mark.parametrize(("when", "expected"), WHENS)
def test_a_mistake_in_what_happens(when: str, expected: list[str]) -> None:
    assert messages(f"scenarios:\n  - name: x\n    when: {when}{EXPECTS}\n") == expected


@pytest.mark.parametrize(("given_", "expected"), GIVENS)
def test_a_mistake_in_what_is_given(given_: str, expected: list[str]) -> None:
    assert messages(f"scenarios:\n  - name: x\n    given: {given_}{EXPECTS}\n") == expected


@pytest.mark.parametrize(("expectation", "expected"), EXPECTATIONS)
def test_a_mistake_in_what_is_expected(expectation: str, expected: list[str]) -> None:
    assert messages(f"scenarios:\n  - name: x\n    expect: {expectation}\n") == expected


def test_all_mistakes_of_a_file_come_in_one_run_and_good_scenarios_are_kept() -> None:
    text = dedent("""
        given: { traits: { plan: tiral } }
        scenarios:
          - name: first
            expect: shown hlep
          - name: second
            expect: nothign
    """)
    assert [each.split(" ")[0] for each in messages(text)] == ["2:26", "5:13", "7:13"]
    kept = read("scenarios:\n  - name: good\n    expect: nothing\n  - name: bad\n    expect: shwon help", GUIDES)
    assert [each.name for each in kept.scenarios] == ["good"]


def test_a_message_looks_like_one_of_the_rules() -> None:
    text = "scenarios:\n  - name: x\n    expect: shown hlep\n"
    (found,) = read(text, GUIDES).diagnostics
    assert render(found, {"x.scenario.yaml": text}) == dedent(
        """\
        error[WS008]: the rules have no guide or survey `hlep`
          x.scenario.yaml:3:13
            3 |     expect: shown hlep
              |             ^^^^^^^^^^
          help: did you mean `help`?"""
    )


def test_every_code_but_those_of_files_on_disk_is_shown_here() -> None:
    tables = [*FILES, *SCENARIOS, *WHENS, *GIVENS, *EXPECTATIONS]
    shown = {message.split(" ")[1] for _, found in tables for message in found}
    assert SCENARIO_CODES.keys() - shown == {"WS012", "WS013"}


TIMES = [
    ("now", 0),
    ("1 second ago", -1),
    ("2 minutes later", 60 + 120),
    ("1 hour 30 minutes ago", -5400),
    ("1 day and 2 hours ago", -26 * 3600),
    ("2 weeks ago", -14 * 86400),
    ("2024-10-04T12:00:00Z", 0),
    ("2024-10-04T12:00:00.5+00:00", 0.5),
    ("2024-10-04 14:00", 0),
    ("2024-10-04T14:00:05", 5),
    ("2024-10-05", 10 * 3600),
    ("1 day and ago", None),
    ("1.5 hours ago", None),
    ("0 seconds ago", None),
    ("9999999 weeks ago", None),
    ("1969-01-01", None),
    ("2026-13-01", None),
    ("2026-01-01 25:00", None),
    ("tomorrow", None),
    ("-1 day ago", None),
    ("١ day ago", None),
]


@pytest.mark.parametrize(("text", "seconds"), TIMES)
def test_a_time_is_read_in_the_zone_of_the_file(text: str, seconds: float | None) -> None:
    noon = Instant((20_000 * 86_400 + 12 * 3600) * 1_000_000)  # 2024-10-04
    later = Instant(noon + 60 * 1_000_000)
    found = read_time(text, now=noon, before=later, zone="Europe/Paris")
    assert (None if isinstance(found, Unclear) else (found - noon) / 1e6) == seconds


WORDS = [
    "scenarios:",
    "- ",
    "name: x",
    "expect: shown help",
    "when:",
    "{",
    "}",
    "[",
    "]",
    "at: now",
    "\n",
    "\n  ",
    "\n    ",
]
WORDS += [
    "given:",
    "events:",
    "event: Signed Up",
    "steps:",
    "answers: { ease: 1 }",
    "answered: asks",
    "a",
    ": ",
    '"',
    "'",
    ",",
]
WORDS += [
    "\t",
    "|",
    ">",
    "*a",
    "&a",
    "? ",
    "!!x",
    "---",
    "%",
    "\ufeff",
    "\x00",
    "\ud800",
    "null",
    "<<: ",
    "with:",
    "traits:",
]


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join) | st.text(max_size=200))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    opened = open_file(text, file="x")
    found = read_scenarios(opened, project(GUIDES))
    for each in found.diagnostics:
        assert 0 <= each.span.start <= each.span.end <= len(text)
        render(each, {"x": text})
