"""Responses: what people answered to a survey: scores, words, groups, the ways through it, what disagrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response

from api.console import responding
from api.console.clips import clips_around
from api.console.desk import Desk
from api.console.lines import Line, event_line
from api.console.linking import url_if
from api.console.periods import DATES, Days, days_of
from api.console.registry import Group, Page
from dsl.feelings import FEELINGS
from dsl.nodes import Question
from engine.analytics.curve import CurveMark
from engine.analytics.disagreements import VERDICTS
from engine.analytics.heard import Heard
from engine.analytics.history import NothingRecorded
from engine.analytics.scores import SCORES
from engine.analytics.survey_figures import (
    WeekOfScore,
    by_week,
    feelings_told,
    has_words,
    marked,
    to_question,
    words_of,
)
from engine.permissions import Scope
from engine.stages import place_labels
from engine.step_records import marks_of
from engine.survey_answers import (
    Survey,
    SurveyAnswers,
    SurveyAsked,
    SurveyReader,
    question_records,
    surveys,
    tag_counts,
    tags_of,
)
from engine.timelines import around

TABS: Final = {
    "scores": "Scores",
    "words": "Words",
    "segments": "Segments",
    "way": "Way through",
    "disagreeing": "Disagreeing",
}
PER_PAGE: Final = 20
AROUND: Final = 12
"""How many events before and after an answer are shown."""
ANYWHERE: Final = "any"


@dataclass(frozen=True, slots=True)
class Word:
    """Something that was written, in pieces, each with whether it is what was looked for."""

    heard: Heard
    pieces: Sequence[tuple[str, bool]]
    asked: str
    value: str | None
    tags: Sequence[str]


@dataclass(frozen=True)
class Selection:
    """What the address selects. question: the one with a score that is looked at, None where the survey has none."""

    desk: Desk
    survey: Survey
    reader: SurveyReader
    answers: SurveyAnswers
    at: str | None
    period: str

    @property
    def questions(self) -> Mapping[str, Question]:
        """As they are asked now."""
        return self.survey.versions[-1].questions if self.survey.versions else {}

    @property
    def scored(self) -> dict[str, Question]:
        """Those of them with a score."""
        return {name: each for name, each in self.questions.items() if SCORES.get(each.type)}

    @property
    def question(self) -> Question | None:
        """The one with a score that is looked at."""
        return self.scored.get(self.desk.said.get("question", "")) or next(iter(self.scored.values()), None)

    def asked(self, each: Heard) -> Question | None:
        """The question of an answer, as it was asked then."""
        own = [one.questions for one in self.survey.versions if one.version == each.given.survey_version]
        return own[0].get(each.given.question) if own else None

    def weeks(self) -> tuple[WeekOfScore, ...]:
        """The score of the question that is looked at, week by week."""
        if self.question is None:
            return ()
        told = to_question(self.answers.told, self.question.id.text, self.survey.versions[-1].version)
        return by_week(self.question, told, self.answers.period)

    def marks(self) -> tuple[CurveMark, ...]:
        """The releases and publications of the period."""
        period = self.answers.period
        found = marks_of(self.desk.analyst, self.desk.project.id, self.desk.rules)
        return tuple(each for each in found if period.since <= each.time < period.until)


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Responses shows."""
    listed = surveys(desk.analyst, desk.project.id, desk.rules)
    # As comments and maps name an answer: SURVEY.QUESTION.SUBMISSION.
    named = desk.said.get("answer", "").split(".", 2)
    wanted = named[0] or desk.said.get("survey")
    survey = next((each for each in listed if each.name == wanted), listed[0] if listed else None)
    if survey is None:
        return {"survey": None, "to_rules": url_if(desk, "rules") if desk.may(Scope.RULES_DRAFT) else None}
    shared = {"survey": survey, "surveys": listed, "periods": {name: told for name, (told, _) in _periods().items()}}
    period = desk.said.get("period", "all" if named[0] else "")
    period = period if period in _periods() else responding.USUAL_PERIOD
    dates = days_of(desk.said, desk.rules.now) if period == DATES else None
    shared |= {"dates": dates, "period_words": _periods()[period][0] if dates is None else dates.words}
    try:
        made = _selected(desk, survey, period, dates)
    except NothingRecorded:
        return {**shared, "answers": None, "period": period, "steps": {}, "at": None}
    form = desk.said.get("format", "")
    if form in responding.FORMS:
        return _file(made, form)
    tab = desk.said.get("tab", "")
    tab = tab if tab in TABS else "scores"
    tabs = [
        {"label": label, "href": desk.here(tab=name, response=None, answer=None, before=None), "current": name == tab}
        for name, label in TABS.items()
    ]
    shared |= {
        "answers": made.answers,
        "at": made.at,
        "period": period,
        "steps": _steps(made),
        "tab": tab,
        "tabs": tabs,
    }
    if desk.said.get("response") or named[0]:
        return {**shared, **_single(made, named)}
    parts = {"scores": _scores, "words": _words, "segments": _segments, "way": _way, "disagreeing": _disagreeing}
    return {**shared, "made": made, "people": len({each.person for each in made.answers.told}), **parts[tab](made)}


