"""What people said at the steps of a journey: the answers, who kept silent, what is written of most, what disagrees.

The door of `engine.analytics.silence`, `terms` and `disagreements`; that of the figures is `engine.step_records`.
Writes one thing: how somebody has read a disagreement.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.engine import Connection

from dsl.feelings import FEELINGS
from dsl.nodes import Question as AskedQuestion
from dsl.project import RuleProject
from dsl.values import DAY, Duration, Instant
from engine.analyst import Analyst, UsersBehind
from engine.analytics.disagreements import Disagreement, QuestionOf, Reading, Verdict, disagreements, read_id
from engine.analytics.heard import Heard
from engine.analytics.history import History
from engine.analytics.kpi_figures import Period
from engine.analytics.population import Kind
from engine.analytics.silence import Reach, reach, silent_users
from engine.analytics.terms import MOST_TERMS, Term, Text, frequent_terms
from engine.errors import UnknownGuide, UnknownStep, WaypostError
from engine.membership import RulesNow
from engine.step_records import By, Question, RecordsAsked, kept, question_of
from engine.storage import readings, versions
from engine.storage.records import guides_at
from engine.storage.surveys import versions_of_project
from engine.survey_versions import questions_of

TERMS_PERIOD: Final = Duration(28 * DAY)
"""How far back terms are looked for, unless said otherwise; the period before is as long."""
LONGEST_NOTE: Final = 5_000
"""Characters of a note."""
_PUBLICATIONS: Final = 10_000


class UnknownDisagreement(WaypostError):
    """No score and text of this journey disagree under this id: a newer answer may have taken their place."""

    code = "unknown_disagreement"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"no score and text of this journey disagree under the id `{text[:80]}`: a newer answer may have taken "
            "their place; ask for the list again"
        )


class BadReading(WaypostError):
    """What was made of a disagreement cannot be kept."""

    code = "bad_reading"


@dataclass(frozen=True, slots=True)
class AnswersAsked:
    """What is asked of what people said: at one step, to one survey, or at all steps to all of them.

    by, since, until, where: see `engine.step_records.RecordsAsked`.
    """

    journey: str
    step: str | None = None
    survey: str | None = None
    by: By | None = None
    since: Instant | None = None
    until: Instant | None = None
    where: str | None = None
    everyone: bool = False
    with_simulated: bool = False

    @property
    def of_records(self) -> RecordsAsked:
        """The same of everything that was said at the journey."""
        return RecordsAsked(
            self.journey, self.by, self.since, self.until, self.where, self.everyone, self.with_simulated
        )


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. number: of its event in the log; newer ones are higher.

    type, asked: of the question as it was asked then; None where nobody knows it any more. score: where the answer is a
    number. choices: the ids of those chosen. text: in the user's own words. inferred: the feeling was read from words.
    survey_version: of the survey's questions. rules_version: that was in force then; None before the first.
    """

    number: int
    journey: str
    step: str
    survey: str
    question: str
    type: str | None
    asked: str | None
    score: float | None
    choices: tuple[str, ...]
    text: str | None
    feeling: str | None
    valence: float | None
    inferred: bool
    language: str | None
    device: str | None
    survey_version: int
    rules_version: int | None
    submission: str
    user: str | None
    time: Instant


