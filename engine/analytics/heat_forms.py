"""How people filled in the forms of a page: where they hesitated, what they corrected, and where they gave up.

A pure fold over signs of friction. The order of a form is that of its fields on the page, as browsers told it; of those
that tell only in which order they were entered, the mean of that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dsl.values import JsonValue
from engine.analytics.comparing import Share
from engine.analytics.heat import MOST_ELEMENTS, Seen, Told, number, quantile, selector_of
from engine.analytics.intervals import FEWEST_ANSWERS
from engine.rescoring import still_counts

HESITATION: Final = "$hesitation"
REENTRY: Final = "$field_reentered"
ABANDONED: Final = "$form_abandoned"
FIELD_SIGNS: Final = (HESITATION, REENTRY, ABANDONED)
MOST_FIELDS: Final = 100
"""As many of one form are read as a browser would ever send, and more."""


@dataclass(frozen=True, slots=True)
class FieldHeat:
    """A field of a page.

    form: the form in which it was seen when somebody gave up; None where nobody did. place: in the order of that form,
    from 1. hesitations: how often somebody waited long before the first change; median, ninth: for how many seconds,
    None below five. reentries: how often it was corrected. entered: of the times that the form was given up, in how
    many it had been come to.

    gave_up: of those who had not given up before this field, in the order of the form, how many ended here. left: the
    share of all who gave up that went on to a later one.
    """

    form: str | None
    place: int | None
    selector: str
    hesitations: int
    hesitated: Share
    median: float | None
    ninth: float | None
    reentries: int
    reentered: Share
    entered: int
    gave_up: Share
    gave_up_people: int
    left: float | None


@dataclass(frozen=True, slots=True)
class FormHeat:
    """A form that was given up so often, by so many people, of those who saw the page. fields: in its order."""

    selector: str
    given_up: int
    of_people: Share
    fields: tuple[FieldHeat, ...]


@dataclass(frozen=True, slots=True)
class FormsHeat:
    """The forms of a page, those that most people gave up first. others: fields that were seen in none of these."""

    forms: tuple[FormHeat, ...]
    others: tuple[FieldHeat, ...]

    @property
    def fields(self) -> tuple[FieldHeat, ...]:
        """All of them."""
        return (*(each for form in self.forms for each in form.fields), *self.others)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A form that somebody gave up. fields: in the order in which they were entered, with the place of each on the page
    (0: not told). last: where it ended."""

    form: str
    fields: Mapping[str, int]
    last: str


@dataclass(slots=True)
class _Field:
    waits: list[float] = field(default_factory=list)
    hesitated: set[int] = field(default_factory=set)
    reentries: int = 0
    reentered: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Form:
    """people: who gave it up. ended, enders: by the field where it ended, how often, and who.

    ranks: by field, its places in the order of entering; places: on the page.
    """

    count: int = 0
    people: set[int] = field(default_factory=set)
    ended: dict[str, int] = field(default_factory=dict)
    enders: dict[str, set[int]] = field(default_factory=dict)
    ranks: dict[str, list[int]] = field(default_factory=dict)
    places: dict[str, list[int]] = field(default_factory=dict)


class FormFold:
    """Adds up what browsers told of forms."""

    def __init__(self) -> None:
        self._fields: dict[str, _Field] = {}
        self._forms: dict[str, _Form] = {}

    def add(self, told: Iterable[Told]) -> None:
        """Signs of friction at fields and forms; others are passed over."""
        for each in told:
            if (waited := hesitated(each)) is not None:
                found = self._fields.setdefault(waited[0], _Field())
                found.waits.append(waited[1])
                found.hesitated.add(each.person)
            elif (selector := reentered(each)) is not None:
                found = self._fields.setdefault(selector, _Field())
                found.reentries += 1
                found.reentered.add(each.person)
            elif (given_up := form_given_up(each)) is not None:
                self._give_up(given_up, each.person)

    def _give_up(self, given_up: GivenUp, person: int) -> None:
        form = self._forms.setdefault(given_up.form, _Form())
        form.count += 1
        form.people.add(person)
        form.ended[given_up.last] = form.ended.get(given_up.last, 0) + 1
        form.enders.setdefault(given_up.last, set()).add(person)
        for rank, (selector, place) in enumerate(given_up.fields.items()):
            form.ranks.setdefault(selector, []).append(rank)
            if place:
                form.places.setdefault(selector, []).append(place)

    def answer(self, seen: Seen) -> FormsHeat:
        """What it comes to, of a page that so many people saw."""
        order = sorted(self._forms, key=lambda name: (-len(self._forms[name].people), name))[:MOST_ELEMENTS]
        told: set[str] = set()
        forms = []
        for name in order:
            form = self._forms[name]
            fields = self._fields_of(name, form, told, seen)
            told |= {each.selector for each in fields}
            forms.append(FormHeat(name, form.count, Share(len(form.people), seen.people), fields))
        alone = [self._alone(name, seen) for name in self._fields if name not in told]
        alone.sort(key=lambda each: (-each.hesitated.count, -each.reentered.count, each.selector))
        return FormsHeat(tuple(forms), tuple(alone[:MOST_ELEMENTS]))

    def _fields_of(self, name: str, form: _Form, told: set[str], seen: Seen) -> tuple[FieldHeat, ...]:
        going = form.count
        found = []
        for place, selector in enumerate(in_order(form.ranks, form.places, form.ended), 1):
            ended = form.ended.get(selector, 0)
            # What is known of the field itself stands at the form that most people gave up.
            own = self._fields.get(selector, _Field()) if selector not in told else _Field()
            found.append(
                _field_heat(
                    (name, place, selector),
                    own,
                    seen,
                    entered=len(form.ranks.get(selector, ())),
                    gave_up=Share(ended, going),
                    gave_up_people=len(form.enders.get(selector, ())),
                    left=(going - ended) / form.count,
                )
            )
            going -= ended
        return tuple(found)

    def _alone(self, selector: str, seen: Seen) -> FieldHeat:
        own = self._fields[selector]
        nobody = Share(0, 0)
        return _field_heat((None, None, selector), own, seen, entered=0, gave_up=nobody, gave_up_people=0, left=None)


