"""Keep who looks after an account, and notes of it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_owner",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "account_id", name=op.f("pk_account_owner")),
    )
    op.create_table(
        "account_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_note")),
    )
    op.create_index("ix_account_note_project_id_account_id", "account_note", ["project_id", "account_id"])


def downgrade() -> None:
    op.drop_table("account_note")
    op.drop_table("account_owner")
