"""One letter and one colour for each stage, wherever a project shows it: compared in one project, place by place."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import passwords
from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site
from tests.api.test_console_pages import visitor
from tests.api.test_roadmap import messages, said, send
from tests.engine.roadmaps import RULES

BEFORE = """
event "Looked"
event "Paid"
journey buying "Buying" {
  stage trying "Trying" { step look "Look" reached by "Looked" }
  stage first_value "First value" { step pay "Pay" reached by "Paid" }
}
"""
"""Another journey before the one that is looked at, with a stage of its own and one that both have."""
MARKS = {
    # the stages in the order in which the rules declare them: name, label, letter, colour
    "trying": ("Trying", "A", "#1f5fa8"),
    "first_value": ("First value", "B", "#a8480f"),
    "onboarding": ("Onboarding", "C", "#1b7346"),
}
STAGES = {"look": "trying", "pay": "first_value", "signup": "onboarding", "verify": "onboarding", "send": "first_value"}
"""Of each step."""
WAY = "/api/v1/journeys/activation"
Told = dict[str, tuple[str, str, str]]
"""Stages by name: label, letter, colour."""


@pytest.fixture(scope="module")
def planned(shared_site: Site) -> Site:
    """A project of two journeys in which people are lost, with something planned at each stage of one of them."""
    site = shared_site
    assert site.post("/api/v1/rules", {"files": {"rules.way": BEFORE + RULES}}, key=SECRET_KEY).status_code == 200
    assert site.service.import_history(1, messages(site.clock.now), received=site.clock.now).rejected == ()
    for step in ("verify", "send"):
        item = {"title": f"Mend {step}", "journey": "activation", "step": step}
        said(send(site, "POST", "/api/v1/roadmap/items", item), 201)
    return site


def mark(found: dict[str, Any]) -> tuple[str, tuple[str, str, str]]:
    return found["stage"], (found["label"], found["letter"], found["colour"])


def of_funnel(site: Site) -> Told:
    steps = said(site.get(f"{WAY}/funnel"))["steps"]
    assert {each["name"]: each["stage"]["stage"] for each in steps}.items() <= STAGES.items()
    return dict(mark(each["stage"]) for each in steps)


def of_map(site: Site) -> Told:
    found = said(site.get(f"{WAY}/map?days=40"))
    assert [each["name"] for each in found["steps"]] == ["C1", "C2", "B1"]
    return dict(mark(each["mark"]) for each in found["stages"])


def of_records(site: Site) -> Told:
    return dict(mark(each["stage"]) for each in said(site.get(f"{WAY}/records"))["records"])


def of_transitions(site: Site) -> Told:
    found = said(site.get(f"{WAY}/transitions"))["transitions"]
    return dict(mark(each[end]) for each in found for end in ("stage", "to_stage"))


def of_curve(site: Site) -> Told:
    return dict(mark(each["stage"]) for one in said(site.get(f"{WAY}/curve"))["curves"] for each in one["points"])


def of_opportunities(site: Site) -> Told:
    found = said(site.get("/api/v1/opportunities"))["data"]
    assert {each["step"]: each["stage"] for each in found}.items() <= STAGES.items()
    return dict(mark(each["mark"]) for each in found)


def of_board(site: Site) -> Told:
    found = said(site.get("/api/v1/roadmap"))
    assert dict(mark(each) for each in found["stages"]) == MARKS
    return dict(mark(each["stage"]) for each in found["items"])


def of_starters(site: Site) -> Told:
    return dict(mark(each["mark"]) for each in said(site.get("/api/v1/roadmap/starters"))["data"])


PLACES: list[tuple[Callable[[Site], Told], set[str]]] = [
    (of_funnel, {"onboarding", "first_value"}),
    (of_map, {"onboarding", "first_value"}),
    (of_records, {"onboarding", "first_value"}),
    (of_transitions, {"onboarding", "first_value"}),
    (of_curve, {"onboarding", "first_value"}),
    (of_opportunities, {"trying", "onboarding"}),
    (of_board, {"onboarding", "first_value"}),
    (of_starters, set(MARKS)),
]


@pytest.mark.parametrize(("place", "stages"), PLACES, ids=[place.__name__ for place, _ in PLACES])
def test_a_stage_has_its_letter_and_colour_everywhere(
    planned: Site, place: Callable[[Site], Told], stages: set[str]
) -> None:
    assert place(planned) == {name: MARKS[name] for name in stages}


def test_a_picture_of_the_map_has_them_too(planned: Site) -> None:
    picture = planned.get(f"{WAY}/map?days=40&format=svg").get_data(as_text=True)
    for name in ("onboarding", "first_value"):
        label, letter, colour = MARKS[name]
        # The head of the stage: its ground in its colour, its letter and label on it.
        assert re.search(rf'<rect[^>]*fill="{colour}"[^>]*/?>\s*<text[^>]*>(<[^>]+>)*{letter} +{label}<', picture), name
    assert MARKS["trying"][2] not in picture


TABLES: list[tuple[str, str, set[str]]] = [
    # address, column, what stands in it
    (f"{WAY}/funnel?format=csv", "stage", {"C Onboarding", "B First value"}),
    (f"{WAY}/records?format=csv", "stage", {"C", "B"}),
    (f"{WAY}/map?days=40&format=csv", "letter", {"C", "B", ""}),
    ("/api/v1/opportunities?format=csv", "letter", {"A", "C"}),
    ("/api/v1/roadmap?format=csv", "stage", {"C Onboarding", "B First value"}),
    ("/api/v1/roadmap/export?format=csv", "Stage", {"C Onboarding", "B First value"}),
]


@pytest.mark.parametrize(("address", "column", "told"), TABLES, ids=[address for address, _, _ in TABLES])
def test_files_name_a_stage_by_the_same_letter(planned: Site, address: str, column: str, told: set[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(planned.get(address).get_data(as_text=True))))
    assert {row[column] for row in rows} == told


def test_labels_of_issues_begin_with_the_stage(planned: Site) -> None:
    rows = csv.DictReader(io.StringIO(planned.get("/api/v1/roadmap/export?format=csv").get_data(as_text=True)))
    labels = {row["Step"]: row["Labels"].split(", ")[0] for row in rows}
    assert labels == {"activation.verify": "stage: C Onboarding", "activation.send": "stage: B First value"}
    page = planned.get("/api/v1/roadmap/export?format=markdown").get_data(as_text=True)
    assert "Stages: **A** Trying · **B** First value · **C** Onboarding" in page


@pytest.fixture(scope="module")
def ada(planned: Site) -> Iterator[FlaskClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))
        yield visitor(planned, Role.ADMIN)


@pytest.mark.thorough
@pytest.mark.parametrize("page", ["find", "map", "opportunities", "roadmap"])
def test_the_pages_of_the_console_draw_the_same(ada: FlaskClient, page: str) -> None:
    text = ada.get(f"/console/p/default/{page}?journey=activation&days=40").get_data(as_text=True)
    drawn = re.findall(
        r'<svg class="letter"[^>]*aria-label="([^"]*)"><rect[^>]*fill="([^"]+)"/><text[^>]*>(\w+)<', text
    )
    # Of a step the map draws its number too: `C2`.
    found = {html.unescape(label): (letter.rstrip("0123456789"), colour) for label, colour, letter in drawn}
    known = {label: (letter, colour) for label, letter, colour in MARKS.values()}
    assert found
    assert found.items() <= known.items()
