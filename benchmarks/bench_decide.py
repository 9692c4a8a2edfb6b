"""Deciding among many rules, beside a loop of the same rules written by hand; and what it takes to load them.

Every rule is larger than the demo's `verify_help`: a place, four attributes, a history or friction, an exception. All
are woken by the same event, so nothing is saved by the index over events. The functions written by hand stand in the
order of priority, ask in the order of the rule, stop at the first answer, and get the same facts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bench_rules import NOW, event
from benchmarks.measure import Report, race, spell
from dsl.catalog import Seen
from dsl.facts import Facts
from dsl.project import Before, load
from dsl.project_cache import load_kept
from dsl.values import MINUTE, Instant, JsonValue
from engine.decisions import decide
from engine.events import Event, EventKind
from engine.facts import facts_of
from engine.ruleset import RuleSet
from engine.ruleset_cache import build_kept
from engine.state import UserState, Woken, fold

SIZES = (100, 1_000, 10_000)
MARKETS = 100
ACTIONS = 40
IN_A_FILE = 500

DECLARED = (
    """
attribute plan: one of "free", "trial", "pro"
attribute market: text
attribute seats: number
attribute is_partner: yes/no default no

event "DNS Check Failed" { reason: text }

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step connect_domain "Connect" reached by "Domain Added"
    step verify_domain "Verify" reached by "Domain Verified" attempted by "DNS Check Failed"
  }
}
"""
    + "\n".join(f'event "Action {number}"' for number in range(ACTIONS))
    + "\n"
)

GUIDE = """
guide help_{number} "Help {number}" {{
  at activation.verify_domain
  on "DNS Check Failed"
  when plan is "trial" and market is "{market}" and seats >= {seats} and is_partner is no
  when did "Action {action}" at least {times} times in last 10 minutes
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


@dataclass(frozen=True, slots=True)
class Sizes:
    """What makes one rule of the benchmark another than the next."""

    number: int

    @property
    def market(self) -> str:
        """One rule in a hundred is for a market."""
        return f"m{self.number % MARKETS}"

    @property
    def seats(self) -> int:
        """0 to 95."""
        return self.number // MARKETS % 20 * 5

    @property
    def action(self) -> int:
        """Which history it asks for."""
        return self.number // 7 % ACTIONS

    @property
    def times(self) -> int:
        """How often it must have happened."""
        return 1 + self.number % 3

    def text(self) -> str:
        """The rule."""
        return GUIDE.format(
            number=self.number,
            market=self.market,
            seats=self.seats,
            action=self.action,
            times=self.times,
            priority=self.number // 10 % 101,
        )


Times = dict[tuple[int, str], float]
"""Seconds by number of rules and what was measured."""


def reports() -> list[Report]:
    """The tables of this benchmark."""
    loading, matching, deciding = (
        Report(title) for title in ("Loading", "Which rules match, facts ready on both sides", "A whole decision")
    )
    loaded, matched, decided = [], [], []
    times: Times = {}
    for size in SIZES:
        ruleset, read, compiled = rules(size)
        warm, edited = _warm(size, ruleset), _edited(size)
        times[size, "load"], times[size, "warm"] = read + compiled, warm
        times[size, "compile"] = compiled
        times[size, "reread"], times[size, "recompiled"] = edited
        times[size, "edited"] = sum(edited)
        taken = (read, compiled, warm, *edited)
        loaded.append([f"{size:,}", *(f"{1e3 * each:,.0f} ms" for each in taken)])
        matched.append([f"{size:,}", *_match(ruleset, size, times)])
        decided.append([f"{size:,}", *_decide(ruleset, size, times)])
    loading.add(
        "Time of the processor for all rules. A warm start has the first decision in it, for which it compiles what "
        "it asks; an edit changes a number in one rule in the middle of a file, so that all behind it move."
    )
    loading.add()
    loading.table(
        [
            "rules",
            "read and check",
            "compile",
            "both, from the cache of a former start, and a decision",
            "read and check again, one rule edited",
            "compile again, one rule edited",
        ],
        loaded,
    )
    loading.at_most("10,000 rules ÷ ten times 1,000 rules", times[10_000, "load"] / times[1_000, "load"] / 10, 1.5)
    _aim(loading, times, ("warm", "load"), "a cold start ÷ a warm one", 5)
    _aim(loading, times, ("edited", "load"), "publishing all ÷ publishing again after an edit", 10)
    _aim(loading, times, ("recompiled", "compile"), "compiling all ÷ compiling after an edit", 2)
    matching.table(
        ["rules", "all matches", "by hand", "", "first match", "by hand, stopping", "", "no match", "by hand", ""],
        matched,
    )
    _aim(matching, times, ("all", "all by hand"), "a loop by hand ÷ all matches", 30)
    _aim(matching, times, ("first", "all by hand"), "a loop by hand ÷ the first match", 200)
    _aim(matching, times, ("none", "none by hand"), "a loop by hand ÷ finding that none matches", 200)
    matching.at_most("10,000 rules ÷ 100 rules, all matches", times[10_000, "all"] / times[100, "all"], 50)
    deciding.table(["rules", "facts, all gates, reasons counted", "facts and a loop by hand", ""], decided)
    # The loop asks no gates and counts no reasons: this is more than it does, and still far less time.
    _aim(deciding, times, ("decide", "decide by hand"), "a loop by hand ÷ a whole decision", 15)
    deciding.at_most("10,000 rules ÷ 100 rules, a whole decision", times[10_000, "decide"] / times[100, "decide"], 50)
    return [loading, matching, deciding]


def _aim(report: Report, times: Times, raced: tuple[str, str], text: str, limit: float) -> None:
    ours, theirs = (times[SIZES[-1], name] for name in raced)
    report.at_least(f"{text}, {SIZES[-1]:,} rules", theirs / ours, limit)


def _match(ruleset: RuleSet, size: int, times: Times) -> list[str]:
    """For a user whom one rule in a hundred may be for, and for one in a market that no rule is for."""
    functions, index, everybody = by_hand(ruleset), ruleset.index, (1 << size) - 1
    facts, stranger = (
        facts_of(ruleset.plan, state, now=NOW, woken=woken)
        for state, woken in (user(ruleset), user(ruleset, market="mars"))
    )

    def all_by_hand(facts: Facts) -> list[int]:
        return [rank for rank, matches in enumerate(functions) if matches(facts)]

    def first_by_hand(facts: Facts) -> int | None:
        return next((rank for rank, matches in enumerate(functions) if matches(facts)), None)

    matching = index.matching(facts, everybody)
    assert all_by_hand(facts) == matching
    assert size == SIZES[0] or matching
    assert index.first_matching(facts, everybody) == first_by_hand(facts)
    assert index.first_matching(stranger, everybody) is first_by_hand(stranger) is None
    return _raced(
        size,
        times,
        {
            "all": lambda: index.matching(facts, everybody),
            "all by hand": lambda: all_by_hand(facts),
            "first": lambda: index.first_matching(facts, everybody),
            "first by hand": lambda: first_by_hand(facts),
            "none": lambda: index.first_matching(stranger, everybody),
            "none by hand": lambda: first_by_hand(stranger),
        },
    )


def _decide(ruleset: RuleSet, size: int, times: Times) -> list[str]:
    """From the state to the decision: facts, all gates, and how many guides have each reason."""
    functions, (state, woken) = by_hand(ruleset), user(ruleset)

    def loop() -> list[int]:
        facts = facts_of(ruleset.plan, state, now=NOW, woken=woken)
        return [rank for rank, matches in enumerate(functions) if matches(facts)]

    decision = decide(ruleset, state, [woken], now=NOW, person="u")
    assert sum(decision.counts.values()) == size
    return _raced(
        size,
        times,
        {
            "decide": lambda: decide(ruleset, state, [woken], now=NOW, person="u").counts,
            "decide by hand": loop,
        },
    )


def _raced(size: int, times: Times, contestants: dict[str, Callable[[], object]]) -> list[str]:
    """Times of ours and theirs in turn, each two with their ratio."""
    figures = race(contestants, rounds=7)
    times.update({(size, name): figure.seconds for name, figure in figures.items()})
    seconds = [figure.seconds for figure in figures.values()]
    cells: list[str] = []
    for ours, theirs in zip(seconds[::2], seconds[1::2], strict=True):
        cells += [spell(ours), spell(theirs), f"{theirs / ours:.0f}×"]
    return cells


def rules(size: int) -> tuple[RuleSet, float, float]:
    """So many guides on one event; the seconds that reading and checking them took, and compiling them."""
    files = _files(size)
    begin = time.process_time()
    project = load(files)
    read = time.process_time()
    assert project.ok, project.diagnostics[:3]
    ruleset = RuleSet.build(project)
    return ruleset, read - begin, time.process_time() - read


def _warm(size: int, ruleset: RuleSet) -> float:
    """The seconds of a warm start with the first decision, which is that of the cold one."""
    files = _files(size)
    with TemporaryDirectory() as name:
        folder = Path(name)
        build_kept(load_kept(files, folder=folder, seen=Seen(), zone="UTC"), folder=folder)
        state, woken = user(ruleset)
        begin = time.process_time()
        warm = build_kept(load_kept(files, folder=folder, seen=Seen(), zone="UTC"), folder=folder)
        decision = decide(warm, state, [woken], now=NOW, person="u")
        taken = time.process_time() - begin
    assert warm.revision == ruleset.revision
    assert decision.counts == decide(ruleset, state, [woken], now=NOW, person="u").counts
    return taken


def _edited(size: int) -> tuple[float, float]:
    """The seconds of reading and checking, and of compiling, when one rule in the middle was edited."""
    files, before = _files(size), Before()
    number = size // 2 + min(size, IN_A_FILE) // 2 - 1
    ruleset = RuleSet.build(load(files, before=before))
    rule = Sizes(number).text()
    text = rule.replace("once every 7 days", "once every 10 days")
    edited = {name: each.replace(rule, text) for name, each in files.items()}
    begin = time.process_time()
    project = load(edited, before=before)
    read = time.process_time()
    again = RuleSet.build(project, previous=ruleset)
    taken = time.process_time() - read
    assert edited != files
    assert project.ok, project.diagnostics[:3]
    changed = [name for name in again.names if again.by_name[name].when[1] is not ruleset.by_name[name].when[1]]
    assert changed in ([], [f"help_{number}"])
    assert again.by_name[f"help_{number}"].cap != ruleset.by_name[f"help_{number}"].cap
    return read - begin, taken


def _files(size: int) -> dict[str, str]:
    texts = [Sizes(number).text() for number in range(size)]
    parts = {f"guides-{start}.way": "".join(texts[start : start + IN_A_FILE]) for start in range(0, size, IN_A_FILE)}
    return {"declared.way": DECLARED, **parts}


def user(ruleset: RuleSet, *, market: str = "m7") -> tuple[UserState, Woken]:
    """Someone who failed twice just now, after half of the actions."""
    traits: dict[str, JsonValue] = {"plan": "trial", "market": market, "seats": 50}
    said = Event(
        1, "traits", EventKind.IDENTIFY, "$identify", Instant(NOW - 60 * MINUTE), NOW, user_id="u", traits=traits
    )
    actions = [event(f"Action {number}", 4) for number in range(0, ACTIONS, 2) for _ in range(1 + number % 3)]
    events = [event("Domain Added", 40), *actions, event("DNS Check Failed", 3), event("DNS Check Failed", 0)]
    folded = fold(ruleset.plan, None, [said, *events])
    return folded.state, folded.woken[-1]


def by_hand(ruleset: RuleSet) -> list[Callable[[Facts], bool]]:
    """The same conditions as plain functions, in the order of priority: no caps, no reasons."""
    plan = ruleset.plan
    keys = {each.name: each.key for by_name in plan.attributes.values() for found in by_name.values() for each in found}
    verified = next(key for key in plan.kept if "Domain Verified" in key)
    histories = {
        number: next(key for key in plan.kept if f'"Action {number}"' in key)
        for number in range(ACTIONS)
        if any(f'"Action {number}"' in key for key in plan.kept)
    }
    return [_by_hand(Sizes(int(name.removeprefix("help_"))), keys, histories, verified) for name in ruleset.names]


def _by_hand(sizes: Sizes, keys: dict[str, str], histories: dict[int, str], verified: str) -> Callable[[Facts], bool]:
    plan, market, seats, partner = (keys[name] for name in ("plan", "market", "seats", "is_partner"))
    wanted, least, times, action = sizes.market, sizes.seats, sizes.times, histories[sizes.action]
    steps = ("verify_domain",)

    def matches(facts: Facts) -> bool:
        if "verify_domain" not in facts.stood_around["activation"]:
            return False
        values = facts.values
        if values.get(plan) != "trial" or values.get(market) != wanted:
            return False
        owned = values.get(seats)
        if owned is None or owned < least or values.get(partner) is not False:  # type: ignore[operator]
            return False
        slots = facts.slots
        if slots.get(verified):
            return False
        found = slots.get(action)
        if found is not None and len(found) >= times and found[-times] > facts.now - 10 * MINUTE:
            return True
        return facts.friction("activation", steps) >= 0.5

    return matches
