"""Keep what people make of answers whose score and words disagree."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_reading",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("score_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("feeling", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "score_seq", "text_seq", name=op.f("pk_answer_reading")),
    )
    op.create_index("ix_answer_reading_person_id", "answer_reading", ["person_id"])


def downgrade() -> None:
    op.drop_table("answer_reading")
