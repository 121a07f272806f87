"""The former contracts of lines."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Integer, Table, select

from visiohub.domain.line import Wrapping
from visiohub.domain.line_contract import LineContract
from visiohub.domain.model import LineKind
from visiohub.storage.columns import enum, id_, metadata, ref, text, when
from visiohub.storage.repository import Repository

line_contracts = Table(
    "line_contracts",
    metadata,
    id_(),
    ref("lines.id", ondelete="CASCADE"),
    Column("kind", enum(LineKind), nullable=False),
    text("operator"),
    Column("up_kbit_s", Integer, nullable=False),
    Column("down_kbit_s", Integer, nullable=False),
    Column("wrapping", enum(Wrapping), nullable=False),
    Column("guaranteed_up_kbit_s", Integer),
    Column("guaranteed_down_kbit_s", Integer),
    Column("restoration_hours", Integer),
    when("since"),
    when("until", nullable=False),
)


class LineContracts(Repository[LineContract]):
    """By line and time."""

    def former(self, line_id: str) -> Sequence[LineContract]:
        """Those of a line, the oldest first."""
        c = line_contracts.c
        query = select(LineContract).where(c.line_id == line_id)
        return self._all(query.order_by(c.until, c.id))


ENTITIES = {LineContract: line_contracts}
