"""Whatever stands in a file, what comes of it are rules that check and are in form, or one plain refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.formatter import format_program
from dsl.parser import parse
from dsl.project import load
from engine.convert.vendors import NotOfVendor, convert, vendors
from tests.profiles import examples

SAMPLES = Path(__file__).parents[2] / "examples/convert"

KEYS = {
    "unleash": (
        "features segments featureStrategies featureEnvironments id name enabled disabled constraints strategies "
        "parameters rollout stickiness percentage userIds IPs contextName operator values value inverted "
        "caseInsensitive featureName variants"
    ),
    "growthbook": (
        "features savedGroups id rules condition force coverage hashAttribute variations weights meta key defaultValue "
        "environments production enabled values attributeKey matchType savedGroupTargeting $and $or $nor $not $eq $ne "
        "$lt $gte $in $nin $inGroup $exists $regex $elemMatch $all $size $vgt $vlt plan seats"
    ),
    "formbricks": (
        "data segments surveys id name title filters connector resource root type contactAttributeKey personIdentifier "
        "segmentId qualifier operator value amount unit triggers actionClass key noCodeConfig urlFilters rule "
        "elementSelector cssSelector segment isPrivate questions headline default choices label range scale required "
        "displayOption displayLimit recontactDays displayPercentage delay autoComplete runOnDate closeOnDate status"
    ),
    "usertour": (
        "attributes events segments contents themes id codeName dataType bizType name data type operators logic value "
        "value2 listValues attrId segmentId contentId eventId includes excludes conditions config autoStartRules "
        "autoStartRulesSetting enabledAutoStartRules hideRules enabledHideRules frequency every times duration unit "
        "priority wait countLogic count timeLogic windowValue timeUnit scope elementData customSelector variations"
    ),
}
WORDS = [
    *("IN", "NOT_IN", "STR_CONTAINS", "STR_ENDS_WITH", "REGEX", "NUM_GT", "NUM_EQ", "SEMVER_LT", "DATE_AFTER"),
    *("flexibleRollout", "userWithId", "default", "remoteAddress", "userId", "plan", "email", "Gets", "user_id"),
    *("equals", "notEquals", "isSet", "contains", "isNewerThan", "isBetween", "attribute", "person", "device"),
    *("segment", "days", "months", "code", "noCode", "click", "pageView", "app", "inProgress", "nps", "rating"),
    *("openText", "multipleChoiceSingle", "displayOnce", "displayMultiple", "and", "or", "user-attr", "current-page"),
    *("event", "content", "element", "time", "group", "is", "not", "between", "empty", "lessThan", "before"),
    *("atLeast", "inTheLast", "includesAll", "multiple", "once", "high", "present", "manual", "any", "none", "all"),
    *("true", "false", "survey", "guide", "persona", "where", "in", "at", "did", "/domains/*", "#help", "10.0.0.0/8"),
    *("2.10.0", "1.0.0-rc.1", "2026-01-01T00:00:00Z", "2026-01-01", "^a+$", "(?=x)", "\\1", "5", "50", "-1", "1e400"),
]
ODD = [
    "",
    " ",
    "\x00",
    "\u2028",
    'a"b',
    "`",
    "{{ x }}",
    "# no",
    "a\nb",
    "é",
    "😀",
    "x" * 5000,
    "1" * 400,
    "}\nguide x {",
]


def documents(vendor: str) -> st.SearchStrategy[Any]:
    """Documents of a vendor's words, put together at random."""
    leaves = st.one_of(
        st.sampled_from([*WORDS, *ODD]),
        st.sampled_from([0, 1, 2, 3, 5, 50, 100, 0.5, -1, 10**30, 1e300, True, False, None]),
    )
    keys = st.sampled_from([*KEYS[vendor].split(), "a.b", "x y", "\n"])
    inner = st.recursive(
        leaves,
        lambda each: st.one_of(st.lists(each, max_size=4), st.dictionaries(keys, each, max_size=7)),
        max_leaves=40,
    )
    return st.dictionaries(keys, inner, min_size=1, max_size=5)


