"""Whatever users and colleagues write is text on every page, and no formula in any file of a page."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from api.console.registry import pages
from engine import passwords
from engine.permissions import Role
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_console_pages import RULES, visitor

EVIL = '<img src=x onerror="alert(1)">'
FORMULA = "=HYPERLINK(1)"
NAMES = (
    EVIL,
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "' onmouseover='alert(1)",
    FORMULA,
    "javascript:alert(1)",
)
USER = f"u {EVIL}"
JOURNEY = """
journey j{number} "{label}" {{
  stage first "{label}" {{
    step begin "{label}" reached by "Signed Up"
    step end "{label}" reached by "Domain Verified"
  }}
}}
"""


@pytest.fixture
def ada(site: Site, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """An admin of a project that is full of what is hostile."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))
    journeys = "".join(JOURNEY.format(number=n, label=name.replace('"', "'")) for n, name in enumerate(NAMES))
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES + journeys}}, key=SECRET_KEY).status_code == 200
    batch: list[object] = []
    for number, name in enumerate(NAMES):
        who = {"userId": USER if number == 0 else f"{name}{number}", "anonymousId": f"a{name}"}
        context = {"page": {"path": f"/{name}", "url": f"https://x.example/{name}", "title": name}, "locale": name}
        batch += [
            {"type": "identify", "traits": {"plan": name, name: name}, **who},
            {"type": "group", "groupId": name, "traits": {"name": name}, **who},
            {"type": "track", "event": "Signed Up", "properties": {name: name}, "context": context, **who},
            {"type": "track", "event": name, "properties": {"note": name}, "context": context, **who},
            {"type": "track", "event": "$release", "properties": {"version": name}, **who},
            {"type": "track", "event": "$shown", "properties": {"guide": "stuck"}, **who},
            {"type": "track", "event": "$answered", "context": context, **who,
             "properties": {"guide": "stuck", "question": "why", "value": name, "submission": f"s{number}"}},
        ]  # fmt: skip
    answer = site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY)
    assert answer.status_code == 202
    ada = visitor(site, Role.ADMIN)
    _write(site)
    return ada


def _write(site: Site) -> None:
    """What colleagues type."""
    for name in NAMES:
        item = {"title": name, "owner": name, "journey": "activation", "step": "verify", "evidence": [name]}
        assert site.post("/api/v1/roadmap/items", item, key=SECRET_KEY).status_code in {200, 201}
        theme = {"title": name, "at": None}
        site.post("/api/v1/roadmap/themes", theme, key=SECRET_KEY)
        said = {"source": "interview", "text": name, "quotes": [name], "external": name, "step": "activation.verify"}
        assert site.post("/api/v1/evidence", {"evidence": [said]}, key=SECRET_KEY).status_code == 200
        assert site.post("/api/v1/comments", {"place": "item:1", "text": name}, key=SECRET_KEY).status_code in {
            200,
            201,
        }


QUERIES = {
    "users": (f"q={USER}", f"id={USER}", f"id={USER}&tab=state", f"id={USER}&tab=explain&guide=stuck"),
    "responses": ("survey=stuck&tab=words", "survey=stuck&tab=segments", "survey=stuck&tab=way", "tab=disagreeing"),
    "roadmap": ("tab=board", "tab=intake", "tab=themes", "item=1"),
}
"""What else of a page is looked at, besides its default."""
WITH_NAMES = {"discussion", "health", "live", "map", "responses", "review", "roadmap", "settings_catalog", "users"}
"""Pages that show what users and colleagues wrote."""


@pytest.mark.thorough
def test_whatever_is_hostile_is_text_on_every_page(site: Site, ada: FlaskClient) -> None:
    found: list[str] = []
    told: dict[str, set[str]] = {name: set() for name in NAMES}
    for page in pages():
        for query in ("", "journey=j0", *QUERIES.get(page.name, ())):
            address = f"/console/p/default/{page.path}?{query}&who=everyone"
            answer = ada.get(address)
            assert answer.status_code == 200, (address, answer.get_data(as_text=True)[-400:])
            text = answer.get_data(as_text=True)
            if re.search(r"<img src=x|<script>alert|[^&]' onmouseover=|href=.javascript:|\b49\b.*7 \* 7", text):
                found.append(address)
            for name, on in told.items():
                if str(escape(name)) in text:
                    on.add(page.name)
    assert found == []
    # What is hostile has come to them all the same: as text.
    assert {name: WITH_NAMES - on for name, on in told.items() if not on >= WITH_NAMES} == {}


@pytest.mark.thorough
def test_no_file_of_a_page_holds_a_formula(site: Site, ada: FlaskClient) -> None:
    seen = 0
    for page in pages():
        answer = ada.get(f"/console/p/default/{page.path}?format=csv&who=everyone")
        if not answer.content_type.startswith("text/csv"):
            continue
        rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
        seen += 1
        assert [cell for row in rows for cell in row if cell.startswith(("=", "@", "+H"))] == [], page.name
    assert seen >= 5
