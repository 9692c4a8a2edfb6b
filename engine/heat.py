"""Heat maps: what people did on a page, element by element, how far down they saw it, and where they left its forms.

The door of `engine.analytics.heat` and `engine.analytics.heat_forms`. Reads the lake; from the database only who is a
persona now. The pictures that the figures are drawn on are in `engine.heat_snapshots`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from dsl.checker.declarations import is_page
from dsl.labels import label_of
from dsl.patterns import PatternError, glob
from dsl.project import RuleProject
from dsl.values import Instant
from engine.analyst import Analyst, UsersBehind
from engine.analytics.asked import BadBreakdown, PeopleWhere, personas_of, read_condition
from engine.analytics.heat import HeatFold, PageHeat
from engine.analytics.heat_behind import Behind, Figure
from engine.analytics.heat_forms import FormFold, FormsHeat
from engine.analytics.heat_rows import PageCount, Pages, heat_events, named, page_counts, people_of, portions, seen
from engine.analytics.history import History
from engine.analytics.kpi_figures import Period
from engine.analytics.population import Kind
from engine.analytics.standings import DAYS, WEEKS, Span
from engine.errors import UnknownJourney, UnknownStep, WaypostError
from engine.membership import RulesNow, members
from engine.product_figures import BadPeriod

Found = TypeVar("Found")
DEVICES: Final = ("desktop", "mobile", "tablet")
"""As the snippet tells them."""
MOST_SPANS: Final = 62
"""Days or weeks that an answer has a map for each of."""
MOST_PAGES: Final = 200
"""Paths that are listed, those that most people saw."""


class HeatBy(StrEnum):
    """What heat maps are broken down by."""

    PERSONA = "persona"
    DEVICE = "device"
    DAY = "day"
    WEEK = "week"


SPANS: Final[Mapping[HeatBy, Span]] = {HeatBy.DAY: DAYS, HeatBy.WEEK: WEEKS}


class NoSuchPage(WaypostError):
    """A heat map of no page."""

    code = "heat_no_page"


@dataclass(frozen=True, slots=True)
class HeatAsked:
    """What is asked. page: a pattern such as `/domains/*`; or journey and step: the pages that are its touchpoints.

    since, until: when it happened. where: a condition on who counts, as of now. device: only what was done on it.
    """

    page: str | None = None
    journey: str | None = None
    step: str | None = None
    by: HeatBy | None = None
    since: Instant | None = None
    until: Instant | None = None
    where: str | None = None
    device: str | None = None
    everyone: bool = False
    with_simulated: bool = False


@dataclass(frozen=True, slots=True)
class HeatOfGroup:
    """The heat map of everybody, or of a group: a persona, a device, the first day of a day or week."""

    group: str | None
    page: PageHeat
    forms: FormsHeat


@dataclass(frozen=True, slots=True)
class Heat:
    """Heat maps of some pages. patterns: these. maps: of everybody, or of each group of which anybody was there."""

    patterns: tuple[str, ...]
    maps: tuple[HeatOfGroup, ...]
    period: Period
    left_out: tuple[Kind, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """A page that is a touchpoint of a step."""

    journey: str
    step: str
    label: str
    page: str


@dataclass(frozen=True, slots=True)
class KnownPages:
    """The pages that heat maps can be asked of. paths: those that most people saw, of the period that was asked for."""

    touchpoints: tuple[Touchpoint, ...]
    paths: tuple[PageCount, ...]
    left_out: tuple[Kind, ...]
    version: int


def heat(analyst: Analyst, project_id: int, asked: HeatAsked, rules: RulesNow) -> Heat:
    """The heat maps of a page, of everybody or of each group.

    Raises NoSuchPage, UnknownJourney, UnknownStep, BadPeriod, BadCondition, BadBreakdown, NothingRecorded.
    """
    patterns = patterns_of(asked, rules.project)
    question = _question(analyst, project_id, asked, rules)
    pages = question.pages(patterns)

    def answer(history: History) -> Heat:
        maps = []
        for group, of in _groups(question, history, pages):
            with heat_events(history, of) as rows:
                count = seen(history, rows)
                if not count.views and asked.by is not None:
                    continue
                elements, forms = HeatFold(), FormFold()
                for told in portions(history, rows):
                    elements.add(told)
                    forms.add(told)
                maps.append(HeatOfGroup(group, elements.answer(count), forms.answer(count)))
        return Heat(patterns, tuple(maps), pages.period, history.left_out, history.version)

    return question.answered(("heat", asked), answer, asks_now=asked.by is HeatBy.PERSONA)


def users_behind_heat(
    analyst: Analyst,
    project_id: int,
    asked: HeatAsked,
    who: Behind,
    rules: RulesNow,
    *,
    after: str = "",
    limit: int = 100,
) -> UsersBehind:
    """The ids of those behind a figure of a heat map, in order, a page at a time. Raises what `heat` does."""
    patterns = patterns_of(asked, rules.project)
    question = _question(analyst, project_id, asked, rules)
    pages = question.pages(patterns)

    def answer(history: History) -> UsersBehind:
        with heat_events(history, pages) as rows:
            if who.figure is Figure.SEEN:
                people = people_of(history, rows)
            else:
                people = {each.person for told in portions(history, rows) for each in told if who.counts(each)}
        found = named(history, people, after=after, limit=limit + 1)
        return UsersBehind.page(found, limit)

    return question.answered(("users on a heat map", asked, who, after, limit), answer)


def known_pages(analyst: Analyst, project_id: int, asked: HeatAsked, rules: RulesNow) -> KnownPages:
    """The touchpoints of all journeys, and the paths that were seen. Raises what `heat` does."""
    question = _question(analyst, project_id, asked, rules)
    pages = question.pages(None)

    def answer(history: History) -> KnownPages:
        paths = tuple(page_counts(history, pages, most=MOST_PAGES))
        return KnownPages(touchpoints(question.rules.project), paths, history.left_out, history.version)

    return question.answered(("pages of heat maps", asked), answer)


def touchpoints(project: RuleProject) -> tuple[Touchpoint, ...]:
    """The pages that are touchpoints of steps, in the order of the journeys."""
    return tuple(
        Touchpoint(name, step.name.text, label_of(step), each.text.value)
        for name, journey in project.journeys.items()
        for step in journey.steps
        for each in step.touchpoints
        if each.channel is None and is_page(each.text.value)
    )


def path_pattern(page: str) -> str:
    """A pattern for paths: of a whole address the part behind the host. A path may hold an address itself."""
    if "://" not in page or page.startswith("/"):
        return page
    _, _, rest = page.partition("://")
    host, slash, path = rest.partition("/")
    return slash + path if slash else ("*" if "*" in host else "/")


def fits_any(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a path is one of some pages. Raises NoSuchPage."""
    try:
        tests = [glob(path_pattern(each)) for each in patterns]
    except PatternError as error:
        raise NoSuchPage(f"`{patterns[0][:200]}` is no page: {error}") from None
    return lambda path: any(test(path) for test in tests)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, understood. where: who counts. rules: where that is asked, with all names that were received."""

    analyst: Analyst
    project_id: int
    asked: HeatAsked
    rules: RulesNow
    period: Period
    where: PeopleWhere | None

    def pages(self, patterns: tuple[str, ...] | None) -> Pages:
        """The events on some pages; without patterns on all. Raises NoSuchPage."""
        return Pages(None if patterns is None else fits_any(patterns), self.period, self.asked.device)

    def answered(self, key: Hashable, answer: Callable[[History], Found], *, asks_now: bool = False) -> Found:
        """The answer, of those who count. asks_now: it asks who is a persona now."""
        return self.analyst.answer(
            self.project_id,
            key,
            self.rules,
            answer,
            everyone=self.asked.everyone,
            with_simulated=self.asked.with_simulated,
            where=self.where,
            asks_now=asks_now or self.where is not None,
        )


def _question(analyst: Analyst, project_id: int, asked: HeatAsked, rules: RulesNow) -> _Question:
    until = rules.now + 1 if asked.until is None else min(asked.until, rules.now + 1)
    period = Period(Instant(0) if asked.since is None else asked.since, Instant(until))
    if period.since >= period.until:
        raise BadPeriod
    if asked.where is None:
        return _Question(analyst, project_id, asked, rules, period, where=None)
    rules = analyst.knowing_names(project_id, rules)
    where = PeopleWhere(read_condition(asked.where, rules.project))
    return _Question(analyst, project_id, asked, rules, period, where)


def patterns_of(asked: HeatAsked, project: RuleProject) -> tuple[str, ...]:
    """The pages that are asked about. Raises NoSuchPage, UnknownJourney, UnknownStep."""
    if asked.page is not None:
        return (asked.page,)
    if asked.journey is None or asked.step is None:
        raise NoSuchPage("name a page such as `/domains/*`, or a journey and a step whose touchpoint is a page")
    journey = project.journeys.get(asked.journey)
    if journey is None:
        raise UnknownJourney(asked.journey, list(project.journeys))
    names = [step.name.text for step in journey.steps]
    if asked.step not in names:
        raise UnknownStep(asked.journey, asked.step, names)
    found = tuple(
        each.page for each in touchpoints(project) if (each.journey, each.step) == (asked.journey, asked.step)
    )
    if not found:
        raise NoSuchPage(
            f"no page is a touchpoint of `{asked.journey}.{asked.step}`: "
            'write `touchpoint "/its/page"` at the step in the rules, or name a page'
        )
    return found


def _groups(question: _Question, history: History, pages: Pages) -> Iterator[tuple[str | None, Pages]]:
    """The groups that were asked for, each with the events that are its."""
    period, rules = pages.period, question.rules
    match question.asked.by:
        case None:
            yield None, pages
        case HeatBy.PERSONA:
            conditions = personas_of(rules.project)
            if not conditions:
                raise BadBreakdown('no persona is declared in the rules in force: `persona NAME "Label" where …`')
            with question.analyst.database.reading() as connection:
                found = members(connection, question.project_id, rules, conditions)
            for name, people in found.items():
                yield name, Pages(pages.fits, period, pages.device, people)
        case HeatBy.DEVICE:
            for device in DEVICES if pages.device is None else (pages.device,):
                yield device, Pages(pages.fits, period, device)
        case HeatBy.DAY | HeatBy.WEEK as by:
            yield from _spans(history, pages, SPANS[by])


def _spans(history: History, pages: Pages, span: Span) -> Iterator[tuple[str, Pages]]:
    with heat_events(history, pages) as rows:
        (ends,) = history.engine.rows(rows.agg(first=rows.time.min(), last=rows.time.max()))
    if ends["first"] is None:
        return
    numbers = range(span.number_of(Instant(ends["first"])), span.number_of(Instant(ends["last"])) + 1)
    if len(numbers) > MOST_SPANS:
        raise BadBreakdown(f"that are {len(numbers)} maps, and at most {MOST_SPANS} are made: ask for a shorter time")
    for number in numbers:
        within = Period(max(pages.period.since, span.begin(number)), min(pages.period.until, span.begin(number + 1)))
        yield span.first_day(number), Pages(pages.fits, within, pages.device)
