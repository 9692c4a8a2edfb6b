"""Keep recordings of sessions: their parts, their moments, and which are gone; let evidence be a note on one."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _keep_recordings()
    _keep_parts_and_moments()
    with op.batch_alter_table("evidence") as batch:
        batch.add_column(sa.Column("clip", sa.String(length=36), nullable=True))
        batch.add_column(sa.Column("clip_at", sa.Float(), nullable=True))
        batch.create_index("ix_evidence_project_id_clip", ["project_id", "clip"])


def downgrade() -> None:
    with op.batch_alter_table("evidence") as batch:
        batch.drop_index("ix_evidence_project_id_clip")
        batch.drop_column("clip_at")
        batch.drop_column("clip")
    for name in ("replay_day", "replay_gone", "replay_moment", "replay_part", "replay"):
        op.drop_table(name)


def _keep_recordings() -> None:
    op.create_table(
        "replay",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("recording", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.String(length=255), nullable=True),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("packed", sa.BigInteger(), nullable=False),
        sa.Column("scrubbed", sa.Integer(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay")),
        sa.UniqueConstraint("project_id", "recording", name="uq_replay_project_id_recording"),
    )
    op.create_index("ix_replay_person_id", "replay", ["person_id"])
    op.create_index("ix_replay_project_id_ended", "replay", ["project_id", "ended"])


def _keep_parts_and_moments() -> None:
    op.create_table(
        "replay_part",
        sa.Column("replay_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("replay_id", "number", name=op.f("pk_replay_part")),
    )
    op.create_index("ix_replay_part_person_id", "replay_part", ["person_id"])
    op.create_table(
        "replay_moment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("replay_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=255), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("journey", sa.String(length=255), nullable=True),
        sa.Column("step", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_moment")),
    )
    op.create_index("ix_replay_moment_replay_id", "replay_moment", ["replay_id"])
    op.create_index("ix_replay_moment_person_id", "replay_moment", ["person_id"])
    op.create_index("ix_replay_moment_project_id_journey_step", "replay_moment", ["project_id", "journey", "step"])
    op.create_table(
        "replay_gone",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recording", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "recording", name=op.f("pk_replay_gone")),
    )
    op.create_table(
        "replay_day",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("packed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "day", name=op.f("pk_replay_day")),
    )
