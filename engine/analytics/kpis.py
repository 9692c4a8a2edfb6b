"""The figures of a product, each declared once: what it is, how it is computed, and who says so.

The reference page, `--help`, the columns and the HTTP document are made from the registry. What computes them is in
`engine.analytics.kpi_figures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.analytics.intervals import Interval


class Name(StrEnum):
    """Every figure there is."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    EASY = "easy"
    RESPONSE_RATE = "response_rate"
    COMPLETION_RATE = "completion_rate"
    ADOPTION = "feature_adoption"
    TASK_SUCCESS = "task_success"
    UNASSISTED = "unassisted_success"
    TIME_TO_VALUE = "time_to_value"
    ACTIVATION = "activation"
    RETENTION_DAY = "retention_day"
    RETENTION_BRACKET = "retention_bracket"
    CHURN = "churn"
    REVENUE = "revenue_per_user"
    STEP_RETENTION = "step_and_retention"
    STEP_REVENUE = "step_and_revenue"


class Of(StrEnum):
    """What there is one figure for each of."""

    QUESTION = "survey question"
    SURVEY = "survey"
    FEATURE = "feature"
    STEP = "step"
    STAGE = "stage"
    JOURNEY = "journey"
    DAYS = "span of days"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Kpi:
    """What a figure means. unit: of value and interval: `share` (0 to 1), `points`, `scale`, `seconds`, `amount`."""

    label: str
    of: Of
    unit: str
    definition: str
    formula: str
    interval: str
    source: str


_WILSON: Final = "Wilson"
_CES_SOURCE: Final = "M. Dixon, K. Freeman, N. Toman, Harvard Business Review 88 (2010); the 1–7 form is CES 2.0"
_USUAL: Final = "product analytics at large; the definition is ours"

KPIS: Final[dict[Name, Kpi]] = {
    Name.NPS: Kpi(
        "Net promoter score",
        Of.QUESTION,
        "points",
        "How many more would recommend it than would not: answers of 9 and 10 against those of 0 to 6.",
        "100 · (promoters − detractors) ÷ answers",
        "adjusted Wald: ¾ promoter and ¾ detractor added, n + 3",
        "F. Reichheld, Harvard Business Review 81 (2003); B. Rocks, The American Statistician 70 (2016)",
    ),
    Name.CSAT: Kpi(
        "Customer satisfaction",
        Of.QUESTION,
        "share",
        "How many are satisfied: answers of 4 and 5 on the scale of 1 to 5.",
        "answers of 4 and 5 ÷ answers",
        _WILSON,
        "the usual top-two-box score",
    ),
    Name.CES: Kpi(
        "Customer effort score",
        Of.QUESTION,
        "scale",
        "How easy it was, on the scale of 1 to 7.",
        "mean of the answers",
        "Student's t",
        _CES_SOURCE,
    ),
    Name.EASY: Kpi(
        "Share who found it easy",
        Of.QUESTION,
        "share",
        "How many found it easy: answers of 5 to 7 on the scale of 1 to 7.",
        "answers of 5 to 7 ÷ answers",
        _WILSON,
        _CES_SOURCE,
    ),
    Name.RESPONSE_RATE: Kpi(
        "Response rate",
        Of.SURVEY,
        "share",
        "Of the people to whom a survey was shown, how many answered any of its questions afterwards.",
        "people who answered ÷ people to whom it was shown",
        _WILSON,
        "AAPOR, Standard Definitions (2023), response rate with partial answers counted (RR6)",
    ),
    Name.COMPLETION_RATE: Kpi(
        "Completion rate",
        Of.SURVEY,
        "share",
        "Of the people who began a survey (started it or answered a question), how many came to its end.",
        "people who completed ÷ people who began",
        _WILSON,
        "the usual survey completion rate",
    ),
    Name.ADOPTION: Kpi(
        "Feature adoption",
        Of.FEATURE,
        "share",
        "Of the people active in the period for whom the feature is meant (`feature … for PERSONA`, as of now; without "
        "it everybody), how many used it.",
        "people who used it ÷ people active and eligible",
        _WILSON,
        _USUAL,
    ),
    Name.TASK_SUCCESS: Kpi(
        "Task success",
        Of.STEP,
        "share",
        "Of the people who tried a step (`attempted by`, or reached it), how many reached it.",
        "people who reached it ÷ people who tried",
        _WILSON,
        "K. Rodden, H. Hutchinson, X. Fu, CHI 2010 (HEART: task success); J. Sauro, J. Lewis, Quantifying the User "
        "Experience (2016)",
    ),
    Name.UNASSISTED: Kpi(
        "Task success without any assistance",
        Of.STEP,
        "share",
        "The same, counting only those to whom no guide was shown from coming to the step (the step before was "
        "reached; of the first, anything of the journey was done) until reaching it. Surveys and feedback forms ask; "
        "they are no assistance.",
        "people who reached it unassisted ÷ people who tried",
        _WILSON,
        "ISO/IEC 25062:2006, unassisted completion rate",
    ),
    Name.TIME_TO_VALUE: Kpi(
        "Time to value",
        Of.JOURNEY,
        "seconds",
        "How long it takes until a half has come to the outcome of the journey (without one, to its last step), from "
        "a person's first own event. Who has not come to it counts for as long as they were watched.",
        "median of the Kaplan–Meier estimate, right-censored at the end of the period",
        "Brookmeyer–Crowley, on the scale of log(−log S)",
        "E. L. Kaplan, P. Meier, JASA 53 (1958); R. Brookmeyer, J. Crowley, Biometrics 38 (1982)",
    ),
    Name.ACTIVATION: Kpi(
        "Activation",
        Of.JOURNEY,
        "share",
        "Of the people new in the period whose first 7 days are over, how many came to the outcome within these.",
        "new people with the outcome in 7 days ÷ new people",
        _WILSON,
        "D. McClure, Startup Metrics for Pirates (2007)",
    ),
    Name.RETENTION_DAY: Kpi(
        "Retention on a day",
        Of.DAYS,
        "share",
        "Of the people new in the period for whom the day is over, how many were active on exactly the n-th day after "
        "their first (days in UTC; the first is day 0).",
        "new people active on day n ÷ new people",
        _WILSON,
        "the usual N-day retention",
    ),
    Name.RETENTION_BRACKET: Kpi(
        "Retention in a span of days",
        Of.DAYS,
        "share",
        "Of the people new in the period for whom the span is over, how many were active on any day of it.",
        "new people active on any day of the span ÷ new people",
        _WILSON,
        "the usual bracket retention",
    ),
    Name.CHURN: Kpi(
        "Churn",
        Of.STAGE,
        "share",
        "Of the people who came into a stage (reached any step of it, or the last of the stage before) and whose time "
        "is over, how many reached nothing of a later stage (in the last stage: not its last step) and did nothing at "
        "all for the journey's `gives up after`, 7 days where it does not say.",
        "people who left ÷ people who came into the stage",
        _WILSON,
        _USUAL,
    ),
    Name.REVENUE: Kpi(
        "Revenue per user",
        Of.EVENT,
        "amount",
        "What people active in the period paid on average; who paid nothing counts with 0. The event and its number "
        "are named: `--revenue Purchase.amount`.",
        "sum of the number ÷ people active",
        "Student's t",
        "the usual ARPU",
    ),
    Name.STEP_RETENTION: Kpi(
        "Step and retention",
        Of.STEP,
        "share",
        "Of people new in the period who came to a step: how many more of those with the mark (`reached`: they reached "
        "it; `tried and failed`; `slow`: longer than `expect within`; `met friction`: any sign of it there; "
        "`felt bad`: what they said there had a mean valence below 0, the others being those who said something better)"
        " than of the others were active on days 7 to 13; `count` is how many of both were. "
        "**An association, not a cause**: people with the mark differ in other ways too.",
        "share with the mark − share without",
        "Newcombe",
        "R. G. Newcombe, Statistics in Medicine 17 (1998), method 10",
    ),
    Name.STEP_REVENUE: Kpi(
        "Step and revenue",
        Of.STEP,
        "amount",
        "The same of revenue per user: the mean of those with the mark less that of the others. **An association, not "
        "a cause.**",
        "mean with the mark − mean without",
        "Welch's t",
        "B. L. Welch, Biometrika 34 (1947)",
    ),
}
"""What each figure is, in the order in which they are told."""

