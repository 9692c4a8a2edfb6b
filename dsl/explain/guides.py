"""A guide or survey in plain English: for whom, when, what, how often, how it is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, assert_never

from dsl.clauses import DEFAULT_HOLDOUT, DEFAULT_PRIORITY, every, one, places, triggers
from dsl.explain.conditions import called, event_words, explain_condition, segment_words, where_words
from dsl.explain.tree import Joined, Line, ended
from dsl.explain.words import (
    duration_words,
    every_words,
    listed,
    moment_words,
    place_words,
    plain,
    quoted,
    times_words,
)
from dsl.nodes import (
    AsksNext,
    Body,
    Button,
    ChecklistItem,
    Condition,
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
    GuideKind,
    Holdout,
    IdleFor,
    Jump,
    Name,
    Node,
    NotWith,
    OnEvent,
    OnlyBetween,
    OnlyOn,
    OnPage,
    OnPageFor,
    OnSessionStart,
    Paused,
    Priority,
    Question,
    Rollout,
    Sample,
    Scrolled,
    Show,
    StopAfter,
    Testers,
    Title,
    TourStep,
    Unless,
    Variant,
    Wait,
    When,
)
from widgets.registry import SURVEY_FRAME

if TYPE_CHECKING:
    from dsl.project import RuleProject

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS: Final = (1, 2, 3, 4, 5)
_KINDS: Final[Mapping[GuideKind, str]] = {
    GuideKind.GUIDE: "Shown to",
    GuideKind.SURVEY: "Asked of",
    GuideKind.FEEDBACK: "Open to",
}


def explain_guide(guide: Guide, project: RuleProject) -> tuple[Line, ...]:
    """What a guide does, line by line; the first says for whom and when, with its conditions below."""
    lines = [_headline(guide, project)]
    audience = one(guide, For)
    lines += segment_lines(audience.segments if audience is not None else (), project)
    lines += [Line(ended(text), about) for about, text in _sentences(guide, project)]
    return tuple(lines)


def _headline(guide: Guide, project: RuleProject) -> Line:
    audience = one(guide, For)
    who = "everybody"
    if audience is not None:
        who = listed([segment_words(name, project) for name in audience.segments], "or")
    where = listed([place_words(place, project) for place in places(guide)], "or")
    text = f"{_KINDS[guide.kind]} {who}{f' at {where}' if where else ''}"
    woken = listed([trigger_words(each) for each in triggers(guide)], "or")
    text += f", when {woken}" if woken else ""
    conditions: list[Line] = [explain_condition(each.condition, project) for each in every(guide, When)]
    conditions += [explain_condition(each.condition, project, holds=False) for each in every(guide, Unless)]
    conditions = [each for line in conditions for each in (line.below if line.joined is Joined.ALL else (line,))]
    if not conditions:
        return Line(ended(text), guide)
    if len(conditions) == 1 and not conditions[0].below:
        return Line(ended(f"{text}, if {conditions[0].text}"), guide, joined=Joined.ALL, below=())
    return Line(f"{text}, if all of this is so:", guide, joined=Joined.ALL, below=tuple(conditions))


def trigger_words(trigger: OnEvent | OnPage | OnSessionStart) -> str:
    """`“DNS Check Failed” happens for the first time`."""
    match trigger:
        case OnEvent():
            first = " for the first time" if trigger.first else ""
            return f"{event_words(trigger.event)} happens{first}"
        case OnPage():
            return f"a page {quoted(trigger.pattern.value)} is opened"
        case OnSessionStart():
            return "a session starts"
        case _:
            assert_never(trigger)


def segment_lines(names: Iterable[Name], project: RuleProject) -> Iterator[Line]:
    """What the names of an audience mean."""
    for name in names:
        segment = project.segments.get(name.text)
        if segment is None:
            continue
        words = segment_words(name, project)
        words = words[0].upper() + words[1:]
        where: Condition = segment.where
        line = explain_condition(where, project)
        if line.below:
            yield Line(f"{words} are those of whom {line.text}", segment, joined=line.joined, below=line.below)
        else:
            yield Line(ended(f"{words} are those of whom this is so: {line.text}"), segment)


Said = tuple[Node, str]
"""A clause (or the guide, for what holds without one) and what it says."""


def _sentences(guide: Guide, project: RuleProject) -> Iterator[Said]:
    yield from _standing(guide, project)
    wait = one(guide, Wait)
    if wait is not None:
        yield wait, f"Then it waits {_wait_words(wait)}"
    yield from _contents(guide)
    frequency = one(guide, Frequency)
    yield frequency or guide, f"How often: {frequency_words(frequency)}"
    priority = one(guide, Priority)
    rank = priority.value if priority is not None else DEFAULT_PRIORITY
    yield priority or guide, f"Where several could be shown: priority {rank} of 100"
    others = one(guide, NotWith)
    if others is not None:
        names = listed([called(name, project) for name in others.guides], "or")
        yield others, f"Not in a session in which {names} was shown"
    yield from _shares(guide, project)
    yield from _schedule(guide)


def _standing(guide: Guide, project: RuleProject) -> Iterator[Said]:
    for paused in every(guide, Paused):
        yield paused, "It is paused: it is decided for nobody"
    for draft in every(guide, Draft):
        yield draft, "It is a draft: what it would do is logged, and nothing is shown"
    for testers in every(guide, Testers):
        yield testers, f"Only {segment_words(testers.segment, project)} see it, however often and past all limits"


def _wait_words(wait: Wait) -> str:
    until = wait.until
    match until:
        case IdleFor():
            return f"until the user was idle for {duration_words(until.duration)}"
        case ElementVisible():
            lasting = f" for {duration_words(until.duration)}" if until.duration is not None else ""
            return f"until {until.selector.value} is visible{lasting}"
        case Scrolled():
            return f"until {until.percent:g} % of the page was scrolled"
        case ExitIntent():
            return "until the user is about to leave"
        case OnPageFor():
            return f"until the user was on the page for {duration_words(until.duration)}"
        case Elapsed():
            return f"for {duration_words(until.duration)}"
        case _:
            assert_never(until)


def _contents(guide: Guide) -> Iterator[Said]:
    show = one(guide, Show)
    questions = every(guide, Question)
    if guide.kind is GuideKind.GUIDE and show is not None:
        yield show, f"What they see: {_show_words(show)}"
    for variant in every(guide, Variant):
        yield variant, f"{variant.percent:g} % see the variant {plain(variant.name.text)}: {_show_words(variant.show)}"
    if questions:
        frame = show.widget if show is not None else SURVEY_FRAME
        asked = "; ".join(_question_words(question) for question in questions)
        yield questions[0], f"In a {frame} it asks: {asked}"


def _show_words(show: Show) -> str:
    beside = f" beside {show.selector.value}" if show.selector is not None else ""
    side = f" at the {show.side}" if show.side is not None else ""
    title = next((item.text.value for item in show.content if isinstance(item, Title)), None)
    body = next((item.text.value for item in show.content if isinstance(item, Body)), None)
    said = title if title is not None else (body or "").strip().split("\n")[0]
    text = f"a {show.widget}{beside}{side}" + (f", {quoted(said)}" if said else "")
    text += _named("button", (item.text.value for item in show.content if isinstance(item, Button)))
    text += _named("item", (item.text.value for item in show.content if isinstance(item, ChecklistItem)))
    steps = sum(isinstance(item, TourStep) for item in show.content)
    return text + (f" of {steps} step{'' if steps == 1 else 's'}" if steps else "")


def _named(noun: str, texts: Iterable[str]) -> str:
    quoted_texts = [quoted(text) for text in texts]
    if not quoted_texts:
        return ""
    return f", with the {noun}{'' if len(quoted_texts) == 1 else 's'} {listed(quoted_texts, 'and')}"


def _question_words(question: Question) -> str:
    notes = [f"if {where_words(question.condition)}"] if question.condition is not None else []
    if question.then is not None:
        notes.append(f"then {_jump_words(question.then)}")
    for choice in question.choices:
        if choice.then is not None:
            named = choice.text.value if choice.text is not None else choice.key
            notes.append(f"after {quoted(named)} {_jump_words(choice.then)}")
    noted = f" ({', '.join(notes)})" if notes else ""
    return f"{quoted(question.text.value)}{noted}"


def _jump_words(jump: Jump) -> str:
    match jump:
        case EndsSurvey():
            return "it ends"
        case AsksNext():
            return f"it goes on with {plain(jump.question.text)}"
        case _:
            assert_never(jump)


def frequency_words(frequency: Frequency | None) -> str:
    """How often one user sees a guide; None for one that says nothing of it."""
    if frequency is None:
        return "once per session"
    most = f"at most {times_words(frequency.at_most)}" if frequency.at_most is not None else ""
    if frequency.until is not None:
        return f"once per session, until it is {frequency.until.value}"
    if frequency.every is not None:
        return f"once {every_words(frequency.every)}{f', {most} in all' if most else ''}"
    if frequency.per is not None:
        return f"{most} per {duration_words(frequency.per)}"
    return "once, ever" if frequency.at_most == 1 else f"{most} in all"


def _shares(guide: Guide, project: RuleProject) -> Iterator[Said]:
    for rollout in every(guide, Rollout):
        yield rollout, f"A stable {rollout.percent:g} % of the users may see it"
    for sample in every(guide, Sample):
        yield sample, f"{sample.percent:g} % of the users are asked, drawn anew each time"
    goal, holdout = one(guide, Goal), one(guide, Holdout)
    is_guide = guide.kind is GuideKind.GUIDE
    share = holdout.percent if holdout is not None else DEFAULT_HOLDOUT if is_guide else 0
    held = f"{share:g} % of those who would see it do not, for comparison" if share else "nobody is held out"
    if goal is not None:
        reached = f"whether {event_words(goal.event)} follows within {duration_words(goal.within)}"
        yield goal, f"Its effect is measured by {reached}; {held}"
    elif places(guide) and (is_guide or share):
        steps = listed([place_words(place, project) for place in places(guide)], "or")
        yield holdout or guide, f"Its effect is measured by whether {steps} is reached within 7 days; {held}"
    elif is_guide:
        yield guide, "Its effect is not measured"


def _schedule(guide: Guide) -> Iterator[Said]:
    for days in every(guide, OnlyOn):
        shown = "weekdays" if days.days == _WEEKDAYS else listed([_DAYS[day - 1] for day in days.days], "and")
        yield days, f"Only on {shown}"
    for hours in every(guide, OnlyBetween):
        between = f"{_clock(hours.start)} and {_clock(hours.end)}"
        yield hours, f"Only between {between}, in the user's own time where it is known"
    for begins in every(guide, From):
        yield begins, f"From {moment_words(begins.moment)}"
    for expires in every(guide, Expires):
        yield expires, f"Until {moment_words(expires.moment)}"
    for stop in every(guide, StopAfter):
        yield stop, f"It ends after {stop.responses} responses"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
