"""The runs that count leave nothing out, and the slow profile asks more than the everyday one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import settings

from tests.profiles import examples, missing

ROOT = Path(__file__).parents[2]
TESTS = sorted({*ROOT.glob("tests/**/*.py"), *ROOT.glob("widgets/**/test_*.py")} - {Path(__file__)})
WITH_A_SLOW_TWIN = {"test_why_random.py", "test_sound.py", "test_truth.py"}
"""The same random question stands there a second time, marked `slow`, with thousands of examples."""
OF_A_LIBRARY = {"test_contract.py", "test_language_server.py"}
"""Schemathesis is given a number for each address of the interface; an editor's library may be missing as a whole."""


def found_in(pattern: str) -> set[str]:
    return {path.name for path in TESTS if re.search(pattern, path.read_text(encoding="utf-8"))}


def test_the_slow_profile_reaches_every_random_test() -> None:
    assert found_in(r"max_examples=[\dA-Z]") == WITH_A_SLOW_TWIN | (OF_A_LIBRARY & {"test_contract.py"})


@pytest.mark.parametrize(("profile", "number"), [("everyday", 3), ("slow", 700)])
def test_how_many_examples_a_test_looks_at_is_the_profiles_to_say(profile: str, number: int) -> None:
    before = settings.get_current_profile_name()
    settings.load_profile(profile)
    try:
        assert examples(3, 700) == number
    finally:
        settings.load_profile(before)


def test_what_is_missing_is_a_failure_in_the_runs_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Java"):
        missing("no Java")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no Java"):
        missing("no Java")


def test_no_test_is_left_out_in_another_way() -> None:
    left_out = r"pytest\.(skip|importorskip)\(|mark\.(skip|skipif|xfail)\b"
    assert found_in(left_out) == {"profiles.py", "test_segments_own_clients.py", "test_language_server.py"}


@pytest.mark.parametrize(
    ("file", "line"),
    [(".ci/run", "export CI=true\n"), ("Makefile", "\tCI=true WAYPOST_TEST_PROFILE=slow $(BIN)/python -m pytest")],
)
def test_the_runs_that_count_say_so(file: str, line: str) -> None:
    assert line in (ROOT / file).read_text(encoding="utf-8")
