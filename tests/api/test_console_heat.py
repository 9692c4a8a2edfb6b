"""Heat maps in the console: what the page says, whom its figures lead to, and what is drawn over the picture."""

from __future__ import annotations

import csv
import html
import io
from typing import Any

import pytest

from engine.heat_snapshots import HeatSnapshots, read_snapshot
from engine.permissions import Role
from tests.api.asking import Site
from tests.api.browsing import barred, complaints, session, visit, whole
from tests.api.test_console_pages import cheap_passwords, visitor
from tests.api.test_heat import CLICKED, warmed
from tests.recordings import element, words

__all__ = ["cheap_passwords"]

HEAT = "/console/p/default/heat"
USERS = "/console/p/default/users"


def page_of(site: Site, query: str = "", *, role: Role = Role.ADMIN) -> str:
    answer = visitor(site, role).get(f"{HEAT}?days=all&{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def pictured(site: Site) -> None:
    """A picture of the page: what was clicked is in it twice, the heading once, the form with one of its fields."""
    style = element(4, "style", [words(5, "body{margin:40px;font:16px sans-serif}main{height:1400px}", isStyle=True)])
    row = [
        element(number, "button", [words(number + 1, "xxxxxx xxxxxxx")], data_testid="verify") for number in (20, 22)
    ]
    form = element(30, "form", [element(31, "input", [], id="host")], id="dns")
    main = element(9, "main", [element(10, "h1", [words(11, "xxxxxxxxxx.xxx")]), *row, form])
    whole_page = element(2, "html", [element(3, "head", [style]), element(6, "body", [main])])
    page = {
        "type": 0,
        "id": 1,
        "childNodes": [{"type": 1, "name": "html", "publicId": "", "systemId": "", "id": 8}, whole_page],
    }
    at = site.clock.now // 1_000
    events: list[Any] = [
        {"type": 4, "timestamp": at, "data": {"href": "https://app.example.com/dns", "width": 1000, "height": 600}},
        {"type": 2, "timestamp": at, "data": {"node": page, "initialOffset": {"left": 0, "top": 0}}},
    ]
    project = site.service.projects()[0].id
    pictures = HeatSnapshots(site.service.database)
    pictures.take(project, read_snapshot("/domains/*", events), by="member 1", now=site.clock.now)


def test_without_anything_recorded_the_page_says_how_to_begin(site: Site) -> None:
    assert "No page yet" in page_of(site)


def test_each_kind_has_its_sentence_its_table_and_its_file(site: Site) -> None:
    warmed(site)
    client = visitor(site, Role.ADMIN)

    def told(kind: str) -> str:
        return client.get(f"{HEAT}?days=all&kind={kind}").get_data(as_text=True)

    clicks = html.unescape(told("clicks"))
    assert f"Of 20 people who saw the page 10 clicked “{CLICKED}”, more than anything else: 50 % (30–70 %)." in clicks
    assert "4 clicked “" in told("rage")
    assert "in rage, and nothing else" in told("rage")
    assert "nobody clicked anything and nothing happened" in told("dead")
    assert "A half of 20 views reached 100 % of the page; 10 saw all of it, 50 % (30–70 %). 30 % is seen" in told(
        "scroll"
    )
    assert "was given up 4 times, by 4 people; most often at “#host”" in told("fields")
    assert "clicks and scroll depths were gathered in 20 of these views" in clicks
    rows = list(csv.DictReader(io.StringIO(client.get(f"{HEAT}?days=all&format=csv").get_data(as_text=True))))
    assert [(row["kind"], row["people"]) for row in rows] == [("clicks", "10"), ("clicks", "10"), ("rage", "4")]
    fields = client.get(f"{HEAT}?days=all&kind=fields&format=csv").get_data(as_text=True)
    assert len(list(csv.DictReader(io.StringIO(fields)))) == 2


def test_a_figure_leads_to_the_users_behind_it(site: Site) -> None:
    warmed(site)
    client = visitor(site, Role.ADMIN)
    shown = client.get(f"{HEAT}?days=all&kind=rage").get_data(as_text=True)
    assert f"{USERS}?days=all&amp;on=/domains/*&amp;heat=rage" in shown
    behind = client.get(f"{USERS}?days=all&on=/domains/*&heat=rage&selector={CLICKED}").get_data(as_text=True)
    assert "Users who clicked in rage" in behind
    assert all(user in behind for user in ("u00", "u05", "u10", "u15"))
    assert "u01" not in behind
    assert "There is no such figure" in client.get(f"{USERS}?on=/a&heat=warm").get_data(as_text=True)


def test_who_may_not_look_people_up_sees_no_way_to_them(site: Site) -> None:
    warmed(site)
    shown = page_of(site, role=Role.VIEWER)
    assert "Of 20 people" in shown
    assert "heat=clicks" not in shown
    assert "Make a link" not in shown


def test_it_is_of_the_persona_the_device_and_the_period_that_were_chosen(site: Site) -> None:
    warmed(site)
    client = visitor(site, Role.ADMIN)

    def seen(query: str) -> str:
        return client.get(f"{HEAT}?{query}").get_data(as_text=True)

    assert "Of 4 people" in seen("days=all&persona=small")
    assert "Of 4 people" in seen("days=all&device=mobile&kind=rage")
    assert "Nobody was here" in seen("days=7")
    assert "This page cannot be shown" in seen(f"days=all&page={'*' * 999}a{'*' * 999}b")


def test_a_page_without_gathered_clicks_says_how_to_switch_them_on(site: Site) -> None:
    view = {"type": "page", "userId": "ada", "properties": {"path": "/plain"}, "timestamp": "2026-01-01T00:00:00Z"}
    assert site.post("/v1/batch", {"batch": [view]}).status_code == 202
    client = visitor(site, Role.ADMIN)
    shown = client.get(f"{HEAT}?days=all&page=/plain").get_data(as_text=True)
    assert "Clicks are not gathered here" in shown
    assert "data-clicks" in shown
    assert "Clicks are not gathered here" not in client.get(f"{HEAT}?days=all&kind=rage").get_data(as_text=True)


def pictures_are_drawn_with_what_is_not_found_said(page: Any, where: str) -> None:
    page.goto(f"{where}&kind=clicks")
    page.get_by_text("Drawn on the masked picture of /domains/*").wait_for()
    cells = [cell.inner_text() for cell in page.locator("[data-place]").all()]
    assert cells == ["in 2 places", "yes"]
    inner = page.frames[-1]
    assert inner.evaluate("document.querySelectorAll('button').length") == 2
    marks = "document.querySelector('waypost-heat').shadowRoot.querySelectorAll('%s').length"
    assert [inner.evaluate(marks % each) for each in (".mark", ".spot", ".label")] == [3, 3, 3]
    page.goto(f"{where}&kind=fields")
    page.get_by_text("1 of 2 elements were found in it; the others are in the table.").wait_for()
    assert [cell.inner_text() for cell in page.locator("[data-place]").all()] == ["not in the picture", "yes"]
    page.goto(f"{where}&kind=scroll")
    page.get_by_text("Drawn on the masked picture").wait_for()
    assert page.frames[-1].evaluate(marks % ".band") == 10
    assert page.frames[-1].evaluate(marks % ".fold") == 1


@pytest.mark.browser
@pytest.mark.thorough
def test_it_is_drawn_over_the_picture_and_in_nobodys_way(site: Site, address: str, chromium: Any, axe: str) -> None:
    warmed(site)
    page = visit(chromium, session(site, address))
    heard = complaints(page)
    where = f"{address}{HEAT}?days=all"
    page.goto(where)
    page.get_by_role("heading", name="No picture of this page yet").wait_for()
    page.get_by_label("Address of the page").fill("https://app.example.com/domains/7")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_role("link", name="Open the page")
    link.wait_for()
    assert "#waypost-picker=" in (link.get_attribute("href") or "")
    pictured(site)
    assert [each for each in heard if "404" not in each] == []
    heard.clear()
    pictures_are_drawn_with_what_is_not_found_said(page, where)
    assert heard == []
    for kind in ("clicks", "fields"):
        page.goto(f"{where}&kind={kind}")
        page.get_by_text("Drawn on the masked picture").wait_for()
        assert barred(page, axe) == [], kind
    whole(page)
    page.goto(where)
    page.get_by_role("button", name="Delete").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("heading", name="No picture of this page yet").wait_for()
