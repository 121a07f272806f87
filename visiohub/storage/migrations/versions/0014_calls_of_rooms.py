"""A call is a citizen's, of a service, or a booked room's, of none.

Revision 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


_NAME = "fk_calls_booked_room_id"


def upgrade() -> None:
    """Forwards. SQLite makes the table anew, and the calls' minutes would go with the old one."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if on_sqlite:
        op.execute("CREATE TEMP TABLE kept_minutes AS SELECT * FROM call_minutes")
    with op.batch_alter_table("calls") as batch:
        batch.alter_column("service_id", existing_type=sa.String(length=64), nullable=True)
        batch.add_column(sa.Column("booked_room_id", sa.String(length=64)))
        batch.create_foreign_key(
            _NAME,
            "booked_rooms",
            ["booked_room_id"],
            ["id"],
            ondelete="SET NULL",
            deferrable=True,
            initially="DEFERRED",
        )
    if on_sqlite:
        op.execute("INSERT INTO call_minutes SELECT * FROM kept_minutes")
        op.execute("DROP TABLE kept_minutes")
    op.create_index("ix_calls_booked_room_id", "calls", ["booked_room_id"])
