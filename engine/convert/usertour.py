"""Usertour: content with its start and hide rules, segments, and the variations of themes.

A document brings `contents`, and beside them the `attributes`, `segments` and `events` that its conditions name by id.
The first condition of a group says whether all of it must hold or any.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    negated,
    settled,
)
from engine.convert.places import Place, Unsayable, first_list, first_text
from engine.convert.segments import Segments
from engine.convert.sheet import Sheet
from engine.convert.vendors import Vendor

_NUMBERS: Final = {
    "is": "is",
    "not": "is not",
    "isLessThan": "<",
    "isLessThanOrEqualTo": "<=",
    "isGreaterThan": ">",
    "isGreaterThanOrEqualTo": ">=",
}
_TEXTS: Final = {
    "is": ("is", False),
    "not": ("is not", True),
    "contains": ("contains", False),
    "notContain": ("does not contain", True),
    "startsWith": ("starts with", False),
    "endsWith": ("ends with", False),
}
"""What is asked, and what is said of who has no value: there that is a blank text."""
_LISTS: Final = {
    "includesAtLeastOne": ("include any of {}", False),
    "includesAll": ("include all of {}", False),
    "notIncludesAtLeastOne": ("not include all of {}", True),
    "notIncludesAll": ("include none of {}", True),
}
_COUNTS: Final = {"atLeast": "at least {} times", "atMost": "at most {} times", "exactly": "exactly {} times"}
_PRIORITIES: Final = {"highest": 90, "high": 70, "medium": 50, "low": 30, "lowest": 10}
_KINDS: Final = {1: Kind.NUMBER, 2: Kind.TEXT, 3: Kind.YES_NO, 4: Kind.TEXT_LIST, 5: Kind.TIME}
_COMPANY: Final = 2
_SEEN: Final = {"seen": "saw", "unseen": "saw", "completed": "completed", "uncompleted": "completed"}
_NEGATIVE: Final = ("unseen", "uncompleted")


@dataclass(slots=True)
class _Known:
    """What conditions name by id."""

    sheet: Sheet
    attributes: Mapping[str, Place]
    events: Mapping[str, Place]
    segments: Segments
    contents: Mapping[str, str] = field(default_factory=dict)


def read(root: Place, sheet: Sheet) -> bool:
    """Segments first, then content, then themes, in their order."""
    contents = [each for each in first_list(root, root.at("contents"), root.at("content")) if each.at("id").key]
    contents += [root] if _config(root).members() else []
    segments = Segments(sheet, _by_id(root, "segments"), lambda _, place: _members(known, place))
    known = _Known(sheet, _by_id(root, "attributes"), _by_id(root, "events"), segments)
    named = [(each, each.at("name").text or first_text(_config(each).at("name"))) for each in contents]
    known.contents = {each.at("id").key: sheet.new_name(title, "guide") for each, title in named}
    for key, place in segments.places.items():
        sheet.attempt(place, partial(segments.member, key))
    for each, title in named:
        sheet.attempt(each, partial(_content, known, each, title))
    themes = root.at("themes").each()
    for each in themes:
        sheet.attempt(each, partial(_theme, known, each))
    return bool(contents or segments.places or themes)


def _by_id(root: Place, name: str) -> dict[str, Place]:
    return {each.at("id").key: each for each in root.at(name).each() if each.at("id").key}


def _config(place: Place) -> Place:
    """The rules of a content: its own, or those of the version that is published, or is being edited."""
    versions = (place, place.at("publishedVersion"), place.at("editedVersion"))
    found = next(
        (each.at("config") for each in versions if "autoStartRules" in dict(each.at("config").members())), None
    )
    return found or place.at("config")


# Conditions


def _members(known: _Known, place: Place) -> Node:
    if place.at("dataType").is_one_of(3, "3", "MANUAL"):
        raise Unsayable("people were put into this segment by hand: import them as an attribute")
    everyone = place.at("dataType").is_one_of(1, "1", "ALL") or not place.at("data").each()
    return EVERYONE if everyone else group(known, place.at("data"))


def group(known: _Known, place: Place) -> Node:
    """Conditions that all hold, or of which one does; none at all holds never."""
    conditions = place.each()
    if not conditions:
        return NOBODY
    terms = [attempt(each, lambda at: _condition(known, at)) for each in conditions]
    return all_of(terms) if _is_and(place) else any_of(terms)


def _is_and(place: Place) -> bool:
    conditions = place.each()
    return bool(conditions) and conditions[0].at("operators").text == "and"


def _condition(known: _Known, place: Place) -> Node:
    data = place.at("data")
    match place.at("type").text:
        case "group":
            return group(known, place.at("conditions"))
        case "user-attr":
            return _attribute(known, data)
        case "current-page":
            return _page(data)
        case "segment":
            member = known.segments.member(data.at("segmentId").key)
            return negated(member) if data.at("logic").text == "not" else member
        case "content":
            return _content_test(known, data)
        case "event":
            return _event(known, place)
        case "time":
            raise Unsayable("it asks what time it is now: write `from` and `expires` in the guide")
        case "element" | "text-input" | "text-fill" | "task-is-clicked":
            raise Unsayable('what is on the page only the browser sees: write `wait until element "…" is visible`')
        case other:
            raise Unsayable(f"there is no condition `{spelling.one_line(other, 40)}` here")


def _attribute(known: _Known, data: Place) -> Node:  # noqa: PLR0911  (one case a type)
    attribute = known.attributes.get(data.at("attrId").key)
    if attribute is None:
        raise Unsayable("the file does not say what attribute this is: put `attributes` beside the contents")
    key, logic, value = attribute.at("codeName").text, data.at("logic").text, data.at("value")
    owner = attribute.at("bizType").number
    kind = _KINDS.get(int(attribute.at("dataType").number or 0))
    if kind is None or owner not in (None, 1, _COMPANY):
        raise Unsayable("an attribute of a membership, of an event, or drawn at random has no like here")

    def subject() -> str:
        return known.sheet.attribute(data, key, kind, of_account=owner == _COMPANY)

    if logic in ("any", "empty"):
        test = Test((f"{subject()} is set",), (f"{subject()} is not set",))
        if kind is Kind.TEXT_LIST:
            raise Unsayable("an empty list is a value here: say what it includes")
        return test if logic == "any" else negated(test)
    if kind is Kind.TEXT and logic in _TEXTS:
        operator, unset = _TEXTS[logic]
        return asks(subject(), f"{operator} {spelling.text(value.text)}", unset=unset)
    if kind is Kind.NUMBER:
        return _number(subject(), data)
    if kind is Kind.YES_NO and logic in ("true", "false"):
        return asks(subject(), "is yes" if logic == "true" else "is no")
    if kind is Kind.TEXT_LIST and logic in _LISTS:
        words, unset = _LISTS[logic]
        spelled = spelling.texts([each.key for each in data.at("listValues").each() if each.key])
        if not spelled:
            return NOBODY
        return asks(subject(), words.format(spelled), unset=unset)
    if kind is Kind.TIME:
        return asks(subject(), _time_words(value, logic))
    raise Unsayable(f"there is no operator `{spelling.one_line(logic, 40)}` for this kind of attribute here")


def _number(subject: str, data: Place) -> Node:
    logic, low, high = data.at("logic").text, data.at("value").number, data.at("value2").number
    if low is not None and high is not None and logic == "between":
        if low > high:
            return NOBODY
        return asks(subject, f"between {spelling.number(low)} and {spelling.number(high)}")
    if low is None or logic not in _NUMBERS:
        raise Unsayable("it compares with no number")
    return asks(subject, f"{_NUMBERS[logic]} {spelling.number(low)}")


def _time_words(value: Place, logic: str) -> str:
    match logic:
        case "moreThan" | "lessThan":
            ago = f"more than {spelling.duration(value.number, 'days')} ago"
            return ago if logic == "moreThan" else f"not {ago}"
        case "before":
            return f"not after {spelling.moment(value.value)}"
        case "after":
            return f"not before {spelling.moment(value.value)}"
        case _:
            raise Unsayable("which day it is depends on the browser's time zone: write `after` and `before`")


def _page(data: Place) -> Node:
    included = [_pattern(each) for each in data.at("includes").each() if each.text.strip()]
    excluded = [_pattern(each) for each in data.at("excludes").each() if each.text.strip()]
    terms = [any_of(included)] if included else []
    return all_of([*terms, *(negated(each) for each in excluded)])


def _pattern(place: Place) -> Node:
    """A path with `*`; `*` alone is every page."""
    pattern = place.text.strip()
    if pattern == "*":
        return EVERYONE
    if re.search(r"[?#:]|//", pattern) or not pattern.startswith("/") or (pattern.endswith("/") and pattern != "/"):
        raise Unsayable("pages are named by paths with `*` here: `/domains/*`")
    return asks("page.path", f"matches {spelling.text(pattern)}")


def _content_test(known: _Known, data: Place) -> Node:
    name, logic = known.contents.get(data.at("contentId").key), data.at("logic").text
    if name is None:
        raise Unsayable("the file does not have this content")
    if logic not in _SEEN:
        raise Unsayable("whether a guide is open just now is not known on the server")
    words = f"{_SEEN[logic]} {name}"
    test = Test((words,), (f"not {words}",))
    return negated(test) if logic in _NEGATIVE else test


def _event(known: _Known, place: Place) -> Node:
    data = place.at("data")
    event = known.events.get(data.at("eventId").key)
    if event is None:
        raise Unsayable("the file does not say what event this is: put `events` beside the contents")
    if place.at("conditions").each():
        raise Unsayable('it asks for properties of the event: write `did "EVENT" where …`')
    called = known.sheet.event(data, first_text(event.at("codeName"), event.at("displayName")))
    times = _times(data)
    match data.at("timeLogic").text:
        case "inTheLast":
            unit = data.at("timeUnit").text or "days"
            window = f" in last {spelling.duration(data.at('windowValue').number, unit)}"
        case "" | "atAnyPointInTime":
            window = ""
        case _:
            raise Unsayable("a window that ends before now has no like here")
    did = f"did {called} {times}{window}"
    match data.at("scope").text:
        case "" | "byCurrentUserInAnyCompany":
            return Test((did,), (f"not {did}",))
        case "byAnyUserInCurrentCompany":
            return Test((f"anyone in account {did}",), (f"not anyone in account {did}",))
        case _:
            raise Unsayable("what was done in one company only is not told apart here")


def _times(data: Place) -> str:
    logic, low, high = data.at("countLogic").text, data.at("count").value, data.at("count2").value
    if not isinstance(low, int) or isinstance(low, bool) or not 0 <= low < 10**6:
        raise Unsayable("how often is a whole number")
    if logic == "between" and isinstance(high, int) and low <= high < 10**6:
        return f"between {low} and {high} times"
    if logic not in _COUNTS:
        raise Unsayable("how often is `atLeast`, `atMost`, `exactly` or `between`")
    return _COUNTS[logic].format(low)


# Content


def _content(known: _Known, place: Place, title: str) -> None:
    sheet, config = known.sheet, _config(place)
    remarks: list[Note] = []
    clauses: list[str] = []
    terms: list[Node] = []
    starts = config.at("enabledAutoStartRules").value is not False
    rules = config.at("autoStartRules")
    if not starts or not rules.each():
        remarks.append(sheet.note(rules, "it is started by programs only: `window.waypost` starts it, or write `on`"))
    elif _is_and(rules):
        for each in rules.each():
            special = _browser_clause(each)
            clauses += special
            if not special:
                terms.append(attempt(each, lambda at: _condition(known, at)))
    else:
        terms.append(group(known, rules))
    if config.at("enabledHideRules").value is True and config.at("hideRules").each():
        terms.append(negated(group(known, config.at("hideRules"))))
        why = "it also goes away when they come true: here they are only asked before it is shown"
        remarks.append(sheet.note(config.at("hideRules"), why, Effect.DIFFERENT))
    clauses += _settings(sheet, config.at("autoStartRulesSetting"), remarks)
    if not any(each.startswith(("on ", "until ", "once", "shown ")) for each in clauses):
        clauses.append("once")
    clauses = _one_of_each(sheet, config, clauses, remarks)
    if not starts:
        clauses.append("paused")
    if terms:
        found = settled(all_of(terms), rules)
        sheet.notes += found.notes
        remarks += found.notes
        clauses.append(f"when {found.text}")
    if place.at("steps").each() or first_text(place.at("type")):
        remarks.append(sheet.note(place.at("type"), "what it shows is not converted: its name stands there"))
    clauses.append(f"show modal {{ title {spelling.label(title or 'untitled')} }}")
    sheet.guide("guide", title, clauses, place, name=known.contents[place.at("id").key], remarks=remarks)


def _browser_clause(place: Place) -> list[str]:
    """What must hold beside all else and is a clause here: an element that is there, a stretch of time."""
    data = place.at("data")
    try:
        match place.at("type").text:
            case "time":
                return [
                    f"{word} {spelling.moment(data.at(name).value)}"
                    for name, word in (("startTime", "from"), ("endTime", "expires"))
                    if data.at(name).text
                ]
            case "element" if data.at("logic").text == "present":
                selector = data.at("elementData").at("customSelector").text
                return [f"wait until element {spelling.selector(selector)} is visible"] if selector else []
            case "wait":
                return [f"wait {spelling.duration(data.at('value').number, 'seconds')}"]
            case _:
                return []
    except Unsayable:
        return []


def _settings(sheet: Sheet, place: Place, remarks: list[Note]) -> list[str]:
    clauses: list[str] = []
    priority = _PRIORITIES.get(place.at("priority").text)
    if priority is not None and priority != 50:
        clauses.append(f"priority {priority}")
    try:
        if place.at("wait").number:
            clauses.append(f"wait {spelling.duration(place.at('wait').number, 'seconds')}")
        clauses += _frequency(place.at("frequency"))
    except Unsayable as reason:
        remarks.append(sheet.note(place, str(reason)))
    if place.at("frequency").at("atLeast").members():
        why = "how long after any other content: write `limits { at least D between guides }`"
        remarks.append(sheet.note(place.at("frequency").at("atLeast"), why))
    return clauses


def _frequency(place: Place) -> Sequence[str]:
    every = place.at("every")
    match place.at("frequency").text:
        case "once":
            return ["once"]
        case "multiple" | "unlimited" as often:
            length = spelling.duration(every.at("duration").number, every.at("unit").text)
            times = every.at("times").number
            capped = often == "multiple" and times is not None and 1 <= times < 10**6 and times == int(times)
            return [f"once every {length}" + (f", at most {int(times or 1)} times" if capped else "")]
        case _:
            return []


def _one_of_each(sheet: Sheet, config: Place, clauses: list[str], remarks: list[Note]) -> list[str]:
    """A guide has one of each clause: of several the first."""
    found: dict[str, str] = {}
    for each in clauses:
        word = each.split(" ", 1)[0]
        if word in found:
            remarks.append(sheet.note(config.at("autoStartRules"), f"a guide has one `{word}`", Effect.WIDER))
        else:
            found[word] = each
    return list(found.values())


def _theme(known: _Known, place: Place) -> None:
    """The people of a variation; how it looks is said by CSS here."""
    for each in place.at("variations").each():
        title = " ".join(filter(None, (place.at("name").text, each.at("name").text))) or "theme"
        note = known.sheet.note(each.at("settings"), "how a theme looks is not converted")
        if each.at("conditions").each():
            node = group(known, each.at("conditions"))
            known.sheet.segment(f"Sees {title}", node, each, persona=False, remarks=[note])


VENDOR: Final = Vendor(
    name="usertour",
    title="Usertour",
    source="https://github.com/usertour/usertour/blob/main/packages/types/src/types/config.ts",
    files="`contents` with their `config`, `segments` or `themes`, and beside them the `attributes` and "
    "`events` that they name",
    read=read,
)
