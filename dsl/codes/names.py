"""WP003 and WP100 to WP199: names that nothing is known by, or too much."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, error

UNKNOWN_EVENT: Final[Code] = error(
    "WP003",
    "unknown event",
    "The event is neither declared nor was it ever received. Names are compared letter by letter, upper and lower "
    'case included. Declare it (`event "…"`), or write the name that is sent.',
    example="""
event "Domain Verified"

segment verified where did "Domain Verifed"
""",
    mend="""
event "Domain Verified"

segment verified where did "Domain Verified"
""",
)
