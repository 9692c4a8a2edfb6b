"""Keep alerts on the figures of steps, and when alerts were raised and over."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "step_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(length=32), nullable=False),
        sa.Column("journey", sa.String(length=255), nullable=False),
        sa.Column("step", sa.String(length=255), nullable=True),
        sa.Column("persona", sa.String(length=255), nullable=True),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("at_least", sa.Float(), nullable=False),
        sa.Column("recent_days", sa.Integer(), nullable=False),
        sa.Column("before_days", sa.Integer(), nullable=False),
        sa.Column("within", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("looked", sa.BigInteger(), nullable=True),
        sa.Column("look", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_alert")),
    )
    op.create_index("ix_step_alert_project_id", "step_alert", ["project_id"])
    op.create_table(
        "alert_episode",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("raised", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=True),
        sa.Column("calm", sa.Integer(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("resolved", sa.BigInteger(), nullable=True),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_episode")),
    )
    op.create_index("ix_alert_episode_project_id", "alert_episode", ["project_id"])
    op.create_index("ix_alert_episode_alert_id", "alert_episode", ["alert_id"])


def downgrade() -> None:
    for name in ("alert_episode", "step_alert"):
        op.drop_table(name)
