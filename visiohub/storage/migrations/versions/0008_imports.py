"""Files sent to be imported; when an account was retired; where a partner's office is.

Revision 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Forwards. Of accounts that were retired before, the time counts from now."""
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
            name="fk_uploads_person_id",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_person_id", "uploads", ["person_id"])
    op.create_index("ix_uploads_created_at", "uploads", ["created_at"])
    op.add_column("persons", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE persons SET retired_at = CURRENT_TIMESTAMP WHERE NOT active")
    op.add_column("partners", sa.Column("latitude", sa.Float(), nullable=True))
    op.add_column("partners", sa.Column("longitude", sa.Float(), nullable=True))
