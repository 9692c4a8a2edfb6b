"""Conditions in the manner of MongoDB, as GrowthBook's SDKs evaluate them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.values import JsonValue, Kind, read_instant
from engine.convert import spelling
from engine.convert.conditions import EVERYONE, NOBODY, Member, Node, Test, all_of, any_of, asks, attempt, negated
from engine.convert.places import Place, Unsayable
from engine.convert.sheet import Sheet

_ORDER: Final[Mapping[str, tuple[str, Callable[[float], bool]]]] = {
    "$lt": ("<", lambda limit: limit > 0),
    "$lte": ("<=", lambda limit: limit >= 0),
    "$gt": (">", lambda limit: limit < 0),
    "$gte": (">=", lambda limit: limit <= 0),
}
"""How a number is compared, and whether 0 is so: what has no value counts as 0."""
_TIMES: Final = {"$lt": "before", "$gte": "not before", "$gt": "after", "$lte": "not after"}
_VERSIONS: Final = {
    "$veq": ("is", False),
    "$vne": ("is not", True),
    "$vlt": ("<", True),
    "$vlte": ("<=", True),
    "$vgt": (">", False),
    "$vgte": (">=", False),
}
"""How a version is compared, and what is said of who has none: that is below every other."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d.*")


@dataclass(slots=True)
class Group:
    """A saved group: its values, and as a persona the attribute that is looked up in them."""

    title: str
    values: tuple[Place, ...]
    member: Member | None = None
    key: str = ""

    def persona(self, sheet: Sheet, place: Place, key: str) -> Member:
        """The persona of those whose attribute is in the group, written the first time it is asked for."""
        if self.member is None or (self.key and key != self.key):
            node = attempt(place, lambda at: _in(sheet, at, key, self.values))
            made = sheet.segment(self.title, node, self.values[0] if self.values else place, persona=True)
            if self.member is not None:
                return made
            self.member, self.key = made, key
        return self.member


def condition(sheet: Sheet, place: Place, groups: Mapping[str, Group]) -> Node:
    """A condition: all of its members. Raises Unsayable for what is none."""
    if not isinstance(place.value, dict):
        raise Unsayable("a condition is an object")
    return all_of([attempt(each, lambda at, key=key: _member(sheet, at, key, groups)) for key, each in place.members()])  # type: ignore[misc]


def _member(sheet: Sheet, place: Place, key: str, groups: Mapping[str, Group]) -> Node:
    if key == "$not":
        return negated(attempt(place, lambda at: condition(sheet, at, groups)))
    if key in ("$and", "$or", "$nor"):
        terms = [attempt(each, lambda at: condition(sheet, at, groups)) for each in place.each()]
        if key == "$and":
            return all_of(terms)
        either = any_of(terms) if terms else EVERYONE
        return either if key == "$or" else negated(either)
    if key.startswith("$"):
        return _group(place, key, groups)
    if "." in key:
        raise Unsayable(f"`{spelling.one_line(key, 40)}` is inside another attribute: send it as one of its own")
    return _value(sheet, place, key, groups)


def _group(place: Place, key: str, groups: Mapping[str, Group]) -> Node:
    """`$savedGroups`: in all of some saved groups that have conditions of their own."""
    if key != "$savedGroups":
        raise Unsayable(f"there is no operator `{spelling.one_line(key, 40)}` here")
    members = [groups[each.key].member if each.key in groups else None for each in place.each()]
    if None in members:
        raise Unsayable("the file does not say who is in this saved group")
    return all_of([each for each in members if each is not None])


def _value(sheet: Sheet, place: Place, key: str, groups: Mapping[str, Group]) -> Node:
    """What is asked of one attribute: a value, or operators that all hold."""
    wanted = place.value
    operators = place.members()
    if operators and all(name.startswith("$") for name, _ in operators):
        return all_of(
            [attempt(each, lambda at, name=name: _operator(sheet, at, key, name, groups)) for name, each in operators]  # type: ignore[misc]
        )
    if isinstance(wanted, bool):
        return _yes_no(sheet, place, key, wanted=wanted, unset_is_no=True)
    if isinstance(wanted, int | float):
        test = _is(sheet, place, key)
        return _with_unset(test, unset=wanted == 0)
    if wanted is None:
        return negated(_set(sheet, place, key))
    if isinstance(wanted, str):
        return _is(sheet, place, key)
    raise Unsayable("a whole object or list cannot be compared")


