"""What the page of responses is made of: figures as rows and sentences, charts, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from flask import Response

from api.analyses import as_file
from api.console.marks import on_days, words_of
from api.console.periods import DATES, DATES_WORDS, Days, back
from dsl.nodes import Question
from dsl.values import DAY, Duration, Instant, JsonValue, format_instant
from engine.analytics.curve import CurveMark
from engine.analytics.heard import Heard
from engine.analytics.records import QuestionRecord
from engine.analytics.scores import Score
from engine.analytics.standings import WEEKS
from engine.analytics.survey_figures import Segment, WeekOfScore, segments
from engine.analytics.survey_flow import Flow
from engine.survey_answers import Survey

PERIODS: Final[Mapping[str, tuple[str, Duration | None]]] = {
    "7": ("last 7 days", Duration(7 * DAY)),
    "28": ("last 28 days", Duration(28 * DAY)),
    "90": ("last 90 days", Duration(90 * DAY)),
    "365": ("last 365 days", Duration(365 * DAY)),
    "all": ("all there is", None),
    DATES: (DATES_WORDS, None),
}
"""The periods one may choose, with their words."""
USUAL_PERIOD: Final = "90"
SCORES: Final = {
    "nps": "NPS",
    "csat": "satisfied, 4 or 5",
    "ces": "ease, 1 to 7",
    "easy": "found it easy, 5 to 7",
    "mean": "mean",
}
"""What people call each score."""
FORMS: Final = ("csv", "json", "parquet")
NOT_TOLD: Final = "not told"


@dataclass(frozen=True, slots=True)
class Bar:
    """How often one value was given. share: of the answers to the question."""

    words: str
    count: int
    share: float | None


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """A question with its figures. is_latest: of the version that is asked now."""

    record: QuestionRecord
    bars: tuple[Bar, ...]
    is_latest: bool


def spelled(score: Score) -> str:
    """A score in its unit; a dash below the fewest answers."""
    return "–" if score.value is None else _number(score.value, score.unit)


def between(score: Score) -> str:
    """Its interval, as people write it; blank where there is none."""
    if score.interval is None:
        return ""
    return f"{_number(score.interval.low, score.unit)} to {_number(score.interval.high, score.unit)}"


def questions_shown(survey: Survey, records: Iterable[QuestionRecord]) -> list[QuestionShown]:
    """The questions with what was chosen, in words; of earlier versions only those that were answered."""
    latest = survey.versions[-1].version if survey.versions else 1
    asked = {
        (version.version, name): question for version in survey.versions for name, question in version.questions.items()
    }
    found = []
    for record in records:
        if record.version != latest and not record.answered:
            continue
        question = asked.get((record.version, record.question))
        names = choice_words(question)
        bars = tuple(
            Bar(names.get(value, value), count, count / record.answered if record.answered else None)
            for value, count in record.distribution.items()
        )
        found.append(QuestionShown(record, bars, record.version == latest))
    return found


def choice_words(question: Question | None) -> dict[str, str]:
    """The choices of a question, by what is stored of each."""
    if question is None:
        return {}
    return {each.key: "something else" if each.text is None else each.text.value for each in question.choices}


def value_words(value: JsonValue, question: Question | None) -> str:
    """An answer as people read it."""
    names = choice_words(question)
    if isinstance(value, list):
        return ", ".join(names.get(str(each), str(each)) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return names.get(str(value), str(value)) if isinstance(value, str) else orjson.dumps(value).decode()


def trend_chart(name: str, weeks: Sequence[WeekOfScore], marks: Iterable[CurveMark]) -> dict[str, Any]:
    """The weeks of a score for the chart, with the releases and publications of each week."""
    days = [each.day for each in weeks]
    return {
        "kind": "overtime",
        "unit": "share" if weeks and weeks[0].score.unit == "share" else "scale",
        "name": name,
        "days": days,
        "value": [each.score.value for each in weeks],
        "counts": [f"n = {each.score.n}" for each in weeks],
        "bands": [
            {
                "name": "95 %",
                "low": [None if each.score.interval is None else each.score.interval.low for each in weeks],
                "high": [None if each.score.interval is None else each.score.interval.high for each in weeks],
            }
        ],
        "marks": on_days(marks, days),
    }


def trend_sentence(name: str, weeks: Sequence[WeekOfScore]) -> str:
    """What the weeks say, in words: never more than they do."""
    told = [each for each in weeks if each.score.value is not None]
    if not told:
        return "No week has the five answers that a score takes."
    last = told[-1]
    said = f"{name[:1].upper()}{name[1:]}: {spelled(last.score)} in the week from {last.day} (n = {last.score.n})"
    if len(told) == 1:
        return f"{said}; no other week has the five answers that a score takes."
    before = told[-2]
    said += f", {spelled(before.score)} in that from {before.day} (n = {before.score.n})."
    one, other = last.score.interval, before.score.interval
    if one is None or other is None or (one.low <= other.high and other.low <= one.high):
        return f"{said} Their intervals meet: the difference may be chance."
    return said


def segments_by(
    question: Question, told: Sequence[Heard], personas: Mapping[str, frozenset[int]], labels: Mapping[str, str]
) -> dict[str, tuple[Segment, ...]]:
    """The score of a question by who and where people are, and by the version that they were asked."""

    def persona(each: Heard) -> list[str]:
        return [labels.get(name, name) for name, own in personas.items() if each.person in own] or ["in no persona"]

    groups: dict[str, Callable[[Heard], Iterable[str]]] = {
        "Device": lambda each: [each.device or NOT_TOLD],
        "Language": lambda each: [each.given.language or NOT_TOLD],
        "Version of the survey": lambda each: [f"version {each.given.survey_version}"],
    }
    if personas:
        groups = {"Persona": persona, **groups}
    return {title: segments(question, told, of) for title, of in groups.items()}


def file_of(rows: list[dict[str, Any]], columns: Sequence[str], form: str, name: str) -> Response:
    """Rows as a file of the form that was asked for."""
    if form != "json":
        return as_file(rows, list(columns), form, name=name)
    answer = Response(orjson.dumps(rows, option=orjson.OPT_INDENT_2), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer


ANSWER_COLUMNS: Final = (
    "number",
    "time",
    "survey",
    "survey_version",
    "question",
    "type",
    "asked",
    "value",
    "score",
    "text",
    "feeling",
    "valence",
    "inferred",
    "language",
    "device",
    "step",
    "submission",
    "user",
    "tags",
)


def answer_rows(
    survey: Survey, told: Iterable[Heard], tags: Mapping[int, Sequence[str]], *, with_users: bool
) -> list[dict[str, Any]]:
    """The answers, a row each, with the keys of ANSWER_COLUMNS."""
    asked = {each.version: each.questions for each in survey.versions}
    rows = []
    for each in told:
        given = each.given
        question = asked.get(given.survey_version, {}).get(given.question)
        value = given.value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        rows.append(
            {
                "number": each.seq,
                "time": format_instant(given.time),
                "survey": given.guide,
                "survey_version": given.survey_version,
                "question": given.question,
                "type": None if question is None else question.type,
                "asked": None if question is None else question.text.value,
                "value": None if value == given.text else value_words(value, question),
                "score": float(value) if is_number and isinstance(value, int | float) else None,
                "text": given.text,
                "feeling": given.feeling,
                "valence": given.valence,
                "inferred": given.inferred,
                "language": given.language,
                "device": each.device,
                "step": each.step or None,
                "submission": given.submission,
                "user": each.user if with_users else None,
                "tags": "; ".join(tags.get(each.seq, ())),
            }
        )
    return rows


SCORE_COLUMNS: Final = ("version", "question", "text", "score", "value", "low", "high", "n", "chosen", "count", "share")


def score_rows(shown: Iterable[QuestionShown]) -> list[dict[str, Any]]:
    """Scores and what was chosen, a row each, with the keys of SCORE_COLUMNS."""
    rows: list[dict[str, Any]] = []
    for each in shown:
        own = {"version": each.record.version, "question": each.record.question, "text": each.record.text}
        rows += [
            _row(
                SCORE_COLUMNS,
                **own,
                score=one.name,
                value=one.value,
                low=None if one.interval is None else one.interval.low,
                high=None if one.interval is None else one.interval.high,
                n=one.n,
            )
            for one in each.record.scores
        ]
        rows += [
            _row(SCORE_COLUMNS, **own, n=each.record.answered, chosen=bar.words, count=bar.count, share=bar.share)
            for bar in each.bars
        ]
    return rows


WEEK_COLUMNS: Final = ("week", "score", "value", "low", "high", "n", "marks")


def week_rows(weeks: Iterable[WeekOfScore], marks: Sequence[CurveMark]) -> list[dict[str, Any]]:
    """The weeks of a score, with the keys of WEEK_COLUMNS."""
    rows = []
    for each in weeks:
        own = [mark for mark in marks if WEEKS.first_day(WEEKS.number_of(mark.time)) == each.day]
        interval = each.score.interval
        rows.append(
            {
                "week": each.day,
                "score": each.score.name,
                "value": each.score.value,
                "low": None if interval is None else interval.low,
                "high": None if interval is None else interval.high,
                "n": each.score.n,
                "marks": words_of(own),
            }
        )
    return rows


SEGMENT_COLUMNS: Final = ("by", "group", "score", "value", "low", "high", "answers")


def segment_rows(found: Mapping[str, Iterable[Segment]]) -> list[dict[str, Any]]:
    """Segments, with the keys of SEGMENT_COLUMNS."""
    return [
        {
            "by": title,
            "group": each.name,
            "score": each.score.name,
            "value": each.score.value,
            "low": None if each.score.interval is None else each.score.interval.low,
            "high": None if each.score.interval is None else each.score.interval.high,
            "answers": each.answers,
        }
        for title, groups in found.items()
        for each in groups
    ]


FLOW_COLUMNS: Final = ("question", "text", "shown", "answered", "skipped", "dismissed", "silent")


def flow_rows(found: Flow | None) -> list[dict[str, Any]]:
    """The ways through a survey, with the keys of FLOW_COLUMNS."""
    return [{name: getattr(each, name) for name in FLOW_COLUMNS} for each in (() if found is None else found.questions)]


def bounds(period: str, dates: Days | None, now: Instant) -> tuple[Instant | None, Instant | None]:
    """When the period of an address begins and ends."""
    if dates is not None:
        return dates.since, dates.until
    length = PERIODS[period][1]
    return (None if length is None else back(length, now)), None


def _row(columns: Sequence[str], **values: Any) -> dict[str, Any]:
    return {name: values.get(name) for name in columns}


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:+.0f}" if unit == "points" else f"{value:.2f}"
