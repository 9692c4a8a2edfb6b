"""WP500 to WP599: what may be published, and is hardly meant."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, warning

NEVER_TRUE: Final[Code] = warning(
    "WP501",
    "can never be true",
    "The parts of the condition exclude one another, so nobody can meet it.",
    example="""
attribute seats: number

segment odd where seats < 3 and seats > 5
""",
    mend="""
attribute seats: number

segment odd where seats < 3 or seats > 5
""",
)

ALWAYS_TRUE: Final[Code] = warning(
    "WP502",
    "always true",
    "The condition holds nobody back, except perhaps those of whom the value is not known.",
    example="""
attribute plan: text

segment others where plan is not "free" or plan is not "pro"
""",
    mend="""
attribute plan: text

segment others where plan is none of "free", "pro"
""",
)

UNREACHED_STEP: Final[Code] = warning(
    "WP503",
    "a step that nothing reaches",
    "No event reaches the step, so everybody who comes to it stays there, and all further figures are zero.",
    example="""
journey activation {
  stage start { step signup reached by "Signed Up" step verify }
}
""",
    mend="""
journey activation {
  stage start { step signup reached by "Signed Up" step verify reached by "Domain Verified" }
}
""",
)

OUTRANKED: Final[Code] = warning(
    "WP504",
    "never shown: another guide always wins",
    "One guide is shown per decision. Another one wakes on the same event, asks for no more, and has a higher "
    "priority.",
    example="""
event "Signed Up"
guide big { on "Signed Up" priority 90 show modal { title "Welcome" } }
guide small { on "Signed Up" priority 10 show modal { title "Hello" } }
""",
    mend="""
attribute plan: text
event "Signed Up"
guide big { on "Signed Up" when plan is "pro" priority 90 show modal { title "Welcome" } }
guide small { on "Signed Up" unless plan is "pro" priority 10 show modal { title "Hello" } }
""",
)

OVERLAP: Final[Code] = warning(
    "WP505",
    "two guides on the same event, without limits",
    "The same user can get both, one after the other. `limits { at most 1 guide per session }` or `not with` prevents "
    "it.",
    example="""
attribute plan: text
attribute seats: number
event "Signed Up"
guide one { on "Signed Up" when plan is "pro" show modal { title "Welcome" } }
guide two { on "Signed Up" when seats > 3 show modal { title "Hello" } }
""",
    mend="""
attribute plan: text
attribute seats: number
event "Signed Up"
limits { at most 1 guide per session }
guide one { on "Signed Up" when plan is "pro" show modal { title "Welcome" } }
guide two { on "Signed Up" when seats > 3 show modal { title "Hello" } }
""",
)

MOSTLY_UNKNOWN: Final[Code] = warning(
    "WP506",
    "an attribute that few users have",
    "Where the attribute is not set, the comparison is unknown and the guide is not shown. Measured on live data.",
    example="""
attribute rarely_set: text

segment german where rarely_set is "x"
""",
    mend="""
attribute often_set: text

segment german where often_set is "x"
""",
)

NO_EXPIRY: Final[Code] = warning(
    "WP507",
    "no expiry",
    "Guidance that nobody looks at any more stays on the page. Say when it is to be looked at again.",
    example="""
guide hint { show modal { title "Here" } }
""",
    mend="""
guide hint { expires 2027-06-30 show modal { title "Here" } }
""",
)

EXPIRED: Final[Code] = warning(
    "WP508",
    "expired",
    "The day of `expires` is over; the guide is shown to nobody.",
    example="""
guide hint { expires 2025-06-30 show modal { title "Here" } }
""",
    mend="""
guide hint { expires 2027-06-30 show modal { title "Here" } }
""",
)

NEGATIVE_UNDER_OR: Final[Code] = warning(
    "WP509",
    "a negative under `or`",
    'Whoever says "not A or not B" mostly means "neither A nor B": with `or`, one of the two is enough.',
    example="""
attribute plan: text
attribute role: text

segment others where plan is not "pro" or role is "admin"
""",
    mend="""
attribute plan: text
attribute role: text

segment others where plan is "free" or role is "admin"
""",
)

NEVER_SEEN: Final[Code] = warning(
    "WP510",
    "an event never seen in the live data",
    "The event is declared, but none was received so far: perhaps it is sent under another name.",
    example="""
event "Never Sent"

segment ghosts where did "Never Sent"
""",
    mend="""
event "Often Sent"

segment ghosts where did "Often Sent"
""",
)

TRANSLATION_MISSING: Final[Code] = warning(
    "WP511",
    "a translation that the others have",
    "Other content is translated into this language; here its readers would meet the source text.",
    example="""
guide one { show modal { title "Hello" in "de" { title "Hallo" } } }
guide two { show modal { title "Bye" } }
""",
    mend="""
guide one { show modal { title "Hello" in "de" { title "Hallo" } } }
guide two { show modal { title "Bye" in "de" { title "Auf Wiedersehen" } } }
""",
)

DEPARTMENT_STAGE: Final[Code] = warning(
    "WP512",
    "a stage named after a department",
    "A stage says what the user wants at that time, not who in the company is in charge.",
    example="""
journey buying { stage sales "Sales" { step demo reached by "Demo Booked" } }
""",
    mend="""
