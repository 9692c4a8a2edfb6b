"""How guides, surveys, their clauses, content and questions are written."""

from __future__ import annotations

from typing import Final, TypeAlias, assert_never

from dsl.formatter.conditions import closed_event, condition_lines
from dsl.formatter.page import Page
from dsl.formatter.words import duration, name, names, operand, percent, place, plural, quoted, text, times
from dsl.nodes import (
    Action,
    AsksNext,
    At,
    AtLeastBetween,
    AtMost,
    Body,
    Button,
    ChecklistItem,
    Choice,
    Clause,
    Completes,
    Condition,
    ContentItem,
    Dismisses,
    Draft,
    Elapsed,
    ElementVisible,
    EndsSurvey,
    ExitIntent,
    Expires,
    For,
    Frequency,
    From,
    Goal,
    Guide,
    Holdout,
    IdleFor,
    Image,
    Jump,
    Limits,
    Node,
    NotWith,
    OnEvent,
    OnlyBetween,
    OnlyOn,
    OnPage,
    OnPageFor,
    OnSessionStart,
    OpensUrl,
    Paused,
    PerSession,
    Priority,
    Question,
    Rollout,
    Sample,
    Scrolled,
    Show,
    Snoozes,
    StartsGuide,
    StopAfter,
    Testers,
    Thanks,
    Title,
    TourStep,
    TracksEvent,
    TranslatedAlt,
    TranslatedButton,
    TranslatedItem,
    TranslatedOther,
    TranslatedQuestion,
    Translation,
    Unless,
    Variant,
    Video,
    Wait,
    When,
)
from dsl.transform.guides import WEEKDAYS
from dsl.transform.literals import read_long_text


def write_guide(page: Page, guide: Guide) -> None:
    label = "" if guide.label is None else f" {text(guide.label)}"
    page.open(f"{guide.kind} {name(guide.name.text)}{label}", guide)
    shown_before: bool | None = None
    for clause in guide.clauses:
        is_shown = isinstance(clause, Show | Variant | Question | Thanks | Translation)
        if shown_before is not None and is_shown is not shown_before:
            page.gap()
        shown_before = is_shown
        _write_clause(page, clause)
    page.close(guide)


def write_limits(page: Page, limits: Limits) -> None:
    page.open("limits", limits)
    for limit in limits.limits:
        match limit:
            case AtMost():
                per = "session" if isinstance(limit.per, PerSession) else duration(limit.per)
                what = name(limit.what if limit.number == 1 else f"{limit.what}s")
                page.item(f"at most {limit.number} {what} per {per}", limit)
            case AtLeastBetween():
                page.item(f"at least {duration(limit.duration)} between {name(f'{limit.what}s')}", limit)
            case _:
                assert_never(limit)
    page.close(limits)


def _write_clause(page: Page, clause: Clause) -> None:
    match clause:
        case When():
            _write_condition(page, "when ", clause.condition, "", clause)
        case Unless():
            _write_condition(page, "unless ", clause.condition, "", clause)
        case Show():
            _write_show(page, clause)
        case Variant():
            page.open(f"variant {name(clause.name.text)} {percent(clause.percent)}", clause)
            _write_show(page, clause.show)
            page.close(clause)
        case Question():
            _write_question(page, clause)
        case Thanks():
            page.item(f"thanks {text(clause.text)}", clause)
        case Translation():
            _write_translation(page, clause)
        case _:
            page.item(_clause_text(clause), clause)


def _write_condition(page: Page, prefix: str, condition: Condition, suffix: str, node: Node) -> None:
    page.broken(
        condition_lines(
            condition,
            prefix=prefix,
            suffix=suffix,
            depth=page.depth,
            start=node.span.start,
            has_comment=page.has_comment,
        )
    )


_OneLine: TypeAlias = (
    At
    | OnEvent
    | OnPage
    | OnSessionStart
    | For
    | Wait
    | Frequency
    | Priority
    | NotWith
    | Rollout
    | Sample
    | Holdout
    | Goal
    | From
    | Expires
    | OnlyOn
    | OnlyBetween
    | StopAfter
    | Draft
    | Paused
    | Testers
)


