"""How soon, how far ahead and how long each service is booked, and what is kept free around it.

Revision 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Forwards."""
    for name in ("notice_minutes", "buffer_before_minutes", "buffer_after_minutes"):
        added = sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        op.add_column("services", added)
    for name in ("horizon_days", "shortest_minutes", "longest_minutes"):
        op.add_column("services", sa.Column(name, sa.Integer()))
