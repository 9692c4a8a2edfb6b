"""The pages that people present from: the map with what belongs to it, comments beside it, the presenter's mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from api.auth import Caller
from api.console.desk import Desk
from api.console.mapping.sheet import typed_cells
from api.console.marks import on_days, on_steps, within
from dsl.values import DAY, HOUR, Instant, format_instant
from engine.analytics.curve import CurveMark, MarkKind
from engine.mapping.cells import Cell, CellDraft
from engine.mapping.rows import Row
from engine.members import SignedIn
from engine.permissions import Role, Scope
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem
from tests.api.projects import project
from tests.api.test_comments import CELL, answered, comment
from tests.api.test_console_pages import cheap_passwords, lively, visitor, words
from tests.api.test_roadmap import as_role, said, send
from tests.api.test_shared_links import look, share

__all__ = ["cheap_passwords"]
PAGES = "/console/p/default"
MAP = f"{PAGES}/map"
API = "/api/v1/journeys/activation/map"


@pytest.fixture
def ann(site: Site) -> FlaskClient:
    """An analyst who is signed in."""
    return visitor(site, Role.ANALYST)


# comments


def test_comments_of_the_whole_project_are_listed_with_the_way_to_each(site: Site, ann: FlaskClient) -> None:
    lively(site)
    comment(site, text="Who <b>said</b> so?")
    comment(site, place="draft", text="Ready?")
    answer = ann.get(f"{PAGES}/comments")
    told = words(answer)
    assert "Ready?" in told
    assert "“Thoughts” at verify on the map activation of" in told
    assert "Who &lt;b&gt;said&lt;/b&gt; so?" in answer.get_data(as_text=True)
    assert "Nothing is settled yet" in words(ann.get(f"{PAGES}/comments?settled=1"))


def test_a_thread_comes_by_itself_for_the_page_that_shows_it(site: Site, ann: FlaskClient) -> None:
    comment(site, text="Who said so?")
    answer = ann.get(f"{PAGES}/comments?part=3&place={CELL}")
    text = answer.get_data(as_text=True)
    assert "<html" not in text
    assert '<h3 data-count="1">' in text
    assert "Who said so?" in text
    assert ann.get(f"{PAGES}/comments?part=3&place=nowhere").status_code == 422


def test_what_cannot_be_a_place_has_no_comments_and_harms_no_page(site: Site, ann: FlaskClient) -> None:
    names = ["\u202eevil", "x" * 600, "a\nb", "acme:x"]
    with site.app.test_request_context(f"{PAGES}/comments"):
        caller = Caller(1, 1, frozenset(Scope), user_id=1)
        person = SignedIn(1, "a@a.example", "", True, "", site.clock.now, site.clock.now)
        project = site.service.project(1)
        assert project is not None
        desk = Desk(project, person, caller, {})
        assert [desk.may_comment(f"account:{name}") for name in names] == [False, False, False, True]
        assert [desk.comments(f"account:{name}") for name in names] == [[]] * 4


def test_a_viewer_sees_no_comments_on_single_users(site: Site) -> None:
    place = answered(site)
    comment(site, place=place, text="Ada again")
    viewer = visitor(site, Role.VIEWER)
    assert "Ada again" not in words(viewer.get(f"{PAGES}/comments"))
    assert "Ada again" not in words(viewer.get(f"{PAGES}/comments?part=2&place={place}"))


# the map

FOUR = """
event "Signed Up"
event "Tour Taken"
event "Domain Verified"
event "Campaign Sent"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step tour "Take the tour" reached by "Tour Taken" touchpoint "/tour"
    step verify "Verify the domain" reached by "Domain Verified"
  }
  stage value "First value" {
    step campaign "Send a campaign" reached by "Campaign Sent"
  }
  gives up after 1 day
}

persona trial "On trial" where plan is "trial"
attribute plan: one of "trial", "pro"

