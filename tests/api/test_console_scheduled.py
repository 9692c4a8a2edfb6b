"""The page of scheduled imports: what it shows, to whom, and what it never does."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient

from dsl.values import DAY, Duration
from engine.couriers import Courier
from engine.fetching import Fetcher
from engine.permissions import Role
from engine.scheduled.desk import ScheduledDesk, SourceWanted
from engine.scheduled.fetch import fetch_due
from engine.scheduled.kinds import kinds
from tests.api.asking import SECRET_KEY, Site
from tests.api.test_console_pages import RULES, cheap_passwords, sign_in, visitor, words  # noqa: F401
from tests.engine.vendors import Zendesk, served, ticket

PAGE = "/console/p/default/settings/scheduled"
TOKEN = "s3cret-token"


def fetch(site: Site) -> None:
    fetch_due(site.service, Fetcher(Courier(allows_private=True)), clock=site.clock, renew=lambda: True)


def add(site: Site, address: str) -> int:
    values = {"address": address, "email": "admin@acme.example", "token": TOKEN}
    desk = ScheduledDesk(site.service.database, allows_private=True)
    wanted = SourceWanted("zendesk", "<b>Ours</b>", values)
    return desk.add(1, wanted, site.service.rules_now(1).project, by="key 1", now=site.clock.now).id


@pytest.fixture
def ruled(site: Site) -> Site:
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    return site


def page(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"{PAGE}{query}")
    assert answer.status_code == 200
    return html.unescape(words(answer))


def test_at_first_it_says_what_can_be_fetched(ruled: Site) -> None:
    shown = page(visitor(ruled, Role.ADMIN))
    assert "Nothing is fetched yet" in shown
    for kind in kinds().values():
        assert kind.title in shown
        for each in kind.settings:
            assert each.label in shown


def test_it_shows_sources_their_runs_and_what_went_wrong(ruled: Site) -> None:
    admin = visitor(ruled, Role.ADMIN)
    with served(Zendesk({"": [ticket(1, "DNS fails"), ticket(2, " ", description=" ")]})) as (address, _):
        number = add(ruled, address)
        assert "being fetched" in page(admin)
        fetch(ruled)
    shown = page(admin)
    assert "&lt;b&gt;Ours&lt;/b&gt;" in admin.get(PAGE).get_data(as_text=True)
    assert "done" in shown
    assert "zendesk:2: it says nothing" in shown
    assert TOKEN not in admin.get(PAGE).get_data(as_text=True)
    # The server is gone: the next runs fail, and it is turned off in the end.
    for _ in range(9):
        ruled.clock.move(Duration(DAY))
        fetch(ruled)
    sign_in(admin)
    shown = page(admin)
    assert "it refuses connections" in shown
    assert "Turned off: 9 runs in a row failed" in shown
    sheet = admin.get(f"{PAGE}?source={number}&format=csv")
    assert (sheet.mimetype, len(sheet.get_data(as_text=True).splitlines())) == ("text/csv", 11)


def test_who_may_only_look_changes_nothing_and_sees_no_whole_address(ruled: Site) -> None:
    add(ruled, "https://acme.zendesk.com/?secret=7")
    viewer = visitor(ruled, Role.VIEWER)
    text = viewer.get(PAGE).get_data(as_text=True)
    assert "secret=7" not in text
    assert "https://acme.zendesk.com/…" in text
    assert "data-send" not in text.split("<main", 1)[1]
    assert "for admins" in page(viewer)
