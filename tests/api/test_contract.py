"""The HTTP interface does what its OpenAPI document says, for thousands of requests that nobody thought of.

Schemathesis makes requests from the document, good ones and bad ones. No answer is a fault of ours, and each is of a
status, a media type and a form that the document names. A member of the console and every kind of key are tried.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.config import read_settings
from tests.api.asking import PUBLIC_KEY, SECRET_KEY

CASES = 5_000
"""Requests in all, at least."""

RULES = """event "Failed"

journey activation "Activation" {
  stage start "Start" {
    step sign_up "Sign up" reached by "Signed Up"
  }
}

guide help "Help" {
  on "Failed"
  show modal { title "One" }
  once every 7 days
  expires 2099-01-01
}
"""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _app() -> Any:
    folder = Path(tempfile.mkdtemp(prefix="waypost-contract-"))
    app = create_app(
        read_settings(
            {
                "WAYPOST_DATA_DIR": str(folder),
                "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
                "WAYPOST_INIT_SECRET_KEY": SECRET_KEY,
                "WAYPOST_WORKER": "off",
                "WAYPOST_LOG_LEVEL": "error",
                "WAYPOST_METRICS_TOKEN": "open",
                "WAYPOST_RATE_PER_ADDRESS": "off",
                "WAYPOST_RATE_PER_KEY": "off",
            }
        )
    )
    service = app.extensions["waypost"].service
    atexit.register(lambda: (service.close(), shutil.rmtree(folder, ignore_errors=True)))
    client, headers = app.test_client(), {"Authorization": f"Bearer {SECRET_KEY}"}
    client.post("/api/v1/rules", json={"files": {"a.way": RULES}}, headers=headers)
    client.post("/v1/track", json={"event": "Failed", "userId": "u1"}, headers=headers)
    return app


schema = schemathesis.openapi.from_wsgi("/openapi.json", _app())
asked: list[str] = []
"""The address of each request so far."""


@schema.parametrize()
@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_names(case: Any) -> None:
    asked.append(case.path)
    key = PUBLIC_KEY if case.path.startswith("/v1/") else SECRET_KEY
    if "user_id" in (case.path_parameters or {}) and len(asked) % 2:
        case.path_parameters["user_id"] = "u1"
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)


def test_it_was_asked_often_enough(request: pytest.FixtureRequest) -> None:
    own = [item for item in request.session.items if item.path == request.node.path]
    every = schema.statistic.operations.total + 1
    assert len(asked) >= CASES or len(own) < every, f"only {len(asked)} requests"
