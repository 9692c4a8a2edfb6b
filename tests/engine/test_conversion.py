"""Funnels of a real project: who counts, in what groups, under what conditions, and who is behind each figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.values import DAY, HOUR, Duration, Instant, format_instant
from engine.analyst import Analyst
from engine.analytics.asked import BadBreakdown, BadCondition, FunnelAsked, NoSuchStep, plan_of
from engine.analytics.conversion import Who, conversion
from engine.analytics.designs import BadPath, NoDesign, Walked
from engine.analytics.engines import DuckDB
from engine.analytics.funnel_answer import FunnelAnswer, Manner
from engine.analytics.funnels import BadExclusion, FunnelTooShort, Order, Unit
from engine.analytics.history import open_history
from engine.analytics.population import Kind
from engine.errors import UnknownGuide, UnknownJourney
from engine.membership import AsksOthers
from engine.replies import Published
from engine.service import Service
from engine.storage.store import Database
from tests.engine.clock import STARTED, Clock
from tests.engine.lakes import random_lake
from tests.engine.questions import QUESTIONS, rules

RULES = """
attribute plan: text
event "Paid" { amount: number, currency: text }

journey shop "Shop" {
  stage s "S" {
    step cart "Cart" reached by "Added"
    step paid "Paid" reached by "Paid" where amount >= 10
  }
}

persona trial "On trial" where plan is "trial"
persona keen "Keen" where did "Added" at least 2 times
segment internal "Our own" where email ends with "@us.example"

