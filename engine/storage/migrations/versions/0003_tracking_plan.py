"""Add tracking plans and what does not fit them; find the events of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tracking_plan",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "version", name=op.f("pk_tracking_plan")),
    )
    op.create_table(
        "plan_violation",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=255), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("warned", sa.BigInteger(), nullable=False),
        sa.Column("blocked", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("samples", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "event", "path", "rule", name=op.f("pk_plan_violation")),
    )
    about_accounts = sa.text("kind = 'group'")
    op.create_index(
        "ix_event_project_id_group_id",
        "event",
        ["project_id", "group_id"],
        sqlite_where=about_accounts,
        postgresql_where=about_accounts,
    )


def downgrade() -> None:
    op.drop_index("ix_event_project_id_group_id", table_name="event")
    op.drop_table("plan_violation")
    op.drop_table("tracking_plan")
