"""Keep who may pick elements on a page until when, and what was picked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picker_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picker_session")),
        sa.UniqueConstraint("hash", name=op.f("uq_picker_session_hash")),
    )
    op.create_index("ix_picker_session_project_id", "picker_session", ["project_id"])
    op.create_table(
        "picked_element",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=255), nullable=True),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("way", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picked_element")),
    )
    op.create_index("ix_picked_element_session_id", "picked_element", ["session_id"])


def downgrade() -> None:
    op.drop_table("picked_element")
    op.drop_table("picker_session")