def _clause_text(clause: _OneLine) -> str:  # noqa: C901, PLR0911, PLR0912  (one case a clause)
    match clause:
        case At():
            return "at " + ", ".join(place(ref) for ref in clause.places)
        case OnEvent():
            return f"on {'first ' if clause.first else ''}{closed_event(clause.event)}"
        case OnPage():
            return f"on page {text(clause.pattern)}"
        case OnSessionStart():
            return "on session start"
        case For():
            return f"for {names(clause.segments)}"
        case Wait():
            return _wait_text(clause)
        case Frequency():
            return _frequency_text(clause)
        case Priority():
            return f"priority {clause.value}"
        case NotWith():
            return f"not with {names(clause.guides)}"
        case Rollout():
            return f"rollout {percent(clause.percent)}"
        case Sample():
            return f"sample {percent(clause.percent)}"
        case Holdout():
            return f"holdout {percent(clause.percent)}"
        case Goal():
            return f"goal {closed_event(clause.event)} within {duration(clause.within)}"
        case From():
            return f"from {operand(clause.moment)}"
        case Expires():
            return f"expires {operand(clause.moment)}"
        case OnlyOn():
            return f"only on {_days_text(clause.days)}"
        case OnlyBetween():
            return f"only between {_clock_text(clause.start)} and {_clock_text(clause.end)}"
        case StopAfter():
            return f"stop after {plural(clause.responses, 'response')}"
        case Draft():
            return "draft"
        case Paused():
            return "paused"
        case Testers():
            return f"testers {name(clause.segment.text)}"
        case _:
            assert_never(clause)


def _wait_text(wait: Wait) -> str:
    match wait.until:
        case IdleFor() as until:
            return f"wait until idle for {duration(until.duration)}"
        case ElementVisible() as until:
            length = "" if until.duration is None else f" for {duration(until.duration)}"
            return f"wait until element {text(until.selector)} is visible{length}"
        case Scrolled() as until:
            return f"wait until scrolled {percent(until.percent)}"
        case ExitIntent():
            return "wait until exit intent"
        case OnPageFor() as until:
            return f"wait until on page for {duration(until.duration)}"
        case Elapsed() as until:
            return f"wait {duration(until.duration)}"
        case _:
            assert_never(wait.until)


def _frequency_text(frequency: Frequency) -> str:
    if frequency.until is not None:
        return f"until {frequency.until}"
    if frequency.every is not None:
        most = "" if frequency.at_most is None else f", at most {times(frequency.at_most)}"
        return f"once every {duration(frequency.every)}{most}"
    if frequency.per is None and frequency.at_most == 1:
        return "once"
    per = "" if frequency.per is None else f" per {duration(frequency.per)}"
    return f"shown at most {times(frequency.at_most or 0)}{per}"


_DAY_NAMES: Final = {days[0]: word for word, days in WEEKDAYS.items() if len(days) == 1}
_DAY_GROUPS: Final = {days: word for word, days in WEEKDAYS.items() if len(days) > 1}


def _days_text(days: tuple[int, ...]) -> str:
    return _DAY_GROUPS.get(days) or ", ".join(_DAY_NAMES[day] for day in days)


def _clock_text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# Content


def _write_show(page: Page, show: Show) -> None:
    head = f"show {'as ' if show.is_frame else ''}{name(show.widget)}"
    if show.selector is not None:
        head += f" beside {text(show.selector)}"
    if show.side is not None:
        head += f" {show.side}"
    if show.is_frame:
        page.item(head, show)
        return
    page.open(head, show)
    for item in show.content:
        _write_content(page, item)
    page.close(show)


def _write_content(page: Page, item: ContentItem) -> None:
    match item:
        case Title():
            page.item(f"title {text(item.text)}", item)
        case Body():
            _write_body(page, item)
        case Image():
            page.item(f"image {text(item.url)} alt {text(item.alt)}", item)
        case Video():
            page.item(f"video {text(item.url)}", item)
        case Button():
            page.item(f"button {text(item.text)} {_action_text(item.action)}", item)
        case ChecklistItem():
            action = "" if item.action is None else f" {_action_text(item.action)}"
            _write_condition(page, f"item {text(item.text)} done when ", item.done_when, action, item)
        case TourStep():
            beside = "" if item.selector is None else f" beside {text(item.selector)}"
            on_page = "" if item.page is None else f" on page {text(item.page)}"
            page.open(f"step{beside}{on_page}", item)
            for inner in item.content:
                _write_content(page, inner)
            page.close(item)
        case Translation():
            _write_translation(page, item)
        case _:
            assert_never(item)


