"""Unleash: segments, and the strategies of features with their constraints.

Read are what client SDKs get (`/api/client/features`), exports of features, and lists of segments. A constraint on
text, numbers or versions is a comparison; one on dates is the schedule of a guide.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import partial
from typing import Final

from dsl.values import Kind
from engine.convert import spelling
from engine.convert.conditions import (
    EVERYONE,
    NOBODY,
    Effect,
    Node,
    Note,
    Test,
    all_of,
    any_of,
    asks,
    attempt,
    gap,
    negated,
)
from engine.convert.flags import Arm, Offer, write_offer
from engine.convert.places import Place, Unsayable
from engine.convert.sheet import Sheet
from engine.convert.vendors import Vendor

_BUILT_IN: Final = {"userId": "user_id", "remoteAddress": "device.ip"}
_NOT_OF_PEOPLE: Final = ("appName", "environment", "sessionId", "currentTime")
_ORDER: Final = {"EQ": "is", "GT": ">", "GTE": ">=", "LT": "<", "LTE": "<="}
_NUMBERS: Final = {f"NUM_{name}": operator for name, operator in _ORDER.items()}
_VERSIONS: Final = {f"SEMVER_{name}": operator for name, operator in _ORDER.items()}
_PARTS: Final = {"STR_CONTAINS": "contains", "STR_STARTS_WITH": "starts with", "STR_ENDS_WITH": "ends with"}
_DATES: Final = {"DATE_AFTER": "from", "DATE_BEFORE": "expires"}
_ROLLOUTS: Final = {
    "flexibleRollout": "rollout",
    "gradualRolloutUserId": "percentage",
    "gradualRolloutSessionId": "percentage",
    "gradualRolloutRandom": "percentage",
}
_BY_PERSON: Final = ("", "default", "userId")


def read(root: Place, sheet: Sheet) -> bool:
    """Segments first, then features, in their order."""
    segments: dict[str, Node] = {}
    for each in root.at("segments").each():
        if each.at("id").key and isinstance(each.at("constraints").value, list):
            node = all_of([_constraint(sheet, one) for one in each.at("constraints").each()])
            title = each.at("name").text or f"segment {each.at('id').key}"
            segments[each.at("id").key] = sheet.segment(title, node, each, persona=True)
    features = [each for each in root.at("features").each() if each.at("name").text]
    for feature in features:
        sheet.attempt(feature, partial(_feature, sheet, root, feature, segments))
    for name in ("featureLinks", "dependencies"):
        for each in root.at(name).each():
            sheet.note(each, "a flag that depends on another has no word here: write `for` with its segment")
    return bool(features or segments)


def _feature(sheet: Sheet, root: Place, feature: Place, segments: dict[str, Node]) -> None:
    name = feature.at("name").text
    strategies = [*feature.at("strategies").each()]
    strategies += [each for each in root.at("featureStrategies").each() if each.at("featureName").text == name]
    enabled = [feature.at("enabled"), *_environments(root, name)]
    is_off = any(each.at("enabled").value is False for each in _environments(root, name)) or enabled[0].value is False
    arms: list[Arm] = []
    for each in strategies:
        if each.at("disabled").value is not True:
            arms.append(_strategy(sheet, each, segments))
    if not strategies:
        arms.append(Arm(feature, EVERYONE))
    offer = Offer(feature, name, tuple(arms), is_off=is_off or feature.at("archived").value is True)
    write_offer(sheet, offer)


def _environments(root: Place, name: str) -> list[Place]:
    return [each for each in root.at("featureEnvironments").each() if each.at("featureName").text == name]


def _strategy(sheet: Sheet, place: Place, segments: dict[str, Node]) -> Arm:
    remarks: list[Note] = []
    clauses: list[str] = []
    terms: list[Node] = []
    for each in place.at("constraints").each():
        clause = _schedule(each)
        if clause:
            clauses.append(clause)
        else:
            terms.append(_constraint(sheet, each))
    for each in place.at("segments").each():
        known = segments.get(each.key)
        why = "the file has no constraints of this segment: convert `/api/client/features`, which has them"
        terms.append(known or gap(each, why))
    kind, parameters = place.at("name").text, place.at("parameters")
    share: int | float = 100
    if kind in _ROLLOUTS:
        share, notes = _rollout(sheet, place, parameters)
        remarks += notes
    elif kind == "userWithId":
        terms.append(attempt(parameters.at("userIds"), _user_ids))
    elif kind == "remoteAddress":
        terms.append(attempt(parameters.at("IPs"), _addresses))
    elif kind not in ("", "default"):
        terms.append(gap(place.at("name"), "a strategy of your own, or of servers, has no words here"))
    for each in place.at("variants").each():
        remarks.append(sheet.note(each, "what a variant hands to a program has no words here: write `variant NAME N%`"))
    return Arm(place, all_of(terms), share, tuple(_once_each(sheet, place, clauses, remarks)), tuple(remarks))


def _once_each(sheet: Sheet, place: Place, clauses: Sequence[str], remarks: list[Note]) -> list[str]:
    """A guide has one `from` and one `expires`: the latest, and the earliest."""
    found: list[str] = []
    for word in _DATES.values():
        times = sorted(each.removeprefix(f"{word} ") for each in clauses if each.startswith(f"{word} "))
        if len(times) > 1:
            remarks.append(sheet.note(place.at("constraints"), f"a guide has one `{word}`", Effect.DIFFERENT))
        if times:
            found.append(f"{word} {times[-1 if word == 'from' else 0]}")
    return found


def _rollout(sheet: Sheet, place: Place, parameters: Place) -> tuple[int | float, list[Note]]:
    kind = place.at("name").text
    percentage = parameters.at(_ROLLOUTS[kind])
    try:
        share = spelling.share(percentage.number)
    except Unsayable as reason:
        return 0, [sheet.note(percentage, str(reason), Effect.NOBODY)]
    if share in (0, 100):
        return share, []
    stickiness = parameters.at("stickiness").text if kind == "flexibleRollout" else kind.removeprefix("gradualRollout")
    if stickiness in (*_BY_PERSON, "UserId"):
        why = "the share is the same, but drawn anew: it falls on other people"
    else:
        why = f"there it is drawn by `{spelling.one_line(stickiness, 40)}`; here a person keeps it, on all devices"
    return share, [sheet.note(percentage, why, Effect.DIFFERENT)]


def _user_ids(place: Place) -> Node:
    ids = [each.strip() for each in place.text.split(",") if each.strip()]
    return _listed("user_id", ids) if ids else NOBODY


def _addresses(place: Place) -> Node:
    tests: list[Node] = []
    for each in (part.strip() for part in place.text.split(",") if part.strip()):
        try:
            ipaddress.ip_network(each, strict=False)
        except ValueError:
            raise Unsayable(f"`{spelling.one_line(each, 40)}` is no address and no network") from None
        network = f"in network {spelling.text(each)}"
        tests.append(asks("device.ip", network))
    return any_of(tests)


def _schedule(place: Place) -> str:
    """The clause of a guide that a constraint on the time of day amounts to, or nothing."""
    word = _DATES.get(place.at("operator").text, "")
    if not word:
        return ""
    if place.at("inverted").value is True:
        word = "expires" if word == "from" else "from"
    try:
        return f"{word} {spelling.moment(place.at('value').value)}"
    except Unsayable:
        return ""


def _constraint(sheet: Sheet, place: Place) -> Node:
    found = attempt(place, lambda at: _comparison(sheet, at))
    return negated(found) if place.at("inverted").value is True else found


def _comparison(sheet: Sheet, place: Place) -> Node:
    operator, key = place.at("operator").text, place.at("contextName").text
    if operator in _DATES:
        raise Unsayable("it asks what time it is now: write `from` or `expires` in the guide")
    if key in _NOT_OF_PEOPLE:
        raise Unsayable(f"`{key}` says nothing of a person")
    ignoring = " ignoring case" if place.at("caseInsensitive").value is True else ""
    values = [each.text.strip() for each in place.at("values").each() if each.text]
    if operator in ("IN", "NOT_IN"):
        # Never reached by a blank: an empty list of values matches nobody.
        test = _listed(_subject(sheet, place, key, Kind.TEXT), values, ignoring) if values else NOBODY
        return test if operator == "IN" else negated(test)
    if operator in _PARTS:
        subject = _subject(sheet, place, key, Kind.TEXT)
        parts = [f"{_PARTS[operator]} {spelling.text(each)}{ignoring}" for each in values]
        return any_of([asks(subject, each) for each in parts]) if parts else NOBODY
    if operator == "REGEX":
        subject = _subject(sheet, place, key, Kind.TEXT)
        return asks(subject, f"matches {spelling.pattern(place.at('value').text)}{ignoring}")
    if operator in _NUMBERS:
        limit = place.at("value").number
        if limit is None:
            raise Unsayable("the value is no number, so it never applies")
        return asks(_subject(sheet, place, key, Kind.NUMBER), f"{_NUMBERS[operator]} {spelling.number(limit)}")
    if operator in _VERSIONS:
        spelled = spelling.version(place.at("value").text)
        return asks(_subject(sheet, place, key, Kind.VERSION), f"{_VERSIONS[operator]} {spelled}")
    raise Unsayable(f"there is no operator `{spelling.one_line(operator, 40)}` here")


def _subject(sheet: Sheet, place: Place, key: str, kind: Kind) -> str:
    built_in = _BUILT_IN.get(key)
    if built_in is not None and kind is Kind.TEXT:
        return built_in
    return sheet.attribute(place, built_in or key, kind)


def _listed(subject: str, values: Sequence[str], ignoring: str = "") -> Test:
    operator = "is" if len(set(values)) == 1 else "is one of"
    return asks(subject, f"{operator} {spelling.texts(values)}{ignoring}")


VENDOR: Final = Vendor(
    name="unleash",
    title="Unleash",
    source="https://docs.getunleash.io/concepts/activation-strategies",
    files="`features` with strategies, or `segments` with constraints, as `/api/client/features`, an export of "
    "features and the list of segments have them",
    read=read,
)
