"""A line's speed may be measured by hand, with no kiosk that was told to.

Revision 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Forwards."""
    with op.batch_alter_table("line_speeds") as batch:
        batch.alter_column("kiosk_id", existing_type=sa.String(length=64), nullable=True)
