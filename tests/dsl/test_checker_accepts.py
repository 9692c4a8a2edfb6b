"""What is right and must not be called wrong: the whole file, and every condition of the language's description."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.catalog import Seen
from dsl.codes.warnings import TRANSLATION_MISSING
from dsl.diagnostics import Severity
from dsl.project import RuleProject, load
from dsl.values import NUMBER, TEXT

DECLARATIONS = """
attribute plan: one of "free", "trial", "pro"
attribute seats: number
attribute seats_used: number
attribute company: text
attribute role: text
attribute tags: list of text
attribute scores: list of number
attribute assisted: yes/no default no
attribute signed_up_at: time default 2026-01-01
attribute trial_ends_at: time
attribute `Company Size`: number
account attribute industry: text

event "DNS Check Failed" { reason: text, attempt: number }
event "Domain Added" { domain: text }
event "Domain Verified"
event "Left Page"
event "Purchase" { amount: number, currency: text, `cart.total`: number }
event "Report Exported"
event "Signed Up"
event "Viewed Docs"

journey activation "Sign-up to first campaign" {
  stage onboarding "Onboarding" {
    step signup reached by "Signed Up"
    step connect_domain reached by "Domain Added" touchpoint "/domains/new", "#domain", "Welcome mail" on email
    step verify_domain reached by "Domain Verified" attempted by "DNS Check Failed" touchpoint "/domains/*"
  }
}

segment stuck_on_dns where did "DNS Check Failed" at least 2 times in last 1 hour
persona enterprise "Enterprise" where plan is "pro"

survey verify_effort {
  ask effort ease "How easy was it?"
  ask choice cause "What slowed you down?" { "It failed" "Doubt" as doubt other }
  ask choices wishes "What do you wish?" { "Speed" "Peace" }
  expires 2027-06-30
}

