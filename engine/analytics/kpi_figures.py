"""The figures of a product, counted: expressions over the events of a period, and what is made of their counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dsl.values import DAY, SECOND, Duration, Instant
from engine.analytics import scores
from engine.analytics.comparing import Difference, Moments, Share, mean_difference
from engine.analytics.distributions import student_quantile
from engine.analytics.history import History, numbers_table
from engine.analytics.intervals import Interval
from engine.analytics.kpis import Figure, Name
from engine.analytics.survival import Watched, median
from engine.analytics.wheres import StepEvent, json_text, marked
from engine.events import GuideEvent

if TYPE_CHECKING:
    import ibis

ACTIVATED_WITHIN: Final = Duration(7 * DAY)
RETENTION_DAYS: Final = (1, 7, 30)
RETENTION_BRACKETS: Final = ((1, 7), (7, 14), (14, 30), (30, 60))
"""Days after the first; the second of each is not in it."""
KEPT: Final = (7, 14)
"""The bracket that steps are compared by."""
_FINE: Final = 10_000
"""Parts of an amount: so every engine adds them up alike."""


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until) in which things happened; until is at most now."""

    since: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class JourneyAsked:
    """A journey: what reaches and what attempts each step, and how long a smooth user needs.

    stages: name, and the numbers of its first and last step. outcome: what ends it. asking: guides that ask and help
    nobody.
    """

    name: str
    steps: tuple[str, ...]
    reached: tuple[tuple[StepEvent, ...], ...]
    attempted: tuple[tuple[StepEvent, ...], ...]
    expected: tuple[Duration | None, ...]
    stages: tuple[tuple[str, int, int], ...]
    outcome: tuple[StepEvent, ...]
    gives_up: Duration
    asking: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Revenue:
    """The event and the number of it that is paid."""

    event: str
    number: str

    def __str__(self) -> str:
        return f"{self.event}.{self.number}"


def is_own(events: ibis.Table) -> Any:
    """True for what makes a day an active one: tracked events without `$`, and views of pages and screens."""
    return ((events.kind == "track") & ~events.name.startswith("$")) | events.kind.isin(["page", "screen"])


def survey_figures(history: History, period: Period, questions: Mapping[tuple[str, str], str]) -> Iterator[Figure]:
    """Scores of questions, and how many answer. questions: survey and question, to the question's type."""
    events, text = _in(history, period), json_text()
    told = events.filter(events.name == GuideEvent.ANSWERED.value)
    told = told.select(
        "person",
        "time",
        "seq",
        survey=text(told.properties, "$.guide"),
        question=text(told.properties, "$.question"),
        value=text(told.properties, "$.value"),
        submission=text(told.properties, "$.submission"),
    )
    told = told.filter(told.question.isin(sorted({question for _, question in questions})))
    told = told.mutate(place=_latest(told))
    told = told.filter(told.place == 0)
    counted = told.group_by("survey", "question", "value").agg(answers=told.count())
    answers: dict[tuple[str, str], list[float]] = {}
    for row in history.engine.rows(counted):
        key, value = (row["survey"], row["question"]), _number(row["value"])
        if key in questions and value is not None:
            answers.setdefault(key, []).extend([value] * row["answers"])
    for key, given in sorted(answers.items()):
        for make in scores.SCORES.get(questions[key], ()):
            score = make(given)
            if score.name in {name.value for name in Name}:
                yield Figure(Name(score.name), ".".join(key), score.value, score.interval, score.n, score.count)


def rate_figures(history: History, period: Period, surveys: Sequence[str]) -> Iterator[Figure]:
    """How many answer of those who were shown a survey, and come to its end of those who began."""
    events, names = _in(history, period), GuideEvent
    wanted = (names.SHOWN, names.STARTED, names.ANSWERED, names.COMPLETED)
    told = events.filter(events.name.isin([each.value for each in wanted]))
    told = told.mutate(survey=json_text()(told.properties, "$.guide"))
    told = told.filter(told.survey.isin(sorted(surveys)))

    def first(*kinds: GuideEvent) -> Any:
        return told.time.min(where=told.name.isin([each.value for each in kinds]))

    def last(kind: GuideEvent) -> Any:
        return told.time.max(where=told.name == kind.value)

    each = told.group_by("survey", "person").agg(
        shown=first(names.SHOWN),
        answered=last(names.ANSWERED),
        began=first(names.STARTED, names.ANSWERED),
        ended=last(names.COMPLETED),
    )
    is_answered = (each.answered >= each.shown).fill_null(False)
    is_ended = (each.ended >= each.began).fill_null(False)
    counted = each.group_by("survey").agg(
        shown=each.shown.count(),
        answered=is_answered.cast("int64").sum(),
        began=each.began.count(),
        ended=is_ended.cast("int64").sum(),
    )
    for row in sorted(history.engine.rows(counted), key=lambda one: one["survey"]):
        yield _share(Name.RESPONSE_RATE, row["survey"], Share(row["answered"], row["shown"]))
        yield _share(Name.COMPLETION_RATE, row["survey"], Share(row["ended"], row["began"]))