def _write_body(page: Page, body: Body) -> None:
    value = body.text.value
    written = f"\n{value}\n"
    if "\n" not in value or '"""' in value or value.endswith('"') or read_long_text(written) != value:
        page.item(f"body {quoted(value)}", body)
        return
    page.item('body """', body)
    for line in value.split("\n"):
        page.write(line, depth=page.depth + 1)
    page.write('"""')


def _action_text(action: Action) -> str:
    match action:
        case OpensUrl():
            return f"opens {text(action.url)}"
        case Completes():
            return "completes"
        case Dismisses():
            return "dismisses"
        case Snoozes():
            return f"snoozes {duration(action.duration)}"
        case StartsGuide():
            return f"starts {name(action.guide.text)}"
        case TracksEvent():
            return f"tracks {text(action.event)}"
        case _:
            assert_never(action)


def _write_translation(page: Page, translation: Translation) -> None:
    page.open(f"in {text(translation.language)}", translation)
    for entry in translation.entries:
        match entry:
            case Title() | Body():
                _write_content(page, entry)
            case Thanks():
                page.item(f"thanks {text(entry.text)}", entry)
            case TranslatedButton():
                page.item(f"button {entry.number} {text(entry.text)}", entry)
            case TranslatedItem():
                page.item(f"item {entry.number} {text(entry.text)}", entry)
            case TranslatedQuestion():
                _write_translated_question(page, entry)
            case TranslatedOther():
                page.item(f"other {text(entry.text)}", entry)
            case TranslatedAlt():
                page.item(f"alt {text(entry.text)}", entry)
            case _:
                assert_never(entry)
    page.close(translation)


def _write_translated_question(page: Page, entry: TranslatedQuestion) -> None:
    words = "" if entry.text is None else f" {text(entry.text)}"
    head = f"ask {name(entry.question.text)}{words}"
    if not entry.choices:
        page.item(head, entry)
        return
    page.open(head, entry)
    for source, translated in entry.choices:
        page.item(f"{text(source)} as {text(translated)}", source)
    page.close(entry)


# Questions


def _write_question(page: Page, question: Question) -> None:
    parts = [f"ask {name(question.type)} {name(question.id.text)} {text(question.text)}"]
    if question.scale is not None:
        style = "" if question.scale.style is None else f" {question.scale.style}"
        parts.append(f"{question.scale.low} to {question.scale.high}{style}")
    if question.at_most is not None:
        parts.append(f"at most {question.at_most}{' characters' if question.counts_characters else ''}")
    if question.optional:
        parts.append("optional")
    if question.shuffled:
        parts.append("shuffled")
    after = [_jump_text(question.then)] if question.then is not None else []
    if question.choices:
        after.append("{")
    if question.condition is None:
        page.item(" ".join((*parts, *after)), question)
    else:
        suffix = "".join(f" {each}" for each in after)
        _write_condition(page, f"{' '.join(parts)} if ", question.condition, suffix, question)
    if not question.choices:
        return
    page.depth += 1
    for choice in question.choices:
        page.item(_choice_text(choice), choice)
    page.close(question)


def _choice_text(choice: Choice) -> str:
    parts = ["other" if choice.text is None else text(choice.text)]
    if choice.id is not None:
        parts.append(f"as {name(choice.id.text)}")
    if choice.feels is not None:
        parts.append(f"feels {name(choice.feels.text)}")
    if choice.then is not None:
        parts.append(_jump_text(choice.then))
    return " ".join(parts)


def _jump_text(jump: Jump) -> str:
    match jump:
        case EndsSurvey():
            return "then end"
        case AsksNext():
            return f"then ask {name(jump.question.text)}"
        case _:
            assert_never(jump)
