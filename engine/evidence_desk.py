"""The door of evidence from elsewhere: taking it in, tagging it by hand or by rule, changing and deleting it.

Whose words they are is kept only where the user is known here, as a link to the person, so that an erasure and an
export find it. Of a user who is not known no id is kept, and nothing at all of one who was erased after it was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from dsl.values import SECOND, Instant
from engine.errors import WaypostError
from engine.evidence import (
    BadEvidence,
    Draft,
    Evidence,
    NoSuchEvidence,
    TaggedBy,
    TagRule,
    checked,
    checked_rules,
    emotion_in,
    place_by_rule,
)
from engine.membership import RulesNow
from engine.replay.errors import NoSuchReplay
from engine.roadmap.items import StaleItem
from engine.storage import erasure, identity, replays
from engine.storage import evidence as kept
from engine.storage.evidence import Asked
from engine.storage.store import Database

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.replay.recordings import Recording

Bad = tuple[str, str]
"""What is wrong with evidence that could not be read, as (code, sentence)."""

MOST_NOTES: Final = 1_000
"""Notes that are shown of one recording."""
PART: Final = 500
"""How many pieces are written in one transaction."""


class Fate(StrEnum):
    """What became of evidence that was brought."""

    KEPT = "kept"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one of a list. index: in the list, from 0. id: its number. place: its step, by hand or by rule.

    has_unknown_user: it names a user of whom nothing is known here, and is kept without one.
    """

    index: int
    fate: Fate
    id: int | None = None
    place: tuple[str, str] | None = None
    tagged_by: TaggedBy | None = None
    has_unknown_user: bool = False
    code: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RulesKept:
    """The rules of a project; retagged: how much evidence has another step because of them."""

    rules: tuple[TagRule, ...]
    revision: int
    retagged: int = 0


