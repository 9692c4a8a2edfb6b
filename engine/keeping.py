"""What a browser may keep of a decision, to show it again while the server cannot be reached.

Only what is so without an event: a rule with `on` is of its moment, and what the user asked for by name is of theirs.
How often the guide may be shown travels along, so that the browser can hold it against what was shown there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dsl.needs import Attribute, Need, Source
from dsl.nodes import Ending
from dsl.values import SECOND, Duration, JsonValue
from engine.decisions import GuideDecision
from engine.frequency import FrequencyCap
from engine.ruleset import CompiledGuide

_PAGE: Final = "page."


def keep_of(guide: CompiledGuide, decided: GuideDecision, *, is_asked_for: bool) -> dict[str, JsonValue] | None:
    """How often a guide may be shown, for a browser on its own; None for one that is not to be kept.

    `{"page": …, "every": …, "times": …, "per": …, "ends": […]}`; durations in seconds, null for what is not limited.
    page: true where the guide is for the page on which it was decided. ends: after which of `answered`, `completed`
    and `dismissed` it is over. A guide without a frequency, which is shown once per session, is not shown a second
    time: a browser on its own does not know when a session ends.
    """
    if guide.is_edge or decided.trigger is not None or is_asked_for:
        return None
    cap = guide.cap
    return {
        "page": _asks_the_page(guide.needs),
        "every": _seconds(cap.every),
        "times": 1 if cap.per_session else cap.at_most,
        "per": _seconds(cap.per),
        "ends": list[JsonValue](sorted(_ends(cap))),
    }


def _ends(cap: FrequencyCap) -> set[str]:
    found = set() if cap.until is None else {cap.until.value}
    return found | {Ending.COMPLETED.value} if cap.ends_when_completed else found


def _seconds(duration: Duration | None) -> float | None:
    return None if duration is None else duration / SECOND


def _asks_the_page(needs: Iterable[Need]) -> bool:
    return any(
        isinstance(each, Attribute) and each.source is Source.CONTEXT and each.name.startswith(_PAGE) for each in needs
    )
