"""Let an admin switch off the links that show pages to people who are not signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("project") as batch:
        batch.add_column(sa.Column("shared_links", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("project") as batch:
        batch.alter_column("shared_links", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("project") as batch:
        batch.drop_column("shared_links")
