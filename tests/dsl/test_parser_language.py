"""Every form of the language, as it is written: it can be read, and is written again as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.formatter import format_condition, format_program
from dsl.nodes import Guide, Question
from dsl.parser import parse, parse_condition

CORPUS = Path(__file__).parents[1] / "corpus"
WHOLE_FILE = (CORPUS / "onboarding.way").read_text(encoding="utf-8")
CONDITIONS = [line for line in (CORPUS / "conditions.txt").read_text(encoding="utf-8").splitlines() if line]

DECLARATIONS = """
attribute plan: text
attribute seats: number
attribute sales_assisted: yes/no
attribute signed_up_at: time
attribute app: version
attribute tags: list of text
attribute scores: list of number
attribute plan: one of "free", "trial", "pro"
attribute sales_assisted: yes/no default no
attribute seats: number default 5
attribute plan: text default "free"
attribute since_when: time default 2026-01-01
attribute app: version default version "1.0"
attribute size from "Company Size": number
attribute `Company Size`: number
attribute firstName: text
account attribute industry: text
account attribute size from "Company Size": number default -1
event "Signed Up"
event "Domain Added" { domain: text, provider: text }
event "Purchase" { amount: number, plan: one of "a", "b", `Item Ids`: list of text }
event "Opened DNS help" when clicked "#dns-help"
event "Opened DNS help" when clicked "#dns-help" on page "/domains/*"
event "Opened DNS help" { `at`: time } when clicked "#dns-help"
feature exports used by "Report Exported"
feature exports "Exports" used by "Report Exported" for self_serve
feature exports used by "Report Exported", "Report Sent" for self_serve, enterprise
feature exports used by "Report Exported" where pages > 3 used by "Report Sent"
segment stuck_on_dns where did "DNS Check Failed"
segment stuck_on_dns "Stuck on DNS" where did "DNS Check Failed"
persona self_serve "Self-serve trial" where plan is "trial" and sales_assisted is no
persona self_serve where plan is "trial"
import "file.way"
""".strip().splitlines()

BLOCKS = (
    """
journey activation {
}
""",
    """
journey activation "Sign-up" {
  stage onboarding {
  }
  outcome "Campaign Sent"
}
""",
    """
journey activation "Sign-up" {
  stage onboarding "Onboarding" as onboarding {
    step signup
    step welcome reached by "Signed Up", "Invited"
    step pay "Pay" reached by "Purchase" where amount > 1 and (currency is "EUR" or not at_home is yes)
    step read touchpoint "Welcome mail" on email, "#help", "/docs/*" expect within 1 hour
    step call attempted by "Called" attempted by "Rang" where long is no touchpoint "Hotline" on support
    step both reached by "A" where x is 1 reached by "B", "C" reached by "D" where x is 2
  }
  stage value as first value {
  }
  stage later as "Phase 2, after all" {
  }
  outcome "Campaign Sent", "Purchase"
  outcome "Purchase" where amount > 100 or plan is "pro"
  gives up after 7 days
}
""",
    """
limits {
  at most 1 guide per session
  at most 1 survey per 14 days
  at most 3 guides per 7 days
  at most 2 tooltips per 1 day
  at least 10 minutes between guides
  at least 1 day between surveys
}
""",
    """
record at activation.verify_domain
record at activation.onboarding, activation.verify_domain for self_serve, enterprise sample 12.5%
record for `on`
record for record sample 0.5%
""",
    """
