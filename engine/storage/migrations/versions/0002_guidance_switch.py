"""Add the switch that stops all guidance of a project."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("project") as batch:
        batch.add_column(sa.Column("guidance_stopped", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("project") as batch:
        batch.alter_column("guidance_stopped", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("project") as batch:
        batch.drop_column("guidance_stopped")
