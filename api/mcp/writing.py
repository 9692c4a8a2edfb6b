"""Tools with which rules are written: checked, formatted, said in words, tried on the past, kept as a draft.

None of them puts anything in force: publishing is for people.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from api.mcp.desk import Desk
from api.mcp.errors import RulesFaulty
from api.mcp.shapes import (
    CheckAskedSchema,
    CheckedFilesSchema,
    DescribeAskedSchema,
    DescribedSchema,
    LanguageSchema,
    NothingAskedSchema,
    SaveAskedSchema,
    SavedSchema,
    TryAskedSchema,
)
from api.mcp.tool import tool
from api.schemas.backtest import BacktestSchema
from api.schemas.drafts import FormatAskedSchema, FormattedSchema
from dsl.changes import changes_between
from dsl.diagnostics import Severity, render
from dsl.explain import explain_guide, write
from dsl.formatter import format_program
from dsl.parser import parse
from dsl.reference.page import reference_page
from engine.backtest import Backtest
from engine.drafts import DraftState, StaleDraft
from engine.errors import UnknownGuide
from engine.permissions import Scope
from engine.replies import Refused


@tool("The reference of the language", Scope.RULES_READ, asks=NothingAskedSchema, answers=LanguageSchema)
def read_language(_: Desk, __: dict[str, Any]) -> dict[str, str]:
    """Everything that may stand in a rule, with examples and meaning, in Markdown: read it before you write a rule.

    The resource `waypost://language` is the same, for clients that read resources.
    """
    return {"text": reference_page()}


@tool("Check rules", Scope.RULES_READ, asks=CheckAskedSchema, answers=CheckedFilesSchema)
def check_rules(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """Find everything that is wrong in rules: every error and warning with its place, the reason and what to write.

    The given files are checked together with the others of the draft, or of what is in force, and beside what the
    project has really received. `fix`, where there is one, is the text for the place from `start` to `end`. Call it
    after every change, until `ok`. Nothing is saved.
    """
    project = desk.check(desk.changed(asked["files"], asked["remove"]))
    counts = Counter(each.severity for each in project.diagnostics)
    return {
        "ok": project.ok,
        "diagnostics": project.diagnostics,
        "errors": counts[Severity.ERROR],
        "warnings": counts[Severity.WARNING],
        "files": list(project.sources),
        "rendered": "\n\n".join(render(each, project.sources) for each in project.diagnostics),
    }


@tool("Format rules", Scope.RULES_READ, asks=FormatAskedSchema, answers=FormattedSchema)
def format_rules(_: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """A rule text in the language's one form; comments stay.

    `text` is null where it could not be read whole: `check_rules` says why.
    """
    parsed = parse(asked["text"])
    return {"text": None if parsed.diagnostics else format_program(parsed.program)}


@tool("Say a guide in plain English", Scope.RULES_READ, asks=DescribeAskedSchema, answers=DescribedSchema)
def describe_guide(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """What a guide or survey does, in plain English, made from its text: whether it says what was meant.

    Of the draft, or of what is in force where there is none, with `files` laid over it.
    """
    project = desk.checked(desk.changed(asked["files"], asked["remove"]))
    guide = project.guides.get(asked["guide"])
    if guide is None:
        raise UnknownGuide(asked["guide"], tuple(project.guides))
    return {
        "guide": guide.name.text,
        "label": None if guide.label is None else guide.label.value,
        "sentences": [sentence for line in explain_guide(guide, project) for sentence in write(line)],
    }


@tool("Try a guide on the past", Scope.RECORDS_READ, asks=TryAskedSchema, answers=BacktestSchema)
def backtest_guide(desk: Desk, asked: dict[str, Any]) -> Backtest:
    """How often a guide would have come over the project's own history, with all caps running, and what kept it away.

    Of the draft, or of what is in force where there is none, with `files` laid over it. That is eligibility, not
    effect. Nobody is shown anything.
    """
    found = desk.service.publications.rehearse(
        desk.project_id,
        files=desk.changed(asked["files"], asked["remove"]),
        guides=[asked["guide"]],
        begin=asked["begin"],
        end=asked["end"],
        with_simulated=asked["simulated"],
        sample=asked["sample"],
    )
    if isinstance(found, Refused):
        raise RulesFaulty([each for each in found.diagnostics if each.severity is Severity.ERROR], found.sources)
    return found


@tool("Save a draft", Scope.RULES_DRAFT, asks=SaveAskedSchema, answers=SavedSchema, writes=True)
def save_draft(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """Keep files in the project's working draft, for a person to look at and to publish. Nothing of it is in force.

    Refused while the rules have errors: run `check_rules` first. Refused too where somebody changed the draft since
    `revision`, which `read_rules` tells: read it again then, and put both changes together.
    """
    who = desk.admit(Scope.RULES_DRAFT)
    working = desk.working()
    if asked["revision"] != working.revision:
        raise StaleDraft(asked["revision"], working.revision)
    files = desk.changed(asked["files"], asked["remove"])
    project = desk.checked(files)
    drafts, now = desk.drafts, desk.clock()
    kept = drafts.save(desk.project_id, files, base=working.base, revision=working.revision, by=who.actor, now=now)
    if asked["note"] is not None:
        kept = drafts.mark(
            desk.project_id, DraftState.WRITING, note=asked["note"], revision=kept.revision, by=who.actor, now=now
        )
    _, in_force = drafts.in_force(desk.project_id)
    return {
        "revision": kept.revision,
        "base": kept.base,
        "in_force": working.in_force,
        "changed_by": desk.service.staff.names(desk.project.root).get(kept.changed_by, kept.changed_by),
        "files": list(kept.files),
        "changes": changes_between(desk.check(in_force), project),
        "warnings": project.diagnostics,
    }
