"""From an error to its answer: RFC 9457 problem documents.

Decides what a refusal looks like on the wire; who refuses, and why, is decided where the error is raised, and with
which status it is answered in `api.statuses`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final

import orjson
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from api.problems import BadRequest, InternalError, InvalidFields, MethodNotAllowed, TooManyRequests, UnknownAddress
from api.publishing import RulesRefused
from api.schemas.problems import DiagnosticSchema
from api.statuses import STATUSES, answered_as, title
from engine.errors import Busy, StorageUnavailable, WaypostError
from engine.replay.errors import ReplayDayFull, ReplayTooEarly
from engine.tracking import PlanRefused

MEDIA_TYPE: Final = "application/problem+json"
_DIAGNOSTICS: Final = DiagnosticSchema(many=True)
_log = logging.getLogger("waypost.http")


def problem(error: WaypostError) -> Response:
    """The answer to an error: a problem document with a stable `code`, and the headers that belong to its status."""
    kind = answered_as(type(error)) or InternalError
    status = STATUSES[kind]
    document: dict[str, Any] = {
        "type": problem_type(error.code),
        "title": title(kind),
        "status": int(status),
        "detail": _detail(error),
        "code": error.code,
        "request_id": g.get("request_id", ""),
    }
    g.problem_code = error.code
    if isinstance(error, InvalidFields | PlanRefused):
        faults = error.errors if isinstance(error, InvalidFields) else error.faults
        document["errors"] = [{"path": one.path, "message": one.message} for one in faults]
    if isinstance(error, RulesRefused):
        document["diagnostics"] = _DIAGNOSTICS.dump(error.diagnostics)
    answer = Response(orjson.dumps(document), status=int(status), content_type=MEDIA_TYPE)
    if status is HTTPStatus.UNAUTHORIZED:
        # Not `Basic`: browsers would open a password window over the customer's page.
        answer.headers["WWW-Authenticate"] = 'Bearer realm="waypost"'
    if isinstance(error, Busy | StorageUnavailable | TooManyRequests | ReplayDayFull | ReplayTooEarly):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _detail(error: WaypostError) -> str:
    if isinstance(error, StorageUnavailable):
        # The driver's words may name hosts and files: they are for the log.
        _log.error("request %s: %s", g.get("request_id"), error)
        return "the database cannot be used right now; send this again later, nothing is ever kept twice"
    return str(error)


def problem_type(code: str) -> str:
    """The URI that names a kind of problem."""
    return f"urn:problem-type:waypost:{code}"


class _ByStatus:
    """What an error of the web framework is in our words."""

    ERRORS: ClassVar[Mapping[int, WaypostError]] = {
        404: UnknownAddress("nothing is served at this address; `/openapi.json` lists what is"),
        405: MethodNotAllowed("this address does not take that method; the `Allow` header lists those that it takes"),
    }


def register(app: Flask) -> None:
    """Answer every error of the application with a problem document."""
    app.register_error_handler(WaypostError, lambda error: problem(told(error)))
    app.register_error_handler(HTTPException, framework_error)
    app.register_error_handler(Exception, lambda error: problem(told(error)))


def told(error: Exception) -> WaypostError:
    """What a client is told of an error: itself, or, where it is a fault of ours, only that there was one."""
    if isinstance(error, WaypostError):
        if answered_as(type(error)) is not None:
            return error
        _log.error("request %s: %s has no HTTP status", g.get("request_id"), type(error).__name__, exc_info=error)
    else:
        _log.error("request %s failed", g.get("request_id"), exc_info=error)
    return InternalError()


def framework_error(error: HTTPException) -> Response:
    """The problem document for an error that Flask itself raised; redirects pass as they are."""
    original = error.get_response()
    if original.status_code < 400:
        return Response(original.get_data(), status=original.status_code, headers=original.headers)
    ours = _ByStatus.ERRORS.get(original.status_code)
    if ours is None:
        ours = InternalError() if original.status_code >= 500 else BadRequest(error.description or error.name)
    answer = problem(ours)
    if "Allow" in original.headers:
        answer.headers["Allow"] = original.headers["Allow"]
    return answer
