"""What a running application holds: the service, its settings, its clock; and how a request reaches them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from flask import Flask, Request, current_app, request

from api.config import Settings
from api.metrics import Metrics
from dsl.values import Instant
from engine.service import Service

_EXTENSION: Final = "waypost"


def system_clock() -> Instant:
    """Now, by the machine's clock. The only place where the service asks for it."""
    return Instant(time.time_ns() // 1_000)


@dataclass(frozen=True, slots=True)
class Serving:
    """The parts that requests are answered with."""

    service: Service
    settings: Settings
    clock: Callable[[], Instant]
    metrics: Metrics = field(default_factory=Metrics)


def attach(app: Flask, serving: Serving) -> None:
    """Give the application its parts."""
    app.extensions[_EXTENSION] = serving


def serving() -> Serving:
    """The parts of the application that answers this request."""
    return cast("Serving", current_app._get_current_object().extensions[_EXTENSION])  # type: ignore[attr-defined]


def the_request() -> Request:
    """The request at hand itself. Flask's `request` looks for it each time, which takes longer than what is asked."""
    return cast("Request", request._get_current_object())  # type: ignore[attr-defined]
