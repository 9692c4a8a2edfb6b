"""Formbricks: surveys with their triggers and questions, and segments with their filters.

Read are surveys as the Management API and an export give them (one, or a list in `data`), with `segments` beside them
where there are any. Filters mean what a query for contacts means: who has no value fits no comparison.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from dsl.values import Kind
from engine.convert import spelling
from engine.convert.conditions import (
    EVERYONE,
    Effect,
    Node,
    Note,
    Test,
    all_of,
    any_of,
    asks,
    attempt,
    negated,
)
from engine.convert.form_questions import questions
from engine.convert.places import Place, Unsayable, first_list, first_text
from engine.convert.segments import Segments
from engine.convert.sheet import Sheet
from engine.convert.vendors import Vendor

_ORDER: Final = {"lessThan": "<", "lessEqual": "<=", "greaterThan": ">", "greaterEqual": ">="}
_WORDS: Final = {
    "contains": "contains {}",
    "doesNotContain": "does not contain {}",
    "startsWith": "starts with {}",
    "endsWith": "ends with {}",
}
_DEVICES: Final = {"phone": ("mobile", "tablet"), "desktop": ("desktop",)}
_HOST = re.compile(r"^[a-z][a-z\d+.-]*://[^/?#]*", re.IGNORECASE)
_PAGES: Final = {"exactMatch": "{}", "contains": "*{}*", "startsWith": "{}*", "endsWith": "*{}"}


def read(root: Place, sheet: Sheet) -> bool:
    """Segments that surveys share first, then surveys, in their order."""
    data = root.at("data")
    surveys = [*first_list(root, data, root.at("surveys"), data.at("surveys"))]
    surveys += [each for each in (root, data, data.at("survey"), root.at("survey")) if _is_survey(each)]
    surveys = [each for each in surveys if _is_survey(each)]
    segments = [*first_list(root.at("segments"), data.at("segments"))]
    segments += [each for each in (root, data) if isinstance(each.at("filters").value, list)]
    known = Segments(sheet, {each.at("id").key: each for each in segments if each.at("id").key}, _members)
    for each in surveys:
        own = each.at("segment")
        if own.at("id").key and own.at("isPrivate").value is not True:
            known.places.setdefault(own.at("id").key, own)
    for key, place in known.places.items():
        sheet.attempt(place, partial(known.member, key))
    for each in surveys:
        sheet.attempt(each, partial(_survey, sheet, each, known))
    return bool(surveys or known.places)


def _is_survey(place: Place) -> bool:
    return bool(place.at("name").text) and any(
        isinstance(place.at(each).value, list) for each in ("questions", "blocks", "triggers")
    )


def _members(known: Segments, place: Place) -> Node:
    return filters(known.sheet, place.at("filters"), known)


def filters(sheet: Sheet, place: Place, known: Segments) -> Node:
    """A list of filters with `and` and `or` between them, `and` first; none at all is everyone."""
    either: list[list[Node]] = [[]]
    for number, each in enumerate(place.each()):
        if number and each.at("connector").text == "or":
            either.append([])
        resource = each.at("resource")
        if isinstance(resource.value, list):
            either[-1].append(filters(sheet, resource, known))
        else:
            either[-1].append(attempt(resource, lambda at: _filter(sheet, at, known)))
    return any_of([all_of(terms) for terms in either]) if either != [[]] else EVERYONE


def _filter(sheet: Sheet, place: Place, known: Segments) -> Node:
    root, operator, value = place.at("root"), place.at("qualifier").at("operator").text, place.at("value")
    match root.at("type").text:
        case "attribute":
            key = first_text(root.at("contactAttributeKey"), root.at("attributeClassName"))
            return _compared(sheet, value, "user_id" if key == "userId" else key, operator)
        case "person" if root.at("personIdentifier").text == "userId":
            return _compared(sheet, value, "user_id", operator)
        case "segment" if operator in ("userIsIn", "userIsNotIn"):
            member = known.member(root.at("segmentId").key)
            return member if operator == "userIsIn" else negated(member)
        case "device" if operator in ("equals", "notEquals"):
            names = _DEVICES.get(first_text(value, root.at("deviceType")))
            if names is None:
                raise Unsayable("there is no such kind of device here")
            test = asks("device.type", f"is one of {spelling.texts(names)}")
            return test if operator == "equals" else negated(test)
        case "surveyInteraction":
            raise Unsayable("it asks for surveys by their ids: write `saw SURVEY in last N days` or `answered SURVEY`")
        case other:
            raise Unsayable(f"there is nothing like `{spelling.one_line(other, 40)}` with `{operator[:40]}` here")


def _compared(sheet: Sheet, value: Place, key: str, operator: str) -> Node:
    if operator in ("isSet", "isNotSet"):
        subject = sheet.attribute(value, key, None)
        test = Test((f"{subject} is set",), (f"{subject} is not set",))
        return test if operator == "isSet" else negated(test)
    if operator in _ORDER:
        if value.number is None or isinstance(value.value, str):
            raise Unsayable("only numbers can be put in order")
        return asks(sheet.attribute(value, key, Kind.NUMBER), f"{_ORDER[operator]} {spelling.number(value.number)}")
    if operator in ("equals", "notEquals"):
        kind = Kind.TEXT if isinstance(value.value, str) else Kind.NUMBER
        spelled = spelling.text(value.text) if kind is Kind.TEXT else _number(value)
        words = f"is {spelled}" if operator == "equals" else f"is not {spelled}"
        return asks(sheet.attribute(value, key, kind), words)
    if operator in _WORDS:
        words = _WORDS[operator].format(spelling.text(value.text)) + " ignoring case"
        return asks(sheet.attribute(value, key, Kind.TEXT), words)
    times = _time_words(value, operator)
    subject = sheet.attribute(value, key, Kind.TIME)
    return all_of([asks(subject, each) for each in times])


def _number(value: Place) -> str:
    if value.number is None:
        raise Unsayable("only texts and numbers can be compared")
    return spelling.number(value.number)


def _time_words(value: Place, operator: str) -> tuple[str, ...]:
    match operator:
        case "isOlderThan" | "isNewerThan":
            ago = f"more than {spelling.duration(value.at('amount').number, value.at('unit').text)} ago"
            return (ago,) if operator == "isOlderThan" else (f"not {ago}",)
        case "isBefore" | "isAfter":
            return (f"{'before' if operator == 'isBefore' else 'after'} {spelling.moment(value.value)}",)
        case "isBetween" if len(value.each()) == 2:
            first, last = (spelling.moment(each.value) for each in value.each())
            return (f"not before {first}", f"not after {last}")
        case "isSameDay":
            raise Unsayable("which day it is depends on where it is asked: write `after` and `before`")
        case _:
            raise Unsayable(f"there is no operator `{spelling.one_line(operator, 40)}` here")


# Surveys


def _survey(sheet: Sheet, place: Place, known: Segments) -> None:
    title = place.at("name").text
    remarks: list[Note] = []
    clauses, waits = _triggers(sheet, place, remarks)
    own = place.at("segment")
    if own.at("filters").each():
        if own.at("isPrivate").value is True or not own.at("id").key:
            node = filters(sheet, own.at("filters"), known)
            member = sheet.segment(f"Gets {title}", node, own, persona=False)
        else:
            member = known.member(own.at("id").key)
        clauses.append(f"for {member.name}")
    clauses += _frequency(sheet, place, remarks)
    clauses += _limits(sheet, place, remarks)
    delay = place.at("delay").number or 0
    if delay > 0:
        waits.insert(0, f"wait {spelling.duration(delay, 'seconds')}" if delay == int(delay) and delay < 10**5 else "")
    waits = [each for each in waits if each]
    clauses += waits[:1]
    if len(waits) > 1:
        remarks.append(sheet.note(place.at("triggers"), "a survey waits for one thing only", Effect.DIFFERENT))
    if place.at("status").text in ("paused", "completed"):
        clauses.append("paused")
    if place.at("type").text == "link":
        remarks.append(sheet.note(place.at("type"), "a survey behind a link: here it is shown in the product"))
    clauses += questions(sheet, place, remarks)
    sheet.guide("survey", title, clauses, place, remarks=remarks)


def _triggers(sheet: Sheet, place: Place, remarks: list[Note]) -> tuple[list[str], list[str]]:
    """What sets it off, and what the browser waits for."""
    clauses: list[str] = []
    waits: list[str] = []
    for each in place.at("triggers").each():
        action = each.at("actionClass") if each.at("actionClass").members() else each
        try:
            clauses += _trigger(sheet, action, waits, remarks)
        except Unsayable as reason:
            remarks.append(sheet.note(action, str(reason)))
    return list(dict.fromkeys(clauses)), waits


def _trigger(sheet: Sheet, action: Place, waits: list[str], remarks: list[Note]) -> list[str]:
    name = first_text(action.at("key"), action.at("name")) or action.text
    config = action.at("noCodeConfig")
    kind = config.at("type").text
    pages = _pages(sheet, config, remarks)
    if not config.members() or action.at("type").text == "code":
        return ["on session start"] if name == "New Session" else [f"on {sheet.event(action, name)}"]
    match kind:
        case "pageView":
            pass
        case "exitIntent":
            waits.append("wait until exit intent")
        case "fiftyPercentScroll":
            waits.append("wait until scrolled 50%")
        case "pageDwell" if config.at("timeInSeconds").number:
            waits.append(f"wait until on page for {spelling.duration(config.at('timeInSeconds').number, 'seconds')}")
        case "click" if config.at("elementSelector").at("cssSelector").text:
            if len(pages) > 1:
                raise Unsayable("a click is looked for on one page, or on all")
            selector = spelling.selector(config.at("elementSelector").at("cssSelector").text)
            return [f"on {sheet.click(action, name, selector, pages[0] if pages else '')}"]
        case _:
            raise Unsayable('what is clicked is not named by a selector: write `event "NAME" when clicked "…"`')
    return [f"on page {each}" for each in pages or ['"*"']]


def _pages(sheet: Sheet, config: Place, remarks: list[Note]) -> list[str]:
    """Page patterns: of addresses the path, which is what a page is named by here."""
    found = []
    listed = config.at("urlFilters")
    if config.at("urlFiltersConnector").text == "and" and len(listed.each()) > 1:
        raise Unsayable("several patterns that a page fits all at once have no like here")
    for each in listed.each():
        shape, value = _PAGES.get(each.at("rule").text), each.at("value").text.strip()
        path = _HOST.sub("", value) or "/"
        if path != value:
            if not shape or shape.startswith("*"):
                raise Unsayable("pages are named by their paths here")
            remarks.append(sheet.note(each, "pages are named by their paths here: the host is not asked", Effect.WIDER))
        if shape is None or re.search(r"[*?#]", path):
            raise Unsayable("pages are named by `*` patterns of paths here, not by what they are not")
        found.append(spelling.text(shape.format(path)))
    return list(dict.fromkeys(found))


def _frequency(sheet: Sheet, place: Place, remarks: list[Note]) -> Sequence[str]:
    option = place.at("displayOption")
    match option.text:
        case "displayOnce":
            return ["once"]
        case "displayMultiple":
            return ["until answered"]
        case "displaySome" if isinstance(place.at("displayLimit").value, int) and place.at("displayLimit").value:
            limit = place.at("displayLimit").number or 0
            return [f"shown at most {int(limit)} times"] if 0 < limit < 10**6 else []
        case "":
            return []
        case _:
            why = "here a survey is shown once per session, and ends when it is answered"
            remarks.append(sheet.note(option, why, Effect.DIFFERENT))
            return []


def _limits(sheet: Sheet, place: Place, remarks: list[Note]) -> list[str]:
    clauses: list[str] = []

    days = place.at("recontactDays")
    try:
        if days.number:
            clauses.append(f"unless saw any survey in last {spelling.duration(days.number, 'days')}")
    except Unsayable as reason:
        remarks.append(sheet.note(days, str(reason)))
    share = place.at("displayPercentage")
    try:
        if share.number is not None and share.number != 100:
            clauses.append(f"sample {spelling.percent(share.number)}")
            remarks.append(sheet.note(share, "who is in the share is drawn anew", Effect.DIFFERENT))
    except Unsayable as reason:
        remarks.append(sheet.note(share, str(reason)))
    for name, word in (("runOnDate", "from"), ("closeOnDate", "expires")):
        try:
            if place.at(name).text:
                clauses.append(f"{word} {spelling.moment(place.at(name).value)}")
        except Unsayable as reason:
            remarks.append(sheet.note(place.at(name), str(reason)))
    responses = place.at("autoComplete").number
    if responses and responses == int(responses) and 0 < responses < 10**9:
        clauses.append(f"stop after {int(responses)} responses")
    return clauses


VENDOR: Final = Vendor(
    name="formbricks",
    title="Formbricks",
    source="https://formbricks.com/docs/api-reference/management-api--survey/get-surveys",
    files="surveys with `triggers` and `questions`, or `segments` with `filters`, as the Management API and an export "
    "of a survey have them",
    read=read,
)
