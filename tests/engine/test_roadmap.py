"""The roadmap without a database: timeboxes, quadrants, the gate, metrics before and after, sheets, the review."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import orjson
import pytest
from jsonschema import Draft202012Validator

from dsl.checker.declarations import PHASES
from dsl.values import DAY, Duration, Instant, format_instant, read_instant
from engine.analytics.releases import Release
from engine.errors import UnknownStep
from engine.journeys import JourneyProgress
from engine.mapping.releases import Look
from engine.roadmap.evidence import Period
from engine.roadmap.gate import checked, refuse_bad_theme
from engine.roadmap.items import (
    BadItem,
    Change,
    Effort,
    ItemDraft,
    ItemStatus,
    NotSchedulable,
    effort_of,
    missing_of,
    refuse_bad,
    refuse_unschedulable,
)
from engine.roadmap.metrics import METRICS, Arrivals, BadTarget, Metric, UnknownStage, measure, stretch_of
from engine.roadmap.news import source_of, unnamed
from engine.roadmap.opportunities import Decision, Status
from engine.roadmap.outcomes import Verdict, around, compare
from engine.roadmap.quadrants import Limits, Quadrant, Range, place_of
from engine.roadmap.review import SLIPS, Stale, items_to_drop, late_lines, slips_of, stale_maps
from engine.roadmap.themes import SCHEMA_FILE, STARTERS_FILE, ThemeDraft, feature_hint, starters, starters_for
from engine.roadmap.timeboxes import BadTimebox, quarter_of, read_timebox
from engine.stages import COLOURS, letter_of, stage_marks, step_marks
from tests.engine.roadmaps import NOW, READY, STEP, board, evidence, people, rules, traveller

# timeboxes


@pytest.mark.parametrize(
    ("text", "begin", "end", "next_"),
    [
        ("2026-11", "2026-11-01", "2026-12-01", "2026-12"),
        ("2026-12", "2026-12-01", "2027-01-01", "2027-01"),
        ("2026-q4", "2026-10-01", "2027-01-01", "2027-Q1"),
    ],
)
def test_a_timebox_is_a_month_or_a_quarter(text: str, begin: str, end: str, next_: str) -> None:
    timebox = read_timebox(text)
    assert (format_instant(timebox.begin)[:10], format_instant(timebox.end)[:10]) == (begin, end)
    assert (str(timebox.next), str(timebox.next.previous)) == (next_, str(timebox))


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-Q5", "soon", "2026-11-01", "١٢٣٤-11"])
def test_anything_else_is_told(text: str) -> None:
    with pytest.raises(BadTimebox, match="2026-Q4"):
        read_timebox(text)


# quadrants


@pytest.mark.parametrize(
    ("impact", "effort", "quadrant", "is_close", "timebox"),
    [
        ((20, 30), (2, 4), Quadrant.QUICK_WIN, False, "2026-11"),
        ((20, 30), (2, 9.9), Quadrant.QUICK_WIN, False, "2026-11"),
        ((20, 30), (15, 30), Quadrant.STRATEGIC, False, "2027-Q1"),
        ((1, 3), (1, 2), Quadrant.FILLER, False, "2027-Q2"),
        ((1, 3), (15, 30), Quadrant.AVOID, False, None),
        ((8, 14), (2, 4), Quadrant.QUICK_WIN, True, "2026-11"),
        ((20, 30), (8, 16), Quadrant.STRATEGIC, True, "2027-Q1"),
        ((10, 10), (10, 10), Quadrant.STRATEGIC, False, "2027-Q1"),
    ],
)
def test_impact_and_effort_make_a_quadrant_that_proposes_a_timebox(
    impact: tuple[float, float], effort: tuple[float, float], quadrant: Quadrant, is_close: bool, timebox: str | None
) -> None:
    # It is 16 November 2026, noon: 14 days are left of the month, 10 of them to work on.
    place = place_of(Range(*impact), Range(*effort), Limits(effort_days=10, users_per_week=10), now=NOW)
    assert place is not None
    assert (place.quadrant, place.is_close) == (quadrant, is_close)
    assert (None if place.timebox is None else str(place.timebox)) == timebox


def test_a_quick_win_that_this_month_is_too_short_for_goes_into_the_next() -> None:
    late = read_instant("2026-11-28T12:00:00Z") or NOW
    place = place_of(Range(20, 30), Range(3, 5), Limits(), now=late)
    assert place is not None
    assert str(place.timebox) == "2026-12"


def test_without_an_estimate_an_item_lies_nowhere() -> None:
    assert place_of(Range(1, 2), None, Limits(), now=NOW) is None
    assert place_of(None, Range(1, 2), Limits(), now=NOW) is None


def test_estimates_that_disagree_make_a_wide_range() -> None:
    draft = replace(READY, efforts=(Effort("Ada", 2, 4), Effort("Bob", 8, 13)))
    assert effort_of(draft) == Range(2, 13)
    assert effort_of(READY) is None


# stages


def test_a_stage_has_one_letter_and_one_colour() -> None:
    marks = stage_marks(rules())
    assert [(mark.letter, mark.label) for mark in marks.values()] == [("A", "Onboarding"), ("B", "First value")]
    steps = step_marks(rules(), "activation")
    assert [(name, mark.letter) for name, mark in steps.items()] == [("signup", "A"), ("verify", "A"), ("send", "B")]
    assert [letter_of(number) for number in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


@pytest.mark.parametrize("colour", COLOURS)
def test_white_letters_can_be_read_on_every_colour(colour: str) -> None:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


# themes


def test_the_starters_fit_their_schema_and_name_every_phase() -> None:
    document = orjson.loads(STARTERS_FILE.read_bytes())
    assert list(Draft202012Validator(orjson.loads(SCHEMA_FILE.read_bytes())).iter_errors(document)) == []
    assert {each.phase for each in starters()} == {*PHASES, "any"}


def test_no_starter_reads_like_a_feature() -> None:
    assert [each.title for each in starters() if feature_hint(each.title) is not None] == []


def test_a_stage_gets_the_starters_of_its_phase_and_any_other_what_fits_everywhere() -> None:
    onboarding, first_value = rules().journeys["activation"].stages
    assert {each.phase for each in starters_for(onboarding)} == {"onboarding"}
    assert {each.phase for each in starters_for(first_value)} == {"first value"}
    strange = replace(first_value, name=replace(first_value.name, text="odd"), label=None)
    assert {each.phase for each in starters_for(strange)} == {"any"}


@pytest.mark.parametrize(("title", "is_told"), [("Add a wizard", True), ("New users do not know what to enter", False)])
def test_a_theme_that_reads_like_a_feature_gets_a_hint(title: str, is_told: bool) -> None:
    assert (feature_hint(title) is not None) is is_told


def test_a_theme_names_a_place_and_a_target_that_can_be() -> None:
    theme = ThemeDraft(title="Hard", journey="activation", step="verify", metric=Metric.COMPLETION, target=0.7)
    refuse_bad_theme(rules(), theme)
    with pytest.raises(BadTarget, match="between 0 and 1"):
        refuse_bad_theme(rules(), replace(theme, target=70))
    with pytest.raises(UnknownStage, match="`onboarding`"):
        refuse_bad_theme(rules(), replace(theme, stage="setup"))
    with pytest.raises(UnknownStep, match="first_value"):
        refuse_bad_theme(rules(), replace(theme, stage="first_value"))


# the gate


@pytest.mark.parametrize(
    ("draft", "missing"),
    [
        (ItemDraft(title="Dark mode"), ["step", "evidence"]),
        (STEP, ["evidence"]),
        (ItemDraft(title="X", evidence=("said so",)), ["step"]),
        (READY, []),
        (replace(STEP, opportunity="activation.verify.trial"), []),
    ],
    ids=["a bare request", "a step alone", "evidence alone", "both", "an opportunity is evidence"],
)
def test_what_a_request_lacks(draft: ItemDraft, missing: list[str]) -> None:
    assert list(missing_of(draft)) == missing
    scheduled = replace(draft, timebox=read_timebox("2026-12"))
    if missing:
        with pytest.raises(NotSchedulable, match="admin"):
            refuse_unschedulable(scheduled, overridden=False)
    refuse_unschedulable(scheduled, overridden=True)
    refuse_unschedulable(draft, overridden=False)


def ready(draft: ItemDraft, before: ItemStatus = ItemStatus.REQUESTED) -> ItemDraft:
    return checked(rules(), draft, before=before, now=NOW)


def test_an_opportunity_gives_an_item_its_step() -> None:
    draft = ready(ItemDraft(title="X", opportunity="activation.verify.trial"))
    assert (draft.journey, draft.step) == ("activation", "verify")
    with pytest.raises(BadItem, match="leave one of them out"):
        ready(ItemDraft(title="X", opportunity="activation.verify", journey="activation", step="send"))


def test_a_timebox_schedules_and_going_back_to_the_intake_takes_it_away() -> None:
    scheduled = ready(replace(READY, timebox=read_timebox("2026-12")))
    assert scheduled.status is ItemStatus.SCHEDULED
    back = ready(replace(scheduled, status=ItemStatus.REQUESTED), before=ItemStatus.SCHEDULED)
    assert (back.status, back.timebox, str(back.wish)) == (ItemStatus.REQUESTED, None, "2026-12")


def test_what_is_launched_was_so_at_an_instant() -> None:
    launched = ready(replace(READY, status=ItemStatus.LAUNCHED))
    assert launched.launched == NOW
    assert ready(replace(launched, status=ItemStatus.IN_PROGRESS), before=ItemStatus.LAUNCHED).launched is None


@pytest.mark.parametrize(
    "more",
    [
        {"efforts": (Effort("Ada", 4, 2),)},
        {"efforts": (Effort("Ada", 1, 2), Effort("Ada", 2, 3))},
        {"impact": Range(-1, 2)},
        {"impact": Range(1, float("inf"))},
        {"evidence": tuple(map(str, range(21)))},
        {"title": "  "},
        {"owner": "A" * 251},
        {"sprint": "2\x003"},
        {"story": "\x00"},
    ],
    ids=[
        *("upside down", "twice by one author", "less than nobody", "more than everybody", "too much evidence"),
        *("no title", "an endless name", "a zero character", "a zero character in the story"),
    ],
)
def test_figures_that_cannot_be_are_told(more: dict[str, object]) -> None:
    with pytest.raises(BadItem):
        refuse_bad(replace(READY, **more))  # type: ignore[arg-type]


# metrics, before and after

LAUNCH = Instant(NOW - 30 * DAY)


def crowd(first: int, at: Instant, *, went_on: int, lost: int, took: Duration = DAY) -> list[JourneyProgress]:
    return [
        traveller(first + number, went_on=number < went_on, at=at, took=took).progress
        for number in range(went_on + lost)
    ]


def compared(metric: Metric, before: list[JourneyProgress], after: list[JourneyProgress]) -> Verdict:
    stretch = stretch_of(rules().journeys["activation"], step="verify")
    arrivals = Arrivals([*before, *after])
    return compare(metric, stretch, arrivals, around(LAUNCH, now=NOW), now=NOW).verdict


EARLIER, LATER = Instant(LAUNCH - 10 * DAY), Instant(LAUNCH + 5 * DAY)


@pytest.mark.parametrize(
    ("metric", "before", "after", "verdict"),
    [
        (Metric.COMPLETION, (40, 60, 1), (80, 20, 1), Verdict.IMPROVED),
        (Metric.COMPLETION, (80, 20, 1), (40, 60, 1), Verdict.WORSENED),
        (Metric.COMPLETION, (50, 50, 1), (52, 48, 1), Verdict.NO_CLEAR_CHANGE),
        (Metric.COMPLETION, (50, 50, 1), (2, 1, 1), Verdict.CANNOT_TELL),
        (Metric.LOST_PER_WEEK, (10, 90, 1), (90, 10, 1), Verdict.IMPROVED),
        (Metric.TIME_TO_COMPLETE, (50, 0, 4), (50, 0, 1), Verdict.IMPROVED),
        (Metric.EMOTION, (50, 50, 1), (50, 50, 1), Verdict.CANNOT_TELL),
    ],
    ids=["better", "worse", "hardly different", "too few", "fewer lost", "four days became one", "nobody was asked"],
)
def test_a_metric_before_and_after(
    metric: Metric, before: tuple[int, int, int], after: tuple[int, int, int], verdict: Verdict
) -> None:
    earlier = crowd(1, EARLIER, went_on=before[0], lost=before[1], took=Duration(before[2] * DAY))
    later = crowd(1_000, LATER, went_on=after[0], lost=after[1], took=Duration(after[2] * DAY))
    assert compared(metric, earlier, later) is verdict


def test_who_came_lately_does_not_count_before_they_could_be_lost() -> None:
    # Three days ago; the journey waits for seven: only the quick ones are through.
    lately = crowd(1, Instant(NOW - 3 * DAY), went_on=50, lost=50)
    stretch = stretch_of(rules().journeys["activation"], step="verify")
    period = Period(Instant(NOW - 20 * DAY), NOW)
    assert measure(Metric.COMPLETION, stretch, Arrivals(lately), period, now=NOW).n == 0


def test_every_metric_says_what_it_is() -> None:
    assert set(METRICS) == set(Metric)


# the review


def moved(number: int, *timeboxes: str | None) -> list[Change]:
    pairs = pairwise(timeboxes)
    return [Change(number, place + 2, NOW, "member 3", {"timebox": pair}) for place, pair in enumerate(pairs)]


def test_what_speaks_against_an_item() -> None:
    long = Instant(NOW - 200 * DAY)
    small = Limits(effort_days=1, users_per_week=1_000)
    whole = board(
        replace(READY, efforts=(Effort("Ada", 20, 30),)),
        replace(READY, opportunity="activation.signup", step=None, journey=None),
        replace(READY, timebox=read_timebox("2027-Q1"), status=ItemStatus.SCHEDULED),
        ItemDraft(title="Dark mode"),
        replace(READY, status=ItemStatus.IN_PROGRESS, efforts=(Effort("Ada", 20, 30),)),
        limits=small,
    )
    lines = [replace(line, item=replace(line.item, created=long)) for line in whole.lines]
    changes = moved(3, "2026-10", "2026-11", "2026-12", "2027-Q1")
    told = {each.item: each.why for each in items_to_drop(replace(whole, lines=tuple(lines)), changes, now=NOW)}
    assert set(told) == {1, 2, 3, 4}
    assert "much effort for little" in told[1]
    assert "gone" in told[2]
    assert "put off 3 times" in told[3]
    assert "200 days ago" in told[4]


def test_bringing_something_forward_is_no_slip() -> None:
    assert slips_of(1, moved(1, "2026-12", "2026-11", None, "2026-12")) == 0
    assert slips_of(1, moved(1, "2026-11", "2026-12", "2027-Q1")) == SLIPS


def test_what_was_due_and_is_not_there_is_late() -> None:
    due = [replace(READY, timebox=read_timebox(text), status=ItemStatus.SCHEDULED) for text in ("2026-10", "2026-12")]
    over = replace(due[0], status=ItemStatus.LAUNCHED)
    late = late_lines(board(*due, over), quarter_of(NOW), now=NOW)
    assert [str(line.item.draft.timebox) for line in late] == ["2026-10"]


@pytest.mark.parametrize(
    ("looked", "released", "reasons"),
    [
        (None, None, [Stale.NEVER]),
        (10, None, []),
        (100, None, [Stale.OLD]),
        (10, 20, []),
        (10, 5, [Stale.RELEASED]),
    ],
    ids=["never", "lately", "long ago", "released before", "released since"],
)
def test_a_map_that_nobody_looked_at_is_stale(looked: int | None, released: int | None, reasons: list[Stale]) -> None:
    known = {}
    if looked is not None:
        at = Instant(NOW - looked * DAY)
        known["activation.verify.trial"] = Decision(Status.CONFIRMED, "member 3", at, "seen", None, 1.0, 1)
    releases = [] if released is None else [Release("2.0", Instant(NOW - released * DAY))]
    told = stale_maps(rules(), known, [], releases, now=NOW)
    assert [each.why for each in told] == reasons


def test_whoever_confirms_the_touched_steps_of_a_map_has_looked_at_them() -> None:
    at = Instant(NOW - 5 * DAY)
    release = Release("2.0", at, steps=("activation.verify",))

    def told(**looked: int) -> list[tuple[Stale, str]]:
        looks = {"activation": {step: Look(Instant(NOW - days * DAY), "member 3") for step, days in looked.items()}}
        return [(each.why, each.detail) for each in stale_maps(rules(), {}, [], [release], looks, now=NOW)]

    assert told() == [(Stale.NEVER, "")]
    assert told(send=1) == [(Stale.RELEASED, "2.0")]
    assert told(send=10, verify=1) == []


def test_steps_to_which_nobody_came_make_a_map_stale() -> None:
    told = stale_maps(rules(), {}, evidence(people(1, lost=5, went_on=5), personas=False), [], now=NOW)
    assert [(each.why, each.detail) for each in told][1:] == [(Stale.EMPTY_STEP, "signup, send")]


@pytest.mark.parametrize(
    ("came_from", "address", "query", "source"),
    [
        ("https://www.news.example/a", "https://app.shop.example/", "", "www.news.example"),
        ("https://www.shop.example/", "https://app.shop.example/", "", ""),
        ("https://news.example/", "https://shop.example/?utm_source=june%20mail", "", "june mail"),
        (None, None, "?utm_source=spring", "spring"),
        ("", "https://shop.example/", None, ""),
        ("not an address", "https://[", None, ""),
    ],
    ids=["another site", "ourselves", "a campaign", "a query alone", "typed in", "rubbish"],
)
def test_where_somebody_came_from(came_from: str | None, address: str | None, query: str | None, source: str) -> None:
    assert source_of(came_from, address, query) == source


def test_pages_that_no_touchpoint_names_are_told_once_for_all_their_numbers() -> None:
    pages = {"/signup": 90, "/domains/7/dns": 50, "/orders/1": 7, "/orders/2": 9, "/help": 20, "/rare": 2}
    assert [(each.name, each.people) for each in unnamed(pages, rules())] == [("/help", 20), ("/orders/…", 9)]
