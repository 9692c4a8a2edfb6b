"""The stored shape of the working draft of a project's rules."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base

NOTE_LENGTH = 500


class RuleDraft(Base, table=True):
    """The rules that a project is writing on; one row a project, which stays when the draft is over: revisions go on.

    files: name → text as JSON; None where there is no draft. base: the version that it was made from, 0 for none.
    Names people by number only.
    """

    __tablename__ = "rule_draft"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int
    files: str | None = Field(default=None, sa_type=Text)
    base: int
    state: str = Field(max_length=20)
    note: str = Field(max_length=NOTE_LENGTH)
    begun: int = Field(sa_type=BigInteger)
    begun_by: str = Field(max_length=ID_LENGTH)
    changed: int = Field(sa_type=BigInteger)
    changed_by: str = Field(max_length=ID_LENGTH)
