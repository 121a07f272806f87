"""Readings of modems put together by day are kept: a year's were, at each look at it.

Revision 0021.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_HOW = {
    "sync_kbit_s": "avg",
    "attainable_kbit_s": "avg",
    "snr_db": "min",
    "attenuation_db": "max",
    "errored_s": "sum",
    "severely_errored_s": "sum",
}


def upgrade() -> None:
    """Forwards, with the days of all readings that are there."""
    sums = {f"{way}_{name}": how for way in ("up", "down") for name, how in _HOW.items()}
    sums["retrains"] = "sum"
    op.create_table(
        "line_modem_days",
        sa.Column("line_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer()) for name in sums),
        sa.PrimaryKeyConstraint("line_number", "at", name="pk_line_modem_days"),
        sqlite_with_rowid=False,
    )
    readings = sa.table("line_modem", *(sa.column(n) for n in ("line_number", "at", *sums)))
    days = sa.table("line_modem_days", *(sa.column(n) for n in ("line_number", "at", *sums)))
    day = readings.c.at - readings.c.at % 86_400
    found = (
        sa.cast(sa.func.round(getattr(sa.func, how)(readings.c[name])), sa.Integer)
        for name, how in sums.items()
    )
    together = sa.select(readings.c.line_number, day, *found).group_by(readings.c.line_number, day)
    op.execute(days.insert().from_select(["line_number", "at", *sums], together))
