"""How the service logs: one line an entry on standard error, as text or as JSON, with the id of the request.

Decides the form only. Every part logs through `logging` under the name `waypost.…`; what is bound to a request
(`structlog.contextvars`) stands in each of its entries. Never a key, never what an event says, never who a user is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from flask import Flask, Response, g

from api.serving import the_request

_access: Final = structlog.stdlib.get_logger("waypost.access")
QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: in the log at `debug` only."""


def logging_config(level: str, form: str) -> dict[str, Any]:
    """What `logging.config` is given. level: `debug` … `error`; form: `text` or `json`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if form == "json":
        last: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=False,
            pad_event_to=0,
            pad_level=False,
            # Not the one with the values of all variables: these are what people sent.
            exception_formatter=structlog.dev.plain_traceback,
        )
        last = [renderer]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "entry": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "entry", "stream": "ext://sys.stderr"}},
        "loggers": {
            # Its notes are of its workers and threads; ours say what an operator needs.
            "_granian": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
            "waypost": {"handlers": ["stderr"], "level": level.upper(), "propagate": False},
        },
    }


def configure() -> None:
    """Let structlog speak through `logging`, once a process."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def register(app: Flask, observe: Callable[[str, str, int, float], None]) -> None:
    """Give each request its entry, and tell `observe` its route, method, status and seconds."""
    configure()
    app.before_request(_begin)

    @app.after_request
    def _end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        asked = the_request()
        # The rule, not the address: ids of users stand in addresses, and figures would have no end.
        rule, status = asked.url_rule, answer.status_code
        route = "none" if rule is None else rule.rule
        observe(route, asked.method, status, seconds)
        level = logging.DEBUG if asked.path in QUIET else logging.INFO
        if _access.isEnabledFor(level):
            code = g.get("problem_code")
            told = {"method": asked.method, "route": route, "status": status, "ms": round(seconds * 1e3, 2)}
            _access.log(level, "request", **(told if code is None else {**told, "code": code}))
        return answer


def _begin() -> None:
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
