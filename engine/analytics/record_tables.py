"""Records of steps as flat rows, the same for CSV, Parquet and data frames: one table for each part of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from dsl.feelings import FEELINGS
from dsl.values import SECOND, Duration, format_instant
from engine.analytics.intervals import Interval
from engine.analytics.records import EmotionRecord
from engine.analytics.transitions import Spent


class Part(StrEnum):
    """A table."""

    RECORDS = "records"
    SIGNALS = "signals"
    TRANSITIONS = "transitions"
    UNPLANNED = "unplanned"
    CURVE = "curve"
    MARKS = "marks"
    RESPONSES = "responses"
    ASKED = "asked"
    TERMS = "terms"
    DISAGREEMENTS = "disagreements"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it means, and how it is read off a row of the answer."""

    meaning: str
    read: Callable[[Any], Any]


Columns = Mapping[str, Column]


def seconds(length: Duration | None) -> float | None:
    """A length of time in seconds."""
    return None if length is None else length / SECOND


def _ends(name: str, of: str, read: Callable[[Any], Interval | None]) -> dict[str, Column]:
    def end(which: str) -> Callable[[Any], Any]:
        return lambda row: getattr(read(row), which, None)

    return {
        f"{name}low": Column(f"low end of the 95 % interval of {of}", end("low")),
        f"{name}high": Column("high end of it", end("high")),
    }


def _times(read: Callable[[Any], Spent | None]) -> dict[str, Column]:
    told = {
        "lower": ("lower_quartile_seconds", "a quarter took at most so long"),
        "median": ("median_seconds", "a half took at most so long"),
        "upper": ("upper_quartile_seconds", "three quarters took at most so long"),
        "ninth": ("ninth_decile_seconds", "nine of ten took at most so long"),
    }

    def quantile(which: str) -> Callable[[Any], Any]:
        return lambda row: seconds(getattr(read(row), which, None))

    return {name: Column(meaning, quantile(which)) for which, (name, meaning) in told.items()}


def _feelings(read: Callable[[Any], EmotionRecord]) -> dict[str, Column]:
    def count(feeling: str) -> Callable[[Any], Any]:
        return lambda row: read(row).feelings[feeling]

    return {feeling: Column(f"answers that name `{feeling}`", count(feeling)) for feeling in FEELINGS}


_GROUP: Final = "of a breakdown: a persona, or the first day of a day or week; blank without one"

RECORD_COLUMNS: Final[Columns] = {
    "group": Column(_GROUP, lambda one: one.counts.group),
    "step": Column("name of the step", lambda one: one.counts.step),
    "label": Column("what people call it", lambda one: one.label),
    "stage": Column("letter of its stage", lambda one: one.stage.letter),
    "entered": Column("people who stood at it", lambda one: one.counts.entered),
    "completed": Column("who reached it, whether they ever stood at it or not", lambda one: one.counts.completed),
    "skipped": Column("who passed over it", lambda one: one.counts.skipped),
    "dropped": Column("who stood at it and left", lambda one: one.counts.dropped),
    "in_progress": Column("who stand at it", lambda one: one.counts.in_progress),
    "done": Column("of those who entered: reached it", lambda one: one.counts.done),
    "tried_and_failed": Column("of those who entered: tried in vain", lambda one: one.counts.tried_and_failed),
    "never_tried": Column("of those who entered: left without a try", lambda one: one.counts.never_tried),
    "waiting": Column("of those who entered: may still do it", lambda one: one.counts.waiting),
    **_times(lambda one: one.counts.pace.spent),
    "expected_seconds": Column("`expect within` of the step", lambda one: seconds(one.counts.pace.expected)),
    "due": Column("of those who entered: since when so long has passed", lambda one: one.counts.pace.due),
    "within": Column("of these: reached it in that time", lambda one: one.counts.pace.within),
    "within_share": Column("within ÷ due", lambda one: one.counts.pace.share),
    **_ends("within_", "within_share", lambda one: one.counts.pace.interval),
    "is_slow": Column("surely fewer than half make it in that time", lambda one: one.counts.pace.is_slow),
    "friction": Column("mean over those who entered, 0 to 1", lambda one: one.counts.friction.score),
    **_ends("friction_", "friction", lambda one: one.counts.friction.interval),
    "friction_version": Column("of the weights", lambda one: one.counts.friction.version),
    "emotion": Column("mean of what was felt, −1 to +1; blank below five answers", lambda one: one.emotion.mean),
    **_ends("emotion_", "emotion", lambda one: one.emotion.interval),
    "emotion_n": Column("answers with a feeling in them", lambda one: one.emotion.n),
    "inferred": Column("of these: read from words, not said", lambda one: one.emotion.inferred),
    **_feelings(lambda one: one.emotion),
}
"""A row a step, and group."""

