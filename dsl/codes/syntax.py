"""WP001 to WP099, except WP003: what the parser finds."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, error

UNEXPECTED: Final[Code] = error(
    "WP001",
    "this cannot stand here",
    "The text does not follow the language at this place. The message says what may stand here.",
    example="guide help { show }",
    mend='guide help { show modal { title "Hello" } }',
)

UNCLOSED: Final[Code] = error(
    "WP002",
    "a brace or parenthesis too few or too many",
    "Each `{` has its `}` and each `(` its `)`. The message names the one that is left open.",
    example="""
limits {
  at most 1 guide per session

guide help { show modal { title "Hello" } }
""",
    mend="""
limits {
  at most 1 guide per session
}

guide help { show modal { title "Hello" } }
""",
)

UNCLOSED_TEXT: Final[Code] = error(
    "WP004",
    "a text without its end",
    'A text in quotes ends on its line; a text of several lines stands between `"""` and `"""`, and a name in '
    "backticks ends with one.",
    example="""
guide help { show modal { title "Hello } }
""",
    mend="""
guide help { show modal { title "Hello" } }
""",
)

SIGN: Final[Code] = error(
    "WP005",
    "a sign of another language",
    "The language is written in words: `is` and `is not` instead of `=`, `==` and `!=`, `and` instead of `&&`, `or` "
    "instead of `||`, `not` instead of `!`.",
    example="""
attribute plan: text

segment trial where plan = "trial"
""",
    mend="""
attribute plan: text

segment trial where plan is "trial"
""",
)

QUOTES: Final[Code] = error(
    "WP006",
    "curly or single quotes",
    'Texts stand in straight double quotes: "…". Word processors and chat programs put curly ones in their place.',
    example="""
attribute plan: text

segment trial where plan is “trial”
""",
    mend="""
attribute plan: text

segment trial where plan is "trial"
""",
)

SHORT_FORM: Final[Code] = error(
    "WP007",
    "a short form of `not`",
    "`isn't`, `didn't`, `doesn't` are written out: `is not`, `did not`, `does not`.",
    example="""
attribute plan: text

segment paying where plan isn't "free"
""",
    mend="""
attribute plan: text

segment paying where plan is not "free"
""",
)

CAPITALS: Final[Code] = error(
    "WP008",
    "a word of the language in capitals",
    "The words of the language are in lower case: `and`, `or`, `not`, `did`.",
    example="""
attribute plan: text
attribute seats: number

segment large where plan is "pro" AND seats > 50
""",
    mend="""
attribute plan: text
attribute seats: number

segment large where plan is "pro" and seats > 50
""",
)

WORDING: Final[Code] = error(
    "WP009",
    "almost the words of the language",
    "The language has one way to say each thing: `in last 7 days`, not `in the last 7 days`; `at least once`, not "
    "`once`.",
    example="""
event "Report Exported"

segment active where did "Report Exported" in the last 7 days
""",
    mend="""
event "Report Exported"

segment active where did "Report Exported" in last 7 days
""",
)

DURATION: Final[Code] = error(
    "WP010",
    "a length of time that cannot be read",
    "A length of time is a whole number and seconds, minutes, hours, days or weeks, written out. There are no months "
    "and years, because their length is not fixed.",
    example="""
event "Report Exported"

segment active where did "Report Exported" in last 7d
""",
    mend="""
event "Report Exported"

segment active where did "Report Exported" in last 7 days
""",
)

VALUES_WITH_OR: Final[Code] = error(
    "WP011",
    "values joined with `or`",
    "`or` joins whole conditions. For one of several values there is `is one of`, for none of them `is none of`.",
    example="""
attribute plan: text

segment small where plan is "free" or "trial"
""",
    mend="""
attribute plan: text

segment small where plan is one of "free", "trial"
""",
)

DID_AGAIN: Final[Code] = error(
    "WP012",
    "`did` a second time in a sequence",
    'A sequence says `did` once: `did "A" then "B"`.',
    example="""
event "Viewed Docs"
event "Left Page"

segment gone where did "Viewed Docs" then did "Left Page"
""",
    mend="""
event "Viewed Docs"
event "Left Page"

segment gone where did "Viewed Docs" then "Left Page"
""",
)

WITHIN: Final[Code] = error(
    "WP013",
    "`within` where `in last` is meant",
    "`within` is the time between the events of a sequence. The time up to now is `in last`.",
    example="""
event "Report Exported"

segment active where did "Report Exported" within 7 days
""",
    mend="""
event "Report Exported"

segment active where did "Report Exported" in last 7 days
""",
)

AGO: Final[Code] = error(
    "WP014",
    "`ago` where it cannot be, or missing",
    "`more than 30 days ago` asks about one time: that of an attribute, or of the first or last time that something "
    "happened (`last did …`).",
    example="""
event "Report Exported"

segment idle where did "Report Exported" more than 30 days ago
""",
    mend="""
event "Report Exported"

segment idle where last did "Report Exported" more than 30 days ago
""",
)

UNQUOTED: Final[Code] = error(
    "WP015",
    "a text without quotes",
    'Values that are text stand in quotes: `plan is "trial"`. Names of steps, segments and guides stand without.',
    example="""
attribute plan: text

segment trial where plan is trial
""",
    mend="""
attribute plan: text

segment trial where plan is "trial"
""",
)

TRUE_FALSE: Final[Code] = error(
    "WP016",
    "`true` or `false` where `yes` or `no` belongs",
    "The values of a yes/no attribute are `yes` and `no`.",
    example="""
attribute sales_assisted: yes/no

segment assisted where sales_assisted is true
""",
    mend="""
attribute sales_assisted: yes/no

segment assisted where sales_assisted is yes
""",
)

NAME: Final[Code] = error(
    "WP017",
    "a name with a sign in it",
    "A name has letters, digits and `_`, and begins with a letter. Names as they are sent that are written otherwise "
    "stand in backticks: `` `Company Size` ``.",
    example="""
guide verify-help { show modal { title "Hello" } }
""",
    mend="""
guide verify_help { show modal { title "Hello" } }
""",
)

CLOCK: Final[Code] = error(
    "WP018",
    "a time of day that cannot be read",
    "A time of day has two digits for the hour and two for the minute, from 00:00 to 23:59.",
    example="""
guide help { only between 9:00 and 17:00 show modal { title "Hello" } }
""",
    mend="""
guide help { only between 09:00 and 17:00 show modal { title "Hello" } }
""",
)

DATE: Final[Code] = error(
    "WP019",
    "a date that cannot be read",
    "A date is written year-month-day, `2027-06-30`; with a time it is `2027-06-30T13:00:00Z`. Nobody has to guess "
    "which number is the month.",
    example="""
guide help { expires 30 June 2027 show modal { title "Hello" } }
""",
    mend="""
guide help { expires 2027-06-30 show modal { title "Hello" } }
""",
)

NUMBER: Final[Code] = error(
    "WP020",
    "a number that cannot be read",
    "Numbers are written with digits and a point: `1000`, `0.25`; without separators between thousands, without units.",
    example="""
attribute seats: number

segment large where seats > 1,000
""",
    mend="""
attribute seats: number

segment large where seats > 1000
""",
)

TOO_LARGE: Final[Code] = error(
    "WP021",
    "more than the language takes",
    "A declaration has at most 64 KB, a file 1 MB, all files together 32 MB, a name 128 characters, a text 4 KB (a "
    "body 16 KB), a pattern 256 characters, a condition 500 terms.",
    example='guide help { show modal { title "' + "a" * 4100 + '" } }',
    mend='guide help { show modal { title "' + "a" * 4000 + '" } }',
)

NESTING: Final[Code] = error(
    "WP022",
    "nested too deep",
    "Parentheses, braces and `not` may stand in each other 64 levels deep.",
    example="segment all_users where " + "(" * 65 + "true" + ")" * 65,
    mend="segment all_users where " + "(" * 60 + "true" + ")" * 60,
)

ESCAPE: Final[Code] = error(
    "WP023",
    "a backslash that means nothing",
    r"In a text `\"` is a quote, `\\` a backslash, `\n` a new line, `\t` a tab. A backslash before anything else is a "
    "mistake.",
    example=r'event "Opened help" when clicked "#dns\:help"',
    mend=r'event "Opened help" when clicked "#dns\\:help"',
)

TWICE: Final[Code] = error(
    "WP024",
    "the same thing twice",
    "An option of a question, a value of a list, the time of a step stands once.",
    example='survey ease { ask text detail "What should we fix?" optional optional }',
    mend='survey ease { ask text detail "What should we fix?" optional }',
)

QUESTION_NAME: Final[Code] = error(
    "WP025",
    "an answer without its question",
    "A comparison of an answer names the survey and the question: `answered verify_effort.ease <= 3`. `answered "
    "verify_effort` alone asks whether anything was answered.",
    example="""
survey verify_effort { ask effort ease "How easy was it?" }

segment unhappy where answered verify_effort <= 3
""",
    mend="""
survey verify_effort { ask effort ease "How easy was it?" }

segment unhappy where answered verify_effort.ease <= 3
""",
)

WHERE: Final[Code] = error(
    "WP026",
    "something in a `where` that does not belong there",
    "A `where` inside a condition compares properties of its event, joined by `and`; `or` and `not` need parentheses "
    "there. Everything else stands outside.",
    example="""
event "Purchase" { amount: number }

segment buyers where did "Purchase" where not amount > 100
""",
    mend="""
event "Purchase" { amount: number }

segment buyers where did "Purchase" where (not amount > 100)
""",
)

UNSEEN: Final[Code] = error(
    "WP027",
    "a character that cannot be seen",
    "A file of rules is text: control characters other than tabs and ends of lines (such as U+0000, or the U+001B that "
    "begins orders to a terminal) do not belong there. They come along when text is copied out of other programs, and "
    "cannot be printed here.",
    example="",
    mend="",
)
