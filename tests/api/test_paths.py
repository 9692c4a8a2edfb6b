"""Backward paths over HTTP and on the command line: as a document, as tables, as people, as a rule's condition."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from api.cli.main import cli
from engine.analytics.path_tables import COLUMNS, Part
from tests.api.asking import PUBLIC_KEY, Site, problem

LEFT = ("Signed Up", "Viewed Docs", "DNS Failed")
WENT_ON = ("Signed Up", "Viewed Docs", "Domain Verified")
WENT = "step=Signed Up&step=Domain Verified"


@pytest.fixture
def lively(site: Site) -> Site:
    """Sixteen people in a browser; half of them met a failure and left, long ago."""
    batch = [
        {
            "type": "track",
            "userId": f"u{number:02}",
            "event": name,
            "timestamp": f"2026-01-01T00:0{minute}:00Z",
            "context": {"page": {"path": "/"}},
        }
        for number in range(16)
        for minute, name in enumerate(LEFT if number < 8 else WENT_ON)
    ]
    assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    return site


def test_paths_are_a_document_in_which_the_cause_comes_first(lively: Site) -> None:
    answer = lively.get(f"/api/v1/paths?{WENT}").json
    assert answer is not None
    assert (answer["cohort"]["label"], answer["cohort"]["units"]) == ("left before Domain Verified", 8)
    assert (answer["cohort"]["others"], answer["cohort"]["other_units"]) == ("went on to Domain Verified", 8)
    first = answer["contrast"][0]
    assert (first["name"], first["met"], first["others_met"], first["is_sure"]) == ("DNS Failed", 8, 0, True)
    assert answer["compared"] == 2
    assert answer["cohort_where"] == 'did "Signed Up" and not did "Signed Up" then "Domain Verified"'
    link = next(each for each in answer["links"] if each["to"] == "DNS Failed")
    assert link["took"] == {"lower": 60.0, "median": 60.0, "upper": 60.0}


def test_a_link_is_a_funnel_and_a_rule_that_reaches_as_many(lively: Site) -> None:
    gone = "chain=Viewed Docs&chain=DNS Failed"
    answer = lively.get(f"/api/v1/paths/chain?{WENT}&{gone}").json
    assert answer is not None
    assert [step["count"] for step in answer["steps"]] == [8, 8]
    assert [step["count"] for step in answer["others"]] == [8, 0]
    assert answer["condition"] == 'did "Viewed Docs" directly then "DNS Failed" in one session'
    assert [step["count"] for step in answer["ever"]["steps"]] == [16, 8]
    same = lively.get("/api/v1/funnel?step=Viewed Docs&step=DNS Failed&order=directly").json
    assert same is not None
    assert same["steps"] == answer["ever"]["steps"]
    where = quote(answer["condition"])
    reached = lively.get(f"/api/v1/funnel?step=Signed Up&step=Viewed Docs&where={where}").json
    assert reached is not None
    assert reached["steps"][0]["count"] == 8
    users = lively.get(f"/api/v1/paths/users?{WENT}&{gone}&limit=5").json
    assert users == {"data": [f"u{number:02}" for number in range(5)], "next": "u04"}


def test_those_behind_a_figure_are_listed(lively: Site) -> None:
    met = lively.get(f"/api/v1/paths/users?{WENT}&event=Viewed Docs&others=true").json
    assert met == {"data": [f"u{number:02}" for number in range(8, 16)], "next": None}


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_every_part_is_a_table(lively: Site, part: Part, form: str) -> None:
    answer = lively.get(f"/api/v1/paths?{WENT}&format={form}&part={part}")
    assert f"paths-{part}.{form}" in answer.headers["Content-Disposition"]
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    else:
        rows = pq.read_table(io.BytesIO(answer.data)).to_pylist()
    assert rows
    assert list(rows[0]) == list(COLUMNS[part])


WRONG = [
    ("/api/v1/paths", "paths_start"),
    ("/api/v1/paths?before=a&step=b&step=c", "paths_start"),
    ("/api/v1/paths?step=a", "funnel_too_short"),
    (f"/api/v1/paths/users?{WENT}&chain=a", "paths_chain"),
]


@pytest.mark.parametrize(("address", "code"), WRONG, ids=[code + address[:20] for address, code in WRONG])
def test_what_cannot_be_asked_says_what_to_ask(lively: Site, address: str, code: str) -> None:
    assert problem(lively.get(address))["code"] == code


EVENTS = "user_id,event,timestamp\n" + "".join(
    f"u{number:02},{name},2026-03-01 09:0{minute}:00\n"
    for number in range(16)
    for minute, name in enumerate(LEFT if number < 8 else WENT_ON)
)


def test_the_command_line_tells_it_to_people_and_to_machines(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(EVENTS)
    data = tmp_path / "data"
    waypost("import", "csv", tmp_path / "events.csv", "--data", data)
    ask = ("paths", "--steps", "Signed Up,Domain Verified", "--data", data)
    shown = waypost(*ask)
    assert "8 left before Domain Verified, beside 8 who went on to Domain Verified" in shown
    assert "2 compared; 1 holds after as many comparisons" in shown
    assert json.loads(waypost(*ask, "--json"))["contrast"][0]["name"] == "DNS Failed"
    rows = list(csv.DictReader(io.StringIO(waypost(*ask, "--csv"))))
    assert (rows[0]["name"], rows[0]["met"], rows[0]["others_met"]) == ("DNS Failed", "8", "0")
    assert waypost(*ask, "--part", "flows", "--parquet", tmp_path / "flows.parquet") == ""
    assert pq.read_table(tmp_path / "flows.parquet").column_names == ["place", "name", "to", "count"]
    assert waypost(*ask, "--users", "--met", "DNS Failed").split() == [f"u{number:02}" for number in range(8)]
    chain = waypost(*ask, "--chain", "Viewed Docs,DNS Failed", "--then")
    assert 'when did "Viewed Docs" then "DNS Failed"' in chain
    assert "ever, of everybody: 8" in chain
    before = json.loads(waypost("paths", "--before", "DNS Failed", "--data", data, "--json"))
    assert (before["cohort"]["label"], before["cohort"]["units"]) == ("came to DNS Failed", 8)


def waypost(*words: str | Path) -> str:
    ran = CliRunner().invoke(cli, [str(word) for word in words])
    assert ran.exit_code == 0, ran.output
    return ran.stdout
