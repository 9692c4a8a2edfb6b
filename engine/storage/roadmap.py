"""The roadmap in the database: decisions about opportunities, themes, items and their changes, limits.

Every change of a row is made from a revision: `False` where the row is at another one by now, so that nobody's change
is lost unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.roadmap.items import Change, Effort, Item, ItemDraft, ItemKind, ItemStatus, Override
from engine.roadmap.metrics import Metric
from engine.roadmap.opportunities import Decision, Status
from engine.roadmap.quadrants import Limits, Range
from engine.roadmap.themes import Theme, ThemeDraft, ThemeStatus
from engine.roadmap.timeboxes import read_timebox
from engine.storage import base, roadmap_tables
from engine.storage.revisions import NEW, put

_DECISION = base.table(roadmap_tables.OpportunityDecision)
_THEME = base.table(roadmap_tables.RoadmapTheme)
_ITEM = base.table(roadmap_tables.RoadmapItem)
_CHANGE = base.table(roadmap_tables.RoadmapChange)
_LIMITS = base.table(roadmap_tables.RoadmapLimits)

Stamp = tuple[str, Instant]
"""By whom, and when."""

# decisions


def decisions_of(connection: Connection, project_id: int) -> dict[str, Decision]:
    """What was said of opportunities last, by their names."""
    rows = connection.execute(sa.select(_DECISION).where(_DECISION.c.project_id == project_id))
    return {
        row.opportunity: Decision(
            status=Status(row.status),
            by=row.by,
            at=Instant(row.at),
            why=row.why,
            cause=row.cause,
            lost_per_week=row.lost_per_week,
            revision=row.revision,
        )
        for row in rows
    }


def keep_decision(connection: Connection, project_id: int, name: str, decision: Decision) -> bool:
    """Keep a decision as the one after `decision.revision - 1`."""
    values = {
        "status": decision.status.value,
        "by": decision.by,
        "at": decision.at,
        "why": decision.why,
        "cause": decision.cause,
        "lost_per_week": decision.lost_per_week,
        "revision": decision.revision,
    }
    return put(connection, _DECISION, {"project_id": project_id, "opportunity": name}, values)


# limits


def limits_of(connection: Connection, project_id: int) -> tuple[Limits, int]:
    """From where on a project calls effort and impact high, and the revision of that; 0 for the usual ones."""
    row = connection.execute(sa.select(_LIMITS).where(_LIMITS.c.project_id == project_id)).one_or_none()
    return (Limits(), NEW) if row is None else (Limits(row.effort_days, row.users_per_week), row.revision)


def keep_limits(connection: Connection, project_id: int, limits: Limits, *, revision: int) -> bool:
    """Keep limits under a revision, the one after that of those in force."""
    values = {"effort_days": limits.effort_days, "users_per_week": limits.users_per_week, "revision": revision}
    return put(connection, _LIMITS, {"project_id": project_id}, values)


# themes


def themes_of(connection: Connection, project_id: int) -> tuple[Theme, ...]:
    """All themes of a project, in the order of their making."""
    statement = sa.select(_THEME).where(_THEME.c.project_id == project_id).order_by(_THEME.c.id)
    return tuple(map(_read_theme, connection.execute(statement)))


def theme_of(connection: Connection, project_id: int, number: int) -> Theme | None:
    """One theme of a project."""
    statement = sa.select(_THEME).where(_THEME.c.project_id == project_id, _THEME.c.id == number)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _read_theme(row)


def add_theme(connection: Connection, project_id: int, draft: ThemeDraft, stamp: Stamp) -> Theme:
    """A new theme."""
    return _read_theme(_insert(connection, _THEME, project_id, _theme_values(draft), stamp))


def change_theme(connection: Connection, theme: Theme, draft: ThemeDraft, stamp: Stamp) -> Theme | None:
    """A theme as it is changed; None where it was changed meanwhile."""
    row = _update(connection, _THEME, (theme.id, theme.revision), _theme_values(draft), stamp)
    return None if row is None else _read_theme(row)


def delete_theme(connection: Connection, theme: Theme, stamp: Stamp) -> bool:
    """Delete a theme, and take its items out of it."""
    by, at = stamp
    own = _ITEM.c.theme_id == theme.id
    connection.execute(
        sa.update(_ITEM).where(own).values(theme_id=None, revision=_ITEM.c.revision + 1, changed=at, changed_by=by)
    )
    return _delete(connection, _THEME, theme.id, theme.revision)


# items


def items_of(connection: Connection, project_id: int) -> tuple[Item, ...]:
    """All items of a project, in the order of their making: a roadmap is read whole."""
    statement = sa.select(_ITEM).where(_ITEM.c.project_id == project_id).order_by(_ITEM.c.id)
    return tuple(map(_read_item, connection.execute(statement)))


def item_of(connection: Connection, project_id: int, number: int) -> Item | None:
    """One item of a project."""
    statement = sa.select(_ITEM).where(_ITEM.c.project_id == project_id, _ITEM.c.id == number)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _read_item(row)


def add_item(
    connection: Connection, project_id: int, draft: ItemDraft, stamp: Stamp, *, override: Override | None = None
) -> Item:
    """A new item."""
    return _read_item(_insert(connection, _ITEM, project_id, _item_values(draft, override), stamp))


def change_item(
    connection: Connection,
    project_id: int,
    item: Item,
    draft: ItemDraft,
    stamp: Stamp,
    *,
    override: Override | None,
) -> Item | None:
    """An item as it is changed, with a line of what changed; None where it was changed meanwhile."""
    row = _update(connection, _ITEM, (item.id, item.revision), _item_values(draft, override), stamp)
    if row is None:
        return None
    before, after = _item_values(item.draft, item.override), _item_values(draft, override)
    fields = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    by, at = stamp
    connection.execute(
        sa.insert(_CHANGE).values(
            project_id=project_id,
            item_id=item.id,
            revision=row.revision,
            at=at,
            by=by,
            fields=orjson.dumps(fields).decode(),
        )
    )
    return _read_item(row)


def delete_item(connection: Connection, project_id: int, item: Item) -> bool:
    """Delete an item with its changes; False where it was changed meanwhile."""
    if not _delete(connection, _ITEM, item.id, item.revision):
        return False
    connection.execute(sa.delete(_CHANGE).where(_CHANGE.c.project_id == project_id, _CHANGE.c.item_id == item.id))
    return True


def changes_of(connection: Connection, project_id: int, item: int | None = None) -> tuple[Change, ...]:
    """How items were changed, oldest first; of one item, or of all."""
    own = _CHANGE.c.project_id == project_id
    statement = sa.select(_CHANGE).where(own if item is None else own & (_CHANGE.c.item_id == item))
    return tuple(
        Change(
            item=row.item_id,
            revision=row.revision,
            at=Instant(row.at),
            by=row.by,
            fields={name: (pair[0], pair[1]) for name, pair in orjson.loads(row.fields).items()},
        )
        for row in connection.execute(statement.order_by(_CHANGE.c.at, _CHANGE.c.item_id, _CHANGE.c.revision))
    )


# rows


def _insert(
    connection: Connection, table: sa.Table, project_id: int, values: Mapping[str, Any], stamp: Stamp
) -> sa.Row[Any]:
    by, at = stamp
    made = {"project_id": project_id, "revision": 1, "created": at, "by": by, "changed": at, "changed_by": by}
    return connection.execute(sa.insert(table).values(**made, **values).returning(*table.c)).one()


def _update(
    connection: Connection, table: sa.Table, place: tuple[int, int], values: Mapping[str, Any], stamp: Stamp
) -> sa.Row[Any] | None:
    (number, revision), (by, at) = place, stamp
    statement = sa.update(table).where(table.c.id == number, table.c.revision == revision)
    changed = statement.values(**values, revision=revision + 1, changed=at, changed_by=by).returning(*table.c)
    return connection.execute(changed).one_or_none()


def _delete(connection: Connection, table: sa.Table, number: int, revision: int) -> bool:
    statement = sa.delete(table).where(table.c.id == number, table.c.revision == revision).returning(table.c.id)
    return connection.execute(statement).one_or_none() is not None


def _theme_values(draft: ThemeDraft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "journey": draft.journey,
        "stage": draft.stage,
        "step": draft.step,
        "metric": draft.metric.value,
        "target": draft.target,
        "due": None if draft.due is None else str(draft.due),
        "status": draft.status.value,
        "owner": draft.owner,
    }


def _read_theme(row: sa.Row[Any]) -> Theme:
    draft = ThemeDraft(
        title=row.title,
        journey=row.journey,
        stage=row.stage,
        step=row.step,
        metric=Metric(row.metric),
        target=row.target,
        due=None if row.due is None else read_timebox(row.due),
        status=ThemeStatus(row.status),
        owner=row.owner,
    )
    return Theme(row.id, row.revision, draft, Instant(row.created), row.by, Instant(row.changed), row.changed_by)


def _item_values(draft: ItemDraft, override: Override | None) -> dict[str, Any]:
    efforts: Sequence[Any] = [{"by": each.by, "low": each.low, "high": each.high} for each in draft.efforts]
    return {
        "kind": draft.kind.value,
        "title": draft.title,
        "story": draft.story,
        "status": draft.status.value,
        "theme_id": draft.theme,
        "opportunity": draft.opportunity,
        "journey": draft.journey,
        "step": draft.step,
        "metric": None if draft.metric is None else draft.metric.value,
        "evidence": orjson.dumps(draft.evidence).decode(),
        "efforts": orjson.dumps(efforts).decode(),
        "impact_low": None if draft.impact is None else draft.impact.low,
        "impact_high": None if draft.impact is None else draft.impact.high,
        "timebox": None if draft.timebox is None else str(draft.timebox),
        "wish": None if draft.wish is None else str(draft.wish),
        "sprint": draft.sprint,
        "owner": draft.owner,
        "guide": draft.guide,
        "external": draft.external,
        "launched": draft.launched,
        "override_by": None if override is None else override.by,
        "override_why": None if override is None else override.why,
        "override_at": None if override is None else override.at,
    }


def _read_item(row: sa.Row[Any]) -> Item:
    draft = ItemDraft(
        title=row.title,
        kind=ItemKind(row.kind),
        story=row.story,
        status=ItemStatus(row.status),
        theme=row.theme_id,
        opportunity=row.opportunity,
        journey=row.journey,
        step=row.step,
        metric=None if row.metric is None else Metric(row.metric),
        evidence=tuple(orjson.loads(row.evidence)),
        efforts=tuple(Effort(each["by"], each["low"], each["high"]) for each in orjson.loads(row.efforts)),
        impact=None if row.impact_low is None else Range(row.impact_low, row.impact_high),
        timebox=None if row.timebox is None else read_timebox(row.timebox),
        wish=None if row.wish is None else read_timebox(row.wish),
        sprint=row.sprint,
        owner=row.owner,
        guide=row.guide,
        external=row.external,
        launched=None if row.launched is None else Instant(row.launched),
    )
    override = None
    if row.override_by is not None:
        override = Override(row.override_by, row.override_why or "", Instant(row.override_at))
    return Item(
        row.id, row.revision, draft, override, Instant(row.created), row.by, Instant(row.changed), row.changed_by
    )