def _periods() -> Mapping[str, tuple[str, Any]]:
    return responding.PERIODS


def _selected(desk: Desk, survey: Survey, period: str, dates: Days | None) -> Selection:
    since, until = responding.bounds(period, dates, desk.rules.now)

    def reader(at: str | None) -> SurveyReader:
        asked = SurveyAsked(
            survey.name,
            step=at,
            persona=desk.persona,
            since=since,
            until=until,
            everyone=desk.everyone,
            with_simulated=desk.with_simulated,
        )
        return SurveyReader(desk.analyst, desk.project.id, asked, desk.rules)

    steps = reader(None).steps()
    # What was selected on the pages of the method holds here too, where the survey belongs to it.
    carried = f"{desk.journey.name.text}.{desk.step}" if desk.journey is not None and desk.step is not None else ""
    at = desk.said.get("at", carried)
    chosen = at if at in steps and at else None
    found = reader(chosen)
    return Selection(desk, survey, found, found.answers(), chosen, period)


def _steps(made: Selection) -> dict[str, str]:
    """The steps at which the survey was answered, with their words."""
    names = place_labels(made.desk.rules.project)
    return {step: names.get(step, step) for step in made.reader.steps() if step}


def _scores(made: Selection) -> dict[str, Any]:
    reach = made.reader.reach()
    asked = None if reach is None or made.at is not None else reach.asked
    shown = responding.questions_shown(made.survey, question_records(made.survey, made.answers, asked))
    question, weeks = made.question, made.weeks()
    name = "" if question is None else responding.SCORES[SCORES[question.type][0]([]).name]
    marks = made.marks() if weeks else ()
    return {
        "shown": shown,
        "reach": None if made.at is not None else reach,
        "feelings": feelings_told(made.answers.told),
        "score_names": responding.SCORES,
        "spelled": responding.spelled,
        "between": responding.between,
        "scored": made.scored,
        "question": question,
        "weeks": weeks,
        "week_marks": {row["week"]: row["marks"] for row in responding.week_rows(weeks, marks)},
        "chart": responding.trend_chart(name, weeks, marks) if len(weeks) > 1 else None,
        "trend": responding.trend_sentence(name, weeks) if weeks else None,
    }


def _chosen_words(made: Selection) -> list[Heard]:
    """What was written, the latest first, as the filters of the address say."""
    said = made.desk.said
    wanted, tag, feeling = words_of(said.get("q", "")), said.get("tag", ""), said.get("feeling", "")
    tags = tags_of(made.desk.analyst, made.desk.project.id) if tag else {}
    return [
        each
        for each in sorted(made.answers.told, key=lambda each: (-each.given.time, -each.seq))
        if (each.given.text or "").strip()
        and has_words(each.given.text or "", wanted)
        and (not tag or tag.casefold() in {one.casefold() for one in tags.get(each.seq, ())})
        and (not feeling or each.given.feeling == feeling)
        and said.get("asked", "") in ("", each.given.question)
    ]


def _words(made: Selection) -> dict[str, Any]:
    desk = made.desk
    found, wanted = _chosen_words(made), words_of(desk.said.get("q", ""))
    number = desk.number("before", digits=18)
    places = [at for at, each in enumerate(found, 1) if each.seq == number]
    page = found[places[0] if places else 0 :][: PER_PAGE + 1]
    tags = tags_of(desk.analyst, desk.project.id)
    terms = made.reader.terms()
    return {
        "words": [
            Word(
                heard=each,
                pieces=marked(each.given.text or "", wanted),
                asked=_asked(made, each),
                value=None if isinstance(each.given.value, str) else _value(made, each),
                tags=tags.get(each.seq, ()),
            )
            for each in page[:PER_PAGE]
        ],
        "clips": clips_around(desk, [(each.given.person, each.given.time) for each in page[:PER_PAGE]]),
        "found": len(found),
        "written": sum(bool((each.given.text or "").strip()) for each in made.answers.told),
        "older": desk.here(before=page[PER_PAGE - 1].seq) if len(page) > PER_PAGE else None,
        "latest": desk.here(before=None) if number is not None else None,
        "known_tags": tag_counts(desk.analyst, desk.project.id),
        "feelings_named": list(FEELINGS),
        "terms": [each for each in terms.terms if each.count],
        "texts": terms.texts,
        "texts_before": terms.texts_before,
        "may_tag": desk.may(Scope.EVIDENCE_WRITE),
    }


