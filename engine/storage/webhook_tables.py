"""The stored shape of webhooks: where what happens is told to, and what became of each telling."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from engine.storage.base import BIG, ID_LENGTH, Base


class Webhook(Base, table=True):
    """An address that is told of what happens in a project."""

    __table_args__ = (Index("ix_webhook_project_id", "project_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    url: str = Field(sa_type=Text)
    kinds: str = Field(sa_type=Text)
    """A JSON list of `engine.webhooks.HookKind`."""
    note: str = Field(max_length=ID_LENGTH)
    secret: str = Field(max_length=ID_LENGTH)
    """What deliveries are signed with; needed as it is."""
    is_on: bool
    revision: int
    created: int = Field(sa_type=BigInteger)
    answers_after: int = Field(sa_type=BigInteger)
    """The number of the event up to which answers were told."""
    versions_after: int
    """The version of the rules up to which publications were told."""
    format: str = Field(max_length=32)
    """An `engine.webhooks.Format`."""
    guides: str = Field(sa_type=Text)
    """A JSON list of the names of guides; an empty one for all."""
    decisions_after: int = Field(sa_type=BigInteger)
    """The number of the decision up to which decisions were told."""


class WebhookDelivery(Base, table=True):
    """Something that is told, or was, to one webhook. Of an answer only its number is kept, never its words."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("uq_webhook_delivery_webhook_id_key", "webhook_id", "key", unique=True),
        Index("ix_webhook_delivery_next_try", "next_try"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int
    webhook_id: int
    kind: str = Field(max_length=32)
    key: str = Field(max_length=ID_LENGTH)
    """The same thing is told once: `answer:4711`."""
    about: str = Field(sa_type=Text)
    """A JSON object: what is told, or where to find it."""
    created: int = Field(sa_type=BigInteger)
    state: str = Field(max_length=16)
    tries: int
    next_try: int | None = Field(default=None, sa_type=BigInteger)
    """Nothing: it is over."""
    status: int | None = None
    """What the address answered the last time."""
    error: str | None = Field(default=None, max_length=ID_LENGTH)
    finished: int | None = Field(default=None, sa_type=BigInteger)
