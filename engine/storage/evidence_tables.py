"""The stored shape of evidence from elsewhere, and of the rules that tag it."""

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class EvidenceItem(Base, table=True):
    """What somebody said outside of the product; `engine.evidence.Draft` says what each column means."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("project_id", "source", "external", name="uq_evidence_project_id_source_external"),
        Index("ix_evidence_project_id_journey_step", "project_id", "journey", "step"),
        Index("ix_evidence_person_id", "person_id"),
        Index("ix_evidence_project_id_clip", "project_id", "clip"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    source: str = Field(max_length=32)
    external: str = Field(max_length=ID_LENGTH)
    """Its id in the source, or one made of its content."""
    person_id: int | None = Field(default=None, sa_type=BigInteger)
    """Whose words these are, where they are known."""
    time: int = Field(sa_type=BigInteger)
    text: str = Field(sa_type=Text)
    quotes: str = Field(sa_type=Text)
    """A JSON list of texts."""
    language: str | None = Field(default=None, max_length=35)
    feelings: str = Field(sa_type=Text)
    """A JSON list of `dsl.feelings`: those that were named."""
    score: float | None = None
    task: str | None = Field(default=None, sa_type=Text)
    success: str | None = Field(default=None, max_length=16)
    seconds: float | None = None
    tags: str = Field(sa_type=Text)
    """A JSON list of texts."""
    page: str | None = Field(default=None, sa_type=Text)
    link: str | None = Field(default=None, sa_type=Text)
    journey: str | None = Field(default=None, max_length=ID_LENGTH)
    step: str | None = Field(default=None, max_length=ID_LENGTH)
    tagged_by: str | None = Field(default=None, max_length=8)
    """`hand` or `rule`. By hand and without a step: somebody said that it belongs to none."""
    feeling: str | None = Field(default=None, max_length=32)
    """What it says, by `engine.emotion`; with `valence` and `inferred`."""
    valence: float | None = None
    inferred: bool = False
    created: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    revision: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """One more with each change, of whatever kind."""
    clip: str | None = Field(default=None, max_length=36)
    """Of a note on a recording: which one."""
    clip_at: float | None = None
    """Seconds from its beginning."""
    changed_by: str | None = Field(default=None, max_length=ID_LENGTH)


class EvidenceRules(Base, table=True):
    """The rules by which a project tags its evidence, in their order."""

    __tablename__ = "evidence_rules"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    rules: str = Field(sa_type=Text)
    """A JSON list of `engine.evidence.TagRule`."""
    revision: int
    at: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
