"""GrowthBook: features with their rules, and saved groups.

Read are what SDKs get (features by their keys, conditions as objects) and what the REST API gives (lists, conditions
as JSON in a text). Conditions mean what the SDKs' specification says: no value counts as 0, or as the lowest version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import orjson

from dsl.values import JsonValue
from engine.convert import spelling
from engine.convert.conditions import Effect, Node, Note, all_of, attempt, gap, negated
from engine.convert.flags import Arm, Offer, write_offer
from engine.convert.mongo import Group, condition
from engine.convert.places import Place, Unsayable, first_text
from engine.convert.sheet import Sheet, snake
from engine.convert.vendors import Vendor

_UNSAID: Final[Mapping[str, str]] = {
    "namespace": "experiments that exclude each other: write `not with GUIDE`",
    "filters": "experiments that exclude each other: write `not with GUIDE`",
    "ranges": "the ranges of a hash: shares are written `variant NAME N%`",
    "range": "the range of a hash: a share is written `rollout N%`",
    "parentConditions": "a flag that depends on another: write `for` with its segment",
    "prerequisites": "a flag that depends on another: write `for` with its segment",
    "scheduleRules": "a schedule of several steps: write `from` and `expires`",
}


def read(root: Place, sheet: Sheet) -> bool:
    """Saved groups first, then features, in their order."""
    groups = _groups(sheet, root.at("savedGroups"))
    features = root.at("features")
    found = [(key, place) for key, place in features.members() if isinstance(place.value, dict)]
    found += [(first_text(each.at("id"), each.at("key")), each) for each in features.each()]
    found += [(first_text(root.at("feature").at("id")), root.at("feature"))] if root.at("feature").members() else []
    for key, place in found:
        if key:
            sheet.attempt(place, partial(_feature, sheet, key, place, groups))
    return bool(found or groups)


def _groups(sheet: Sheet, place: Place) -> dict[str, Group]:
    groups: dict[str, Group] = {}
    for key, each in place.members():
        groups[key] = Group(key, tuple(each.each()))
    for each in place.each():
        title = first_text(each.at("name"), each.at("groupName"), each.at("id"))
        if each.at("condition").text:
            node = attempt(each.at("condition"), lambda at: condition(sheet, _parsed(at), groups))
            groups[each.at("id").key] = Group(title, (), sheet.segment(title, node, each, persona=True))
        else:
            key = first_text(each.at("attributeKey"))
            groups[each.at("id").key] = Group(title, tuple(each.at("values").each()), key=key)
    for group in groups.values():
        if group.key and group.member is None:
            group.persona(sheet, place, group.key)
    return groups


def _parsed(place: Place) -> Place:
    """A condition that is JSON in a text, at the place of the text."""
    try:
        value: JsonValue = orjson.loads(place.text)
    except orjson.JSONDecodeError:
        raise Unsayable("the condition is not readable as JSON") from None
    return Place(value, place.path, place.depth + 1)


def _feature(sheet: Sheet, key: str, place: Place, groups: Mapping[str, Group]) -> None:
    rules, is_off = _rules(sheet, place)
    default = place.at("defaultValue").value
    is_yes_no = isinstance(default, bool) or place.at("valueType").text == "boolean"
    arms: list[Arm] = []
    without: list[Node] = []
    for rule in rules:
        if rule.at("enabled").value is False:
            continue
        arm = _rule(sheet, rule, groups, without)
        # Who is told no by an earlier rule does not come to a later one.
        if is_yes_no and _forced(rule) in (False, "false"):
            if arm.share == 100:
                without.append(negated(arm.who))
            else:
                sheet.note(rule, "a share of them is told no: here the later rules are for all", Effect.WIDER)
        else:
            arms.append(arm)
    if not arms:
        why = "everybody gets the same value: there is nobody to choose" if not rules else "no rule gives it to anybody"
        sheet.note(place, why)
        return
    write_offer(sheet, Offer(place, key, tuple(arms), is_off=is_off))


def _rules(sheet: Sheet, place: Place) -> tuple[Sequence[Place], bool]:
    """The rules that are in force, and whether the feature is switched off. Of several environments, production's."""
    if isinstance(place.at("rules").value, list):
        return place.at("rules").each(), place.at("archived").value is True
    environments = place.at("environments").members()
    if not environments:
        return (), False
    name, chosen = next(((name, each) for name, each in environments if name == "production"), environments[0])
    for other, each in environments:
        if other != name and each.at("rules").each():
            sheet.note(each, f"rules of `{spelling.one_line(name, 40)}` are taken; a project here is one environment")
    return chosen.at("rules").each(), chosen.at("enabled").value is False or place.at("archived").value is True