def well_formed(vendor: str, text: str) -> None:
    parsed = parse(text, file="x.way")
    assert parsed.diagnostics == ()
    assert format_program(parsed.program) == text
    project = load({"x.way": text})
    assert project.ok, (vendor, [each.message for each in project.diagnostics], text)


@pytest.mark.parametrize("vendor", sorted(KEYS))
def test_any_json_comes_to_rules_that_check_or_is_refused(vendor: str) -> None:
    @settings(max_examples=examples(50, 1_000), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(documents(vendor))
    def held(document: Any) -> None:
        try:
            found = convert(vendors()[vendor], document, source="x.json")
        except NotOfVendor:
            return
        well_formed(vendor, found.text)

    held()


MUTABLE: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([*WORDS, *ODD]), st.sampled_from([0, 3, 0.5, -1, 10**30, True, None, [], {}])
)


@pytest.mark.parametrize("vendor", sorted(KEYS))
def test_a_sample_with_anything_in_the_place_of_something_still_comes_to_rules(vendor: str) -> None:
    document = json.loads((SAMPLES / f"{vendor}.json").read_text(encoding="utf-8"))
    places = list(_places(document))

    @settings(max_examples=examples(50, 1_000), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(places), MUTABLE), min_size=1, max_size=4))
    def held(changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
        changed = json.loads(json.dumps(document))
        for place, value in changes:
            _put(changed, place, value)
        try:
            found = convert(vendors()[vendor], changed, source="x.json")
        except NotOfVendor:
            return
        well_formed(vendor, found.text)

    held()


def _places(value: Any, at: tuple[str | int, ...] = ()) -> Any:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in children:
        yield (*at, key)
        yield from _places(each, (*at, key))


def _put(document: Any, place: tuple[str | int, ...], value: Any) -> None:
    """Put a value at a place, unless an earlier change has taken the place away."""
    try:
        for step in place[:-1]:
            document = document[step]
        if place[-1] in (document if isinstance(document, dict) else range(len(document))):
            document[place[-1]] = value
    except (KeyError, IndexError, TypeError):
        return


@pytest.mark.parametrize("vendor", sorted(KEYS))
@pytest.mark.parametrize("levels", [30, 200, 900])
def test_deep_nesting_is_told_and_never_a_crash(vendor: str, levels: int) -> None:
    well_formed(vendor, convert(vendors()[vendor], NESTED[vendor](levels), source="x.json").text)


def _growthbook(levels: int) -> Any:
    condition: Any = {"plan": "a"}
    for number in range(levels):
        condition = (
            {"$or": [{"seats": number}, {"$not": condition}]} if number % 2 else {"$and": [condition, {"plan": "b"}]}
        )
    return {"features": {"x": {"defaultValue": False, "rules": [{"condition": condition, "force": True}]}}}


def _formbricks(levels: int) -> Any:
    value: Any = {"root": {"type": "attribute", "contactAttributeKey": "a"}, "qualifier": {"operator": "isSet"}}
    for number in range(levels):
        value = [
            {"connector": None, "resource": value},
            {"connector": "or" if number % 2 else "and", "resource": {**_LEAF, "value": str(number)}},
        ]
    return {"segments": [{"id": "s", "title": "S", "filters": [{"connector": None, "resource": value}]}]}


_LEAF = {"root": {"type": "attribute", "contactAttributeKey": "b"}, "qualifier": {"operator": "equals"}}


def _usertour(levels: int) -> Any:
    value: Any = {"type": "user-attr", "operators": "and", "data": {"attrId": "1", "logic": "any"}}
    for number in range(levels):
        word = "or" if number % 2 else "and"
        value = {"type": "group", "operators": word, "conditions": [value, {"type": "time", "operators": word}]}
    attributes = [{"id": "1", "codeName": "a", "dataType": 2, "bizType": 1}]
    return {"attributes": attributes, "segments": [{"id": "s", "name": "S", "dataType": 2, "data": [value]}]}


def _unleash(levels: int) -> Any:
    constraints = [{"contextName": "a", "operator": "IN", "values": [str(each)]} for each in range(levels)]
    return {"segments": [{"id": 1, "name": "S", "constraints": constraints}]}


NESTED = {"growthbook": _growthbook, "formbricks": _formbricks, "usertour": _usertour, "unleash": _unleash}
