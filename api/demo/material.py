"""Where the demo's pages, rules and fonts lie: beside the package `examples`, installed or not."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from dsl.nodes import Guide
from dsl.parser import parse

JOURNEY: Final = "activation"
"""The journey that the demo shows."""
HELP: Final = "verify_help"
"""The guide whose text the landing page shows."""
STORY_FILE: Final = "ask_colleague.way"
"""The rule that is published in the story, beside the folder of those in force."""
RULES_FILE: Final = "onboarding.way"


def folder() -> Path:
    """`examples/demo`, wherever it is installed."""
    return Path(str(files("examples.demo")))


def rules() -> Path:
    """The folder of the demo's rules."""
    return folder() / "rules"


@cache
def help_rule() -> str:
    """The text of the guide that helps, as it stands in the rules."""
    text = (rules() / RULES_FILE).read_text(encoding="utf-8")
    for declaration in parse(text, file=RULES_FILE).program.declarations:
        if isinstance(declaration, Guide) and declaration.name.text == HELP:
            return text[declaration.span.start : declaration.span.end]
    raise LookupError(f"the demo's rules have no guide `{HELP}`")


def story_rule() -> str:
    """The text of the rule that is published in the story."""
    return (folder() / STORY_FILE).read_text(encoding="utf-8")
