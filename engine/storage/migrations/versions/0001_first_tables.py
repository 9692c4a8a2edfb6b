"""Lay out the first tables."""

import sqlalchemy as sa
from alembic import op

MESSAGE_PARTITIONS = 16
"""Hash partitions of the message ids on PostgreSQL."""

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_account()
    _create_decision()
    _create_event()
    _create_exposure()
    _create_identity()
    _create_journey_progress()
    _create_message()
    _create_person()
    _create_project()
    _create_reservation()
    _create_response()
    _create_ruleset()
    _create_seen_name()
    _create_user_state()
    _create_api_key()


def downgrade() -> None:
    for table in (
        "api_key",
        "user_state",
        "seen_name",
        "ruleset",
        "response",
        "reservation",
        "project",
        "person",
        "message",
        "journey_progress",
        "identity",
        "exposure",
        "event",
        "decision",
        "account",
    ):
        op.drop_table(table)


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "account_id", name=op.f("pk_account")),
    )


def _create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.Column("guide", sa.String(length=255), nullable=True),
        sa.Column("variant", sa.String(length=255), nullable=True),
        sa.Column("held_out", sa.String(length=255), nullable=True),
        sa.Column("woken", sa.Text(), nullable=True),
        sa.Column("context", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decision")),
        sa.UniqueConstraint("id", name=op.f("uq_decision_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_decision_project_id_seq", ["project_id", "seq"], unique=False)


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=True),
        sa.Column("anonymous_id", sa.String(length=255), nullable=True),
        sa.Column("group_id", sa.String(length=255), nullable=True),
        sa.Column("session_id", sa.String(length=255), nullable=True),
        sa.Column("properties", sa.Text(), nullable=True),
        sa.Column("traits", sa.Text(), nullable=True),
        sa.Column("context", sa.Text(), nullable=True),
        sa.Column("from_browser", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("clamped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_person_id_time_seq", ["person_id", "time", "seq"], unique=False)
        batch_op.create_index("ix_event_project_id_seq", ["project_id", "seq"], unique=False)


def _create_exposure() -> None:
    op.create_table(
        "exposure",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guide", sa.String(length=255), nullable=False),
        sa.Column("arm", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "guide", "arm", "person_id", name=op.f("pk_exposure")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("exposure", schema=None) as batch_op:
        batch_op.create_index("ix_exposure_person_id", ["person_id"], unique=False)


def _create_identity() -> None:
    op.create_table(
        "identity",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "kind", "value", name=op.f("pk_identity")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index("ix_identity_person_id", ["person_id"], unique=False)


def _create_journey_progress() -> None:
    op.create_table(
        "journey_progress",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("journey", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "journey", "person_id", name=op.f("pk_journey_progress")),
    )
    with op.batch_alter_table("journey_progress", schema=None) as batch_op:
        batch_op.create_index("ix_journey_progress_person_id", ["person_id"], unique=False)


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "message_id", name=op.f("pk_message")),
        postgresql_partition_by="HASH (project_id, message_id)",
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        for number in range(MESSAGE_PARTITIONS):
            op.execute(
                f"CREATE TABLE message_{number} PARTITION OF message"
                f" FOR VALUES WITH (MODULUS {MESSAGE_PARTITIONS}, REMAINDER {number})"
            )


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("first_exposed", sa.BigInteger(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_merged_into", ["merged_into"], unique=False)
        batch_op.create_index("ix_person_project_id_id", ["project_id", "id"], unique=False)


def _create_project() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("allowed_origins", sa.Text(), nullable=False),
        sa.Column("active_version", sa.Integer(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("slug", name=op.f("uq_project_slug")),
    )


def _create_reservation() -> None:
    op.create_table(
        "reservation",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("guide", sa.String(length=255), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reservation")),
    )


def _create_response() -> None:
    op.create_table(
        "response",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("submission", sa.String(length=255), nullable=False),
        sa.Column("guide", sa.String(length=255), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("feeling", sa.String(length=32), nullable=True),
        sa.Column("valence", sa.Float(), nullable=True),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=True),
        sa.Column("journey", sa.String(length=255), nullable=True),
        sa.Column("step", sa.String(length=255), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "person_id", "submission", "guide", "question", name=op.f("pk_response")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index("ix_response_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_response_project_id_guide", ["project_id", "guide"], unique=False)
        batch_op.create_index("ix_response_project_id_journey_step", ["project_id", "journey", "step"], unique=False)


def _create_ruleset() -> None:
    op.create_table(
        "ruleset",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "version", name=op.f("pk_ruleset")),
    )


def _create_seen_name() -> None:
    op.create_table(
        "seen_name",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("member", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "kind", "name", "member", name=op.f("pk_seen_name")),
    )


def _create_user_state() -> None:
    op.create_table(
        "user_state",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_user_state")),
    )
    with op.batch_alter_table("user_state", schema=None) as batch_op:
        batch_op.create_index("ix_user_state_project_id_account_id", ["project_id", "account_id"], unique=False)
        batch_op.create_index("ix_user_state_project_id_revision", ["project_id", "revision"], unique=False)


def _create_api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_api_key_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_key_hash")),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_project_id"), ["project_id"], unique=False)
