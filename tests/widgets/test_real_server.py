"""The snippet and a real server: rules in a file, a browser of another origin, and what comes of it."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.running import RunningServer
from tests.widgets.browser import counted, has_run, shown
from tests.widgets.fake_server import STRICT_POLICY, FakeServer

pytestmark = pytest.mark.browser

RULES = """
attribute first_name: text

event "Asked"
event "DNS Check Failed" { reason: text }
event "Domain Verified"
event "Asked a colleague" when clicked "#dead" on page "/domains/*"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step verify_domain "Verify the domain" reached by "Domain Verified" touchpoint "/domains/*"
  }
}

guide verify_help "Help" {
  at activation.verify_domain
  on "DNS Check Failed"
  when did "DNS Check Failed" at least 2 times in last 10 minutes

  show tooltip beside "#dns-records" {
    title "Two records to add"
    body "Copy both records, {{ first_name | "there" }}. It takes **five minutes**."
    button "Done" completes
  }

  once every 7 days
  priority 80
  holdout 0%
  expires 2099-01-01
}

guide patient "Patient" {
  on "Asked"
  wait until idle for 1 second

  show slideout {
    title "Still there?"
    button "Yes" dismisses
  }

  once every 7 days
  holdout 0%
  expires 2099-01-01
}

survey effort "Effort" {
  on "Domain Verified"

  ask effort ease "How easy was it?"
  ask choice cause "What slowed you down?" if ease <= 4 {
    "It kept failing" feels frustrated
    other
  }
  ask text detail "What should we fix first?" optional

  sample 100%
  once every 90 days
  expires 2099-01-01
}
"""


@pytest.fixture
def real(server: FakeServer, start_server: StartServer, tmp_path: Path) -> RunningServer:
    """A server with these rules, and pages of another origin that use it under a strict policy."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "rules.way").write_text(RULES)
    running = start_server(rules=rules, WAYPOST_ALLOWED_ORIGINS=server.page)
    server.elsewhere, server.key, server.policy = running.url, running.public_key, STRICT_POLICY
    return running


def known(real: RunningServer, user: str, *, guide: str, until: str) -> dict[str, Any]:
    """What the server knows of the user and a guide, once it knows of that."""
    request = urllib.request.Request(f"{real.url}/api/v1/users/{user}")  # noqa: S310
    request.add_header("Authorization", f"Bearer {real.secret_key}")
    history: dict[str, Any] = {}
    for _ in range(300):
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            history = json.load(answer)["state"]["guides"].get(guide, {})
        if history.get(until):
            return history
        time.sleep(0.1)
    raise AssertionError(f"nothing of {until} in {history}")


def test_a_rule_s_tooltip_appears_in_the_same_round_trip_and_its_life_is_known(
    page: Any, server: FakeServer, real: RunningServer
) -> None:
    page.goto(server.page + "/domains/verify")
    page.wait_for_function("() => window.waypost?.loaded")
    page.evaluate(
        "waypost.identify('ada', {first_name: 'Ada'}); waypost.track('DNS Check Failed', {reason: 'REFUSED'})"
    )
    page.wait_for_timeout(300)
    assert page.locator("waypost-guide").count() == 0
    page.evaluate("waypost.track('DNS Check Failed', {reason: 'NXDOMAIN'})")
    card = shown(page)
    assert "Copy both records, Ada. It takes five minutes." in card.inner_text()
    counted(page)
    card.get_by_role("button", name="Done").click()
    history = known(real, "ada", guide="verify_help", until="completed")
    assert history["shown_count"] == 1
    page.evaluate("waypost.track('DNS Check Failed', {reason: 'NXDOMAIN'})")
    page.wait_for_timeout(500)
    assert page.locator("waypost-guide").count() == 0, "completed is completed"
    assert page.complaints.console == []
    assert page.evaluate("waypost.debug(false).faults") == []


