"""The shop's log, imported and counted through the command line, against the figures that were published for it."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from api.cli.main import cli
from engine.imports.csv_rows import read_mapping, read_rows
from engine.imports.rows import Row

ROOT = Path(__file__).parents[2]
STEPS = "add_to_cart,cart,shipping_details,payment_details,purchase"
PUBLISHED = {"user": [522, 439, 334, 225, 116], "session": [1213, 679, 291, 121, 36]}
"""By that package's own engine, without a window."""


@pytest.fixture(scope="session")
def shop(ecom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the log imported."""
    data = tmp_path_factory.mktemp("shop")
    done = waypost("import", "csv", str(ecom), "--data", str(data), "--map", "platform=trait")
    assert done.strip() == "31106 rows kept, 0 skipped, 31106 in all"
    return data


def waypost(*words: str) -> str:
    ran = CliRunner().invoke(cli, words)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@pytest.mark.parametrize("unit", PUBLISHED)
def test_the_funnel_is_the_published_one(shop: Path, unit: str) -> None:
    answer = json.loads(waypost("funnel", "--steps", STEPS, "--by", unit, "--json", "--data", str(shop)))
    assert [step["count"] for step in answer["steps"]] == PUBLISHED[unit]
    assert answer["steps"][-1]["rate"] == PUBLISHED[unit][-1] / PUBLISHED[unit][0]


def test_a_breakdown_adds_up_to_the_whole(shop: Path) -> None:
    answer = json.loads(waypost("funnel", "--steps", STEPS, "--breakdown", "platform", "--json", "--data", str(shop)))
    assert set(answer["groups"]) == {"desktop", "mobile", "tablet"}
    totals = [sum(group["steps"][place]["count"] for group in answer["groups"].values()) for place in range(5)]
    assert totals == PUBLISHED["user"]


def test_importing_the_same_file_again_changes_nothing(shop: Path, ecom: Path) -> None:
    told = json.loads(waypost("import", "csv", str(ecom), "--data", str(shop), "--map", "platform=trait", "--json"))
    assert (told["kept"], told["skipped"]) == (31106, 0)
    assert told["duplicates"] >= 31106
    answer = json.loads(waypost("funnel", "--steps", STEPS, "--json", "--data", str(shop)))
    assert [step["count"] for step in answer["steps"]] == PUBLISHED["user"]


TRAITS = ("platform", "acquisition_channel", "user_cohort", "user_lifecycle")
AT = datetime(2024, 6, 28, 12)  # noqa: DTZ001  (as the log writes its times)


@pytest.fixture(scope="session")
def history(ecom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log as events in Segment's form."""
    file = tmp_path_factory.mktemp("history") / "ecom.ndjson"
    mapping = read_mapping(f"{name}=trait" for name in TRAITS)
    with gzip.open(ecom, "rt", newline="") as lines, file.open("w") as out:
        for row in read_rows(lines, mapping=mapping, zone=ZoneInfo("UTC")):
            assert isinstance(row, Row)
            out.writelines(json.dumps(message) + "\n" for message in row.messages)
    return file


def greeted_by_hand(ecom: Path) -> set[str]:
    """Who meets the conditions of `loyal_thanks`, straight from the table: loyal, active on at least four days of the
    last 30, at least two `add_to_cart` in the last 14 days, no `payment_error` in the last day."""
    days: dict[str, set[object]] = {}
    baskets: dict[str, int] = {}
    failed: set[str] = set()
    lifecycle: dict[str, str] = {}
    with gzip.open(ecom, "rt", newline="") as lines:
        for row in sorted(csv.DictReader(lines), key=lambda row: row["timestamp"]):
            user, time = row["user_id"], datetime.fromisoformat(row["timestamp"])
            if time > AT:
                continue
            lifecycle[user] = row["user_lifecycle"]
            if time > AT - timedelta(days=30):
                days.setdefault(user, set()).add(time.date())
            if row["event"] == "add_to_cart" and time > AT - timedelta(days=14):
                baskets[user] = baskets.get(user, 0) + 1
            if row["event"] == "payment_error" and time > AT - timedelta(days=1):
                failed.add(user)
    return {
        user
        for user, told in lifecycle.items()
        if told == "loyal" and len(days.get(user, ())) >= 4 and baskets.get(user, 0) >= 2 and user not in failed
    }


def test_the_shop_s_rules_are_decided_over_all_600_users(ecom: Path, history: Path) -> None:
    rules = ROOT / "examples" / "ecom"
    at = f"{AT.isoformat()}Z"
    printed = waypost("decide", "--rules", str(rules), "--events", str(history), "--at", at, "--json")
    decided = [json.loads(line) for line in printed.splitlines()]
    reasons = {one["user"]: {each["guide"]: each["reason"] for each in one["considered"]} for one in decided}
    assert len(reasons) == len(decided) == 600
    eligible = {
        user
        for user, given in reasons.items()
        if given["loyal_thanks"] not in {"NOT_IN_AUDIENCE", "CONDITION_FALSE", "CONDITION_UNKNOWN"}
    }
    assert eligible == greeted_by_hand(ecom)
    assert eligible