SIGNAL_COLUMNS: Final[Columns] = {
    "group": Column(_GROUP, lambda one: one[0].group),
    "step": Column("name of the step", lambda one: one[0].step),
    "signal": Column("sign of friction", lambda one: one[1].name),
    "weight": Column("in the score", lambda one: one[1].weight),
    "count": Column("how often", lambda one: one[1].count),
    "people": Column("to how many of those who entered", lambda one: one[1].people),
    "per_entrant": Column("count ÷ entered", lambda one: one[1].per_entrant),
    "met": Column("of the settled who entered: had it", lambda one: one[2].met),
    "met_dropped": Column("of these: dropped", lambda one: one[2].met_dropped),
    "without": Column("of the settled who entered: had it not", lambda one: one[2].without),
    "without_dropped": Column("of these: dropped", lambda one: one[2].without_dropped),
    "risk_ratio": Column("share dropped of the first ÷ that of the others; blank below five", lambda one: one[2].ratio),
    **_ends("risk_", "risk_ratio", lambda one: one[2].interval),
}
"""A row a sign of friction, step, and group."""

TRANSITION_COLUMNS: Final[Columns] = {
    "group": Column(_GROUP, lambda one: one.group),
    "step": Column("from this step", lambda one: one.step),
    "to": Column("to this one", lambda one: one.to),
    "started": Column("who came to stand at `to` by reaching `step`", lambda one: one.started),
    "went_on": Column("of these: reached `to`, and nothing later before it", lambda one: one.went_on),
    "skipped": Column("reached a later step first", lambda one: one.skipped),
    "lost": Column("neither, and nothing of the journey for its `gives up after` time", lambda one: one.lost),
    "open": Column("may still go on", lambda one: one.open),
    "lost_share": Column("lost ÷ (started − open)", lambda one: one.lost_share),
    **_ends("lost_", "lost_share", lambda one: one.lost_interval),
    **_times(lambda one: one.took),
    "direct": Column("of those who went on: nothing unplanned and no way back in between", lambda one: one.direct),
    "direct_share": Column("direct ÷ went_on", lambda one: one.direct_share),
    **_ends("direct_", "direct_share", lambda one: one.direct_interval),
    "looped": Column("of those who started: came back to an earlier step", lambda one: one.looped),
    "looped_share": Column("looped ÷ started", lambda one: one.looped_share),
    **_ends("looped_", "looped_share", lambda one: one.looped_interval),
    "loops": Column("how often they came back", lambda one: one.loops),
}
"""A row a transition, and group."""

UNPLANNED_COLUMNS: Final[Columns] = {
    "group": Column(_GROUP, lambda one: one[0].group),
    "step": Column("from this step", lambda one: one[0].step),
    "to": Column("to this one", lambda one: one[0].to),
    "event": Column("that the journey knows nothing of", lambda one: one[1].name),
    "count": Column("how often in between", lambda one: one[1].count),
    "people": Column("to how many of those who started", lambda one: one[1].people),
    "went_on": Column("of these: went on", lambda one: one[1].went_on),
    "lost": Column("of these: lost", lambda one: one[1].lost),
}
"""A row an event, transition, and group: the most common events of each."""

CURVE_COLUMNS: Final[Columns] = {
    "group": Column(_GROUP, lambda one: one[0].group),
    "step": Column("name of the step", lambda one: one[1].step),
    "label": Column("what people call it", lambda one: one[1].label),
    "stage": Column("letter of its stage", lambda one: one[1].stage.letter),
    "emotion": Column("mean, −1 to +1; blank below five answers", lambda one: one[1].emotion.mean),
    **_ends("emotion_", "emotion", lambda one: one[1].band),
    "n": Column("answers with a feeling in them", lambda one: one[1].emotion.n),
    "inferred": Column("of these: read from words, not said", lambda one: one[1].emotion.inferred),
    **_feelings(lambda one: one[1].emotion),
}
"""A row a step, and group."""

MARK_COLUMNS: Final[Columns] = {
    "group": Column(_GROUP, lambda one: one[0].group),
    "kind": Column("release or publication", lambda one: one[1].kind.value),
    "label": Column("version of the product, or number of the publication", lambda one: one[1].label),
    "time": Column("when", lambda one: format_instant(one[1].time)),
}
"""A row a mark of a curve."""

RESPONSE_COLUMNS: Final[Columns] = {
    "number": Column("of the event in the log; newer ones are higher", lambda one: one.number),
    "time": Column("when", lambda one: format_instant(one.time)),
    "step": Column("to which it belongs", lambda one: one.step),
    "survey": Column("name of the survey", lambda one: one.survey),
    "question": Column("id of the question", lambda one: one.question),
    "type": Column("of the question; blank for one that is not known any more", lambda one: one.type),
    "asked": Column("the question as it was asked", lambda one: one.asked),
    "score": Column("where the answer is a number", lambda one: one.score),
    "choices": Column("ids of what was chosen, by blanks", lambda one: " ".join(one.choices) or None),
    "text": Column("in the user's own words", lambda one: one.text),
    "feeling": Column("one of the six, where one is named", lambda one: one.feeling),
    "valence": Column("−1 to +1", lambda one: one.valence),
    "inferred": Column("read from words, not said", lambda one: one.inferred),
    "language": Column("as it was told with the answer", lambda one: one.language),
    "device": Column("mobile, tablet, desktop, as far as it is known", lambda one: one.device),
    "survey_version": Column("of the survey's questions", lambda one: one.survey_version),
    "rules_version": Column("of the rules in force then", lambda one: one.rules_version),
    "submission": Column("answers given together have the same", lambda one: one.submission),
    "user": Column("who said it; blank for who may not look people up", lambda one: one.user),
}
"""A row an answer."""

