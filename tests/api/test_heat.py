"""Heat maps over HTTP and on the command line: as a document, as tables, as people."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from api.cli.main import cli
from engine.analytics.heat_tables import COLUMNS, Part
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem

RULES = """
event "Signed Up"
persona small "Small" where did "Signed Up"
journey activation "Activation" {
  stage s "Setup" {
    step signup "Sign up" reached by "Signed Up" touchpoint "#button"
    step verify "Verify" reached by "Verified" touchpoint "/domains/*", "Welcome mail" on email
  }
}
event "Verified"
"""
CLICKED = "[data-testid='verify']"
MOBILE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
STEP = "/api/v1/heat?journey=activation&step=verify"


def visit(number: int) -> list[dict[str, Any]]:
    """What a browser sends of one visitor: all see the page, one in two clicks, one in five rages and gives up."""
    path = f"/domains/{number}"
    agent = MOBILE if number % 5 == 0 else "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"
    device = {"type": "mobile" if number % 5 == 0 else "desktop"}
    depth = {"page": {"path": path}, "depth": 100 if number % 2 else 40, "fold": 30, "height": 2400, "viewport": 720}
    sent: list[tuple[str, dict[str, Any]]] = [("$scroll_depth", depth)]
    if number % 2:
        sent.append(("$element_clicks", {"page": {"path": path}, "clicks": [[CLICKED, 95, 5], ["h1", 1, 1]]}))
    if number % 5 == 0:
        sent.append(("$rage_click", {"selector": CLICKED, "page": {"path": path}}))
        sent.append(("$hesitation", {"selector": "#host", "page": {"path": path}, "evidence": {"waited_ms": 12_000}}))
        fields = [{"selector": each, "place": place} for place, each in enumerate(("#name", "#host"), 1)]
        evidence = {"form": True, "changed": 1, "fields": fields, "last": "#host"}
        sent.append(("$form_abandoned", {"selector": "#dns", "page": {"path": path}, "evidence": evidence}))
    context = {"page": {"path": path}, "userAgent": agent, "device": device}
    events = [{"type": "page", "properties": {"path": path}}]
    events += [{"type": "track", "event": name, "properties": told} for name, told in sent]
    if number < 4:
        events.append({"type": "track", "event": "Signed Up"})
    return [
        {**each, "userId": f"u{number:02}", "context": context, "timestamp": f"2026-01-01T00:{number:02}:0{second}Z"}
        for second, each in enumerate(events)
    ]


@pytest.fixture(scope="module")
def warm(shared_site: Site) -> Site:
    """Twenty visitors of the page of a step."""
    warmed(shared_site)
    return shared_site


def warmed(site: Site) -> None:
    """Let twenty visitors come to the page of a step."""
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    batch = [each for number in range(20) for each in visit(number)]
    answer = site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY)
    assert (answer.status_code, answer.json["rejected"] if answer.json else None) == (202, [])


def asked(site: Site, address: str) -> dict[str, Any]:
    answer = site.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.json or {}
    return told


def test_a_heat_map_tells_what_was_done_to_each_element_and_by_whom(warm: Site) -> None:
    answer = asked(warm, STEP)
    assert answer["patterns"] == ["/domains/*"]
    (found,) = answer["maps"]
    assert (found["group"], found["seen"], found["watched"]) == (None, {"views": 20, "people": 20}, found["seen"])
    first, second, rage = found["elements"]
    assert (first["kind"], first["selector"], first["count"]) == ("clicks", CLICKED, 10)
    assert first["of_people"] == {
        "count": 10,
        "n": 20,
        "share": 0.5,
        "interval": {"low": pytest.approx(0.299, abs=0.001), "high": pytest.approx(0.701, abs=0.001)},
    }
    assert first["spots"] == [{"column": 9, "row": 0, "clicks": 10}]
    assert (second["selector"], rage["kind"], rage["of_people"]["count"]) == ("h1", "rage", 4)
    scroll = found["scroll"]
    assert [each["of_views"]["count"] for each in scroll["curve"]] == [20] * 4 + [10] * 6
    assert (scroll["fold"], scroll["height"], scroll["viewport"]) == (30, 2400, 720)
    (form,) = found["forms"]
    assert (form["selector"], form["given_up"]) == ("#dns", 4)
    assert [(each["selector"], each["gave_up"]["n"], each["gave_up"]["count"]) for each in form["fields"]] == [
        ("#name", 4, 0),
        ("#host", 4, 4),
    ]
    assert (form["fields"][1]["hesitations"], form["fields"][1]["median"]) == (4, None), "too few for a median"


def test_it_is_told_by_persona_device_and_time_and_of_some_only(warm: Site) -> None:
    def people(query: str) -> dict[str | None, int]:
        return {each["group"]: each["seen"]["people"] for each in asked(warm, f"{STEP}&{query}")["maps"]}

    assert people("by=persona") == {"small": 4}
    assert people("by=device") == {"desktop": 16, "mobile": 4}
    assert people("by=day") == {"2026-01-01": 20}
    assert people("by=week") == {"2025-12-29": 20}
    assert people("device=mobile") == {None: 4}
    assert people("from=2026-01-01T00:15:00Z&to=2026-01-01T00:17:00Z") == {None: 2}
    assert people(f"where={quote('did')}%20%22Signed%20Up%22") == {None: 4}
    assert asked(warm, "/api/v1/heat?page=/domains/7")["maps"][0]["seen"]["people"] == 1
    assert asked(warm, "/api/v1/heat?page=/nowhere")["maps"][0]["elements"] == []


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("seen", 20),
        ("watched", 20),
        (f"clicks&selector={quote(CLICKED)}", 10),
        ("clicks&selector=nothing", 0),
        ("rage", 4),
        ("dead", 0),
        ("scroll&depth=50", 10),
        ("hesitated&selector=%23host", 4),
        ("gave-up&form=%23dns&selector=%23host", 4),
        ("gave-up&selector=%23name", 0),
    ],
)
def test_the_people_behind_each_figure_are_told(warm: Site, figure: str, expected: int) -> None:
    address = f"/api/v1/heat/users?page=/domains/*&figure={figure}"
    page = asked(warm, f"{address}&limit=3")
    assert len(page["data"]) == min(3, expected)
    rows = list(csv.DictReader(io.StringIO(warm.get(f"{address}&format=csv").get_data(as_text=True))))
    assert len(rows) == expected
    if expected > 3:
        assert asked(warm, f"{address}&after={page['next']}")["data"][0] == rows[3]["user"]


def test_pages_are_the_touchpoints_and_what_was_seen(warm: Site) -> None:
    found = asked(warm, "/api/v1/heat/pages")
    assert found["touchpoints"] == [
        {"page": "/domains/*", "journey": "activation", "step": "verify", "label": "Verify"}
    ]
    assert len(found["paths"]) == 20
    assert found["paths"][0]["gathered"] is True


def test_a_step_without_a_page_and_no_page_at_all_are_told_what_to_do(warm: Site) -> None:
    told = problem(warm.get("/api/v1/heat?journey=activation&step=signup"))
    assert (told["status"], told["code"]) == (422, "heat_no_page")
    assert "touchpoint" in told["detail"]
    for query in ("", f"?page={'*' * 1999}a"):
        assert problem(warm.get(f"/api/v1/heat{query}"))["code"] == "heat_no_page"


@pytest.mark.parametrize("part", list(Part))
def test_each_part_is_a_table_with_the_columns_that_are_promised(warm: Site, part: Part) -> None:
    text = warm.get(f"{STEP}&part={part}&format=csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == list(COLUMNS[part])
    assert len(rows) == {Part.ELEMENTS: 3, Part.SPOTS: 2, Part.SCROLL: 10, Part.FIELDS: 2}[part]


def waypost(data: Path, *words: str) -> str:
    ran = CliRunner().invoke(cli, [*words, "--data", str(data)], env={"COLUMNS": "140"})
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_the_command_says_the_same_and_what_there_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (tmp_path / "rules.way").write_text(RULES)
    lines = [json.dumps({**each, "messageId": f"m{n}-{k}"}) for n in range(20) for k, each in enumerate(visit(n))]
    (tmp_path / "log.jsonl").write_text("\n".join(lines) + "\n")
    waypost(data, "rules", "publish", str(tmp_path / "rules.way"))
    waypost(data, "import", "segment", str(tmp_path / "log.jsonl"))
    assert "/domains/*  (touchpoint of activation.verify)" in waypost(data, "heat")
    told = waypost(data, "heat", "--step", "activation.verify")
    assert "seen 20 times by 20 people" in told
    assert CLICKED in told
    assert "50% (30% to 70%)" in told
    assert "#dns was given up 4 times, by 4 people" in told
    assert waypost(data, "heat", "/a/[/b]").split()[0] == "/a/[/b]"
    assert waypost(data, "heat", "/domains/*", "--users", "rage").split() == ["u00", "u05", "u10", "u15"]
    document = json.loads(waypost(data, "heat", "/domains/*", "--by", "device", "--json"))
    assert [each["group"] for each in document["maps"]] == ["desktop", "mobile"]
