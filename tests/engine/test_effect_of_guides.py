"""The effect of a guide from the first event to the sentence: people come, are divided, and do something or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dsl.values import DAY, HOUR, MINUTE, Duration
from engine.analyst import Analyst
from engine.analytics.effect import Basis, Effect, Verdict
from engine.analytics.effect_words import sentence
from engine.effects import EffectAsked, NoSuchPersona, NothingToMeasure, effect, guides_of_journey
from engine.errors import UnknownGuide
from engine.replies import Published
from engine.rollout import is_held_out
from engine.service import Service
from tests.engine.clock import Clock
from tests.engine.serving import track

RULES = """
event "Asked"
event "Stuck"
event "Solved"
attribute plan: text

journey way "The way" {{
  stage s "S" {{
    step begin "Begin" reached by "Stuck"
    step solve "Solve" reached by "Solved"
  }}
  gives up after 2 days
}}

persona pro "Pro" where plan is "pro"

survey other "Another survey" {{ at way.begin ask effort ease "How easy was it?" expires 2099-12-31 }}

guide help "Help" {{
  at way.solve
  on "Stuck"
  show modal {{ title "T" }}
  goal "Solved" within 1 day
  holdout {holdout}%
  expires 2099-12-31
}}

guide unmeasured "No goal" {{
  on "Asked"
  show modal {{ title "T" }}
  expires 2099-12-31
}}
"""


class Site:
    """A service with a clock, and what its people do."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.service = Service.open(f"sqlite:///{folder / 'w.db'}", clock=self.clock, lakes=folder / "lake")
        self.project = self.service.ensure_project().id
        self.analyst = Analyst(self.service.database, folder / "lake")

    def publish(self, text: str) -> None:
        found = self.service.publish(self.project, {"rules.way": text})
        assert isinstance(found, Published), found

    def does(self, user: str, name: str, *, decide: bool = False, **more: object) -> None:
        message = track(name, user=user, at=self.clock.now, context={"userAgent": "Mozilla/5.0"}, **more)
        self.service.receive(self.project, [message], received=self.clock.now, decide=decide)

    def effect(self, guide: str = "help", **asked: object) -> Effect:
        rules = self.service.rules_now(self.project)
        return effect(self.analyst, self.project, EffectAsked(guide, **asked), rules)  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.service.close()


def live(site: Site, people: range, solves: Callable[[str], bool], *, held_out: float = 50) -> None:
    """People get stuck one a minute; then some of them solve it, within the hour."""
    for number in people:
        site.does(f"u{number}", "Stuck", decide=True)
        site.clock.pass_(Duration(MINUTE))
    for number in people:
        if solves(f"u{number}"):
            site.does(f"u{number}", "Solved")
    site.clock.pass_(Duration(HOUR))


def test_a_guide_that_helps_is_told_by_assignment(site: Site) -> None:
    site.publish(RULES.format(holdout=50))
    held = {f"u{number}" for number in range(80) if is_held_out("help", f"u{number}", 50)}
    live(site, range(80), lambda user: user not in held)
    waiting = site.effect()
    assert (waiting.waiting, waiting.verdict) == (80, Verdict.TOO_FEW)
    assert sentence(waiting).startswith(
        "Not enough people yet: the time to come to “Solved” within 1 day is over for 0"
    )
    site.clock.pass_(Duration(3 * DAY))

    found = site.effect()
    # No browser has told of showing anything: whom it was decided for counts all the same.
    assert [(group.name, group.people, group.over) for group in found.groups] == [
        ("shown", 80 - len(held), 80 - len(held)),
        ("held out", len(held), len(held)),
    ]
    assert (found.goal.difference.one.value, found.goal.difference.other.value) == (1.0, 0.0)
    assert found.verdict is Verdict.HIGHER
    assert sentence(found).startswith("More people come to “Solved” within 1 day with it: ")
    assert found.ratio is not None
    assert not found.ratio.is_alarm
    (step,) = found.steps
    assert (step.journey, step.step, step.within) == ("way", "solve", 2 * DAY)
    assert (step.contrast.difference.one.value, step.contrast.difference.other.value) == (0.0, 1.0)
    assert step.contrast.verdict is Verdict.LOWER
    assert [day.day for day in found.days] == ["2026-11-03"]
    assert (found.in_both, found.waiting, found.earlier) == (0, 0, 0)


