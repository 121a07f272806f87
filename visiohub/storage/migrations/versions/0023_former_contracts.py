"""The former contracts of a line.

Revision 0023.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Forwards: of contracts that were changed before, nothing is known."""
    op.create_table(
        "line_contracts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("operator", sa.String(length=200), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("up_kbit_s", "down_kbit_s")),
        sa.Column("wrapping", sa.String(length=20), nullable=False),
        *(
            sa.Column(name, sa.Integer())
            for name in ("guaranteed_up_kbit_s", "guaranteed_down_kbit_s", "restoration_hours")
        ),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_contracts"),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["lines.id"],
            name="fk_line_contracts_line_id",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_line_contracts_line_id", "line_contracts", ["line_id"])
