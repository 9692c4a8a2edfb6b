"""The reasons that the stage shows are found again, and must be those with which it was really decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.config import read_settings
from api.demo import material, why
from api.serving import Serving
from dsl.sources import read_files
from dsl.values import MINUTE, SECOND, Duration, Instant, JsonValue, read_instant
from engine.replies import Published
from engine.service import Service

STARTED = read_instant("2026-11-02T09:00:00Z") or Instant(0)
A_MOMENT = Duration(10 * SECOND)
TRIAL: dict[str, JsonValue] = {"plan": "trial", "seats": 5, "sales_assisted": False, "first_name": "Robin"}
LARGE: dict[str, JsonValue] = {"plan": "pro", "seats": 80, "sales_assisted": True, "first_name": "Kim"}


class Stage:
    """A service with the demo's rules, and a customer who does one thing after another."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.now = STARTED
        self.serving = Serving(service, read_settings({}), lambda: self.now)
        self.project = service.ensure_project().id
        self.known: dict[str, JsonValue] = {}

    def does(self, *messages: dict[str, JsonValue], after: Duration = A_MOMENT) -> None:
        self.now = Instant(self.now + after)
        context: dict[str, JsonValue] = {"page": {"path": "/domains/robin.example/dns"}, "userAgent": "Mozilla/5.0"}
        kept = [{"anonymousId": "visitor", **self.known, "context": context, **each} for each in messages]
        receipt = self.service.receive(self.project, kept, received=self.now, decide=True, context=context)
        assert receipt.accepted == len(messages)

    def signs_up(self, traits: dict[str, JsonValue]) -> None:
        self.does({"type": "page", "properties": {"path": "/signup"}})
        self.known = {"userId": "robin"}
        self.does({"type": "identify", "traits": traits}, track("Signed Up"))
        self.does(track("Domain Added"))


def track(event: str, **properties: JsonValue) -> dict[str, JsonValue]:
    return {"type": "track", "event": event, "properties": properties}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    service = Service.open(f"sqlite:///{tmp_path / 'demo.sqlite'}", clock=lambda: STARTED)
    files, _ = read_files([material.rules()])
    assert isinstance(service.publish(service.ensure_project().id, files), Published)
    yield Stage(service)
    service.close()


def told(stage: Stage) -> list[dict[str, str]]:
    """The reasons of all decisions, found again; each must add up to what the log counted."""
    found = []
    for logged in stage.service.recent_decisions(stage.project).items:
        reasons = why.considered(stage.serving, stage.project, logged)
        assert Counter(reason.value for _, reason in reasons) == Counter(dict(logged.reasons)), logged
        found.append({guide: reason.value for guide, reason in reasons})
    return found


def test_a_self_serve_customer_fails_twice_is_helped_and_then_let_alone(stage: Stage) -> None:
    stage.signs_up(TRIAL)
    stage.does(track("DNS Check Failed", attempt=1))
    stage.does(track("DNS Check Failed", attempt=2))
    stage.does(track("$shown", guide="verify_help"), after=Duration(SECOND))
    stage.does(track("DNS Check Failed", attempt=3))
    stage.does(track("Domain Verified"))
    helped = [each["verify_help"] for each in told(stage) if each.get("verify_help") not in {None, "NOT_TRIGGERED"}]
    assert helped == ["CONDITION_FALSE", "TARGETING_MATCH", "FREQUENCY_CAPPED"]


def test_what_came_later_changes_no_reason_of_before(stage: Stage) -> None:
    stage.signs_up(TRIAL)
    stage.does(track("DNS Check Failed", attempt=1))
    before = told(stage)
    stage.does(track("DNS Check Failed", attempt=2), after=Duration(MINUTE))
    stage.does(track("Domain Verified"))
    assert told(stage)[: len(before)] == before


def test_a_customer_of_a_large_company_is_not_in_the_audience(stage: Stage) -> None:
    stage.signs_up(LARGE)
    stage.does(track("DNS Check Failed", attempt=1), track("DNS Check Failed", attempt=2))
    assert told(stage)[-1]["verify_help"] == "NOT_IN_AUDIENCE"


def test_two_failures_in_one_batch_are_decided_once(stage: Stage) -> None:
    stage.signs_up(TRIAL)
    stage.does(track("DNS Check Failed", attempt=1), track("DNS Check Failed", attempt=2))
    assert told(stage)[-1]["verify_help"] == "TARGETING_MATCH"
