"""The stored shape of what people of the console keep of accounts: who looks after one, and notes."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class AccountOwner(Base, table=True):
    """Who looks after an account."""

    __tablename__ = "account_owner"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    account_id: str = Field(primary_key=True, max_length=ID_LENGTH)
    owner: str = Field(max_length=ID_LENGTH)
    at: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)


class AccountNote(Base, table=True):
    """What somebody wrote of an account; never changed, only added to."""

    __tablename__ = "account_note"
    __table_args__ = (Index("ix_account_note_project_id_account_id", "project_id", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    account_id: str = Field(max_length=ID_LENGTH)
    text: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
