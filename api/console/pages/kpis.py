"""KPIs: the figures of the product with what each means, and how each step goes with coming back and with paying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, render_template

from api.analyses import as_file
from api.console.desk import Desk
from api.console.drawing import send
from api.console.marks import all_marks, on_days, within
from api.console.periods import DATES, DATES_WORDS, Days, back, days_of
from api.console.planning.choices import journey_labels, said_of
from api.console.registry import Group, Page
from dsl.labels import label_of
from dsl.values import DAY, HOUR, SECOND, Duration, Instant, to_datetime
from engine.analytics.curve import CurveMark
from engine.analytics.history import NothingRecorded
from engine.analytics.intervals import Interval
from engine.analytics.kpis import ASSOCIATIONS, KPIS, NOT_CAUSE, Figure, Kpi, Name, Of
from engine.analytics.tables import KPI_COLUMNS, kpi_rows
from engine.errors import WaypostError
from engine.figure_trends import WeekOfFigure, Which, trend
from engine.permissions import Scope
from engine.product_figures import Figures, FiguresAsked, figures
from engine.roadmap.review import spelled
from engine.stages import StageMark, stage_marks, step_labels, step_marks

PERIODS: Final[Mapping[str, str]] = {
    "30": "last 30 days",
    "91": "last 13 weeks",
    "364": "last 52 weeks",
    DATES: DATES_WORDS,
}
PLAIN: Final = frozenset(Name) - ASSOCIATIONS
UNITS: Final[Mapping[str, str]] = {"scale": "score", "amount": "score", "points": "score"}
"""Units that are written alike."""
TREND_COLUMNS: Final = ("week", "value", "low", "high", "n")


@dataclass(frozen=True, slots=True)
class Told:
    """A figure in words. of: what it is of, as people call it; mark: of its stage. trend: where its weeks are."""

    figure: Figure
    of: str
    mark: StageMark | None
    value: str
    interval: str
    trend: str


@dataclass(frozen=True, slots=True)
class KpiGroup:
    """All figures of one name, with what they mean."""

    name: Name
    kpi: Kpi
    told: tuple[Told, ...]


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What KPIs shows."""
    journey = said_of(desk, "journey", desk.rules.project.journeys)
    is_associations = desk.said.get("view") == "steps"
    dates = days_of(desk.said, desk.rules.now) if desk.said.get("days") == DATES else None
    asked = FiguresAsked(
        journey=journey,
        since=_since(desk) if dates is None else dates.since,
        until=None if dates is None else dates.until,
        where=desk.persona_where,
        revenue=desk.said.get("revenue") or None,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
        only=ASSOCIATIONS if is_associations else PLAIN,
    )
    which = _which(desk)
    if which is not None and desk.said.get("part") == "trend":
        return _weeks(desk, which, asked)
    shared = {
        "journeys": journey_labels(desk.rules.project),
        "journey_chosen": journey,
        "periods": PERIODS,
        "days": said_of(desk, "days", PERIODS),
        "dates": dates,
        "is_associations": is_associations,
        "tabs": _tabs(desk, is_associations),
        "which": which,
        "spoken_of": said_of(desk, "kpi", [each.value for each in Name]),
        "not_cause": NOT_CAUSE,
    }
    try:
        found = figures(desk.analyst, desk.project.id, asked, desk.rules)
    except NothingRecorded:
        return {**shared, "found": None, "refused": None}
    except WaypostError as error:
        return {**shared, "found": None, "refused": str(error)}
    if desk.said.get("format") == "csv":
        return as_file(kpi_rows(found.figures), list(KPI_COLUMNS), "csv", name="kpis")
    return {
        **shared,
        "found": found,
        "groups": groups(found.figures, desk),
        "told": _sentence(found, desk, _period(desk, dates), is_associations=is_associations),
        "trend_label": None if which is None else _trend_label(which, desk),
        "note_of": note_of,
        # Whoever looks by a link asks for nothing more: it is all here at once.
        "weeks": _by_week(desk, which, asked) if which is not None and desk.is_shared else None,
        "refused": None,
    }


