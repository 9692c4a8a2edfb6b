"""Flags become guides: a segment for who gets it, and a draft with the share of them that does.

Several ways to a flag (strategies, rules) are several guides, unless all of them are for everybody who fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dsl.formatter.words import name as spelled_name
from engine.convert import spelling
from engine.convert.conditions import EVERYONE, Node, Note, any_of
from engine.convert.places import Place
from engine.convert.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to get a flag: for whom, for which share of them, and when; variants with their shares, if any."""

    place: Place
    who: Node
    share: int | float = 100
    clauses: tuple[str, ...] = ()
    remarks: tuple[Note, ...] = ()
    variants: tuple[tuple[str, int | float], ...] = ()
    said: str = ""
    """What is handed over, where that is not just yes."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the condition decides."""
        return self.share == 100 and not self.clauses and not self.variants and not self.said


@dataclass(frozen=True, slots=True)
class Offer:
    """A flag: its arms, of which the first that fits wins."""

    place: Place
    title: str
    arms: tuple[Arm, ...]
    is_off: bool = False
    remarks: tuple[Note, ...] = field(default=())


def write_offer(sheet: Sheet, offer: Offer) -> None:
    """Put a flag on the sheet."""
    plain = [each for each in offer.arms if each.is_plain]
    if len(plain) == len(offer.arms) and plain:
        remarks = tuple(note for each in plain for note in each.remarks)
        whole = Arm(offer.place, any_of([each.who for each in plain]), remarks=remarks)
        _write_arm(sheet, offer, whole, None)
        return
    for number, arm in enumerate(offer.arms):
        _write_arm(sheet, offer, arm, number if len(offer.arms) > 1 else None)


def _write_arm(sheet: Sheet, offer: Offer, arm: Arm, number: int | None) -> None:
    made = sheet.new_name(offer.title, "flag")
    clauses: list[str] = []
    if arm.who != EVERYONE:
        member = sheet.segment(f"Gets {offer.title}", arm.who, arm.place, persona=False)
        clauses.append(f"for {member.name}")
    if number is not None:
        clauses.append(f"priority {max(0, 90 - number)}")
    if arm.share != 100:
        clauses.append(f"rollout {spelling.percent(arm.share)}")
    clauses += arm.clauses
    if offer.is_off:
        clauses.append("paused")
    title = f"{offer.title}: {arm.said}" if arm.said else offer.title
    clauses += _shown(title, arm.variants)
    sheet.guide("guide", offer.title, clauses, arm.place, name=made, remarks=(*offer.remarks, *arm.remarks))


def _shown(title: str, variants: Sequence[tuple[str, int | float]]) -> list[str]:
    """A flag says nothing to anybody: its name stands where the content will."""
    if not variants:
        return [f"show modal {{ title {spelling.label(title)} }}"]
    taken: set[str] = set()
    lines = []
    for called, share in variants:
        name = called
        while name in taken:
            name += "_2"
        taken.add(name)
        shown = f"show modal {{ title {spelling.label(f'{title}: {called}')} }}"
        lines.append(f"variant {spelled_name(name)} {spelling.percent(share)} {{ {shown} }}")
    return lines
