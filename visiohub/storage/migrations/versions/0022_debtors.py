"""A statement keeps the name of who owes, when the person is erased.

Revision 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Forwards: lines of who is erased already say nothing more than before."""
    op.add_column(
        "charges", sa.Column("debtor", sa.String(length=200), nullable=False, server_default="")
    )
