"""From when on the screen beside a room has been there without a break.

Revision 0026.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Forwards: of a screen that was seen before nothing more is known."""
    op.add_column("doors", sa.Column("lives_since", sa.DateTime(timezone=True)))
    op.execute(sa.text("UPDATE doors SET lives_since = seen_at"))