guide verify_help {
  on "DNS Check Failed"
  show modal { title "Help" }
  goal "Domain Verified" within 1 day
  expires 2027-06-30
}
"""

CONDITIONS = """
plan is "trial"
plan is not "trial"
plan is one of "trial", "pro"
plan is none of "free"
plan is not one of "free"
seats >= 5
seats between 5 and 20
seats_used >= 80% of seats
`Company Size` >= 5
account.industry contains "health"
company does not contain "acme" ignoring case
email ends with "@example.com" ignoring case
name starts with "A"
email matches /.+@corp\\..+/
role is set
role is not set
tags include "beta"
tags include any of "a", "b"
tags include all of "a", "b"
tags include none of "a", "b"
scores include 5
assisted is yes
app_version >= version "2.10.0"
app_version is version "2.10.0"
signed_up_at within last 14 days
trial_ends_at within next 3 days
signed_up_at before 2026-01-01
signed_up_at after 2026-01-01T13:00:00Z
signed_up_at more than 3 days ago
page.path matches "/domains/*"
device.type is "mobile"
device.ip in network "10.0.0.0/8"
language is one of "de", "fr"
first_seen more than 1 day ago
true
did "Report Exported"
did "$rage_click" at least 3 times
did "$page" where path matches "/pricing*"
did "Report Exported" at least 3 times in last 7 days
did "Report Exported" between 2 and 4 times in last 7 days
did "Report Exported" exactly 0 times since "Signed Up"
did "Report Exported" at most once since activation.connect_domain
did "Report Exported" on at least 3 days in last 14 days
did "Purchase" where amount > 100 and currency is "EUR" in last 30 days
did "Purchase" where cart.total > 100
did "Purchase" where amount > 100 and (currency is "EUR" or not currency is "USD")
(did "Purchase" where amount > 100) and plan is "free"
did not "Domain Verified" in last 1 day
did "Report Exported" since 2026-01-01
did "Viewed Docs" then "DNS Check Failed" then "Left Page" within 10 minutes in last 7 days
did "Viewed Docs" directly then "DNS Check Failed" in one session
did "Domain Added" and not "Domain Verified" within 1 day
first did "Signed Up" more than 30 days ago
last did "Report Exported" within last 2 hours
sum of amount in "Purchase" in last 30 days > 500
highest of amount in "Purchase" > 1000
average of amount in "Purchase" where currency is "EUR" >= 20
number of different domain in "Domain Added" >= 3
days active in last 14 days >= 3
anyone in account did "Domain Verified"
at activation.verify_domain
at activation.onboarding
reached activation.verify_domain
not reached activation.verify_domain
completed activation
stuck at activation.verify_domain for 15 minutes
returned to activation.connect_domain at least 2 times
friction at activation.verify_domain >= 0.5
felt frustrated at activation.verify_domain in last 7 days
felt confused or doubtful at activation.verify_domain
answered verify_effort
answered verify_effort.ease <= 3
answered verify_effort.cause is other
answered verify_effort.cause is doubt
answered verify_effort.cause is "It failed"
answered verify_effort.wishes include "Speed"
saw verify_help in last 2 days
saw verify_help at least 2 times
saw any survey in last 14 days
completed verify_help
not dismissed verify_help
in stuck_on_dns
not in enterprise
all of { plan is "trial"  seats > 3 }
any of { plan is "trial"  seats > 3 }
none of { plan is "trial"  seats > 3 }
not (plan is "trial" or seats > 3) and in stuck_on_dns
"""

CONTENT = """
show tooltip beside "#dns" { title "A" body "B" }
show hotspot beside "[data-guide=dns]" { title "A" }
show modal { title "Hi, {{ company | "friend" }} of {{ account.industry | "your trade" }}" }
show modal { title "{{ event.reason | "It failed" }} on {{ page.path }}" }
show banner top { body "**Bold**, *italic*, `code <b>`, [docs](/docs/dns), <https://example.com>" }
show slideout { title "A" image "https://example.com/a.png" alt "" video "/a.mp4" }
show checklist { title "First steps" item "Connect a domain" done when did "Domain Added" opens "/domains/new" }
show tour { step beside "#a" { title "A" in "de" { title "Ah" } } step beside "#b > .c" on page "/x" { body "B" } }
show modal { title "A" button "Go" opens "/a" button "Mail" opens "mailto:a@example.com" button "No" dismisses }
show modal { title "A" button "Later" snoozes 1 day button "Start" starts verify_help button "Sent" tracks "Left Page" }
show modal { title "A" button "Go" completes in "pt-BR" { title "Ah" button 1 "Ir" } }
"""


def errors(project: RuleProject) -> list[str]:
    return [each.message for each in project.diagnostics if each.severity is Severity.ERROR]


def lines(table: str) -> list[str]:
    return [line for line in table.strip().split("\n") if line]


def test_the_declarations_of_this_table_have_nothing_wrong() -> None:
    assert load({"a.way": DECLARATIONS}).diagnostics == ()


@pytest.mark.parametrize("condition", lines(CONDITIONS))
def test_a_condition_of_the_description_has_no_errors(condition: str) -> None:
    assert errors(load({"a.way": f"{DECLARATIONS}\nsegment asked where {condition}\n"})) == []


@pytest.mark.parametrize("show", lines(CONTENT))
def test_content_of_the_description_has_nothing_wrong(show: str) -> None:
    clauses = 'on "DNS Check Failed" for enterprise goal "Domain Verified" within 1 day expires 2027-06-30'
    guide = f"guide shown {{\n  {clauses}\n  not with verify_help\n  {show}\n}}\n"
    found = load({"a.way": f"{DECLARATIONS}\n{guide}"}).diagnostics
    # Some of these are translated, and the guides of the declarations are not.
    assert [each.message for each in found if each.code != TRANSLATION_MISSING.id] == []


def test_the_whole_file_has_nothing_wrong() -> None:
    text = (Path(__file__).parents[1] / "corpus" / "onboarding.way").read_text(encoding="utf-8")
    assert load({"onboarding.way": text}).diagnostics == ()


def test_names_seen_in_live_data_need_no_declaration() -> None:
    rule = 'segment asked where shoe_size > 40 and account.tier is "gold" and did "Paid" where sum > 3\n'
    seen = Seen(attributes={"shoe_size": NUMBER}, account_attributes={"tier": TEXT}, events={"Paid": {"sum": NUMBER}})
    assert len(errors(load({"a.way": rule}))) == 3
    assert errors(load({"a.way": rule}, seen=seen)) == []


def test_what_was_seen_has_the_type_that_was_seen() -> None:
    seen = Seen(attributes={"shoe_size": NUMBER})
    assert errors(load({"a.way": 'segment asked where shoe_size is "large"\n'}, seen=seen)) == [
        '`shoe_size` is a number, and "large" is text'
    ]


def test_files_of_one_project_share_their_names() -> None:
    names = {"a.way": "attribute seats: number\n", "b.way": "segment large where seats > 50\n"}
    assert errors(load(names)) == []
