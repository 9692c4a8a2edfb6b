"""How often one user sees one guide, and what shows across guides leave room for."""

from __future__ import annotations

import pytest

from dsl.diagnostics import Span
from dsl.nodes import AtLeastBetween, AtMost, DurationLiteral, Ending, GuideKind, PerSession
from dsl.values import DAY, HOUR, MINUTE, SECOND, Duration, Instant
from engine.arbitration import Moment, Shows, Sort, leaves_room, met_in_session, rank_of
from engine.frequency import NEVER, Exposures, FrequencyCap, capped_by
from engine.reasons import Reason

SPAN = Span("rules.way", 0, 0, 1, 1)
NOW = Instant(1_000 * DAY)
CAPPED = Reason.FREQUENCY_CAPPED
ONCE = FrequencyCap(at_most=1)
WEEKLY = FrequencyCap(every=Duration(7 * DAY))
WEEKLY_THRICE = FrequencyCap(every=Duration(7 * DAY), at_most=3)
TWICE_A_DAY = FrequencyCap(at_most=2, per=DAY)
PER_SESSION = FrequencyCap(per_session=True)
RETURNING_SURVEY = FrequencyCap(every=Duration(90 * DAY), ends_when_completed=False)


def ago(*lengths: int) -> tuple[Instant, ...]:
    return tuple(sorted(Instant(NOW - length) for length in lengths))


def seen(*lengths: int, **more: object) -> Exposures:
    return Exposures(times=ago(*lengths), count=len(lengths), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cap", "exposures", "reason"),
    [
        pytest.param(ONCE, NEVER, None, id="once: never seen"),
        pytest.param(ONCE, seen(500 * DAY), CAPPED, id="once: seen long ago"),
        pytest.param(WEEKLY, seen(7 * DAY - 1), CAPPED, id="once every 7 days: a moment too early"),
        pytest.param(WEEKLY, seen(7 * DAY), None, id="once every 7 days: free at exactly the end"),
        pytest.param(WEEKLY, seen(20 * DAY, 6 * DAY), CAPPED, id="once every 7 days: the latest show counts"),
        pytest.param(WEEKLY_THRICE, seen(30 * DAY, 20 * DAY), None, id="at most 3 times: twice so far"),
        pytest.param(WEEKLY_THRICE, seen(40 * DAY, 30 * DAY, 20 * DAY), CAPPED, id="at most 3 times: used up"),
        pytest.param(WEEKLY_THRICE, seen(3 * DAY), CAPPED, id="at most 3 times: but once every 7 days"),
        pytest.param(TWICE_A_DAY, seen(2 * HOUR, 3 * HOUR), CAPPED, id="at most 2 times per 1 day: twice today"),
        pytest.param(TWICE_A_DAY, seen(2 * HOUR, DAY), None, id="at most 2 times per 1 day: free at exactly the end"),
        pytest.param(FrequencyCap(at_most=2), seen(500 * DAY, 400 * DAY), CAPPED, id="at most 2 times, ever"),
        pytest.param(FrequencyCap(until=Ending.DISMISSED), seen(1, 2, 3), None, id="until dismissed: not yet"),
        pytest.param(FrequencyCap(until=Ending.DISMISSED), seen(1, dismissed=True), CAPPED, id="until dismissed"),
        pytest.param(FrequencyCap(until=Ending.ANSWERED), seen(1, answered=True), CAPPED, id="until answered"),
        pytest.param(FrequencyCap(until=Ending.ANSWERED), seen(1, dismissed=True), None, id="not yet answered"),
        pytest.param(FrequencyCap(until=Ending.COMPLETED), seen(1, completed=True), CAPPED, id="until completed"),
        pytest.param(WEEKLY, seen(30 * DAY, completed=True), CAPPED, id="completing ends a guide"),
        pytest.param(RETURNING_SURVEY, seen(91 * DAY, completed=True), None, id="a survey with once every returns"),
    ],
)
def test_frequency(cap: FrequencyCap, exposures: Exposures, reason: Reason | None) -> None:
    assert capped_by(cap, exposures, now=NOW, session_start=None) is reason


@pytest.mark.parametrize(
    ("exposures", "session_start", "reason"),
    [
        pytest.param(NEVER, Instant(NOW - HOUR), None, id="never seen"),
        pytest.param(seen(30 * MINUTE), Instant(NOW - HOUR), CAPPED, id="seen in this session"),
        pytest.param(seen(HOUR), Instant(NOW - HOUR), CAPPED, id="seen as the session began"),
        pytest.param(seen(2 * HOUR), Instant(NOW - HOUR), None, id="seen in an earlier session"),
        pytest.param(seen(30 * MINUTE - 1), None, CAPPED, id="no session: seen less than 30 minutes ago"),
        pytest.param(seen(30 * MINUTE), None, None, id="no session: seen 30 minutes ago"),
    ],
)
def test_without_a_frequency_it_is_once_per_session(
    exposures: Exposures, session_start: Instant | None, reason: Reason | None
) -> None:
    assert capped_by(PER_SESSION, exposures, now=NOW, session_start=session_start) is reason


