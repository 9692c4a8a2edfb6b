"""The roadmap on the command line, as a product manager types it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from api.cli.main import cli
from engine.roadmap.causes import CauseKind
from engine.roadmap.items import ItemKind, ItemStatus
from engine.roadmap.metrics import Metric
from engine.roadmap.outcomes import Verdict
from engine.roadmap.quadrants import Quadrant
from tests.api.asking import SECRET_KEY, Site
from tests.api.test_roadmap import TRIAL, messages
from tests.engine.roadmaps import RULES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roadmap.md"


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Path:
    """The data folder of a project in which people on trial leave at the verification, as of today."""
    from api.serving import system_clock

    now = system_clock()
    site.clock.now = now
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    assert site.service.import_history(1, messages(now), received=now).rejected == ()
    return tmp_path


def waypost(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--data", str(folder)], catch_exceptions=True)


def test_opportunities_are_listed_decided_and_written_as_csv(folder: Path) -> None:
    listed = waypost(folder, "opportunities", "activation")
    assert listed.exit_code == 0, listed.output
    assert "1. A Verify the domain, On trial" in listed.output
    assert "friction: rage click" in listed.output
    assert "left out: simulated, internal" in listed.output

    silent = waypost(folder, "opportunities", "--confirm", TRIAL)
    assert silent.exit_code != 0
    assert "say why" in str(silent.exception)
    said = waypost(folder, "opportunities", "--confirm", TRIAL, "--why", "seen", "--name", "Ada")
    assert (said.exit_code, said.output) == (0, f"{TRIAL} is confirmed\n")
    found = orjson.loads(waypost(folder, "opportunities", "--status", "confirmed", "--json").output)
    assert [(one["id"], one["decision"]["by"]) for one in found["data"]] == [(TRIAL, "Ada")]
    (row, *_) = csv.DictReader(io.StringIO(waypost(folder, "opportunities", "--csv").output))
    assert (row["stage"], row["letter"]) == ("onboarding", "A")
    assert (row["id"], row["status"], row["lost"]) == (TRIAL, "confirmed", "40")
    file = folder / "found.parquet"
    assert waypost(folder, "opportunities", "--parquet", str(file)).exit_code == 0
    assert parquet.read_table(file).column("id")[0].as_py() == TRIAL


def test_an_item_goes_from_the_intake_to_the_launch(folder: Path) -> None:
    added = waypost(folder, "roadmap", "add", "Dark mode", "--effort", "8")
    assert "item 1 is requested" in added.output
    assert "step, evidence" in added.output
    assert "not schedulable" not in waypost(folder, "roadmap", "intake").output
    refused = waypost(folder, "roadmap", "set", "1", "--timebox", "2026-12")
    assert "lacks the step" in str(refused.exception)
    done = waypost(folder, "roadmap", "override", "1", "--timebox", "2026-12", "--why", "promised")
    assert "by override" in done.output
    assert "it still lacks: " in done.output

    waypost(folder, "roadmap", "add", "Say it", "--opportunity", TRIAL, "--effort", "2-4", "--name", "Ada")
    waypost(folder, "roadmap", "set", "2", "--effort", "6", "--evidence", "https://t.example/1", "--name", "Bob")
    item = orjson.loads(waypost(folder, "roadmap", "set", "2", "--sprint", "23", "--json").output)["data"][0]
    assert [(each["by"], each["low"], each["high"]) for each in item["efforts"]] == [("Ada", 2, 4), ("Bob", 6, 6)]
    assert (item["effort"]["low"], item["effort"]["high"], item["sprint"]) == (2, 6, "23")
    back = orjson.loads(waypost(folder, "roadmap", "set", "2", "--sprint", "-", "--json").output)["data"][0]
    assert (back["sprint"], back["evidence"]) == (None, ["https://t.example/1"])

    assert waypost(folder, "roadmap", "set", "2", "--status", "launched").exit_code == 0
    assert "before/after, not causal" in waypost(folder, "roadmap", "outcomes").output
    shown = waypost(folder, "roadmap").output
    assert "Dark mode" in shown
    assert "A Onboarding" in re.sub(r"\s+", " ", shown)


def test_a_change_from_an_old_revision_is_refused(folder: Path) -> None:
    waypost(folder, "roadmap", "add", "X")
    waypost(folder, "roadmap", "set", "1", "--owner", "Ada")
    late = waypost(folder, "roadmap", "set", "1", "--owner", "Bob", "--revision", "1")
    assert "revision 2" in str(late.exception)


def test_a_file_is_tried_taken_in_and_audited(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "plan.csv"
    sheet.write_text("title,step,evidence\nFix it,verify,said so\nDark mode,,\nOdd,verfy,x\n", encoding="utf-8")
    tried = waypost(folder, "import", "roadmap", str(sheet), "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "2 taken in, 0 known before, 1 skipped, 3 rows" in tried.output
    assert "line 4: there is no step `verfy`" in tried.output
    assert "the intake is empty" in waypost(folder, "roadmap", "intake").output
    taken = orjson.loads(waypost(folder, "import", "roadmap", str(sheet), "--json").stdout)
    assert (taken["kept"], taken["no_step"]) == (2, ["Dark mode"])
    audited = waypost(folder, "roadmap", "audit")
    assert (audited.exit_code, "without a step: 1" in audited.output) == (1, True)


def test_themes_limits_starters_exports_and_the_review(folder: Path, tmp_path: Path) -> None:
    made = waypost(
        folder, "roadmap", "themes", "--add", "Build a wizard", "--at", "activation.verify", "--metric", "completion",
        "--target", "0.8", "--due", "2026-Q4",
    )  # fmt: skip
    assert "reads like a feature" in made.output
    assert "completion of activation.verify: 0.8 by 2026-Q4" in made.output
    assert "0.05" not in waypost(folder, "roadmap", "limits", "--effort", "5").output
    assert orjson.loads(waypost(folder, "roadmap", "limits", "--json").output)["effort_days"] == 5
    assert "A  Onboarding (activation)" in waypost(folder, "roadmap", "starters").output
    waypost(folder, "roadmap", "add", "=1+1", "--step", "activation.verify", "--evidence", "said so")
    (row,) = csv.DictReader(io.StringIO(waypost(folder, "roadmap", "export", "--format", "csv").output))
    assert (row["Title"], row["Labels"]) == ("'=1+1", "stage: A Onboarding, step: verify")
    assert "### A · \\=1+1" in waypost(folder, "roadmap", "export").output
    page = tmp_path / "review.html"
    assert waypost(folder, "roadmap", "review", "--html", str(page)).exit_code == 0
    assert "Build a wizard" in page.read_text(encoding="utf-8")
    assert waypost(folder, "roadmap", "review").output.startswith("# Review of ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("opportunities", "--confirm", "a.b", "--dismiss", "a.b"),
        ("roadmap", "set", "1"),
        ("roadmap", "add", "X", "--step", "verify"),
        ("roadmap", "add", "X", "--effort", "much"),
        ("roadmap", "themes", "--add", "X"),
        ("roadmap", "review", "--quarter", "2026-11"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_told(folder: Path, arguments: tuple[str, ...]) -> None:
    assert waypost(folder, *arguments).exit_code == 2


@pytest.mark.parametrize(
    "closed", [CauseKind, ItemKind, ItemStatus, Metric, Quadrant, Verdict], ids=lambda c: c.__name__
)
def test_the_reference_page_names_every_one_of_a_closed_set(closed: type) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [each.value for each in closed if each.value not in text] == []  # type: ignore[attr-defined]
