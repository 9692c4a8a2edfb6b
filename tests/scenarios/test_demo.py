"""`waypost demo` as people start it: its check, its addresses, its pages, and what it leaves alone."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest
from rich.console import Console

from api.demo import feed, material, story
from api.demo.visitor import fetch
from engine.reasons import Reason
from examples.demo.history import USERS
from tests.scenarios.conftest import RunningDemo

ROOT = Path(__file__).parents[2]


def test_the_check_plays_the_whole_story_and_every_part_holds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api.cli.main", "demo", "--check"]
    ran = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"}, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("✓") == len(story.PARTS) + 1
    assert "✗" not in ran.stdout
    assert "verify_help" in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_fails_says_where_and_plays_no_further() -> None:
    said = io.StringIO()
    held = story.play(
        "http://127.0.0.1:9", secret_key="none", ready_after=0, console=Console(file=said, width=200, highlight=False)
    )
    assert not held
    assert said.getvalue().count("✗") == 1
    assert "did not answer" in said.getvalue()
    assert f"{len(story.PARTS) - 1} more parts were not played" in said.getvalue()


def test_a_taken_port_is_answered_with_the_next_free_one(demo: RunningDemo) -> None:
    port = int(demo.url.rpartition(":")[2])
    assert demo.asked < port < demo.asked + 100
    assert f"Port {demo.asked} is taken; this is port {port}." in demo.log.read_text()


def test_it_keeps_everything_in_the_folder_that_it_was_given(demo: RunningDemo) -> None:
    assert [path.name for path in demo.data.glob("*.sqlite")] == ["waypost.sqlite"]


def test_the_pages_of_the_story_are_strict_and_load_the_snippet_as_a_customer_would(demo: RunningDemo) -> None:
    stage = story.Stage(demo.url, "", story.Visitor(demo.url, story.PUBLIC_KEY, story.system_clock))
    story.pages_are_strict(stage)


def test_the_landing_page_tells_the_story_in_three_sentences_and_shows_the_rule_in_force(demo: RunningDemo) -> None:
    page = fetch(demo.url).body.decode()
    (told,) = re.findall(r'<ol class="story">(.*?)</ol>', page, re.DOTALL)
    sentences = re.findall(r"<li>(.*?)</li>", told)
    assert len(sentences) == 3
    assert all(sentence.endswith(".") and sentence.count(".") == 1 for sentence in sentences)
    assert "Start the story" in page
    assert "Restart as a new user" in page
    assert "guide verify_help" in page


def test_a_domain_in_an_address_is_only_ever_text(demo: RunningDemo) -> None:
    page = fetch(f"{demo.url}/domains/%3Cimg%20src=x%20onerror=alert(1)%3E/dns")
    assert page.status == HTTPStatus.OK
    assert b"<img src=x" not in page.body


@pytest.mark.parametrize("path", ["/demo/assets/../history.py", "/demo/assets/..%2fhistory.py", "/demo/assets/none.js"])
def test_only_the_assets_are_served(demo: RunningDemo, path: str) -> None:
    assert fetch(demo.url + path).status == HTTPStatus.NOT_FOUND


def test_the_records_of_all_steps_are_there_with_the_simulated_customers(demo: RunningDemo) -> None:
    steps = fetch(f"{demo.url}/demo/steps").json["steps"]
    assert [step["name"] for step in steps] == ["signup", "connect_domain", "verify_domain", "first_campaign"]
    entered = [step["counts"]["entered"] for step in steps]
    assert USERS <= entered[0] <= USERS + 10
    assert entered == sorted(entered, reverse=True)
    for step in steps:
        counts = step["counts"]
        assert counts["entered"] <= counts["completed"] + counts["skipped"] + counts["dropped"] + counts["in_progress"]


@pytest.mark.parametrize("cursor", ["", "x.y", "1", "-1.2", "٣.1", "9" * 40 + ".1"])
def test_a_cursor_that_is_none_is_answered_with_where_the_log_is_now(demo: RunningDemo, cursor: str) -> None:
    from urllib.parse import quote

    answer = fetch(f"{demo.url}/demo/feed?after={quote(cursor)}")
    assert answer.status == HTTPStatus.OK
    assert answer.json["items"] == []


def test_every_reason_has_a_meaning() -> None:
    assert all(feed.meaning(reason).endswith(".") for reason in Reason)


def test_the_rule_on_the_landing_page_is_the_whole_guide() -> None:
    rule = material.help_rule()
    assert rule.startswith("guide verify_help ")
    assert rule.endswith("}")
    assert rule.count("{") == rule.count("}")
