"""The stored shape of what people of the console say to each other, and of what they show to others by a link."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from engine.comments import LONGEST_PLACE
from engine.storage.base import ID_LENGTH, Base


class Comment(Base, table=True):
    """What somebody said at a place; `engine.comments` says what a place is. Names its author by number only."""

    __table_args__ = (
        Index("ix_comment_project_id_place", "project_id", "place"),
        Index("ix_comment_person_id", "person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    place: str = Field(max_length=LONGEST_PLACE)
    person_id: int | None = Field(default=None, sa_type=BigInteger)
    """The user whose answer it is said of: it goes with them."""
    text: str = Field(sa_type=Text)
    by: str = Field(max_length=ID_LENGTH)
    created: int = Field(sa_type=BigInteger)
    edited: int | None = Field(default=None, sa_type=BigInteger)
    resolved: int | None = Field(default=None, sa_type=BigInteger)
    resolved_by: str | None = Field(default=None, max_length=ID_LENGTH)
    revision: int


class SharedLink(Base, table=True):
    """A link that shows one page of the console to whoever has it. Only the hash of its token is kept."""

    __tablename__ = "shared_link"
    __table_args__ = (Index("ix_shared_link_project_id", "project_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    hash: str = Field(max_length=64, unique=True)
    page: str = Field(max_length=64)
    query: str = Field(sa_type=Text)
    """A JSON object of texts: what the page's address said."""
    note: str = Field(max_length=ID_LENGTH)
    with_words: bool
    by: str = Field(max_length=ID_LENGTH)
    created: int = Field(sa_type=BigInteger)
    expires: int = Field(sa_type=BigInteger)
    withdrawn: int | None = Field(default=None, sa_type=BigInteger)
    opened: int
    """How often."""
    last_opened: int | None = Field(default=None, sa_type=BigInteger)
