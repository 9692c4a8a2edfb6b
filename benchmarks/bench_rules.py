"""One rule, compiled, against the same logic written by hand and against rule engines.

All in one process, on identical input, with answers compared before anything is timed: for somebody whom the rule takes
in, and for somebody whom it leaves out. Rules are compiled, and contexts, as our facts, are ready on every side; what
each side prepares for a decision is timed in a table of its own. All times are those of the processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from benchmarks.measure import Contestants, Figure, Report, race, spell
from dsl.compiler import CompiledCondition, compile_condition
from dsl.facts import Facts
from dsl.parser import parse_condition
from dsl.project import RuleProject, load
from dsl.values import MINUTE, Instant, JsonValue
from engine.events import Event, EventKind
from engine.facts import facts_of
from engine.plan import StatePlan, plan_for
from engine.state import UserState, replay

NOW = Instant(1_767_225_600_000_000)

DECLARED = """
attribute plan: one of "free", "trial", "pro"
attribute sales_assisted: yes/no default no
attribute fails: number
attribute friction_now: number
attribute verified: yes/no

event "DNS Check Failed" { reason: text }
event "Domain Verified"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step connect_domain "Connect" reached by "Domain Added"
    step verify_domain "Verify" reached by "Domain Verified" attempted by "DNS Check Failed"
  }
  gives up after 7 days
}

