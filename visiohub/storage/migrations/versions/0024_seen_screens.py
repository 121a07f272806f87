"""When the screen beside a room was last seen.

Revision 0024.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Forwards: a screen that is there asks within seconds."""
    op.add_column("doors", sa.Column("seen_at", sa.DateTime(timezone=True)))
