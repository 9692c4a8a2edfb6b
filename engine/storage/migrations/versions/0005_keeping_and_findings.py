"""Keep for as long as a project wants, erase people, count what cannot be read, tell versions of surveys apart."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_keeping()
    _create_snapshots()
    _create_findings()
    with op.batch_alter_table("response") as batch:
        batch.add_column(sa.Column("survey_version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("response") as batch:
        batch.alter_column("survey_version", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("response") as batch:
        batch.drop_column("survey_version")
    for table in (
        "unreadable_value",
        "survey_version",
        "account_snapshot",
        "person_snapshot",
        "data_copy",
        "erasure",
        "erased_message",
        "erased_id",
        "keeping",
    ):
        op.drop_table(table)


def _create_keeping() -> None:
    op.create_table(
        "keeping",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_keeping")),
    )
    op.create_table(
        "erased_id",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "hash", name=op.f("pk_erased_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erased_message",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "hash", name=op.f("pk_erased_message")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erasure",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("hashes", sa.Text(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index("ix_erasure_project_id_finished", "erasure", ["project_id", "finished"])
    op.create_table(
        "data_copy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_copy")),
    )
    op.create_index("ix_data_copy_made", "data_copy", ["made"])


def _create_snapshots() -> None:
    op.create_table(
        "person_snapshot",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("cut", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_snapshot")),
    )
    op.create_index("ix_person_snapshot_project_id", "person_snapshot", ["project_id"])
    op.create_table(
        "account_snapshot",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "account_id", name=op.f("pk_account_snapshot")),
    )


def _create_findings() -> None:
    op.create_table(
        "survey_version",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("survey", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "survey", "version", name=op.f("pk_survey_version")),
    )
    op.create_table(
        "unreadable_value",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("member", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=255), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "project_id", "kind", "name", "member", "type", "form", name=op.f("pk_unreadable_value")
        ),
    )
