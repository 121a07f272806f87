"""Which times a venue's line would refuse, asked before they are offered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from visiohub.booking.lines.capacity import capacity_of
from visiohub.booking.lines.fit import USUAL
from visiohub.domain.model import Line
from visiohub.linkquality.budget import Both, Picture, cost, fits, usable
from visiohub.linkquality.cells import Framing
from visiohub.linkquality.together import Use, fullest
from visiohub.storage.availability import VisioOnLine
from visiohub.storage.uow import UnitOfWork


class LinesAhead:
    """The rule of `fit.require_line`, for many times of many venues in one search."""

    def __init__(
        self, uow: UnitOfWork, venue_ids: Collection[str], now: datetime, *, moved: str = ""
    ) -> None:
        """`moved`: the appointment for which another time is sought; it is not in its own way.
        One read."""
        self._uow = uow
        self._now = now
        self._moved = moved
        self._lines = uow.availability.measured_lines(venue_ids)
        self._visios: dict[str, list[VisioOnLine]] = {}
        self._pictures: dict[str, Picture] = {}
        self._left: dict[str, tuple[Both, Framing] | None] = {}

    def read(self, start: datetime, end: datetime) -> None:
        """What is booked on the lines, for questions about that time. Nothing where no line was
        ever measured, else two reads."""
        if not self._lines:
            return
        visios = defaultdict(list)
        for one in self._uow.availability.visios(list(self._lines), start, end):
            if one.owner_id != self._moved:
                visios[one.venue_id].append(one)
        self._visios = visios
        owners = [one.owner_id for some in visios.values() for one in some]
        chosen = self._uow.linkquality.pictures.by_ids(owners) if owners else {}
        self._pictures = {owner_id: choice.picture for owner_id, choice in chosen.items()}

    def add(self, visio: VisioOnLine) -> None:
        """One that is about to be booked, within what was read."""
        if visio.venue_id in self._lines:
            self._visios.setdefault(visio.venue_id, []).append(visio)

    def best(
        self, venue_id: str, start: datetime, end: datetime, wanted: Picture = USUAL
    ) -> Picture | None:
        """The best picture, `wanted` at most, that a visio may have then; None: it would be refused
        whatever it shows. A line is looked at closely only where two visios would meet on it."""
        on = [v for v in self._visios.get(venue_id, ()) if v.starts_at < end and v.ends_at > start]
        left = self._left_on(self._lines[venue_id]) if on else None
        if left is None:
            return wanted
        carried, framing = left
        taken, _ = fullest(
            [
                Use(v.starts_at, v.ends_at, cost(self._pictures.get(v.owner_id, USUAL), framing))
                for v in on
            ],
            start,
            end,
        )
        order = list(Picture)
        smaller = reversed(order[: order.index(wanted) + 1])
        return next((p for p in smaller if fits(carried, [taken, cost(p, framing)])), None)

    def refuses(self, venue_id: str, start: datetime, end: datetime) -> bool:
        """Whether a visio with the usual picture would be refused then."""
        return self.best(venue_id, start, end) is not USUAL

    def _left_on(self, line: Line) -> tuple[Both, Framing] | None:
        """None: it was not measured in both directions, so that nobody is refused."""
        if line.id not in self._left:
            capacity = capacity_of(self._uow, line, self._now)
            reserved = self._uow.linkquality.terms.of(line).reserved
            carried = usable(capacity.low, capacity.last, reserved, Both(0, 0))
            self._left[line.id] = (carried, capacity.framing) if capacity.measured else None
        return self._left[line.id]
