"""Keep the tags that people put on answers."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_tag",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "seq", "tag", name=op.f("pk_answer_tag")),
    )
    op.create_index("ix_answer_tag_person_id", "answer_tag", ["person_id"])


def downgrade() -> None:
    op.drop_table("answer_tag")
