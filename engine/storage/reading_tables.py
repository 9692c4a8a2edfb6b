"""The stored shape of what people make of answers: how those that disagree are read, and tags."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base

TAG_LENGTH = 100


class AnswerReading(Base, table=True):
    """That somebody has read a disagreement; the two answers are named by their events in the log."""

    __tablename__ = "answer_reading"
    __table_args__ = (Index("ix_answer_reading_person_id", "person_id"),)

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    score_seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    text_seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    person_id: int = Field(sa_type=BigInteger)
    """Whose answers these are."""
    verdict: str = Field(max_length=16)
    """One of `engine.analytics.disagreements.Verdict`."""
    feeling: str | None = Field(default=None, max_length=32)
    note: str = Field(sa_type=Text)
    by: str = Field(max_length=ID_LENGTH)
    at: int = Field(sa_type=BigInteger)


class AnswerTag(Base, table=True):
    """That somebody has put a tag on an answer, which is named by its event in the log."""

    __tablename__ = "answer_tag"
    __table_args__ = (Index("ix_answer_tag_person_id", "person_id"),)

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    tag: str = Field(primary_key=True, max_length=TAG_LENGTH)
    person_id: int = Field(sa_type=BigInteger)
    """Whose answer it is."""
    by: str = Field(max_length=ID_LENGTH)
    at: int = Field(sa_type=BigInteger)
