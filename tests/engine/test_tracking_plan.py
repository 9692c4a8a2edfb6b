"""Tracking plans: what is refused in one, what does not fit one, and that the fast validator is a true one."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson
import pytest
import re2
import referencing
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from dsl.project import load
from dsl.values import JsonValue
from engine.events import Event
from engine.intake import NoticeCode, RejectionCode, take_in
from engine.tracking import Mode, PlanRefused, TrackingPlan, plan_from, read_plan
from engine.tracking.patterns import BadPattern, linear_patterns, rewritten
from engine.tracking.schemas import SIZE_LIMIT, faults_in, standalone, validator_of
from tests.engine.histories import NOW, event
from tests.profiles import examples


def plan(schema: JsonValue, **more: Any) -> TrackingPlan:
    return read_plan({"events": {"A": {"schema": schema}}, **more})


def refusal(document: JsonValue) -> list[tuple[str, str]]:
    with pytest.raises(PlanRefused) as refused:
        read_plan(document)
    return [(each.path, each.message) for each in refused.value.faults]


# what is refused in a plan


@pytest.mark.parametrize(
    ("document", "path", "hint"),
    [
        ([], "", "is a JSON object"),
        ({"event": {}}, "event", "did you mean `events`"),
        ({"mode": "bloc"}, "mode", 'must be "warn" or "block"'),
        ({"mode": "allow"}, "mode", 'must be "warn" or "block"'),
        ({"unplanned": True}, "unplanned", 'must be "allow" or "warn" or "block"'),
        ({"events": []}, "events", "must be an object"),
        ({"events": {"A": {"type": "object"}}}, "events.A.type", "means nothing here"),
        ({"events": {"A": []}}, "events.A", "must be an object"),
        ({"events": {"A": {"schema": 5}}}, "events.A.schema", "is an object"),
        ({"events": {"$shown": {}}}, "events.$shown", "`$identify`"),
        ({"events": {"x" * 256: {}}}, f"events.{'x' * 80}", "1 to 255 characters"),
        ({"events": {"A": {"description": 5}}}, "events.A.description", "must be a text"),
        ({"events": {}, "$schema": None}, "$schema", "must be a text"),
        ({"events": {}, "description": 5}, "description", "must be a text"),
        ({"$defs": []}, "$defs", "must be an object"),
        ({"$defs": {"a": {"type": "txt"}}}, "$defs.a.type", "is not JSON Schema"),
    ],
)
def test_a_plan_that_means_nothing_is_refused_with_its_place(document: JsonValue, path: str, hint: str) -> None:
    (found,) = refusal(document)
    assert found[0] == path
    assert hint in found[1]


@pytest.mark.parametrize(
    ("schema", "path", "hint"),
    [
        ({"type": "objekt"}, "type", "is not JSON Schema"),
        ({"requird": ["a"]}, "requird", "did you mean `required`"),
        ({"properties": {"n": {"minimum": "1"}}}, "properties.n.minimum", "is not JSON Schema"),
        # nothing leaves the document
        ({"$ref": "https://example.com/a.json"}, "$ref", "nothing is fetched"),
        ({"$ref": "file:///etc/passwd"}, "$ref", "nothing is fetched"),
        ({"properties": {"a": {"$ref": "other.json#/a"}}}, "properties.a.$ref", "nothing is fetched"),
        ({"$id": "https://example.com/a.json"}, "$id", "not supported"),
        ({"$dynamicRef": "#a"}, "$dynamicRef", "not supported"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "$schema", "2020-12"),
        ({"$ref": "#/$defs/mony", "$defs": {"money": {}}}, "$ref", "did you mean `money`"),
        # nothing takes for ever
        ({"$ref": "#"}, "$ref", "cannot be followed"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}, "$defs.a.items.$ref", "to itself"),
        ({"properties": {"a": {"pattern": "(?=a)b"}}}, "properties.a.pattern", "RE2"),
        ({"properties": {"a": {"pattern": r"(a)\1"}}}, "properties.a.pattern", "RE2"),
        ({"properties": {"a": {"pattern": "(a{1000}){1000}"}}}, "properties.a.pattern", "RE2"),
        ({"patternProperties": {"(?<!a)b": {}}}, "patternProperties", "RE2"),
        ({"properties": {"a": {"pattern": r"a\Bb"}}}, "properties.a.pattern", "not supported"),
        # nothing is silently not checked
        ({"properties": {"a": {"format": "e-mail"}}}, "properties.a.format", "email"),
        ({"properties": {"a": {"$defs": {}}}}, "properties.a.$defs", "at the top"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_with_its_place(schema: JsonValue, path: str, hint: str) -> None:
    (found,) = refusal({"events": {"A": {"schema": schema}}})
    assert found[0] in {f"events.A.schema.{path}", path}
    assert hint in found[1]


def test_a_schema_that_grows_when_references_are_followed_is_refused() -> None:
    links: dict[str, JsonValue] = {f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}] * 2} for n in range(14)}
    found = refusal({"$defs": {**links, "l14": {}}, "events": {"A": {"schema": {"$ref": "#/$defs/l0"}}}})
    assert any(f"more than {SIZE_LIMIT} parts" in message for _, message in found)


@pytest.mark.parametrize("keyword", ["not", "items", "additionalProperties"])
def test_a_schema_that_is_nested_deeply_is_refused(keyword: str) -> None:
    schema: dict[str, JsonValue] = {}
    for _ in range(240):
        schema = {keyword: schema}
    assert any("levels deep" in message for _, message in refusal({"events": {"A": {"schema": schema}}}))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    schemas = {"A": {"schema": {"type": "x"}}, "B": {"mode": "x"}, "C": {"schema": {"format": "x"}}}
    assert [path for path, _ in refusal({"events": schemas})] == [
        "events.A.schema.type",
        "events.B.mode",
        "events.C.schema.format",
    ]


# what does not fit


def found(schema: JsonValue, properties: dict[str, JsonValue]) -> list[tuple[str, str, str]]:
    judged = plan(schema).judge(event("0", "A", properties))
    return [(each.path, each.rule, each.message) for each in judged]


@pytest.mark.parametrize(
    ("schema", "properties", "path", "rule", "message"),
    [
        ({"required": ["n"]}, {}, "$.properties.n", "required", "`n` of `A` is missing"),
        (
            {"properties": {"n": {"type": "number"}}},
            {"n": "5"},
            "$.properties.n",
            "type",
            "`n` of `A` must be a number, not a text",
        ),
        (
            {"properties": {"n": {"type": ["integer", "null"]}}},
            {"n": 1.5},
            "$.properties.n",
            "type",
            "`n` of `A` must be a whole number or nothing, not a number",
        ),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"b": 1},
            "$.properties.b",
            "additionalProperties",
            "`b` of `A` is not in the plan",
        ),
        (
            {"properties": {"p": {"enum": ["free", "pro"]}}},
            {"p": "ada@example.com"},
            "$.properties.p",
            "enum",
            '`p` of `A` is not one of "free", "pro"',
        ),
        ({"properties": {"n": {"minimum": 1}}}, {"n": 0}, "$.properties.n", "minimum", "`n` of `A` is below 1"),
        (
            {"properties": {"t": {"maxLength": 2}}},
            {"t": "abc"},
            "$.properties.t",
            "maxLength",
            "`t` of `A` has more than 2 characters",
        ),
        (
            {"properties": {"t": {"pattern": "^a+$"}}},
            {"t": "b"},
            "$.properties.t",
            "pattern",
            "`t` of `A` does not fit the pattern `^a+$`",
        ),
        (
            {"properties": {"t": {"format": "email"}}},
            {"t": "nobody"},
            "$.properties.t",
            "format",
            "`t` of `A` is not of the format `email`",
        ),
        (
            {"properties": {"items": {"items": {"required": ["price"]}}}},
            {"items": [{"price": 1}, {}]},
            "$.properties.items[1].price",
            "required",
            "`items[1].price` of `A` is missing",
        ),
        ({"properties": {"t": False}}, {"t": 1}, "$.properties.t", "falseSchema", "`t` of `A` must not be there"),
    ],
)
def test_what_does_not_fit_is_told_without_the_value(
    schema: JsonValue, properties: dict[str, JsonValue], path: str, rule: str, message: str
) -> None:
    assert found(schema, properties) == [(path, rule, message)]
    assert "ada" not in message


def test_an_event_breaks_each_rule_at_a_place_once_and_five_at_most() -> None:
    schema: JsonValue = {"properties": {"l": {"items": {"type": "string"}}}, "required": ["a", "b", "c", "d", "e", "f"]}
    judged = plan(schema).judge(event("0", "A", {"l": [1, 2, 3]}))
    assert [each.rule for each in judged] == ["required"] * 5
    of_one_place = plan(schema).judge(event("0", "A", {"l": [1, 2, 3], **dict.fromkeys("abcdef", 0)}))
    assert [each.place for each in of_one_place] == ["$.properties.l[]"]


def test_of_a_large_event_only_the_first_fault_is_told() -> None:
    schema: JsonValue = {"properties": {"l": {"items": {"type": "string"}}}}
    (only,) = plan(schema).judge(event("0", "A", {"l": list(range(10_000))}))
    assert only.place in {"$.properties.l", "$.properties.l[]"}


def test_traits_are_judged_by_what_they_set() -> None:
    schema: JsonValue = {"properties": {"seats": {"type": "integer"}}, "required": ["plan"]}
    judge = read_plan({"events": {"$identify": {"schema": schema}, "$group": {"schema": schema}}}).judge
    for name in ("$identify", "$group"):
        assert judge(event("0", name, {"$set": {"plan": "pro"}, "$add": {"seats": 0.5}})) == ()
        (wrong,) = judge(event("0", name, {"plan": "pro", "$set_once": {"seats": "five"}}))
        assert (wrong.path, wrong.event) == ("$.traits.seats", name)


@pytest.mark.parametrize(
    ("unplanned", "name", "kept", "told"),
    [
        ("allow", "New", True, 0),
        ("warn", "New", True, 1),
        ("block", "New", False, 0),
        ("block", "A", True, 0),
        # Waypost's own events are no surprise
        ("block", "$rage_click", True, 0),
    ],
)
def test_events_that_are_not_in_the_plan(unplanned: str, name: str, kept: bool, told: int) -> None:
    message = {"type": "track", "event": name, "userId": "u"}
    taken = take_in([message], received=NOW, new_id=lambda: "m", plan=plan(True, unplanned=unplanned))
    assert len(taken.taken) == kept
    assert len(taken.notices) == told
    assert [each.path for each in taken.rejected] == ([] if kept else ["$.event"])


def test_calls_that_are_no_track_are_never_unplanned() -> None:
    judge = read_plan({"unplanned": "block"}).judge
    assert all(judge(event("0", name)) == () for name in ("$identify", "$group", "$page", "$screen", "$alias"))


def test_a_mode_of_an_event_goes_before_that_of_the_plan() -> None:
    schema = {"required": ["n"]}
    events: JsonValue = {"Strict": {"mode": "block", "schema": schema}, "Lax": {"schema": schema}}
    messages = [{"type": "track", "event": name, "userId": "u"} for name in ("Strict", "Lax")]
    taken = take_in(messages, received=NOW, new_id=lambda: "m", plan=read_plan({"mode": "warn", "events": events}))
    assert [(each.index, each.code) for each in taken.rejected] == [(0, RejectionCode.PLAN_VIOLATION)]
    assert [(each.index, each.code) for each in taken.notices] == [(1, NoticeCode.PLAN_VIOLATION)]
    assert [each.violation.mode for each in taken.violations] == [Mode.BLOCK, Mode.WARN]


def test_definitions_of_the_plan_are_shared_and_those_of_a_schema_go_before_them() -> None:
    shared: JsonValue = {"money": {"type": "number"}, "price": {"$ref": "#/$defs/money"}}
    schema: JsonValue = {"properties": {"price": {"$ref": "#/$defs/price"}}}
    (wrong,) = plan(schema, **{"$defs": shared}).judge(event("0", "A", {"price": "1"}))
    assert wrong.path == "$.properties.price"
    own: JsonValue = {**schema, "$defs": {"money": {"type": "string"}}}
    assert plan(own, **{"$defs": shared}).judge(event("0", "A", {"price": "1"})) == ()


# the fast validator is a true one


def _fits(_: Any, pattern: str, instance: Any, __: Any) -> Any:
    from jsonschema import ValidationError

    if isinstance(instance, str) and re2.search(pattern, instance) is None:
        yield ValidationError("does not fit")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _: Any) -> Any:
    if isinstance(instance, dict):
        for pattern, schema in patterns.items():
            for name, value in instance.items():
                if re2.search(pattern, name) is not None:
                    yield from validator.descend(value, schema, path=name)


Reference = extend(Draft202012Validator, {"pattern": _fits, "patternProperties": _pattern_properties})
"""The reference, with RE2 for patterns instead of an engine that tries again and again."""

_TEXTS = st.sampled_from(["", "a", "ab", "aé", "5", "١", "a b", "-", "é"])
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, 2.0, 1e300]), _TEXTS)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=6,
)
_TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
_PATTERNS = st.sampled_from(
    ["^a", r"^\w+$", r"\d", r"[\w-]+$", r"^[^\s]*$", "a|5", r"\bb", "[a&&b]", "[é~~]", r"[[:digit:]]", "[]a]", "(?i)A"]
)
_COUNTS = st.integers(0, 3)


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.booleans(),
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.one_of(_TYPES, st.lists(_TYPES, min_size=1, max_size=2, unique=True)),
                "enum": st.lists(_SCALARS, min_size=1, max_size=3, unique_by=repr),
                "const": _SCALARS,
                "minimum": _COUNTS,
                "exclusiveMaximum": _COUNTS,
                "multipleOf": st.sampled_from([1, 2]),
                "minLength": _COUNTS,
                "maxLength": _COUNTS,
                "pattern": _PATTERNS,
                "minItems": _COUNTS,
                "maxItems": _COUNTS,
                "uniqueItems": st.booleans(),
                "minProperties": _COUNTS,
                "maxProperties": _COUNTS,
                "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
                "dependentRequired": st.dictionaries(st.sampled_from("ab"), st.just(["c"]), max_size=1),
                "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
                "additionalProperties": inner,
                "propertyNames": inner,
                "items": inner,
                "prefixItems": st.lists(inner, min_size=1, max_size=2),
                "contains": inner,
                "allOf": st.lists(inner, min_size=1, max_size=2),
                "anyOf": st.lists(inner, min_size=1, max_size=2),
                "oneOf": st.lists(inner, min_size=1, max_size=2),
                "not": inner,
                "if": inner,
                "then": inner,
                "else": inner,
                "unevaluatedProperties": st.booleans(),
                "$ref": st.sampled_from(["#/$defs/word", "#/$defs/few"]),
            },
        ),
    )


_SCHEMAS = st.recursive(st.booleans(), _schemas, max_leaves=4)
_DEFINITIONS: dict[str, JsonValue] = {"word": {"type": "string", "pattern": "^a"}, "few": {"maxProperties": 1}}


@settings(max_examples=examples(600, 6_000))
@given(schema=_SCHEMAS, values=st.lists(_VALUES, min_size=1, max_size=5))
def test_the_fast_validator_agrees_with_the_reference(schema: JsonValue, values: list[Any]) -> None:
    assume(not faults_in(schema, _DEFINITIONS))
    fast = validator_of(schema, _DEFINITIONS)
    plain = {**schema, "$defs": _DEFINITIONS} if isinstance(schema, dict) else schema
    reference = Reference(plain, registry=referencing.Registry())
    for value in values:
        assert fast.is_valid(value) is reference.is_valid(value), (schema, value)


@settings(max_examples=examples(300, 3_000))
@given(schema=_schemas(_SCHEMAS), properties=st.dictionaries(st.sampled_from("abc"), _VALUES, max_size=3))
def test_an_event_fits_or_at_least_one_place_is_told(schema: JsonValue, properties: dict[str, JsonValue]) -> None:
    assume(not faults_in(schema, _DEFINITIONS))
    judged = plan(schema, **{"$defs": _DEFINITIONS}).judge(event("0", "A", properties))
    assert bool(judged) is not validator_of(schema, _DEFINITIONS).is_valid(properties)
    assert all(each.path.startswith("$.properties") and each.message for each in judged)


POSIX = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit"
INSIDE = [rf"\{each}" for each in "dDwWsS"] + [f"[:{no}{each}:]" for each in POSIX.split() for no in ("", "^")]


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("pattern", ["^[{}]$", "^[^{}]$", "^[-{}]$", "^[{}x]$"])
def test_a_class_inside_brackets_is_what_re2_takes_it_for(pattern: str, inside: str) -> None:
    written = pattern.format(inside)
    validator = jsonschema_rs.Draft202012Validator({"pattern": rewritten(written)}, pattern_options=linear_patterns())
    letters = [*map(chr, range(128)), "é", "٣", "\u2003", "😀"]
    taken = [letter for letter in letters if re2.search(written, letter) is not None]
    assert [letter for letter in letters if validator.is_valid(letter)] == taken


@settings(max_examples=examples(400, 4_000))
@given(pattern=st.text(alphabet="ab\\dwsbDWS[]^$&~-.*+?|()é1 :", max_size=10), text=st.text(alphabet="ab1é -&~]\n"))
def test_a_rewritten_pattern_is_what_re2_takes_it_for(pattern: str, text: str) -> None:
    try:
        mine = {"pattern": rewritten(pattern)}
        validator = jsonschema_rs.Draft202012Validator(mine, pattern_options=linear_patterns())
    except (BadPattern, jsonschema_rs.ValidationError):
        reject()
    options = re2.Options()
    options.log_errors = False
    assert validator.is_valid(text) is (re2.compile(pattern, options).search(text) is not None)


def test_a_pattern_that_would_keep_others_busy_for_ever_is_quick() -> None:
    schema: JsonValue = {"properties": {"t": {"pattern": "^(a+)+$"}}}
    assert len(plan(schema).judge(event("0", "A", {"t": "a" * 30_000 + "!"}))) == 1


def test_only_the_definitions_that_are_needed_go_along() -> None:
    assert standalone({"$ref": "#/$defs/word"}, {**_DEFINITIONS, "other": {}}) == {
        "$ref": "#/$defs/word",
        "$defs": {"word": _DEFINITIONS["word"]},
    }


# from rules

RULES = """
attribute plan: one of "free", "pro"
attribute size from "Company Size": number
account attribute industry: text

