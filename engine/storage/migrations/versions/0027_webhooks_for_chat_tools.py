"""Let webhooks speak to chat tools, and hear of decisions and reviews."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_NEW: dict[str, tuple[sa.types.TypeEngine[Any], str]] = {
    "format": (sa.String(length=32), "standard"),
    "guides": (sa.Text(), "[]"),
    "decisions_after": (sa.BigInteger(), "0"),
}


def upgrade() -> None:
    with op.batch_alter_table("webhook") as batch:
        for name, (kind, default) in _NEW.items():
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=default))
    # Nobody heard of decisions until now, and nothing of what was is made up for.
    latest = "(SELECT COALESCE(MAX(seq), 0) FROM decision WHERE decision.project_id = webhook.project_id)"
    op.execute(f"UPDATE webhook SET decisions_after = {latest}")  # noqa: S608
    with op.batch_alter_table("webhook") as batch:
        for name in _NEW:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("webhook") as batch:
        for name in _NEW:
            batch.drop_column(name)
