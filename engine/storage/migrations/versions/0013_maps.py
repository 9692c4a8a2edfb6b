"""Keep what people type into journey maps, targets, looks at steps, snapshots."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "map_cell",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("journey", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("row", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=255), nullable=False),
        sa.Column("step", sa.String(length=255), nullable=False),
        sa.Column("persona", sa.String(length=255), nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "journey", "key", name=op.f("pk_map_cell")),
    )
    op.create_table(
        "map_target",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("journey", sa.String(length=255), nullable=False),
        sa.Column("step", sa.String(length=255), nullable=False),
        sa.Column("persona", sa.String(length=255), nullable=False),
        sa.Column("metric", sa.String(length=32), nullable=False),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("due", sa.String(length=16), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "journey", "step", "persona", "metric", name=op.f("pk_map_target")),
    )
    op.create_table(
        "map_look",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("journey", sa.String(length=255), nullable=False),
        sa.Column("step", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "journey", "step", name=op.f("pk_map_look")),
    )
    _create_snapshots()


def _create_snapshots() -> None:
    op.create_table(
        "map_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("journey", sa.String(length=255), nullable=False),
        sa.Column("persona", sa.String(length=255), nullable=False),
        sa.Column("quarter", sa.String(length=16), nullable=True),
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_snapshot")),
        sa.UniqueConstraint(
            "project_id", "journey", "persona", "quarter", name="uq_map_snapshot_project_id_journey_persona_quarter"
        ),
    )
    op.create_index("ix_map_snapshot_project_id_journey", "map_snapshot", ["project_id", "journey"])


def downgrade() -> None:
    op.drop_table("map_snapshot")
    op.drop_table("map_look")
    op.drop_table("map_target")
    op.drop_table("map_cell")
