"""The small words of explanations: names, lengths of time, counts, values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from dsl.nodes import (
    CountTest,
    CountWord,
    DayLiteral,
    DurationLiteral,
    InLast,
    Moment,
    NumberLiteral,
    Operand,
    OtherChoice,
    Path,
    PatternLiteral,
    PlaceRef,
    ShareOf,
    SinceEvent,
    SinceMoment,
    SinceStep,
    TextLiteral,
    TimeLiteral,
    VersionLiteral,
    Window,
    YesNoLiteral,
)
from dsl.operators import OPERATORS
from dsl.values import spell_number

if TYPE_CHECKING:
    from dsl.project import RuleProject


def quoted(text: str) -> str:
    """Names of events and texts, in the quotes that people use."""
    return f"“{text}”"


def listed(parts: Sequence[str], word: str) -> str:
    """`a, b or c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def uncapitalised(label: str) -> str:
    """`Self-serve trial` inside a sentence; `DNS` and `API users` stay."""
    return label[0].lower() + label[1:] if len(label) > 1 and label[0].isupper() and label[1].islower() else label


_PEOPLE = frozenset({"people", "men", "women", "children", "staff", "everybody"})


def names_people(label: str) -> bool:
    """True of `Admins` and `New users`, to which `users` is not added; False of `Self-serve trial` and `API access`."""
    last = label.rpartition(" ")[2]
    return last.casefold() in _PEOPLE or (last.endswith("s") and not last.endswith(("ss", "us", "is")))


def plain(name: str) -> str:
    """A name without a label, as words."""
    return name.replace("_", " ")


def place_words(place: PlaceRef, project: RuleProject) -> str:
    """A step or stage by its label: `Verify the domain`, `the stage Onboarding`."""
    name = place.place.text
    journey = project.journeys.get(place.journey.text)
    for step in journey.steps if journey is not None else ():
        if step.name.text == name:
            return step.label.value if step.label is not None else plain(name)
    for stage in journey.stages if journey is not None else ():
        if stage.name.text == name:
            return f"the stage {stage.label.value if stage.label is not None else plain(name)}"
    return plain(name)


def duration_words(duration: DurationLiteral) -> str:
    """`10 minutes`."""
    return f"{duration.amount} {duration.unit}{'' if duration.amount == 1 else 's'}"


def every_words(duration: DurationLiteral) -> str:
    """`every day`, `every 7 days`."""
    return f"every {duration.unit if duration.amount == 1 else duration_words(duration)}"


def last_words(duration: DurationLiteral) -> str:
    """`in the last 10 minutes`, `in the last day`."""
    return f"in the last {duration.unit if duration.amount == 1 else duration_words(duration)}"


def moment_words(moment: Moment) -> str:
    """The day, or the instant as it is written."""
    match moment:
        case DayLiteral():
            return f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
        case TimeLiteral():
            return moment.text
        case _:
            assert_never(moment)


def times_words(number: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def count_words(count: CountTest | None, *, days: bool = False) -> str:
    """`at least 2 times`, `between 2 and 4 times`; on days: `on at least 3 days`."""
    if count is None:
        return "at least once"
    if days:
        if count.word is CountWord.BETWEEN:
            return f"on {count.low} to {count.high} days"
        return f"on {count.word.value} {count.low} day{'' if count.low == 1 else 's'}"
    if count.word is CountWord.BETWEEN:
        return f"{count.low} to {count.high} times"
    return f"{count.word.value} {times_words(count.low)}"


def window_words(window: Window | None, project: RuleProject) -> str:
    """`in the last 7 days`, `since “Signed Up”`; blank without a window. Begins with a blank."""
    match window:
        case None:
            return ""
        case InLast():
            return " " + last_words(window.duration)
        case SinceEvent():
            return f" since the latest {quoted(window.event.value)}"
        case SinceStep():
            return f" since {place_words(window.place, project)} was reached"
        case SinceMoment():
            return f" since {moment_words(window.moment)}"
        case _:
            assert_never(window)


def value_words(operand: Operand | OtherChoice) -> str:  # noqa: PLR0911  (one case a kind of operand)
    """A value as a sentence says it."""
    match operand:
        case TextLiteral():
            return quoted(operand.value)
        case NumberLiteral():
            return spell_number(operand.value)
        case YesNoLiteral():
            return "yes" if operand.value else "no"
        case DayLiteral() | TimeLiteral():
            return moment_words(operand)
        case VersionLiteral():
            return operand.text
        case PatternLiteral():
            return f"/{operand.text}/"
        case DurationLiteral():
            return duration_words(operand)
        case ShareOf():
            return f"{operand.percent:g}% of {path_words(operand.of)}"
        case OtherChoice():
            return quoted(operand.name)
        case _:
            assert_never(operand)


def path_words(path: Path) -> str:
    """`plan`, `the account's industry`, `the event's reason`, `the page's path`."""
    match path.parts:
        case ("account" | "event" | "page" | "device" as owner, name):
            return f"the {owner}'s {plain(name)}"
        case _:
            return plain(".".join(path.parts))


def comparison_words(operator: str, operands: Sequence[Operand | OtherChoice], *, ignoring_case: bool = False) -> str:
    """The right side of a comparison: `is at least 5`, `lies more than 3 days ago`."""
    meant = OPERATORS[operator]
    values = [value_words(each) for each in operands]
    shown = listed(values, "and" if operator in ("between", "include all of") else "or")
    suffix = f" {meant.suffix}" if meant.suffix else ""
    case = ", in capitals or not" if ignoring_case else ""
    return f"{meant.spoken}{' ' if shown else ''}{shown}{suffix}{case}"
