"""WP001 to WP099, except WP003: what the parser finds."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, error

UNEXPECTED: Final[Code] = error(
    "WP001",
    "this cannot stand here",
    "The text does not follow the language at this place. The message lists what may stand here.",
    example="guide help { show }",
    mend='guide help { show modal { title "Hello" } }',
)
