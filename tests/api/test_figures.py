"""`waypost effect` and `waypost kpis`, and the same over HTTP, as a newcomer meets them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from api.config import read_settings
from dsl.values import Instant
from engine.analytics.kpis import KPIS, reference
from engine.analytics.tables import EFFECT_COLUMNS, KPI_COLUMNS
from engine.replies import Published
from engine.service import Service

RULES = """
event "Stuck"
event "Solved"
event "Paid" { amount: number }

journey way "The way" {
  stage s "S" {
    step begin "Begin" reached by "Stuck"
    step solve "Solve" reached by "Solved"
  }
}

guide help "Help with it" {
  at way.solve
  on "Stuck"
  show modal { title "T" }
  goal "Solved" within 1 day
  holdout 50%
  expires 2099-12-31
}
"""
NOW = Instant(1_780_000_000_000_000)


def waypost(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "140"})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty people, half of them held out; who saw the guide solves it, and one of four of the others."""
    folder = tmp_path_factory.mktemp("data")
    settings = read_settings({}, data_dir=str(folder))
    service = Service.open(settings.url, clock=lambda: NOW, lakes=settings.lakes)
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    rows = ["user_id,event,timestamp,guide,amount"]
    for number in range(60):
        life = "$held_out" if number % 2 else "$shown"
        rows.append(f"u{number},Stuck,2026-03-01 09:00:00,,")
        rows.append(f"u{number},{life},2026-03-01 09:00:01,help,")
        if life == "$shown" or number % 8 == 1:
            rows.append(f"u{number},Solved,2026-03-01 10:00:00,,")
        rows.append(f"u{number},Paid,2026-03-09 10:00:00,,{number}")
    service.close()
    file = folder / "events.csv"
    file.write_text("\n".join(rows) + "\n")
    ran = waypost("import", "csv", file, "--data", folder)
    assert ran.exit_code == 0, ran.output
    return folder


def test_an_effect_reads_well(data: Path) -> None:
    ran = waypost("effect", "help", "--days", "--data", data)
    assert ran.exit_code == 0, ran.output
    said = " ".join(ran.stdout.split())
    assert said.startswith(
        "help Help with it More people come to “Solved” within 1 day with it: 30 of 30 (100.0%) shown against 8 of 30"
    )
    assert "dropped at way.solve" in ran.stdout
    assert "sample ratio: 30 : 30, p = 1, fine" in ran.stdout
    assert "2026-03-02" in ran.stdout


def test_an_effect_is_json_and_of_a_journey_a_list(data: Path) -> None:
    one = json.loads(waypost("effect", "help", "--json", "--data", data).stdout)
    assert (one["verdict"], one["basis"], one["effect"]["shares"]["shown"]["count"]) == ("higher", "holdout", 30)
    assert one["effect"]["any_day"][0] > 0
    (same,) = json.loads(waypost("effect", "way", "--json", "--data", data).stdout)
    assert same["effect"] == one["effect"]


def test_an_effect_is_a_table(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "effect.parquet"
    assert waypost("effect", "help", "--parquet", file, "--data", data).exit_code == 0
    rows = pq.read_table(file).to_pylist()
    assert list(rows[0]) == ["guide", *EFFECT_COLUMNS]
    assert [row["what"] for row in rows] == ["goal", "dropped", *["guardrail"] * 5, "day"]
    printed = csv.DictReader(io.StringIO(waypost("effect", "help", "--csv", "--data", data).stdout))
    assert [row["name"] for row in printed] == [row["name"] for row in rows]


def test_kpis_read_well_and_are_tables_too(data: Path, tmp_path: Path) -> None:
    ran = waypost("kpis", "--revenue", "Paid.amount", "--data", data)
    assert ran.exit_code == 0, ran.output
    lines = ran.stdout.splitlines()
    assert any("Revenue per user" in line and "29.50" in line for line in lines)
    assert "association, not cause" in ran.stdout
    rows = list(csv.DictReader(io.StringIO(waypost("kpis", "--csv", "--data", data).stdout)))
    assert list(rows[0]) == list(KPI_COLUMNS)
    assert {row["kpi"]: row["value"] for row in rows}["task_success"] == "1.0"
    found = json.loads(waypost("kpis", "way", "--json", "--data", data).stdout)
    assert {each["kpi"] for each in found["definitions"]} == {each["kpi"] for each in found["figures"]}
    stages = {each["of"]: each["stage"] and each["stage"]["letter"] for each in found["figures"]}
    assert [stages[of] for of in ("way.begin", "way.solve", "way.s", "way")] == ["A", "A", "A", None]
    assert waypost("kpis", "--parquet", tmp_path / "kpis.parquet", "--data", data).exit_code == 0


MISTAKES = [
    ("effect", "helpp", "--json"),
    ("effect", "help", "--persona", "nobody"),
    ("effect", "help", "--since", "lately"),
    ("kpis", "--revenue", "Paid"),
    ("kpis", "nothing"),
    ("kpis", "--from", "2026-05-01", "--to", "2026-04-01"),
]


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_a_mistake_is_a_sentence(data: Path, words: tuple[str, ...]) -> None:
    ran = waypost(*words, "--data", data)
    assert ran.exit_code in (1, 2)
    assert "Traceback" not in ran.output


def test_the_page_of_figures_is_made_from_the_registry() -> None:
    page = Path("docs/reference/kpis.md").read_text(encoding="utf-8")
    assert page == reference() + "\n", "renew it with: waypost kpis --define > docs/reference/kpis.md"
    assert all(f"### {kpi.label}" in page for kpi in KPIS.values())
