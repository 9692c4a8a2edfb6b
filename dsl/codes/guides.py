"""WP300 to WP399: clauses of guides, surveys and a `record` that do not go together."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, error

SHARE_OVER_100: Final[Code] = error(
    "WP301",
    "a share over 100 %",
    "A share of the users is between 0 % and 100 %.",
    example="""
guide hint { rollout 150% show modal { title "Here" } }
""",
    mend="""
guide hint { rollout 50% show modal { title "Here" } }
""",
)

VARIANTS_DO_NOT_ADD_UP: Final[Code] = error(
    "WP302",
    "variants that do not add up",
    "Everybody who may see the guide sees one variant, so the shares of all variants add up to 100 %.",
    example="""
guide hint {
  variant short 50% { show modal { title "Here" } }
  variant long 40% { show modal { title "Have a look here" } }
}
""",
    mend="""
guide hint {
  variant short 50% { show modal { title "Here" } }
  variant long 50% { show modal { title "Have a look here" } }
}
""",
)

SECOND_CLAUSE: Final[Code] = error(
    "WP303",
    "a second clause of a kind",
    "`on`, `when` and `unless` may stand several times; every other clause stands once.",
    example="""
guide hint { priority 10 priority 20 show modal { title "Here" } }
""",
    mend="""
guide hint { priority 20 show modal { title "Here" } }
""",
)

NOTHING_TO_MEASURE: Final[Code] = error(
    "WP304",
    "a holdout without anything to measure",
    "Users are held out to compare them with those who saw the guide. That needs a `goal`, or an `at` whose step is to "
    "be reached.",
    example="""
guide hint { holdout 10% show modal { title "Here" } }
""",
    mend="""
guide hint { holdout 10% goal "Domain Verified" within 1 day show modal { title "Here" } }
""",
)

SHOWS_NOTHING: Final[Code] = error(
    "WP305",
    "a guide that shows nothing, a survey that asks nothing",
    "A guide has a `show`, or several as variants; a survey has at least one `ask`.",
    example="""
guide hint { priority 10 }
""",
    mend="""
guide hint { priority 10 show modal { title "Here" } }
""",
)

WRONG_KIND: Final[Code] = error(
    "WP306",
    "a clause that belongs elsewhere",
    "`ask`, `thanks`, `sample` and `stop after` belong to surveys; `rollout` and variants belong to guides.",
    example="""
guide hint { sample 50% show modal { title "Here" } }
""",
    mend="""
guide hint { rollout 50% show modal { title "Here" } }
""",
)

NAMES_ITSELF: Final[Code] = error(
    "WP307",
    "a guide that names itself",
    "`not with` names others: with itself a guide is never shown.",
    example="""
guide hint { not with hint show modal { title "Here" } }
""",
    mend="""
guide tour { show modal { title "Welcome" } }
guide hint { not with tour show modal { title "Here" } }
""",
)

RECORDS_EVERYBODY: Final[Code] = error(
    "WP308",
    "a `record` of everybody, everywhere",
    "What people do on pages is recorded for a reason: at steps where something goes wrong, of people whom one wants "
    "to understand. So a `record` names steps with `at`, segments with `for`, or both.",
    example="""
record sample 10%
""",
    mend="""
journey activation { stage start { step verify_domain reached by "Domain Verified" } }
record at activation.verify_domain sample 10%
""",
)
