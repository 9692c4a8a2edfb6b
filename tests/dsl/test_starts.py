"""Rules to begin with become text without a finding in a project that has what they need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsl.forms import Faulty, begun, offered, read_form, starts
from dsl.project import load
from dsl.values import DAY, Instant, read_instant

DEMO = Path(__file__).parents[2] / "examples" / "demo" / "rules" / "onboarding.way"
NOW = read_instant("2027-01-01T00:00:00Z") or Instant(0)
SAID: dict[str, Any] = {
    "step": "activation.verify_domain",
    "event": "DNS Check Failed",
    "goal": "Domain Verified",
    "element": "#dns-records",
    "persona": "self_serve",
    "journey": "activation",
    "first": "Signed Up",
    "second": "Domain Verified",
}


@pytest.mark.parametrize("name", list(starts()))
def test_a_start_has_no_finding_in_the_demo_and_has_a_form(name: str) -> None:
    text = DEMO.read_text()
    project = load({"a.way": text}, at=NOW)
    guide, added = begun(starts()[name], SAID, project, now=NOW)
    both = load({"a.way": text, "new.way": added}, at=Instant(NOW + DAY))
    found = [each for each in both.diagnostics if each.span.file == "new.way"]
    assert [f"{each.code} {each.message}" for each in found] == []
    assert guide in both.journeys or read_form(added, guide).document["rows"]
    assert "<<" not in added


@pytest.mark.parametrize("name", list(starts()))
def test_without_an_audience_its_line_is_left_out(name: str) -> None:
    project = load({"a.way": DEMO.read_text()})
    _, added = begun(starts()[name], {**SAID, "persona": ""}, project, now=NOW)
    assert "\n  for " not in added


def test_in_an_empty_project_a_start_says_what_it_needs() -> None:
    empty = load({})
    needs = {name: each.needs(empty) for name, each in starts().items()}
    assert needs["help_when_stuck"] == ("a step of a journey", "an event")
    assert needs["onboarding_checklist"] == ("a journey",)
    assert needs["announcement"] == needs["recommend"] == needs["blank"] == ()
    assert all(each.needs(load({"a.way": DEMO.read_text()})) == () for each in starts().values())


def test_a_journey_is_described_by_what_happens() -> None:
    said = {"title": "Getting going", "first": "Signed Up", "second": "Signed up!", "third": "3 Sent", "fourth": ""}
    name, added = begun(starts()["journey"], said, load({}), now=NOW)
    assert (
        added
        == """\
journey journey_1 "Getting going" {
  stage steps "The steps" {
    step signed_up "Signed Up" reached by "Signed Up"
    step signed_up_2 "Signed up!" reached by "Signed up!"
    step third_3_sent "3 Sent" reached by "3 Sent"
  }
}
"""
    )
    project = load({"a.way": added})
    assert project.diagnostics == ()
    assert starts()["help_when_stuck"].needs(project) == ()
    assert name in project.journeys
    assert [each.name for each in (offered(load({}))[0], offered(project)[0])] == ["journey", "help_when_stuck"]


def test_a_second_guide_of_one_start_has_a_name_of_its_own() -> None:
    start = starts()["help_when_stuck"]
    first, text = begun(start, SAID, load({"a.way": DEMO.read_text()}), now=NOW)
    second, _ = begun(start, SAID, load({"a.way": DEMO.read_text() + text}), now=NOW)
    assert (first, second) == ("help", "help_2")


def test_every_name_that_is_missing_is_told() -> None:
    project = load({"a.way": DEMO.read_text()})
    with pytest.raises(Faulty) as caught:
        begun(starts()["help_when_stuck"], {"step": "nowhere"}, project, now=NOW)
    said = [each.path for each in caught.value.faults]
    assert said == ["values.step", "values.event", "values.goal", "values.element"]


def test_what_people_type_stays_text() -> None:
    words = 'a "quote" }\nguide x { draft }'
    project = load({"a.way": DEMO.read_text()})
    name, added = begun(starts()["announcement"], {**SAID, "title": words}, project, now=NOW)
    show = next(each for each in read_form(added, name).document["rows"] if each["kind"] == "show")
    assert show["rows"][0]["values"]["text"] == words
    assert json.dumps(show)
