"""The stored shape of what browsers may ask as flags."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from engine.storage.base import Base


class PublicFlags(Base, table=True):
    """The flags of a project that pages may ask with its public key; none without a row."""

    __tablename__ = "public_flags"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    flags: str = Field(sa_type=Text)
    """A JSON list of keys: `segment:team`."""
    revision: int
    changed: int = Field(sa_type=BigInteger)
