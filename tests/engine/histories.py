"""Histories as a table can hold them, and the truth of a condition over one.

A history is a list of `(how long ago, event)`, `(…, event, properties)`; the instant of every decision is NOW. Events
are a browser's and stand in the log in the order of the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsl.compiler import compile_condition
from dsl.parser import parse_condition
from dsl.project import RuleProject, load
from dsl.values import UNITS, Instant, read_instant
from engine.events import NAMES, Event, EventKind
from engine.facts import facts_of
from engine.state import fold, plan_for, replay

FOUND = read_instant("2026-06-15T12:00:00Z")
assert FOUND is not None
NOW: Instant = FOUND

KINDS = {name: kind for kind, name in NAMES.items()}

PRELUDE = """
attribute plan: text
attribute seats: number
attribute seats_used: number
attribute sales_assisted: yes/no default no
attribute role: text
attribute tags: list of text
attribute scores: list of number
attribute signed_up_at: time
attribute trial_ends_at: time
attribute company: text
account attribute industry: text

event "Signed Up"
event "Report Exported" { format: text, rows: number }
event "Purchase" { amount: number, currency: text }
event "Domain Added" { domain: text }
event "DNS Check Failed" { reason: text, attempt: number, seen_at: time }
event "Viewed Docs"
event "Left Page"
event "Campaign Sent" { recipients: number }

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step connect_domain "Connect a domain" reached by "Domain Added" touchpoint "/domains/new"
    step verify_domain "Verify" reached by "Domain Verified" attempted by "DNS Check Failed" touchpoint "/domains/*"
  }
  stage first_value "First value" {
    step first_campaign "Send" reached by "Campaign Sent" where recipients >= 1
  }
  outcome "Campaign Sent"
  gives up after 7 days
}

journey short "Without an outcome" {
  stage only "Only" { step one "One" reached by "One Done"  step two "Two" reached by "Two Done" }
}

segment stuck_on_dns where did "DNS Check Failed" at least 2 times in last 1 hour
persona enterprise "Enterprise" where plan is "pro" and seats >= 50

guide verify_help "Help" {
  at activation.verify_domain
  show modal { title "Two records" body "Copy both." }
  expires 2030-01-01
}

survey verify_effort "Effort" {
  at activation.verify_domain
  ask effort ease "How easy was it?"
  ask choice cause "What slowed you down?" {
    "I did not know" as unclear feels confused
    "It kept failing" feels frustrated
    other
  }
  ask text detail "What else?" optional
  expires 2030-01-01
}
"""

_PROJECTS: dict[tuple[str, str], RuleProject] = {}


def project(extra: str = "", *, zone: str = "UTC") -> RuleProject:
    """The rules of the prelude, with more if a test wants."""
    key = (extra, zone)
    if key not in _PROJECTS:
        loaded = load({"rules.way": PRELUDE + extra}, zone=zone)
        assert loaded.ok, [each for each in loaded.diagnostics if each.severity.value == "error"]
        _PROJECTS[key] = loaded
    return _PROJECTS[key]


def length(text: str) -> int:
    """`"90 seconds"`, `"1 day 1 hour"` in microseconds; `"0"` is nothing."""
    words = text.split()
    if words == ["0"]:
        return 0
    return sum(int(words[i]) * UNITS[words[i + 1].removesuffix("s")] for i in range(0, len(words), 2))


def event(ago: str, name: str, properties: Mapping[str, Any] | None = None, *, seq: int = 0, **more: Any) -> Event:
    """An event some time before NOW."""
    kind = KINDS.get(name, EventKind.TRACK)
    time = Instant(NOW - length(ago))
    given = dict(properties or {})
    traits = given if kind in (EventKind.IDENTIFY, EventKind.GROUP) else {}
    members: dict[str, Any] = {
        "time": time,
        "message_id": f"m{seq}",
        "received": time,
        "user_id": "u1",
        "traits": traits,
        "properties": {} if traits else given,
        "group_id": "acme" if kind is EventKind.GROUP else None,
        "from_browser": True,
    }
    return Event(seq=seq, kind=kind, name=name, **{**members, **more})


def history(rows: Sequence[tuple[Any, ...]]) -> list[Event]:
    """The events of a table, numbered in its order."""
    return [event(*row[:3], seq=number, **(row[3] if len(row) > 3 else {})) for number, row in enumerate(rows, 1)]


def truth(
    text: str,
    rows: Sequence[tuple[Any, ...]] = (),
    *,
    traits: Mapping[str, Any] | None = None,
    account: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    trigger: bool = False,
    zone: str = "UTC",
    log: bool = False,
    extra: str = "",
) -> bool | None:
    """Whether a condition is true, false, or unknown (None), of a person with this history.

    trigger: the last event is one that woke the rule. log: the log is at hand, for slots that overflowed.
    """
    rules = project(extra, zone=zone)
    parsed = parse_condition(text)
    assert parsed.condition is not None
    assert not parsed.diagnostics, parsed.diagnostics
    events = history(rows)
    edge = (events[-1].name,) if trigger else ()
    compiled = compile_condition(parsed.condition, rules, edge=trigger, triggers=edge)
    plan = plan_for(rules, compiled.needs)
    state = replay(plan, events if not trigger else events[:-1])
    woken = fold(plan, state, events[-1:]).woken[0] if trigger else None
    state.traits.update(traits or {})
    state.read = None
    facts = facts_of(
        plan, state, now=NOW, context=context, account=account, woken=woken, log=(lambda: events) if log else None
    )
    holds, fails = compiled.holds(facts), compiled.fails(facts)
    assert type(holds) is bool
    assert type(fails) is bool
    assert not (holds and fails), "a condition cannot be true and false"
    return True if holds else False if fails else None
