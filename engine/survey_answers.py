"""What people answered to one survey, at a step or at none: answers, figures, the ways through it, tags.

The door of `engine.analytics.survey_figures` and `survey_flow`; of a step with all its surveys it is
`engine.step_answers`. Writes one thing: the tags that people put on answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from dsl.labels import label_of
from dsl.nodes import Question
from dsl.project import RuleProject
from dsl.values import DAY, Duration, Instant
from engine.analyst import Analyst, UsersBehind
from engine.analytics.asked import PeopleWhere, personas_of
from engine.analytics.disagreements import Disagreement, QuestionOf, Reading, disagreements, read_id
from engine.analytics.heard import Heard, heard
from engine.analytics.history import History
from engine.analytics.kpi_figures import Period
from engine.analytics.population import Kind
from engine.analytics.records import QuestionRecord, SurveyQuestion, question_record
from engine.analytics.silence import Reach, reach, silent_users
from engine.analytics.survey_flow import Flow, flow_of
from engine.analytics.terms import Term, Text, frequent_terms
from engine.effects import NoSuchPersona
from engine.errors import WaypostError
from engine.evidence import MOST_TAGS
from engine.membership import RulesNow, members
from engine.step_answers import Found as Made
from engine.step_answers import UnknownDisagreement
from engine.storage import answer_tags, readings
from engine.storage.reading_tables import TAG_LENGTH
from engine.storage.records import answers_of_survey, surveys_answered
from engine.storage.surveys import versions_of_project
from engine.survey_versions import SurveyVersion, surveys_of

Found = TypeVar("Found")

TERMS_WITHIN: Final = Duration(28 * DAY)
"""How far back terms are looked for where everything is asked for; the period before is as long."""
MOST_TERMS: Final = 24


class UnknownResponse(WaypostError):
    """The project has no answer of this number: a newer one may have taken its place."""

    code = "unknown_response"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no answer {number} in this project: a newer one may have taken its place")


class BadTag(WaypostError):
    """A tag that cannot be put on an answer."""

    code = "bad_tag"


@dataclass(frozen=True, slots=True)
class SurveyAsked:
    """What is asked. step: `JOURNEY.STEP`. persona: only who is it now. The rest: the one switch."""

    survey: str
    step: str | None = None
    persona: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    everyone: bool = False
    with_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey that was published or answered. versions: of its questions, ascending; none where nobody knows them."""

    name: str
    label: str
    latest: Instant | None
    versions: tuple[SurveyVersion, ...]
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class SurveyAnswers:
    """The answers of those who count, the earliest first. Their step is `JOURNEY.STEP`, or blank."""

    told: tuple[Heard, ...]
    period: Period
    left_out: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class SurveyTerms:
    """What people write of most in a period, beside the one before. texts: how many there are in each."""

    terms: tuple[Term, ...]
    texts: int
    texts_before: int
    period: Period