class EvidenceDesk:
    """The evidence of all projects of a database. Instants come with the rules (`RulesNow.now`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_in(
        self, project_id: int, rules: RulesNow, drafts: Iterable[Draft | Bad], *, by: str, keeps: bool = True
    ) -> list[Receipt]:
        """Keep evidence, each piece judged by itself; what is here already by source and id stays as it is.

        keeps: False only tells what would become of each.
        """
        receipts: list[Receipt] = []
        waiting: list[Draft | Bad] = []
        for draft in drafts:
            waiting.append(draft)
            if len(waiting) == PART:
                receipts += self._part(project_id, rules, waiting, len(receipts), by=by, keeps=keeps)
                waiting = []
        return receipts + self._part(project_id, rules, waiting, len(receipts), by=by, keeps=keeps)

    def listed(self, project_id: int, asked: Asked = Asked()) -> list[Evidence]:  # noqa: B008
        """A page of evidence, in the order in which it was taken in."""
        with self._database.reading() as connection:
            return kept.listed(connection, project_id, asked)

    def of_recording(self, project_id: int, recording: str) -> list[Evidence]:
        """The notes on a recording, by their second."""
        with self._database.reading() as connection:
            found = kept.listed(connection, project_id, Asked(recording=recording, limit=MOST_NOTES))
        return sorted(found, key=lambda each: (each.draft.at_second or 0.0, each.id))

    def one(self, project_id: int, number: int) -> Evidence:
        """One piece of evidence. Raises NoSuchEvidence."""
        with self._database.reading() as connection:
            return _one(connection, project_id, number)

    def change(
        self, project_id: int, rules: RulesNow, number: int, said: Mapping[str, Any], *, revision: int, by: str
    ) -> Evidence:
        """Change members of `Draft`; `place` tags by hand, None saying that it belongs to no step.

        revision: from which the change was made. Raises NoSuchEvidence, StaleItem, BadEvidence, UnknownJourney,
        UnknownStep.
        """
        with self._database.writing() as connection:
            found = _one(connection, project_id, number, lock=True)
            if found.revision != revision:
                what = f"evidence {number}"
                raise StaleItem(what, given=revision, current=found.revision, by=found.changed_by)
            # The step that it has may not be declared any more, which is no fault of this change.
            bare = replace(found.draft, **{"place": None, **said})
            draft = checked(bare, rules.project, now=max(rules.now, found.draft.time or rules.now))
            tagged_by: TaggedBy | None
            if "place" in said:
                tagged_by = TaggedBy.HAND
            elif found.tagged_by is TaggedBy.HAND:
                draft, tagged_by = replace(draft, place=found.draft.place), TaggedBy.HAND
            else:
                place = place_by_rule(draft, kept.rules_of(connection, project_id)[0], rules.project)
                draft, tagged_by = replace(draft, place=place), None if place is None else TaggedBy.RULE
            kept.change(connection, number, draft, tagged_by=tagged_by, emotion=emotion_in(draft), by=by)
            return _one(connection, project_id, number)

    def delete(self, project_id: int, number: int) -> None:
        """Delete evidence. Raises NoSuchEvidence."""
        with self._database.writing() as connection:
            if not kept.delete(connection, project_id, number):
                raise NoSuchEvidence(number)

    def rules(self, project_id: int) -> RulesKept:
        """The rules by which a project tags."""
        with self._database.reading() as connection:
            tag_rules, revision, _ = kept.rules_of(connection, project_id)
        return RulesKept(tag_rules, revision)

    def set_rules(
        self, project_id: int, rules: RulesNow, tag_rules: Sequence[TagRule], *, revision: int, by: str
    ) -> RulesKept:
        """Put rules in the place of those of a revision, and tag again all that nobody tagged by hand.

        Raises BadEvidence, StaleItem.
        """
        ready = checked_rules(tag_rules, rules.project)
        with self._database.writing() as connection:
            _, current, last = kept.rules_of(connection, project_id)
            stamp = (by, rules.now)
            if revision != current or not kept.keep_rules(connection, project_id, ready, stamp, revision=revision):
                raise StaleItem("the list of rules for evidence", given=revision, current=current, by=last)
            moved: dict[tuple[str, str] | None, list[int]] = {}
            for each in kept.not_by_hand(connection, project_id):
                place = place_by_rule(each.draft, ready, rules.project)
                if place != each.draft.place:
                    moved.setdefault(place, []).append(each.id)
            kept.move(connection, moved)
        return RulesKept(ready, revision + 1, sum(map(len, moved.values())))

    def _part(
        self, project_id: int, rules: RulesNow, drafts: Sequence[Draft | Bad], first: int, *, by: str, keeps: bool
    ) -> list[Receipt]:
        judged = [_judge(draft, rules) for draft in drafts]
        users = {each.user_id for each in judged if isinstance(each, Draft) and each.user_id}
        ids = [(project_id, identity.IdKind.USER, user) for user in sorted(users)]
        opened = self._database.writing() if keeps else self._database.reading()
        with opened as connection:
            if keeps:
                # So that an erasure that runs meanwhile is either seen, or sees this.
                identity.lock_ids(connection, ids)
            owners = {key[2]: person for key, person in identity.find_ids(connection, ids).items()}
            tag_rules = kept.rules_of(connection, project_id)[0]
            taking = _Taking(connection, project_id, rules, owners, tag_rules, by, keeps=keeps)
            return [taking.take(at, each) for at, each in enumerate(judged, first)]


@dataclass(frozen=True, slots=True)
class _Taking:
    """One part of a list on its way into the database."""

    connection: Connection
    project_id: int
    rules: RulesNow
    owners: Mapping[str, int]
    tag_rules: Sequence[TagRule]
    by: str
    keeps: bool

    def take(self, index: int, draft: Draft | Bad) -> Receipt:
        if not isinstance(draft, Draft):
            return Receipt(index, Fate.REFUSED, code=draft[0], problem=draft[1])
        person = self.owners.get(draft.user_id) if draft.user_id else None
        if draft.recording is not None:
            try:
                draft, person = self._noted(draft)
            except WaypostError as error:
                return Receipt(index, Fate.REFUSED, code=error.code, problem=str(error))
        if self._is_of_erased(draft):
            return Receipt(index, Fate.REFUSED, code="erased", problem="its user was erased after it was said")
        place, tagged_by = draft.place, TaggedBy.HAND
        if place is None:
            place, tagged_by = place_by_rule(draft, self.tag_rules, self.rules.project), TaggedBy.RULE
        marked = None if place is None else tagged_by
        told = Receipt(index, Fate.KEPT, None, place, marked, has_unknown_user=bool(draft.user_id) and person is None)
        if not self.keeps:
            return told
        number, is_new = kept.add(
            self.connection,
            self.project_id,
            replace(draft, place=place),
            (self.by, self.rules.now),
            person_id=person,
            tagged_by=marked,
            emotion=emotion_in(draft),
        )
        if is_new:
            return replace(told, id=number)
        found = _one(self.connection, self.project_id, number)
        return Receipt(index, Fate.KNOWN, number, found.draft.place, found.tagged_by)

    def _noted(self, draft: Draft) -> tuple[Draft, int]:
        """A note with the user and the instant of the recording that it is on. Raises NoSuchReplay, BadEvidence."""
        wanted, second = draft.recording or "", draft.at_second or 0.0
        found = self._recording(wanted)
        if self.keeps:
            # An erasure of the user that runs meanwhile is either seen, or sees the note.
            aliases = identity.aliases(self.connection, found.person)
            identity.lock_ids(self.connection, identity.ids_of_people(self.connection, aliases))
            found = self._recording(wanted)
        if second > found.seconds + 1:
            raise BadEvidence(f"`at_second` is {second:g}, and the recording ends after {found.seconds:.0f} seconds")
        at = Instant(found.started + int(second * SECOND))
        return replace(draft, user_id=None, time=min(at, self.rules.now)), found.person

    def _recording(self, wanted: str) -> Recording:
        found = replays.one(self.connection, self.project_id, wanted)
        if found is None:
            raise NoSuchReplay(wanted)
        return found

    def _is_of_erased(self, draft: Draft) -> bool:
        if not draft.user_id:
            return False
        ids = [(self.project_id, identity.IdKind.USER, draft.user_id)]
        erased = erasure.erased_before(self.connection, self.project_id, ids)
        return erased is not None and draft.time is not None and draft.time <= erased[1]


def _judge(draft: Draft | Bad, rules: RulesNow) -> Draft | Bad:
    if not isinstance(draft, Draft):
        return draft
    try:
        return checked(draft, rules.project, now=rules.now)
    except WaypostError as error:
        return error.code, str(error)


def _one(connection: Connection, project_id: int, number: int, *, lock: bool = False) -> Evidence:
    found = kept.one(connection, project_id, number, lock=lock)
    if found is None:
        raise NoSuchEvidence(number)
    return found
