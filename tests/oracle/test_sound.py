"""What the analysis says can never be is never so, and what it says is always so is never otherwise.

Random conditions, most of them about one thing so that they often contradict themselves, against a crowd of random
people: the oracle is asked about everyone. Each part of a condition is looked at too, as the warnings do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from stories import COMPARISONS, ZONES, conditions, histories, instants, world
from test_truth import CONTEXTS, last_trigger, parsed
from truth import Person

from dsl.analysis.consistency import Around, is_possible
from dsl.analysis.facts import TooMany, alternatives
from dsl.nodes import And, Condition, NoneOf, Not, Or
from dsl.values import Instant, JsonValue
from engine.events import Event

PROJECTS = {zone: world(zone) for zone in ZONES}
CROWD = 400
"""People of whom each condition that is said to be settled is asked."""


def _about(*forms: str, **words: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Conditions about one thing: every form with all of its words."""
    named = [
        form.format(**dict(zip(words, chosen, strict=True))) for form in forms for chosen in product(*words.values())
    ]
    return st.sampled_from(sorted(set(named)))


_LAST = ("", " in last 10 minutes", " in last 1 hour", " in last 1 day", " in last 2 days")
_OFTEN = ("", " at least 2 times", " at most once", " exactly 0 times", " fewer than 2 times", " between 1 and 2 times")
_ORDER = (">=", ">", "<=", "<", "is", "is not")
SUBJECTS: Mapping[str, st.SearchStrategy[str]] = {
    "plan": _about('plan is "{a}"', 'plan is not "{a}"', 'plan is none of "{a}"', "plan is set", a=("free", "trial")),
    "seats": _about("seats {o} {n}", "seats between {n} and 2.5", "seats is not set", o=_ORDER, n=("1", "2")),
    "vip": st.sampled_from(["vip is yes", "vip is no", "vip is set", "vip is not set"]),
    "company": _about('company {o} "{a}"', o=("is", "is not", "contains", "starts with"), a=("Acme", "Zed", "A")),
    "tags": st.sampled_from([each for each in COMPARISONS if each.startswith("tags")] + ["tags is not set"]),
    "ver": _about('ver {o} version "{v}"', "ver is set", o=_ORDER, v=("2.9", "2.10", "2.10.0-rc.1")),
    "joined": st.sampled_from([each for each in COMPARISONS if each.startswith("joined")]),
    "seen": st.sampled_from([each for each in COMPARISONS if each.startswith("first_seen")]),
    "A": _about('(did "A"{w}{o}{t})', '(did not "A"{w}{t})', w=("", " where x >= 1"), o=_OFTEN, t=_LAST),
    "days": _about('(did "A" on {o} {n} days{t})', 'did "A"{t}', o=("at least", "at most"), n=("1", "2"), t=_LAST),
    "since": _about('(did "A"{t})', '(did not "A"{t})', t=("", ' since "C"', " since j.one", " in last 1 hour")),
    "chains": st.sampled_from(
        [
            '(did "A" then "B")',
            '(did "A" then "B" within 10 minutes in last 1 hour)',
            '(did "A" directly then "B" in one session)',
            '(did "A" and not "B" within 10 minutes)',
            '(first did "A" within last 1 hour)',
            '(last did "A" more than 1 hour ago)',
            'did "A"',
            'did not "A"',
            'did "B"',
            'did not "B"',
        ]
    ),
    "sums": _about(
        '({a} x in "A" {o} {n})',
        a=("sum of", "highest of", "average of", "number of different"),
        o=_ORDER,
        n=("0", "1", "2"),
    ),
    "active": _about(
        "days active in last {d} {o} {n}", d=("5 minutes", "1 hour", "1 day"), o=_ORDER, n=("0", "1", "2")
    ),
    "places": _about("at {p}", "reached {p}", "stuck at {p} for 5 minutes", p=("j.one", "j.two", "j.s", "j.t")),
    "returns": _about("(returned to j.one{o})", "reached j.one", o=_OFTEN),
    "friction": _about("friction at {p} {o} {n}", p=("j.one", "j.s"), o=_ORDER, n=("0", "0.35", "1")),
    "felt": _about("(felt confused at {p}{t})", "answered q", p=("j.two", "j.s"), t=("", " in last 1 hour")),
    "ease": _about("answered q.ease {o} {n}", "answered q.ease", "answered q", o=_ORDER, n=("1", "3", "7")),
    "cause": _about('answered q.cause {o} "{a}"', o=("is", "is not"), a=("no idea", "unsure", "other")),
    "saw": _about("(saw g{o}{t})", "(saw any survey{o}{t})", o=_OFTEN, t=_LAST),
    "guides": st.sampled_from(["completed g", "dismissed g", "completed j", "completed again", "in seg", "in per"]),
}
"""Conditions by what they are about: two of one kind often exclude one another."""


