"""What was probably declared in text that could not be read.

One slip of the pen in a declaration must not make every mention of it a second error. So the names that stand in the
heads of declarations are taken from the bare text of files with syntax errors, and nothing is said about them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_NAME: Final = r"(?:([A-Za-z_$][\w$]*)|`([^`\n]+)`)"
_HEAD = re.compile(
    r"^[ \t]*(?:guide|survey|feedback|journey|segment|persona|feature|(?:account[ \t]+)?attribute)[ \t]+" + _NAME,
    re.MULTILINE | re.ASCII,
)
_NAMELESS = re.compile(r"^[ \t]*(guide|survey|feedback|journey|segment|persona)[ \t]+\"", re.MULTILINE | re.ASCII)
_EVENT = re.compile(
    r"(?:^[ \t]*event|\breached by|\battempted by|\boutcome|\bgoal|,)[ \t]+\"([^\"\n]*)\"", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """Names of anything but events, and names of events.

    nameless: what is declared by a head without a name (`journey "Sign-up" {`): any unknown name may be its name.
    """

    names: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    nameless: frozenset[str] = frozenset()


def salvage(texts: Iterable[str]) -> Salvaged:
    """The names that the texts seem to declare."""
    names: set[str] = set()
    events: set[str] = set()
    nameless: set[str] = set()
    for text in texts:
        names.update(plain or quoted for plain, quoted in _HEAD.findall(text))
        events.update(_EVENT.findall(text))
        nameless.update(_NAMELESS.findall(text))
    return Salvaged(frozenset(names), frozenset(events), frozenset(nameless))
