"""The roadmap on each kind of database: nobody's change is lost, not even one of the same instant."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.errors import WaypostError
from engine.membership import RulesNow
from engine.replies import Published
from engine.roadmap.items import ItemDraft, ItemStatus, NoSuchItem, StaleItem
from engine.roadmap.metrics import Metric
from engine.roadmap.opportunities import Status
from engine.roadmap.outcomes import Lift
from engine.roadmap.planner import Planner, Verdict
from engine.roadmap.quadrants import Limits
from engine.roadmap.readings import Readings, Whose
from engine.roadmap.themes import ThemeDraft
from engine.roadmap.timeboxes import read_timebox
from engine.service import Service
from tests.engine.roadmaps import RULES

OPPORTUNITY = "activation.verify.trial"
READY = ItemDraft(title="Say it", opportunity=OPPORTUNITY, timebox=read_timebox("2026-12"))


@pytest.fixture
def planned(service: Service) -> tuple[Planner, Service, int]:
    """A planner beside a running service, and its project."""
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    return Planner(service.database), service, project


def test_what_was_said_is_there_after_a_change_as_it_was_said(planned: tuple[Planner, Service, int]) -> None:
    planner, service, project = planned
    rules = service.rules_now(project)
    theme = planner.add_theme(
        project,
        rules,
        ThemeDraft(title="Hard", journey="activation", step="verify", metric=Metric.COMPLETION, target=0.8),
        by="member 1",
    )
    item = planner.add_item(project, rules, replace(READY, theme=theme.id, evidence=("“what?”",)), by="member 1")
    assert planner.item(project, item.id) == item
    changed = planner.change_item(
        project, rules, (item.id, 1), lambda draft: replace(draft, status=ItemStatus.LAUNCHED), by="member 2"
    )
    assert (changed.revision, changed.changed_by, changed.draft.launched) == (2, "member 2", rules.now)
    (change,) = planner.changes(project)
    assert (change.by, change.fields["status"]) == ("member 2", ("scheduled", "launched"))
    assert planner.set_limits(project, Limits(5, 7), revision=0) == (Limits(5, 7), 1)
    assert planner.limits(project) == (Limits(5, 7), 1)


def test_of_two_changes_at_the_same_instant_one_is_told(planned: tuple[Planner, Service, int]) -> None:
    planner, service, project = planned
    rules = service.rules_now(project)
    item = planner.add_item(project, rules, READY, by="member 1")

    def own(number: int) -> str:
        try:
            planner.change_item(
                project, rules, (item.id, 1), lambda draft: replace(draft, owner=f"{number}"), by=f"member {number}"
            )
        except WaypostError as error:
            return error.code
        return "kept"

    def say(number: int) -> str:
        try:
            verdict = Verdict(Status.CONFIRMED, f"{number}")
            planner.decide(project, rules, OPPORTUNITY, verdict, revision=0, by=f"member {number}")
        except WaypostError as error:
            return error.code
        return "kept"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(own, range(8))) == ["kept", *["stale_item"] * 7]
        assert sorted(pool.map(say, range(8))) == ["kept", *["stale_item"] * 7]
    assert len(planner.changes(project)) == 1


def test_another_project_sees_nothing_of_it(planned: tuple[Planner, Service, int]) -> None:
    planner, service, project = planned
    rules = service.rules_now(project)
    item = planner.add_item(project, rules, READY, by="member 1")
    planner.decide(project, rules, OPPORTUNITY, Verdict(Status.DISMISSED, "no"), revision=0, by="member 1")
    other = service.tenancy.add("other").id
    assert (planner.items(other), planner.decisions(other), planner.changes(other)) == ((), {}, ())
    with pytest.raises(NoSuchItem):
        planner.delete_item(other, item.id, revision=1)
    with pytest.raises(StaleItem):
        planner.delete_item(project, item.id, revision=7)
    planner.delete_item(project, item.id, revision=1)
    assert planner.items(project) == ()


class OneLift:
    """The effects of guides: of one alone something is known."""

    def of(self, project_id: int, rules: RulesNow, whose: Whose) -> OneLift:  # noqa: ARG002
        return self

    def of_guide(self, guide: str) -> Lift | None:
        return Lift(guide, 0.1, None, "More people come to Verified.") if guide == "verify_help" else None


def test_a_launched_item_that_a_guide_carries_has_its_lift_beside_before_and_after(
    planned: tuple[Planner, Service, int],
) -> None:
    _, service, project = planned
    planner = Planner(service.database, Readings(service.database, effects=OneLift()))
    rules = service.rules_now(project)
    launched = replace(READY, status=ItemStatus.LAUNCHED)
    carried = planner.add_item(project, rules, replace(launched, guide="verify_help"), by="member 1")
    alone = planner.add_item(project, rules, launched, by="member 1")
    waiting = planner.add_item(project, rules, READY, by="member 1")
    found = planner.outcomes(project, rules, [carried, alone, waiting])
    assert [(each.item, each.lift and each.lift.said, each.note) for each in found] == [
        (carried.id, "More people come to Verified.", "before/after, not causal"),
        (alone.id, None, "before/after, not causal"),
    ]
