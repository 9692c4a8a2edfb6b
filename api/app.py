"""The web application: a Flask app made of a service, its routes, and their OpenAPI document.

Decides how the parts are put together and what is true of every request; each address is in `api.routes`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from importlib import import_module
from multiprocessing.util import Finalize
from secrets import token_hex
from threading import Lock
from typing import Any, Final

import flask_smorest
import orjson
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, g
from flask.json.provider import JSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from api import answering, auth, cookies, logs, origins, proxies, rates, recomputing
from api.background import begin_work
from api.config import Settings, read_settings
from api.limits import BoundedRequest
from api.routing import RowNumber, SeldomBuilt
from api.schemas import content
from api.schemas.fields import describe_objects
from api.schemas.problems import ProblemSchema
from api.serving import Serving, attach, system_clock, the_request
from api.start import open_service
from dsl.values import Instant
from engine.service import Service

ROUTES: Final = (
    "operations",
    "ingest",
    "mirrors",
    "posthog",
    "guidance",
    "visitor_flags",
    "rules",
    "drafts",
    "writing",
    "forms",
    "unsaved",
    "guides",
    "flags",
    "picking",
    "plan",
    "people",
    "live",
    "journeys",
    "funnels",
    "paths",
    "heat",
    "records",
    "responses",
    "opportunities",
    "maps",
    "roadmap",
    "effects",
    "kpis",
    "accounts",
    "evidence",
    "recordings",
    "replays",
    "answers",
    "comments",
    "shared_links",
    "project",
    "projects",
    "retention",
    "step_alerts",
    "exports",
    "webhooks",
    "imports",
    "sources",
    "catalog",
    "keys",
    "members",
    "session",
    "audit",
)
"""Modules of `api.routes` with a documented `blueprint`, in the order of the OpenAPI document."""

UNDOCUMENTED: Final = ("sdk", "docs", "sign_in", "console", "pages", "previews", "player")
"""Modules of `api.routes` whose `blueprint` serves files, pages, and browsers on their way."""

_REQUEST_ID: Final = re.compile(r"[\w.-]{8,100}", re.ASCII)


class _Orjson(JSONProvider):
    """Flask's JSON, read and written by orjson."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        return Response(orjson.dumps(self._prepare_response_obj(args, kwargs)), mimetype="application/json")


class _Application(Flask):
    request_class = BoundedRequest
    json_provider_class = _Orjson
    url_rule_class = SeldomBuilt

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view or hook of ours is a coroutine; Flask would look at each of them at every request."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        """Ask first whether the caller may: here, so that no view is forgotten and what blueprints set up holds."""
        asked = the_request()
        if asked.routing_exception is None and asked.method != "OPTIONS":
            auth.admit(asked)
        return super().dispatch_request()


class _Api(flask_smorest.Api):  # type: ignore[misc]  # the library has no types
    """Documents our problems as the answer to every refusal, and makes the document when it is first asked for."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._parts: list[Callable[[], None]] = []
        self._one_at_a_time = Lock()
        super().__init__(*args, **kwargs)

    def later(self, part: Callable[[], None]) -> None:
        """Make this part before the document is first read."""
        self._parts.append(part)

    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        with self._one_at_a_time:
            while self._parts:
                self._parts.pop(0)()
        document: dict[str, Any] = self.spec.to_dict()
        return document

    def _openapi_json(self) -> Response:
        return Response(orjson.dumps(self.document()), mimetype="application/json")

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Never the library's own form."""
        return answering.framework_error(error)

    def _register_responses(self) -> None:
        refusal = {
            "description": "A refusal: a problem document (RFC 9457) with a stable `code`.",
            "content": {answering.MEDIA_TYPE: {"schema": ProblemSchema}},
        }
        # The second is the name by which the library refers to a body that does not fit.
        for name in (self.DEFAULT_ERROR_RESPONSE_NAME, HTTPStatus.UNPROCESSABLE_ENTITY.name):
            self.spec.components.response(name, refusal, lazy=True)

    def _register_pagination_header(self) -> None:
        """None: pages are read by cursor."""


def create_app(
    settings: Settings | None = None,
    *,
    service: Service | None = None,
    clock: Callable[[], Instant] = system_clock,
) -> Flask:
    """The application. Without settings: those of the environment. Without a service: one is opened for it, and closed
    when the process ends.
    """
    settings = read_settings(os.environ) if settings is None else settings
    if service is None:
        service = open_service(settings, clock=clock)
        # granian's workers do not run `atexit`; this runs after the last request has been answered.
        Finalize(service, service.close, exitpriority=10)
        if settings.worker:
            begin_work(service, settings, clock)
    app = build_app()
    parts = Serving(service, settings, clock)
    attach(app, parts)
    parts.metrics.watch(service)
    logs.register(app, parts.metrics.observe)
    rates.register(app, settings)
    proxies.register(app, settings)
    return app


def build_app() -> Flask:
    """The application without a service: enough for its OpenAPI document."""
    app = _Application("waypost", static_folder=None)
    app.config.update(
        API_TITLE="Waypost",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.converters["int"] = RowNumber
    app.before_request(_name_request)
    app.after_request(_stamp)
    recomputing.register(app)
    origins.register(app)
    api = _new_api(app)
    for name in ROUTES:
        api.register_blueprint(import_module(f"api.routes.{name}").blueprint)
    for name in UNDOCUMENTED:
        app.register_blueprint(import_module(f"api.routes.{name}").blueprint)
    app.view_functions["api-docs.openapi_json"] = auth.open_to_all(app.view_functions["api-docs.openapi_json"])
    answering.register(app)
    return app


def openapi(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    api: _Api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return api.document()


def _new_api(app: Flask) -> _Api:
    plugin = MarshmallowPlugin()
    api = _Api(
        app,
        spec_kwargs={
            "marshmallow_plugin": plugin,
            "info": {
                "description": "Events in, guidance out. Events follow Segment's format, so that existing clients can "
                "send them here. Refusals are problem documents; their codes are in docs/reference/problems.md.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
        },
    )
    assert plugin.converter is not None  # noqa: S101  (set once the API is made)
    plugin.converter.add_attribute_function(describe_objects)  # type: ignore[no-untyped-call]
    parts = api.spec.components
    api.later(partial(_describe_content, api))
    parts.security_scheme(
        "publicKey",
        {"type": "http", "scheme": "basic", "description": "The public key (`wp_pub_…`) as the name, no password."},
    )
    parts.security_scheme(
        "secretKey",
        {"type": "http", "scheme": "bearer", "description": "A secret key (`wp_sec_…`); as the name in Basic too."},
    )
    parts.security_scheme(
        "session",
        {
            "type": "apiKey",
            "in": "cookie",
            "name": cookies.SESSION,
            "description": "Somebody who is signed in to the console. What changes something needs the session's CSRF "
            f"token in `{cookies.CSRF_HEADER}` too; members of several projects name one in `{auth.PROJECT_HEADER}`.",
        },
    )
    return api


def _describe_content(api: _Api) -> None:
    for name, schema in content.components().items():
        api.spec.components.schema(name, schema)


def _name_request() -> None:
    given = the_request().headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else token_hex(8)


def _stamp(answer: Response) -> Response:
    headers = answer.headers
    headers["X-Request-Id"] = g.get("request_id", "")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if not the_request().path.startswith("/sdk/"):
        headers.setdefault("Cache-Control", "no-store")
    return answer
