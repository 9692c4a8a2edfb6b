"""What only the browser can see, as the small expression that travels with a decision.

The server decides the rest; the browser waits until the expression holds and then asks the server to confirm.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from dsl.nodes import Elapsed, ElementVisible, ExitIntent, IdleFor, OnPageFor, Scrolled, Wait
from dsl.nodes.literals import DurationLiteral
from dsl.values import SECOND, JsonValue

Until: TypeAlias = IdleFor | ElementVisible | Scrolled | ExitIntent | OnPageFor | Elapsed


def residual_of(wait: Wait | None) -> dict[str, JsonValue] | None:
    """The expression for a `wait` clause, or None where the guide may be shown at once."""
    return _waiting_until(wait.until) if wait is not None else None


def _waiting_until(until: Until) -> dict[str, JsonValue]:
    match until:
        case IdleFor():
            return {"until": "idle", "seconds": seconds(until.duration)}
        case ElementVisible():
            return {
                "until": "visible",
                "selector": until.selector.value,
                "seconds": seconds(until.duration) if until.duration is not None else 0,
            }
        case Scrolled():
            return {"until": "scrolled", "percent": until.percent}
        case ExitIntent():
            return {"until": "exit_intent"}
        case OnPageFor():
            return {"until": "on_page", "seconds": seconds(until.duration)}
        case Elapsed():
            return {"until": "elapsed", "seconds": seconds(until.duration)}
        case _:
            assert_never(until)


def seconds(duration: DurationLiteral) -> int:
    """The whole seconds of a duration; the language has no shorter unit."""
    return duration.length // SECOND
