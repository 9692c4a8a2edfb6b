"""Roadmaps as tables and texts: one kept elsewhere is read, ours is written, and nothing in it does anything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from dsl.values import format_instant
from engine.roadmap.board import without_item
from engine.roadmap.items import Effort, ItemDraft, ItemKind, ItemStatus
from engine.roadmap.metrics import Metric
from engine.roadmap.quadrants import Range
from engine.roadmap.sheets import (
    BadSheet,
    Problem,
    audit_of,
    escaped,
    issue_rows,
    labels_of,
    markdown_of,
    read_sheet,
)
from engine.roadmap.timeboxes import read_timebox
from tests.engine.roadmaps import NOW, READY, STEP, board, found, item, rules

SHEET = """\
Summary,Type,Step,Evidence,Estimate,Author,Milestone,State,Assignee,Key
Say what the record is for,Bug,activation.verify,https://t.example/7; “a CNAME?”,2-4,Ada,2026-12,planned,Ada,PB-1
Dark mode,Story,,,8,,Q4 2026,planned,Bob,PB-2
'=1+1,Story,signup,said in interview 3,1 to 2 days,,,backlog,,
Fix DNS,Bug,verfy,x,1,,,open,,
,Bug,,,,,,,,
Soon,Bug,verify,x,1,,soon,open,,
Odd,Epic,verify,x,1,,,open,,
Twelve,Bug,verify,x,a lot,,,open,,
"""


def read(text: str = SHEET) -> list[ItemDraft | Problem]:
    return list(read_sheet(text.splitlines(keepends=True), rules(), themes={}, now=NOW))


def test_a_roadmap_kept_elsewhere_is_read_and_wrong_rows_are_told_with_their_line() -> None:
    drafts = [each for each in read() if isinstance(each, ItemDraft)]
    assert [(each.title, each.kind, each.status) for each in drafts] == [
        ("Say what the record is for", ItemKind.BUG, ItemStatus.SCHEDULED),
        ("Dark mode", ItemKind.FEATURE, ItemStatus.REQUESTED),
        ("=1+1", ItemKind.FEATURE, ItemStatus.REQUESTED),
    ]
    first, dark, third = drafts
    assert (first.efforts, len(first.evidence), first.external) == ((Effort("Ada", 2, 4),), 2, "PB-1")
    assert (dark.timebox, str(dark.wish)) == (None, "2026-Q4")
    assert (third.journey, third.step, third.efforts[0].high) == ("activation", "signup", 2)
    problems = [(each.line, each.problem) for each in read() if isinstance(each, Problem)]
    assert [line for line, _ in problems] == [5, 6, 7, 8, 9]
    assert "did you mean `verify`" in problems[0][1]
    assert "title" in problems[1][1]
    assert "2026-Q4" in problems[2][1]
    assert "`Epic` is no kind" in problems[3][1]
    assert "3-5" in problems[4][1]


@pytest.mark.parametrize("text", ["", "step,kind\nverify,bug\n", "\0"])
def test_a_table_without_titles_is_none(text: str) -> None:
    with pytest.raises(BadSheet):
        read(text)


def test_a_done_thing_is_not_launched_today_because_it_is_read_today() -> None:
    (done, dated) = read("title,status,step,evidence,launched\nA,done,verify,x,\nB,done,verify,x,2026-10-01\n")
    assert isinstance(done, ItemDraft)
    assert isinstance(dated, ItemDraft)
    assert (done.launched, format_instant(dated.launched or NOW)[:10]) == (None, "2026-10-01")


def test_the_audit_names_items_without_step_or_evidence_and_steps_without_an_item() -> None:
    items = [item(draft, number) for number, draft in enumerate([READY, ItemDraft(title="Dark mode"), STEP])]
    audit = audit_of(items[1:2], without_item(found(), items[1:2]))
    assert (audit.no_step, audit.no_evidence) == (("Dark mode",), ("Dark mode",))
    assert [one.id for one in audit.uncared] == ["activation.verify.trial"]
    assert audit_of(items, without_item(found(), items)).uncared == ()
    launched = [item(replace(READY, status=ItemStatus.LAUNCHED))]
    assert [one.step for one in without_item(found(), launched)] == ["verify"]


NASTY = '=HYPERLINK("http://e.example";"x") <script>alert(1)</script> [a](javascript:x) **b** `c` # d'


def test_an_export_carries_the_stage_the_story_and_the_labels() -> None:
    draft = replace(READY, story="As a new user I want to know.", opportunity="activation.verify.trial", sprint="23")
    draft = replace(draft, timebox=read_timebox("2026-12"), efforts=(Effort("Ada", 2, 4),), metric=Metric.COMPLETION)
    (line,) = board(draft).lines
    assert labels_of(line) == ("stage: A Onboarding", "step: verify", "quick win")
    (row,) = issue_rows([line])
    assert (row["Milestone"], row["Estimate"], row["Stage"], row["Step"]) == (
        "2026-12",
        "2–4 d",
        "A Onboarding",
        "activation.verify",
    )
    assert "As a new user I want to know." in row["Description"]
    assert "60 of 100" in row["Description"]
    (bare,) = issue_rows(board(replace(draft, story="")).lines)
    assert bare["Description"].startswith("* ")
    page = markdown_of(board(draft))
    assert "## 2026-12" in page
    assert "### A · Say what the record is for" in page


def test_a_title_formats_nothing_in_markdown() -> None:
    html = MarkdownIt().render(f"### {escaped(NASTY)}\n\n- {escaped('1. x')}\n- {escaped('# y')}\n- {escaped('- z')}\n")
    assert "<script" not in html
    assert "<a " not in html
    assert "<strong>" not in html
    assert "<code>" not in html
    assert (html.count("<h"), html.count("<ol>"), html.count("<ul>")) == (1, 0, 1)


def test_an_item_without_an_opportunity_takes_the_impact_of_the_best_one_at_its_step() -> None:
    (line,) = board(replace(READY, efforts=(Effort("Ada", 2, 4),))).lines
    assert line.impact is not None
    assert line.impact.middle == pytest.approx(found()[0].worth)
    (own,) = board(replace(READY, impact=Range(1, 2))).lines
    assert own.impact == Range(1, 2)
