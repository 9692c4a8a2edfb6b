"""The stored shape: every table, and nothing else. Known in `engine.storage` only.

Instants are whole microseconds since 1970 in UTC (`dsl.values.Instant`), so that windows are exact on every database.
JSON is kept as text made by orjson: it comes back as it was, byte for byte, also from PostgreSQL.
"""

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlmodel import Field

# Imported so that their tables belong to the one schema that migrations are compared with.
from engine.storage import (
    care_tables,
    console_tables,
    draft_tables,
    evidence_tables,
    findings_tables,
    flag_tables,
    heat_tables,
    import_tables,
    job_tables,
    keeping_tables,
    map_tables,
    reading_tables,
    replay_tables,
    report_tables,
    roadmap_tables,
    scheduled_tables,
    step_alert_tables,
    talk_tables,
    webhook_tables,
)
from engine.storage.base import BIG, ID_LENGTH, Base, columns, table

__all__ = [
    "ID_LENGTH",
    "Base",
    "care_tables",
    "columns",
    "console_tables",
    "draft_tables",
    "evidence_tables",
    "findings_tables",
    "flag_tables",
    "heat_tables",
    "import_tables",
    "job_tables",
    "keeping_tables",
    "map_tables",
    "reading_tables",
    "replay_tables",
    "report_tables",
    "roadmap_tables",
    "scheduled_tables",
    "step_alert_tables",
    "table",
    "talk_tables",
    "webhook_tables",
]

ABOUT_ACCOUNTS = text("kind = 'group'")
"""Which events tell of an account. Spelled out, not bound: only so is an index over just these used."""


class Project(Base, table=True):
    """What is isolated from everything else: its keys, people, events and rules. Each environment is one of its own."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=64, unique=True)
    """Of production the name of the project, `shop`; of another environment with it, `shop/staging`."""
    environment: str = Field(default="production", max_length=16)
    root_id: int | None = Field(default=None, index=True)
    """The production environment of the same project; nothing in that one itself."""
    name: str = Field(max_length=ID_LENGTH)
    zone: str = Field(max_length=64)
    allowed_origins: str = Field(sa_type=Text)
    """A JSON list of texts."""
    active_version: int | None = None
    """The version of the rules in force."""
    guidance_stopped: bool = False
    """True while nothing is shown at all."""
    signed_users: bool = False
    """True when what pages say of a known user counts only with a token that the customer's server signed."""
    shared_links: bool = True
    """False where pages may not be shown by links to people who are not signed in."""
    replay_mode: str = Field(default="off", max_length=16)
    """A word of `engine.replay.settings.ReplayMode`."""
    replay_days: int = 30
    """For how long recordings are kept."""
    replay_megabytes: int = 500
    """How much of recordings is let in on one day, packed."""
    created: int = Field(sa_type=BigInteger)