def groups(found: Sequence[Figure], desk: Desk) -> list[KpiGroup]:
    """The figures by name, in the order of the registry."""
    called = Called(desk)
    return [
        KpiGroup(name, kpi, tuple(_told(each, kpi, called) for each in found if each.name is name))
        for name, kpi in KPIS.items()
        if any(each.name is name for each in found)
    ]


def in_unit(value: float | None, unit: str, *, is_difference: bool = False) -> str:
    """A value as people read it."""
    return spelled(value, UNITS.get(unit, unit), is_difference)


class Called:
    """What people call the things that there are figures of."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        rules = desk.rules.project
        marks = stage_marks(rules)
        self._journeys = journey_labels(rules)
        self._guides = {name: label_of(node) for name, node in rules.guides.items()}
        self._steps = {
            f"{name}.{step}": (label, step_marks(rules, name)[step])
            for name, journey in rules.journeys.items()
            for step, label in step_labels(journey).items()
        }
        self._stages = {
            f"{name}.{stage.name.text}": marks[stage.name.text]
            for name, journey in rules.journeys.items()
            for stage in journey.stages
        }

    def name(self, of: Of, text: str) -> tuple[str, StageMark | None]:
        """What something is called, with the mark of its stage."""
        match of:
            case Of.STEP:
                return self._steps.get(text, (text, None))
            case Of.STAGE:
                mark = self._stages.get(text)
                return (text, None) if mark is None else (mark.label, mark)
            case Of.JOURNEY:
                return self._journeys.get(text, text), None
            case Of.SURVEY:
                return self._guides.get(text, text), None
            case Of.QUESTION:
                survey, _, question = text.rpartition(".")
                return f"{self._guides.get(survey, survey)}, {question}", None
            case _:
                return text, None


def _told(figure: Figure, kpi: Kpi, called: Called) -> Told:
    unit, is_difference = kpi.unit, figure.name in ASSOCIATIONS
    ends = figure.interval
    interval = ""
    if ends is not None:
        low, high = (in_unit(end, unit, is_difference=is_difference) for end in (ends.low, ends.high))
        interval = f"{low} to {high}"
    link = called.desk.here(kpi=figure.name.value, of=figure.of, mark=figure.mark, format=None) + "#trend"
    of, mark = called.name(kpi.of, figure.of)
    return Told(figure, of, mark, in_unit(figure.value, unit, is_difference=is_difference), interval, link)


def note_of(figure: Figure) -> str:
    """What has to be said with a figure."""
    if figure.name is Name.TIME_TO_VALUE and figure.value is None and figure.note is None:
        return "fewer than half have come to it"
    return figure.note or ""


def _period(desk: Desk, dates: Days | None) -> str:
    return PERIODS.get(desk.said.get("days", ""), "of all that was recorded") if dates is None else dates.words


def _sentence(found: Figures, desk: Desk, period: str, *, is_associations: bool) -> str:
    who = f" of {desk.personas[desk.persona]}" if desk.persona else ""
    if is_associations:
        clear = [each for each in found.figures if each.interval is not None and _is_clear(each.interval)]
        return (
            f"How people who stood at a step came back, and paid, by what they met there{who}, {period}: {len(clear)} "
            f"of {len(found.figures)} differences are clear. Each is an association, not a cause."
        )
    known = sum(each.value is not None for each in found.figures)
    return f"{known} of {len(found.figures)} figures can be told{who}, {period}."


def _is_clear(interval: Interval) -> bool:
    return interval.low > 0 or interval.high < 0


def _since(desk: Desk) -> Instant | None:
    days = said_of(desk, "days", PERIODS)
    return None if days is None else back(Duration(int(days) * DAY), desk.rules.now)


def _which(desk: Desk) -> Which | None:
    """The figure whose weeks are asked for."""
    name = said_of(desk, "kpi", [each.value for each in Name])
    of = desk.said.get("of")
    return None if name is None or not of else Which(Name(name), of, desk.said.get("mark") or None)


def _tabs(desk: Desk, is_associations: bool) -> list[dict[str, Any]]:
    plain = desk.here(view=None, kpi=None, of=None, mark=None)
    steps = desk.here(view="steps", kpi=None, of=None, mark=None)
    return [
        {"label": "Figures", "href": plain, "current": not is_associations},
        {"label": "Steps beside retention and revenue", "href": steps, "current": is_associations},
    ]


def _trend_label(which: Which, desk: Desk) -> str:
    kpi = KPIS[which.name]
    mark = f", {which.mark}" if which.mark else ""
    return f"{kpi.label}, {Called(desk).name(kpi.of, which.of)[0]}{mark}"


def _weeks(desk: Desk, which: Which, asked: FiguresAsked) -> Response:
    """The part of the page with a figure week by week, or its file."""
    if desk.said.get("format") == "csv":
        found = trend(desk.analyst, desk.project.id, which, asked, desk.rules)
        return as_file(_trend_rows(found), list(TREND_COLUMNS), "csv", name=f"{which.name.value}-by-week")
    return send(render_template("kpi_weeks.html", desk=desk, **_by_week(desk, which, asked)))


def _by_week(desk: Desk, which: Which, asked: FiguresAsked) -> dict[str, Any]:
    """A figure week by week, with what happened meanwhile; or why it cannot be told."""
    kpi, marks, called = KPIS[which.name], all_marks(desk), Called(desk)
    try:
        found, refused = trend(desk.analyst, desk.project.id, which, asked, desk.rules), None
    except WaypostError as error:
        found, refused = (), str(error)
    weeks = [_week(each) for each in found]
    listed = zip(weeks, found, strict=True)
    return {
        "refused": refused,
        "label": _trend_label(which, desk),
        "rows": [(week, None if each.figure is None else _told(each.figure, kpi, called)) for week, each in listed],
        "chart": chart(found, weeks, which.name, marks),
        "marks": within(marks, weeks),
        "told": _trend_told(found),
    }


def _week(each: WeekOfFigure) -> str:
    return to_datetime(each.period.since).date().isoformat()


def chart(
    found: Sequence[WeekOfFigure], weeks: Sequence[str], name: Name, marks: Sequence[CurveMark]
) -> dict[str, Any]:
    """A figure over the weeks for the chart, with its interval as a band; lengths of time in hours."""
    kpi = KPIS[name]
    told = [each.figure for each in found]
    ends = [None if each is None else each.interval for each in told]
    size = HOUR / SECOND if kpi.unit == "seconds" else 1
    units = {"share": "points" if name in ASSOCIATIONS else "share", "seconds": "hours"}
    return {
        "kind": "overtime",
        "unit": units.get(kpi.unit, "plain"),
        "name": kpi.label + (", hours" if kpi.unit == "seconds" else ""),
        "days": list(weeks),
        "value": [None if each is None or each.value is None else each.value / size for each in told],
        "counts": ["" if each is None else f"n = {each.n:,}" for each in told],
        "bands": [
            {
                "name": "95 %",
                "low": [None if each is None else each.low / size for each in ends],
                "high": [None if each is None else each.high / size for each in ends],
            }
        ],
        "marks": on_days(marks, weeks),
    }


def _trend_rows(found: Sequence[WeekOfFigure]) -> list[dict[str, Any]]:
    rows = []
    for each in found:
        figure = each.figure
        ends = None if figure is None else figure.interval
        values = (
            _week(each),
            None if figure is None else figure.value,
            None if ends is None else ends.low,
            None if ends is None else ends.high,
            0 if figure is None else figure.n,
        )
        rows.append(dict(zip(TREND_COLUMNS, values, strict=True)))
    return rows


def _trend_told(found: Sequence[WeekOfFigure]) -> str:
    known = [each for each in found if each.figure is not None and each.figure.value is not None]
    if not known:
        return "No full week has enough people to tell."
    return f"{len(known)} of {len(found)} full weeks can be told, from the one of {_week(known[0])} on."


PAGE = Page(
    "kpis",
    "kpis",
    "KPIs",
    "The figures of the product, and what each means.",
    Group.PLAN,
    Scope.RECORDS_READ,
    view,
    key="k",
    shareable=True,
)