event "Signed Up" {
  a_property_with_a_long_name: one of "a value that is long", "another value that is long",
  another_property: text
} when clicked "#a"
""",
)

CLAUSES = """
at activation.verify_domain
at activation.verify_domain, activation.signup
on "DNS Check Failed"
on "Purchase" where amount > 100
on "Purchase" where amount > 100 and currency is "EUR"
on "Purchase" where (amount > 100 and currency is "EUR") or not plan is "free"
on first "Signed Up"
on first "Purchase" where amount > 100
on page "/domains/*"
on session start
for self_serve
for self_serve, enterprise
when plan is "trial"
unless did "Domain Verified"
wait until idle for 5 seconds
wait until element "#sel" is visible
wait until element "#sel" is visible for 3 seconds
wait until scrolled 50%
wait until exit intent
wait until on page for 10 seconds
wait 5 seconds
once
once every 7 days
once every 7 days, at most 3 times
once every 7 days, at most once
shown at most 3 times
shown at most 3 times per 7 days
shown at most once per 1 day
until answered
until completed
until dismissed
priority 80
not with verify_help
not with verify_help, verify_effort
rollout 50%
rollout 12.5%
sample 50%
holdout 10%
goal "Domain Verified" within 1 day
goal "Purchase" where amount > 100 within 7 days
from 2026-01-01
from 2026-01-01T13:00:00Z
expires 2027-06-30
expires 2027-06-30T13:00:00+02:00
only on weekdays
only on weekends
only on monday, friday
only between 09:00 and 17:00
stop after 500 responses
stop after 1 response
draft
paused
testers insiders
thanks "Thank you."
show as modal
show as banner bottom
show as tooltip beside "#dns"
ask nps score "How likely are you to recommend us?"
ask effort ease "How easy was it?"
ask csat happy "How satisfied are you?" optional
ask rating stars "How was it?" 1 to 5 stars
ask rating how "How was it?" 0 to 10 numbers optional
ask rating how "How was it?" 1 to 3 faces
ask rating how "How was it?" 1 to 3
ask choices some "Which of these?" at most 3 shuffled
ask text detail "What should we fix?" at most 500 characters optional
ask email mail "Where can we reach you?" optional if ease <= 3
ask date day "When?" then end
ask rank order "In which order?" optional shuffled if ease <= 3 and cause is other then ask detail
ask consent ok "May we write to you?" if not cause is unclear
ask text why "Why?" if cause is one of unclear, other or (ease < 3 and mail is set)
""".strip().splitlines()

CONTENT = """
title "Two records to add"
body "Copy them, {{ first_name | "there" }}."
image "https://example.com/a.png" alt "The page"
video "https://example.com/a.mp4"
button "Show me where" opens "/docs/dns"
button "Done" completes
button "Close" dismisses
button "Later" snoozes 1 day
button "Tour" starts dns_tour
button "Tell us" tracks "Asked For Help"
item "Connect a domain" done when did "Domain Added"
item "Connect a domain" done when reached activation.connect_domain and in pros opens "/new"
item "Take the tour" done when completed dns_tour starts dns_tour
""".strip().splitlines()

SHOWN = (
    """
guide a {
  show tooltip beside "#dns" {
    title "Here"
    body \"\"\"
      One.

        indented

      - a list of **one**
    \"\"\"
  }
}
""",
    """
guide a {
  show hotspot beside "#dns" {
  }
}
""",
    """
guide a {
  show banner top {
    title "News"
    in "de" {
      title "Neues"
      body "Text"
      button 1 "Weiter"
      alt "Bild"
    }
  }
}
""",
    """
guide a {
  show tour {
    step beside "#a" {
      title "One"
      in "de" {
        title "Eins"
      }
    }
    step beside "#b" on page "/x" {
      title "Two"
    }
    step on page "/y" {
      title "Three"
    }
    step {
      title "Four"
    }
  }
}
""",
    """
guide a {
  show checklist {
    title "First steps"
    item "One" done when did "A"
    in "de" {
      title "Erste Schritte"
      item 1 "Eins"
    }
  }
}
""",
    """
guide a {
  variant plain 50% {
    show modal {
      title "A"
    }
  }
  variant loud 50% {
    show banner bottom {
      title "B"
    }
  }
}
""",
    """
survey a {
  ask choice cause "Why?" if ease <= 4 then ask detail {
    "I did not know what to do" as unclear feels confused then end
    "It kept failing" feels frustrated
    "Other things" then ask detail
    other feels doubtful then end
  }
  in "de" {
    ask ease "Wie einfach war es?"
    ask cause "Warum?" {
      "unclear" as "Unklar"
      "It kept failing" as "Es ging nicht"
    }
    other "Anderes"
    thanks "Danke."
  }
}
""",
    """
