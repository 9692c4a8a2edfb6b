"""The schemas are the definition of what travels: examples keep to them, and so does what the engine makes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.widgets.browser import IMAGES, WIDGETS, decision, example
from widgets.registry import QUESTION_TYPES, SURVEY_FRAME, Item
from widgets.registry import WIDGETS as SPECS
from widgets.schemas import documents, validator

QUESTIONS = [f"survey/questions/{name}" for name in QUESTION_TYPES]


def faults(path: str, document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(path).iter_errors(document)]


def members(document: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(document, dict):
        yield from document.items()
    for each in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from members(each)


@pytest.mark.parametrize("path", sorted(documents()))
def test_every_schema_is_one_of_2020_12_and_refers_to_its_neighbours_only(path: str) -> None:
    schema = documents()[path]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    references = [value for name, value in members(schema) if name == "$ref"]
    assert [each for each in references if ":" in each] == []
    objects = [value for _, value in members(schema) if isinstance(value, dict) and value.get("type") == "object"]
    assert all(each.get("additionalProperties") is False for each in objects)


@pytest.mark.parametrize("folder", [*SPECS, *QUESTIONS])
def test_a_folder_holds_all_that_belongs_together(folder: str) -> None:
    names = {path.name for path in (WIDGETS / folder).iterdir()}
    name = folder.rpartition("/")[2]
    facts = "question.json" if "/" in folder else "widget.json"
    expected = {facts, "schema.json", "example.json", f"{name}.tsx"}
    assert expected <= names
    if "/" not in folder:
        assert {f"{name}.css", f"test_{name}.py"} <= names
    assert faults(f"{folder}/schema.json", example(folder)) == []


@pytest.mark.parametrize("name", SPECS)
def test_every_example_is_a_decision_of_the_wire(name: str) -> None:
    assert faults("decision.schema.json", decision(example(name))) == []


@pytest.mark.parametrize("name", SPECS)
def test_every_widget_has_its_pictures(name: str) -> None:
    for look in ("light", "dark"):
        assert (IMAGES / f"{name}-{look}.png").read_bytes().startswith(b"\x89PNG")


def test_facts_and_schemas_agree() -> None:
    for name, spec in SPECS.items():
        properties = documents()[f"{name}/schema.json"]["properties"]
        if Item.STEP in spec.items or name in ("survey", "feedback"):
            continue
        words = {Item.BUTTON: "buttons", Item.ITEM: "items"}
        assert {words.get(item, str(item)) for item in spec.items} <= set(properties), name
        assert ("target" in properties and properties["target"] != {"type": "null"}) is spec.takes_selector, name
        assert tuple(properties.get("side", {}).get("enum", ())) == spec.sides, name


def test_facts_schemas_and_renderers_agree_on_what_there_is() -> None:
    contents = {
        each["$ref"].split("/")[0] for each in documents()["decision.schema.json"]["properties"]["content"]["oneOf"]
    }
    questions = {
        each["$ref"].split("/")[1] for each in documents()["survey/parts.schema.json"]["$defs"]["question"]["oneOf"]
    }
    frames = {
        each["properties"]["widget"]["const"]
        for each in documents()["survey/parts.schema.json"]["$defs"]["frame"]["oneOf"]
    }
    drawn = set(re.findall(r"^  (\w+): \(\) =>", (WIDGETS / "drawing" / "widgets.tsx").read_text(), re.MULTILINE))
    asked = set(re.findall(r'case "(\w+)":', (WIDGETS / "survey" / "questions" / "view.tsx").read_text()))
    assert contents == drawn == set(SPECS)
    assert questions == asked == set(QUESTION_TYPES)
    assert frames == {name for name, spec in SPECS.items() if spec.frames_surveys}
    assert SURVEY_FRAME in frames


def test_the_default_scales_are_allowed_by_their_schemas() -> None:
    for name, spec in QUESTION_TYPES.items():
        given = example(f"survey/questions/{name}")
        assert (given["scale"] is not None) is spec.accepts_scale
        assert bool(given["choices"]) is spec.accepts_choices
        if spec.scale:
            assert given["scale"] == {"low": spec.scale.low, "high": spec.scale.high, "style": spec.scale.style}


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("https://example.com/a?b=c:d", True),
        ("/docs/dns", True),
        ("docs/a:b", True),
        ("#top", True),
        ("mailto:team@example.com", True),
        ("tel:+4930123", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("vbscript:x", False),
        ("data:text/html,x", False),
        ("", False),
    ],
)
def test_only_harmless_addresses_travel(address: str, is_allowed: bool) -> None:
    content = {**example("modal"), "buttons": [{"text": "Go", "action": {"type": "open", "url": address}}]}
    assert (faults("modal/schema.json", content) == []) is is_allowed


def test_nothing_in_the_sources_reads_text_as_markup_or_code() -> None:
    never = re.compile(
        r"\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|eval|Function\()\b|style=\{"
    )
    sources = [path for path in WIDGETS.rglob("*.ts*") if "node_modules" not in path.parts]
    found = [f"{path.name}: {match[0]}" for path in sources if (match := never.search(path.read_text()))]
    assert len(sources) > 40
    assert found == []


def test_the_rules_of_the_demo_make_content_that_keeps_to_the_schemas() -> None:
    from dsl.clauses import every
    from dsl.nodes import Show
    from dsl.project import load
    from dsl.sources import read_files
    from engine.content import Reader, render_guide

    files, _ = read_files([Path(__file__).parents[2] / "examples" / "demo" / "rules"])
    project = load(files)
    assert project.guides
    for name, guide in project.guides.items():
        shows = every(guide, Show) or (None,)
        reader = Reader(tag=None, value=lambda _path: None, is_done=lambda _item: False)
        content = json.loads(json.dumps(render_guide(guide, shows[0], reader)))
        assert faults(f"{content['widget']}/schema.json", content) == [], name


def test_the_reference_of_the_snippet_names_every_call_attribute_and_property() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "snippet.md").read_text()
    core = (WIDGETS / "snippet" / "api.ts").read_text()
    listed = re.search(r"const VERBS = \[(.*?)\]", core, re.DOTALL)
    assert listed
    verbs = re.findall(r'"(\w+)"', listed[1]) + re.findall(r"^    (init|on|off|debug): guard", core, re.MULTILINE)
    assert len(verbs) == 15
    assert [verb for verb in verbs if f"`{verb}(" not in page] == []
    attributes = re.search(r"const \{ (.*?) \} = script\?\.dataset", (WIDGETS / "snippet" / "settings.ts").read_text())
    assert attributes
    assert [name for name in attributes[1].split(", ") if f"`data-{name}" not in page] == []
    properties = set(re.findall(r"--waypost-[a-z-]+", (WIDGETS / "drawing" / "theme.css").read_text())) - {"--waypost-"}
    assert properties == set(re.findall(r"--waypost-[a-z-]+", page))
