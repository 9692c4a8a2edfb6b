"""The pages of the demo and the two addresses that they read once a second. Same origin only; never in `serve`."""

from __future__ import annotations

from pathlib import PurePosixPath
from secrets import token_hex
from typing import Final

from flask import Blueprint, Response, current_app, redirect, render_template, request, send_from_directory, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from api.auth import open_to_all
from api.cookies import keep_session, refuse_other_sites
from api.demo import feed, gallery, material, steps
from api.demo.seed import PUBLIC_KEY
from api.demo.week import NextWeek
from api.serving import serving
from dsl.values import JsonValue
from engine.permissions import Role
from examples.demo.history import DAYS, USERS

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' https:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""As strict as a customer's policy may be: no inline style or script, no HTML from text."""


_TEMPLATES: Final = {
    "/stage": "stage.html",
    "/signup": "signup.html",
    "/domains/new": "domain.html",
    "/domains/<domain>/dns": "dns.html",
    "/help/dns": "help_dns.html",
    "/campaigns/new": "campaign.html",
}
"""The pages besides the first one, by address; what an address has in `<…>` its template knows by that name."""

blueprint = Blueprint("demo", __name__, template_folder=str(material.folder() / "pages"))
blueprint.register_blueprint(gallery.blueprint)

WEEK: Final = "waypost_demo_week"
"""Where the application keeps its next week."""
_ANALYST: Final = ("https://demo.invalid", "analyst", "analyst@postbird.example")
"""Who looks at the demo's console: issuer, subject and address."""
_BOOT: Final = token_hex(4)
"""Tells pages that were left open that another demo has started."""


@blueprint.after_request
def _guard(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


@blueprint.get("/")
@open_to_all
def landing() -> str:
    """The story in three sentences, the journey in figures, and the rule."""
    rule_file = f"examples/demo/rules/{material.RULES_FILE}"
    return render_template("landing.html", days=DAYS, users=USERS, rule=material.help_rule(), rule_file=rule_file)


def _page(**values: str) -> str:
    rule = request.url_rule
    assert rule is not None  # noqa: S101  (a view is only reached through its address)
    return render_template(_TEMPLATES[rule.rule], public_key=PUBLIC_KEY, **values)


for _address in _TEMPLATES:
    blueprint.add_url_rule(_address, endpoint=_address.strip("/").replace("/", "_"), view_func=open_to_all(_page))


@blueprint.get("/demo/assets/<path:name>")
@open_to_all
def asset(name: str) -> Response:
    """Styles, scripts, pictures and fonts of the pages."""
    suffix = PurePosixPath(name).suffix
    if suffix not in _TYPES:
        raise NotFound
    answer = send_from_directory(material.folder() / "assets", name, mimetype=_TYPES[suffix])
    answer.headers["Cache-Control"] = "max-age=86400" if suffix == ".woff2" else "max-age=60"
    return answer


@blueprint.get("/demo/steps")
@open_to_all
def read_steps() -> dict[str, JsonValue]:
    """The records of all steps of the journey."""
    return {"boot": _BOOT, **steps.journey(serving())}


@blueprint.get("/demo/feed")
@open_to_all
def read_feed() -> dict[str, JsonValue]:
    """What has happened since a cursor, and what was decided."""
    return feed.since(serving(), feed.Cursor.read(request.args.get("after")))


@blueprint.post("/demo/console")
@open_to_all
def open_console() -> BaseResponse:
    """Sign in as the demo's analyst, and go to the console. There is nothing in it but simulated customers."""
    refuse_other_sites()
    current = serving()
    project = current.service.ensure_project()
    issuer, subject, email = _ANALYST
    user = current.service.sign_in.known_elsewhere(issuer, subject, email=email, roles={project.root: Role.ADMIN})
    session = current.service.sign_in.start(user, lasts=current.settings.session_lasts)
    answer = redirect(url_for("pages.home", project=project.slug.replace("/", "~"), who="simulated"), code=303)
    assert isinstance(answer, Response)  # noqa: S101  (Flask's redirect gives werkzeug's type)
    return keep_session(answer, session)


@blueprint.post("/demo/week")
@open_to_all
def let_a_week_go_by() -> dict[str, JsonValue]:
    """Begin the next week; says nothing new while one is going by."""
    refuse_other_sites()
    _week().start()
    return {"running": _week().progress.is_running}


@blueprint.get("/demo/week")
@open_to_all
def read_week() -> Response:
    """How far the week is, for the story's strip; at its end the page is asked to come anew."""
    progress = _week().progress
    answer = Response(render_template("story_week.html", progress=progress))
    if not progress.is_running:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _week() -> NextWeek:
    found: NextWeek = current_app.extensions[WEEK]
    return found