def adoption_figures(
    history: History,
    period: Period,
    features: Mapping[str, Sequence[StepEvent]],
    audiences: Mapping[str, frozenset[int] | None],
) -> Iterator[Figure]:
    """How many use each feature of those for whom it is. audiences: the numbers of people; None for everybody."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    events = _in(history, period)
    active = events.filter(is_own(events)).select(member="person").distinct()
    groups = {f"used_{number}": used_by for number, used_by in enumerate(features.values())}
    named = events.filter(events.name.isin(sorted({each.name for used_by in groups.values() for each in used_by})))
    used = marked(named, groups, history.engine, only=["person"])
    users = used.group_by("person").agg(**{name: ibis.ifelse(used[name], 1, 0).max() for name in groups})
    people = active.left_join(users, active.member == users.person).drop("person").rename(person="member")
    # The events are read twice, however many features there are.
    with history.engine.kept(people) as people:
        for name, group in zip(features, groups, strict=True):
            audience = audiences[name]
            eligible = people if audience is None else people.semi_join(numbers_table(audience), "person")
            (row,) = history.engine.rows(eligible.agg(n=eligible.count(), count=eligible[group].sum()))
            yield _share(Name.ADOPTION, name, Share(row["count"] or 0, row["n"]))


def newcomers(history: History, period: Period, revenue: Revenue | None) -> ibis.Table:
    """One row a person with an own event until the end: `who`, `first`, `last`, `is_new`, `paid`, and retention.

    on_N, in_N: active on the N-th day, on any day of the N-th bracket. paid: in parts, in the period.
    """
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    events = history.events
    own = events.filter(is_own(events) & (events.time < period.until))
    own = own.mutate(day=_day(own.time))
    begun = own.group_by("person").agg(first=own.time.min(), last=own.time.max())
    begun = begun.select(who="person", first="first", last="last", begun=_day(begun["first"]))
    own = own.mutate(amount=ibis.null("int64") if revenue is None else _amount(own, revenue, period))
    joined = own.select("person", "day", "amount", "time").join(begun, own.person == begun.who)
    after = joined.day - joined.begun

    def was_active(test: Any) -> Any:
        return ibis.ifelse(test, 1, 0).max()

    found = {f"on_{n}": was_active(after == n) for n in RETENTION_DAYS}
    found |= {
        f"in_{n}": was_active((after >= low) & (after < high)) for n, (low, high) in enumerate(RETENTION_BRACKETS)
    }
    in_period = joined.time >= period.since
    found |= {"paid": joined.amount.sum(), "is_active": was_active(in_period)}
    told = joined.group_by("who", "first", "last", "begun").agg(**found)
    return told.mutate(is_new=told["first"] >= period.since)


def retention_figures(history: History, people: ibis.Table, period: Period) -> Iterator[Figure]:
    """How many new people come back."""
    today = period.until // DAY
    new, columns = people.filter(people.is_new), {}
    spans = {f"on_{n}": n + 1 for n in RETENTION_DAYS}
    spans |= {f"in_{n}": high for n, (_, high) in enumerate(RETENTION_BRACKETS)}
    for name, days in spans.items():
        is_over = new.begun + days <= today
        columns[f"n_{name}"] = is_over.cast("int64").sum()
        columns[f"c_{name}"] = (is_over & (new[name] == 1)).cast("int64").sum()
    (row,) = history.engine.rows(new.agg(**columns))
    for n in RETENTION_DAYS:
        yield _share(Name.RETENTION_DAY, f"day {n}", Share(row[f"c_on_{n}"] or 0, row[f"n_on_{n}"] or 0))
    for n, (low, high) in enumerate(RETENTION_BRACKETS):
        share = Share(row[f"c_in_{n}"] or 0, row[f"n_in_{n}"] or 0)
        yield _share(Name.RETENTION_BRACKET, f"days {low} to {high - 1}", share)


def revenue_figures(history: History, people: ibis.Table, revenue: Revenue) -> Iterator[Figure]:
    """What people pay on average."""
    active = people.filter(people.is_active == 1)
    paid = active.paid.fill_null(0)
    (row,) = history.engine.rows(active.agg(n=active.count(), **amount_sums("all", paid, None)))
    moments = _moments(row, "all", row["n"])
    yield Figure(Name.REVENUE, str(revenue), moments.mean, _mean_interval(moments), moments.n)


def value_figures(history: History, journey: ibis.Table, asked: JourneyAsked, period: Period) -> Iterator[Figure]:
    """Time to value and activation. journey: of `engine.analytics.kpi_journeys.people_of`."""
    import ibis  # noqa: PLC0415

    new = journey.filter(journey.is_new)
    has_come = (new.outcome < period.until).fill_null(False)
    until = ibis.ifelse(has_come, new.outcome, period.until)
    lasted = ((until - new["first"]) / SECOND).floor().cast("int64")
    each = new.mutate(lasted=lasted, has_come=has_come)
    by_length = each.group_by("lasted").agg(
        came=each.has_come.cast("int64").sum(), away=(~each.has_come).cast("int64").sum()
    )
    watched = [Watched(row["lasted"], row["came"], row["away"]) for row in history.engine.rows(by_length)]
    found = median(watched)
    interval = None if found.low is None or found.high is None else Interval(found.low, found.high)
    value = None if found.value is None else float(found.value)
    yield Figure(Name.TIME_TO_VALUE, asked.name, value, interval, found.n, found.came)
    is_over = new["first"] + ACTIVATED_WITHIN <= period.until
    in_time = is_over & (new.outcome <= new["first"] + ACTIVATED_WITHIN).fill_null(False)
    (row,) = history.engine.rows(new.agg(n=is_over.cast("int64").sum(), count=in_time.cast("int64").sum()))
    yield _share(Name.ACTIVATION, asked.name, Share(row["count"] or 0, row["n"] or 0))


def association(name: Name, step: str, mark: str, row: Mapping[str, Any], key: str) -> Figure:
    """Those with a mark against those without, from the counts of `engine.analytics.kpi_journeys`."""
    if name is Name.STEP_RETENTION:
        shares = [Share(row[f"c_{key}_{side}"] or 0, row[f"n_{key}_{side}"] or 0) for side in ("with", "without")]
        difference = Difference(*shares)
        both = Share(*(sum(part) for part in zip(*((each.count, each.n) for each in shares), strict=True)))
        return Figure(name, step, difference.value, difference.fixed, both.n, both.count, mark)
    one, other = (_moments(row, f"{key}_{side}", row[f"p_{key}_{side}"] or 0) for side in ("with", "without"))
    value = None if one.mean is None or other.mean is None else one.mean - other.mean
    return Figure(name, step, value, mean_difference(one, other), one.n + other.n, mark=mark)


def _in(history: History, period: Period) -> ibis.Table:
    events = history.events
    return events.filter((events.time >= period.since) & (events.time < period.until))


def _latest(told: ibis.Table) -> Any:
    """0 for the latest answer to a question of a submission; without one each answer is its own."""
    import ibis  # noqa: PLC0415

    own = ibis.coalesce(told.submission, ibis.literal("seq ") + told.seq.cast("string"))
    order = [ibis.desc("time"), ibis.desc("seq")]
    return ibis.row_number().over(ibis.window(group_by=["person", "survey", "question", own], order_by=order))


def _day(time: Any) -> Any:
    return (time / DAY).floor().cast("int64")


def _amount(events: ibis.Table, revenue: Revenue, period: Period) -> Any:
    """What an event pays, in parts: null for others, and for what is no number."""
    import ibis  # noqa: PLC0415

    pays = (events.name == revenue.event) & (events.time >= period.since)
    text = json_text()(ibis.ifelse(pays, events.properties, ibis.null("string")), f"$.{revenue.number}")
    is_number = text.re_search(r"^-?[0-9]{1,12}(\.[0-9]+)?$")
    number = ibis.ifelse(is_number, text, ibis.null("string")).cast("float64")
    return (number * _FINE).round().cast("int64")


def amount_sums(name: str, paid: Any, among: Any) -> dict[str, Any]:
    """The sums of amounts and of their squares, among some."""
    own = paid if among is None else paid * among.cast("int64")
    return {f"sum_{name}": own.sum(), f"squares_{name}": (own.cast("float64") * own.cast("float64")).sum()}


def _moments(row: Mapping[str, Any], name: str, n: int) -> Moments:
    return Moments(n, float(row[f"sum_{name}"] or 0) / _FINE, float(row[f"squares_{name}"] or 0) / (_FINE * _FINE))


def _mean_interval(moments: Moments) -> Interval | None:
    """Student's t interval of a mean from its sums."""
    if moments.mean is None:
        return None
    half = student_quantile(0.975, moments.n - 1) * (moments.variance / moments.n) ** 0.5
    return Interval(moments.mean - half, moments.mean + half)


def _share(name: Name, of: str, share: Share) -> Figure:
    return Figure(name, of, share.value, share.interval, share.n, share.count)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
