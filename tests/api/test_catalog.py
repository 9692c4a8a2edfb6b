"""The catalog: what the rules declare and what was really sent, with counts, and the line that declares a name."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from dsl.parser import parse
from dsl.values import NUMBER, TEXT
from engine.catalog_view import attribute_line, event_line
from engine.permissions import Role
from engine.seen_values import few
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_console_pages import cheap_passwords, lively, visitor, words  # noqa: F401  (a fixture)
from tests.api.test_console_settings import HOSTILE, at, rows


@pytest.fixture
def ada(site: Site) -> FlaskClient:
    return visitor(site, Role.ADMIN)


def found(site: Site, query: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """Events and attributes by name."""
    answer = site.get(f"/api/v1/catalog{query}").json
    assert answer is not None
    return ({each["name"]: each for each in answer["events"]}, {each["key"]: each for each in answer["attributes"]})


def test_declared_and_seen_stand_beside_each_other_with_counts(site: Site, ada: FlaskClient) -> None:
    lively(site)
    site.post("/v1/track", {"userId": "u1", "event": "Invited", "properties": {"seats": 3}}, key=PUBLIC_KEY)
    site.post("/v1/group", {"userId": "u1", "groupId": "acme", "traits": {"industry": "books"}}, key=PUBLIC_KEY)
    events, attributes = found(site)
    signed_up, invited = events["Signed Up"], events["Invited"]
    assert (signed_up["declared"], signed_up["count"]["events"], signed_up["count"]["people"]) == (True, 8, 8)
    assert signed_up["line"] is None
    assert (invited["declared"], invited["line"]) == (False, 'event "Invited" {\n  seats: number\n}')
    assert invited["count"]["last"] == "2026-11-02T09:00:00Z"
    plan, industry = attributes["plan"], attributes["industry"]
    assert (plan["declared"], plan["count"]["people"], plan["values"]) == (True, 8, [{"value": "trial", "people": 8}])
    assert (industry["of_account"], industry["line"]) == (True, "account attribute industry: text")
    told = words(at(ada, "catalog"))
    assert "2 names came that no rule declares" in told
    assert "Invited not declared 1 1 2 Nov 2026, 09:00 seats number Declare event" in told
    assert "industry not declared text" in words(at(ada, "catalog", tab="attributes", q="INDUS"))
    assert "No event of that name" in words(at(ada, "catalog", q="nowhere"))
    assert {row["name"]: row["times"] for row in rows(at(ada, "catalog", format="csv"))}["Domain Verified"] == "6"


def test_the_one_switch_holds_for_counts(site: Site, ada: FlaskClient) -> None:
    lively(site)
    context = {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}
    site.post("/v1/track", {"anonymousId": "b", "event": "Signed Up", "context": context}, key=PUBLIC_KEY)
    assert found(site)[0]["Signed Up"]["count"]["events"] == 8
    assert found(site, "?everyone=true")[0]["Signed Up"]["count"]["events"] == 9
    assert "Signed Up declared 9" in words(at(ada, "catalog", who="everyone"))


def test_what_is_declared_and_never_came_says_so(site: Site, ada: FlaskClient) -> None:
    site.post("/api/v1/rules", {"files": {"a.way": 'event "Refunded"\nattribute seats: number\n'}}, key=SECRET_KEY)
    assert found(site)[0]["Refunded"]["count"] is None
    assert "Refunded declared never seen 0 0" in words(at(ada, "catalog"))
    assert "seats declared never seen number" in words(at(ada, "catalog", tab="attributes"))


@pytest.mark.parametrize("name", [*HOSTILE, "a`b", "a\nb", "true", "did", "Company Size", "`", '"', "\\"])
def test_a_line_that_is_proposed_always_reads(name: str) -> None:
    for line in (event_line(name, {name: NUMBER}), attribute_line(name, TEXT, of_account=False)):
        assert line is None or parse(line + "\n", file="a.way").diagnostics == ()


def test_what_is_hostile_declares_nothing_else() -> None:
    line = event_line('A"\nguide evil "x" {}', {})
    assert line is None or len(parse(line + "\n", file="a.way").program.declarations) == 1


def test_values_are_shown_only_where_nobody_is_given_away() -> None:
    people = [{"plan": "pro", "email": f"{n}@a.example", "rare": "one" if n == 0 else "many"} for n in range(20)]
    people += [{"plan": "trial", "on": True, "seats": 5}] * 3
    assert few(people) == {"plan": (("pro", 20), ("trial", 3)), "on": (("yes", 3),), "seats": (("5", 3),)}