ASSOCIATIONS: Final = frozenset({Name.STEP_RETENTION, Name.STEP_REVENUE})
"""What may not be read as an effect."""
NOT_CAUSE: Final = "association, not cause"
NOBODY: Final = "nobody came back"
FEW: Final = "not enough answers"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. of: the question, step, feature … value: None below five, with a note. n: people or answers.

    count: of these, how many; None where the figure is no share. mark: of an association: of both sides together.
    """

    name: Name
    of: str
    value: float | None
    interval: Interval | None
    n: int
    count: int | None = None
    mark: str | None = None

    @property
    def note(self) -> str | None:
        """What has to be said with it."""
        if self.value is None and self.n < 5:
            return FEW
        if self.name is Name.STEP_RETENTION and self.count == 0:
            return NOBODY
        return NOT_CAUSE if self.name in ASSOCIATIONS else None


def reference() -> str:
    """The reference page."""
    lines = [*_PREAMBLE.strip().splitlines(), ""]
    for name, kpi in KPIS.items():
        lines += [
            f"### {kpi.label}",
            "",
            f"`{name.value}`, one for each {kpi.of.value}; {_UNITS[kpi.unit]}.",
            "",
            kpi.definition,
            "",
            f"- formula: {kpi.formula}",
            f"- 95 % interval: {kpi.interval}",
            f"- source: {kpi.source}",
            "",
        ]
    return "\n".join(lines).rstrip()


_PREAMBLE: Final = """
# The figures of a product

Made from `engine/analytics/kpis.py` by `waypost kpis --define`; a test compares the two.

`waypost kpis [JOURNEY]`; over HTTP `/api/v1/kpis`. Which figures there are follows from the rules in force: questions
of surveys, features, journeys. They are of what happened in a period, `--from` (included) to `--to` (excluded),
everything until now without them; "new in the period" is who did the first thing of their own in it. `--where` takes a
condition of the language on who counts, as of now. Who counts at all: [real people who are not your
own](analyses.md#who-counts). Days are of UTC.

Every figure has its n and an interval at 95 %; below five people or answers it says "not enough answers". With `--json`
comes its definition, with `--csv` and `--parquet FILE` (over HTTP `format=csv`, `format=parquet`) one row a figure:
`kpi`, `of`, `mark`, `unit`, `value`, `low`, `high`, `n`, `count`, `note`. Intervals of these figures are for one look;
to read a difference every day, ask for [an effect](effect.md).
"""

_UNITS: Final = {
    "share": "0 to 1",
    "points": "−100 to 100",
    "scale": "on the question's scale",
    "seconds": "in seconds",
    "amount": "in the unit of the event's number",
}
