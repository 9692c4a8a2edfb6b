"""The door of the roadmap: opportunities and what people say of them, themes, items, the board.

Decides who may not do what with an item (the gate of `engine.roadmap.items`), and that nobody's change is lost unseen:
whoever changes something says from which revision. An override is written into the audit log in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsl.values import Instant
from engine.audit import Act, Action
from engine.errors import WaypostError
from engine.mapping.releases import Look
from engine.membership import RulesNow
from engine.roadmap.board import Board, board_of, without_item
from engine.roadmap.gate import checked, is_declared, refuse_bad_theme, refuse_unknown_opportunity
from engine.roadmap.items import (
    BadItem,
    Change,
    Item,
    ItemDraft,
    ItemStatus,
    NoSuchItem,
    Override,
    StaleItem,
    refuse_unschedulable,
)
from engine.roadmap.metrics import Metric, stretch_of
from engine.roadmap.opportunities import Decision, Opportunity, Status, UnknownOpportunity, split_id
from engine.roadmap.outcomes import Outcome, around
from engine.roadmap.quadrants import Limits
from engine.roadmap.readings import Asked, Readings, Whose
from engine.roadmap.sheets import Audit, Problem, audit_of, read_sheet
from engine.roadmap.themes import NoSuchTheme, Theme, ThemeDraft
from engine.storage import audit, maps
from engine.storage import roadmap as kept
from engine.storage.store import Database

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class NoReason(WaypostError):
    """A decision that needs a reason comes without one."""

    code = "no_reason"

    def __init__(self, what: str) -> None:
        super().__init__(f"say why {what}: whoever looks at it in half a year will ask")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says of an opportunity. cause: the one that they hold for the real one, in their words."""

    status: Status
    why: str = ""
    cause: str | None = None