ASKED_COLUMNS: Final[Columns] = {
    "group": Column(_GROUP, lambda one: one.group),
    "survey": Column("name of the survey", lambda one: one.survey),
    "asked": Column("people to whom it was shown", lambda one: one.asked),
    "answered": Column("of these: answered any of its questions since", lambda one: one.answered),
    "silent": Column("of these: answered none", lambda one: one.silent),
    "rate": Column("answered ÷ asked; blank below five", lambda one: one.rate.value),
    **_ends("rate_", "rate", lambda one: one.rate.interval),
}
"""A row a survey, and group."""

TERM_COLUMNS: Final[Columns] = {
    "term": Column("a word, or two next to each other", lambda one: one.term),
    "count": Column("texts of the period that have it", lambda one: one.count),
    "of": Column("texts of the period", lambda one: one.of),
    "before": Column("texts of the period before that have it", lambda one: one.before),
    "of_before": Column("texts of the period before", lambda one: one.of_before),
    "share": Column("count ÷ of", lambda one: one.share),
    "share_before": Column("before ÷ of_before", lambda one: one.share_before),
    "change": Column("share − share_before; blank where there are too few", lambda one: one.change),
    **_ends("change_", "change", lambda one: one.interval),
    "trend": Column("rising, falling, no change to be told, too few texts", lambda one: one.trend.value),
}
"""A row a term."""

DISAGREEMENT_COLUMNS: Final[Columns] = {
    "id": Column("of this pair of answers", lambda one: one.id),
    "time": Column("when it was said", lambda one: format_instant(one.time)),
    "step": Column("to which it belongs", lambda one: one.step),
    "survey": Column("name of the survey", lambda one: one.survey),
    "question": Column("the one with the score", lambda one: one.question),
    "score": Column("as it was given", lambda one: one.score),
    "score_valence": Column("−1 to +1", lambda one: one.score_valence),
    "text_question": Column("the one with the words", lambda one: one.text_question),
    "text": Column("in the user's own words", lambda one: one.text),
    "text_valence": Column("−1 to +1", lambda one: one.text_valence),
    "gap": Column("how far apart they are, 0 to 2", lambda one: one.gap),
    "language": Column("of the words", lambda one: one.language),
    "user": Column("who said it; blank for who may not look people up", lambda one: one.user),
    "verdict": Column("of who has read it", lambda one: one.reading and one.reading.verdict.value),
    "feeling": Column("that they read in it", lambda one: one.reading and one.reading.feeling),
    "note": Column("of theirs", lambda one: one.reading and one.reading.note),
    "read_by": Column("who that was", lambda one: one.reading and one.reading.by),
    "read_at": Column("and when", lambda one: one.reading and format_instant(one.reading.at)),
}
"""A row a disagreement."""

COLUMNS: Final[Mapping[Part, Columns]] = {
    Part.RECORDS: RECORD_COLUMNS,
    Part.SIGNALS: SIGNAL_COLUMNS,
    Part.TRANSITIONS: TRANSITION_COLUMNS,
    Part.UNPLANNED: UNPLANNED_COLUMNS,
    Part.CURVE: CURVE_COLUMNS,
    Part.MARKS: MARK_COLUMNS,
    Part.RESPONSES: RESPONSE_COLUMNS,
    Part.ASKED: ASKED_COLUMNS,
    Part.TERMS: TERM_COLUMNS,
    Part.DISAGREEMENTS: DISAGREEMENT_COLUMNS,
}
"""The columns of each part, with what they mean."""

_INSIDE: Final[Mapping[Part, Callable[[Any], Iterable[Any]]]] = {
    Part.SIGNALS: lambda one: (
        (one.counts, signal, risk)
        for signal, risk in zip(one.counts.friction.signals, one.counts.risks, strict=True)
        if signal.count
    ),
    Part.UNPLANNED: lambda one: ((one, event) for event in one.unplanned),
    Part.CURVE: lambda one: ((one, point) for point in one.points),
    Part.MARKS: lambda one: ((one, mark) for mark in one.marks),
}
"""Of what has several rows: those of one member of the answer."""


def record_rows(found: Sequence[Any], part: Part) -> list[dict[str, Any]]:
    """The rows of a part, with the keys of its COLUMNS. found: the members of the answer that the part is of."""
    inside = _INSIDE.get(part)
    rows = found if inside is None else [row for one in found for row in inside(one)]
    return [{name: column.read(row) for name, column in COLUMNS[part].items()} for row in rows]