journey buying { stage deciding "Find out whether it fits" { step demo reached by "Demo Booked" } }
""",
)

AT_LEAST_ZERO: Final[Code] = warning(
    "WP513",
    "at least 0 times",
    "Everybody did anything at least 0 times.",
    example="""
event "Report Exported"

segment all where did "Report Exported" at least 0 times
""",
    mend="""
event "Report Exported"

segment all where did "Report Exported" at least 1 time
""",
)

UNDECLARED_IN_TEXT: Final[Code] = warning(
    "WP514",
    "an undeclared attribute in a text",
    "Nothing is known of this attribute, so every reader meets the text after the bar.",
    example="""
guide hello { show modal { title "Hello, {{ nickname | "friend" }}" } }
""",
    mend="""
attribute nickname: text
guide hello { show modal { title "Hello, {{ nickname | "friend" }}" } }
""",
)

NOTHING_MEASURED: Final[Code] = warning(
    "WP515",
    "nothing is measured",
    "Without a `goal`, or an `at` whose step is to be reached, nobody can say whether the guide helped.",
    example="""
guide hint { show modal { title "Here" } }
""",
    mend="""
guide hint { goal "Domain Verified" within 1 day show modal { title "Here" } }
""",
)

FEATURE_NOT_FOR_AUDIENCE: Final[Code] = warning(
    "WP516",
    "content about a feature that its audience lacks",
    "The feature is declared for other users than those who see this.",
    example="""
attribute plan: text
persona small "Small" where plan is "free"
persona large "Large" where plan is "pro"
feature exports "Exports" used by "Report Exported" for large
event "Report Exported"
guide hint { for small show modal { title "Try Exports" } }
""",
    mend="""
attribute plan: text
persona small "Small" where plan is "free"
persona large "Large" where plan is "pro"
feature exports "Exports" used by "Report Exported" for large
event "Report Exported"
guide hint { for large show modal { title "Try Exports" } }
""",
)

LOOKALIKE: Final[Code] = warning(
    "WP517",
    "two events of almost the same name",
    "The name is declared here only, by standing after `reached by`, `attempted by`, `outcome` or `goal`, and differs "
    "from another one by a letter: probably a slip of the pen.",
    example="""
event "Domain Verified"
guide hint { goal "Domain Verifed" within 1 day show modal { title "Here" } }
""",
    mend="""
event "Domain Verified"
guide hint { goal "Domain Verified" within 1 day show modal { title "Here" } }
""",
)

SAID_TWICE: Final[Code] = warning(
    "WP518",
    "said twice",
    "The same stands here once more, and changes nothing.",
    example="""
attribute plan: text

segment trial where plan is "trial" and plan is "trial"
""",
    mend="""
attribute plan: text

segment trial where plan is "trial"
""",
)

NO_FALLBACK: Final[Code] = warning(
    "WP519",
    "a value that some readers lack",
    'Users without the attribute meet a gap. Say what they read instead: `{{ first_name | "there" }}`.',
    example="""
attribute first_name: text
guide hello { show modal { title "Hello, {{ first_name }}" } }
""",
    mend="""
attribute first_name: text
guide hello { show modal { title "Hello, {{ first_name | "friend" }}" } }
""",
)

HTML: Final[Code] = warning(
    "WP520",
    "HTML in a text",
    "Texts are Markdown without HTML: a tag is shown as it is written.",
    example="""
guide hello { show modal { body "This is <b>new</b>" } }
""",
    mend="""
guide hello { show modal { body "This is **new**" } }
""",
)

NEVER_SHOWN: Final[Code] = warning(
    "WP521",
    "never shown",
    "A share, a limit or a schedule lets nobody through. To switch a guide off, write `paused`.",
    example="""
guide hint { rollout 0% show modal { title "Here" } }
""",
    mend="""
guide hint { paused show modal { title "Here" } }
""",
)

NEVER_ASKED: Final[Code] = warning(
    "WP522",
    "a question that is never asked",
    "Every way through the survey jumps over it or ends before it.",
    example="""
survey effort {
  ask effort ease "How easy was it?" then end
  ask text detail "Why?"
}
""",
    mend="""
survey effort {
  ask effort ease "How easy was it?"
  ask text detail "Why?"
}
""",
)

PHASE: Final[Code] = warning(
    "WP523",
    "a phase that looks misspelt",
    "Phases are an open list, but this one is nearly one of the usual: discovery, awareness, consideration, "
    "onboarding, first value, adoption, usage, advanced usage, retention, renewal, advocacy.",
    example="""
journey buying { stage start as onbording { step signup reached by "Signed Up" } }
""",
    mend="""
journey buying { stage start as onboarding { step signup reached by "Signed Up" } }
""",
)

RECORDS_NOTHING: Final[Code] = warning(
    "WP524",
    "a `record` that adds nothing",
    "Nobody is recorded by it, or only people who are recorded by another one anyway. Shares of several are drawn by "
    "one hash, so who is among 10 % is among 20 % as well.",
    example="""
journey activation { stage start { step verify_domain reached by "Domain Verified" } }
persona trial "Trial" where plan is "trial"
attribute plan: text
record at activation.verify_domain
record at activation.verify_domain for trial
""",
    mend="""
journey activation { stage start { step verify_domain reached by "Domain Verified" } }
persona trial "Trial" where plan is "trial"
attribute plan: text
record at activation.verify_domain sample 10%
record at activation.verify_domain for trial
""",
)
