"""The HTTP interface does what its OpenAPI document says, for thousands of requests that nobody thought of.

Schemathesis makes requests from the document, good ones and bad ones. No answer is a fault of ours, and each is of a
status, a media type and a form that the document names. A member of the console and every kind of key are tried.
"""

from __future__ import annotations

import atexit
import gzip
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
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
"""Requests in all, at least; an operation without anything to choose takes fewer than its share."""

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


@schemathesis.serializer("application/gzip")
def _packed(_: Any, value: Any) -> bytes:
    """Bytes as they come, or packed where that says something: what is in there is looked at too."""
    given = value if isinstance(value, bytes) else str(getattr(value, "data", value)).encode()
    return gzip.compress(given, mtime=0) if len(given) % 2 else given


schema = schemathesis.openapi.from_wsgi("/openapi.json", _app())
OPERATIONS = {each.ok().label: each.ok() for each in schema.get_all_operations()}
EACH = CASES * 13 // 10 // len(OPERATIONS)
asked: Counter[str] = Counter()
"""Requests so far, by operation."""


def _cases(operation: Any) -> st.SearchStrategy[Any]:
    """Requests that fit the document, and requests that do not where there is anything that could be wrong."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body.items or operation.query.items or operation.path_parameters.items:
        return st.one_of(good, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    return good


# The library's own decorator gives all operations one name, of which a distributed run takes only the first.
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_the_document_names(label: str) -> None:
    @given(case=_cases(OPERATIONS[label]))
    @settings(
        max_examples=EACH,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        asked[label] += 1
        key = PUBLIC_KEY if case.path.startswith("/v1/") else SECRET_KEY
        if "user_id" in (case.path_parameters or {}) and asked[label] % 2:
            case.path_parameters["user_id"] = "u1"
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)

    ask()
    assert asked[label] > 0


def test_it_was_asked_often_enough() -> None:
    """Only where every operation was tried, not where one of them alone was asked for."""
    assert asked.total() >= CASES or asked.keys() != OPERATIONS.keys(), f"only {asked.total()} requests"