class ApiKey(Base, table=True):
    """A public or a secret key. Of a secret one only the hash is kept."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    kind: str = Field(max_length=16)
    name: str = Field(max_length=ID_LENGTH)
    hash: str = Field(max_length=64, unique=True)
    """SHA-256 of the key, hexadecimal. A key has 128 random bits or more, so no salt and no slow hash is needed."""
    shown: str = Field(max_length=ID_LENGTH)
    scopes: str | None = Field(default=None, sa_type=Text)
    """A JSON list of `engine.permissions.Scope`; nothing for all of them."""
    created: int = Field(sa_type=BigInteger)
    expires: int | None = Field(default=None, sa_type=BigInteger)
    last_used: int | None = Field(default=None, sa_type=BigInteger)
    """To the minute."""
    replaced_by: int | None = None
    """The key that was made to take its place."""
    revoked: int | None = Field(default=None, sa_type=BigInteger)


class Message(Base, table=True):
    """The ids of all messages ever kept, apart from the events: what makes a repeated message one without effect."""

    # On PostgreSQL hash-partitioned: unique keys there must hold the partition key, and events are to be cut by time.
    __table_args__ = ({"sqlite_with_rowid": False, "postgresql_partition_by": "HASH (project_id, message_id)"},)

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    message_id: str = Field(primary_key=True, max_length=ID_LENGTH)


MESSAGE_PARTITIONS = 16
"""How many hash partitions `message` has on PostgreSQL."""


class Event(Base, table=True):
    """The log: every event as it was received, only ever appended to.

    `person_id` is whom it was filed under on receipt; `person.merged_into` says who that is today.
    """

    __table_args__ = (
        Index("ix_event_person_id_time_seq", "person_id", "time", "seq"),
        Index("ix_event_project_id_seq", "project_id", "seq"),
        Index(
            "ix_event_project_id_group_id",
            "project_id",
            "group_id",
            sqlite_where=ABOUT_ACCOUNTS,
            postgresql_where=ABOUT_ACCOUNTS,
        ),
        # On PostgreSQL a table a month (`postgres_partitions`); its primary key there is (seq, received).
        {"sqlite_autoincrement": True, "postgresql_partition_by": "RANGE (received)"},
    )

    seq: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    """The order of receipt."""
    project_id: int
    message_id: str = Field(max_length=ID_LENGTH)
    person_id: int = Field(sa_type=BigInteger)
    kind: str = Field(max_length=16)
    name: str = Field(max_length=ID_LENGTH)
    time: int = Field(sa_type=BigInteger)
    received: int = Field(sa_type=BigInteger)
    user_id: str | None = Field(default=None, max_length=ID_LENGTH)
    anonymous_id: str | None = Field(default=None, max_length=ID_LENGTH)
    group_id: str | None = Field(default=None, max_length=ID_LENGTH)
    session_id: str | None = Field(default=None, max_length=ID_LENGTH)
    properties: str | None = Field(default=None, sa_type=Text)
    """JSON object; nothing when it is empty. So are traits and context."""
    traits: str | None = Field(default=None, sa_type=Text)
    context: str | None = Field(default=None, sa_type=Text)
    from_browser: bool
    live: bool
    simulated: bool
    clamped: bool


class Person(Base, table=True):
    """One human being as far as we know: one or several anonymous ids and at most one user id."""

    __table_args__ = (
        Index("ix_person_project_id_id", "project_id", "id"),
        Index("ix_person_merged_into", "merged_into"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int
    first_id: str = Field(max_length=ID_LENGTH)
    """What rollout, variant and holdout are hashed from."""
    user_id: str | None = Field(default=None, max_length=ID_LENGTH)
    merged_into: int | None = Field(default=None, sa_type=BigInteger)
    """The person that this one turned out to be; always one that is itself not merged."""
    first_exposed: int | None = Field(default=None, sa_type=BigInteger)
    """When a guide was first shown to, or held out from, this person."""
    simulated: bool
    created: int = Field(sa_type=BigInteger)


class Identity(Base, table=True):
    """Whose an id is. User ids and anonymous ids do not meet."""

    __table_args__ = (Index("ix_identity_person_id", "person_id"), {"sqlite_with_rowid": False})

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True, max_length=16)
    value: str = Field(primary_key=True, max_length=ID_LENGTH)
    person_id: int = Field(sa_type=BigInteger)


class State(Base, table=True):
    """The folded state of a person. `revision` is that of the state plan; another one means: fold anew from the log."""

    __tablename__ = "user_state"
    __table_args__ = (
        Index("ix_user_state_project_id_revision", "project_id", "revision"),
        Index("ix_user_state_project_id_account_id", "project_id", "account_id"),
    )

    person_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    project_id: int
    revision: str = Field(max_length=64)
    account_id: str | None = Field(default=None, max_length=ID_LENGTH)
    state: bytes = Field(sa_type=LargeBinary)
    pending: str | None = Field(default=None, sa_type=Text)
    """Live events that have not been decided yet, as JSON."""


class Account(Base, table=True):
    """What is known of an account from all its users (`engine.accounts`)."""

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    account_id: str = Field(primary_key=True, max_length=ID_LENGTH)
    data: str = Field(sa_type=Text)


class JourneyProgress(Base, table=True):
    """How far a person is in a journey: a part of the state, apart so that records can read it."""

    __tablename__ = "journey_progress"
    __table_args__ = (Index("ix_journey_progress_person_id", "person_id"),)

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    journey: str = Field(primary_key=True, max_length=ID_LENGTH)
    person_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    data: str = Field(sa_type=Text)


class Response(Base, table=True):
    """The answer to one question of one submission; the latest wins."""

    __table_args__ = (
        Index("ix_response_project_id_journey_step", "project_id", "journey", "step"),
        Index("ix_response_project_id_guide", "project_id", "guide"),
        Index("ix_response_person_id", "person_id"),
    )

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    submission: str = Field(primary_key=True, max_length=ID_LENGTH)
    guide: str = Field(primary_key=True, max_length=ID_LENGTH)
    question: str = Field(primary_key=True, max_length=ID_LENGTH)
    seq: int = Field(sa_type=BigInteger)
    """The event of the log that it comes from."""
    time: int = Field(sa_type=BigInteger)
    value: str | None = Field(default=None, sa_type=Text)
    """JSON: a number, a choice's id, a list of ids, a text."""
    text: str | None = Field(default=None, sa_type=Text)
    feeling: str | None = Field(default=None, max_length=32)
    valence: float | None = None
    inferred: bool = False
    """True when the feeling was read from free text, not said."""
    language: str | None = Field(default=None, max_length=64)
    journey: str | None = Field(default=None, max_length=ID_LENGTH)
    step: str | None = Field(default=None, max_length=ID_LENGTH)
    simulated: bool = False
    survey_version: int = 1
    """Of the survey's questions, as they were when it was answered (`SurveyVersion`)."""


