"""The stored shape of the roadmap: what people said of opportunities, themes, items and how these changed.

What is computed (opportunities, outcomes, quadrants) is not stored. `revision` counts up with every change of a row.
"""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class OpportunityDecision(Base, table=True):
    """What somebody said of an opportunity last: confirmed, dismissed, or open again."""

    __tablename__ = "opportunity_decision"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    opportunity: str = Field(primary_key=True, max_length=ID_LENGTH)
    """Its name, `engine.roadmap.opportunities.opportunity_id`."""
    status: str = Field(max_length=16)
    by: str = Field(max_length=ID_LENGTH)
    at: int = Field(sa_type=BigInteger)
    why: str = Field(sa_type=Text)
    cause: str | None = Field(default=None, sa_type=Text)
    lost_per_week: float | None = None
    """As it was then: what says later whether it has grown."""
    revision: int


class RoadmapTheme(Base, table=True):
    """A problem that people have, with the metric that says when it is solved."""

    __tablename__ = "roadmap_theme"
    __table_args__ = (Index("ix_roadmap_theme_project_id", "project_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    revision: int
    title: str = Field(max_length=ID_LENGTH)
    journey: str = Field(max_length=ID_LENGTH)
    stage: str | None = Field(default=None, max_length=ID_LENGTH)
    step: str | None = Field(default=None, max_length=ID_LENGTH)
    metric: str = Field(max_length=32)
    target: float
    due: str | None = Field(default=None, max_length=16)
    """A timebox."""
    status: str = Field(max_length=16)
    owner: str | None = Field(default=None, max_length=ID_LENGTH)
    created: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    changed: int = Field(sa_type=BigInteger)
    changed_by: str = Field(max_length=ID_LENGTH)


class RoadmapItem(Base, table=True):
    """Something to be done: a feature, a bug, a debt."""

    __tablename__ = "roadmap_item"
    __table_args__ = (
        Index("ix_roadmap_item_project_id_status", "project_id", "status"),
        Index("ix_roadmap_item_theme_id", "theme_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    revision: int
    kind: str = Field(max_length=16)
    title: str = Field(max_length=ID_LENGTH)
    story: str = Field(sa_type=Text)
    status: str = Field(max_length=16)
    theme_id: int | None = None
    opportunity: str | None = Field(default=None, max_length=ID_LENGTH)
    journey: str | None = Field(default=None, max_length=ID_LENGTH)
    step: str | None = Field(default=None, max_length=ID_LENGTH)
    metric: str | None = Field(default=None, max_length=32)
    evidence: str = Field(sa_type=Text)
    """A JSON list of texts."""
    efforts: str = Field(sa_type=Text)
    """A JSON list of `{"by", "low", "high"}`, person-days."""
    impact_low: float | None = None
    """Users a week, where somebody estimated it; nothing: that of the opportunity."""
    impact_high: float | None = None
    timebox: str | None = Field(default=None, max_length=16)
    wish: str | None = Field(default=None, max_length=16)
    """The timebox that was asked for, of what may not be scheduled yet."""
    sprint: str | None = Field(default=None, max_length=ID_LENGTH)
    owner: str | None = Field(default=None, max_length=ID_LENGTH)
    guide: str | None = Field(default=None, max_length=ID_LENGTH)
    """The guide that carries it."""
    external: str | None = Field(default=None, max_length=ID_LENGTH)
    """Its number in an issue tracker."""
    launched: int | None = Field(default=None, sa_type=BigInteger)
    override_by: str | None = Field(default=None, max_length=ID_LENGTH)
    override_why: str | None = Field(default=None, sa_type=Text)
    override_at: int | None = Field(default=None, sa_type=BigInteger)
    created: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    changed: int = Field(sa_type=BigInteger)
    changed_by: str = Field(max_length=ID_LENGTH)


class RoadmapChange(Base, table=True):
    """How an item was changed: what says later what slipped, and who moved it."""

    __tablename__ = "roadmap_change"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    item_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    fields: str = Field(sa_type=Text)
    """A JSON object: of each field that changed the value before and after."""


class RoadmapLimits(Base, table=True):
    """From where on a project calls effort and impact high."""

    __tablename__ = "roadmap_limits"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int
    effort_days: float
    users_per_week: float
