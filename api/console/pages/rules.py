"""Rules: the guides and surveys in force, the editor in which they are written, and the review before they apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import url_for

from api.console.desk import Desk
from api.console.proposing import opportunities, proposed
from api.console.registry import Group, Page
from api.drafting import GuideLine, drafts, guide_lines
from dsl.changes import changes_between
from dsl.clauses import one
from dsl.diagnostics import Diagnostic, Severity
from dsl.labels import label_of
from dsl.nodes import GuideKind, Testers
from dsl.project import RuleProject
from engine.analytics.history import NothingRecorded
from engine.drafts import Draft
from engine.permissions import Scope
from engine.publications import changes_between as file_changes
from engine.stages import place_labels
from engine.standing import Standing
from engine.trials import TRIAL_FILE

_A_PAGE: Final = 100
"""Guides on a page of the list."""
FIRST_FILE: Final = "rules.way"
"""Where the first rule of a project is written."""
_OPENS_EDITOR: Final = ("guide", "file", "template", "draft_from", "proposal", "new")
"""Members of an address that say what is written on."""
_ADDRESSES: Final = {
    "draft": "drafts.draft",
    "discard": "drafts.discard",
    "check": "rules.check",
    "complete": "writing.completions",
    "hover": "writing.explanation",
    "format": "writing.formatted",
    "merge": "drafts.merge",
    "rules": "rules.current",
    "versions": "rules.versions",
}


def view(desk: Desk) -> Mapping[str, Any]:
    """What Rules shows."""
    is_editing = any(desk.said.get(each) for each in _OPENS_EDITOR)
    shown = desk.said.get("view", "edit" if is_editing else "list")
    revision, draft = drafts().of(desk.project.id)
    shared = {
        "shown": shown if shown in {"edit", "review"} else "list",
        "draft": draft,
        "tabs": [
            {"label": "In force", "href": _at(desk, "list"), "current": shown not in {"edit", "review"}},
            {"label": "Editor", "href": _at(desk, "edit"), "current": shown == "edit"},
            {"label": "Review and publish", "href": _at(desk, "review"), "current": shown == "review"},
        ],
    }
    match shared["shown"]:
        case "edit":
            return {**shared, "start": _start(desk, revision, draft)}
        case "review":
            return {**shared, **_review(desk, draft)}
        case _:
            return {**shared, **_listed(desk)}


def _at(desk: Desk, view: str) -> str:
    return desk.url("rules", view=view)


# what is in force


def _listed(desk: Desk) -> dict[str, Any]:
    lines = list(guide_lines(desk.rules))
    wanted = [each for each in lines if _is_wanted(each, desk.said)]
    last = max(0, len(wanted) - 1) // _A_PAGE
    number = min(desk.number("page") or 0, last)
    return {
        "lines": wanted[number * _A_PAGE : (number + 1) * _A_PAGE],
        "wanted": len(wanted),
        "earlier": desk.here(page=number - 1) if number > 0 else None,
        "later": desk.here(page=number + 1) if number < last else None,
        "number": len(lines),
        "kinds": {"": "all", **{each.value: each.value for each in GuideKind}},
        "standings": {"": "all", **{each.value: each.value for each in Standing}},
        "labels": place_labels(desk.rules.project, with_stages=True),
        "stopped": desk.service.publications.is_stopped(desk.project.id),
        "trial": _trial(desk.rules.project),
    }


def _is_wanted(line: GuideLine, said: Mapping[str, str]) -> bool:
    words = said.get("q", "").casefold().split()
    text = " ".join([line.name, line.label or "", *line.places, line.file]).casefold()
    return (
        said.get("kind") in {None, "", line.kind.value}
        and said.get("standing") in {None, "", line.standing.value}
        and all(word in text for word in words)
    )


def _trial(project: RuleProject) -> dict[str, Any] | None:
    """What testers see at present, and which segment they are."""
    tried = [each for each in project.guides.values() if each.span.file == TRIAL_FILE]
    segments = {clause.segment.text for each in tried if (clause := one(each, Testers)) is not None}
    return {"guides": [each.name.text for each in tried], "segments": sorted(segments)} if tried else None


# the editor


def _start(desk: Desk, revision: int, draft: Draft | None) -> dict[str, Any]:
    """What the editor begins with: the draft, or else what is in force."""
    in_force, files = drafts().in_force(desk.project.id)
    texts = dict(draft.files) if draft is not None else files
    return {
        "files": texts or {FIRST_FILE: ""},
        "base": draft.base if draft is not None else in_force,
        "revision": revision,
        "inForce": in_force,
        "reserved": TRIAL_FILE,
        "mayWrite": desk.may(Scope.RULES_DRAFT),
        "guide": desk.said.get("guide"),
        "file": desk.said.get("file"),
        "line": desk.number("line"),
        "tab": desk.said.get("tab", "text"),
        "proposal": _proposal(desk) if desk.said.get("proposal") else None,
        "kinds": [each.value for each in GuideKind],
        "addresses": {name: url_for(endpoint) for name, endpoint in _ADDRESSES.items()},
    }


def _proposal(desk: Desk) -> dict[str, str] | None:
    """The rule that Act has written for what is selected; None where there is nothing to win any more."""
    try:
        chosen = None if desk.journey is None else opportunities(desk, desk.journey).chosen
    except NothingRecorded:
        return None
    found = None if chosen is None else proposed(desk, chosen)
    return None if found is None else {"guide": found.name, "text": found.text}


# the review


def _review(desk: Desk, draft: Draft | None) -> dict[str, Any]:
    """What the draft changes, and whether it can be published."""
    in_force, _ = drafts().in_force(desk.project.id)
    if draft is None:
        return {"in_force": in_force}
    live, drafted = drafts().checked(desk.project.id)
    versions = desk.service.publications.versions(desk.project.id, limit=1)
    return {
        "in_force": in_force,
        "newer": versions[0] if draft.base != in_force and versions else None,
        "ok": drafted.ok,
        "changes": list(file_changes(live.sources, drafted.sources)),
        "declarations": changes_between(live, drafted),
        "errors": [each for each in drafted.diagnostics if each.severity is Severity.ERROR],
        "warnings": list(_new_warnings(live, drafted)),
        "segments": {name: label_of(each) for name, each in drafted.segments.items()},
        "trial": _trial(desk.rules.project),
    }


def _new_warnings(live: RuleProject, drafted: RuleProject) -> Iterator[Diagnostic]:
    """Warnings that the rules in force do not have."""
    known = {(each.code, each.message) for each in live.diagnostics}
    for each in drafted.diagnostics:
        if each.severity is Severity.WARNING and (each.code, each.message) not in known:
            yield each


PAGE = Page(
    "rules",
    "rules",
    "Rules",
    "Guides and surveys: write, try, publish.",
    Group.GUIDES,
    Scope.RULES_READ,
    view,
    key="r",
    frames=True,
)