guide help "Help" {
  at shop.paid
  on "Added"
  show modal {
    title "T"
  }
  once
  holdout 0%
  expires 2099-01-01
}
"""
WEEK = 7 * DAY
BEGIN = Instant(STARTED - 21 * DAY)

PEOPLE: dict[str, dict[str, Any]] = {
    # what each has done, as hours since the beginning, in order
    "ada": {"plan": "pro", "did": [("Added", 0), ("Paid", 1, 20)]},
    "bob": {"plan": "trial", "did": [("Added", 0), ("Failed", 1), ("Paid", 2, 20)]},
    "cyd": {"plan": "trial", "did": [("Added", 0), ("Paid", 1, 5)]},
    "dan": {"plan": "trial", "did": [("Added", 0), ("Added", 200), ("$shown", 201), ("Paid", 202, 15)]},
    "eve": {"did": [("Paid", 0, 20), ("Added", 1)]},
    "own": {"plan": "pro", "email": "a@us.example", "did": [("Added", 0), ("Paid", 1, 99)]},
}
"""Six people, one of whom is one of your own."""


def messages() -> Iterator[dict[str, Any]]:
    for user, told in PEOPLE.items():
        traits = {name: told[name] for name in ("plan", "email") if name in told}
        when = {"timestamp": format_instant(BEGIN), "sentAt": format_instant(STARTED)}
        yield {"type": "identify", "userId": user, "traits": traits, **when}
        if user in {"ada", "bob", "cyd"}:
            group = {"groupId": "acme" if user != "cyd" else "zed", "traits": {"size": 5 if user != "cyd" else 9}}
            yield {"type": "group", "userId": user, **group, **when}
        for name, hour, *amount in told["did"]:
            properties = {"amount": amount[0], "currency": "EUR"} if amount else {"guide": "help"}
            at = {"timestamp": format_instant(Instant(BEGIN + hour * HOUR)), "sentAt": format_instant(STARTED)}
            yield {"type": "track", "userId": user, "event": name, "properties": properties, **at}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, int, Analyst]]:
    folder = tmp_path_factory.mktemp("shop")
    service = Service.open(f"sqlite:///{folder / 'w.sqlite'}", clock=Clock())
    project = service.ensure_project().id
    published = service.publish(project, {"rules.way": RULES})
    assert isinstance(published, Published), published
    assert service.receive(project, list(messages()), received=STARTED).rejected == ()
    yield service, project, Analyst(service.database, folder / "lake")
    service.close()


def ask(shop: tuple[Service, int, Analyst], **asked: Any) -> FunnelAnswer:
    service, project, analyst = shop
    return analyst.funnel(project, FunnelAsked(**asked), service.rules_now(project))


def counts(answer: FunnelAnswer) -> list[int]:
    return [step.count for step in answer.steps]


STEPS = ("Added", "Paid")
ANSWERS: list[tuple[str, dict[str, Any], list[int]]] = [
    ("your own people do not count", {"steps": STEPS}, [5, 4]),
    ("unless everybody does", {"steps": STEPS, "everyone": True}, [6, 5]),
    ("a journey asks what its rules ask", {"journey": "shop"}, [5, 3]),
    ("a step may have a condition", {"steps": ("Added", "Paid where amount >= 20")}, [5, 2]),
    ("one may be as in a rule", {"steps": ("Added", '"Paid" where amount between 5 and 15')}, [5, 2]),
    ("conditions on every event", {"steps": STEPS, "where": "event.amount > 5"}, [0, 0]),
    ("and on people", {"steps": STEPS, "where": 'plan is "trial"'}, [3, 3]),
    ("who has done something", {"steps": STEPS, "where": 'did "Failed"'}, [1, 1]),
    (
        "both, joined by and",
        {"steps": ("Paid", "Added"), "where": 'event.amount is not set and plan is "trial"'},
        [0, 0],
    ),
    ("an event in between that must not be", {"steps": STEPS, "exclude": ("Failed",)}, [5, 3]),
    ("and where it does not matter", {"steps": ("Added", "Failed", "Paid"), "exclude": ("$shown",)}, [5, 1, 1]),
    ("within a window", {"steps": STEPS, "window": Duration(HOUR)}, [5, 2]),
    ("in any order", {"steps": STEPS, "order": Order.ANY}, [5, 5]),
    ("one after the other", {"steps": STEPS, "order": Order.STRICT}, [5, 3]),
    ("accounts", {"steps": STEPS, "unit": Unit.ACCOUNT}, [2, 2]),
    ("sessions", {"steps": STEPS, "unit": Unit.SESSION}, [6, 0]),
    ("what Waypost itself sends is an event too", {"steps": ("Added", "$shown")}, [5, 1]),
]


@pytest.mark.parametrize(("_fact", "asked", "expected"), ANSWERS, ids=[fact for fact, _, _ in ANSWERS])
def test_a_funnel_of_a_project(
    shop: tuple[Service, int, Analyst], _fact: str, asked: dict[str, Any], expected: list[int]
) -> None:
    assert counts(ask(shop, **asked)) == expected


GROUPS: list[tuple[str, dict[str, list[int]]]] = [
    ("plan", {"trial": [3, 3], "(not set)": [1, 0], "pro": [1, 1]}),
    ("trait:plan", {"trial": [3, 3], "(not set)": [1, 0], "pro": [1, 1]}),
    ("account.size", {"(not set)": [2, 1], "5": [2, 2], "9": [1, 1]}),
    ("persona", {"trial": [3, 3], "keen": [1, 1], "(not set)": [2, 1]}),
    ("guide:help", {"(not set)": [4, 3], "saw it": [1, 1]}),
]


@pytest.mark.parametrize(("breakdown", "expected"), GROUPS)
def test_a_breakdown_has_a_funnel_for_each_group(
    shop: tuple[Service, int, Analyst], breakdown: str, expected: dict[str, list[int]]
) -> None:
    answer = ask(shop, steps=STEPS, breakdown=breakdown)
    assert answer.groups is not None
    assert {name: [step.count for step in steps] for name, steps in answer.groups.items()} == expected
    assert counts(answer) == [5, 4]


def test_weeks_are_those_in_which_the_chain_was_entered_that_counts(shop: tuple[Service, int, Analyst]) -> None:
    answer = ask(shop, steps=STEPS, breakdown="week")
    assert answer.groups is not None
    # All but dan, who comes back eight days later and pays then.
    assert [[step.count for step in steps] for steps in answer.groups.values()] == [[4, 3], [1, 1]]
    assert list(answer.groups) == sorted(answer.groups)


def test_accounts_have_groups_of_their_own(shop: tuple[Service, int, Analyst]) -> None:
    answer = ask(shop, steps=STEPS, unit=Unit.ACCOUNT, breakdown="account.size")
    assert answer.groups is not None
    assert {name: steps[0].count for name, steps in answer.groups.items()} == {"5": 1, "9": 1}
    with pytest.raises(BadBreakdown, match=r"by `week` or by a trait of theirs"):
        ask(shop, steps=STEPS, unit=Unit.ACCOUNT, breakdown="plan")


def test_an_answer_says_who_was_left_out_and_compares_with_the_design(shop: tuple[Service, int, Analyst]) -> None:
    answer = ask(shop, steps=STEPS)
    assert answer.left_out == (Kind.SIMULATED, Kind.BOT, Kind.INTERNAL)
    assert answer.sharpest is not None
    assert (answer.sharpest.step, answer.sharpest.lost, answer.sharpest.entered) == ("Paid", 1, 5)
    assert answer.design is not None
    assert answer.design.manners == {Manner.DESIGNED: 4, Manner.SKIPPED: 0, Manner.OUT_OF_ORDER: 1}
    assert answer.design.most_common is not None
    assert (answer.design.most_common.steps, answer.design.most_common.count) == (STEPS, 4)


BEHIND: list[tuple[Who | Walked, dict[str, Any], list[str]]] = [
    (Who(0), {}, ["ada", "bob", "cyd", "dan", "eve"]),
    (Who(1), {}, ["ada", "bob", "cyd", "dan"]),
    (Who(0, dropped=True), {}, ["eve"]),
    (Who(1, group="trial"), {"breakdown": "plan"}, ["bob", "cyd", "dan"]),
    (Who(0), {"unit": Unit.ACCOUNT}, ["acme", "zed"]),
    (Who(1), {"exclude": ("Failed",)}, ["ada", "cyd", "dan"]),
    (Walked(), {}, ["ada", "bob", "cyd", "dan", "eve"]),
    (Walked(Manner.OUT_OF_ORDER), {}, ["eve"]),
    (Walked(path=(0, 1)), {"everyone": True}, ["ada", "bob", "cyd", "dan", "own"]),
    (Walked(Manner.DESIGNED, completed=True), {"unit": Unit.ACCOUNT}, ["acme", "zed"]),
    (Walked(completed=True), {"unit": Unit.SESSION}, ["ada", "bob", "cyd", "dan", "eve"]),
]


@pytest.mark.parametrize(("who", "more", "users"), BEHIND, ids=str)
def test_every_number_has_its_people(
    shop: tuple[Service, int, Analyst], who: Who, more: dict[str, Any], users: list[str]
) -> None:
    service, project, analyst = shop
    found = analyst.users_behind(project, FunnelAsked(steps=STEPS, **more), who, service.rules_now(project))
    assert (list(found.users), found.next) == (users, None)


def test_people_come_a_page_at_a_time(shop: tuple[Service, int, Analyst]) -> None:
    service, project, analyst = shop
    asked, rules = FunnelAsked(steps=STEPS), service.rules_now(project)
    pages, after = [], ""
    while True:
        page = analyst.users_behind(project, asked, Who(0), rules, after=after, limit=2)
        pages.append(list(page.users))
        if page.next is None:
            break
        after = page.next
    assert pages == [["ada", "bob"], ["cyd", "dan"], ["eve"]]
    with pytest.raises(NoSuchStep, match="from 1 to 2"):
        analyst.users_behind(project, asked, Who(2), rules)


NOBODY: list[tuple[dict[str, Any], Walked, type[Exception], str]] = [
    ({}, Walked(path=(0, 2)), NoSuchStep, "from 1 to 2"),
    ({}, Walked(path=(1, 0, 1)), BadPath, "each once"),
    ({}, Walked(path=()), BadPath, "numbers of steps"),
    ({"order": Order.ANY}, Walked(Manner.SKIPPED), NoDesign, "need an order"),
    ({"steps": ()}, Walked(Manner.SKIPPED), NoDesign, "need an order"),
]


@pytest.mark.parametrize(("more", "walked", "error", "says"), NOBODY, ids=str)
def test_what_no_figure_of_the_design_stands_for_is_refused(
    shop: tuple[Service, int, Analyst], more: dict[str, Any], walked: Walked, error: type[Exception], says: str
) -> None:
    service, project, analyst = shop
    with pytest.raises(error, match=says):
        analyst.users_behind(project, FunnelAsked(**{"steps": STEPS, **more}), walked, service.rules_now(project))


def test_the_same_question_about_the_same_data_is_answered_once(
    shop: tuple[Service, int, Analyst], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {"steps": STEPS, "window": Duration(5 * HOUR)}
    first = ask(shop, **asked)
    monkeypatch.setattr("engine.analyst.conversion", lambda *_: pytest.fail("computed again"))
    assert ask(shop, **asked) is first


def test_no_analysis_opens_the_live_database(
    shop: tuple[Service, int, Analyst], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(shop, steps=STEPS)

    def refused(*_: object) -> None:
        pytest.fail("the database was opened")

    monkeypatch.setattr(Database, "writing", refused)
    assert counts(ask(shop, steps=("Added", "Failed"))) == [5, 1]


MISTAKES: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"journey": "nothing"}, UnknownJourney, "no journey `nothing`"),
    ({"steps": ("Added", "Paid where amount >>")}, BadCondition, "in `Paid where amount >>`"),
    ({"steps": ("Added", '"Paid" at least 2 times')}, BadCondition, "a step is an event"),
    ({"steps": STEPS, "where": 'plann is "trial"'}, BadCondition, "did you mean `plan`"),
    ({"steps": STEPS, "where": 'event.amount > 5 or plan is "pro"'}, BadCondition, "stands apart, joined by `and`"),
    ({"steps": STEPS, "where": 'anyone in account did "Paid"'}, AsksOthers, "cannot be asked of everybody"),
    ({"steps": STEPS, "exclude": ("Failed between Added and Bought",)}, BadExclusion, "its steps are `Added`, `Paid`"),
    ({"steps": STEPS, "breakdown": "guide:nothing"}, UnknownGuide, "nothing"),
]


@pytest.mark.parametrize(("asked", "error", "says"), MISTAKES, ids=str)
def test_a_wrong_question_says_what_to_ask(
    shop: tuple[Service, int, Analyst], asked: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        ask(shop, **asked)


def test_conditions_that_engines_decide_agree_with_the_rules_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every question that is asked of both engines, once with expressions and once decided by compiled conditions."""
    lake, engine = random_lake(tmp_path / "lake", events=4_000, people=300, seed=3, span=3 * 86_400), DuckDB()
    for name in ("where", "where decided by rules", "every event", "journey"):
        question = plan_of(QUESTIONS[name], rules()).question(None)
        with open_history(lake, engine) as history:
            said = conversion(history, question)
            with monkeypatch.context() as patched:
                patched.setattr("engine.analytics.wheres.is_sayable", lambda _: False)
                assert conversion(history, question) == said
        assert said.steps[0].count > 0
    engine.close()


def test_an_answer_is_kept_until_somebody_is_forgotten(shop: tuple[Service, int, Analyst]) -> None:
    analyst = shop[2]
    first = ask(shop, steps=STEPS)
    assert ask(shop, steps=STEPS) is first
    analyst.forget()
    assert ask(shop, steps=STEPS) is not first
    assert ask(shop, steps=STEPS) == first


@pytest.mark.parametrize("order", sorted(Order))
def test_a_funnel_without_steps_is_refused_in_every_order(shop: tuple[Service, int, Analyst], order: Order) -> None:
    with pytest.raises(FunnelTooShort, match="at least two steps"):
        ask(shop, steps=(), order=order)