def _field_heat(
    named: tuple[str | None, int | None, str],
    own: _Field,
    seen: Seen,
    *,
    entered: int,
    gave_up: Share,
    gave_up_people: int,
    left: float | None,
) -> FieldHeat:
    waits = sorted(own.waits)
    enough = len(waits) >= FEWEST_ANSWERS
    return FieldHeat(
        *named,
        hesitations=len(waits),
        hesitated=Share(len(own.hesitated), seen.people),
        median=quantile(waits, 0.5) / 1_000 if enough else None,
        ninth=quantile(waits, 0.9) / 1_000 if enough else None,
        reentries=own.reentries,
        reentered=Share(len(own.reentered), seen.people),
        entered=entered,
        gave_up=gave_up,
        gave_up_people=gave_up_people,
        left=left,
    )


def in_order(
    ranks: Mapping[str, Sequence[int]], places: Mapping[str, Sequence[int]], ended: Iterable[str]
) -> list[str]:
    """The fields of a form in its order: by the mean place on the page, else by the mean rank of entering it.

    Fields where it ended that are in no list of entered ones, which are bounded, come last.
    """
    known = {*ranks, *ended}

    def mean(numbers: Sequence[int] | None) -> float:
        return math.fsum(numbers) / len(numbers) if numbers else math.inf

    # A rank stands among places where it lies: the first field to be entered is, as a rule, the first of the form.
    return sorted(
        known,
        key=lambda name: (
            mean(places.get(name)) if name in places else mean(ranks.get(name)) + 1,
            mean(ranks.get(name)),
            name,
        ),
    )


def hesitated(told: Told) -> tuple[str, float] | None:
    """The field at which somebody hesitated, and for how many milliseconds."""
    selector = _counted(told, HESITATION)
    evidence = told.properties.get("evidence")
    waited = number(evidence.get("waited_ms")) if isinstance(evidence, Mapping) else None
    return None if selector is None or waited is None or waited < 0 else (selector, waited)


def reentered(told: Told) -> str | None:
    """The field that was corrected."""
    return _counted(told, REENTRY)


def form_given_up(told: Told) -> GivenUp | None:
    """The form that somebody gave up."""
    form = _counted(told, ABANDONED)
    evidence = told.properties.get("evidence")
    if form is None or not isinstance(evidence, Mapping):
        return None
    last, rows = selector_of(evidence.get("last")), evidence.get("fields")
    if last is None or not isinstance(rows, list):
        return None
    fields: dict[str, int] = {}
    for row in rows[:MOST_FIELDS]:
        selector = selector_of(row.get("selector")) if isinstance(row, Mapping) else None
        if selector is not None and isinstance(row, Mapping):
            fields.setdefault(selector, _place(row.get("place")))
    return GivenUp(form, fields, last)


def _place(value: JsonValue) -> int:
    told = number(value)
    return int(told) if told is not None and 1 <= told <= 10_000 else 0


def _counted(told: Told, name: str) -> str | None:
    """The selector of a sign of that name that is one by the thresholds in force."""
    if told.name != name:
        return None
    if still_counts(name.removeprefix("$"), told.properties.get("evidence")) is False:
        return None
    return selector_of(told.properties.get("selector"))
