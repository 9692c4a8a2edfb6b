"""The stored shape of what live data has shown of the rules: versions of surveys, values that cannot be read."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class SurveyVersion(Base, table=True):
    """The questions of a survey as they could be answered since an instant."""

    __tablename__ = "survey_version"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    survey: str = Field(primary_key=True, max_length=ID_LENGTH)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    since: int = Field(sa_type=BigInteger)
    questions: str = Field(sa_type=Text)
    """JSON, as `engine.survey_versions` writes it."""


class UnreadableValue(Base, table=True):
    """How often a value came that cannot be read as the type that the rules declare for it."""

    __tablename__ = "unreadable_value"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True, max_length=16)
    """`attribute`, `account` or `event`."""
    name: str = Field(primary_key=True, max_length=ID_LENGTH)
    member: str = Field(primary_key=True, max_length=ID_LENGTH)
    """The property of an event; blank for attributes."""
    type: str = Field(primary_key=True, max_length=ID_LENGTH)
    """As which it was to be read."""
    form: str = Field(primary_key=True, max_length=16)
    """What came instead: `text`, `number`, `yes/no`, `list`, `object`. Never the value."""
    count: int = Field(sa_type=BigInteger)
    first: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)
