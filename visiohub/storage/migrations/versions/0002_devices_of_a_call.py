"""A call knows the agent's devices, and which devices of either end failed.

Revision 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forwards. Of older calls nothing is known."""
    for name in ("agent_devices", "device_faults"):
        op.add_column("calls", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
