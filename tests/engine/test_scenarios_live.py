"""A scenario tells what the service would do: the same stories, played through the real one on a real database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from api.scenario_files import Suites
from dsl.values import Instant, JsonValue, format_instant
from engine.reasons import Reason
from engine.replies import Published
from engine.scenarios import SUFFIX, ScenarioResult, run
from engine.scenarios.model import Happening
from engine.service import Service
from tests.engine.clock import Clock

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "scenarios").glob(f"*{SUFFIX}"))
BROWSER: Mapping[str, JsonValue] = {"userAgent": "Mozilla/5.0"}


def messages(happening: Happening, user: str, name: str) -> list[JsonValue]:
    """What a browser or a server would send."""
    context = {**BROWSER, **happening.context} if happening.from_browser else {}
    found: list[JsonValue] = []
    for number, told in enumerate(happening.told):
        message: dict[str, JsonValue] = {
            "type": told.kind.value,
            "messageId": f"{name} {number}",
            "userId": user,
            "timestamp": format_instant(happening.at),
            "context": dict(context),
            "properties": dict(told.properties),
            "traits": dict(told.traits),
        }
        if told.kind.value == "track":
            message["event"] = told.name
        if told.group_id is not None:
            message["groupId"] = told.group_id
        found.append(message)
    return found


def play(service: Service, clock: Clock, project: int, result: ScenarioResult) -> list[tuple[Any, Counter[str]]]:
    """What the service shows at each step, and the reasons that it keeps of its decision."""
    scenario, user = result.scenario, str(result.person)
    clock.now = min([each.at for each in scenario.before], default=scenario.steps[0].at)
    past = [m for n, each in enumerate(scenario.before) for m in messages(each, user, f"past {n}")]
    service.import_history(project, past, received=scenario.steps[0].at)
    found: list[tuple[Any, Counter[str]]] = []
    for number, step in enumerate(scenario.steps):
        clock.now = step.at
        known = {row.seq for row in service.recent_decisions(project, limit=500).items}
        context = {**step.happenings[-1].context, "consent": {"guidance": scenario.has_consent}}
        sent = [m for n, each in enumerate(step.happenings) for m in messages(each, user, f"{number} {n}")]
        served: Any = ()
        if sent:
            receipt = service.receive(project, sent, received=step.at, decide=step.asks, context=context)
            assert receipt.rejected == ()
            served = receipt.decisions
        elif step.asks:
            served = service.decide(project, user_id=user, context=context).decisions
        rows = [row for row in service.recent_decisions(project, limit=500).items if row.seq not in known]
        reasons = Counter({name: count for row in rows for name, count in row.reasons.items()})
        found.append(([(each.guide, each.variant) for each in served], reasons))
        for each in served if step.is_seen else ():
            event = {"type": "track", "event": "$shown", "userId": user, "properties": {"guide": each.guide}}
            event |= {"timestamp": format_instant(Instant(clock.now)), "context": dict(BROWSER)}
            service.receive(project, [event], received=clock.now)
    return found


@pytest.fixture
def live(tmp_path: Path, clock: Clock) -> Any:
    service = Service.open(f"sqlite:///{tmp_path / 'live.sqlite'}", clock=clock)
    yield service
    service.close()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_service_does_what_a_scenario_says(path: Path, live: Service, clock: Clock) -> None:
    suite = Suites().read(path)
    assert suite.ruleset is not None
    rules = {name: text for name, text in suite.sources.items() if name.endswith(".way")}
    for number, scenario in enumerate(suite.scenarios):
        if scenario.responses:
            continue  # those of others, who are not told of
        clock.now = scenario.steps[0].at
        project = live.ensure_project(f"story-{number}").id
        assert isinstance(live.publish(project, rules), Published)
        result = run(scenario, suite.ruleset)
        for told, (shown, reasons) in zip(result.steps, play(live, clock, project, result), strict=True):
            assert [(each.guide, each.variant) for each in told.shown] == shown, (scenario.name, told.step.span.line)
            # A guide that did not come into question has a reason in a scenario, and none in a row of the log.
            expected = Counter(reason.value for _, reason in told.reasons)
            for counter in (expected, reasons):
                counter.pop(Reason.NOT_TRIGGERED.value, None)
            if told.step.asks:
                assert expected - Counter({"NO_CONSENT": 9}) == reasons - Counter({"NO_CONSENT": 9}), scenario.name
