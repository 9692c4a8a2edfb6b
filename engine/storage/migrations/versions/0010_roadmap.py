"""Keep what people said of opportunities, and the roadmap: themes, items, how these changed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opportunity_decision",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opportunity", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("lost_per_week", sa.Float(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "opportunity", name=op.f("pk_opportunity_decision")),
    )
    op.create_table(
        "roadmap_theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("journey", sa.String(length=255), nullable=False),
        sa.Column("stage", sa.String(length=255), nullable=True),
        sa.Column("step", sa.String(length=255), nullable=True),
        sa.Column("metric", sa.String(length=32), nullable=False),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("due", sa.String(length=16), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmap_theme")),
    )
    op.create_index("ix_roadmap_theme_project_id", "roadmap_theme", ["project_id"])
    _create_items()
    op.create_table(
        "roadmap_change",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "item_id", "revision", name=op.f("pk_roadmap_change")),
    )
    op.create_table(
        "roadmap_limits",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("effort_days", sa.Float(), nullable=False),
        sa.Column("users_per_week", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_roadmap_limits")),
    )


def _create_items() -> None:
    op.create_table(
        "roadmap_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=True),
        sa.Column("opportunity", sa.String(length=255), nullable=True),
        sa.Column("journey", sa.String(length=255), nullable=True),
        sa.Column("step", sa.String(length=255), nullable=True),
        sa.Column("metric", sa.String(length=32), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("efforts", sa.Text(), nullable=False),
        sa.Column("impact_low", sa.Float(), nullable=True),
        sa.Column("impact_high", sa.Float(), nullable=True),
        sa.Column("timebox", sa.String(length=16), nullable=True),
        sa.Column("wish", sa.String(length=16), nullable=True),
        sa.Column("sprint", sa.String(length=255), nullable=True),
        sa.Column("owner", sa.String(length=255), nullable=True),
        sa.Column("guide", sa.String(length=255), nullable=True),
        sa.Column("external", sa.String(length=255), nullable=True),
        sa.Column("launched", sa.BigInteger(), nullable=True),
        sa.Column("override_by", sa.String(length=255), nullable=True),
        sa.Column("override_why", sa.Text(), nullable=True),
        sa.Column("override_at", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmap_item")),
    )
    op.create_index("ix_roadmap_item_project_id_status", "roadmap_item", ["project_id", "status"])
    op.create_index("ix_roadmap_item_theme_id", "roadmap_item", ["theme_id"])


def downgrade() -> None:
    for name in ("roadmap_limits", "roadmap_change", "roadmap_item", "roadmap_theme", "opportunity_decision"):
        op.drop_table(name)
