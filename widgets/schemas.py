"""The JSON Schemas of what travels to the browser, ready to validate with.

The files beside the widgets are the definition; this module only loads them into a registry of its own, so that no
reference ever leaves the machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from widgets.registry import FOLDER, WIDGETS

BASE: Final = "https://waypost.invalid/widgets/"
"""The base of the schemas' names. It is never fetched: `.invalid` cannot exist."""


@cache
def documents() -> Mapping[str, dict[str, Any]]:
    """Every schema by its path below `widgets/`, such as `tooltip/schema.json`."""
    paths = sorted({*FOLDER.glob("*.schema.json"), *FOLDER.glob("survey/*.schema.json")})
    paths += [FOLDER / name / "schema.json" for name in WIDGETS]
    paths += sorted(FOLDER.glob("survey/questions/*/schema.json"))
    return MappingProxyType({path.relative_to(FOLDER).as_posix(): json.loads(path.read_bytes()) for path in paths})


@cache
def _registry() -> Registry[Any]:
    resources = ((BASE + path, Resource.from_contents(schema)) for path, schema in documents().items())
    return Registry[Any]().with_resources(resources)


@cache
def validator(path: str) -> Draft202012Validator:
    """The validator of one schema, made once: `validator("decision.schema.json")`, `validator("tooltip/schema.json")`.

    Raises KeyError where there is no such schema.
    """
    return Draft202012Validator(documents()[path], registry=_registry())
