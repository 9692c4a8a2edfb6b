"""Rules to begin with: stories with a few names left open, which become text of a project.

A story makes a guide, or a journey for guides to stand in. What is chosen for `x` stands at `<<x>>`, and a name made of
it at `<<x_name>>`. The stories are files of `starts/`; nothing else lists them. A line whose name may be left out goes
with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from dsl.formatter import format_program
from dsl.formatter.words import dotted, name, quoted
from dsl.forms.compound import WRITERS
from dsl.forms.values import Sort, Unwritable
from dsl.forms.writing import Faulty, FieldFault
from dsl.nodes import Journey, Step
from dsl.parser import parse
from dsl.project import RuleProject
from dsl.values import Instant, to_datetime

FOLDER: Final = Path(__file__).parent / "starts"
LASTS: Final = timedelta(days=90)
"""For how long a new rule shows itself, unless somebody says otherwise."""
JOURNEY: Final = "journey"
"""The start that describes a journey."""
_OPEN: Final = re.compile(r"<<(\w+)>>")
_SORTS: Final[Mapping[str, Sort]] = {
    "step": Sort.PLACE,
    "event": Sort.TEXT,
    "segment": Sort.NAME,
    "element": Sort.TEXT,
    "journey": Sort.NAME,
    "text": Sort.TEXT,
    "long text": Sort.TEXT,
    "duration": Sort.DURATION,
}
"""What a name that is left open may be, with how it is written."""
NEEDS: Final[Mapping[str, str]] = {
    "step": "a step of a journey",
    "journey": "a journey",
    "event": "an event",
}
"""What a project has to have for it, in words."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A name that a start leaves open. start: what stands there until somebody changes it.

    takes: of the step that is chosen, the events that come first: those that reach it, or that are attempts at it.
    declares: a name that is new is fine here: the rule declares it.
    """

    name: str
    sort: str
    label: str
    optional: bool = False
    start: Any = None
    takes: str | None = None
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """A rule to begin with. base: what the new guide or journey is called, where nothing else is called so."""

    name: str
    label: str
    story: str
    base: str
    asks: tuple[Ask, ...]
    text: tuple[str, ...]

    def needs(self, project: RuleProject) -> tuple[str, ...]:
        """What the project lacks for it, in words."""
        has = {
            "step": any(journey.steps for journey in project.journeys.values()),
            "journey": any(journey.steps for journey in project.journeys.values()),
            "event": any(not each.startswith("$") for each in project.catalog.events),
        }
        wanted = dict.fromkeys(each.sort for each in self.asks if not (each.optional or each.declares))
        return tuple(NEEDS[sort] for sort in wanted if not has.get(sort, True))


@cache
def starts() -> Mapping[str, Start]:
    """Every start by its name, in the order in which they are offered."""
    read = [(path.stem, json.loads(path.read_bytes())) for path in FOLDER.glob("*.json")]
    return {
        key: Start(
            key,
            facts["label"],
            facts["story"],
            facts["name"],
            tuple(Ask(**each) for each in facts["asks"]),
            tuple(facts["text"]),
        )
        for key, facts in sorted(read, key=lambda each: each[1]["order"])
    }


def offered(project: RuleProject) -> tuple[Start, ...]:
    """Every start, in its order; where there is no journey yet, the one that describes one stands first."""
    found = tuple(starts().values())
    return found if project.journeys else tuple(sorted(found, key=lambda each: each.name != JOURNEY))


def begun(start: Start, said: Mapping[str, Any], project: RuleProject, *, now: Instant) -> tuple[str, str]:
    """The name and the text of a new guide or journey. Raises Faulty, with a fault for each that cannot be used."""
    faults: list[FieldFault] = []
    written: dict[str, str] = {}
    for each in start.asks:
        value = said.get(each.name, each.start)
        if each.optional and value in (None, ""):
            written[each.name] = ""
            continue
        try:
            written[each.name] = _written(each, value)
        except Unwritable as fault:
            faults.append(FieldFault(f"values.{each.name}", str(fault)))
    journey = project.journeys.get(str(said.get("journey") or "").strip("`"))
    if any(each.sort == "journey" for each in start.asks):
        if journey is None or not journey.steps:
            faults.append(FieldFault("values.journey", "choose a journey that has steps"))
        else:
            written["items"] = "\n".join(_items(journey))
            written["last"] = quoted(_last_event(journey))
    if faults:
        raise Faulty(faults)
    own = _free(start.base, project)
    written |= _named({each: str(said.get(each) or "") for each, text in written.items() if text})
    written |= {"name": name(own), "expires": (to_datetime(now) + LASTS).date().isoformat()}
    lines = [_OPEN.sub(lambda found: written[found[1]], line) for line in start.text if _is_whole(line, written)]
    read = parse("\n".join(lines))
    if read.diagnostics:
        raise Faulty([FieldFault("values", read.diagnostics[0].message)])
    return own, format_program(read.program)


def _named(said: Mapping[str, str]) -> dict[str, str]:
    """A name made of each text, no two alike."""
    made: dict[str, str] = {}
    for each, text in said.items():
        plain = "_".join(re.findall(r"[a-z0-9]+", text.casefold())) or each
        plain = plain if plain[0].isalpha() else f"{each}_{plain}"
        taken = set(made.values())
        numbered = (f"{plain}_{number}" for number in range(2, len(said) + 3))
        made[f"{each}_name"] = plain if plain not in taken else next(one for one in numbered if one not in taken)
    return {each: name(plain) for each, plain in made.items()}


def _written(ask: Ask, value: Any) -> str:
    if ask.sort in {"event", "element", "text"} and not (isinstance(value, str) and value.strip()):
        raise Unwritable("fill this in")
    return WRITERS[_SORTS[ask.sort]](value)


def _is_whole(line: str, written: Mapping[str, str]) -> bool:
    return all(written.get(each) for each in _OPEN.findall(line))


def _items(journey: Journey) -> Iterator[str]:
    for step in journey.steps:
        yield f"item {quoted(_label(step))} done when reached {dotted(journey.name, step.name)}"


def _label(step: Step) -> str:
    return step.label.value if step.label is not None else step.name.text.replace("_", " ")


def _last_event(journey: Journey) -> str:
    refs = (*journey.outcomes, *(ref for step in reversed(journey.steps) for ref in step.reached_by))
    return refs[0].name.value if refs else ""


def _free(base: str, project: RuleProject) -> str:
    taken = {*project.guides, *project.segments, *project.journeys, *project.features}
    numbers = (f"{base}_{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(each for each in numbers if each not in taken)
