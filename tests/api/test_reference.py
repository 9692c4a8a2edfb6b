"""The reference pages and the OpenAPI document are what the code says, and say everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

import api
import engine
from api.app import build_app, openapi
from api.cli.main import COMMANDS, cli
from api.config import declarations
from api.statuses import answered_as
from engine.errors import WaypostError

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

PAGES = {
    "settings.md": ["config", "--reference"],
    "problems.md": ["openapi", "--problems"],
    "openapi.json": ["openapi"],
    "authorisation.md": ["openapi", "--access"],
    "mcp.md": ["mcp", "--reference"],
}

OF_COMMANDS = (
    "api.cli.",
    "api.config",
    "api.demo.",
    "api.frames",
    "api.mcp.",
    "engine.imports.",
    "engine.live_data",
    "engine.storage.backup",
)
"""Modules whose errors end a command, or are told to an assistant; no address raises them."""

AT_THE_START = {"newer_database", "older_database", "unknown_revision", "unsupported_database"}
"""Raised by a start or by `waypost db`."""

WITHIN_THE_ENGINE = {"late_event", "rules_with_errors", "not_for_questions", "bad_cursor"}
"""Raised by one part of the engine to another; one that reached a client would be a fault of ours."""


def is_answered(kind: type[WaypostError]) -> bool:
    return not kind.__module__.startswith(OF_COMMANDS) and kind.code not in AT_THE_START | WITHIN_THE_ENGINE


@pytest.mark.parametrize(("page", "arguments"), PAGES.items())
def test_a_page_is_what_its_command_prints(page: str, arguments: list[str]) -> None:
    printed = CliRunner().invoke(cli, arguments)
    assert printed.exit_code == 0
    command = " ".join(["waypost", *arguments, ">", f"docs/reference/{page}"])
    assert (REFERENCE / page).read_text() == printed.output, f"out of date; run: {command}"


def errors() -> Iterator[type[WaypostError]]:
    for package in (engine, api):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and ".demo" not in module.name:
                import_module(module.name)
    waiting = list(WaypostError.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        yield kind


def test_every_error_that_can_reach_a_client_has_a_status_and_a_code_of_its_own() -> None:
    kinds = sorted(set(errors()), key=lambda kind: kind.__name__)
    forgotten = [kind.__name__ for kind in kinds if answered_as(kind) is None and is_answered(kind)]
    assert forgotten == []
    # A special case goes by the code of what it is a case of.
    codes = [kind.code for kind in kinds if "code" in vars(kind)]
    assert sorted(codes) == sorted(set(codes))
    assert "waypost_error" not in codes
    assert all(kind.__doc__ for kind in kinds)


def test_every_setting_says_what_it_means() -> None:
    for name, declared in declarations():
        assert declared.doc.endswith("."), name
        assert declared.variable == "DATABASE_URL" or declared.variable.startswith("WAYPOST_")


def test_every_answer_has_a_type() -> None:
    document = openapi(build_app())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            good = [status for status in operation["responses"] if status.startswith("2")]
            assert len(good) == 1, f"{method} {path}"
            contents = {} if good == ["204"] else operation["responses"][good[0]]["content"]
            for kind, media in contents.items():
                if kind == "application/json":
                    assert media["schema"]["$ref"].startswith("#/components/schemas/"), f"{method} {path}"
                else:
                    assert media["schema"]["type"] == "string", f"{method} {path}"
            if "application/json" not in contents:
                continue
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}
            assert operation["summary"]
    for name, schema in document["components"]["schemas"].items():
        for member, declared in schema.get("properties", {}).items():
            told = {"type", "$ref", "anyOf", "allOf", "oneOf", "enum", "const"} & set(declared)
            assert told, f"{name}.{member} has no type"


JSON_SCHEMAS = {"TrackingPlan.$defs", "PlannedEvent.schema"}
"""Members that hold a JSON Schema, whose form is that of JSON Schema itself."""


def test_no_answer_has_an_object_of_which_nothing_is_said() -> None:
    document = openapi(build_app())
    answers = [
        media["schema"]
        for operations in document["paths"].values()
        for method, operation in operations.items()
        if method != "parameters"
        for answer in operation["responses"].values()
        for media in answer.get("content", {}).values()
    ]
    vague: set[str] = set()
    known: set[str] = set()
    for schema in answers:
        look_at(schema, "", document["components"]["schemas"], vague, known)
    assert len(known) > 50
    assert vague == JSON_SCHEMAS


def look_at(schema: Any, place: str, schemas: dict[str, Any], vague: set[str], known: set[str]) -> None:
    """Note the places of objects that have no typed members; a value of any kind is no object."""
    if not isinstance(schema, dict):
        return
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    if name and name not in known:
        known.add(name)
        look_at(schemas[name], name, schemas, vague, known)
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if "object" in kinds and len(kinds) <= 2 and not {"properties", "additionalProperties", "allOf"} & set(schema):
        vague.add(place)
    for member, inner in schema.get("properties", {}).items():
        look_at(inner, f"{place}.{member}", schemas, vague, known)
    for keyword in ("items", "additionalProperties"):
        look_at(schema.get(keyword), place, schemas, vague, known)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(keyword, []):
            look_at(inner, place, schemas, vague, known)


def test_every_reference_in_the_document_leads_somewhere() -> None:
    document = openapi(build_app())
    text = orjson.dumps(document).decode()
    for part in text.split('"$ref":"#/')[1:]:
        target: Any = document
        for key in part.split('"')[0].split("/"):
            target = target[key]
        assert target


def test_every_route_is_documented() -> None:
    app = build_app()
    documented = set(openapi(app)["paths"])
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule))
        for rule in app.url_map.iter_rules()
        if not str(rule).startswith(("/sdk/", "/docs", "/console/", "/auth/", "/openapi.json"))
    }
    assert served == documented


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_with_an_example(name: str) -> None:
    command = cli.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    subcommands = getattr(command, "commands", {})
    for path in [[name], *([name, inner] for inner in subcommands)]:
        helped = CliRunner().invoke(cli, [*path, "--help"])
        assert helped.exit_code == 0
        _, _, example = helped.output.partition("Example:\n")
        assert f"waypost {path[0]}" in example, path


def whole_numbers(schema: dict[str, Any], document: dict[str, Any], trail: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The whole numbers within a schema, each with where it is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in trail.split("."):
            yield from whole_numbers(document["components"]["schemas"][name], document, f"{trail}.{name}")
        return
    if "integer" in schema.get("type", ()) and "enum" not in schema:
        yield trail, schema
    within = {"": schema.get("items"), **schema.get("properties", {})}
    parts = [each for name in ("anyOf", "oneOf", "allOf") for each in schema.get(name, ())]
    for name, each in [*within.items(), *(("", part) for part in parts)]:
        if isinstance(each, dict):
            yield from whole_numbers(each, document, f"{trail}.{name}")


def test_no_number_of_a_request_is_larger_than_what_holds_it() -> None:
    document = openapi(build_app())
    found: dict[str, dict[str, Any]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method not in {"get", "post", "put", "patch", "delete"}:
                continue
            asked = [
                (each["name"], each["schema"]) for each in operation.get("parameters", ()) if each["in"] == "query"
            ]
            asked += [("", each["schema"]) for each in operation.get("requestBody", {}).get("content", {}).values()]
            for name, schema in asked:
                found |= dict(whole_numbers(schema, document, f"{method} {path} {name}"))
    assert len(found) > 50
    assert [where for where, schema in found.items() if not -(2**63) < schema.get("maximum", 2**64) < 2**63] == []
