"""Of two kiosks on one line each has an alert of its own.

Revision 0025.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Forwards: of which kiosk an alert was before is not known."""
    op.add_column("line_alerts", sa.Column("kiosk_id", sa.String(64)))
    op.add_column("line_alerts", sa.Column("kiosk_name", sa.String(200)))
