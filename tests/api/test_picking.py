"""Links to the element picker: which pages they open it on, until when, and what comes back as text of the rules."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.parser import parse
from dsl.values import HOUR, MINUTE, Duration
from engine.picks import Kind, Picked, way_of
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site, problem

PAGE = ORIGIN
PICKED = {"kind": "event", "selector": "#dns-help", "event": "Opened DNS help", "page": "/domains/*"}


@pytest.fixture
def opened(site: Site) -> dict[str, Any]:
    """A link to a page of an origin that the project lists."""
    answer = site.post("/api/v1/pickers", {"url": f"{PAGE}/domains/7?tab=dns#top"}, key=SECRET_KEY)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.json is not None
    return dict(answer.json)


def token_of(opened: dict[str, Any]) -> str:
    return str(opened["link"].partition("#waypost-picker=")[2])


def from_page(site: Site, path: str, body: dict[str, Any], *, origin: str | None = PAGE) -> Any:
    """As the snippet asks: text, the key in it, and the browser's own word about where it stands."""
    headers = {"Origin": origin} if origin else {}
    return site.client.post(path, json={"writeKey": PUBLIC_KEY, **body}, headers=headers)


def test_a_link_holds_the_page_and_a_token_that_is_seen_once(site: Site, opened: dict[str, Any]) -> None:
    assert opened["link"].startswith(f"{PAGE}/domains/7?tab=dns#waypost-picker=")
    assert len(token_of(opened)) == 64
    assert opened["origin"] == PAGE
    shown = site.get(f"/api/v1/pickers/{opened['id']}")
    assert token_of(opened) not in shown.get_data(as_text=True)
    assert shown.json is not None
    assert (shown.json["opened"], shown.json["picks"]) == (None, [])


def test_what_is_picked_on_the_page_is_collected_as_text_of_the_rules(site: Site, opened: dict[str, Any]) -> None:
    token = {"token": token_of(opened)}
    assert from_page(site, "/v1/picker", token).json == {"expires": opened["expires"]}
    way = 'event "Opened DNS help" when clicked "#dns-help" on page "/domains/*"'
    assert from_page(site, "/v1/picker/picks", {**token, **PICKED}).json == {"way": way}
    target = {"kind": "target", "selector": "role=button[name='Verify']"}
    assert from_page(site, "/v1/picker/picks", {**token, **target}).status_code == 201
    shown = site.get(f"/api/v1/pickers/{opened['id']}").json
    assert shown is not None
    assert shown["opened"] is not None
    assert [pick["way"] for pick in shown["picks"]] == [way, "beside \"role=button[name='Verify']\""]
    listed = site.get("/api/v1/pickers").json
    assert listed is not None
    assert [each["id"] for each in listed["data"]] == [opened["id"]]


REFUSED: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "a made-up token": ({"token": "0" * 64}, PAGE, "picker_refused"),
    "another origin": ({}, "https://evil.example", "origin_not_allowed"),
    "another port": ({}, f"{PAGE}:8443", "origin_not_allowed"),
    "no page at all": ({}, None, "picker_refused"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_link_opens_the_picker_on_its_own_pages_only(site: Site, opened: dict[str, Any], case: str) -> None:
    body, origin, code = REFUSED[case]
    for path, more in (("/v1/picker", {}), ("/v1/picker/picks", PICKED)):
        answer = from_page(site, path, {"token": token_of(opened), **more, **body}, origin=origin)
        assert (answer.status_code, problem(answer)["code"]) == (403, code)


def test_a_link_of_one_origin_is_refused_on_another_that_is_listed_too(site: Site, opened: dict[str, Any]) -> None:
    project = site.service.projects()[0]
    site.service.tenancy.change(project.id, allowed_origins=(PAGE, "https://b.example"), actor="test")
    answer = from_page(site, "/v1/picker", {"token": token_of(opened)}, origin="https://b.example")
    assert problem(answer)["detail"] == f"this link was made for pages of `{PAGE}`"


def test_a_link_ends_by_itself_and_by_word(site: Site, opened: dict[str, Any]) -> None:
    token = {"token": token_of(opened)}
    site.clock.move(Duration(30 * MINUTE - 1))
    assert from_page(site, "/v1/picker", token).status_code == 200
    site.clock.move(Duration(1))
    assert problem(from_page(site, "/v1/picker/picks", {**token, **PICKED}))["detail"] == (
        "this link is over; make a new one"
    )
    another = site.post("/api/v1/pickers", {"url": f"{PAGE}/", "lasts": 4 * 3600}, key=SECRET_KEY).json
    assert another is not None
    site.clock.move(Duration(3 * HOUR))
    assert from_page(site, "/v1/picker", {"token": token_of(another)}).status_code == 200
    ended = site.client.delete(f"/api/v1/pickers/{another['id']}", headers={"Authorization": f"Bearer {SECRET_KEY}"})
    assert ended.status_code == 200
    assert from_page(site, "/v1/picker", {"token": token_of(another)}).status_code == 403


def test_a_page_that_could_not_answer_is_refused_with_what_to_do(site: Site, opened: dict[str, Any]) -> None:
    answer = site.post("/api/v1/pickers", {"url": "https://shop.example.net/cart"}, key=SECRET_KEY)
    assert (answer.status_code, problem(answer)["code"]) == (422, "picker_origin")
    assert "`waypost keys allow https://shop.example.net`" in problem(answer)["detail"]
    for url in ("javascript:alert(1)", "file:///etc/passwd", "app.example.com", ""):
        assert site.post("/api/v1/pickers", {"url": url}, key=SECRET_KEY).status_code == 422


BAD = {
    "a selector that is none": {"selector": "a["},
    "a name that belongs to Waypost": {"event": "$shown"},
    "no name": {"event": None},
    "a page that is no pattern": {"page": "domains/7"},
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_rules_would_refuse_is_not_taken(site: Site, opened: dict[str, Any], case: str) -> None:
    answer = from_page(site, "/v1/picker/picks", {"token": token_of(opened), **PICKED, **BAD[case]})
    assert (answer.status_code, problem(answer)["code"]) == (422, "bad_pick")


@pytest.mark.parametrize("hostile", ['a" } guide x {', "a\nevent", "\\", "{{ plan }}", "“"])
def test_a_name_stays_a_name_whatever_is_in_it(hostile: str) -> None:
    way = way_of(Picked(Kind.EVENT, "[title='\"']", event=f"Opened {hostile}"))
    (declared,) = parse(way).program.declarations
    assert declared.name.value == f"Opened {hostile}"  # type: ignore[union-attr]
