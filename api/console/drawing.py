"""How a page is put together and sent: its frame, its policy, its errors."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Response, render_template, request, url_for
from markupsafe import Markup, escape

import api
from api.console.desk import WHO_COUNTS, Desk, projects_of
from api.console.registry import Group, Page, pages
from api.problems import InternalError
from api.statuses import STATUSES, answered_as
from dsl.values import Instant, to_datetime
from engine.errors import WaypostError
from engine.reasons import Reason

HOME: Final = Path(next(iter(api.__path__))) / "console"
STATIC: Final = HOME / "static"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may do: nothing from elsewhere, no inline script, no inline style, in nobody's frame."""
_THEMES: Final = ("light", "dark")
_BACKTICKS: Final = re.compile("`([^`]+)`")
PROBLEM: Final = "Waypost-Problem"
"""The header in which a page that refuses says the code of the refusal."""


def draw(page: Page, desk: Desk) -> Response:
    """A page of the navigation, or the file that was asked for instead."""
    shown = page.view(desk)
    if isinstance(shown, Response):
        return shown
    answer = frame(f"{page.name}.html", desk, page=page, title=page.label, **shown)
    if page.frames:
        answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


def frame(template: str, desk: Desk, *, status: int = 200, **values: Any) -> Response:
    """A page within the frame of a project."""
    groups = {group: [each for each in pages() if each.group is group and desk.may(each.scope)] for group in Group}
    values = {
        "desk": desk,
        "navigation": groups,
        "projects": projects_of(desk.person),
        "who_counts": WHO_COUNTS,
        **values,
    }
    return send(render_template(template, **values, asset=asset), status=status)


def alone(template: str, *, status: int = 200, **values: Any) -> Response:
    """A page without a project: signing in, a refusal."""
    return send(render_template(template, **values, asset=asset), status=status)


def send(text: str, *, status: int = 200) -> Response:
    """A page with its policy. Pages are kept by nobody: they say what is so now, to one person."""
    answer = Response(text, status=status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def bare(template: str, policy: str, **values: Any) -> Response:
    """A page that is shown within another and draws what that tells it, in the theme that the address names."""
    theme = request.args.get("theme", "")
    answer = alone(template, theme=theme if theme in _THEMES else _THEMES[0], **values)
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def asset(name: str) -> str:
    """The address of a part of the pages, which changes with its content: browsers may keep it for ever."""
    return url_for("pages.static_part", name=name, v=_digest(name))


def reasons_that_show() -> str:
    """The reasons with which a guide goes out, for rows that a page's script draws."""
    return " ".join(each.value for each in Reason if each.shows)


def moment(at: Instant | None) -> Markup:
    """An instant as people read it, to the minute, in UTC; a dash for none. The filter `moment` of all templates."""
    if at is None:
        return Markup('<span class="none">–</span>')
    time = to_datetime(at)
    shown = f"{time.day} {time:%b %Y, %H:%M}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(escape(time.isoformat()), shown, shown)


def coded(text: str) -> Markup:
    """Words of the engine as people read them: what stands between backticks is code. The filter `coded`."""
    # The words are escaped before, and what is put around them is ours.
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704


def sentence(error: WaypostError) -> str:
    """An error as a sentence for people; as `api.answering.told` gives it."""
    return spoken(str(error))


def spoken(text: str) -> str:
    """Words of the engine as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def status_of(error: WaypostError) -> int:
    """The status with which an error is answered."""
    return int(STATUSES[answered_as(type(error)) or InternalError])


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
