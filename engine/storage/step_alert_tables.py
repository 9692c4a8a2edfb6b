"""The stored shape of alerts on steps: what is watched, and when it was raised and over."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from engine.storage.base import BIG, ID_LENGTH, Base


class StepAlert(Base, table=True):
    """A figure of a step that somebody wants to be told of."""

    __tablename__ = "step_alert"
    __table_args__ = (Index("ix_step_alert_project_id", "project_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    metric: str = Field(max_length=32)
    """An `engine.step_alerts.Metric`."""
    journey: str = Field(max_length=ID_LENGTH)
    step: str | None = Field(default=None, max_length=ID_LENGTH)
    persona: str | None = Field(default=None, max_length=ID_LENGTH)
    direction: str = Field(max_length=16)
    at_least: float
    recent_days: int
    before_days: int
    within: int | None = Field(default=None, sa_type=BigInteger)
    note: str = Field(max_length=ID_LENGTH)
    is_on: bool
    revision: int
    created: int = Field(sa_type=BigInteger)
    looked: int | None = Field(default=None, sa_type=BigInteger)
    """The day of the last look, when it began."""
    look: str | None = Field(default=None, sa_type=Text)
    """What was found then: a JSON object."""


class AlertEpisode(Base, table=True):
    """An alert that was raised, of a step or of a guide, from then until it was over. One is open at a time."""

    __tablename__ = "alert_episode"
    __table_args__ = (
        Index("ix_alert_episode_project_id", "project_id"),
        Index("ix_alert_episode_alert_id", "alert_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int
    alert_id: int | None = None
    """Of which alert on a step; nothing for an alert on a guide, which needs no definition."""
    subject: str = Field(max_length=ID_LENGTH)
    """What it is of: `activation.verify_domain drop`, or a guide and what is the matter with it."""
    raised: int = Field(sa_type=BigInteger)
    said: str = Field(sa_type=Text)
    """What was told then: a JSON object."""
    baseline: str | None = Field(default=None, sa_type=Text)
    """The numbers of the period before the change: a JSON list of pairs of a number and how many people have it."""
    calm: int
    """For how many looks it was back."""
    seen: int = Field(sa_type=BigInteger)
    """When it was last the case."""
    resolved: int | None = Field(default=None, sa_type=BigInteger)
    ending: str | None = Field(default=None, max_length=16)
    told: str | None = Field(default=None, sa_type=Text)
    """What was told at the end."""