def _forced(rule: Place) -> JsonValue:
    return rule.at("force").value if rule.at("force").value is not None else rule.at("value").value


def _rule(sheet: Sheet, rule: Place, groups: Mapping[str, Group], without: Sequence[Node]) -> Arm:
    terms: list[Node] = []
    asked = rule.at("condition")
    if asked.members():
        terms.append(attempt(asked, lambda at: condition(sheet, at, groups)))
    elif asked.text.strip():
        terms.append(attempt(asked, lambda at: condition(sheet, _parsed(at), groups)))
    for each in rule.at("savedGroupTargeting").each() or rule.at("savedGroups").each():
        terms.append(attempt(each, lambda at: _in_groups(at, groups)))
    remarks: list[Note] = []
    for name, why in _UNSAID.items():
        if rule.at(name).value not in (None, [], {}):
            remarks.append(sheet.note(rule.at(name), why))
    share, notes = _share(sheet, rule)
    variants = _variants(sheet, rule, remarks)
    said = "" if variants or _forced(rule) in (None, True, "true") else spelling.one_line(rule_value(rule), 60)
    who = all_of([*terms, *without])
    return Arm(rule, who, share, (), (*remarks, *notes), variants, said)


def rule_value(rule: Place) -> str:
    """What a rule hands over, as text."""
    value = _forced(rule)
    return value if isinstance(value, str) else Place(value).excerpt


def _in_groups(place: Place, groups: Mapping[str, Group]) -> Node:
    found: list[Node] = []
    ids = place.at("savedGroups").each() or place.at("ids").each()
    for each in ids:
        member = groups[each.key].member if each.key in groups else None
        found.append(member if member is not None else gap(each, "the file does not say who is in this saved group"))
    match place.at("matchType").text or place.at("match").text:
        case "any":
            return negated(all_of([negated(each) for each in found]))
        case "none":
            return all_of([negated(each) for each in found])
        case _:
            return all_of(found)


def _share(sheet: Sheet, rule: Place) -> tuple[int | float, list[Note]]:
    coverage = rule.at("coverage").number
    if coverage is None or coverage >= 1:
        return 100, []
    share = spelling.share(max(0, coverage) * 100)
    if share == 0:
        return 0, []
    by = first_text(rule.at("hashAttribute")) or "id"
    if by in ("id", "user_id", "userId", "anonymousId", "deviceId"):
        why = "the share is the same, but drawn anew: it falls on other people"
    else:
        why = f"there it is drawn by `{spelling.one_line(by, 40)}`; here every person is drawn alone"
    return share, [sheet.note(rule.at("coverage"), why, Effect.DIFFERENT)]


def _variants(sheet: Sheet, rule: Place, remarks: list[Note]) -> tuple[tuple[str, int | float], ...]:
    """The variations of an experiment with their shares, which add up to 100 %."""
    values = rule.at("variations").each()
    if len(values) < 2:
        return ()
    weights = [each.number for each in rule.at("weights").each()]
    known = [each for each in weights if each is not None and each > 0]
    if len(known) != len(values) or not 0.99 <= sum(known) <= 1.01:
        if weights:
            sheet.note(rule.at("weights"), "the weights do not add up: all are the same then", Effect.DIFFERENT)
        known = [1 / len(values)] * len(values)
    shares = [spelling.share(each * 100) for each in known[:-1]]
    shares.append(spelling.share(100 - sum(shares)))
    if not all(shares):
        return ()
    names = [first_text(each.at("key"), each.at("name")) for each in rule.at("meta").each()]
    titles = [
        spelling.one_line(names[at] if at < len(names) and names[at] else f"variation {at}", 60)
        for at in range(len(values))
    ]
    remarks.append(sheet.note(rule.at("variations"), "who gets which variant is drawn anew", Effect.DIFFERENT))
    return tuple((snake(title, "variation"), share) for title, share in zip(titles, shares, strict=True))


VENDOR: Final = Vendor(
    name="growthbook",
    title="GrowthBook",
    source="https://docs.growthbook.io/lib/build-your-own",
    files="`features` with rules, or `savedGroups`, as an SDK connection and the REST API give them",
    read=read,
)
