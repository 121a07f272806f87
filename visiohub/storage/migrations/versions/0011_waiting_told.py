"""People on the waiting list may leave an address; the link that told of an offer.

Revision 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Forwards."""
    for name, length in (("email", 254), ("offer_token_hash", 64)):
        added = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("waiting_entries", added)
