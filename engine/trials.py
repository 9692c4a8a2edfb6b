"""Rules that only testers see: the guides that a draft changes, beside those in force, which stay as they are.

Decides what a trial is: one file more. In it are the changed guides, each for the testers alone, and what the draft
declares anew. A guide that is in force already comes under a name of its own, so that it goes on for everybody else,
and with a priority above it, so that testers see the changed one. What the draft changes besides guides would be felt
by all, so it waits until it is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dsl.changes import Edit, changes_between, titled
from dsl.clauses import DEFAULT_PRIORITY, MOST_PRIORITY, one
from dsl.formatter import format_program
from dsl.nodes import Declaration, Guide, Limits, Priority, Program, Record
from dsl.project import RuleProject
from dsl.standing import for_testers

TRIAL_FILE: Final = "trial.way"
"""The file of a version in force that holds what is tried; no draft has it."""
_HEAD: Final = "# Seen by testers only, made from the draft. Publishing the draft takes this file away.\n"
_ENDING: Final = "_trial"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried. guides: their names in the draft. waiting: other changes, which testers do not see yet."""

    text: str
    guides: tuple[str, ...]
    waiting: tuple[str, ...]


def without_trial(files: Mapping[str, str]) -> dict[str, str]:
    """The files of a version but for what is tried."""
    return {name: text for name, text in files.items() if name != TRIAL_FILE}


def trial_of(live: RuleProject, draft: RuleProject, segment: str) -> Trial:
    """What testers see of a draft. live: in force, without a trial."""
    declared = dict(titled(draft))
    parts: list[str] = []
    guides: list[str] = []
    waiting: list[str] = []
    for change in changes_between(live, draft):
        found = declared.get(change.title)
        if isinstance(found, Guide):
            name = found.name.text
            guides.append(name)
            text = draft.sources[found.span.file]
            if change.edit is Edit.ADDED:
                parts.append(for_testers(text, found, segment, name=name))
            else:
                first = min(MOST_PRIORITY, max(_priority(found), _priority(live.guides[name])) + 1)
                parts.append(for_testers(text, found, segment, name=_free(f"{name}{_ENDING}", draft), priority=first))
        elif found is not None and change.edit is Edit.ADDED and not isinstance(found, Limits | Record):
            parts.append(_written(found))
        else:
            waiting.append(change.title)
    return Trial(_HEAD + "".join(f"\n{each}" for each in parts), tuple(guides), tuple(waiting))


def _priority(guide: Guide) -> int:
    clause = one(guide, Priority)
    return DEFAULT_PRIORITY if clause is None else clause.value


def _written(declaration: Declaration) -> str:
    return format_program(Program((declaration,), span=declaration.span))


def _free(name: str, draft: RuleProject) -> str:
    return _free(f"{name}_", draft) if name in draft.guides else name
