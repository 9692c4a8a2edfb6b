"""Cut the log into months on PostgreSQL. SQLite keeps it in one table.

What is there already becomes one part, up to the end of its last month, without being copied: only its primary key is
made anew, as on a table that is cut by `received` it has to hold that. Months from then on are made by
`engine.storage.postgres_partitions`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_event_person_id_time_seq": "(person_id, time, seq)",
    "ix_event_project_id_seq": "(project_id, seq)",
    "ix_event_project_id_group_id": "(project_id, group_id) WHERE kind = 'group'",
}
END_OF_MONTH = (
    "SELECT CAST(extract(epoch FROM date_trunc('month', to_timestamp(max(received) / 1000000) AT TIME ZONE 'UTC')"
    " + interval '1 month') AS bigint) * 1000000 FROM event"
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
    end = op.get_bind().execute(sa.text(END_OF_MONTH)).scalar()
    # The names belong to the whole from now on.
    op.execute("ALTER TABLE event RENAME TO event_before")
    op.execute("ALTER TABLE event_before RENAME CONSTRAINT pk_event TO pk_event_before")
    for name in INDEXES:
        op.execute(f"ALTER INDEX {name} RENAME TO {name}_before")
    op.execute("CREATE TABLE event (LIKE event_before INCLUDING DEFAULTS) PARTITION BY RANGE (received)")
    op.execute("ALTER TABLE event ADD CONSTRAINT pk_event PRIMARY KEY (seq, received)")
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON event {columns}")
    op.execute("ALTER SEQUENCE event_seq_seq OWNED BY event.seq")
    op.execute("CREATE TABLE event_default PARTITION OF event DEFAULT")
    if end is None:
        op.execute("DROP TABLE event_before")
        return
    op.execute("ALTER TABLE event_before DROP CONSTRAINT pk_event_before")
    op.execute("ALTER TABLE event_before ADD CONSTRAINT pk_event_before PRIMARY KEY (seq, received)")
    op.execute(f"ALTER TABLE event ATTACH PARTITION event_before FOR VALUES FROM (MINVALUE) TO ({end})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
    op.execute("CREATE TABLE event_whole (LIKE event INCLUDING DEFAULTS)")
    op.execute("INSERT INTO event_whole SELECT * FROM event")
    op.execute("ALTER SEQUENCE event_seq_seq OWNED BY event_whole.seq")
    op.execute("DROP TABLE event")
    op.execute("ALTER TABLE event_whole RENAME TO event")
    op.execute("ALTER TABLE event ADD CONSTRAINT pk_event PRIMARY KEY (seq)")
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON event {columns}")
