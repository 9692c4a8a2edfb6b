"""Alembic's entry: migrates on the connection that `store.Database.migrate` hands over, in its transaction."""

from alembic import context

from engine.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most things in place: Alembic builds a new table and copies.
    render_as_batch=True,
    # One transaction for all, so that a start that is killed halfway has changed nothing.
    transactional_ddl=True,
)
context.run_migrations()