@pytest.mark.parametrize(
    ("cap", "exposures", "reason"),
    [
        pytest.param(
            WEEKLY,
            seen(DAY, snoozed_until=Instant(NOW + 1), snooze_is_open=True),
            Reason.SNOOZED,
            id="a snooze blocks until its end",
        ),
        pytest.param(
            WEEKLY,
            seen(30 * DAY, snoozed_until=Instant(NOW + 1), snooze_is_open=True),
            Reason.SNOOZED,
            id="a snooze blocks even where the frequency would not",
        ),
        pytest.param(
            WEEKLY_THRICE,
            seen(3 * DAY, 2 * DAY, DAY, snoozed_until=NOW, snooze_is_open=True),
            None,
            id="at exactly its end the guide is due once more, past its frequency",
        ),
        pytest.param(
            WEEKLY,
            seen(3 * DAY, DAY, snoozed_until=Instant(NOW - 2 * DAY), snooze_is_open=False),
            CAPPED,
            id="once more is once: then the frequency holds again",
        ),
        pytest.param(
            ONCE,
            seen(DAY, snoozed_until=NOW, snooze_is_open=True, completed=True),
            CAPPED,
            id="what was completed does not come back after a snooze",
        ),
        pytest.param(
            ONCE,
            seen(DAY, snoozed_until=Instant(NOW + DAY), snooze_is_open=True, completed=True),
            CAPPED,
            id="completed is the reason, snoozed or not",
        ),
    ],
)
def test_a_snooze(cap: FrequencyCap, exposures: Exposures, reason: Reason | None) -> None:
    assert capped_by(cap, exposures, now=NOW, session_start=None) is reason


def days(number: int) -> DurationLiteral:
    return DurationLiteral(number, "day", span=SPAN)


TOOLTIP, MODAL = Sort(GuideKind.GUIDE, "tooltip"), Sort(GuideKind.GUIDE, "modal")
SURVEY, MODAL_SURVEY = Sort(GuideKind.SURVEY, "slideout"), Sort(GuideKind.SURVEY, "modal")
LAUNCHER = Sort(GuideKind.FEEDBACK, "slideout")
IN_SESSION = Moment(NOW, Instant(NOW - HOUR))


@pytest.mark.parametrize(
    ("limit", "sort", "shows", "room"),
    [
        pytest.param(AtMost(1, "guide", days(7), span=SPAN), TOOLTIP, [], True, id="nothing shown yet"),
        pytest.param(
            AtMost(1, "guide", days(7), span=SPAN), TOOLTIP, [Shows(MODAL, seen(DAY))], False, id="another guide shown"
        ),
        pytest.param(
            AtMost(1, "guide", days(7), span=SPAN),
            TOOLTIP,
            [Shows(MODAL, seen(7 * DAY))],
            True,
            id="free at exactly the end",
        ),
        pytest.param(
            AtMost(1, "guide", days(7), span=SPAN),
            TOOLTIP,
            [Shows(SURVEY, seen(DAY))],
            True,
            id="a survey is no guide",
        ),
        pytest.param(
            AtMost(1, "survey", days(7), span=SPAN), TOOLTIP, [Shows(SURVEY, seen(DAY))], True, id="not about a tooltip"
        ),
        pytest.param(
            AtMost(1, "survey", days(7), span=SPAN), SURVEY, [Shows(MODAL_SURVEY, seen(DAY))], False, id="any survey"
        ),
        pytest.param(
            AtMost(1, "modal", days(7), span=SPAN),
            MODAL,
            [Shows(MODAL_SURVEY, seen(DAY))],
            False,
            id="a widget's name means it in guides and surveys",
        ),
        pytest.param(
            AtMost(3, "guide", days(7), span=SPAN),
            TOOLTIP,
            [Shows(MODAL, seen(DAY, 2 * DAY)), Shows(TOOLTIP, seen(3 * DAY))],
            False,
            id="shows of all guides add up",
        ),
        pytest.param(
            AtMost(1, "guide", PerSession.SESSION, span=SPAN),
            TOOLTIP,
            [Shows(MODAL, seen(30 * MINUTE))],
            False,
            id="one in this session",
        ),
        pytest.param(
            AtMost(1, "guide", PerSession.SESSION, span=SPAN),
            TOOLTIP,
            [Shows(MODAL, seen(2 * HOUR))],
            True,
            id="one in an earlier session",
        ),
        pytest.param(
            AtLeastBetween(days(1), "guide", span=SPAN),
            TOOLTIP,
            [Shows(MODAL, seen(DAY - SECOND))],
            False,
            id="too soon after another",
        ),
        pytest.param(
            AtLeastBetween(days(1), "guide", span=SPAN),
            TOOLTIP,
            [Shows(MODAL, seen(DAY))],
            True,
            id="later",
        ),
        pytest.param(
            AtMost(1, "slideout", days(7), span=SPAN),
            SURVEY,
            [Shows(LAUNCHER, seen(DAY))],
            True,
            id="a launcher counts as nothing",
        ),
    ],
)
def test_limits_across_guides(limit: AtMost | AtLeastBetween, sort: Sort, shows: list[Shows], room: bool) -> None:
    assert leaves_room([limit], sort, shows, IN_SESSION) is room


def test_every_limit_holds() -> None:
    limits = [AtMost(9, "guide", days(7), span=SPAN), AtMost(1, "tooltip", days(7), span=SPAN)]
    assert not leaves_room(limits, TOOLTIP, [Shows(TOOLTIP, seen(DAY))], IN_SESSION)


def test_not_with_asks_for_shows_in_this_session() -> None:
    assert met_in_session(["a", "b"], {"b": seen(MINUTE)}, IN_SESSION)
    assert not met_in_session(["a"], {"b": seen(MINUTE)}, IN_SESSION)
    assert not met_in_session(["b"], {"b": seen(2 * HOUR)}, IN_SESSION)


def test_the_higher_priority_comes_first_and_ties_go_by_name() -> None:
    guides = [("b", 50), ("a", 50), ("z", 80), ("c", 0)]
    assert sorted(guides, key=lambda each: rank_of(each[1], each[0])) == [("z", 80), ("a", 50), ("b", 50), ("c", 0)]
