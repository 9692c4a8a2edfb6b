"""Short ways for tests to ask the application, without a server in between."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dsl.values import Duration, Instant
from engine.service import Service

PUBLIC_KEY = "wp_pub_testtesttesttest1234"
SECRET_KEY = "wp_sec_testtesttesttest1234"
OTHER_SECRET_KEY = "wp_sec_otherotherother1234"
ORIGIN = "https://app.example.com"


@dataclass
class Clock:
    """A clock that stands still until it is told to move."""

    now: Instant

    def __call__(self) -> Instant:
        return self.now

    def move(self, by: Duration) -> None:
        self.now = Instant(self.now + by)


@dataclass
class Site:
    """The application and short ways to ask it."""

    app: Flask
    client: FlaskClient
    service: Service
    clock: Clock

    def post(self, path: str, body: object, *, key: str | None = PUBLIC_KEY, **headers: str) -> TestResponse:
        """POST JSON, with the key as Bearer; headers with underscores for hyphens."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.client.post(path, data=raw, headers=self._headers(key, headers))

    def get(self, path: str, *, key: str | None = SECRET_KEY, **headers: str) -> TestResponse:
        return self.client.get(path, headers=self._headers(key, headers))

    def zipped(self, path: str, body: object) -> TestResponse:
        return self.post(path, gzip.compress(orjson.dumps(body)), Content_Encoding="gzip")

    def _headers(self, key: str | None, headers: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return named if key is None else {"Authorization": f"Bearer {key}", **named}


def problem(answer: TestResponse) -> dict[str, Any]:
    """The problem document of an answer; fails if it is none."""
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = orjson.loads(answer.get_data())
    assert document["status"] == answer.status_code
    assert document["type"] == f"urn:problem-type:waypost:{document['code']}"
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["X-Request-Id"]
    return document