class SurveyReader:
    """Reads one survey for one question; nothing is computed before it is asked for. Raises NoSuchPersona."""

    def __init__(self, analyst: Analyst, project_id: int, asked: SurveyAsked, rules: RulesNow) -> None:
        self._analyst = analyst
        self._project = project_id
        self._asked = asked
        self._rules = rules
        self._where: PeopleWhere | None = None
        if asked.persona is not None:
            persona = rules.project.segments.get(asked.persona)
            if persona is None:
                known = [name for name, each in rules.project.segments.items() if each.is_persona]
                raise NoSuchPersona(asked.persona, known)
            self._where = PeopleWhere(persona.where)

    @property
    def period(self) -> Period:
        """The period that is asked of: until now, where nothing else is said."""
        until = self._rules.now + 1 if self._asked.until is None else min(self._asked.until, self._rules.now + 1)
        since = 0 if self._asked.since is None else min(self._asked.since, until)
        return Period(Instant(since), Instant(until))

    def answers(self) -> SurveyAnswers:
        """What was answered in the period, at the step. Raises NothingRecorded."""
        everything, left_out = self._everything()
        period, step = self.period, self._asked.step
        told = tuple(
            each for each in everything if period.since <= each.given.time < period.until and step in (None, each.step)
        )
        return SurveyAnswers(told, period, left_out)

    def steps(self) -> tuple[str, ...]:
        """At which steps the survey was answered, in their order; blank for none."""
        everything, _ = self._everything()
        return tuple(sorted({each.step for each in everything}))

    def reach(self) -> Reach | None:
        """To how many it was shown in the period, and how many answered; None for nobody."""
        period = self.period

        def answer(history: History) -> tuple[Reach, ...]:
            return reach(history, [self._asked.survey], period)

        found: Sequence[Reach] = self._kept(("reach", self._named(period)), answer)
        return found[0] if found else None

    def silent(self, *, after: str = "", limit: int = 50) -> UsersBehind:
        """Who was asked in the period and answered nothing: their ids, a page at a time."""
        period = self.period

        def answer(history: History) -> UsersBehind:
            found = silent_users(history, [self._asked.survey], period, after=after, limit=limit + 1)
            return UsersBehind.page(found, limit)

        return self._kept(("silent", self._named(period), after, limit), answer)

    def flow(self) -> Flow | None:
        """The ways through it of those to whom it was shown in the period; None where the rules have it no longer."""
        period, questions = self.period, surveys_of(self._rules.project).get(self._asked.survey)
        if questions is None:
            return None

        def answer(history: History) -> Flow:
            return flow_of(history, self._asked.survey, questions, period)

        return self._kept(("flow", self._named(period)), answer)

    def personas(self) -> Mapping[str, frozenset[int]]:
        """Who is each persona now; nobody where none is declared."""
        conditions = personas_of(self._rules.project)
        if not conditions:
            return {}

        def answer(_: History) -> Mapping[str, frozenset[int]]:
            with self._analyst.database.reading() as connection:
                return members(connection, self._project, self._rules, conditions)

        return self._kept(("personas",), answer, asks_now=True)

    def terms(self) -> SurveyTerms:
        """What is written of most, beside the period before, which is as long."""
        everything, _ = self._everything()
        since, until = self.period.since, self.period.until
        if self._asked.since is None:
            since = Instant(until - TERMS_WITHIN)
        now, before = Period(since, until), Period(Instant(2 * since - until), since)
        step = self._asked.step
        written = [each.given for each in everything if (each.given.text or "").strip() and step in (None, each.step)]
        texts, earlier = (
            [Text(each.text or "", each.language) for each in written if period.since <= each.time < period.until]
            for period in (now, before)
        )
        return SurveyTerms(frequent_terms(texts, earlier, limit=MOST_TERMS), len(texts), len(earlier), now)

    def disagreements(self) -> tuple[Disagreement, ...]:
        """Answers in which the score says one thing and the words another, with how they were read; unread first."""
        with self._analyst.database.reading() as connection:
            question_at = questions_of_versions(versions_of_project(connection, self._project), self._rules.project)
            known = readings.readings(connection, self._project)
        found = disagreements("", self.answers().told, question_at)
        told = []
        for each in found:
            journey, _, step = each.step.rpartition(".")
            told.append(replace(each, journey=journey, step=step, reading=known.get(read_id(each.id) or (0, 0))))
        return tuple(sorted(told, key=lambda each: (each.reading is not None, -each.gap)))

    def _everything(self) -> tuple[tuple[Heard, ...], tuple[Kind, ...]]:
        survey = self._asked.survey

        def answer(history: History) -> tuple[tuple[Heard, ...], tuple[Kind, ...]]:
            with self._analyst.database.reading() as connection:
                stored = answers_of_survey(connection, self._project, survey)
            return heard(history, stored), history.left_out

        return self._kept(("survey", survey), answer)

    def _named(self, period: Period) -> tuple[str, Instant, Instant | None]:
        """What an answer is kept by: not the instant until which, where that is now."""
        return self._asked.survey, period.since, self._asked.until

    def _kept(self, key: tuple[object, ...], answer: Callable[[History], Found], *, asks_now: bool = False) -> Found:
        asked = self._asked
        return self._analyst.answer(
            self._project,
            (*key, asked.persona, asked.everyone, asked.with_simulated),
            self._rules,
            answer,
            everyone=asked.everyone,
            with_simulated=asked.with_simulated,
            where=self._where,
            asks_now=asks_now,
        )


def surveys(analyst: Analyst, project_id: int, rules: RulesNow) -> tuple[Survey, ...]:
    """The surveys of a project, the one that was answered last first; then those that nobody has answered, by name."""
    with analyst.database.reading() as connection:
        latest = surveys_answered(connection, project_id)
        known = versions_of_project(connection, project_id)
    declared = surveys_of(rules.project)
    found = []
    for name in {*latest, *declared}:
        guide = rules.project.guides.get(name)
        label = name if guide is None else label_of(guide)
        versions = known.get(name, ())
        if not versions and name in declared:
            versions = (SurveyVersion(1, Instant(0), declared[name]),)
        found.append(Survey(name, label, latest.get(name), versions, name in declared))
    return tuple(sorted(found, key=lambda each: (each.latest is None, -(each.latest or 0), each.name)))


