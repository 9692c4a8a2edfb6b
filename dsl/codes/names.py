"""WP003 and WP100 to WP199: names that nothing is known by, or too much."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, error

UNKNOWN_EVENT: Final[Code] = error(
    "WP003",
    "unknown event",
    "The event is neither declared nor was it ever received. Names are compared letter by letter, upper and lower "
    "case included. Write the name that is sent, or declare it. `reached by`, `attempted by`, `outcome` and `goal` "
    "declare the event that they name; conditions, `on`, `used by` and `tracks` do not.",
    example="""
event "Domain Verified"

segment verified where did "Domain Verifed"
""",
    mend="""
event "Domain Verified"

segment verified where did "Domain Verified"
""",
)

UNKNOWN_ATTRIBUTE: Final[Code] = error(
    "WP101",
    "unknown name",
    "The name is no attribute that is declared, built in, or was ever received.",
    example="""
attribute seats: number

segment large where seat >= 50
""",
    mend="""
attribute seats: number

segment large where seats >= 50
""",
)

UNKNOWN_PROPERTY: Final[Code] = error(
    "WP102",
    "unknown property of an event",
    "The event has no property of this name. The properties of an event stand in its declaration, or are known from "
    "live data.",
    example="""
event "Purchase" { amount: number }

segment buyers where did "Purchase" where amuont > 100
""",
    mend="""
event "Purchase" { amount: number }

segment buyers where did "Purchase" where amount > 100
""",
)

ATTRIBUTE_IN_WHERE: Final[Code] = error(
    "WP103",
    "an attribute of the user inside `where`",
    "Inside `where` names are properties of the event, and `and` continues the `where`. To ask about the user as well, "
    "put parentheses around the `did …`.",
    example="""
attribute plan: text
event "Purchase" { amount: number }

segment buyers where did "Purchase" where amount > 100 and plan is "free"
""",
    mend="""
attribute plan: text
event "Purchase" { amount: number }

segment buyers where (did "Purchase" where amount > 100) and plan is "free"
""",
)

PROPERTY_OUTSIDE_WHERE: Final[Code] = error(
    "WP104",
    "a property of the event outside its `where`",
    "`or` and `not` end a `where`. To ask one of two things of the same event, put parentheses after `where`.",
    example="""
event "Purchase" { amount: number, currency: text }

segment buyers where did "Purchase" where amount > 100 or currency is "EUR"
""",
    mend="""
event "Purchase" { amount: number, currency: text }

segment buyers where did "Purchase" where (amount > 100 or currency is "EUR")
""",
)

EVENT_WITHOUT_TRIGGER: Final[Code] = error(
    "WP105",
    "`event.…` without an event",
    "`event.NAME` is a property of the event that woke the guide; it can only stand in a guide or survey with `on`.",
    example="""
event "DNS Check Failed" { reason: text }

segment unlucky where event.reason is "NXDOMAIN"
""",
    mend="""
event "DNS Check Failed" { reason: text }

segment unlucky where did "DNS Check Failed" where reason is "NXDOMAIN"
""",
)

UNKNOWN_JOURNEY: Final[Code] = error(
    "WP106",
    "unknown journey",
    "A step is named by its journey and its own name, `activation.verify_domain`. No journey has this name.",
    example="""
journey activation { stage start { step signup reached by "Signed Up" } }

segment new where at activaton.signup
""",
    mend="""
journey activation { stage start { step signup reached by "Signed Up" } }

segment new where at activation.signup
""",
)

UNKNOWN_STEP: Final[Code] = error(
    "WP107",
    "unknown step",
    "The journey has no step and no stage of this name.",
    example="""
journey activation { stage start { step signup reached by "Signed Up" } }

segment new where at activation.sign_up
""",
    mend="""
journey activation { stage start { step signup reached by "Signed Up" } }

segment new where at activation.signup
""",
)

STEP_NEEDED: Final[Code] = error(
    "WP108",
    "a stage where a step is needed",
    "Only `at` and `reached` may name a whole stage; being stuck, returning, friction and feelings are measured at one "
    "step, and `since` begins where one was reached.",
    example="""
journey activation { stage start { step signup reached by "Signed Up" } }

segment slow where stuck at activation.start for 10 minutes
""",
    mend="""
journey activation { stage start { step signup reached by "Signed Up" } }

segment slow where stuck at activation.signup for 10 minutes
""",
)

UNKNOWN_SEGMENT: Final[Code] = error(
    "WP109",
    "unknown segment",
    "No segment and no persona has this name.",
    example="""
attribute plan: text
persona enterprise "Enterprise" where plan is "pro"

segment others where not in entreprise
""",
    mend="""
attribute plan: text
persona enterprise "Enterprise" where plan is "pro"

