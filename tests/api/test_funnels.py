"""Funnels over HTTP and on the command line: as a document, as a table, as people."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from api.cli.main import cli
from api.tables import as_csv
from engine.analytics.tables import FUNNEL_COLUMNS
from engine.stages import COLOURS
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem

RULES = """
event "Signed Up"
event "Domain Verified"

journey activation {
  stage onboarding "Onboarding" as onboarding {
    step signup reached by "Signed Up"
  }
  stage value "First value" {
    step verify reached by "Domain Verified"
  }
}
"""
STEPS = "step=Signed Up&step=Domain Verified"


@pytest.fixture
def lively(site: Site) -> Site:
    """Eight people signed up, and six of them verified a domain a minute later."""
    for number in range(8):
        done = ["Signed Up", "Domain Verified"] if number < 6 else ["Signed Up"]
        batch = [
            {"type": "track", "userId": f"u{number}", "event": name, "timestamp": f"2026-01-01T00:0{minute}:00Z"}
            for minute, name in enumerate(done)
        ]
        assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    return site


def test_a_funnel_is_a_document_with_everything_that_is_known(lively: Site) -> None:
    answer = lively.get(f"/api/v1/funnel?{STEPS}").json
    assert answer is not None
    assert [(step["count"], step["rate"]) for step in answer["steps"]] == [(8, 1.0), (6, 0.75)]
    assert answer["steps"][1]["took"] == {"lower": 60.0, "median": 60.0, "upper": 60.0}
    assert (answer["sharpest"]["step"], answer["sharpest"]["lost"]) == ("Domain Verified", 2)
    assert answer["design"]["manners"]["as designed"]["count"] == 8
    assert answer["left_out"] == ["simulated", "bots", "internal"]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_funnel_is_a_table_too(lively: Site, form: str) -> None:
    answer = lively.get(f"/api/v1/funnel?{STEPS}&format={form}")
    assert f"funnel.{form}" in answer.headers["Content-Disposition"]
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    else:
        rows = pq.read_table(io.BytesIO(answer.data)).to_pylist()
    assert list(rows[0]) == list(FUNNEL_COLUMNS)
    assert [int(row["count"]) for row in rows] == [8, 6]


def test_steps_of_a_journey_carry_the_mark_of_their_stage(lively: Site) -> None:
    assert lively.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    answer = lively.get("/api/v1/journeys/activation/funnel").json
    assert answer is not None
    marks = [(step["stage"]["letter"], step["stage"]["colour"]) for step in answer["steps"]]
    assert marks == [("A", COLOURS[0]), ("B", COLOURS[1])]
    table = lively.get("/api/v1/journeys/activation/funnel?format=csv").get_data(as_text=True)
    named = [row["stage"] for row in csv.DictReader(io.StringIO(table))]
    assert named == ["A Onboarding", "B First value"]


@pytest.mark.parametrize("window", ["7days", "7", "d", "-7d", "7d ", "9999999d"])
def test_a_length_that_is_none_is_refused_not_passed_over(site: Site, window: str) -> None:
    answer = site.get(f"/api/v1/funnel?{STEPS}&window={window}")
    assert answer.status_code == 422
    assert "a length is a number and s, m, h, d or w, such as 7d" in answer.get_data(as_text=True)


def test_people_behind_a_figure_come_a_page_at_a_time(lively: Site) -> None:
    found, after = [], ""
    while True:
        page = lively.get(f"/api/v1/funnel/users?{STEPS}&at=2&limit=4&after={after}").json
        assert page is not None
        found.append(page["data"])
        if page["next"] is None:
            break
        after = page["next"]
    assert found == [["u0", "u1", "u2", "u3"], ["u4", "u5"]]
    dropped = lively.get(f"/api/v1/funnel/users?{STEPS}&at=1&dropped=true").json
    assert dropped == {"data": ["u6", "u7"], "next": None}


DESIGN: list[tuple[str, list[str]]] = [
    # what is asked, and who is behind it: eight signed up, six of them verified, and two more only verified
    ("manner=any", [f"u{number}" for number in range(10)]),
    ("manner=as designed", [f"u{number}" for number in range(8)]),
    ("manner=skipped", ["u8", "u9"]),
    ("manner=out of order", []),
    ("manner=as designed&completed=true", [f"u{number}" for number in range(6)]),
    ("path=1", ["u6", "u7"]),
    ("path=1&path=2", [f"u{number}" for number in range(6)]),
    ("path=2", ["u8", "u9"]),
]


def test_every_figure_of_the_design_leads_to_its_people(lively: Site) -> None:
    late = [{"type": "track", "userId": user, "event": "Domain Verified"} for user in ("u8", "u9")]
    assert lively.post("/v1/batch", {"batch": late}, key=PUBLIC_KEY).status_code == 202
    asked = f"/api/v1/funnel/users?{STEPS}&limit=1000&"
    found = {query: lively.get(asked + query).json for query, _ in DESIGN}
    assert found == {query: {"data": users, "next": None} for query, users in DESIGN}
    told = lively.get(f"/api/v1/funnel?{STEPS}").json
    assert told is not None
    design = told["design"]
    counted = {f"manner={manner}": each["count"] for manner, each in design["manners"].items()}
    counted |= {"&".join(f"path={step}" for step in each["path"]): each["count"] for each in design["paths"]}
    counted |= {"manner=any": design["units"], "manner=as designed&completed=true": design["direct"]}
    assert counted == {query: len(users) for query, users in DESIGN}
    table = lively.get(f"/api/v1/funnel?{STEPS}&format=csv&part=design").get_data(as_text=True)
    assert [(row["manner"], row["numbers"], row["count"]) for row in csv.DictReader(io.StringIO(table))] == [
        ("as designed", "", "8"),
        ("skipped", "", "2"),
        ("out of order", "", "0"),
        ("as designed", "1,2", "6"),
        ("skipped", "2", "2"),
        ("as designed", "1", "2"),
    ]


NO_FIGURES: list[tuple[str, int, str]] = [
    ("", 422, "say which figure"),
    ("at=1&group=pro", 422, "say which breakdown"),
    ("at=1&manner=skipped", 422, "say one of them, not `at` and `manner`"),
    ("at=1&completed=true", 422, "this goes with `manner` only"),
    ("manner=skipped&group=pro", 422, "this goes with `at` only"),
    ("path=1&dropped=true", 422, "this goes with `at` only"),
    ("manner=backwards", 422, "as designed, skipped, out of order, any"),
    ("path=1&path=1", 422, "in which each was first done, each once"),
    ("path=3", 404, "numbered from 1 to 2"),
    ("manner=skipped&order=any", 422, "no intended path"),
]


def test_a_figure_that_there_is_not_is_refused(lively: Site) -> None:
    for query, status, says in NO_FIGURES:
        answer = lively.get(f"/api/v1/funnel/users?{STEPS}&{query}")
        assert (answer.status_code, says in answer.get_data(as_text=True)) == (status, True), query


def test_a_project_without_events_says_so(site: Site) -> None:
    answer = site.get(f"/api/v1/funnel?{STEPS}")
    assert (answer.status_code, problem(answer)["code"]) == (404, "nothing_recorded")


def test_a_cell_that_a_sheet_would_run_is_only_text() -> None:
    assert as_csv([{"name": "=cmd()"}, {"name": "a,b"}], ["name"]) == 'name\r\n\'=cmd()\r\n"a,b"\r\n'


EVENTS = "user_id,event,timestamp\n" + "".join(
    f"u{number},{name},2026-03-01 09:0{minute}:00\n"
    for number in range(6)
    for minute, name in enumerate(["Came", "Left"] if number < 5 else ["Came"])
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "events.csv").write_text(EVENTS)
    waypost("import", "csv", tmp_path / "events.csv", "--data", tmp_path / "data")
    return tmp_path / "data"


def waypost(*words: str | Path) -> str:
    ran = CliRunner().invoke(cli, [str(word) for word in words])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_the_command_line_tells_it_to_people_and_to_machines(data: Path, tmp_path: Path) -> None:
    ask = ("funnel", "--steps", "Came,Left", "--data", data)
    shown = waypost(*ask)
    assert "sharpest drop: Came → Left, 1 of 6 lost, 16.7%" in shown
    assert "1,2                  5   83.3%  Came → Left" in shown
    assert "5 came to the last step in whatever order, 5 of them as designed" in shown
    assert "left out: simulated, bots, internal (--everyone counts them)" in shown
    assert json.loads(waypost(*ask, "--json"))["steps"][1]["count"] == 5
    assert [row["count"] for row in csv.DictReader(io.StringIO(waypost(*ask, "--csv")))] == ["6", "5"]
    assert waypost(*ask, "--parquet", tmp_path / "funnel.parquet") == ""
    assert pq.read_table(tmp_path / "funnel.parquet")["count"].to_pylist() == [6, 5]
    assert waypost(*ask, "--users", "1", "--dropped").split() == ["u5"]
    assert json.loads(waypost(*ask, "--users", "2", "--limit", "2", "--json")) == {"data": ["u0", "u1"], "next": "u1"}
    assert waypost(*ask, "--manner", "as-designed", "--csv").split() == ["user", *(f"u{number}" for number in range(6))]
    assert waypost(*ask, "--manner", "any", "--completed", "--limit", "2").split() == ["u0", "u1"]
    assert waypost(*ask, "--path", "1").split() == ["u5"]
    nobody = waypost("funnel", "--steps", "Went,Came", "--breakdown", "plan", "--data", data)
    assert "none of those who count came into this funnel" in nobody
    assert "left out: simulated, bots, internal" in nobody
    assert waypost(*ask, "--manner", "skipped") == ""


WRONG: list[tuple[tuple[str, ...], str]] = [
    (("--users", "1", "--manner", "skipped"), "say one of them"),
    (("--completed",), "`--completed` goes with `--manner` only"),
    (("--dropped",), "`--dropped` goes with `--users` only"),
    (("--path", "Came,Left"), "write the numbers of its steps"),
    (("--manner", "backwards"), "'as-designed', 'skipped', 'out-of-order', 'any'"),
]


@pytest.mark.parametrize(("options", "says"), WRONG, ids=str)
def test_a_list_of_no_figure_is_refused_on_the_command_line(options: tuple[str, ...], says: str) -> None:
    ran = CliRunner().invoke(cli, ["funnel", "--steps", "Came,Left", *options])
    assert ran.exit_code == 2
    assert says in " ".join(ran.output.split())
