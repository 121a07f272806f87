"""The waiting list's table, and what use cases ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Integer, Table, or_, select

from visiohub.domain.waiting_list import OPEN, Offer, WaitingEntry, WaitState
from visiohub.storage.columns import Id, Texts, enum, foreign, id_, metadata, ref, text, when
from visiohub.storage.documents import document
from visiohub.storage.repository import Repository
from visiohub.storage.tables import Needs

waiting_entries = Table(
    "waiting_entries",
    metadata,
    id_(),
    ref("services.id"),
    Column("venue_ids", Texts, nullable=False),
    when("not_before", nullable=False),
    when("not_after", nullable=False),
    when("asked_at", nullable=False, index=True),
    text("token_hash", 64),
    text("language", 2),
    Column("state", enum(WaitState), nullable=False),
    text("initials", 10),
    text("phone", 40),
    text("email", 254),
    Column("needs", Needs, nullable=False),
    Column("offer", document(Offer)),
    text("offer_token_hash", 64),
    Column("refused", document(tuple[datetime, ...]), nullable=False),
    Column("lapses", Integer, nullable=False),
    Column("appointment_id", Id, foreign("appointments.id", ondelete="SET NULL"), index=True),
    Column("version", Integer, nullable=False),
)


class WaitingList(Repository[WaitingEntry]):
    """Entries, the first asked first."""

    def open(self) -> Sequence[WaitingEntry]:
        """All that wait or have an offer."""
        w = waiting_entries.c
        return self._all(
            select(WaitingEntry)
            .where(or_(*(w.state == state for state in OPEN)))
            .order_by(w.asked_at, w.id)
        )
