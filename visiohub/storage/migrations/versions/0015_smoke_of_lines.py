"""Delays of lines are counted in buckets, so that minutes can be put together rightly.

Revision 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Forwards: what was measured before has no counts."""
    for table in ("line_minutes", "line_quarters", "line_days"):
        for name in ("rtt_p25", "rtt_p75"):
            op.add_column(table, sa.Column(name, sa.Integer()))
        op.add_column(table, sa.Column("rtt_counts", sa.LargeBinary()))
