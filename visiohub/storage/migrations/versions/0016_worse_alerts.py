"""How bad an alert was when technicians were told of it: what gets worse is told, too.

Revision 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Forwards: of what was told before, nothing is told again."""
    op.add_column(
        "line_alert_mails",
        sa.Column("level", sa.SmallInteger(), nullable=False, server_default="2"),
    )
