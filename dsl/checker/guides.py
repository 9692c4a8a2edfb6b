"""Guides and surveys: which clauses stand together, and what each of them says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from dsl.checker import conditions
from dsl.checker.content import check_show
from dsl.checker.literals import (
    check_blank,
    check_duration,
    check_page,
    check_selector,
    check_share,
)
from dsl.checker.report import Report
from dsl.checker.scope import Scope, Standing
from dsl.checker.surveys import check_survey
from dsl.checker.texts import check_text
from dsl.checker.where import Ended, check_event
from dsl.clauses import every, one, places, trigger_events
from dsl.codes import guides as codes
from dsl.codes import values, warnings
from dsl.diagnostics import Span
from dsl.nodes import (
    At,
    Clause,
    Draft,
    Elapsed,
    ElementVisible,
    Ending,
    ExitIntent,
    Expires,
    For,
    Frequency,
    From,
    Goal,
    Guide,
    GuideKind,
    Holdout,
    IdleFor,
    NotWith,
    OnEvent,
    OnlyBetween,
    OnlyOn,
    OnPage,
    OnPageFor,
    OnSessionStart,
    Paused,
    Priority,
    Question,
    Rollout,
    Sample,
    Scrolled,
    Show,
    StopAfter,
    Testers,
    Thanks,
    Translation,
    Unless,
    Variant,
    Wait,
    When,
)

CLAUSE_WORDS: Final[Mapping[type[Clause], str]] = {
    At: "at",
    OnEvent: "on",
    OnPage: "on",
    OnSessionStart: "on",
    For: "for",
    When: "when",
    Unless: "unless",
    Wait: "wait",
    Show: "show",
    Variant: "variant",
    Question: "ask",
    Thanks: "thanks",
    Translation: "in",
    Frequency: "how often (`once`, `once every`, `shown at most`, `until`)",
    Priority: "priority",
    NotWith: "not with",
    Rollout: "rollout",
    Sample: "sample",
    Holdout: "holdout",
    Goal: "goal",
    From: "from",
    Expires: "expires",
    OnlyOn: "only on",
    OnlyBetween: "only between",
    StopAfter: "stop after",
    Draft: "draft",
    Paused: "paused",
    Testers: "testers",
}
"""Every clause by the word that it starts with."""

REPEATED_CLAUSES: Final = frozenset({OnEvent, OnPage, OnSessionStart, When, Unless, Variant, Question, Translation})

_HELP_TO_JOIN: Final[Mapping[type[Clause], str]] = {
    At: "name several steps in one clause, separated by commas",
    For: "name several segments in one clause, separated by commas",
    NotWith: "name several guides in one clause, separated by commas",
    Show: "to show different things to different users, write `variant NAME 50% { show … }` for each",
}

CLAUSES_OF_SOME: Final[Mapping[type[Clause], frozenset[GuideKind]]] = {
    Question: frozenset({GuideKind.SURVEY, GuideKind.FEEDBACK}),
    Thanks: frozenset({GuideKind.SURVEY, GuideKind.FEEDBACK}),
    Translation: frozenset({GuideKind.SURVEY, GuideKind.FEEDBACK}),
    Sample: frozenset({GuideKind.SURVEY}),
    StopAfter: frozenset({GuideKind.SURVEY}),
    Rollout: frozenset({GuideKind.GUIDE, GuideKind.FEEDBACK}),
    Variant: frozenset({GuideKind.GUIDE}),
}
"""Clauses that only some kinds take; all others go with every kind."""

_INSTEAD: Final[Mapping[type[Clause], str]] = {
    Question: "write `survey` instead of `guide`",
    Thanks: "thanks follow questions: write `survey` instead of `guide`",
    Translation: "put it between the braces of `show`",
    Sample: "a stable share of the users is a `rollout`",
    StopAfter: "only surveys have responses; a guide ends with `expires`",
    Rollout: "a share of the users is a `sample` in a survey",
    Variant: "variants show different things; write a survey for each",
}


def check_guide(report: Report, guide: Guide) -> None:
    """Check one guide, survey or feedback."""
    if guide.label is not None:
        check_blank(report, guide.label, what="the label")
    _check_clauses_together(report, guide)
    scope = Scope(Standing.GUIDE, trigger_events(guide))
    for clause in guide.clauses:
        _check_clause(report, guide, clause, scope)
    if guide.kind is not GuideKind.GUIDE:
        check_survey(report, guide, scope)


def _check_clauses_together(report: Report, guide: Guide) -> None:
    seen: set[type[Clause]] = set()
    for clause in guide.clauses:
        kind = type(clause)
        if guide.kind not in CLAUSES_OF_SOME.get(kind, frozenset(GuideKind)):
            message = f"`{CLAUSE_WORDS[kind]}` does not belong in {_a(guide.kind)}"
            report.add(codes.WRONG_KIND.at(clause.span, message, help=_INSTEAD[kind]))
        if kind in seen and kind not in REPEATED_CLAUSES:
            message = f"a second clause `{CLAUSE_WORDS[kind]}`"
            if kind is Frequency:
                message = f"a second clause on {CLAUSE_WORDS[kind]}"
            help_ = _HELP_TO_JOIN.get(kind, "leave one of the two out")
            report.add(codes.SECOND_CLAUSE.at(clause.span, message, help=help_))
        seen.add(kind)
    _check_what_is_shown(report, guide)
    _check_repeated(report, guide)
    _check_measured(report, guide)


def _a(kind: GuideKind) -> str:
    return "feedback" if kind is GuideKind.FEEDBACK else f"a {kind.value}"


def _check_what_is_shown(report: Report, guide: Guide) -> None:
    shows, variants, questions = every(guide, Show), every(guide, Variant), every(guide, Question)
    is_whole = report.is_whole(guide)
    if guide.kind is GuideKind.SURVEY and not questions and is_whole:
        message = f"survey `{guide.name.text}` asks nothing"
        report.add(codes.SHOWS_NOTHING.at(guide.name.span, message, help='write `ask effort ease "How easy was it?"`'))
    if guide.kind is GuideKind.GUIDE and not (shows or variants or questions) and is_whole:
        message = f"guide `{guide.name.text}` shows nothing"
        report.add(codes.SHOWS_NOTHING.at(guide.name.span, message, help='write `show modal { title "…" }`'))
    if shows and variants:
        help_ = "put what it shows into a variant as well"
        place = report.word_of(shows[0], "show")
        report.add(codes.SECOND_CLAUSE.at(place, "a `show` beside variants", help=help_))
    _check_variants(report, guide, variants)


def _check_variants(report: Report, guide: Guide, variants: tuple[Variant, ...]) -> None:
    report.twice((each.name for each in variants), what="variant")
    over = [
        each for each in variants if not check_share(report, each.percent, each.span, what="the share of a variant")
    ]
    total = sum(each.percent for each in variants)
    # Shares such as 33.3 % and 66.7 % are sums of floats.
    if variants and not over and report.is_whole(guide) and abs(total - 100) > 1e-6:
        message = f"the variants of `{guide.name.text}` add up to {total:g} %"
        help_ = "the shares of all variants add up to 100 %; for fewer users write `rollout`"
        report.add(codes.VARIANTS_DO_NOT_ADD_UP.at(variants[-1].span, message, help=help_))


def _check_repeated(report: Report, guide: Guide) -> None:
    """Clauses that may stand several times, but not twice the same."""
    seen: set[Clause] = set()
    for clause in guide.clauses:
        if isinstance(clause, OnEvent | OnPage | OnSessionStart | When | Unless):
            if clause in seen:
                message = f"the same `{CLAUSE_WORDS[type(clause)]}` stands above"
                report.add(warnings.SAID_TWICE.at(clause.span, message, help="leave one of the two out"))
            seen.add(clause)


def _check_measured(report: Report, guide: Guide) -> None:
    holdout = one(guide, Holdout)
    if places(guide) or one(guide, Goal) is not None or not report.is_whole(guide):
        return
    if holdout is not None and holdout.percent > 0:
        message = "users are held out, and nothing is measured"
        help_ = 'add `goal "EVENT" within 7 days`, or `at JOURNEY.STEP`'
        report.add(codes.NOTHING_TO_MEASURE.at(holdout.span, message, help=help_))
    elif guide.kind is GuideKind.GUIDE:
        message = f"nothing says what `{guide.name.text}` is good for"
        help_ = 'add `goal "EVENT" within 7 days`, or `at JOURNEY.STEP`'
        report.add(warnings.NOTHING_MEASURED.at(guide.name.span, message, help=help_))


def _check_clause(report: Report, guide: Guide, clause: Clause, scope: Scope) -> None:  # noqa: C901, PLR0912
    """One case a kind of clause."""
    match clause:
        case At():
            for place in clause.places:
                report.steps(place, word="at", stage_too=True)
        case OnEvent():
            check_event(report, clause.event, Ended.TRIGGER)
        case OnPage():
            check_page(report, clause.pattern)
        case For():
            for name in clause.segments:
                report.segment(name)
            report.said_twice(clause.segments)
        case When() | Unless():
            conditions.check(report, clause.condition, scope)
        case Wait():
            _check_wait(report, clause)
        case Show():
            check_show(report, clause, guide, scope)
        case Variant():
            check_show(report, clause.show, guide, scope)
        case Thanks():
            check_text(report, clause.text, scope, what="the thanks")
        case Frequency():
            _check_frequency(report, guide, clause)
        case NotWith():
            _check_not_with(report, guide, clause)
        case Rollout() | Sample() | Holdout():
            check_share(report, clause.percent, clause.span, what=f"the `{CLAUSE_WORDS[type(clause)]}`")
        case Goal():
            check_event(report, clause.event, Ended.FACT)
            check_duration(report, clause.within)
        case StopAfter():
            _check_positive(report, clause.responses, clause.span, what="`stop after`", unit="response")
        case Testers():
            report.segment(clause.segment)
        case OnSessionStart() | OnlyOn() | OnlyBetween() | From() | Expires() | Priority() | Draft() | Paused():
            return
        case Question() | Translation():
            # They are checked together, by `check_survey`.
            return
        case _:
            assert_never(clause)


def _check_wait(report: Report, clause: Wait) -> None:
    until = clause.until
    match until:
        case IdleFor() | OnPageFor() | Elapsed():
            check_duration(report, until.duration)
        case ElementVisible():
            check_selector(report, until.selector)
            if until.duration is not None:
                check_duration(report, until.duration)
        case Scrolled():
            check_share(report, until.percent, until.span, what="how far the page is scrolled")
        case ExitIntent():
            return
        case _:
            assert_never(until)


def _check_frequency(report: Report, guide: Guide, clause: Frequency) -> None:
    for duration in (clause.every, clause.per):
        if duration is not None:
            check_duration(report, duration)
    if clause.at_most is not None:
        _check_positive(report, clause.at_most, clause.span, what="`at most`", unit="time")
    if clause.until is Ending.ANSWERED and guide.kind is GuideKind.GUIDE:
        message = "`until answered` never ends: a guide asks nothing"
        help_ = "write `until completed` or `until dismissed`"
        report.add(codes.WRONG_KIND.at(clause.span, message, help=help_))


def _check_not_with(report: Report, guide: Guide, clause: NotWith) -> None:
    for name in clause.guides:
        if name.text == guide.name.text:
            message = f"`{name.text}` cannot exclude itself"
            help_ = "to show it less often write `once`, or `once every 7 days`"
            report.add(codes.NAMES_ITSELF.at(name.span, message, help=help_))
        else:
            report.guide(name)
    report.said_twice(clause.guides)


def _check_positive(report: Report, number: int, span: Span, *, what: str, unit: str) -> None:
    if number < 1:
        help_ = f"write at least 1 {unit}; to switch it off write `paused`"
        report.add(values.OUT_OF_RANGE.at(span, f"{what} {number} is out of range", help=help_))