def test_what_an_anonymous_visitor_answers_is_known(page: Any, server: FakeServer, real: RunningServer) -> None:
    page.goto(server.page + "/domains/verify")
    page.wait_for_function("() => window.waypost?.loaded")
    page.evaluate("waypost.track('Domain Verified')")
    shown(page).get_by_role("radio", name="2").click()
    page.get_by_role("heading", name="What slowed you down?").wait_for()
    page.get_by_role("radio", name="It kept failing").click()
    page.get_by_role("heading", name="What should we fix first?").wait_for()
    page.get_by_role("button", name="Skip").click()
    user = page.evaluate("waypost.debug(false).anonymousId")
    history = known(real, user, guide="effort", until="completed")
    answers = {question: answer["value"] for question, answer in history["answers"].items()}
    assert answers == {"ease": 2, "cause": "It kept failing"}
    assert history["submissions"] == 1
    assert page.complaints.console == []


def test_a_guide_that_waits_is_confirmed_by_the_server(page: Any, server: FakeServer, real: RunningServer) -> None:
    page.goto(server.page + "/domains/verify")
    page.wait_for_function("() => window.waypost?.loaded")
    page.evaluate("waypost.identify('grace'); waypost.track('Asked')")
    assert shown(page).get_by_role("heading").inner_text() == "Still there?"
    counted(page)
    shown(page).get_by_role("button", name="Yes").click()
    assert known(real, "grace", guide="patient", until="dismissed")["shown_count"] == 1
    assert page.complaints.console == []


def test_a_declared_click_is_an_event_and_a_guide_comes_by_its_name(
    page: Any, server: FakeServer, real: RunningServer
) -> None:
    page.goto(server.page + "/domains/verify")
    page.wait_for_function("() => window.waypost?.loaded")
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.endsWith(':clicks'))")
    has_run(page, "clicks")
    page.locator("#dead").click()
    page.evaluate("waypost.identify('joan'); waypost.show('patient')")
    assert shown(page).get_by_role("heading").inner_text() == "Still there?"
    counted(page)
    shown(page).get_by_role("button", name="Yes").click()
    assert known(real, "joan", guide="patient", until="dismissed")["shown_count"] == 1
    request = urllib.request.Request(f"{real.url}/api/v1/users/joan/export")  # noqa: S310
    request.add_header("Authorization", f"Bearer {real.secret_key}")
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        assert "Asked a colleague" in answer.read().decode()
    assert page.complaints.console == []


def test_signs_of_friction_are_in_the_record_of_the_step_where_they_happened(
    page: Any, server: FakeServer, real: RunningServer
) -> None:
    page.goto(server.page + "/domains/verify")
    page.wait_for_function("() => sessionStorage.getItem('waypost:trail')")
    page.evaluate("waypost.identify('ada')")
    page.locator("#dead").click(click_count=4, delay=40)
    has_run(page, "sensors")
    page.evaluate(
        "() => { const [form, field, button] = ['form', 'input', 'button'].map((name) => document.createElement(name));"
        "field.id = 'a'; form.append(field, button); document.querySelector('main').prepend(form) }"
    )
    page.locator("#a").click()
    page.keyboard.type("secret")
    page.goto(server.page + "/settings?page=bare")
    want = {"rage_click": 1, "form_abandoned": 1}
    path = "/api/v1/journeys/activation/steps/verify_domain"
    for _ in range(300):
        friction = asked(real, path)["friction"]
        told = {each["name"]: each["count"] for each in friction["signals"] if each["count"]}
        if told == want:
            break
        time.sleep(0.1)
    assert told == want
    assert friction["score"] == pytest.approx(1 - 0.65 * 0.65)
    state = asked(real, "/api/v1/users/ada")["state"]
    assert state["journeys"]["activation"]["steps"]["verify_domain"]["signals"] == want
    assert "secret" not in json.dumps(asked(real, "/api/v1/users/ada/export"))


def asked(real: RunningServer, path: str) -> dict[str, Any]:
    """What the API answers to a secret key."""
    request = urllib.request.Request(real.url + path)  # noqa: S310
    request.add_header("Authorization", f"Bearer {real.secret_key}")
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found
