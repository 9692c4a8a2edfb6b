"""What a guide shows: widgets from `widgets.registry`, and what stands between their braces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from dsl.catalog import BUILT_IN_EVENTS
from dsl.checker import conditions
from dsl.checker.literals import (
    check_blank,
    check_duration,
    check_link,
    check_media,
    check_page,
    check_selector,
)
from dsl.checker.report import Report
from dsl.checker.scope import Scope, Standing
from dsl.checker.texts import check_markdown, check_text
from dsl.checker.translations import Words, check_translations
from dsl.codes import content as codes
from dsl.codes import guides, names
from dsl.diagnostics import Span
from dsl.nodes import (
    Action,
    Body,
    Button,
    ChecklistItem,
    Completes,
    ContentItem,
    Dismisses,
    Guide,
    GuideKind,
    Image,
    OpensUrl,
    Show,
    Snoozes,
    StartsGuide,
    Title,
    TourStep,
    TracksEvent,
    Translation,
    Video,
)
from dsl.suggest import either
from widgets.registry import WIDGETS, Item, WidgetSpec

_ITEMS: Final[Mapping[type[ContentItem], Item]] = {
    Title: Item.TITLE,
    Body: Item.BODY,
    Image: Item.IMAGE,
    Video: Item.VIDEO,
    Button: Item.BUTTON,
    ChecklistItem: Item.ITEM,
    TourStep: Item.STEP,
}
_SINGLE: Final = frozenset({Item.TITLE, Item.BODY, Item.IMAGE, Item.VIDEO})

Contents: TypeAlias = Sequence[ContentItem]


def check_show(report: Report, show: Show, guide: Guide, scope: Scope) -> None:
    """Check a `show` with all that stands in it, or the `show as` of a survey."""
    in_survey = guide.kind is not GuideKind.GUIDE
    spec = WIDGETS.get(show.widget)
    fitting = [each.name for each in WIDGETS.values() if (each.frames_surveys if in_survey else each.in_guides)]
    if spec is None or spec.name not in fitting:
        what = f"`{show.widget}` is no widget" if spec is None else f"`{show.widget}` cannot hold {_a(guide.kind)}"
        report.unknown(
            names.UNKNOWN_WIDGET,
            report.word_of(show, show.widget),
            what,
            show.widget,
            fitting,
            write=lambda each: each,
            otherwise="there are " + ", ".join(f"`{each}`" for each in fitting),
        )
        return
    if show.is_frame is not in_survey:
        word = "show as" if in_survey else "show"
        help_ = f"write `{word} {show.widget}`" + (", without braces" if in_survey else " { … }")
        message = f"{'a survey' if in_survey else 'a guide'} is shown with `{word}`"
        report.add(guides.WRONG_KIND.at(report.word_of(show, "show"), message, help=help_))
        return
    _check_place(report, show, spec)
    name = report.word_of(show, show.widget)
    if not show.is_frame:
        _check_contents(
            report,
            show.content,
            spec.items,
            spec.needs,
            _Where(f"`{spec.name}`", name, scope, report.is_whole(guide)),
        )


def _a(kind: GuideKind) -> str:
    return "a guide" if kind is GuideKind.GUIDE else "questions"


def _check_place(report: Report, show: Show, spec: WidgetSpec) -> None:
    name = report.word_of(show, show.widget)
    if show.selector is None and spec.needs_selector:
        message = f"`{spec.name}` stands beside an element, and none is named"
        help_ = f'write `show {spec.name} beside "#element"`'
        report.add(codes.SELECTOR.at(name, message, help=help_))
    elif show.selector is not None and not spec.takes_selector:
        message = f"`{spec.name}` has its own place on the page"
        report.add(codes.SELECTOR.at(show.selector.span, message, help="leave `beside` out"))
    elif show.selector is not None:
        check_selector(report, show.selector)
    if show.side is not None and show.side not in spec.sides:
        message = f"`{spec.name}` has no side `{show.side}`"
        sides = either([f"`{each}`" for each in spec.sides])
        place = report.word_of(show, show.side)
        report.add(codes.SIDE.at(place, message, help=f"write {sides}" if sides else f"leave `{show.side}` out"))


@dataclass(frozen=True, slots=True)
class _Where:
    """What holds some contents: its name as it is said, its place, and what its texts may speak of.

    is_whole: all of it could be read.
    """

    words: str
    span: Span
    scope: Scope
    is_whole: bool


def _check_contents(
    report: Report, contents: Contents, allowed: frozenset[Item], needs: frozenset[Item], where: _Where
) -> None:
    seen: set[Item] = set()
    for each in contents:
        if isinstance(each, Translation):
            continue
        item = _ITEMS[type(each)]
        if item not in allowed:
            message = f"{where.words} takes no `{item.value}`"
            takes = ", ".join(f"`{other.value}`" for other in Item if other in allowed)
            report.add(codes.WRONG_CONTENT.at(each.span, message, help=f"it takes {takes}"))
        elif item in seen and item in _SINGLE:
            message = f"a second `{item.value}`"
            report.add(guides.SECOND_CLAUSE.at(each.span, message, help="leave one of the two out"))
        seen.add(item)
        _check_item(report, each, where)
    if needs and not needs & seen and where.is_whole:
        message = f"{where.words} shows nothing"
        needed = either([f"`{item.value}`" for item in Item if item in needs])
        report.add(codes.WRONG_CONTENT.at(where.span, message, help=f"it needs {needed}"))
    translations = [each for each in contents if isinstance(each, Translation)]
    check_translations(report, translations, words_of(contents), where.scope)


def _check_item(report: Report, item: ContentItem, where: _Where) -> None:
    scope = where.scope
    match item:
        case Title():
            check_text(report, item.text, scope, what="the title")
        case Body():
            check_markdown(report, item.text, scope, what="the body")
        case Image():
            check_media(report, item.url)
            # Blank words beside a picture are right: they mark it as decoration for screen readers.
        case Video():
            check_media(report, item.url)
        case Button():
            check_text(report, item.text, scope, what="the button")
            check_action(report, item.action)
        case ChecklistItem():
            check_text(report, item.text, scope, what="the item")
            conditions.check(report, item.done_when, Scope(Standing.ITEM))
            if item.action is not None:
                check_action(report, item.action)
        case TourStep():
            _check_tour_step(report, item, where)
        case Translation():
            return
        case _:
            assert_never(item)


def _check_tour_step(report: Report, step: TourStep, tour: _Where) -> None:
    if step.selector is not None:
        check_selector(report, step.selector)
    if step.page is not None:
        check_page(report, step.page)
    allowed = frozenset(item for spec in WIDGETS.values() for item in spec.step_items)
    _check_contents(
        report,
        step.content,
        allowed,
        frozenset({Item.TITLE, Item.BODY}),
        _Where("a step of a tour", step.span, tour.scope, tour.is_whole),
    )


def check_action(report: Report, action: Action) -> None:
    """What a button or an item does."""
    match action:
        case OpensUrl():
            check_link(report, action.url)
        case Snoozes():
            check_duration(report, action.duration)
        case StartsGuide():
            report.guide(action.guide)
        case TracksEvent():
            if action.event.value in BUILT_IN_EVENTS:
                message = f"`{action.event.value}` is sent by Waypost itself"
                report.add(names.BUILT_IN.at(action.event.span, message, help="track an event of your own"))
            elif not action.event.value.strip():
                check_blank(report, action.event, what="the name of the event")
            else:
                report.event(action.event)
        case Completes() | Dismisses():
            return
        case _:
            assert_never(action)


def words_of(contents: Iterable[ContentItem]) -> Words:
    """What of some contents is to be translated."""
    items = list(contents)
    return Words(
        title=any(isinstance(each, Title) for each in items),
        body=any(isinstance(each, Body) for each in items),
        alt=any(isinstance(each, Image) and bool(each.alt.value.strip()) for each in items),
        buttons=sum(isinstance(each, Button) for each in items),
        items=sum(isinstance(each, ChecklistItem) for each in items),
    )
