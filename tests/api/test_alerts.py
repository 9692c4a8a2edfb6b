"""Alerts over HTTP and on the command line, from what browsers really reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from click.testing import CliRunner

from api.cli.main import cli
from dsl.values import HOUR
from tests.api.asking import Site
from tests.api.test_rules_versions import publish


def report(site: Site, event: str, times: int, **context: Any) -> None:
    batch = [
        {"type": "track", "event": event, "userId": f"u{number}", "properties": {"guide": "help"}, "context": context}
        for number in range(times)
    ]
    assert site.post("/v1/batch", {"batch": batch}).status_code == 202


def alerts(site: Site) -> list[dict[str, Any]]:
    answer = site.get("/api/v1/alerts")
    assert answer.json is not None
    return list(answer.json["data"])


def test_a_target_that_goes_missing_is_told(site: Site, tmp_path: Path) -> None:
    publish(site, "One")
    for _ in range(3):
        report(site, "$shown", 20)
        site.clock.move(24 * HOUR)
    assert alerts(site) == []
    report(site, "$target_missing", 30)
    (alert,) = alerts(site)
    assert (alert["guide"], alert["kind"], alert["recent"], alert["before"]) == ("help", "target_missing", 1.0, 0.0)
    site.clock.move(24 * HOUR)
    assert alerts(site) == []


def test_what_is_imported_or_simulated_is_no_alert(site: Site) -> None:
    publish(site, "One")
    report(site, "$target_missing", 30, simulated=True)
    assert alerts(site) == []


def test_the_command_tells_and_exits_with_1_if_there_is_anything(site: Site, tmp_path: Path) -> None:
    publish(site, "One")
    quiet = CliRunner().invoke(cli, ["alerts", "--data", str(tmp_path)])
    assert (quiet.exit_code, quiet.output) == (0, "nothing to look at\n")
    as_json = CliRunner().invoke(cli, ["alerts", "--data", str(tmp_path), "--json"])
    assert orjson.loads(as_json.output) == {"data": []}