def question_records(survey: Survey, answers: SurveyAnswers, asked: int | None) -> tuple[QuestionRecord, ...]:
    """The figures of each question, the latest version first. asked: to how many it was shown, of a single version."""
    given = [each.given for each in answers.told]
    return tuple(
        question_record(
            SurveyQuestion(survey.name, question, asked if len(survey.versions) == 1 else None, version.version), given
        )
        for version in reversed(survey.versions)
        for question in version.questions.values()
    )


def questions_of_versions(known: Mapping[str, Sequence[SurveyVersion]], rules: RuleProject) -> QuestionOf:
    """How to find a question as it was asked in a version of its survey."""
    declared = surveys_of(rules)

    def question_of(survey: str, name: str, version: int) -> Question | None:
        kept = next((each.questions for each in known.get(survey, ()) if each.version == version), None)
        return (declared.get(survey, {}) if kept is None else kept).get(name)

    return question_of


def tags_of(analyst: Analyst, project_id: int) -> Mapping[int, Sequence[str]]:
    """The tags of all answers of a project that have any, by the answer's number."""
    with analyst.database.reading() as connection:
        return answer_tags.tags_of(connection, project_id)


def tag_counts(analyst: Analyst, project_id: int) -> Mapping[str, int]:
    """How many answers have each tag of a project, by the tag."""
    with analyst.database.reading() as connection:
        return answer_tags.counts(connection, project_id)


def change_tags(
    analyst: Analyst,
    project_id: int,
    number: int,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    at: Instant,
    by: str,
) -> tuple[str, ...]:
    """Put tags on an answer and take others away; those that it has then. Two people who do so lose nothing.

    Raises UnknownResponse, BadTag.
    """
    wanted = [checked_tag(each) for each in add]
    with analyst.database.writing() as connection:
        person = answer_tags.owner_of(connection, project_id, number)
        if person is None:
            raise UnknownResponse(number)
        has = answer_tags.tags_of(connection, project_id, [number]).get(number, [])
        folded = {tag.casefold(): tag for tag in has}
        gone = [folded[each.casefold()] for each in remove if each.casefold() in folded]
        new = {tag.casefold(): tag for tag in wanted if tag.casefold() not in folded}
        if len(has) - len(gone) + len(new) > MOST_TAGS:
            raise BadTag(f"an answer has at most {MOST_TAGS} tags")
        answer_tags.remove(connection, project_id, number, gone)
        answer_tags.add(connection, project_id, number, list(new.values()), person_id=person, by=by, at=at)
        return tuple(answer_tags.tags_of(connection, project_id, [number]).get(number, []))


def read_disagreement(
    analyst: Analyst,
    project_id: int,
    rules: RulesNow,
    survey: str,
    id_: str,
    *,
    made: Made | None,
    by: str,
) -> Disagreement:
    """Say how a disagreement of a survey is to be read; None puts it back among those that nobody has read.

    As `engine.step_answers.read_disagreement`, of surveys that belong to no step too. Raises UnknownDisagreement,
    NothingRecorded.
    """
    pair = read_id(id_)
    # No survey has such a name, and a database may not be asked for one.
    if pair is None or "\0" in survey:
        raise UnknownDisagreement(id_)
    reader = SurveyReader(analyst, project_id, SurveyAsked(survey, everyone=True), rules)
    meant = next((each for each in reader.disagreements() if each.id == id_), None)
    if meant is None:
        raise UnknownDisagreement(id_)
    reading = None if made is None else Reading(made.verdict, made.feeling, made.note.strip(), by, rules.now)
    with analyst.database.writing() as connection:
        if reading is None:
            readings.forget(connection, project_id, pair)
        else:
            readings.keep(connection, project_id, pair, reading, person_id=meant.person)
    return replace(meant, reading=reading)


def checked_tag(text: str) -> str:
    """A tag as it is kept: its blanks put in order. Raises BadTag."""
    tag = " ".join(text.split())
    if not tag:
        raise BadTag("a tag is a word or a few; this one is blank")
    if len(tag) > TAG_LENGTH:
        raise BadTag(f"a tag has at most {TAG_LENGTH} characters")
    if "," in tag or "\0" in tag:
        raise BadTag("a tag has no comma: it stands between two of them")
    return tag
