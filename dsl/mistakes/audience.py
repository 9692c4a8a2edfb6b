"""Mistakes about whom something is for: conditions written where names of segments stand."""

from __future__ import annotations

import re
from typing import Final

from dsl.codes import syntax
from dsl.mistakes import Mistake, Recogniser, Trouble
from dsl.terminals import END, OPERATOR_SPELLINGS

_OPERATOR: Final = re.compile(
    "|".join(
        re.escape(spelling) + (END if spelling[-1].isalpha() else "")
        for spelling in sorted(OPERATOR_SPELLINGS, key=len, reverse=True)
    )
)
_CONDITION: Final = re.compile(r"(?:when|if|where|unless|on)(?![\w$])")
_IN: Final = re.compile(r"in\s+(?=[^\W\d]|`)")
_OF_RECORD: Final = frozenset({"AT", "PLACE", "COMMA", "FOR", "NAME", "SAMPLE", "PERCENT"})
_HELP: Final = "give the condition a name, `segment large where …`, and write `for large`"


def condition_for(trouble: Trouble) -> Mistake | None:
    """`for plan is "trial"`, `for in trial`"""
    words = trouble.before
    after_in = trouble.find(_IN) if words and words[-1].type == "FOR" else None
    if after_in is not None:
        message = "`for` takes the names of segments alone"
        return Mistake(syntax.WORDING, trouble.at, after_in.end(), message, "leave the `in` out", "")
    found = trouble.find(_OPERATOR)
    if found is None or len(words) < 2 or (words[-2].type, words[-1].type) not in {("FOR", "NAME"), ("COMMA", "NAME")}:
        return None
    governor = next((word.type for word in reversed(words) if word.type not in {"COMMA", "NAME"}), "")
    if governor != "FOR":
        return None
    message = "`for` takes names of segments, and this is a condition"
    return Mistake(syntax.WORDING, words[-1].start, found.end(), message, _HELP)


def condition_of_record(trouble: Trouble) -> Mistake | None:
    """`record at activation.verify_domain when plan is "trial"`"""
    found = trouble.find(_CONDITION)
    first = next((word.type for word in reversed(trouble.before) if word.type not in _OF_RECORD), "")
    if found is None or first != "RECORD" or trouble.wants("WHEN"):
        return None
    message = f"a `record` has no `{found.group()}`: it names steps and segments"
    return Mistake(syntax.WORDING, *found.span(), message, _HELP)


IN_ORDER: Final[tuple[Recogniser, ...]] = (condition_for, condition_of_record)
"""In the order in which they are tried."""