persona self_serve "Self-serve" where plan is "trial" and sales_assisted is no
"""

ATTRIBUTES_ONLY = """
plan is "trial" and sales_assisted is no and (fails >= 2 or friction_now >= 0.5) and verified is no
"""

VERIFY_HELP = """
at activation.verify_domain and in self_serve
and (did "DNS Check Failed" at least 2 times in last 10 minutes or friction at activation.verify_domain >= 0.5)
and not did "Domain Verified"
"""


def reports() -> list[Report]:
    """The tables of this benchmark."""
    project = load({"bench.way": DECLARED})
    assert project.ok, project.diagnostics
    return [
        against_engines_over_history(project),
        with_preparation(project),
        against_engines(project),
        against_hand(project),
        against_history(project),
    ]


def against_engines(project: RuleProject) -> Report:
    """A rule over attributes alone, which every engine can say."""
    from benchmarks import peers

    report = Report("A smaller rule, over attributes alone")
    report.add("For information: the rule is smaller than `verify_help`, so the aim of 15× does not apply to it.")
    report.add("What it shows is the price of one comparison, without a history, a journey or a persona.")
    report.add()
    compiled = compiled_of(ATTRIBUTES_ONLY, project)
    traits: dict[str, JsonValue] = {
        "plan": "trial",
        "sales_assisted": False,
        "fails": 2,
        "friction_now": 0.1,
        "verified": False,
    }
    plan = plan_for(project, compiled.needs)
    keys = {name: key_of(compiled, name) for name in traits}
    hand = by_hand_over_attributes(keys)

    def contestants(given: Mapping[str, JsonValue]) -> dict[str, Callable[[], object]]:
        facts = facts_of(plan, state_of(plan, dict(given), []), now=NOW)
        return {
            "written by hand": lambda: hand(facts),
            "waypost": lambda: compiled.holds(facts),
            **peers.over_attributes(given),
        }

    agree(contestants(traits), contestants({**traits, "verified": True}))
    figures = _race(contestants(traits))
    base, ours = figures["written by hand"].seconds, figures["waypost"].seconds
    report.table(
        ["engine", "one rule", "against hand-written", "against waypost"],
        [
            [name, spell(figure.seconds), f"{figure.seconds / base:.2f}×", f"{figure.seconds / ours:.1f}×"]
            for name, figure in figures.items()
        ],
    )
    report.at_most("compiled rule ÷ the same by hand", ours / base, 1.1)
    return report


HISTORY = (
    ("Domain Added", 100),
    *(("Page Opened", 99 - number) for number in range(47)),
    ("DNS Check Failed", 5),
    ("DNS Check Failed", 2),
)
"""Names of events, and how many minutes ago they were."""
FAILED_ONCE = tuple(each for each in HISTORY if each != ("DNS Check Failed", 5))


def over_history(
    project: RuleProject, *, with_preparation: bool
) -> Callable[[Sequence[tuple[str, float]]], Contestants]:
    """Everybody who can decide `verify_help` of a history. with_preparation: from what is stored; else all is ready."""
    from benchmarks import peers

    compiled = compiled_of(VERIFY_HELP, project)
    plan = plan_for(project, compiled.needs)

    def contestants(history: Sequence[tuple[str, float]]) -> Contestants:
        events = [event(name, minutes) for name, minutes in history]
        state = state_of(plan, {"plan": "trial"}, events)
        others = peers.over_history(
            [(each.name, each.time) for each in events], since=NOW - 10 * MINUTE, with_preparation=with_preparation
        )
        if with_preparation:
            return {"waypost": lambda: compiled.holds(facts_of(plan, state, now=NOW)), **others}
        facts = facts_of(plan, state, now=NOW)
        return {"waypost": lambda: compiled.holds(facts), **others}

    agree(contestants(HISTORY), contestants(FAILED_ONCE))
    return contestants


def against_engines_over_history(project: RuleProject) -> Report:
    """`verify_help` itself, asked of a user with 50 events: what each engine does with a history.

    Peers have no state: they are given the events as a list, ready, and count with their own filter. The rule reads
    what was kept when the events came in. Both start from the same history and give the same answer.
    """
    report = Report("`verify_help` over a user's last 50 events")
    report.add(
        "The rule of the aim: a place, a persona, a count in a window or friction, an exception. Contexts and facts"
    )
    report.add(
        "are ready. Peers get the step and the friction as attributes and filter the list of events themselves, but"
    )
    report.add(
        "for GrowthBook, which has no filter: it gets both counts ready-made, which is in its favour. It is asked"
    )
    report.add("with `is_on`; the inner function for conditions, no part of its interface, takes two thirds of that.")
    report.add()
    figures = _race(over_history(project, with_preparation=False)(HISTORY))
    fastest = _table(report, figures) / figures["waypost"].seconds
    report.at_least("fastest peer ÷ compiled rule", fastest, 15)
    return report


def with_preparation(project: RuleProject) -> Report:
    """The same from what is stored: each side makes what it decides upon."""
    report = Report("The same, with what each side prepares for a decision")
    report.add(
        "For information. From the stored state to the answer: Waypost makes the facts of the person, as it does once"
    )
    report.add(
        "a decision for all of its rules; peers make their context from the list of events, GrowthBook's two counts"
    )
    report.add("included. Here all of it is charged to one rule.")
    report.add()
    _table(report, _race(over_history(project, with_preparation=True)(HISTORY)))
    return report


def _race(contestants: Contestants) -> dict[str, Figure]:
    """Rules only compute, so the time of the processor is taken; many short turns, since nanoseconds are compared."""
    return race(contestants, rounds=25, clock=time.process_time)


def _table(report: Report, figures: Mapping[str, Figure]) -> float:
    """Add a table of engines; the time of the fastest peer."""
    ours = figures["waypost"].seconds
    report.table(
        ["engine", "one rule", "against waypost"],
        [[name, spell(figure.seconds), f"{figure.seconds / ours:.1f}×"] for name, figure in figures.items()],
    )
    return min(figure.seconds for name, figure in figures.items() if name != "waypost")


def against_hand(project: RuleProject) -> Report:
    """A rule over the history, as the demo's `verify_help`, against what a careful engineer would write."""
    report = Report("`verify_help` over a user's state")
    compiled = compiled_of(VERIFY_HELP, project)
    plan = plan_for(project, compiled.needs)
    events = [event("Domain Added", 40), event("DNS Check Failed", 5), event("DNS Check Failed", 2)]
    facts = facts_of(plan, state_of(plan, {"plan": "trial"}, events), now=NOW)
    hand = by_hand_over_history(compiled)
    contestants: dict[str, Callable[[], object]] = {
        "written by hand": lambda: hand(facts),
        "waypost": lambda: compiled.holds(facts),
    }
    agree(contestants)
    figures = _race(contestants)
    ratio = figures["waypost"].seconds / figures["written by hand"].seconds
    report.table(["", "one rule"], [[name, spell(figure.seconds)] for name, figure in figures.items()])
    report.at_most("compiled rule ÷ the same by hand", ratio, 1.1)
    return report