survey effort "Effort" {
  at activation.verify
  on "Domain Verified"
  ask effort ease "How easy was it?"
  ask text why "What was in the way?" optional
  once
  expires 2099-01-01
}
"""


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> Iterator[Site]:
    """Of 40 people 16 left before they verified a domain; nobody who sent a campaign took the tour.

    One project for all tests below: what one of them writes, the next may find.
    """
    with project(tmp_path_factory, new_database) as site:
        walk(site)
        yield site


@pytest.fixture
def ann_there(travelled: Site) -> FlaskClient:
    """An analyst who is signed in to that project."""
    return member(travelled, Role.ANALYST)


def member(site: Site, role: Role) -> FlaskClient:
    client = site.app.test_client(use_cookies=False)
    client.environ_base.update(
        {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in as_role(site, role).items()}
    )
    return client


def walk(site: Site) -> None:
    published = site.post("/api/v1/rules", {"files": {"rules.way": FOUR}}, key=SECRET_KEY)
    assert published.status_code == 200, published.get_data(as_text=True)
    begin = Instant(site.clock.now - 3 * DAY)
    messages: list[dict[str, Any]] = []
    for number in range(40):
        user = f"u{number}"
        done = ["Signed Up", "Domain Verified", "Campaign Sent"] if number % 5 < 3 else ["Signed Up"]
        if number % 5 == 4 or number % 10 == 3:
            done.append("Tour Taken")
        messages.append(
            {"type": "identify", "userId": user, "traits": {"plan": "trial"}, "timestamp": format_instant(begin)}
        )
        messages += [
            {
                "type": "track",
                "userId": user,
                "event": name,
                "timestamp": format_instant(Instant(begin + later * HOUR // 60)),
            }
            for later, name in enumerate(done, 1)
        ]
    assert site.service.import_history(1, messages, received=site.clock.now).rejected == ()
    for number in (0, 1, 2, 5, 6, 7):
        given = {"guide": "effort", "submission": f"s{number}"}
        for question, value in (("ease", 2), ("why", "No idea <b>which</b> record")):
            properties = {**given, "question": question, "value": value, "text": str(value)}
            message = {"type": "track", "userId": f"u{number}", "event": "$answered", "properties": properties}
            assert site.post("/v1/batch", {"batch": [message]}, key=PUBLIC_KEY).status_code == 202


def release(site: Site, version: str, *steps: str) -> None:
    event = {"userId": "ci", "event": "$release", "properties": {"version": version, "steps": list(steps)}}
    assert send(site, "POST", "/v1/track", event).status_code == 202


def cell(site: Site, row: str, text: str, **place: Any) -> dict[str, Any]:
    """Write into a cell, from whatever revision it is at."""
    body = {"row": row, "text": text, "revision": 0, **place}
    answer = send(site, "PUT", f"{API}/cells", body)
    if answer.status_code == 409:
        current = re.findall(r"is at revision (\d+)", problem(answer)["detail"])[0]
        answer = send(site, "PUT", f"{API}/cells", {**body, "revision": int(current)})
    found: dict[str, Any] = said(answer)
    return found


def columns(text: str) -> dict[str, bool]:
    """The columns of the map, and whether each is unfolded."""
    return {name: "folded" not in kind for kind, name in re.findall(r'class="(step[^"]*)" data-col="(\w+)"', text)}


def charts(text: str) -> list[dict[str, Any]]:
    return [
        orjson.loads(each) for each in re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    ]


def test_the_map_folds_what_is_neither_on_the_way_to_the_outcome_nor_the_worst_drop(
    travelled: Site, ann_there: FlaskClient
) -> None:
    text = ann_there.get(MAP).get_data(as_text=True)
    assert columns(text) == {"signup": True, "tour": False, "verify": True, "campaign": True}
    assert "Unfold all steps" in text
    every = ann_there.get(f"{MAP}?columns=all").get_data(as_text=True)
    assert columns(every) == dict.fromkeys(("signup", "tour", "verify", "campaign"), True)
    assert columns(ann_there.get(f"{MAP}?columns=tour,nowhere").get_data(as_text=True))["tour"] is True


def test_who_comes_from_a_comment_finds_its_cell_unfolded(travelled: Site, ann_there: FlaskClient) -> None:
    comment(travelled, place="map:activation::systems:tour", text="Which team?")
    listed = ann_there.get(f"{PAGES}/comments").get_data(as_text=True)
    (way,) = set(re.findall(r'href="(/console/p/default/map[^"]*row=systems[^"]*)"', listed))
    text = ann_there.get(unescape(way)).get_data(as_text=True)
    assert columns(text)["tour"] is True
    assert 'data-at="systems|tour"' in text
    assert re.search(r'<tr class="row-systems unused" data-row="systems">', text)


def test_the_map_says_where_most_were_lost_and_what_they_said(travelled: Site, ann_there: FlaskClient) -> None:
    answer = ann_there.get(MAP)
    shown = words(answer)
    assert "Most were lost at" in shown
    assert "worst drop" in shown
    assert "No idea &lt;b&gt;which&lt;/b&gt; record" in answer.get_data(as_text=True)
    curve = next(each for each in charts(answer.get_data(as_text=True)) if each["kind"] == "emotions")
    assert [each["letter"] for each in curve["steps"]] == ["A1", "A2", "A3", "B1"]
    assert curve["mean"][2] < 0
    assert curve["low"][2] <= curve["mean"][2] <= curve["high"][2]
    assert curve["counts"][2] >= 6


def test_what_people_typed_is_hatched_until_evidence_is_linked(travelled: Site, ann_there: FlaskClient) -> None:
    cell(travelled, "motivation", "wants <i>to send</i> today", step="verify")
    text = ann_there.get(MAP).get_data(as_text=True)
    assert 'class="line typed hatched"><span class="text">wants &lt;i&gt;' in text
    assert "wants &lt;i&gt;to send&lt;/i&gt; today" in text
    linked = ["https://research.example/7", "javascript:alert(1)"]
    assert (
        send(
            travelled, "PUT", f"{API}/cells", {"row": "owner", "text": "Ada", "revision": 0, "evidence": linked}
        ).status_code
        == 422
    )
    link = "response:effort.why.s0"
    cell(travelled, "motivation", "wants to send today", step="verify", evidence=[linked[0], link])
    text = ann_there.get(MAP).get_data(as_text=True)
    assert not re.search('class="line typed hatched"><span class="text">wants to send', text)
    assert f'<a href="{linked[0]}" rel="noopener noreferrer"' in text


def test_lines_of_a_stage_and_of_the_whole_journey_stand_across_the_columns(
    travelled: Site, ann_there: FlaskClient
) -> None:
    cell(travelled, "motivation", "of the whole way")
    cell(travelled, "motivation", "of the stage", stage="onboarding")
    text = ann_there.get(MAP).get_data(as_text=True)
    assert re.search(
        r'<td colspan="4">\s*<ul class="plain lines">\s*<li[^>]*><span class="text">of the whole way', text
    )
    assert re.search(r'<td colspan="3">\s*<ul class="plain lines">\s*<li[^>]*><span class="text">of the stage', text)


def test_a_release_marks_its_step_and_makes_it_stale_until_somebody_looked(
    travelled: Site, ann_there: FlaskClient
) -> None:
    release(travelled, "4.2", "activation.verify")
    answer = ann_there.get(MAP)
    assert "stale: 4.2" in words(answer)
    drawn = charts(answer.get_data(as_text=True))
    emotions = next(each for each in drawn if each["kind"] == "emotions")
    assert [(each["step"], each["label"]) for each in emotions["marks"]] == [(2, "4.2")]
    weekly = next(each for each in drawn if each["kind"] == "overtime")
    assert "release 4.2" in weekly["marks"][-1]["words"]
    assert "rules version 1" in weekly["marks"][-1]["words"]
    assert "release 4.2" in words(answer), "the table beside the chart names it too"
    said(send(travelled, "POST", f"{API}/looks", {"steps": ["verify"]}))
    assert "stale: 4.2" not in words(ann_there.get(MAP))


def test_feel_marks_its_curve_the_same_way(travelled: Site, ann_there: FlaskClient) -> None:
    release(travelled, "4.2", "activation.verify")
    drawn = charts(ann_there.get(f"{PAGES}/feel").get_data(as_text=True))
    curve = next(each for each in drawn if each["kind"] == "curve")
    assert [(each["step"], each["label"]) for each in curve["marks"]] == [(2, "4.2")]


def test_two_maps_stand_beside_each_other(travelled: Site, ann_there: FlaskClient) -> None:
    answer = ann_there.get(f"{MAP}?compare=persona:trial")
    assert "beside On trial" in words(answer)
    assert "completion:" in words(answer)
    curve = next(each for each in charts(answer.get_data(as_text=True)) if each["kind"] == "emotions")
    assert curve["other"][2] is not None


def test_a_snapshot_is_taken_opened_and_stays_as_it_is(travelled: Site, ann_there: FlaskClient) -> None:
    number = said(send(travelled, "POST", f"{API}/snapshots", {"note": "before the wizard"}), 201)["id"]
    assert "before the wizard" in words(ann_there.get(MAP))
    cell(travelled, "motivation", "came later", step="verify")
    kept = ann_there.get(f"{MAP}?snapshot={number}")
    assert f"This is snapshot {number}" in words(kept)
    assert "came later" not in words(kept)
    assert "data-write" not in kept.get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "trouble"),
    [
        ("snapshot=99", "There is no snapshot 99"),
        ("compare=what", "is nothing to compare with"),
        ("period=soon", "is no timebox"),
        ("compare=persona:nobody", "no persona"),
        ("period=2099-01", "period"),
    ],
)
def test_what_the_address_asks_for_and_is_not_there_is_told_beside_the_map(
    travelled: Site, ann_there: FlaskClient, query: str, trouble: str
) -> None:
    answer = ann_there.get(f"{MAP}?{query}")
    assert answer.status_code == 200
    assert trouble in words(answer)
    assert "Verify the domain" in words(answer)


@pytest.mark.parametrize(
    ("form", "media"),
    [
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
        ("pdf", "application/pdf"),
        ("csv", "text/csv"),
        ("json", "application/json"),
        ("mermaid", "text/vnd.mermaid"),
    ],
)
def test_the_map_is_had_as_a_file_of_who_counts_here(
    travelled: Site, ann_there: FlaskClient, form: str, media: str
) -> None:
    answer = ann_there.get(f"{MAP}?format={form}&compare=persona:trial&who=simulated")
    assert answer.status_code == 200
    assert answer.mimetype == media
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="map-activation.')


def test_the_roadmap_stands_below_the_steps_that_its_items_change(travelled: Site, ann_there: FlaskClient) -> None:
    item = {
        "title": "Say which <b>record</b>",
        "journey": "activation",
        "step": "verify",
        "evidence": ["https://t.example/7"],
    }
    said(send(travelled, "POST", "/api/v1/roadmap/items", {**item, "owner": "Ada", "timebox": "2099-Q1"}), 201)
    said(send(travelled, "POST", "/api/v1/roadmap/items", {"title": "Elsewhere", "journey": "activation"}), 201)
    answer = ann_there.get(f"{MAP}?roadmap=1")
    assert "Say which &lt;b&gt;record&lt;/b&gt;" in answer.get_data(as_text=True)
    assert "2 items of the roadmap belong to this journey. Where most are lost, 1 of them is for" in words(answer)
    assert "scheduled 2099-Q1" in words(answer)
    assert "Elsewhere" in words(answer)
    assert "items of the roadmap" not in words(ann_there.get(MAP))


def test_viewers_read_and_comment_and_write_nothing(travelled: Site) -> None:
    text = member(travelled, Role.VIEWER).get(MAP).get_data(as_text=True)
    assert "data-talk" in text
    assert not re.search("data-write|data-aim|map-forms|Take a snapshot|I looked at", text)


def test_who_counts_is_who_counts_everywhere(travelled: Site, ann_there: FlaskClient) -> None:
    simulated = {"type": "track", "userId": "bot", "event": "Signed Up", "context": {"simulated": True}}
    assert travelled.post("/v1/batch", {"batch": [simulated]}, key=PUBLIC_KEY).status_code == 202
    assert "40 people came" in words(ann_there.get(MAP))
    assert "41 people came" in words(ann_there.get(f"{MAP}?who=simulated"))


def test_a_stranger_sees_the_map_without_words_and_names(travelled: Site, ann_there: FlaskClient) -> None:
    cell(travelled, "owner", "Ada Lovelace", step="verify")
    cell(travelled, "motivation", "wants to send today", step="verify")
    said(send(travelled, "POST", f"{API}/looks", {"steps": ["verify"], "note": "Ada looked"}))
    shown = words(look(travelled, share(travelled, "map", query={"roadmap": "1"})))
    assert "wants to send today" in shown
    assert not re.search("Ada|No idea|looked at|Write|Comment", shown)
    assert "No idea" in words(look(travelled, share(travelled, "map", words=True)))
    assert "Ada" in words(ann_there.get(MAP))


def test_a_presenter_sees_the_page_without_its_frame_and_a_way_out(travelled: Site, ann_there: FlaskClient) -> None:
    text = ann_there.get(f"{MAP}?present=1").get_data(as_text=True)
    assert '<body class="framed presenting"' in text
    assert re.search(r'<a class="[^"]*" href="/console/p/default/map" data-leave>', text)
    assert "data-write" not in text


def test_a_project_without_a_journey_says_what_a_map_is_made_of(site: Site, ann: FlaskClient) -> None:
    assert "its map draws itself here" in words(ann.get(MAP))


def test_a_journey_that_nobody_has_walked_has_a_map_all_the_same(site: Site, ann: FlaskClient) -> None:
    assert site.post("/api/v1/rules", {"files": {"rules.way": FOUR}}, key=SECRET_KEY).status_code == 200
    answer = ann.get(MAP)
    assert "Nobody of “everyone” came to any step in this time" in words(answer)
    assert columns(answer.get_data(as_text=True)) == dict.fromkeys(("signup", "tour", "verify", "campaign"), True)


# what its forms begin with


def typed(text: str, revision: int, persona: str = "") -> Cell:
    at = Instant(0)
    return Cell(CellDraft(row=Row.OWNER, text=text, step="verify", persona=persona), revision, at, "key 1", at, "key 1")


@pytest.mark.parametrize(
    ("cells", "persona", "begins"),
    [
        ([typed("Ada", 3)], "", ("Ada", 3, False)),
        ([typed("Ada", 3)], "trial", ("Ada", 0, True)),
        ([typed("Bob", 2, "trial"), typed("Ada", 3)], "trial", ("Bob", 2, False)),
        ([typed("Bob", 2, "trial")], "", None),
        ([typed("", 4)], "", ("", 4, False)),
        ([typed("Ada", 3), typed("", 2, "trial")], "trial", ("Ada", 2, True)),
    ],
    ids=[
        "its own",
        "that of everybody",
        "of the persona first",
        "of another map",
        "cleared",
        "cleared for the persona",
    ],
)
def test_a_cell_is_written_from_what_stands_there_and_from_its_own_revision(
    cells: list[Cell], persona: str, begins: tuple[str, int, bool] | None
) -> None:
    found = typed_cells(cells, persona).get("owner||verify|")
    assert (None if found is None else (found["text"], found["revision"], found["inherited"])) == begins


# marks


def mark(label: str, day: int, kind: MarkKind = MarkKind.RELEASE) -> CurveMark:
    return CurveMark(kind, label, Instant(day * DAY))


def test_marks_of_one_day_are_one_mark_that_names_them_all() -> None:
    days = ["1970-01-02", "1970-01-03"]
    found = [mark("0", 0), mark("2.1", 1), mark("7", 1, MarkKind.PUBLICATION), mark("2.2", 2), mark("9", 5)]
    told_marks = on_days(found, days)
    assert told_marks == [
        {"day": days[0], "label": "2.1 +1", "words": "release 2.1 on 2 Jan, rules version 7 on 2 Jan"},
        {"day": days[1], "label": "2.2", "words": "release 2.2 on 3 Jan"},
    ]


def test_a_mark_belongs_to_the_week_in_which_it_lies() -> None:
    weeks = ["1970-01-05", "1970-01-12"]
    found = [mark("before", 3), mark("first", 4), mark("last of it", 10), mark("next", 11), mark("after", 18)]
    assert [(each["day"], each["label"]) for each in on_days(found, weeks)] == [
        ("1970-01-05", "first +1"),
        ("1970-01-12", "next"),
    ]
    assert within(found, weeks)[0].words == "release first on 5 Jan"
    assert len(within(found, weeks)) == 3
    assert on_days(found, []) == []


def test_a_long_version_is_cut_in_the_picture_and_whole_in_words() -> None:
    (found,) = on_steps([[], [mark("2026.11.22-rc.1+build", 1)]])
    assert (found["step"], found["label"]) == (1, "2026.11.22-rc…")
    assert "2026.11.22-rc.1+build" in found["words"]


def test_many_marks_are_counted() -> None:
    (found,) = on_days([mark(str(number), 1) for number in range(9)], ["1970-01-02"])
    assert found["words"].endswith("and 3 more")
