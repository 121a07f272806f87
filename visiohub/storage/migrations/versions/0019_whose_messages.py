"""A message says whose it is: two people may have one address, and an SMS has none.

Revision 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Forwards. What was put before is nobody's, and goes with its retention."""
    op.add_column(
        "outbox", sa.Column("subject_id", sa.String(length=64), nullable=False, server_default="")
    )
    op.create_index("ix_outbox_subject_id", "outbox", ["subject_id"])
