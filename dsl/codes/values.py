"""WP200 to WP299: values of the wrong kind, and values that cannot be read."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, error

WRONG_TYPE: Final[Code] = error(
    "WP201",
    "a value of the wrong type",
    "A number is compared with a number, a text with a text in quotes, a time with a date.",
    example="""
attribute seats: number

segment five where seats is "five"
""",
    mend="""
attribute seats: number

segment five where seats is 5
""",
)

WRONG_OPERATOR: Final[Code] = error(
    "WP202",
    "a question that does not fit the type",
    "Each type has its own comparisons: only text contains, only lists include, only times are before or after.",
    example="""
attribute seats: number

segment five where seats contains "5"
""",
    mend="""
attribute seats: number

segment five where seats is 5
""",
)

NOT_ONE_OF: Final[Code] = error(
    "WP203",
    "a value that cannot occur",
    "The attribute is declared as `one of` some values, and this is none of them.",
    example="""
attribute plan: one of "free", "trial", "pro"

segment trial where plan is "trail"
""",
    mend="""
attribute plan: one of "free", "trial", "pro"

segment trial where plan is "trial"
""",
)

BAD_PATTERN: Final[Code] = error(
    "WP204",
    "an invalid pattern",
    "Between slashes stands a regular expression in RE2's form: no look-ahead, no back-references. A page is a path "
    "with `*` for anything.",
    example="""
segment staff where email matches /(@corp/
""",
    mend="""
segment staff where email matches /(@corp)/
""",
)

BAD_SELECTOR: Final[Code] = error(
    "WP205",
    "an invalid selector",
    "An element of the page is found by a CSS selector, such as `#dns-records` or `[data-guide=dns]`.",
    example="""
guide hint { show tooltip beside "#dns[" { title "Here" } }
""",
    mend="""
guide hint { show tooltip beside "#dns" { title "Here" } }
""",
)

BAD_URL: Final[Code] = error(
    "WP206",
    "an address that cannot be opened",
    "A link is a path of the product (`/docs/dns`) or an address with https, http, mailto or tel; pictures and videos "
    "take a path or https. Nothing else, so that no text becomes a script.",
    example="""
guide hint { show modal { title "Here" button "Read" opens "javascript:alert(1)" } }
""",
    mend="""
guide hint { show modal { title "Here" button "Read" opens "https://example.com/docs" } }
""",
)

BAD_DURATION: Final[Code] = error(
    "WP207",
    "an invalid duration",
    "A duration is at least one second.",
    example="""
event "Report Exported"

segment active where did "Report Exported" in last 0 days
""",
    mend="""
event "Report Exported"

segment active where did "Report Exported" in last 7 days
""",
)

BAD_VERSION: Final[Code] = error(
    "WP208",
    "an invalid version",
    'A version is numbers with dots, and perhaps a pre-release: `version "2.10.0-rc.1"`.',
    example="""
segment old where app_version < version "two"
""",
    mend="""
segment old where app_version < version "2.0"
""",
)

BAD_NETWORK: Final[Code] = error(
    "WP209",
    "an invalid network",
    "A network is an address and the length of its prefix: `10.0.0.0/8`, `2001:db8::/32`.",
    example="""
segment office where device.ip in network "10.0.0/8"
""",
    mend="""
segment office where device.ip in network "10.0.0.0/8"
""",
)

OUT_OF_RANGE: Final[Code] = error(
    "WP211",
    "a number out of its range",
    "Friction goes from 0 to 1; a count of shows or responses is at least 1.",
    example="""
journey activation { stage start { step signup reached by "Signed Up" } }

segment slow where friction at activation.signup >= 5
""",
    mend="""
journey activation { stage start { step signup reached by "Signed Up" } }

segment slow where friction at activation.signup >= 0.5
""",
)

CASE_OF_NO_TEXT: Final[Code] = error(
    "WP212",
    "`ignoring case` where there are no letters",
    "Only a comparison of texts can ignore upper and lower case.",
    example="""
attribute seats: number

segment five where seats is 5 ignoring case
""",
    mend="""
attribute seats: number

segment five where seats is 5
""",
)

BLANK_VALUE: Final[Code] = error(
    "WP214",
    "`one of` with a blank value",
    "Blank text is not a value: it counts as not set.",
    example="""
attribute plan: one of "free", "pro", ""
""",
    mend="""
attribute plan: one of "free", "pro"
""",
)

BLANK: Final[Code] = error(
    "WP216",
    "a blank name or text",
    "Names of events and texts that are shown need at least one letter.",
    example="""
event " "
""",
    mend="""
event "Signed Up"
""",
)