def _joined(leaf: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("not ({})".format, inner),
            st.builds("none of {{ {}\n {} }}".format, inner, inner),
        ),
        max_leaves=4,
    )


_KINDS = (*(_joined(leaf) for leaf in SUBJECTS.values()), conditions())


@st.composite
def contradictions(draw: st.DrawFn) -> str:
    """A condition whose parts are often about one thing."""
    return draw(_KINDS[draw(st.integers(0, len(_KINDS) - 1))])


@dataclass(frozen=True)
class Passer:
    """Somebody at an instant."""

    history: list[Event]
    now: Instant
    context: Mapping[str, JsonValue]
    zone: str

    def person(self, *, on_edge: bool) -> Person | None:
        """What the oracle knows of them; None where nothing woke the rule."""
        trigger = last_trigger(self.history, self.now) if on_edge else None
        if on_edge and trigger is None:
            return None
        return Person(PROJECTS[self.zone], self.history, self.now, self.context, trigger=trigger)


@pytest.fixture(scope="module", autouse=True)
def gathered() -> None:
    """The crowd comes together before the first test: Hypothesis does not draw inside of another draw."""
    crowd()


@cache
def crowd() -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Random people, always the same, as requests and as events find them."""
    found: list[Passer] = []

    @settings(max_examples=CROWD, phases=[Phase.generate], database=None, derandomize=True)
    @given(st.builds(Passer, histories, instants(), st.sampled_from(CONTEXTS), st.sampled_from(ZONES)))
    def gather(passer: Passer) -> None:
        found.append(passer)

    gather()
    everyone = [[passer.person(on_edge=on_edge) for passer in found] for on_edge in (False, True)]
    asking, woken = (tuple(person for person in each if person is not None) for each in everyone)
    return asking, woken


def parts(condition: Condition) -> Iterator[Condition]:
    yield condition
    match condition:
        case And() | Or() | NoneOf():
            for term in condition.terms:
                yield from parts(term)
        case Not():
            yield from parts(condition.term)
        case _:
            return


def is_ruled_out(condition: Condition, around: Around, *, holds: bool) -> bool:
    """True when the analysis says that the condition can never be true (`holds`), or never be known to be false."""
    try:
        ways = alternatives(condition, around.project.segments, holds=holds)
    except TooMany:
        return False
    return not is_possible(ways, around)


_SOUND: set[tuple[Condition, str, bool, bool]] = set()
"""What was ruled out, in a zone, and is so of everybody: asked once, since small parts come again and again."""


def check(text: str, *, on_edge: bool) -> int:
    """Ask the crowd about everything that the analysis rules out; how much that was."""
    ruled_out = 0
    for part in parts(parsed(text)):
        for zone, project in PROJECTS.items():
            around = Around(project, triggers=("A",) if on_edge else (), on_edge=on_edge)
            for holds in (True, False):
                if not is_ruled_out(part, around, holds=holds):
                    continue
                ruled_out += 1
                asked = (part, zone, on_edge, holds)
                if asked in _SOUND:
                    continue
                said = "never true" if holds else "always true"
                for person in crowd()[on_edge]:
                    if person.project.zone == zone:
                        assert person.truth(part) is not holds, (text, said, person)
                _SOUND.add(asked)
    return ruled_out


@settings(max_examples=400)
@given(contradictions(), st.booleans())
def test_what_is_said_to_be_never_or_always_so_is(text: str, on_edge: bool) -> None:
    check(text, on_edge=on_edge)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
@settings(max_examples=5_000, derandomize=False)
@given(text=contradictions(), on_edge=st.booleans())
def test_what_is_said_of_thousands_of_conditions_is_so(part: int, text: str, on_edge: bool) -> None:
    check(text, on_edge=on_edge)


def test_much_is_ruled_out_so_that_the_tests_above_ask_something() -> None:
    asked = [check(f"{first} and {second}", on_edge=False) for first, second in PAIRS]
    assert all(asked), [pair for pair, number in zip(PAIRS, asked, strict=True) if not number]


PAIRS = (
    ('plan is "free"', 'plan is not "free"'),
    ("seats < 2", "seats >= 2"),
    ('(did "A" at least 2 times in last 1 hour)', '(did "A" at most once in last 1 day)'),
    ("at j.one", "at j.two"),
    ("friction at j.one > 1", "true"),
    ("answered q.ease is 3", "answered q.ease > 3"),
    ("days active in last 1 day > 2", "true"),
)
