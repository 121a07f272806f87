"""What the trains of a look before a visio say: does the line still carry what was planned?"""

from __future__ import annotations

from datetime import datetime

from visiohub.booking.lines.capacity import capacity_of
from visiohub.booking.lines.fit import USUAL
from visiohub.domain.line import LineCheck, Way
from visiohub.linkquality.budget import Both, largest, usable
from visiohub.linkquality.grading import CAPACITY, Level
from visiohub.linkquality.verdict import settled
from visiohub.storage.uow import UnitOfWork


def rate_seen(uow: UnitOfWork, check: LineCheck, now: datetime) -> tuple[Level, float] | None:
    """How bad, and what the more fallen direction carried (kbit/s on the wire). None: the look's
    trains were inconclusive, or the line was never measured before.

    A line that is thin every day is no news here: what counts is a picture that fitted before.
    """
    line = uow.lines.get(check.line_id)
    state = uow.linkquality.states.find(line.id)
    usual = capacity_of(uow, line, check.asked_at)
    if state is None or not usual.measured:
        return None
    rates: dict[Way, list[float]] = {way: [] for way in Way}
    for train in uow.linkquality.series.trains(state.number, check.asked_at, now):
        if train.kbit_s is not None and not train.in_call:
            rates[train.way].append(usual.framing.wire_kbit_s(train.kbit_s, train.octets))
    if not any(rates.values()):
        return None
    seen = Both(
        down=settled(rates[Way.DOWN]) or usual.last.down, up=settled(rates[Way.UP]) or usual.last.up
    )
    share, value = min((seen.down / usual.last.down, seen.down), (seen.up / usual.last.up, seen.up))
    owner = uow.linkquality.pictures.find(check.appointment_id or check.booking_id)
    wanted = owner.picture if owner else USUAL
    reserved = uow.linkquality.terms.of(line).reserved
    before = largest(usable(usual.low, usual.last, reserved, Both(0, 0)), usual.framing, wanted)
    after = largest(usable(seen, None, reserved, Both(0, 0)), usual.framing, wanted)
    if after is before or CAPACITY.level(share) is Level.FINE:
        return Level.FINE, value
    return (Level.ALARM if after is None else Level.WARNING), value
