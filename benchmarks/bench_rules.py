"""One rule, compiled, against the same logic written by hand and against rule engines; then many rules at once.

All in one process, on identical input, with answers compared before anything is timed. Peers get rules compiled and
contexts ready; what each side has to prepare for a decision is inside its own timing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from benchmarks.measure import Report, race, spell
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
        against_engines(project),
        against_engines_over_history(project),
        against_hand(project),
        against_history(project),
    ]


def against_engines(project: RuleProject) -> Report:
    """A rule over attributes alone, which every engine can say."""
    report = Report("One rule over attributes")
    compiled = compiled_of(ATTRIBUTES_ONLY, project)
    traits: dict[str, JsonValue] = {
        "plan": "trial",
        "sales_assisted": False,
        "fails": 2,
        "friction_now": 0.1,
        "verified": False,
    }
    plan = plan_for(project, compiled.needs)
    facts = facts_of(plan, state_of(plan, traits, []), now=NOW)
    keys = {name: key_of(compiled, name) for name in traits}
    hand = by_hand_over_attributes(keys)
    contestants: dict[str, Callable[[], object]] = {
        "written by hand": lambda: hand(facts),
        "waypost": lambda: compiled.holds(facts),
        **peers(traits),
    }
    agree(contestants)
    figures = race(contestants)
    base = figures["written by hand"].seconds
    report.table(
        ["engine", "one rule", "against hand-written"],
        [[name, spell(figure.seconds), f"{figure.seconds / base:.2f}×"] for name, figure in figures.items()],
    )
    report.at_most("compiled rule ÷ the same by hand", figures["waypost"].seconds / base, 1.1)
    return report


def against_engines_over_history(project: RuleProject) -> Report:
    """`verify_help` itself, asked of a user with 50 events: what each engine does with a history.

    Peers have no state: they are given the events as a list, ready, and count with their own filter. The rule reads
    what was kept when the events came in. Both start from the same history and give the same answer.
    """
    report = Report("`verify_help` over a user's last 50 events")
    compiled = compiled_of(VERIFY_HELP, project)
    plan = plan_for(project, compiled.needs)
    events = [
        event("Domain Added", 100),
        *(event("Page Opened", 99 - number) for number in range(47)),
        event("DNS Check Failed", 5),
        event("DNS Check Failed", 2),
    ]
    facts = facts_of(plan, state_of(plan, {"plan": "trial"}, events), now=NOW)
    contestants: dict[str, Callable[[], object]] = {
        "waypost": lambda: compiled.holds(facts),
        **peers_over_history(events),
    }
    agree(contestants)
    figures = race(contestants)
    ours = figures["waypost"].seconds
    report.table(
        ["engine", "one rule", "against waypost"],
        [[name, spell(figure.seconds), f"{figure.seconds / ours:.1f}×"] for name, figure in figures.items()],
    )
    fastest = min(figure.seconds for name, figure in figures.items() if name != "waypost")
    report.at_least("fastest peer ÷ compiled rule", fastest / ours, 15)
    return report


def peers_over_history(events: Sequence[Event]) -> dict[str, Callable[[], object]]:
    """The same rule in engines that filter lists."""
    import cel
    import rule_engine
    import zen

    context: dict[str, Any] = {
        "standing": "verify_domain",
        "plan": "trial",
        "sales_assisted": False,
        "friction": 0.0,
        "since": NOW - 10 * MINUTE,
        "events": [{"name": each.name, "time": each.time} for each in events],
    }
    person = 'standing == "verify_domain" and plan == "trial" and sales_assisted == false'
    filtered = {
        "zen": "len(filter(events, #.name == {name}{more})) {test}",
        "rule": '[e for e in events if e["name"] == {name}{more}].length {test}',
        "cel": "events.filter(e, e.name == {name}{more}).size() {test}",
    }
    since = {"zen": " and #.time > since", "rule": ' and e["time"] > since', "cel": " && e.time > since"}

    def logic(engine: str) -> str:
        failed = filtered[engine].format(name='"DNS Check Failed"', more=since[engine], test=">= 2")
        verified = filtered[engine].format(name='"Domain Verified"', more="", test="== 0")
        text = f"{person} and ({failed} or friction >= 0.5) and {verified}"
        return text.replace(" and ", " && ").replace(" or ", " || ") if engine == "cel" else text

    expression, rule, program = (
        zen.compile_expression(logic("zen")),
        rule_engine.Rule(logic("rule")),
        cel.compile(logic("cel")),
    )
    ready = cel.Context(variables=context)
    return {
        f"zen-engine {version('zen-engine')}": lambda: expression.evaluate(context),
        f"rule-engine {version('rule-engine')}": lambda: rule.matches(context),
        f"common-expression-language {version('common-expression-language')}": lambda: program.execute(ready),
    }


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
    figures = race(contestants)
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
    figures = race(contestants)
    report.table(["history", "one rule"], [[name, spell(figure.seconds)] for name, figure in figures.items()])
    times = [figures[f"{length:,} events"].seconds for length in lengths]
    report.at_most("100,000 events ÷ 10 events", times[-1] / times[0], 1.2)
    return report


def peers(context: Mapping[str, JsonValue]) -> dict[str, Callable[[], object]]:
    """Other engines with the same rule, compiled, and the same context in the form that each likes best."""
    import cel
    import celpy
    import rule_engine
    import zen

    logic = 'plan == "trial" and sales_assisted == false and (fails >= 2 or friction_now >= 0.5) and verified == false'
    expression = zen.compile_expression(logic)
    rule = rule_engine.Rule(logic)
    environment = celpy.Environment()
    program = environment.program(environment.compile(logic.replace(" and ", " && ").replace(" or ", " || ")))
    cel_context: Any = celpy.json_to_cel(dict(context))
    ready = dict(context)
    native = cel.compile(logic.replace(" and ", " && ").replace(" or ", " || "))
    native_context = cel.Context(variables=ready)
    return {
        f"zen-engine {version('zen-engine')}": lambda: expression.evaluate(ready),
        f"common-expression-language {version('common-expression-language')}": lambda: native.execute(native_context),
        f"rule-engine {version('rule-engine')}": lambda: rule.matches(ready),
        f"cel-python {version('cel-python')}": lambda: bool(program.evaluate(cel_context)),
    }


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


def agree(contestants: Mapping[str, Callable[[], object]]) -> None:
    """All contestants give the same answer."""
    answers = {name: call() for name, call in contestants.items()}
    assert len(set(map(bool, answers.values()))) == 1, answers