segment others where not in enterprise
""",
)

UNKNOWN_GUIDE: Final[Code] = error(
    "WP110",
    "unknown guide or survey",
    "No guide and no survey has this name.",
    example="""
guide welcome { show modal { title "Hello" } }

segment greeted where saw welcom
""",
    mend="""
guide welcome { show modal { title "Hello" } }

segment greeted where saw welcome
""",
)

UNKNOWN_QUESTION: Final[Code] = error(
    "WP111",
    "unknown question",
    "The survey has no question with this id.",
    example="""
survey effort { ask effort ease "How easy was it?" }

segment strained where answered effort.easy <= 3
""",
    mend="""
survey effort { ask effort ease "How easy was it?" }

segment strained where answered effort.ease <= 3
""",
)

UNKNOWN_CHOICE: Final[Code] = error(
    "WP112",
    "unknown choice",
    "The question has no such choice. A choice is named by its text, or by its id where it has one (`as unclear`).",
    example="""
survey cause { ask choice why "What slowed you down?" { "Too slow" "Too hard" } }

segment impatient where answered cause.why is "Too slwo"
""",
    mend="""
survey cause { ask choice why "What slowed you down?" { "Too slow" "Too hard" } }

segment impatient where answered cause.why is "Too slow"
""",
)

UNKNOWN_FEELING: Final[Code] = error(
    "WP113",
    "unknown feeling",
    "There are six feelings: delighted, confident, neutral, confused, doubtful, frustrated.",
    example="""
survey cause { ask choice why "What slowed you down?" { "It failed" feels angry "Nothing" } }
""",
    mend="""
survey cause { ask choice why "What slowed you down?" { "It failed" feels frustrated "Nothing" } }
""",
)

UNKNOWN_WIDGET: Final[Code] = error(
    "WP114",
    "unknown widget",
    "After `show` stands the name of a widget that can show a guide; after `show as` one that can hold a survey.",
    example="""
guide welcome { show modle { title "Hello" } }
""",
    mend="""
guide welcome { show modal { title "Hello" } }
""",
)

UNKNOWN_QUESTION_TYPE: Final[Code] = error(
    "WP115",
    "unknown type of question",
    "After `ask` stands the type of the question, then its id, then its text.",
    example="""
survey effort { ask efort ease "How easy was it?" }
""",
    mend="""
survey effort { ask effort ease "How easy was it?" }
""",
)

WRONG_SORT: Final[Code] = error(
    "WP116",
    "the name of another sort of thing",
    "The name is known, but not for what can stand here: `in` and `for` take segments and personas, `saw` takes guides "
    "and surveys.",
    example="""
guide welcome { show modal { title "Hello" } }

segment greeted where in welcome
""",
    mend="""
guide welcome { show modal { title "Hello" } }

segment greeted where saw welcome
""",
)

UNKNOWN_LIMIT: Final[Code] = error(
    "WP117",
    "a limit on something unknown",
    "A limit counts guides, surveys, or what is shown in one widget: `at most 1 tooltip per session`.",
    example="""
limits { at most 1 popup per session }
""",
    mend="""
limits { at most 1 modal per session }
""",
)

DECLARED_TWICE: Final[Code] = error(
    "WP120",
    "declared twice",
    "A name stands for one thing. Journeys, guides, surveys, segments, personas and features share their names, over "
    "all files of a project.",
    example="""
attribute plan: text
segment trial where plan is "trial"
segment trial where plan is "test"
""",
    mend="""
attribute plan: text
segment trial where plan is "trial"
segment tester where plan is "test"
""",
)

CYCLE: Final[Code] = error(
    "WP121",
    "a segment that depends on itself",
    "Segments may use others, but not in a circle: nobody could say who is in it.",
    example="""
segment first where not in second
segment second where not in first
""",
    mend="""
attribute plan: text
segment first where plan is "trial"
segment second where not in first
""",
)

BUILT_IN: Final[Code] = error(
    "WP122",
    "a name that Waypost itself gives",
    "Events whose names start with `$`, and the attributes `user_id` and `first_seen`, are given by Waypost. They are "
    "known without a declaration.",
    example="""
event "$page" { path: text }
""",
    mend="""
event "Page Read" { path: text }
""",
)

IMPORT_MISSING: Final[Code] = error(
    "WP123",
    "a file that is not there",
    "An imported file is looked for beside the file that imports it, and ends in `.way`.",
    example="""
import "segments.way"
""",
    mend="""
# Everything stands in this file.
""",
)

STAGE_AND_STEP: Final[Code] = error(
    "WP125",
    "a stage and a step of one name",
    "`at activation.verify` could mean either. Within one journey all stages and steps have names of their own.",
    example="""
journey activation { stage verify { step verify reached by "Domain Verified" } }
""",
    mend="""
journey activation { stage first_value { step verify reached by "Domain Verified" } }
""",
)