def against_history(project: RuleProject) -> Report:
    """What a decision costs when the user's history grows: nothing."""
    report = Report("The length of the history")
    compiled = compiled_of(VERIFY_HELP, project)
    plan = plan_for(project, compiled.needs)
    lengths = (10, 1_000, 100_000)
    contestants: dict[str, Callable[[], object]] = {}
    for length in lengths:
        events = [event("DNS Check Failed", 1 + number / length) for number in range(length, 0, -1)]
        facts = facts_of(plan, state_of(plan, {"plan": "trial"}, [event("Domain Added", 40), *events]), now=NOW)
        contestants[f"{length:,} events"] = lambda facts=facts: compiled.holds(facts)  # type: ignore[misc]
    agree(contestants)
    figures = _race(contestants)
    report.table(["history", "one rule"], [[name, spell(figure.seconds)] for name, figure in figures.items()])
    times = [figures[f"{length:,} events"].seconds for length in lengths]
    report.at_most("100,000 events ÷ 10 events", times[-1] / times[0], 1.2)
    return report


def by_hand_over_attributes(keys: Mapping[str, str]) -> Callable[[Facts], bool]:
    """What an engineer writes who knows that any value may be missing."""
    plan, sales, fails, friction, verified = (
        keys[name] for name in ("plan", "sales_assisted", "fails", "friction_now", "verified")
    )

    def rule(facts: Facts) -> bool:
        get = facts.values.get
        if get(plan) != "trial" or get(sales) is not False:
            return False
        count = get(fails)
        if count is None or count < 2:  # type: ignore[operator]
            hard = get(friction)
            if hard is None or hard < 0.5:  # type: ignore[operator]
                return False
        return get(verified) is False

    return rule


def by_hand_over_history(compiled: CompiledCondition) -> Callable[[Facts], bool]:
    """The same logic over the same state."""
    plan, sales = key_of(compiled, "plan"), key_of(compiled, "sales_assisted")
    failed, verified = (
        next(need.key for need in compiled.needs if name in need.key)
        for name in ("DNS Check Failed", "Domain Verified")
    )

    def rule(facts: Facts) -> bool:
        journey = facts.journeys.get("activation")
        if journey is None or journey.standing != "verify_domain":
            return False
        values = facts.values
        if values.get(plan) != "trial" or values.get(sales) is not False:
            return False
        slots = facts.slots
        times = slots.get(failed)
        if (times is None or len(times) < 2 or times[-2] <= facts.now - 10 * MINUTE) and not facts.friction(
            "activation", ("verify_domain",)
        ) >= 0.5:
            return False
        return not slots.get(verified, 0) >= 1

    return rule


def compiled_of(text: str, project: RuleProject) -> CompiledCondition:
    """A condition, compiled."""
    parsed = parse_condition(" ".join(text.split()))
    assert parsed.condition is not None, parsed.diagnostics
    return compile_condition(parsed.condition, project)


def key_of(compiled: CompiledCondition, attribute: str) -> str:
    """The key by which facts hold an attribute."""
    return next(need.key for need in compiled.needs if need.key.startswith(f"user.{attribute}:"))


def state_of(plan: StatePlan, traits: dict[str, JsonValue], events: Sequence[Event]) -> UserState:
    """The state of a person with these traits and this history."""
    said = Event(0, "traits", EventKind.IDENTIFY, "$identify", Instant(NOW - 60 * MINUTE), NOW, traits=traits)
    return replay(plan, [said, *events])


_numbers = iter(range(1, 10**9))


def event(name: str, minutes_ago: float) -> Event:
    """A tracked event."""
    number = next(_numbers)
    time = Instant(NOW - int(minutes_ago * MINUTE))
    return Event(number, f"m{number}", EventKind.TRACK, name, time, time, user_id="u")


def agree(*everyone: Contestants) -> None:
    """All contestants give the same answer, and not to everybody the same."""
    given = []
    for contestants in everyone:
        answers = {name: bool(call()) for name, call in contestants.items()}
        assert len(set(answers.values())) == 1, answers
        given.append(next(iter(answers.values())))
    assert len(everyone) == 1 or set(given) == {True, False}, given
