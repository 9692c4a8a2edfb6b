"""JSON Schemas that people write for events: what we take of the standard, and how it is checked.

Draft 2020-12, without what could make checking an event fetch something, take long or never end: no reference leaves
the document, none leads back to where it came from, patterns are RE2's, and the whole of a schema, with every
reference followed, has a size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from dsl.suggest import did_you_mean, nearest
from dsl.values import JsonValue
from engine.tracking.patterns import BadPattern, linear_patterns, rewritten

SIZE_LIMIT: Final = 5_000
"""Schemas within schemas, with every reference followed."""
DEPTH_LIMIT: Final = 32
"""Schemas nested within each other."""

Definitions = Mapping[str, JsonValue]
"""What a plan says once under `$defs`, for all its schemas."""

_ONE: Final = frozenset(
    {"items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_PLAIN: Final = frozenset(
    {"type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"}
    | {"maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains"}
    | {"maxProperties", "minProperties", "required", "dependentRequired", "format", "$ref", "$defs", "$schema"}
    | {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"}
)
_KEYWORDS: Final = _ONE | _LISTS | _NAMED | _PLAIN
_FORMATS: Final = frozenset(
    {"date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "uuid"}
)
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Final = "#/$defs/"


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """Something in a schema that cannot be used. path: within the schema, with dots."""

    path: str
    message: str


def faults_in(schema: JsonValue, definitions: Definitions) -> list[SchemaFault]:
    """Everything that is wrong with a schema; nothing if events can be checked by it."""
    try:
        found = [*_against_the_standard(schema)]
    except RecursionError:
        return [SchemaFault("", f"is nested more than {DEPTH_LIMIT} levels deep")]
    if found:
        return found
    walk = _Walk(_all_definitions(schema, definitions))
    walk.size_of(schema, "")
    if walk.faults:
        return walk.faults
    try:
        validator_of(schema, definitions)
    except ValueError as error:
        return [SchemaFault("", f"cannot be used: {str(error).splitlines()[0][:200]}")]
    return []


def validator_of(schema: JsonValue, definitions: Definitions) -> Any:
    """What checks values by a schema without faults. It never fetches anything, and its patterns are linear."""
    import jsonschema_rs  # noqa: PLC0415  (30 ms that `waypost check` need not pay)

    def refuse(uri: str) -> Any:
        raise ValueError(f"schemas are not fetched: {uri}")

    return jsonschema_rs.Draft202012Validator(
        cast("dict[str, Any]", standalone(schema, definitions)),
        retriever=refuse,
        validate_formats=True,
        pattern_options=linear_patterns(),
    )


def standalone(schema: JsonValue, definitions: Definitions) -> JsonValue:
    """The schema with those definitions of the plan that it needs, and its patterns for the validator's engine."""
    if not isinstance(schema, dict):
        return schema
    known = _all_definitions(schema, definitions)
    needed: dict[str, JsonValue] = {}
    waiting = [schema]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in needed and name in known:
                needed[name] = known[name]
                waiting.append(known[name])  # type: ignore[arg-type]
    whole: dict[str, JsonValue] = {name: value for name, value in schema.items() if name != "$defs"}
    if needed:
        whole["$defs"] = needed
    return _with_patterns(whole)


def _against_the_standard(schema: JsonValue) -> Iterator[SchemaFault]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    if not isinstance(schema, dict | bool):
        yield SchemaFault("", "a JSON Schema is an object")
        return
    error = best_match(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema))
    if error is not None:
        yield SchemaFault(".".join(map(str, error.absolute_path)), f"is not JSON Schema: {error.message[:200]}")


def _all_definitions(schema: JsonValue, definitions: Definitions) -> Definitions:
    own = schema.get("$defs") if isinstance(schema, dict) else None
    return {**definitions, **own} if isinstance(own, dict) else definitions