class Planner:
    """The roadmaps of all projects of a database. Instants come with the rules (`RulesNow.now`)."""

    def __init__(self, database: Database, readings: Readings | None = None) -> None:
        self._database = database
        self.readings = readings if readings is not None else Readings(database)

    # opportunities

    def opportunities(self, project_id: int, rules: RulesNow, asked: Asked = Asked()) -> tuple[Opportunity, ...]:  # noqa: B008
        """What the engine proposes, the most worthwhile first. Raises UnknownJourney, UnknownStep."""
        return self.readings.opportunities(project_id, rules, asked, self.decisions(project_id))

    def decisions(self, project_id: int) -> dict[str, Decision]:
        """What was said of opportunities last, by their names."""
        with self._database.reading() as connection:
            return kept.decisions_of(connection, project_id)

    def opportunity(self, project_id: int, rules: RulesNow, name: str, asked: Asked = Asked()) -> Opportunity:  # noqa: B008
        """One of them. Raises UnknownOpportunity, also where there is too little to say."""
        journey, step, persona = split_id(name)
        if not is_declared(rules.project, journey, step):
            raise UnknownOpportunity(name)
        own = replace(asked, journey=journey, step=step, persona=persona, status=None)
        for one in self.opportunities(project_id, rules, own):
            return one
        raise UnknownOpportunity(name)

    def decide(
        self, project_id: int, rules: RulesNow, name: str, verdict: Verdict, *, revision: int, by: str
    ) -> Decision:
        """Keep what somebody says of an opportunity. revision: of the decision that they saw, 0 for none.

        Raises UnknownOpportunity, NoReason, StaleItem.
        """
        refuse_unknown_opportunity(rules.project, name)
        if verdict.status is not Status.PROPOSED and not verdict.why.strip():
            raise NoReason(f"it is {verdict.status}")
        _refuse_zero(verdict.why, verdict.cause)
        lost = next((o.lost_per_week for o in self.opportunities(project_id, rules) if o.id == name), None)
        decision = Decision(
            status=verdict.status,
            by=by,
            at=rules.now,
            why=verdict.why.strip(),
            cause=verdict.cause,
            lost_per_week=lost,
            revision=revision + 1,
        )
        with self._database.writing() as connection:
            current = kept.decisions_of(connection, project_id).get(name)
            found = 0 if current is None else current.revision
            if found != revision or not kept.keep_decision(connection, project_id, name, decision):
                last = "somebody" if current is None else current.by
                raise StaleItem(f"the opportunity `{name}`", given=revision, current=found, by=last)
        return decision

    def looks(self, project_id: int, journeys: Iterable[str]) -> dict[str, dict[str, Look]]:
        """By journey, when somebody last looked at each step on its map."""
        with self._database.reading() as connection:
            return {name: maps.looks_of(connection, project_id, name) for name in journeys}

    # themes

    def themes(self, project_id: int) -> tuple[Theme, ...]:
        """All themes, in the order of their making."""
        with self._database.reading() as connection:
            return kept.themes_of(connection, project_id)

    def theme(self, project_id: int, number: int) -> Theme:
        """One theme. Raises NoSuchTheme."""
        with self._database.reading() as connection:
            return _theme(connection, project_id, number)

    def add_theme(self, project_id: int, rules: RulesNow, draft: ThemeDraft, *, by: str) -> Theme:
        """A new theme. Raises UnknownJourney, UnknownStage, UnknownStep, BadTarget."""
        refuse_bad_theme(rules.project, draft)
        with self._database.writing() as connection:
            return kept.add_theme(connection, project_id, draft, (by, rules.now))

    def change_theme(
        self,
        project_id: int,
        rules: RulesNow,
        place: tuple[int, int],
        change: Callable[[ThemeDraft], ThemeDraft],
        *,
        by: str,
    ) -> Theme:
        """Change a theme, by its number and the revision that the change was made from.

        Raises NoSuchTheme, StaleItem, and what `add_theme` raises.
        """
        number, revision = place
        with self._database.writing() as connection:
            theme = _theme(connection, project_id, number)
            _refuse_stale(f"theme {number}", theme, revision)
            draft = change(theme.draft)
            refuse_bad_theme(rules.project, draft)
            changed = kept.change_theme(connection, theme, draft, (by, rules.now))
        if changed is None:
            raise StaleItem(f"theme {number}", given=revision, current=revision + 1, by="somebody")
        return changed

    def delete_theme(self, project_id: int, number: int, *, revision: int, by: str, now: Instant) -> None:
        """Delete a theme; its items stay, without it. Raises NoSuchTheme, StaleItem."""
        with self._database.writing() as connection:
            theme = _theme(connection, project_id, number)
            _refuse_stale(f"theme {number}", theme, revision)
            kept.delete_theme(connection, theme, (by, now))

    # items

    def items(self, project_id: int) -> tuple[Item, ...]:
        """All items, in the order of their making."""
        with self._database.reading() as connection:
            return kept.items_of(connection, project_id)

    def item(self, project_id: int, number: int) -> Item:
        """One item. Raises NoSuchItem."""
        with self._database.reading() as connection:
            return _item(connection, project_id, number)

    def changes(self, project_id: int, number: int | None = None) -> tuple[Change, ...]:
        """How items were changed, oldest first."""
        with self._database.reading() as connection:
            return kept.changes_of(connection, project_id, number)

    def add_item(self, project_id: int, rules: RulesNow, draft: ItemDraft, *, by: str) -> Item:
        """A new item.

        Raises NotSchedulable, BadItem, NoSuchTheme, UnknownJourney, UnknownStep, UnknownGuide, UnknownOpportunity.
        """
        ready = checked(rules.project, draft, before=ItemStatus.REQUESTED, now=rules.now)
        refuse_unschedulable(ready, overridden=False)
        with self._database.writing() as connection:
            _refuse_unknown_theme(connection, project_id, ready)
            return kept.add_item(connection, project_id, ready, (by, rules.now))

    def change_item(
        self,
        project_id: int,
        rules: RulesNow,
        place: tuple[int, int],
        change: Callable[[ItemDraft], ItemDraft],
        *,
        by: str,
        why: str | None = None,
    ) -> Item:
        """Change an item, by its number and the revision that the change was made from.

        why: the reason of an admin who lets it be scheduled although something is missing; written down for good.
        Raises NoSuchItem, StaleItem, NoReason, and what `add_item` raises.
        """
        number, revision = place
        if why is not None and not why.strip():
            raise NoReason("it is scheduled without step or evidence")
        _refuse_zero(why)
        with self._database.writing() as connection:
            item = _item(connection, project_id, number)
            _refuse_stale(f"item {number}", item, revision)
            ready = checked(rules.project, change(item.draft), before=item.draft.status, now=rules.now)
            override = item.override if why is None else Override(by, why.strip(), rules.now)
            refuse_unschedulable(ready, overridden=override is not None)
            _refuse_unknown_theme(connection, project_id, ready)
            if why is not None:
                detail = {"why": why.strip(), "timebox": None if ready.timebox is None else str(ready.timebox)}
                act = Act(actor=by, action=Action.ROADMAP_OVERRIDE, target=f"item {number}", detail=detail)
                audit.record(connection, project_id, act, at=rules.now)
            stamp = (by, rules.now)
            changed = kept.change_item(connection, project_id, item, ready, stamp, override=override)
        if changed is None:
            raise StaleItem(f"item {number}", given=revision, current=revision + 1, by="somebody")
        return changed

    def delete_item(self, project_id: int, number: int, *, revision: int) -> None:
        """Delete an item with its past. Raises NoSuchItem, StaleItem."""
        with self._database.writing() as connection:
            item = _item(connection, project_id, number)
            _refuse_stale(f"item {number}", item, revision)
            kept.delete_item(connection, project_id, item)

    def take_in(
        self,
        project_id: int,
        rules: RulesNow,
        lines: Iterable[str],
        *,
        by: str,
        keeps: bool = True,
        whose: Whose = Whose(),  # noqa: B008  (frozen)
    ) -> Audit:
        """Take in a roadmap that was kept elsewhere, as a table, and audit it; see `engine.roadmap.sheets`.

        Rows that are here already, by their number in the tracker or by their title, are left as they are. keeps: False
        takes nothing in and says what would come of it. Raises BadSheet.
        """
        themes = {theme.draft.title.casefold(): theme.id for theme in self.themes(project_id)}
        read = list(read_sheet(lines, rules.project, themes=themes, now=rules.now))
        problems = [each for each in read if isinstance(each, Problem)]
        known = {_key(item.draft) for item in self.items(project_id)}
        fresh = {_key(each): each for each in reversed(read) if not isinstance(each, Problem)}
        drafts = [draft for key, draft in reversed(fresh.items()) if key not in known]
        stamp = (by, rules.now)
        if keeps and drafts:
            with self._database.writing() as connection:
                made = [kept.add_item(connection, project_id, draft, stamp) for draft in drafts]
        else:
            made = [Item(0, 0, draft, None, rules.now, by, rules.now, by) for draft in drafts]
        found = self.audit(project_id, rules, whose, beside=() if keeps else made)
        return replace(
            found, rows=len(read), kept=len(made), known=len(read) - len(problems) - len(made), problems=tuple(problems)
        )

    def audit(
        self,
        project_id: int,
        rules: RulesNow,
        whose: Whose = Whose(),  # noqa: B008  (frozen)
        *,
        beside: Sequence[Item] = (),
    ) -> Audit:
        """What the roadmap lacks: items without step or evidence, steps where users are lost and nothing is planned.

        beside: items that are not kept, counted as if they were.
        """
        items = (*self.items(project_id), *beside)
        found = self.opportunities(project_id, rules, Asked(whose=whose))
        return audit_of(items, without_item(found, items))

    # the whole

    def board(self, project_id: int, rules: RulesNow, whose: Whose = Whose()) -> Board:  # noqa: B008  (frozen)
        """The roadmap with what follows from it."""
        found = self.opportunities(project_id, rules, Asked(whose=whose))
        with self._database.reading(as_of_one_moment=True) as connection:
            items = kept.items_of(connection, project_id)
            themes = kept.themes_of(connection, project_id)
            limits = kept.limits_of(connection, project_id)
        return board_of(rules.project, items, themes, found, limits, now=rules.now)

    def limits(self, project_id: int) -> tuple[Limits, int]:
        """From where on impact and effort are high, with the revision of that."""
        with self._database.reading() as connection:
            return kept.limits_of(connection, project_id)

    def set_limits(self, project_id: int, limits: Limits, *, revision: int) -> tuple[Limits, int]:
        """Say from where on impact and effort are high. Raises StaleItem, BadItem."""
        if not (limits.effort_days > 0 and limits.users_per_week > 0):
            raise BadItem("a limit is more than nothing: person-days of effort, users a week of impact")
        with self._database.writing() as connection:
            _, found = kept.limits_of(connection, project_id)
            if found != revision or not kept.keep_limits(connection, project_id, limits, revision=revision + 1):
                raise StaleItem("what is called high", given=revision, current=found, by="somebody")
        return limits, revision + 1

    def outcomes(
        self,
        project_id: int,
        rules: RulesNow,
        items: Sequence[Item],
        whose: Whose = Whose(),  # noqa: B008
    ) -> tuple[Outcome, ...]:
        """What became of launched items since, in their order; the others are left out."""
        launched = [(item, item.draft.launched) for item in items if item.draft.launched is not None]
        questions = {
            item.id: (metric, stretch_of(rules.project.journeys[journey], step=step), around(at, now=rules.now))
            for item, at in launched
            for metric, journey, step in [(item.draft.metric or Metric.COMPLETION, item.draft.journey, item.draft.step)]
            if journey is not None and step is not None and is_declared(rules.project, journey, step)
        }
        found = self.readings.compared(project_id, rules, tuple(questions.values()), whose)
        comparisons = dict(zip(questions, found, strict=True))
        lifts = self.readings.lifts(project_id, rules, whose)
        return tuple(
            Outcome(
                item=item.id,
                title=item.draft.title,
                launched=at,
                comparison=comparisons.get(item.id),
                lift=None if lifts is None or item.draft.guide is None else lifts.of_guide(item.draft.guide),
            )
            for item, at in launched
        )


def _refuse_zero(*texts: str | None) -> None:
    if any("\0" in text for text in texts if text is not None):
        raise BadItem("the reason holds a zero character: leave it out")


def _key(draft: ItemDraft) -> str:
    """What says that two rows are the same item."""
    return f"#{draft.external}" if draft.external is not None else " ".join(draft.title.casefold().split())


def _refuse_unknown_theme(connection: Connection, project_id: int, draft: ItemDraft) -> None:
    if draft.theme is not None:
        _theme(connection, project_id, draft.theme)


def _refuse_stale(what: str, row: Item | Theme, revision: int) -> None:
    if row.revision != revision:
        raise StaleItem(what, given=revision, current=row.revision, by=row.changed_by)


def _theme(connection: Connection, project_id: int, number: int) -> Theme:
    found = kept.theme_of(connection, project_id, number)
    if found is None:
        raise NoSuchTheme(number)
    return found


def _item(connection: Connection, project_id: int, number: int) -> Item:
    found = kept.item_of(connection, project_id, number)
    if found is None:
        raise NoSuchItem(number)
    return found
