"""Note when guidance was stopped, and count by the hour what happens to guides."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guidance_switch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("is_stopped", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidance_switch")),
    )
    with op.batch_alter_table("guidance_switch") as batch:
        batch.create_index("ix_guidance_switch_project_id", ["project_id"], unique=False)
    op.create_table(
        "guide_hour",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guide", sa.String(length=255), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "hour", "guide", "what", name=op.f("pk_guide_hour")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("guide_hour")
    op.drop_table("guidance_switch")
