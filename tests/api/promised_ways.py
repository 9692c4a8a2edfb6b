"""What is asked of the ways in and out: scheduled sources and reports, alerts on steps; with which answer."""

from __future__ import annotations

from typing import Any

SOURCES = "/api/v1/sources"
SOURCE = {"kind": "url", "values": {"address": "https://files.example.com/tickets.csv"}}
STEP_ALERTS = "/api/v1/step-alerts"
EXPORTS = "/api/v1/exports"
WATCHED = {"metric": "drop", "at": "activation.verify_domain"}

WAYS_ASKED: list[tuple[str, str, str, Any, int]] = [
    ("get", EXPORTS, EXPORTS, None, 200),
    ("get", f"{EXPORTS}/runs", f"{EXPORTS}/runs", None, 200),
    ("get", f"{EXPORTS}/runs/{{run_id}}/file", f"{EXPORTS}/runs/9/file", None, 404),
    ("post", EXPORTS, EXPORTS, {"name": "all", "report": "events"}, 409),
    ("post", EXPORTS, EXPORTS, {"name": "all", "report": "everything"}, 422),
    ("patch", f"{EXPORTS}/{{export_id}}", f"{EXPORTS}/9", {"revision": 1, "hour": 7}, 404),
    ("delete", f"{EXPORTS}/{{export_id}}", f"{EXPORTS}/9", None, 404),
    ("post", f"{EXPORTS}/{{export_id}}/run", f"{EXPORTS}/9/run", None, 404),
    ("post", STEP_ALERTS, STEP_ALERTS, WATCHED, 201),
    ("post", STEP_ALERTS, STEP_ALERTS, {**WATCHED, "recent_days": 5}, 422),
    ("post", STEP_ALERTS, STEP_ALERTS, {**WATCHED, "at": "activation.nowhere"}, 404),
    ("get", STEP_ALERTS, STEP_ALERTS, None, 200),
    ("get", f"{STEP_ALERTS}/history", f"{STEP_ALERTS}/history", None, 200),
    ("patch", f"{STEP_ALERTS}/{{step_alert_id}}", f"{STEP_ALERTS}/9", {"revision": 1, "is_on": False}, 404),
    ("delete", f"{STEP_ALERTS}/{{step_alert_id}}", f"{STEP_ALERTS}/9", None, 404),
    ("get", f"{SOURCES}/kinds", f"{SOURCES}/kinds", None, 200),
    ("post", SOURCES, SOURCES, SOURCE, 201),
    ("post", SOURCES, SOURCES, {**SOURCE, "kind": "nowhere"}, 422),
    ("get", SOURCES, SOURCES, None, 200),
    ("get", f"{SOURCES}/{{source_id}}", f"{SOURCES}/9", None, 404),
    ("patch", f"{SOURCES}/{{source_id}}", f"{SOURCES}/9", {"revision": 1, "is_on": False}, 404),
    ("post", f"{SOURCES}/{{source_id}}/run", f"{SOURCES}/9/run", None, 404),
    ("get", f"{SOURCES}/{{source_id}}/runs", f"{SOURCES}/9/runs", None, 404),
    ("delete", f"{SOURCES}/{{source_id}}", f"{SOURCES}/9", None, 404),
]
