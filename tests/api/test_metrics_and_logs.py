"""What an operator sees: figures for Prometheus, and a log with the id of each request in every entry."""

from __future__ import annotations

import io
import logging
import logging.config
from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.logs import logging_config
from tests.api.asking import ORIGIN, Site, problem
from tests.api.test_rules_versions import FAILED, publish


def site_with(site: Site, **settings: str | None) -> Site:
    """The same service, served with other settings."""
    app = create_app(
        replace(site.app.extensions["waypost"].settings, **settings), service=site.service, clock=site.clock
    )
    return Site(app, app.test_client(), site.service, site.clock)


def figures(site: Site, bearer: str = "let-me-see") -> dict[str, float]:
    answer = site.get("/metrics", key=bearer)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    return {
        f"{sample.name}{sorted(sample.labels.items()) if sample.labels else ''}": sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


@pytest.fixture
def watched(site: Site) -> Site:
    return site_with(site, metrics_token="let-me-see")


def test_events_guidance_and_requests_are_counted(watched: Site) -> None:
    publish(watched, "One")
    watched.post("/v1/batch", {"batch": [FAILED, {"type": "nonsense"}], "decide": True}, Origin=ORIGIN)
    found = figures(watched)
    assert found["waypost_events_total[('outcome', 'accepted')]"] == 1
    assert found["waypost_events_total[('outcome', 'rejected')]"] == 1
    assert found["waypost_decisions_total[('kind', 'modal')]"] == 1
    batch = "[('method', 'POST'), ('route', '/v1/batch'), ('status', '202')]"
    assert found[f"waypost_http_request_seconds_count{batch}"] == 1
    assert (found["waypost_ready"], found["waypost_writer_waiting_events"]) == (1, 0)
    assert found["waypost_writer_requests"] >= 2


def test_an_address_with_a_users_id_makes_no_figure_of_its_own(watched: Site) -> None:
    watched.get("/api/v1/users/somebody@example.com")
    names = figures(watched)
    assert any("/api/v1/users/<path:user_id>" in name for name in names)
    assert not any("somebody" in name for name in names)


def test_figures_are_for_those_who_bring_the_token(site: Site, watched: Site) -> None:
    assert problem(site.get("/metrics"))["code"] == "unknown_address"
    assert problem(watched.get("/metrics", key="guess"))["code"] == "unknown_key"
    assert problem(watched.get("/metrics", key=None))["code"] == "unknown_key"
    assert problem(watched.get("/metrics", key="schlüssel"))["code"] == "unknown_key"
    assert site_with(site, metrics_token="open").get("/metrics", key=None).status_code == 200


@pytest.fixture
def form() -> str:
    return "json"


@pytest.fixture
def log(form: str) -> Iterator[io.StringIO]:
    written = io.StringIO()
    config = logging_config("info", form)
    config["handlers"]["stderr"] |= {"stream": written}
    logging.config.dictConfig(config)
    yield written
    waypost = logging.getLogger("waypost")
    waypost.handlers.clear()
    waypost.propagate = True


def entries(log: io.StringIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in log.getvalue().splitlines()]


def test_each_request_is_an_entry_with_its_id_and_no_more_than_its_route(site: Site, log: io.StringIO) -> None:
    site.get("/api/v1/users/somebody@example.com", X_Request_Id="trace-12345678")
    (entry,) = entries(log)
    assert entry["request_id"] == "trace-12345678"
    assert (entry["route"], entry["status"], entry["code"]) == ("/api/v1/users/<path:user_id>", 404, "unknown_user")
    assert (entry["logger"], entry["level"]) == ("waypost.access", "info")
    assert "somebody" not in log.getvalue()


def test_what_any_part_logs_within_a_request_carries_its_id(
    site: Site, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(site.service, "decide", fail)
    answer = site.post("/v1/decide", {"userId": "u1"}, X_Request_Id="trace-12345678")
    assert answer.status_code == 500
    fault, access = entries(log)
    assert fault["request_id"] == access["request_id"] == "trace-12345678"
    assert "a fault of ours" in str(fault["exception"])
    assert access["code"] == "internal_error"


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_fault_is_told_by_where_it_happened_not_by_what_people_sent(
    site: Site, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(site.service, "decide", fail)
    site.post("/v1/decide", {"userId": "ada@example.com"})
    assert "a fault of ours" in log.getvalue()
    assert "ada@example.com" not in log.getvalue()


def test_what_machines_ask_every_few_seconds_is_not_logged(site: Site, log: io.StringIO) -> None:
    site.get("/healthz")
    site.get("/readyz")
    assert entries(log) == []