@dataclass(slots=True)
class _Walk:
    """Goes through a schema once, noting what is wrong, and measures it with every reference followed."""

    definitions: Definitions
    faults: list[SchemaFault] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def size_of(self, schema: JsonValue, path: str, depth: int = 0) -> int:
        if not isinstance(schema, dict):
            return 1
        if depth > DEPTH_LIMIT:
            self._fault(path, f"is nested more than {DEPTH_LIMIT} levels deep")
            return 1
        for name, value in schema.items():
            self._look_at(name, value, _joined(path, name), at_top=depth == 0)
        size = 1 + sum(self.size_of(inner, _joined(path, at), depth + 1) for at, inner in _inner(schema))
        reference = schema.get("$ref")
        if isinstance(reference, str):
            size += self._size_of_reference(reference, _joined(path, "$ref"), depth)
        if size > SIZE_LIMIT and not self.faults:
            self._fault(path, f"has more than {SIZE_LIMIT} parts, every `$ref` followed; make it smaller")
        return size

    def _look_at(self, name: str, value: JsonValue, path: str, *, at_top: bool) -> None:
        if name in {"$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$vocabulary"}:
            self._fault(path, f"`{name}` is not supported: a `$ref` leads to `#/$defs/NAME` of the plan, nowhere else")
        elif name not in _KEYWORDS and not name.startswith("x-"):
            near = did_you_mean([f"`{each}`" for each in nearest(name, tuple(_KEYWORDS))])
            self._fault(path, f"`{name}` is no keyword of JSON Schema" + (f"; {near}" if near else ""))
        elif name == "$schema" and str(value).rstrip("#") != _DIALECT:
            self._fault(path, f"schemas are read as {_DIALECT}; leave `$schema` out")
        elif name == "$defs" and not at_top:
            self._fault(path, "`$defs` stands at the top of a schema, or of the plan")
        elif name == "format" and value not in _FORMATS:
            self._fault(path, f"`{value}` is not a format that is checked; those are {', '.join(sorted(_FORMATS))}")
        elif name == "pattern" and isinstance(value, str):
            self._look_at_pattern(value, path)
        elif name == "patternProperties" and isinstance(value, dict):
            for pattern in value:
                self._look_at_pattern(pattern, path)

    def _look_at_pattern(self, pattern: str, path: str) -> None:
        try:
            rewritten(pattern)
        except BadPattern as error:
            self._fault(path, str(error))

    def _size_of_reference(self, reference: str, path: str, depth: int) -> int:
        name = reference.removeprefix(_REFERENCE)
        if not reference.startswith(_REFERENCE) or "/" in name:
            hint = "nothing is fetched: copy the schema into `$defs` of the plan and write `#/$defs/NAME`"
            self._fault(path, f"`{reference[:100]}` cannot be followed; {hint}")
            return 1
        if name not in self.definitions:
            near = did_you_mean([f"`{each}`" for each in nearest(name, tuple(self.definitions))])
            self._fault(path, f"`$defs` has no `{name[:100]}`" + (f"; {near}" if near else ""))
            return 1
        if name in self.open:
            self._fault(path, f"`{name[:100]}` leads back to itself; a schema of an event has an end")
            return 1
        if name not in self.sizes:
            self.open.append(name)
            # Not at the top: definitions have none of their own.
            self.sizes[name] = self.size_of(self.definitions[name], _joined("$defs", name), depth + 1)
            self.open.pop()
        return self.sizes[name]

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(SchemaFault(path, message))


def _inner(schema: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """The schemas directly within a schema, each with its place."""
    for name, value in schema.items():
        if name in _ONE:
            yield name, value
        elif name in _LISTS and isinstance(value, list):
            yield from ((f"{name}.{number}", each) for number, each in enumerate(value))
        elif name in _NAMED and isinstance(value, dict):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())


def _references(schema: Mapping[str, JsonValue]) -> Iterator[str]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield reference.removeprefix(_REFERENCE)
    for _, inner in _inner(schema):
        if isinstance(inner, dict):
            yield from _references(inner)


def _with_patterns(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The schema with every pattern rewritten for the validator's engine."""
    changed: dict[str, JsonValue] = {}
    for name, value in schema.items():
        if name == "pattern" and isinstance(value, str):
            changed[name] = rewritten(value)
        elif name == "patternProperties" and isinstance(value, dict):
            changed[name] = {rewritten(pattern): _within(inner) for pattern, inner in value.items()}
        elif name in _NAMED | {"$defs"} and isinstance(value, dict):
            changed[name] = {member: _within(inner) for member, inner in value.items()}
        elif name in _LISTS and isinstance(value, list):
            changed[name] = [_within(inner) for inner in value]
        else:
            changed[name] = _within(value) if name in _ONE else value
    return changed


def _within(value: JsonValue) -> JsonValue:
    return _with_patterns(value) if isinstance(value, dict) else value


def _joined(path: str, name: str) -> str:
    return f"{path}.{name[:80]}" if path else name[:80]
