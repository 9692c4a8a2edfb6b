"""The demo's past hides two causes at one step: the engine proposes both, each for the people who have it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.demo import material
from dsl.values import Instant, read_instant
from engine.replies import Published
from engine.roadmap.opportunities import Opportunity
from engine.roadmap.planner import Planner
from engine.roadmap.readings import Asked, Whose
from engine.service import Service
from examples.demo.history import simulate

NOW = read_instant("2026-11-22T12:00:00Z") or Instant(0)
USERS = 800


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Opportunity, ...]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'waypost.sqlite'}"
    service = Service.open(url, clock=lambda: NOW)
    project = service.ensure_project().id
    files = {file.name: file.read_text(encoding="utf-8") for file in material.rules().glob("*.way")}
    assert isinstance(service.publish(project, files), Published)
    assert service.import_history(project, simulate(until=NOW, users=USERS), received=NOW).rejected == ()
    asked = Asked(whose=Whose(with_simulated=True))
    yield Planner(service.database).opportunities(project, service.rules_now(project), asked)
    service.close()


def test_the_two_most_worthwhile_are_the_verification_for_two_personas(proposed: tuple[Opportunity, ...]) -> None:
    assert {one.id for one in proposed[:2]} == {
        "activation.verify_domain.self_serve",
        "activation.verify_domain.enterprise",
    }
    worth = [one.worth or 0 for one in proposed]
    assert min(worth[:2]) > 3 * max(worth[2:])


@pytest.mark.parametrize(
    ("persona", "feeling", "words"),
    [
        ("self_serve", "confused", "I do not know what to enter"),
        ("enterprise", "frustrated", "I cannot change our DNS"),
    ],
)
def test_each_of_them_names_its_own_cause_in_the_words_of_its_people(
    proposed: tuple[Opportunity, ...], persona: str, feeling: str, words: str
) -> None:
    (one,) = [one for one in proposed if one.id == f"activation.verify_domain.{persona}"]
    assert (one.causes[0].name, one.causes[0].said) == (feeling, words)


def test_large_companies_give_the_form_up_and_the_others_click_what_is_dead(
    proposed: tuple[Opportunity, ...],
) -> None:
    signals = {
        one.persona: {cause.name for cause in one.causes if cause.kind == "friction"}
        for one in proposed
        if one.step == "verify_domain"
    }
    assert "form_abandoned" in signals["enterprise"]
    assert "dead_click" in signals["self_serve"]
