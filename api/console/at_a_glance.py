"""The parts of Home: what changed since last week, guides running, accounts that are stuck, things to do.

Each is asked for by the page when it stands: none keeps another waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from api.analyses import shared_analyst
from api.console.desk import Desk
from api.console.drawing import spoken
from api.console.linking import url_if
from api.console.verdicts import tone_of
from api.planning import cartographer
from dsl.codes.warnings import EXPIRED
from dsl.diagnostics import Severity
from dsl.labels import label_of
from dsl.nodes import GuideKind
from dsl.values import DAY, WEEK, Duration, Instant, format_instant, to_datetime
from engine.account_health import HealthAsked, NoOutcome, health
from engine.analytics.activity import Activity, activity
from engine.analytics.comparing import Difference, Share
from engine.analytics.curve import MarkKind
from engine.analytics.effect import Basis, Effect
from engine.analytics.effect_words import points, sentence
from engine.analytics.funnel_answer import FunnelAnswer
from engine.analytics.funnels import FunnelTooLong, FunnelTooShort
from engine.analytics.health import AccountHealth, Standing
from engine.analytics.history import History
from engine.analytics.releases import releases_of
from engine.effects import EffectAsked, NothingToMeasure, effect
from engine.errors import WaypostError
from engine.mapping.releases import stale_because
from engine.permissions import Scope
from engine.ruleset import CompiledGuide
from engine.step_alert_desk import StepAlertDesk
from engine.step_records import marks_of
from engine.survey_answers import SurveyAsked, SurveyReader, surveys

UNCOUNTABLE: Final = (FunnelTooShort, FunnelTooLong)
"""What is raised of a journey that is no funnel; the others are counted all the same."""
WINDOW: Final = Duration(7 * DAY)
"""How long a chain of a journey may take to count on Home."""
SOON: Final = Duration(14 * DAY)
"""Within which time a guide that ends is worth a word."""
LEAST_CHANGE: Final = 0.05
"""Points below which a change would be written as none."""
MOST_GUIDES: Final = 6
MOST_ACCOUNTS: Final = 5
MOST_TASKS: Final = 5
"""Of a kind; of more it is said how many there are."""


@dataclass(frozen=True, slots=True)
class News:
    """Something that changed, in words. tone: `good` or `bad` only where it is told apart from chance."""

    text: str
    where: str | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """A guide that is shown. effect: None where nothing is measured. shown: times in the last seven days."""

    name: str
    label: str
    shown: int
    effect: Effect | None
    where: str | None

    @property
    def told(self) -> str:
        """What may be said of its effect."""
        return (
            "Nothing is measured: it has neither a goal nor a step." if self.effect is None else sentence(self.effect)
        )

    @property
    def tone(self) -> str:
        """How the verdict is marked."""
        return "" if self.effect is None else tone_of(self.effect)

    @property
    def lift(self) -> str | None:
        """The difference in points with its interval, where somebody is held out and there are enough people."""
        if self.effect is None or self.effect.basis is Basis.BEFORE_AFTER:
            return None
        difference = self.effect.goal.difference
        if difference.value is None or difference.any_day is None:
            return None
        return f"{100 * difference.value:+.1f} points, {points(difference.any_day)}"


@dataclass(frozen=True, slots=True)
class Task:
    """One of the things to do. what: in a word or two. where: it is done."""

    what: str
    text: str
    where: str | None
    tone: str = ""


def week(desk: Desk) -> list[News]:
    """What changed since last week."""
    found = list(_journeys_changed(desk))
    told = _activity(desk)
    found.append(News(_counted("person was here", "people were here", told.people, told.people_before)))
    if told.answering or told.answering_before:
        words = _counted("person answered a survey", "people answered a survey", told.answering, told.answering_before)
        found.append(News(words, url_if(desk, "responses")))
    since = Instant(desk.rules.now - WEEK)
    for mark in marks_of(desk.analyst, desk.project.id, desk.rules):
        if mark.time > since:
            day = to_datetime(mark.time)
            if mark.kind is MarkKind.RELEASE:
                found.append(News(f"Release {mark.label} came on {day:%A}."))
            else:
                found.append(News(f"Rules version {mark.label} was published on {day:%A}.", url_if(desk, "versions")))
    return found


def ended_weeks(weekly: FunnelAnswer, now: Instant) -> list[Share]:
    """Those who came to the end, of each week whose people had their time: the last weeks are still open."""
    open_since = format_instant(Instant(now - WEEK - WINDOW))[:10]
    groups = sorted((weekly.groups or {}).items())
    return [Share(steps[-1].count, steps[0].count) for day, steps in groups if day <= open_since]


def _journeys_changed(desk: Desk) -> Iterator[News]:
    for name, journey in desk.rules.project.journeys.items():
        try:
            ended = ended_weeks(desk.funnel(name, breakdown="week", window=WINDOW), desk.rules.now)
        except UNCOUNTABLE:
            continue
        if len(ended) < 2:
            continue
        difference = Difference(ended[-1], ended[-2])
        where, label = url_if(desk, "find", journey=name), label_of(journey)
        if difference.value is None or difference.fixed is None:
            text = (
                f"“{label}”: {ended[-1].n:,} began in the last full week and {ended[-2].n:,} in the week before; that "
                "is too few to compare."
            )
            yield News(text, where)
            continue
        clear = difference.fixed.low > 0 or difference.fixed.high < 0
        change = abs(100 * difference.value)
        beside = f"{change:.1f} points {'more' if difference.value > 0 else 'less'} than in the week before"
        text = (
            f"“{label}”: of the {ended[-1].n:,} who began in the last full week {ended[-1].value:.0%} came to the end, "
            f"{beside if change >= LEAST_CHANGE else 'as in the week before'} ({points(difference.fixed)})"
        )
        tone = ("good" if difference.value > 0 else "bad") if clear else ""
        yield News(text + ("." if clear else "; that may be chance."), where, tone)


def _activity(desk: Desk) -> Activity:
    def answer(history: History) -> Activity:
        return activity(history, desk.rules.now)

    return desk.analyst.answer(
        desk.project.id,
        ("activity", desk.who),
        desk.rules,
        answer,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
        asks_now=True,
    )


def _counted(one: str, several: str, now: int, before: int) -> str:
    return f"{now:,} {one if now == 1 else several} in the last seven days, {before:,} in the seven before."


def guides(desk: Desk) -> tuple[list[Running], int]:
    """The guides that are shown now, the most shown first, and how many there are."""
    rules = desk.rules
    running = [
        each
        for each in rules.ruleset.guides
        if each.node.kind is GuideKind.GUIDE
        and not (each.is_paused or each.is_draft)
        and each.schedule.is_between(rules.now)
    ]
    shown = _activity(desk).shown
    running.sort(key=lambda each: (-shown.get(each.name, 0), each.name))
    return [_running(desk, each, shown.get(each.name, 0)) for each in running[:MOST_GUIDES]], len(running)


def _running(desk: Desk, guide: CompiledGuide, shown: int) -> Running:
    asked = EffectAsked(guide.name, everyone=desk.everyone, with_simulated=desk.with_simulated)
    found: Effect | None
    try:
        found = effect(desk.analyst, desk.project.id, asked, desk.rules)
    except NothingToMeasure:
        found = None
    where = url_if(desk, "experiments", guide=guide.name) or url_if(desk, "rules", q=guide.name)
    return Running(guide.name, label_of(guide.node), shown, found, where)


def stuck_accounts(desk: Desk) -> tuple[tuple[AccountHealth, ...], str | None]:
    """Accounts that are busy but stuck, the first few; or why nothing can be said of them."""
    asked = HealthAsked(
        standing=Standing.STUCK, limit=MOST_ACCOUNTS, everyone=desk.everyone, with_simulated=desk.with_simulated
    )
    try:
        return health(desk.analyst, desk.project.id, asked, desk.rules).accounts, None
    except NoOutcome as error:
        return (), str(error)


def tasks(desk: Desk) -> list[Task]:
    """The things to do, the most urgent first."""
    parts = {
        _alerts: "rules",
        _changed: "settings_alerts",
        _ending: "rules",
        _warnings: "rules",
        _disagreeing: "responses",
        _stale: "map",
    }
    return [task for part, page in parts.items() for task in _first(_asked(part(desk)), url_if(desk, page))]


def _asked(found: Iterator[Task]) -> Iterator[Task]:
    """One that cannot be answered says so, and keeps none of the others away."""
    try:
        yield from found
    except WaypostError as error:
        yield Task("cannot tell", spoken(str(error)), None)


def _first(found: Iterator[Task], where: str | None) -> list[Task]:
    """The first few of a kind, and how many more there are. where: all of them stand."""
    told = list(found)
    if len(told) <= MOST_TASKS:
        return told
    more = len(told) - MOST_TASKS
    return [*told[:MOST_TASKS], Task(told[MOST_TASKS].what, f"{more} more of this kind.", where)]


def _alerts(desk: Desk) -> Iterator[Task]:
    if not desk.may(Scope.RULES_READ):
        return
    publications = desk.service.publications
    if publications.is_stopped(desk.project.id):
        yield Task("stopped", "All guides are stopped: nobody is shown anything.", url_if(desk, "rules"), "bad")
    for each in publications.alerts(desk.project.id):
        yield Task("alert", spoken(each.message), _to_guide(desk, each.guide), "bad")


def _changed(desk: Desk) -> Iterator[Task]:
    """The figures of steps that are raised now."""
    alerts = StepAlertDesk(desk.service.database)
    watched = {each.id: each.watch for each in alerts.alerts(desk.project.id) if each.raised is not None}
    if not watched:
        return
    for each in alerts.history(desk.project.id, limit=2 * len(watched) + MOST_TASKS):
        if each.resolved is None and each.alert_id in watched:
            watch = watched[each.alert_id]
            where = url_if(desk, "find", journey=watch.journey, step=watch.step or "")
            yield Task("changed", spoken(each.said["message"]), where, "bad")


def _ending(desk: Desk) -> Iterator[Task]:
    now = desk.rules.now
    for each in sorted(desk.rules.ruleset.guides, key=lambda guide: guide.schedule.ends or 0):
        ends = each.schedule.ends
        if ends is None or ends > now + SOON or each.is_paused:
            continue
        day = to_datetime(Instant(ends - 1))
        label = label_of(each.node)
        where = _to_guide(desk, each.name)
        if ends <= now:
            told = f"“{label}” expired on {day.day} {day:%B %Y}: take it out, or renew it."
            yield Task("expired", told, where)
        else:
            yield Task("expires", f"“{label}” expires on {day.day} {day:%B}.", where)


def _warnings(desk: Desk) -> Iterator[Task]:
    if not desk.may(Scope.RULES_READ):
        return
    checked = desk.service.publications.check(desk.project.id, dict(desk.rules.project.sources))
    for each in checked.diagnostics:
        if each.severity is not Severity.WARNING or each.code == EXPIRED.id:
            continue
        where = url_if(desk, "rules", view="edit", file=each.span.file, line=each.span.line)
        told = f"{each.message} ({each.span.file}, line {each.span.line})"
        yield Task("warning", spoken(told), where)


def _disagreeing(desk: Desk) -> Iterator[Task]:
    for survey in surveys(desk.analyst, desk.project.id, desk.rules):
        if survey.latest is None:
            continue
        asked = SurveyAsked(survey.name, everyone=desk.everyone, with_simulated=desk.with_simulated)
        reader = SurveyReader(desk.analyst, desk.project.id, asked, desk.rules)
        unread = sum(each.reading is None for each in reader.disagreements())
        if unread:
            told = (
                f"{unread:,} answer{'' if unread == 1 else 's'} to “{survey.label}” whose score and words disagree "
                f"wait{'s' if unread == 1 else ''} to be read."
            )
            where = url_if(desk, "responses", survey=survey.name, tab="disagreeing", period="all")
            yield Task("disagrees", told, where)


def _stale(desk: Desk) -> Iterator[Task]:
    project, rules = desk.project.id, desk.rules
    # Of everybody, as maps read them: a release is told by a program, or by one of your own.
    released = shared_analyst().answer(project, "releases", rules, releases_of, everyone=True)
    if not released:
        return
    drawn = cartographer()
    for name, journey in rules.project.journeys.items():
        found = stale_because(released, journey, drawn.looks(project, rules, name))
        count = sum(bool(each) for each in found.values())
        if count:
            told = (
                f"The map of “{label_of(journey)}” has {count} step{'' if count == 1 else 's'} that a release touched "
                "since anybody looked."
            )
            yield Task("stale", told, url_if(desk, "map", journey=name, step=None, persona=None))


def _to_guide(desk: Desk, guide: str) -> str | None:
    return url_if(desk, "rules", view="edit", guide=guide)


def parts_of(desk: Desk) -> dict[str, Any]:
    """Which parts Home has, for whom: what each is called."""
    found = {"journeys": "Journeys", "tasks": "Things to do", "week": "Since last week", "guides": "Guides running"}
    if desk.may(Scope.PEOPLE_READ):
        found["accounts"] = "Busy but stuck"
    return found