def _operator(sheet: Sheet, place: Place, key: str, name: str, groups: Mapping[str, Group]) -> Node:  # noqa: PLR0911  (one case an operator)
    if name in _ORDER:
        return _ordered(sheet, place, key, name)
    if name in _VERSIONS:
        operator, unset = _VERSIONS[name]
        spelled = spelling.version(place.text)
        return asks(sheet.attribute(place, key, Kind.VERSION), f"{operator} {spelled}", unset=unset)
    match name:
        case "$not":
            return negated(attempt(place, lambda at: _value(sheet, at, key, groups)))
        case "$eq":
            return _is(sheet, place, key)
        case "$ne":
            return negated(_is(sheet, place, key))
        case "$in" | "$nin":
            found = _in(sheet, place, key, place.each()) if isinstance(place.value, list) else None
            return NOBODY if found is None else found if name == "$in" else negated(found)
        case "$inGroup" | "$notInGroup":
            if place.key not in groups:
                raise Unsayable("the file does not say who is in this saved group")
            member = groups[place.key].persona(sheet, place, key)
            return member if name == "$inGroup" else negated(member)
        case "$exists":
            found = _set(sheet, place, key)
            return found if place.value not in (None, False, 0, "") else negated(found)
        case "$regex":
            pattern = spelling.pattern(place.text)
            return asks(sheet.attribute(place, key, Kind.TEXT), f"matches {pattern}")
        case "$elemMatch" | "$all":
            return _list(sheet, place, key, name)
        case _:
            raise Unsayable(f"there is no operator `{spelling.one_line(name, 40)}` here")


def _ordered(sheet: Sheet, place: Place, key: str, name: str) -> Node:
    if isinstance(place.value, str):
        if not _INSTANT.match(place.value) or read_instant(place.value) is None or not place.value.endswith("Z"):
            raise Unsayable(
                "texts are put in order letter by letter there: only times such as 2026-01-31T09:00:00Z can be"
            )
        return asks(sheet.attribute(place, key, Kind.TIME), f"{_TIMES[name]} {spelling.moment(place.value)}")
    if isinstance(place.value, bool) or place.number is None:
        raise Unsayable("only numbers and times can be put in order")
    operator, zero_is = _ORDER[name]
    spelled = spelling.number(place.number)
    subject = sheet.attribute(place, key, Kind.NUMBER)
    return asks(subject, f"{operator} {spelled}", unset=zero_is(place.number))


def _is(sheet: Sheet, place: Place, key: str) -> Node:
    value = place.value
    if value is None:
        return negated(_set(sheet, place, key))
    if isinstance(value, bool):
        return _yes_no(sheet, place, key, wanted=value, unset_is_no=False)
    kind, spelled = _literal(value)
    return asks(sheet.attribute(place, key, kind), f"is {spelled}")


def _literal(value: JsonValue) -> tuple[Kind, str]:
    if isinstance(value, str):
        return Kind.TEXT, spelling.text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Kind.NUMBER, spelling.number(value)
    raise Unsayable("only texts and numbers can be compared so")


def _yes_no(sheet: Sheet, place: Place, key: str, *, wanted: bool, unset_is_no: bool) -> Node:
    subject = sheet.attribute(place, key, Kind.YES_NO)
    return asks(subject, "is yes" if wanted else "is no", unset=unset_is_no and not wanted)


def _with_unset(test: Node, *, unset: bool) -> Node:
    """The test with `not set` on the side where a value of nothing stands."""
    if not unset or not isinstance(test, Test):
        return test
    blank, no = test.fails
    return Test((blank, *test.holds), (no,))


def _set(sheet: Sheet, place: Place, key: str) -> Node:
    subject = sheet.attribute(place, key, None)
    return Test((f"{subject} is set",), (f"{subject} is not set",))


def _in(sheet: Sheet, place: Place, key: str, values: Sequence[Place]) -> Node:
    """One of some values; of several kinds, one question for each."""
    if not values:
        return NOBODY
    found: list[Node] = []
    listed: dict[Kind, list[str]] = {}
    for each in values:
        if each.value is None or isinstance(each.value, bool):
            found.append(_is(sheet, each, key))
        else:
            kind, spelled = _literal(each.value)
            listed.setdefault(kind, []).append(spelled)
    for kind, items in listed.items():
        several = dict.fromkeys(items)
        operator = "is" if len(several) == 1 else "is one of"
        found.append(asks(sheet.attribute(place, key, kind), f"{operator} {', '.join(several)}"))
    return any_of(found)


def _list(sheet: Sheet, place: Place, key: str, name: str) -> Node:
    """What a list holds."""
    if name == "$all":
        word, items = "include all of", place.each()
    elif set(dict(place.members())) == {"$eq"}:
        word, items = "include", [place.at("$eq")]
    elif set(dict(place.members())) == {"$in"}:
        word, items = "include any of", place.at("$in").each()
    else:
        raise Unsayable("of the items of a list can only be asked whether they are there")
    if not items or any(each.value in (0, "", None) for each in items):
        raise Unsayable("an empty value, or none at all, cannot be looked for in a list")
    literals = [_literal(each.value) for each in items]
    kinds = {kind for kind, _ in literals}
    if len(kinds) != 1:
        raise Unsayable("a list holds texts or numbers, not both")
    kind = Kind.TEXT_LIST if kinds == {Kind.TEXT} else Kind.NUMBER_LIST
    words = f"{word} {', '.join(dict.fromkeys(spelled for _, spelled in literals))}"
    return asks(sheet.attribute(place, key, kind), words)