feedback ideas "Ideas" {
  for self_serve

  ask text idea "What is missing?"
  thanks "Thank you."
}
""",
)


def _formats_to_itself(text: str) -> None:
    read = parse(text)
    assert read.diagnostics == ()
    assert format_program(read.program) == text


def test_the_whole_file_of_the_language_is_in_its_one_form() -> None:
    _formats_to_itself(WHOLE_FILE)


def test_the_whole_file_says_what_it_says() -> None:
    program = parse(WHOLE_FILE).program
    assert [type(declaration).__name__ for declaration in program.declarations] == (
        ["Attribute"] * 6 + ["EventDeclaration"] * 5 + ["Journey"] + ["Segment"] * 3 + ["Limits"] + ["Guide"] * 2
    )
    survey = program.declarations[-1]
    assert isinstance(survey, Guide)
    asked = [clause for clause in survey.clauses if isinstance(clause, Question)]
    assert [(question.type, question.id.text, question.optional) for question in asked] == [
        ("effort", "ease", False),
        ("choice", "cause", False),
        ("text", "detail", True),
    ]
    assert [choice.key for choice in asked[1].choices] == [
        "I did not know what to do",
        "I was not sure it would work",
        "It kept failing",
        "other",
    ]


@pytest.mark.parametrize("line", CONDITIONS)
def test_a_condition_of_the_language_is_in_its_one_form(line: str) -> None:
    read = parse_condition(line)
    assert read.diagnostics == ()
    assert read.condition is not None
    assert format_condition(read.condition) == line


@pytest.mark.parametrize("line", CONDITIONS)
def test_a_condition_can_stand_wherever_conditions_do(line: str) -> None:
    for text in (
        f"segment a where {line}\n",
        f"guide a {{ when {line} unless {line} }}",
        f'guide a {{ show checklist {{ item "x" done when {line} opens "/x" }} }}',
        f"segment a where not ({line}) and ({line} or {line})",
        f'segment a where all of {{ {line}  {line}  plan is "x" }}',
    ):
        read = parse(text)
        assert read.diagnostics == ()
        written = format_program(read.program)
        assert parse(written).program == read.program
        assert format_program(parse(written).program) == written


@pytest.mark.parametrize("line", DECLARATIONS)
def test_a_declaration_is_in_its_one_form(line: str) -> None:
    _formats_to_itself(f"{line}\n")


@pytest.mark.parametrize("text", [*BLOCKS, *SHOWN])
def test_a_block_is_in_its_one_form(text: str) -> None:
    _formats_to_itself(text.removeprefix("\n"))


@pytest.mark.parametrize("line", CLAUSES)
def test_a_clause_is_in_its_one_form(line: str) -> None:
    _formats_to_itself(f"guide a {{\n  {line}\n}}\n")


@pytest.mark.parametrize("line", CONTENT)
def test_content_is_in_its_one_form(line: str) -> None:
    _formats_to_itself(f"guide a {{\n  show modal {{\n    {line}\n  }}\n}}\n")


WRITTEN_OTHERWISE = (
    ('plan is not one of "a", "b"', 'plan is none of "a", "b"'),
    ('did "A" at least 1 time', 'did "A" at least once'),
    ('did "A" at least twice', 'did "A" at least 2 times'),
    ('did "A" at least 2 time', 'did "A" at least 2 times'),
    ('did "A" in last 1 days', 'did "A" in last 1 day'),
    ("seats >= 80 % of limit", "seats >= 80% of limit"),
    ("a is 1 and b is 2 or c is 3", "(a is 1 and b is 2) or c is 3"),
    ("a is 1 or b is 2 and c is 3", "a is 1 or (b is 2 and c is 3)"),
    ("(a is 1 and b is 2) and c is 3", "a is 1 and b is 2 and c is 3"),
    ("((a is 1))", "a is 1"),
    ("not (a is 1)", "not a is 1"),
    ("not (a is 1 and b is 2)", "not (a is 1 and b is 2)"),
    ("`plan` is 1", "plan is 1"),
    ('page . path is "/x"', 'page.path is "/x"'),
    ('did  not\n"A"', 'did not "A"'),
    ('did "A" where (x is 1 and y is 2)', 'did "A" where x is 1 and y is 2'),
)


@pytest.mark.parametrize(("written", "formatted"), WRITTEN_OTHERWISE)
def test_there_is_one_way_to_say_it(written: str, formatted: str) -> None:
    read = parse_condition(written)
    assert read.diagnostics == ()
    assert read.condition is not None
    assert format_condition(read.condition) == formatted


OPEN_WHERE = (
    # An `and` before a comparison goes on with the `where`, whatever else stands between.
    ('did "A" where x is 1 and y is 2', 'did "A" where x is 1 and y is 2'),
    ('did "A" where x is 1 and (y is 2 or z is 3)', 'did "A" where x is 1 and (y is 2 or z is 3)'),
    ('did "A" where x is 1 and (not y is 2)', 'did "A" where x is 1 and (not y is 2)'),
    ('did "A" where x is 1 and event.y is 2', 'did "A" where x is 1 and event.y is 2'),
    ('did "A" where x between 1 and 2 and y is 3', 'did "A" where x between 1 and 2 and y is 3'),
    # Anything else ends it.
    ('did "A" where x is 1 and did "B"', '(did "A" where x is 1) and did "B"'),
    ('did "A" where x is 1 and in s', '(did "A" where x is 1) and in s'),
    ('did "A" where x is 1 and not y is 2', '(did "A" where x is 1) and not y is 2'),
    ('did "A" where x is 1 and reached a.b', '(did "A" where x is 1) and reached a.b'),
    ('did "A" where x is 1 or y is 2', 'did "A" where x is 1 or y is 2'),
    ('(did "A" where x is 1) and y is 2', '(did "A" where x is 1) and y is 2'),
    ('not did "A" where x is 1 and in s', '(not did "A" where x is 1) and in s'),
    ('anyone in account did "A" where x is 1 and in s', '(anyone in account did "A" where x is 1) and in s'),
    ('did "A" then "B" where x is 1 and in s', '(did "A" then "B" where x is 1) and in s'),
    # A count or a window closes it.
    ('did "A" where x is 1 in last 1 day and y is 2', 'did "A" where x is 1 in last 1 day and y is 2'),
    ('did "A" where x is 1 at least 2 times and y is 2', 'did "A" where x is 1 at least 2 times and y is 2'),
    ('did "A" where x is 1 and not "B" within 1 day', 'did "A" where x is 1 and not "B" within 1 day'),
    ('sum of x in "A" where y is 1 > 5 and z is 2', 'sum of x in "A" where y is 1 > 5 and z is 2'),
)


@pytest.mark.parametrize(("written", "formatted"), OPEN_WHERE)
def test_the_end_of_a_where_is_seen(written: str, formatted: str) -> None:
    read = parse_condition(written)
    assert read.diagnostics == ()
    assert read.condition is not None
    assert format_condition(read.condition) == formatted
    assert parse_condition(formatted).condition == read.condition


KEYWORDS_AS_NAMES = (
    "step is 2",
    'guide is "x"',
    "completed is yes",
    "answered >= 3",
    "true is yes",
    "title is set",
    "priority > 3",
    "event.on is 1",
    "page.in is 1",
    "first is 1",
    "sum > 1",
    "`did` is 1",
    "`is` is 1",
    "`Company Size` > 3",
    "event.`Company Size` > 3",
    "reached step.stage",
    "saw show",
    "in segment",
    "`on` between 1 and 2",
)


@pytest.mark.parametrize("line", KEYWORDS_AS_NAMES)
def test_a_word_of_the_language_can_be_a_name(line: str) -> None:
    for text in (line, f"all of {{ {line}  {line} }}", f'did "A"  and {line}', f"{line} or {line}"):
        read = parse_condition(text)
        assert read.diagnostics == (), text
        assert read.condition is not None
        assert parse_condition(format_condition(read.condition)).condition == read.condition
    alone = parse_condition(line).condition
    assert alone is not None
    assert format_condition(alone) == line
