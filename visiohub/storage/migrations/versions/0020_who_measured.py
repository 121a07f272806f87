"""Who measured a line is kept over a restart of the hub, and since when its figures are its own.

Revision 0020.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Forwards: who measures is known when the kiosks are back."""
    op.add_column("line_states", sa.Column("prober", sa.String(64)))
    op.add_column("line_states", sa.Column("known_since", sa.DateTime(timezone=True)))
    op.add_column("line_alerts", sa.Column("not_operators", sa.String(200)))
