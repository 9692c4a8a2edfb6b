"""WP400 to WP499: what a guide shows and what a survey asks."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, error

SELECTOR: Final[Code] = error(
    "WP401",
    "`beside` missing, or where it cannot be",
    "A tooltip and a hotspot stand beside an element; the other widgets have their own place on the page.",
    example="""
guide hint { show tooltip { title "Here" } }
""",
    mend="""
guide hint { show tooltip beside "#dns" { title "Here" } }
""",
)

WRONG_CONTENT: Final[Code] = error(
    "WP402",
    "content that the widget does not take, or lacks",
    "Each widget takes certain content: a tour takes steps, a checklist items, the others a title, a body, buttons.",
    example="""
guide start { show checklist { title "First steps" } }
""",
    mend="""
event "Domain Added"
guide start { show checklist { title "First steps" item "Connect a domain" done when did "Domain Added" } }
""",
)

PLACEHOLDER: Final[Code] = error(
    "WP403",
    "braces that cannot be read",
    'A value of the user is written `{{ first_name | "there" }}`: a name, a bar, and the text for users without it.',
    example="""
guide hello { show modal { title "Hello, {{ first name }}" } }
""",
    mend="""
attribute first_name: text
guide hello { show modal { title "Hello, {{ first_name | "friend" }}" } }
""",
)

SIDE: Final[Code] = error(
    "WP404",
    "a side that the widget does not have",
    "A banner stands at the `top` or the `bottom`; other widgets have no side.",
    example="""
guide news { show modal top { title "News" } }
""",
    mend="""
guide news { show banner top { title "News" } }
""",
)

NOTHING_TO_TRANSLATE: Final[Code] = error(
    "WP405",
    "a translation of something that is not there",
    "Buttons and items are counted from 1 in the order of the text; questions go by their id, choices by theirs.",
    example="""
guide hello {
  show modal {
    title "Hello"
    in "de" { title "Hallo" button 1 "Weiter" }
  }
}
""",
    mend="""
guide hello {
  show modal {
    title "Hello"
    button "Next" completes
    in "de" { title "Hallo" button 1 "Weiter" }
  }
}
""",
)

LANGUAGE: Final[Code] = error(
    "WP406",
    "no language",
    'A language is its short tag, with the region where it matters: `"de"`, `"pt-BR"`.',
    example="""
guide hello { show modal { title "Hello" in "german" { title "Hallo" } } }
""",
    mend="""
guide hello { show modal { title "Hello" in "de" { title "Hallo" } } }
""",
)

QUESTION_OPTION: Final[Code] = error(
    "WP420",
    "an option that the question does not have",
    "A scale belongs to scores, `shuffled` to choices, `at most` to choices and free text.",
    example="""
survey effort { ask text detail "What should we fix?" 1 to 5 stars }
""",
    mend="""
survey effort { ask text detail "What should we fix?" at most 500 characters }
""",
)

SCALE: Final[Code] = error(
    "WP421",
    "a scale that cannot be",
    "A scale goes from its lower to its higher end in steps of one; the recommendation question is always 0 to 10.",
    example="""
survey stars { ask rating stars "How do you like it?" 5 to 1 stars }
""",
    mend="""
survey stars { ask rating stars "How do you like it?" 1 to 5 stars }
""",
)

CHOICES: Final[Code] = error(
    "WP422",
    "choices missing, or where there are none",
    "A question with choices has at least two, in braces; other questions have none.",
    example="""
survey cause { ask choice why "What slowed you down?" }
""",
    mend="""
survey cause { ask choice why "What slowed you down?" { "Too slow" "Too hard" } }
""",
)

JUMP: Final[Code] = error(
    "WP423",
    "a jump back",
    "`then ask` leads forward: to a question further down.",
    example="""
survey effort {
  ask effort ease "How easy was it?"
  ask text detail "Why?" then ask ease
}
""",
    mend="""
survey effort {
  ask effort ease "How easy was it?" then ask detail
  ask text detail "Why?"
}
""",
)

LATER_QUESTION: Final[Code] = error(
    "WP424",
    "an answer that is not there yet",
    "Whether a question is asked depends on answers to questions above it only.",
    example="""
survey effort {
  ask text detail "Why?" if ease <= 3
  ask effort ease "How easy was it?"
}
""",
    mend="""
survey effort {
  ask effort ease "How easy was it?"
  ask text detail "Why?" if ease <= 3
}
""",
)

ONLY_ANSWERS: Final[Code] = error(
    "WP425",
    "an `if` that asks for more than answers",
    "The browser decides whether a question is asked and knows the answers only. What is known of the user goes into "
    "`when` of the survey.",
    example="""
attribute plan: text
survey effort {
  ask effort ease "How easy was it?"
  ask text detail "Why?" if plan is "pro"
}
""",
    mend="""
survey effort {
  ask effort ease "How easy was it?"
  ask text detail "Why?" if ease <= 3
}
""",
)
