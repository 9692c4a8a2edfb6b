"""Add environments, scopes and rotation of keys, people of the console, signing of users, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "installation_secret",
    "audit",
    "signed_traffic",
    "signing_secret",
    "console_session",
    "invite",
    "membership",
    "console_user",
)


def upgrade() -> None:
    _widen_project()
    _widen_api_key()
    _create_people()
    _create_sessions()
    _create_signing()
    _create_audit()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("api_key") as batch:
        for column in ("scopes", "expires", "last_used", "replaced_by"):
            batch.drop_column(column)
    with op.batch_alter_table("project") as batch:
        batch.drop_index(batch.f("ix_project_root_id"))
        for column in ("environment", "root_id", "signed_users"):
            batch.drop_column(column)


def _widen_project() -> None:
    with op.batch_alter_table("project") as batch:
        batch.add_column(
            sa.Column("environment", sa.String(length=16), nullable=False, server_default=sa.text("'production'"))
        )
        batch.add_column(sa.Column("root_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("signed_users", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_index(batch.f("ix_project_root_id"), ["root_id"], unique=False)
    with op.batch_alter_table("project") as batch:
        batch.alter_column("environment", server_default=None)
        batch.alter_column("signed_users", server_default=None)


def _widen_api_key() -> None:
    with op.batch_alter_table("api_key") as batch:
        batch.add_column(sa.Column("scopes", sa.Text(), nullable=True))
        batch.add_column(sa.Column("expires", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("last_used", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("replaced_by", sa.Integer(), nullable=True))


def _create_people() -> None:
    op.create_table(
        "console_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("issuer", sa.String(length=255), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("last_login", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_user")),
        sa.UniqueConstraint("email", name=op.f("uq_console_user_email")),
        sa.UniqueConstraint("issuer", "subject", name="uq_console_user_issuer_subject"),
    )
    op.create_table(
        "membership",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_user_id", "membership", ["user_id"])
    op.create_table(
        "invite",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint("hash", name=op.f("uq_invite_hash")),
    )
    op.create_index("ix_invite_project_id", "invite", ["project_id"])


def _create_sessions() -> None:
    op.create_table(
        "console_session",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_console_session")),
    )
    op.create_index("ix_console_session_user_id", "console_session", ["user_id"])
    op.create_index("ix_console_session_expires", "console_session", ["expires"])
    op.create_table(
        "installation_secret",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation_secret")),
    )


def _create_signing() -> None:
    op.create_table(
        "signing_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_secret")),
    )
    op.create_index(op.f("ix_signing_secret_project_id"), "signing_secret", ["project_id"])
    op.create_table(
        "signed_traffic",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "day", "kind", name=op.f("pk_signed_traffic")),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "seq", name=op.f("pk_audit")),
    )
