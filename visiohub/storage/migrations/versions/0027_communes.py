"""Communes of France, where no venue need be.

Revision 0027.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Forwards: none is known until the administrator loads the file."""
    op.create_table(
        "communes",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("plain", sa.String(length=200), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("latitude", "longitude")),
        sa.PrimaryKeyConstraint("code", "postcode", name="pk_communes"),
    )
    op.create_index("ix_communes_postcode", "communes", ["postcode"])
    op.create_index("ix_communes_plain", "communes", ["plain"])