def _segments(made: Selection) -> dict[str, Any]:
    return {
        "question": made.question,
        "scored": made.scored,
        "segments": _by_segment(made),
        "score_names": responding.SCORES,
        "spelled": responding.spelled,
        "between": responding.between,
    }


def _by_segment(made: Selection) -> dict[str, Any]:
    if made.question is None:
        return {}
    told = [each for each in made.answers.told if each.given.question == made.question.id.text]
    return dict(responding.segments_by(made.question, told, made.reader.personas(), made.desk.personas))


def _way(made: Selection) -> dict[str, Any]:
    sees_people = made.desk.may(Scope.PEOPLE_READ)
    silent = made.reader.silent(after=made.desk.said.get("after", "")) if sees_people else None
    return {
        "flow": made.reader.flow(),
        "reach": made.reader.reach(),
        "silent": silent,
        "more": None if silent is None or silent.next is None else made.desk.here(after=silent.next),
    }


def _disagreeing(made: Selection) -> dict[str, Any]:
    return {
        "disagreements": made.reader.disagreements(),
        "verdicts": VERDICTS,
        "feelings_named": list(FEELINGS),
        "may_read": made.desk.may(Scope.EVIDENCE_WRITE),
    }


def _single(made: Selection, named: Sequence[str]) -> dict[str, Any]:
    """One response: all answers of its submission, and what the person did before and after. named: its question and
    submission, behind its survey, where the address says them instead of a number."""
    text, told = made.desk.said.get("response", ""), made.answers.told
    if text:
        one = next((each for each in told if str(each.seq) == text), None)
    else:
        one = next((each for each in told if [each.given.question, each.given.submission] == list(named[1:])), None)
    if one is None:
        return {"response": None, "asked_for": text or ".".join(named)}
    own = [each for each in told if (each.person, each.given.submission) == (one.person, one.given.submission)]
    before: list[Line] = []
    after: list[Line] = []
    if made.desk.may(Scope.PEOPLE_READ):
        found = around(made.desk.analyst, one.person, (one.given.time, one.seq), limit=AROUND)
        before, after = ([event_line(each) for each in part] for part in found)
    tags = tags_of(made.desk.analyst, made.desk.project.id)
    return {
        "response": one,
        "own": [
            Word(each, [(each.given.text or "", False)], _asked(made, each), _value(made, each), tags.get(each.seq, ()))
            for each in own
        ],
        "before": before,
        "after": after,
        "clip": next(iter(clips_around(made.desk, [(one.given.person, one.given.time)]).values()), None),
        "place": f"response:{made.survey.name}.{one.given.question}.{one.given.submission}",
        "sees_people": made.desk.may(Scope.PEOPLE_READ),
    }


def _asked(made: Selection, each: Heard) -> str:
    question = made.asked(each)
    return each.given.question if question is None else question.text.value


def _value(made: Selection, each: Heard) -> str:
    return responding.value_words(each.given.value, made.asked(each))


def _file(made: Selection, form: str) -> Response:
    """What is selected as a file: answers, scores, weeks, segments or the ways through."""
    name = f"{made.survey.name}-{made.desk.said.get('part', 'answers')}"
    match made.desk.said.get("part", "answers"):
        case "scores":
            shown = responding.questions_shown(made.survey, question_records(made.survey, made.answers, None))
            return responding.file_of(responding.score_rows(shown), responding.SCORE_COLUMNS, form, name)
        case "weeks":
            rows = responding.week_rows(made.weeks(), made.marks())
            return responding.file_of(rows, responding.WEEK_COLUMNS, form, name)
        case "segments":
            rows = responding.segment_rows(_by_segment(made))
            return responding.file_of(rows, responding.SEGMENT_COLUMNS, form, name)
        case "way":
            flow = made.reader.flow()
            return responding.file_of(responding.flow_rows(flow), responding.FLOW_COLUMNS, form, name)
        case _:
            is_of_words = made.desk.said.get("tab") == "words"
            told = _chosen_words(made) if is_of_words else made.answers.told
            rows = responding.answer_rows(
                made.survey,
                told,
                tags_of(made.desk.analyst, made.desk.project.id),
                with_users=made.desk.may(Scope.PEOPLE_READ),
            )
            return responding.file_of(rows, responding.ANSWER_COLUMNS, form, f"{made.survey.name}-answers")


PAGE = Page(
    "responses", "responses", "Responses", "What people answered.", Group.GUIDES, Scope.RECORDS_READ, view, key="s"
)
