"""The page that walks the five steps on the shop's log: every figure and every output on it is computed here again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.backtest import CAVEAT
from examples.ecom.walk import PAGE, TEMPLATE, walk

FENCED = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
GUIDE = re.compile(r"^guide \w+ .*?(?=\n\n|```)", re.DOTALL | re.MULTILINE)


@pytest.mark.thorough
def test_the_page_says_what_the_walk_finds(ecom: Path, tmp_path: Path) -> None:
    assert walk(ecom, tmp_path) == PAGE.read_text(), "renew it with `python -m examples.ecom ecom.csv.gz`"


def test_no_figure_of_the_page_is_typed() -> None:
    prose = FENCED.sub("", TEMPLATE.read_text())
    lines = [line for line in prose.splitlines() if not line.startswith("## ")]
    assert [line for line in lines if re.search(r"\d", line)] == []


def test_what_commands_print_is_not_typed_either() -> None:
    blocks = re.findall(r"```console\n(.*?)```", TEMPLATE.read_text(), re.DOTALL)
    assert blocks
    assert [line for block in blocks for line in block.splitlines() if not line.startswith("$ ")] == []


def test_the_planted_faults_come_first_and_hold() -> None:
    page = PAGE.read_text()
    for fault, command in (("payment_error", "waypost paths checkout "), ("checkout_bug", "--at payment ")):
        block = next(each for each in re.findall(r"```console\n.*?```", page, re.DOTALL) if command in each)
        rows = block.split("q\n", 1)[1].splitlines()
        assert rows[0].split()[0] == fault
        assert float(rows[0].split()[-1].removeprefix("<")) <= 0.05
        assert f"`{fault}` is number 1" in page


def test_the_rule_on_the_page_is_that_of_the_shop_and_has_the_condition_of_the_paths() -> None:
    page, rules = PAGE.read_text(), (PAGE.parents[2] / "examples" / "ecom" / "rules.way").read_text()
    shown = GUIDE.search(page)
    assert shown is not None
    assert shown.group().strip() in rules
    condition = re.search(
        r"--chain payment_details,payment_error .*?^  when (did .+?)$", page, re.MULTILINE | re.DOTALL
    )
    assert condition is not None
    assert f"when {condition.group(1)}" in shown.group()


def test_the_page_says_what_a_backtest_is_worth() -> None:
    assert CAVEAT in PAGE.read_text()
