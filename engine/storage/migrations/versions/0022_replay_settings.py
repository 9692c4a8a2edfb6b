"""Let a project say whether sessions are recorded, and how much of that is kept. Off for all that are there."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COLUMNS = (
    ("replay_mode", sa.String(length=16), "off"),
    ("replay_days", sa.Integer(), "30"),
    ("replay_megabytes", sa.Integer(), "500"),
)


def upgrade() -> None:
    with op.batch_alter_table("project") as batch:
        for name, kind, value in COLUMNS:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table("project") as batch:
        for name, _, _ in COLUMNS:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("project") as batch:
        for name, _, _ in COLUMNS:
            batch.drop_column(name)