@dataclass(frozen=True, slots=True)
class Responses:
    """A page of answers, the newest first. total: on all pages. next: `before` of the page after; None at the end."""

    responses: tuple[Said, ...]
    total: int
    next: int | None
    left_out: tuple[Kind, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Asked:
    """To whom surveys were shown, and who answered, survey by survey."""

    surveys: tuple[Reach, ...]
    period: Period
    left_out: tuple[Kind, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What people write of most. texts, texts_before: how many there are in the period, and in the one before."""

    terms: tuple[Term, ...]
    texts: int
    texts_before: int
    period: Period
    before: Period
    left_out: tuple[Kind, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Disagreements:
    """Scores and texts that say opposite things, the widest apart first. unread: how many nobody has read yet."""

    disagreements: tuple[Disagreement, ...]
    unread: int
    total: int
    left_out: tuple[Kind, ...]
    version: int


Whose = tuple[tuple[Kind, ...], int]
"""Who was left out, and the version of the data."""


def whose(history: History) -> Whose:
    """What every answer says of the history that it is of."""
    return history.left_out, history.version


def responses(
    analyst: Analyst,
    project_id: int,
    asked: AnswersAsked,
    rules: RulesNow,
    *,
    before: int | None = None,
    limit: int = 100,
) -> Responses:
    """The answers, the newest first, after the one with the number `before`.

    Raises UnknownJourney, UnknownStep, UnknownGuide, BadPeriod, BadCondition, NothingRecorded.
    """
    question = _question(analyst, project_id, replace(asked, by=None), rules)

    def answer(history: History) -> tuple[tuple[Said, ...], Whose]:
        with analyst.database.reading() as connection:
            question_at = questions_at(connection, project_id, rules.project)
            published = versions.versions_of(connection, project_id, limit=_PUBLICATIONS)
        in_force = sorted((each.published, each.version) for each in published)
        told = sorted(_chosen(question.heard(history), asked), key=lambda each: -each.seq)
        return tuple(_said(asked.journey, each, question_at, in_force) for each in told), whose(history)

    everything, (left_out, version) = kept(f"responses of {asked.step} to {asked.survey}", question, answer)
    page = [each for each in everything if before is None or each.number < before][: limit + 1]
    following = page[limit - 1].number if len(page) > limit else None
    return Responses(tuple(page[:limit]), len(everything), following, left_out, version)


def asked_and_answered(analyst: Analyst, project_id: int, asked: AnswersAsked, rules: RulesNow) -> Asked:
    """To how many the surveys of a step, or of the journey, were shown, and how many answered.

    Raises what `responses` does, and BadBreakdown.
    """
    question = _question(analyst, project_id, asked, rules)
    surveys = surveys_at(rules.project, asked)

    def answer(history: History) -> Asked:
        walk = question.walk()
        found = reach(history, surveys, question.period, span=walk.span, grouping=walk.grouping)
        return Asked(found, question.period, history.left_out, history.version)

    return kept(f"asked at {asked.step} by {asked.survey}", question, answer)


def silent(
    analyst: Analyst, project_id: int, asked: AnswersAsked, rules: RulesNow, *, after: str = "", limit: int = 100
) -> UsersBehind:
    """Who was asked and answered nothing: their ids, in order, a page at a time. Raises what `responses` does."""
    question = _question(analyst, project_id, replace(asked, by=None), rules)
    surveys = surveys_at(rules.project, asked)

    def answer(history: History) -> UsersBehind:
        found = silent_users(history, surveys, question.period, after=after, limit=limit + 1)
        return UsersBehind.page(found, limit)

    return kept(f"silent at {asked.step} to {asked.survey} after {after!r} of {limit}", question, answer)


def terms(analyst: Analyst, project_id: int, asked: AnswersAsked, rules: RulesNow, *, limit: int = MOST_TERMS) -> Terms:
    """What people write of most in a period, beside the one before, which is as long.

    Without `since` the period is TERMS_PERIOD long. Raises what `responses` does.
    """
    until = Instant(rules.now + 1) if asked.until is None else Instant(min(asked.until, rules.now + 1))
    since = Instant(until - TERMS_PERIOD) if asked.since is None else asked.since
    now, before = Period(since, until), Period(Instant(2 * since - until), since)
    question = _question(analyst, project_id, replace(asked, by=None, since=since, until=until), rules)
    # Kept by what was asked: the instant until which is another one at every call.
    question = replace(question, asked=replace(asked, by=None).of_records, period=Period(before.since, until))

    def answer(history: History) -> Terms:
        told = [each.given for each in _chosen(question.heard(history), asked) if (each.given.text or "").strip()]
        texts, earlier = (
            [Text(each.text or "", each.language) for each in told if period.since <= each.time < period.until]
            for period in (now, before)
        )
        found = frequent_terms(texts, earlier, limit=limit)
        return Terms(found, len(texts), len(earlier), now, before, history.left_out, history.version)

    return kept(f"terms at {asked.step} of {asked.survey}, {limit}", question, answer)


def disagreeing(
    analyst: Analyst, project_id: int, asked: AnswersAsked, rules: RulesNow, *, is_read: bool | None = None
) -> Disagreements:
    """Scores and texts that say opposite things. is_read: only those that somebody has read, or has not.

    Raises what `responses` does.
    """
    found, (left_out, version) = _disagreements(analyst, project_id, asked, rules)
    with analyst.database.reading() as connection:
        known = readings.readings(connection, project_id)
    told = [replace(each, reading=known.get(_pair(each.id))) for each in found]
    chosen = [each for each in told if is_read is None or (each.reading is not None) is is_read]
    unread = sum(each.reading is None for each in told)
    return Disagreements(tuple(chosen), unread, len(told), left_out, version)


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody makes of a disagreement. feeling: what the words name, one of `dsl.feelings`. Raises BadReading."""

    verdict: Verdict
    feeling: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.feeling is not None and self.feeling not in FEELINGS:
            known = ", ".join(f"`{name}`" for name in FEELINGS)
            raise BadReading(f"`{self.feeling[:80]}` is no feeling; there are: {known}")
        if len(self.note) > LONGEST_NOTE:
            raise BadReading(f"a note has at most {LONGEST_NOTE:,} characters")


def read_disagreement(
    analyst: Analyst,
    project_id: int,
    rules: RulesNow,
    journey: str,
    id_: str,
    *,
    found: Found | None,
    by: str,
) -> Disagreement:
    """Say how a disagreement is to be read; None puts it back among those that nobody has read.

    Raises UnknownJourney, UnknownDisagreement, NothingRecorded.
    """
    everything, _ = _disagreements(analyst, project_id, AnswersAsked(journey, everyone=True), rules)
    meant, pair = next((each for each in everything if each.id == id_), None), read_id(id_)
    if meant is None or pair is None:
        raise UnknownDisagreement(id_)
    reading = None if found is None else Reading(found.verdict, found.feeling, found.note.strip(), by, rules.now)
    with analyst.database.writing() as connection:
        if reading is None:
            readings.forget(connection, project_id, pair)
        else:
            readings.keep(connection, project_id, pair, reading, person_id=meant.person)
    return replace(meant, reading=reading)


def surveys_at(rules: RuleProject, asked: AnswersAsked) -> tuple[str, ...]:
    """The surveys that belong to a step, or to any of the journey; of these the one asked for. Raises UnknownGuide."""
    journey = rules.journeys[asked.journey]
    steps = [asked.step] if asked.step is not None else [each.name.text for each in journey.steps]
    found = dict.fromkeys(
        guide.name.text for step in steps for guide in guides_at(rules, asked.journey, step) if questions_of(guide)
    )
    if asked.survey is None:
        return tuple(found)
    if asked.survey not in found:
        raise UnknownGuide(asked.survey, list(found))
    return (asked.survey,)


def questions_at(connection: Connection, project_id: int, rules: RuleProject) -> QuestionOf:
    """How to find a question as it was asked in a version of its survey."""
    known = versions_of_project(connection, project_id)

    def question_of_version(survey: str, name: str, version: int) -> AskedQuestion | None:
        asked: Mapping[str, AskedQuestion] = {}
        for each in known.get(survey, ()):
            asked = each.questions if each.version == version else asked
        if not asked and survey in rules.guides:
            asked = questions_of(rules.guides[survey])
        return asked.get(name)

    return question_of_version


def _question(analyst: Analyst, project_id: int, asked: AnswersAsked, rules: RulesNow) -> Question:
    question = question_of(analyst, project_id, asked.of_records, rules)
    names = [each.step for each in question.steps]
    if asked.step is not None and asked.step not in names:
        raise UnknownStep(asked.journey, asked.step, names)
    return question


def _chosen(told: Sequence[Heard], asked: AnswersAsked) -> list[Heard]:
    return [each for each in told if asked.step in (None, each.step) and asked.survey in (None, each.given.guide)]


def _said(journey: str, each: Heard, question_at: QuestionOf, in_force: Sequence[tuple[Instant, int]]) -> Said:
    given = each.given
    question = question_at(given.guide, given.question, given.survey_version)
    value = given.value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    keys = set() if question is None else {choice.key for choice in question.choices} | {"other"}
    chosen = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one in keys]
    place = bisect_right(in_force, (given.time, 2**31))
    return Said(
        number=each.seq,
        journey=journey,
        step=each.step,
        survey=given.guide,
        question=given.question,
        type=None if question is None else question.type,
        asked=None if question is None else question.text.value,
        score=float(value) if is_number and isinstance(value, int | float) else None,
        choices=tuple(chosen) if question is not None and question.choices else (),
        text=given.text,
        feeling=given.feeling,
        valence=given.valence,
        inferred=given.inferred,
        language=given.language,
        device=each.device,
        survey_version=given.survey_version,
        rules_version=in_force[place - 1][1] if place else None,
        submission=given.submission,
        user=each.user,
        time=given.time,
    )


def _disagreements(
    analyst: Analyst, project_id: int, asked: AnswersAsked, rules: RulesNow
) -> tuple[tuple[Disagreement, ...], Whose]:
    question = _question(analyst, project_id, replace(asked, by=None), rules)

    def answer(history: History) -> tuple[tuple[Disagreement, ...], Whose]:
        with analyst.database.reading() as connection:
            question_at = questions_at(connection, project_id, rules.project)
        told = _chosen(question.heard(history), asked)
        return disagreements(asked.journey, told, question_at), whose(history)

    return kept(f"disagreements at {asked.step} of {asked.survey}", question, answer)


def _pair(id_: str) -> tuple[int, int]:
    return read_id(id_) or (0, 0)
