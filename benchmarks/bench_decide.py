"""Deciding among many rules: all of them against one user, beside a loop of the same rules written by hand.

Every rule is as large as the demo's `verify_help`: a place, an audience, a history, friction, an exception. All are
woken by the same event, so nothing is saved by the index over events; one in a hundred is for the user's country.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.bench_rules import NOW, event
from benchmarks.measure import Report, race, spell
from dsl.project import load
from dsl.values import MINUTE, Instant
from engine.decisions import decide
from engine.events import Event, EventKind
from engine.facts import facts_of
from engine.ruleset import RuleSet
from engine.state import UserState, Woken, fold

SIZES = (100, 1_000, 10_000)
COUNTRIES = 100

DECLARED = """
attribute plan: one of "free", "trial", "pro"
attribute market: text

event "DNS Check Failed" { reason: text }

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step connect_domain "Connect" reached by "Domain Added"
    step verify_domain "Verify" reached by "Domain Verified" attempted by "DNS Check Failed"
  }
}
"""

GUIDE = """
guide help_{number} "Help {number}" {{
  at activation.verify_domain
  on "DNS Check Failed"
  when plan is "trial" and market is "{market}"
  when did "DNS Check Failed" at least 2 times in last 10 minutes
    or friction at activation.verify_domain >= 0.5
  unless did "Domain Verified"

  show modal {{
    title "Help"
    button "Done" completes
  }}

  once every 7 days
  priority {priority}
  holdout 0%
  expires 2030-01-01
}}
"""


def reports() -> list[Report]:
    """The table of this benchmark."""
    report = Report("All rules for one user at one event")
    rows = []
    times: dict[int, float] = {}
    for size in SIZES:
        ruleset = rules(size)
        state, woken = user(ruleset)
        hand = by_hand(ruleset, size)
        decision = decide(ruleset, state, [woken], now=NOW, person="u")
        assert decision.winner is not None
        contestants: dict[str, Callable[[], object]] = {
            "decide": lambda: decide(ruleset, state, [woken], now=NOW, person="u"),  # noqa: B023  (called at once)
            "hand": lambda: hand(state),  # noqa: B023
        }
        figures = race(contestants, rounds=5)
        times[size] = figures["decide"].seconds
        rows.append(
            [
                f"{size:,}",
                spell(figures["decide"].seconds),
                spell(figures["hand"].seconds),
                f"{figures['decide'].seconds / figures['hand'].seconds:.2f}×",
                f"{len(decision.considered):,}",
            ]
        )
    report.table(["rules", "decide, with every reason", "a loop of hand-written rules", "ratio", "reasons given"], rows)
    return [report]


def rules(size: int) -> RuleSet:
    """So many guides on one event, of 100 markets."""
    guides = [
        GUIDE.format(number=number, market=f"m{number % COUNTRIES}", priority=number % 100) for number in range(size)
    ]
    files = {f"guides-{start}.way": "".join(guides[start : start + 500]) for start in range(0, size, 500)}
    project = load({"declared.way": DECLARED, **files})
    assert project.ok, project.diagnostics[:3]
    return RuleSet.build(project)


def user(ruleset: RuleSet) -> tuple[UserState, Woken]:
    """Someone whom one rule in a hundred is for, just after the event that wakes them all."""
    said = Event(
        1,
        "traits",
        EventKind.IDENTIFY,
        "$identify",
        Instant(NOW - 60 * MINUTE),
        NOW,
        user_id="u",
        traits={"plan": "trial", "market": "m7"},
    )
    events = [event("Domain Added", 40), event("DNS Check Failed", 5), event("DNS Check Failed", 0)]
    folded = fold(ruleset.plan, None, [said, *events])
    return folded.state, folded.woken[-1]


def by_hand(ruleset: RuleSet, size: int) -> Callable[[UserState], list[int]]:
    """The same conditions as plain functions, called one by one: no caps, no reasons."""
    plan = ruleset.plan
    failed, verified = (
        next(key for key in plan.kept if name in key) for name in ("DNS Check Failed", "Domain Verified")
    )
    keys = {each.name: each.key for by_name in plan.attributes.values() for found in by_name.values() for each in found}

    def rule(market: str) -> Callable[[object], bool]:
        def matches(facts: object) -> bool:
            values, slots = facts.values, facts.slots  # type: ignore[attr-defined]
            if facts.journeys["activation"].standing != "verify_domain":  # type: ignore[attr-defined]
                return False
            if values.get(keys["plan"]) != "trial" or values.get(keys["market"]) != market:
                return False
            times = slots.get(failed)
            if times is None or len(times) < 2 or times[-2] <= facts.now - 10 * MINUTE:  # type: ignore[attr-defined]
                return False
            return not slots.get(verified)

        return matches

    functions = [rule(f"m{number % COUNTRIES}") for number in range(size)]

    def loop(state: UserState) -> list[int]:
        facts = facts_of(plan, state, now=NOW)
        return [number for number, matches in enumerate(functions) if matches(facts)]

    return loop