event "Signed Up"
event "Domain Added" { domain: text, added_at: time, attempt: number, first: yes/no, tags: list of text, v: version }
"""


def test_a_plan_is_made_from_what_rules_declare() -> None:
    document = plan_from(load({"rules.way": RULES}))
    assert document == {
        "mode": "warn",
        "unplanned": "allow",
        "events": {
            "$identify": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "Company Size": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                        "plan": {"anyOf": [{"enum": ["free", "pro"]}, {"type": "null"}]},
                    },
                }
            },
            "$group": {
                "schema": {
                    "type": "object",
                    "properties": {"industry": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
                }
            },
            "Domain Added": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "domain": {"type": "string"},
                        "added_at": {"type": "string", "format": "date-time"},
                        "attempt": {"type": "number"},
                        "first": {"type": "boolean"},
                        "tags": {"type": "array", "items": {"type": "string"}},
                        "v": {"type": "string"},
                    },
                }
            },
            "Signed Up": {"schema": {"type": "object"}},
        },
    }
    made = read_plan(orjson.loads(orjson.dumps(document)))
    good: Event = event("0", "Domain Added", {"domain": "example.com", "added_at": "2026-03-01T00:00:00Z", "more": 1})
    assert made.judge(good) == ()
    assert [each.path for each in made.judge(event("0", "Domain Added", {"attempt": "2"}))] == ["$.properties.attempt"]


def test_the_example_rules_make_a_plan_that_can_be_used() -> None:
    from pathlib import Path

    for path in sorted((Path(__file__).parents[2] / "examples").rglob("*.way")):
        read_plan(plan_from(load({path.name: path.read_text()})))