class Exposure(Base, table=True):
    """That a guide was shown to a person, or held out from them, and when first: who is to be counted in its effect."""

    __table_args__ = (Index("ix_exposure_person_id", "person_id"), {"sqlite_with_rowid": False})

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    guide: str = Field(primary_key=True, max_length=ID_LENGTH)
    arm: str = Field(primary_key=True, max_length=16)
    """`shown` or `held_out`."""
    person_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    first: int = Field(sa_type=BigInteger)


class Decision(Base, table=True):
    """One compact row a decision; every reason in full is worked out again when someone asks."""

    __table_args__ = (
        Index("ix_decision_project_id_seq", "project_id", "seq"),
        Index("ix_decision_person_id", "person_id"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    id: str = Field(max_length=64, unique=True)
    project_id: int
    person_id: int = Field(sa_type=BigInteger)
    time: int = Field(sa_type=BigInteger)
    revision: str = Field(max_length=64)
    trigger: str | None = Field(default=None, sa_type=Text)
    guide: str | None = Field(default=None, max_length=ID_LENGTH)
    variant: str | None = Field(default=None, max_length=ID_LENGTH)
    held_out: str | None = Field(default=None, max_length=ID_LENGTH)
    woken: str | None = Field(default=None, sa_type=Text)
    """The event that woke the guide, as JSON: a confirmation is asked with it again. So is the context."""
    context: str | None = Field(default=None, sa_type=Text)
    reasons: str = Field(sa_type=Text)
    confirmed: int | None = Field(default=None, sa_type=BigInteger)


class Reservation(Base, table=True):
    """The place in front of a person, kept for a decision that was confirmed and is about to be shown."""

    person_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    project_id: int
    decision_id: str = Field(max_length=64)
    guide: str = Field(max_length=ID_LENGTH)
    holder: str | None = Field(default=None, max_length=ID_LENGTH)
    until: int = Field(sa_type=BigInteger)


class RuleSetVersion(Base, table=True):
    """A published set of rule files."""

    __tablename__ = "ruleset"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: str = Field(max_length=64)
    files: str = Field(sa_type=Text)
    """A JSON object: file name to text."""
    published: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    note: str = Field(sa_type=Text)


class GuidanceSwitch(Base, table=True):
    """When all guidance of a project was stopped, and when it went on."""

    __tablename__ = "guidance_switch"

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int = Field(index=True)
    at: int = Field(sa_type=BigInteger)
    is_stopped: bool
    by: str = Field(max_length=ID_LENGTH)


class GuideHour(Base, table=True):
    """How often something happened to a guide in one hour, as received: what alerts are read off."""

    __tablename__ = "guide_hour"
    __table_args__ = ({"sqlite_with_rowid": False},)

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hour: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Whole hours since 1970 in UTC."""
    guide: str = Field(primary_key=True, max_length=ID_LENGTH)
    what: str = Field(primary_key=True, max_length=32)
    """The event of the guide's life: `$shown`, `$target_missing`."""
    number: int


class SeenName(Base, table=True):
    """An event, a property of one, or an attribute that was really received, with the type it first had."""

    __tablename__ = "seen_name"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True, max_length=16)
    name: str = Field(primary_key=True, max_length=ID_LENGTH)
    member: str = Field(primary_key=True, max_length=ID_LENGTH)
    """The property of an event; blank for the name itself."""
    type: str = Field(max_length=32)


class TrackingPlan(Base, table=True):
    """A version of a project's tracking plan; the highest is the one in force."""

    __tablename__ = "tracking_plan"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    document: str = Field(sa_type=Text)
    """JSON, as it was sent."""
    published: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    note: str = Field(sa_type=Text)


class PlanViolation(Base, table=True):
    """How often events of a name did not fit the tracking plan at one place, in one way."""

    __tablename__ = "plan_violation"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    event: str = Field(primary_key=True, max_length=ID_LENGTH)
    path: str = Field(primary_key=True, max_length=ID_LENGTH)
    rule: str = Field(primary_key=True, max_length=32)
    warned: int = Field(sa_type=BigInteger)
    blocked: int = Field(sa_type=BigInteger)
    first: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)
    samples: str = Field(sa_type=Text)
    """A JSON list of the latest few: which message, when, and what kind of value it had; never the value."""
