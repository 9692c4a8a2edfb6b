"""Where a condition is converted without a note, it takes in exactly the people that the other tool takes in.

Each tool's meaning is written down again here, by hand and after its documentation, and asked beside Waypost's own
about people at random. A person has values of the kinds that the attributes have, or none: what a tool makes of a word
where a number is due is its own affair (docs/reference/convert.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from api.cli.eval import answer_to
from dsl.values import from_datetime, read_version
from engine.convert.vendors import convert, vendors
from tests.profiles import examples

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
PLANS = ("free", "trial", "pro", "Pro plus", "a.b")
VERSIONS = ("0.0.0", "1.2.3", "2.10.0-rc.1", "2.10.0", "2.9.9", "10.0.0")
TAGS = ("beta", "team", "vip")
TIMES = tuple((NOW - timedelta(days=days, hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (-20, -3, 0, 3, 9, 30))

PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "plan": st.sampled_from(PLANS),
        "seats": st.integers(-2, 8),
        "beta": st.booleans(),
        "app": st.sampled_from(VERSIONS),
        "tags": st.lists(st.sampled_from(TAGS), unique=True, max_size=3),
        "born": st.sampled_from(TIMES),
    },
)

Meaning = Callable[[Any, dict[str, Any]], bool]


def agrees(vendor: str, document: Any, told: Callable[[dict[str, Any]], bool], people: list[dict[str, Any]]) -> None:
    """Ask both about each person; a document with anything that could not be said is left aside."""
    found = convert(vendors()[vendor], document, source="x.json")
    assume(not found.notes)
    for person in people:
        question = {"declare": found.text, "condition": "in asked", "traits": person, "at": NOW.isoformat()}
        answer = answer_to(orjson.dumps(question), now=from_datetime(NOW))
        assert (answer.get("value") is True) == told(person), (answer, person, found.text, json.dumps(document))


def holding(vendor: str, conditions: st.SearchStrategy[Any], document: Callable[[Any], Any], meaning: Meaning) -> None:
    @settings(max_examples=examples(150, 3_000), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(conditions, st.lists(PEOPLE, min_size=6, max_size=6))
    def held(condition: Any, people: list[dict[str, Any]]) -> None:
        agrees(vendor, document(condition), lambda person: meaning(condition, person), [*people, {}])

    held()


# Unleash: https://docs.getunleash.io/concepts/activation-strategies#constraints


def _constraint(
    key: str, operators: list[str], values: st.SearchStrategy[Any], *, many: bool
) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {
            "contextName": st.just(key),
            "operator": st.sampled_from(operators),
            ("values" if many else "value"): st.lists(values, max_size=3) if many else values,
            "inverted": st.booleans(),
            "caseInsensitive": st.booleans(),
        }
    )


CONSTRAINTS = st.lists(
    st.one_of(
        _constraint("plan", ["IN", "NOT_IN"], st.sampled_from([*PLANS, "PRO"]), many=True),
        _constraint(
            "plan",
            ["STR_CONTAINS", "STR_STARTS_WITH", "STR_ENDS_WITH"],
            st.sampled_from(["p", "P", "ro", "al", "."]),
            many=True,
        ),
        _constraint("plan", ["REGEX"], st.sampled_from(["^p", "o$", "a.b", "[rt]r", "(?:free|pro)"]), many=False),
        _constraint(
            "seats", ["NUM_EQ", "NUM_GT", "NUM_GTE", "NUM_LT", "NUM_LTE"], st.integers(-1, 6).map(str), many=False
        ),
        _constraint("app", ["SEMVER_EQ", "SEMVER_GT", "SEMVER_LT"], st.sampled_from(VERSIONS), many=False),
    ),
    min_size=1,
    max_size=4,
)


def unleash(constraints: list[dict[str, Any]], person: dict[str, Any]) -> bool:
    return all(_unleash_one(each, person) is not each["inverted"] for each in constraints)


def _unleash_one(of: dict[str, Any], person: dict[str, Any]) -> bool:
    value, operator = person.get(of["contextName"]), of["operator"]
    ignores = of["caseInsensitive"]
    if operator in ("IN", "NOT_IN"):
        is_in = value is not None and any(_same(value, each, ignores) for each in of["values"])
        return is_in is (operator == "IN")
    if value is None:
        return False
    if operator.startswith("STR_"):
        text = value.lower() if ignores else value
        test = {"STR_CONTAINS": str.__contains__, "STR_STARTS_WITH": str.startswith, "STR_ENDS_WITH": str.endswith}[
            operator
        ]
        return any(test(text, each.lower() if ignores else each) for each in of["values"])
    if operator == "REGEX":
        return re.search(of["value"], value, re.IGNORECASE if ignores else 0) is not None
    if operator.startswith("NUM_"):
        return _ordered(operator[4:], value, float(of["value"]))
    return _ordered(operator[7:], read_version(value), read_version(of["value"]))


def _same(value: str, other: str, ignores: bool) -> bool:
    return value.lower() == other.lower() if ignores else value == other


def _ordered(word: str, left: Any, right: Any) -> bool:
    tests: dict[str, Any] = {"EQ": left == right, "GT": left > right, "LT": left < right}
    tests |= {"GTE": left >= right, "LTE": left <= right}
    return bool(tests[word])


def test_a_segment_of_unleash_takes_in_the_same_people() -> None:
    holding(
        "unleash", CONSTRAINTS, lambda each: {"segments": [{"id": 1, "name": "asked", "constraints": each}]}, unleash
    )


# GrowthBook: https://docs.growthbook.io/lib/build-your-own, "evalCondition" and its test cases


def _some(of: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """One or two members: more would hardly ever all be true."""
    pairs = st.one_of([st.tuples(st.just(name), values) for name, values in of.items()])
    return st.lists(pairs, min_size=1, max_size=2).map(dict)


_NUMBER = st.integers(-1, 6)
_PLANS = st.lists(st.sampled_from(PLANS), max_size=3)
_TESTS = {
    "plan": st.one_of(
        st.sampled_from(PLANS),
        st.none(),
        _some({
            "$eq": st.sampled_from(PLANS), "$ne": st.sampled_from(PLANS), "$in": _PLANS, "$nin": _PLANS,
            "$regex": st.sampled_from(["^p", "o$", "[rt]r"]), "$exists": st.booleans(),
            "$not": st.sampled_from([{"$regex": "^p"}, {"$in": ["pro"]}, "free"]),
        }),
    ),
    "seats": st.one_of(
        _NUMBER,
        _some({
            "$lt": _NUMBER, "$lte": _NUMBER, "$gt": _NUMBER, "$gte": _NUMBER, "$ne": _NUMBER, "$eq": _NUMBER,
            "$in": st.lists(_NUMBER, max_size=3), "$not": st.fixed_dictionaries({"$gt": _NUMBER}),
        }),
    ),
    "beta": st.one_of(st.booleans(), _some({"$ne": st.booleans(), "$eq": st.booleans()})),
    "app": _some({each: st.sampled_from(VERSIONS) for each in ("$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte")}),
    "tags": st.one_of(
        st.fixed_dictionaries({"$elemMatch": st.fixed_dictionaries({"$eq": st.sampled_from(TAGS)})}),
        st.fixed_dictionaries({"$all": st.lists(st.sampled_from(TAGS), min_size=1, max_size=2)}),
        st.just({"$not": {"$elemMatch": {"$in": ["beta", "vip"]}}}),
    ),
    "born": _some({each: st.sampled_from(TIMES) for each in ("$lt", "$lte", "$gt", "$gte")}),
}  # fmt: skip
_SIMPLE = _some(_TESTS)
CONDITIONS = st.recursive(
    _SIMPLE,
    lambda each: st.one_of(
        st.fixed_dictionaries({"$or": st.lists(each, max_size=3)}),
        st.fixed_dictionaries({"$and": st.lists(each, max_size=3)}),
        st.fixed_dictionaries({"$nor": st.lists(each, max_size=2)}),
        st.fixed_dictionaries({"$not": each}),
    ),
    max_leaves=5,
)


def growthbook(condition: dict[str, Any], person: dict[str, Any]) -> bool:
    return all(_growthbook_member(key, each, person) for key, each in condition.items())


def _growthbook_member(key: str, each: Any, person: dict[str, Any]) -> bool:
    match key:
        case "$or":
            return not each or any(growthbook(one, person) for one in each)
        case "$nor":
            return not (not each or any(growthbook(one, person) for one in each))
        case "$and":
            return all(growthbook(one, person) for one in each)
        case "$not":
            return not growthbook(each, person)
        case _:
            return _growthbook_value(each, person.get(key))


def _growthbook_value(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, bool):
        return bool(value) is wanted
    if isinstance(wanted, str):
        return str("null" if value is None else value) == wanted
    if isinstance(wanted, int):
        return (0 if value is None else value) == wanted
    if wanted is None:
        return value is None
    return all(_growthbook_operator(name, limit, value) for name, limit in wanted.items())


def _growthbook_operator(name: str, limit: Any, value: Any) -> bool:
    if name.startswith("$v"):
        # Who has no version is below every one.
        old, new = (None if value is None else read_version(value)), read_version(limit)
        assert new is not None
        below = old is None or old < new
        same = old == new
        return {"$veq": same, "$vne": not same, "$vlt": below, "$vlte": below or same,
                "$vgt": not below and not same, "$vgte": not below}[name]  # fmt: skip
    if name in ("$lt", "$lte", "$gt", "$gte"):
        if value is None and isinstance(limit, str):
            return False
        left = 0 if value is None else value
        return bool({"$lt": left < limit, "$lte": left <= limit, "$gt": left > limit, "$gte": left >= limit}[name])
    match name:
        case "$eq":
            return bool(value == limit)
        case "$ne":
            return bool(value != limit)
        case "$in":
            return value in limit
        case "$nin":
            return value not in limit
        case "$regex":
            return value is not None and re.search(limit, value) is not None
        case "$exists":
            return (value is not None) is limit
        case "$not":
            return not _growthbook_value(limit, value)
        case "$elemMatch":
            return any(_growthbook_value(limit, each) for each in value or ())
        case "$all":
            return value is not None and all(each in value for each in limit)
        case _:
            raise AssertionError(name)


def test_a_condition_of_growthbook_takes_in_the_same_people() -> None:
    def document(condition: Any) -> Any:
        return {"savedGroups": [{"id": "g", "name": "asked", "type": "condition", "condition": json.dumps(condition)}]}

    holding("growthbook", CONDITIONS, document, growthbook)


# Formbricks: https://github.com/formbricks/formbricks/blob/main/packages/types/segment.ts, and the query for contacts


def _filter(key: str, operators: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {
            "root": st.just({"type": "attribute", "contactAttributeKey": key}),
            "qualifier": st.fixed_dictionaries({"operator": st.sampled_from(operators)}),
            "value": values,
        }
    )


_FORMBRICKS_ORDER = {"lessThan": "LT", "lessEqual": "LTE", "greaterThan": "GT", "greaterEqual": "GTE"}
_LEAVES = st.one_of(
    _filter("plan", ["equals", "notEquals", "isSet", "isNotSet"], st.sampled_from(PLANS)),
    _filter("plan", ["contains", "doesNotContain", "startsWith", "endsWith"], st.sampled_from(["p", "PRO", "al", "e"])),
    _filter("seats", ["equals", "notEquals", *_FORMBRICKS_ORDER], st.integers(-1, 6)),
    _filter("born", ["isOlderThan", "isNewerThan"], st.fixed_dictionaries(
        {"amount": st.integers(1, 12), "unit": st.sampled_from(["days", "weeks"])})),
    _filter("born", ["isBefore", "isAfter"], st.sampled_from(TIMES)),
    _filter("born", ["isBetween"], st.lists(st.sampled_from(TIMES), min_size=2, max_size=2)),
)  # fmt: skip


def _listed(resources: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    items = st.lists(st.tuples(st.sampled_from(["and", "or"]), resources), min_size=1, max_size=4)
    return items.map(
        lambda each: [{"connector": word if at else None, "resource": one} for at, (word, one) in enumerate(each)]
    )


FILTERS = _listed(st.recursive(_LEAVES, _listed, max_leaves=5))


def formbricks(filters: list[dict[str, Any]], person: dict[str, Any]) -> bool:
    runs: list[bool] = []
    for at, each in enumerate(filters):
        resource = each["resource"]
        held = formbricks(resource, person) if isinstance(resource, list) else _formbricks_one(resource, person)
        if at and each["connector"] == "and":
            runs[-1] = runs[-1] and held
        else:
            runs.append(held)
    return any(runs)


def _formbricks_one(of: dict[str, Any], person: dict[str, Any]) -> bool:
    value, wanted, operator = person.get(of["root"]["contactAttributeKey"]), of["value"], of["qualifier"]["operator"]
    if value is None:
        return bool(operator == "isNotSet")
    match operator:
        case "isSet" | "isNotSet":
            return bool(operator == "isSet")
        case "equals":
            return bool(value == wanted)
        case "notEquals":
            return bool(value != wanted)
        case "contains":
            return wanted.lower() in value.lower()
        case "doesNotContain":
            return wanted.lower() not in value.lower()
        case "startsWith":
            return bool(value.lower().startswith(wanted.lower()))
        case "endsWith":
            return bool(value.lower().endswith(wanted.lower()))
        case "isOlderThan":
            return datetime.fromisoformat(value) < NOW - timedelta(**{wanted["unit"]: wanted["amount"]})
        case "isNewerThan":
            return datetime.fromisoformat(value) >= NOW - timedelta(**{wanted["unit"]: wanted["amount"]})
        case "isBefore":
            return bool(value < wanted)
        case "isAfter":
            return bool(value > wanted)
        case "isBetween":
            return bool(wanted[0] <= value <= wanted[1])
        case _:
            return _ordered(_FORMBRICKS_ORDER[operator], value, wanted)


def test_a_segment_of_formbricks_takes_in_the_same_people() -> None:
    def document(filters: Any) -> Any:
        return {"data": [], "segments": [{"id": "s", "title": "asked", "filters": filters}]}

    holding("formbricks", FILTERS, document, formbricks)


# Usertour: https://github.com/usertour/usertour/tree/main/packages/helpers/src/conditions

ATTRIBUTES = [
    {"id": key, "codeName": key, "dataType": number, "bizType": 1}
    for key, number in (("seats", 1), ("plan", 2), ("beta", 3), ("tags", 4), ("born", 5))
]


def _attribute(key: str, logics: list[str], **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    data = {"attrId": st.just(key), "logic": st.sampled_from(logics), **values}
    return st.fixed_dictionaries({"type": st.just("user-attr"), "data": st.fixed_dictionaries(data)})


_RULES = st.one_of(
    _attribute("plan", ["is", "not", "contains", "notContain", "startsWith", "endsWith", "any", "empty"],
               value=st.sampled_from([*PLANS, "p", "e"])),
    _attribute("seats", ["is", "not", "between", "isLessThan", "isLessThanOrEqualTo", "isGreaterThan",
                         "isGreaterThanOrEqualTo"],
               value=st.integers(-1, 5).map(str), value2=st.integers(1, 7).map(str)),
    _attribute("beta", ["true", "false"]),
    _attribute("tags", ["includesAtLeastOne", "includesAll", "notIncludesAtLeastOne", "notIncludesAll"],
               listValues=st.lists(st.sampled_from(TAGS), min_size=1, max_size=3)),
    _attribute("born", ["lessThan", "moreThan"], value=st.integers(1, 12).map(str)),
    _attribute("born", ["before", "after"], value=st.sampled_from(TIMES)),
)  # fmt: skip


def _grouped(rules: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda word, each: [{**one, "operators": word} for one in each],
        st.sampled_from(["and", "or"]),
        st.lists(rules, min_size=1, max_size=4),
    )


RULES = _grouped(
    st.recursive(
        _RULES, lambda each: _grouped(each).map(lambda all_: {"type": "group", "conditions": all_}), max_leaves=5
    )
)


def usertour(conditions: list[dict[str, Any]], person: dict[str, Any]) -> bool:
    held = [
        usertour(each["conditions"], person) if each["type"] == "group" else _usertour_one(each["data"], person)
        for each in conditions
    ]
    return all(held) if conditions[0]["operators"] == "and" else any(held)


def _usertour_one(data: dict[str, Any], person: dict[str, Any]) -> bool:
    value, logic = person.get(data["attrId"]), data["logic"]
    match data["attrId"]:
        case "plan":
            text = value or ""
            wanted = data["value"]
            return bool({"is": text == wanted, "not": text != wanted, "contains": wanted in text,
                    "notContain": wanted not in text,
                    "startsWith": text.startswith(wanted), "endsWith": text.endswith(wanted),
                    "any": text != "", "empty": text == ""}[logic])  # fmt: skip
        case "seats":
            if value is None:
                return False
            low, high = int(data["value"]), int(data["value2"])
            return bool({"is": value == low, "not": value != low, "isLessThan": value < low,
                    "isLessThanOrEqualTo": value <= low,
                    "isGreaterThan": value > low, "isGreaterThanOrEqualTo": value >= low,
                    "between": low <= value <= high}[logic])  # fmt: skip
        case "beta":
            return value is (logic == "true")
        case "tags":
            has = [each in (value or ()) for each in data["listValues"]]
            return {"includesAtLeastOne": any(has), "includesAll": all(has),
                    "notIncludesAtLeastOne": not all(has), "notIncludesAll": not any(has)}[logic]  # fmt: skip
        case _:
            return value is not None and _usertour_time(logic, value, data["value"])


def _usertour_time(logic: str, value: str, wanted: str) -> bool:
    if logic in ("before", "after"):
        return value <= wanted if logic == "before" else value >= wanted
    ago = NOW - timedelta(days=int(wanted))
    at = datetime.fromisoformat(value)
    return at >= ago if logic == "lessThan" else at <= ago


def test_a_segment_of_usertour_takes_in_the_same_people() -> None:
    def document(rules: Any) -> Any:
        return {"attributes": ATTRIBUTES, "segments": [{"id": "s", "name": "asked", "dataType": 2, "data": rules}]}

    holding("usertour", RULES, document, usertour)


@pytest.mark.parametrize(
    ("vendor", "conditions", "document"),
    [
        ("unleash", CONSTRAINTS, lambda each: {"segments": [{"id": 1, "name": "asked", "constraints": each}]}),
        ("formbricks", FILTERS, lambda each: {"segments": [{"id": "s", "title": "asked", "filters": each}]}),
        (
            "usertour",
            RULES,
            lambda each: {"attributes": ATTRIBUTES, "segments": [{"id": "s", "data": each, "name": "asked"}]},
        ),
        (
            "growthbook",
            CONDITIONS,
            lambda each: {"savedGroups": [{"id": "g", "name": "asked", "condition": json.dumps(each)}]},
        ),
    ],
    ids=["unleash", "formbricks", "usertour", "growthbook"],
)
def test_all_of_what_is_compared_here_can_be_said(vendor: str, conditions: Any, document: Any) -> None:
    @settings(max_examples=examples(40, 1_000), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(conditions)
    def held(condition: Any) -> None:
        assert convert(vendors()[vendor], document(condition), source="x.json").notes == ()

    held()
