"""Pictures that heat maps are drawn on: taken on the page by an author, or found in a recording; masked once more."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from dsl.values import SECOND, Duration
from engine.heat_snapshots import MOST, HeatSnapshots, NoSuchHeatSnapshot, read_snapshot
from engine.storage import heat_tables
from engine.storage.base import table
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site, problem
from tests.api.conftest import START
from tests.api.test_picking import token_of
from tests.api.test_replays import recording, send
from tests.recordings import RECORDING, element, packed, page, part, recorded, words

__all__ = ["recording"]

PICTURE = "/api/v1/heat/picture"
SNAPSHOTS = "/api/v1/heat/snapshots"
SECRETS = {
    "mail": "ada@example.com",
    "card": "4111 1111 1111 1111",
    "token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "address": "https://app.example.com/reset?token=hunter2hunter2",
}


def picture(*more: dict[str, Any], width: int = 1280) -> list[dict[str, Any]]:
    """What a page hands over: rrweb's events meta and full snapshot."""
    return [
        {"type": 4, "timestamp": START // 1_000, "data": {"href": f"{ORIGIN}/dns", "width": width, "height": 720}},
        {"type": 2, "timestamp": START // 1_000, "data": {"node": page(*more), "initialOffset": {"left": 0, "top": 0}}},
    ]


@pytest.fixture
def token(site: Site) -> str:
    """The token of a link to the picker."""
    answer = site.post("/api/v1/pickers", {"url": f"{ORIGIN}/domains/7"}, key=SECRET_KEY)
    assert answer.json is not None
    return token_of(answer.json)


def hand(site: Site, said: dict[str, Any] | bytes, *, origin: str | None = ORIGIN) -> TestResponse:
    body = said if isinstance(said, bytes) else packed({"writeKey": PUBLIC_KEY, **said})
    headers = {"Origin": origin} if origin else {}
    return site.client.post("/v1/picker/snapshots", data=body, content_type="text/plain", headers=headers)


def listed(site: Site) -> list[dict[str, Any]]:
    answer = site.get(SNAPSHOTS).json
    assert answer is not None
    found: list[dict[str, Any]] = answer["data"]
    return found


def test_an_author_takes_a_picture_with_the_link_and_a_newer_one_takes_its_place(site: Site, token: str) -> None:
    first = hand(site, {"token": token, "page": "/domains/*", "events": picture()})
    assert first.status_code == 201, first.get_data(as_text=True)
    assert first.headers["Access-Control-Allow-Origin"] == ORIGIN
    site.clock.move(Duration(60 * SECOND))
    assert hand(site, {"token": token, "page": "/domains/*", "events": picture(width=900)}).status_code == 201
    (one,) = listed(site)
    assert (one["page"], one["width"], one["source"], one["scrubbed"]) == ("/domains/*", 900, "author", 0)
    found = site.get(f"{PICTURE}?page=/domains/*").json
    assert found is not None
    assert [each["type"] for each in found["events"]] == [4, 2]
    removed = site.client.delete(f"{SNAPSHOTS}/{one['id']}", headers={"Authorization": f"Bearer {SECRET_KEY}"})
    assert (removed.status_code, listed(site)) == (200, [])
    assert problem(site.get(f"{PICTURE}?page=/domains/*"))["code"] == "no_such_heat_snapshot"


def test_the_picture_of_pages_is_that_of_just_these_or_of_pages_like_these(site: Site, token: str) -> None:
    for pattern, width in (("/domains/*", 1000), ("/domains/new", 600), ("/plans", 500)):
        site.clock.move(Duration(SECOND))
        assert hand(site, {"token": token, "page": pattern, "events": picture(width=width)}).status_code == 201

    def width_of(page: str) -> int | None:
        found = site.get(f"{PICTURE}?page={page}").json or {}
        return found.get("width")

    assert [width_of(each) for each in ("/domains/*", "/domains/new", "/domains/7", "/pl*", "/else")] == [
        1000,
        600,
        1000,
        500,
        None,
    ]


def test_a_pattern_that_is_none_is_told_so_and_not_looked_for(site: Site, token: str) -> None:
    assert hand(site, {"token": token, "page": "/domains/*", "events": picture()}).status_code == 201
    assert problem(site.get(f"{PICTURE}?page={'*' * 1000}"))["code"] == "heat_no_page"


def test_what_still_looks_like_a_secret_is_blotted_out_before_it_is_kept(site: Site, token: str) -> None:
    secrets = [words(100 + number, f"so {text} it is") for number, text in enumerate(SECRETS.values())]
    told = {"title": SECRETS["mail"], "href": SECRETS["address"], "srcdoc": "<p>see</p>", "onclick": "x()"}
    link = element(200, "a", [], **told)
    assert hand(site, {"token": token, "page": "/a", "events": picture(*secrets, link)}).status_code == 201
    with site.service.database.reading() as connection:
        ((stored,),) = connection.execute(sa.select(table(heat_tables.HeatSnapshot).c.events)).all()
    text = zlib.decompress(stored, wbits=31).decode()
    assert [name for name, secret in SECRETS.items() if secret in text] == []
    assert "onclick" not in text
    assert "srcdoc" not in text
    assert listed(site)[0]["scrubbed"] >= len(SECRETS)


REFUSED: dict[str, tuple[dict[str, Any], str | None, int, str]] = {
    "a made-up token": ({"token": "0" * 64}, ORIGIN, 403, "picker_refused"),
    "no token": ({"token": None}, ORIGIN, 403, "picker_refused"),
    "another origin": ({}, "https://evil.example", 403, "origin_not_allowed"),
    "no page": ({}, None, 403, "picker_refused"),
    "another key": ({"writeKey": "wp_pub_nobodynobodynobody12"}, ORIGIN, 401, "unknown_key"),
    "no events": ({"events": []}, ORIGIN, 422, "bad_heat_snapshot"),
    "only one": ({"events": picture()[:1]}, ORIGIN, 422, "bad_heat_snapshot"),
    "a change": ({"events": recorded(START)}, ORIGIN, 422, "bad_heat_snapshot"),
    "no size": ({"events": picture(width=0)}, ORIGIN, 422, "bad_heat_snapshot"),
    "no pattern": ({"page": "domains"}, ORIGIN, 422, "bad_heat_snapshot"),
    "a pattern of several lines": ({"page": "/a\nb"}, ORIGIN, 422, "bad_heat_snapshot"),
    "a pattern that is a list": ({"page": ["/a"]}, ORIGIN, 422, "bad_heat_snapshot"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_not_kept_and_says_why(site: Site, token: str, name: str) -> None:
    said, origin, status, code = REFUSED[name]
    answer = hand(site, {"token": token, "page": "/domains/*", "events": picture(), **said}, origin=origin)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    assert listed(site) == []


def test_a_body_that_is_no_gzip_or_a_bomb_is_refused(site: Site) -> None:
    assert problem(hand(site, b"{}"))["code"] == "missing_key"
    assert problem(hand(site, b"\x1f\x8bno more"))["code"] == "bad_heat_snapshot"
    assert hand(site, b"\x1f\x8b" + b"x" * 2 * 1024 * 1024).status_code == 413
    assert hand(site, {"token": "x", "page": "/a", "events": ["0" * 9_000_000]}).status_code == 413


def test_without_one_the_newest_in_a_recording_of_the_page_is_the_picture(recording: Site) -> None:
    site = recording
    assert send(site, part(START, page="https://app.example.com/dns"), Origin=ORIGIN).status_code == 200
    found = site.get(f"{PICTURE}?journey=activation&step=verify_domain").json
    assert found is not None
    assert (found["source"], found["recording"], found["id"], found["page"]) == ("recording", RECORDING, None, "/dns")
    assert [each["type"] for each in found["events"]] == [4, 2]
    assert problem(site.get(f"{PICTURE}?page=/elsewhere"))["code"] == "no_such_heat_snapshot"
    noted = site.get("/api/v1/audit").json
    assert noted is not None
    assert f"replay {RECORDING}" in [each["target"] for each in noted["data"] if each["action"] == "replay.watch"]


def test_who_may_not_watch_recordings_sees_none_of_them(recording: Site) -> None:
    site = recording
    assert send(site, part(START, page="https://app.example.com/dns"), Origin=ORIGIN).status_code == 200
    pictures, project = HeatSnapshots(site.service.database), site.service.projects()[0].id
    with pytest.raises(NoSuchHeatSnapshot):
        pictures.picture(project, ["/dns"], watcher=None, now=site.clock.now)
    assert pictures.picture(project, ["/dns"], watcher="key 1", now=site.clock.now).events


def test_a_project_keeps_so_many_pictures_and_no_more(site: Site, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST >= 100
    monkeypatch.setattr("engine.heat_snapshots.MOST", 1)
    taken = read_snapshot("/a", picture())  # type: ignore[arg-type]
    pictures, project = HeatSnapshots(site.service.database), site.service.projects()[0].id
    for _ in range(2):
        pictures.take(project, taken, by="key 1", now=site.clock.now)
    assert problem(hand(site, {"token": token, "page": "/b", "events": picture()}))["code"] == "bad_heat_snapshot"