def test_guardrails_count_what_came_after(site: Site) -> None:
    site.publish(RULES.format(holdout=50))
    held = {f"u{number}" for number in range(60) if is_held_out("help", f"u{number}", 50)}
    site.does("u0", "$rage_click", properties={"page": {"path": "/"}, "v": 1})
    live(site, range(60), lambda _: True)
    for number in range(60):
        user = f"u{number}"
        if user not in held:
            site.does(user, "$rage_click", properties={"page": {"path": "/"}, "v": 1})
            site.does(user, "$dismissed", properties={"guide": "help", "how": "close"})
        score = 2 if user not in held else 6
        answer = {"guide": "other", "question": "ease", "value": score, "submission": user}
        site.does(user, "$answered", properties=answer)
    site.clock.pass_(Duration(3 * DAY))
    rails = {rail.name: rail for rail in site.effect().guardrails}
    assert (rails["friction"].value, rails["friction"].harms) == (1.0, True)
    assert rails["dismissed"].value == 1.0
    assert (rails["dismissed_others"].value, rails["dismissed_others"].harms) == (0.0, None)
    assert rails["answered"].value == 0.0
    # 2 and 6 of 1 to 7 are −2/3 and 2/3.
    assert rails["feelings"].value == pytest.approx(-4 / 3, abs=1e-3)
    assert rails["feelings"].harms is True


def test_whom_the_shares_moved_are_left_out_and_counted(site: Site) -> None:
    site.publish(RULES.format(holdout=50))
    live(site, range(30), lambda _: False)
    site.publish(RULES.format(holdout=50).replace('title "T"', 'title "Other words"'))
    live(site, range(30, 40), lambda _: False)
    assert site.effect().earlier == 0
    site.clock.pass_(Duration(MINUTE))
    site.publish(RULES.format(holdout=20))
    live(site, range(40, 60), lambda _: False)
    found = site.effect()
    assert (found.earlier, sum(group.people for group in found.groups)) == (40, 20)
    assert found.setup.since is not None


def test_without_a_holdout_it_is_before_and_after_and_says_so(site: Site) -> None:
    site.publish(RULES.format(holdout=0).replace("guide help", "guide later"))
    quiet = RULES.format(holdout=0).replace("  at way.solve\n  on", "  paused\n  at way.solve\n  on")
    site.publish(quiet)
    for day in range(4):
        live(site, range(10 * day, 10 * day + 10), lambda user: user.endswith(("0", "1")))
        site.clock.pass_(Duration(DAY))
    site.clock.pass_(Duration(DAY))
    site.publish(RULES.format(holdout=0))
    for day in range(4, 8):
        live(site, range(10 * day, 10 * day + 10), lambda user: user.endswith(("0", "1", "2", "3", "4")))
        site.clock.pass_(Duration(DAY))
    site.clock.pass_(Duration(2 * DAY))
    found = site.effect()
    assert (found.basis, found.verdict) == (Basis.BEFORE_AFTER, Verdict.NOT_CAUSAL)
    assert (found.goal.difference.one.value, found.goal.difference.other.value) == (0.5, 0.2)
    assert sentence(found).startswith("Before/after, not causal: ")
    assert "Whatever else changed in between is in that too" in sentence(found)
    assert found.setup.counted_from == "each person's first `Stuck` of the period"
    assert (found.ratio, found.needed) == (None, None)


def test_only_one_persona(site: Site) -> None:
    site.publish(RULES.format(holdout=50))
    for number in range(10):
        message = {"type": "identify", "userId": f"u{number}", "traits": {"plan": "pro"}}
        site.service.receive(site.project, [message], received=site.clock.now)  # type: ignore[list-item]
    live(site, range(30), lambda _: False)
    assert sum(group.people for group in site.effect(persona="pro").groups) == 10


def test_what_cannot_be_asked_is_refused_with_a_reason(site: Site) -> None:
    site.publish(RULES.format(holdout=50))
    site.does("u1", "Asked")
    with pytest.raises(UnknownGuide, match="helpp"):
        site.effect("helpp")
    with pytest.raises(NothingToMeasure, match='give it `goal "EVENT" within 7 days`'):
        site.effect("unmeasured")
    with pytest.raises(NoSuchPersona, match="there are: `pro`"):
        site.effect(persona="poor")


def test_nobody_yet_is_said_plainly(site: Site) -> None:
    site.publish(RULES.format(holdout=50))
    site.does("u1", "Asked")
    found = site.effect()
    assert found.verdict is Verdict.TOO_FEW
    assert guides_of_journey(site.service.rules_now(site.project), "way") == ["help", "other"]
