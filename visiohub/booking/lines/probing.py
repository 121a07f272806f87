"""What a kiosk that measures its line is told to begin with, and while another has a call there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signaling.protocol.modem import ModemAccess
from visiohub.booking.lines.capacity import capacity_of
from visiohub.booking.lines.looking import octets_a_day, spent_today
from visiohub.booking.lines.modems import access_of
from visiohub.booking.lines.shares import NOT_ON_THE_LINE
from visiohub.linkquality.budget import Both
from visiohub.linkquality.train import PACKET_OCTETS
from visiohub.storage.uow import UnitOfWork

AWAITED_FOR = timedelta(days=1)
"""After a longer rest of the hub nobody says what became of lines meanwhile."""


@dataclass(frozen=True)
class ProbePlan:
    """What a kiosk needs to know of its line before it measures; rates are of IP."""

    line_id: str
    expected: Both
    burst_up_octets: int | None
    burst_down_octets: int | None
    octets_a_day: Both
    spent: Both
    """Of them, today."""
    known_since: datetime | None
    modem: ModemAccess | None
    """Where one may be read."""


def plan_of(uow: UnitOfWork, kiosk_id: str, now: datetime) -> ProbePlan | None:
    """None where the kiosk's venue has no line."""
    line = uow.lines.of_kiosk(kiosk_id)
    if line is None:
        return None
    capacity = capacity_of(uow, line, now)
    state = uow.linkquality.states.find(line.id)
    octets = octets_a_day(uow.linkquality.terms.of(line), capacity)
    return ProbePlan(
        line.id,
        Both(
            down=capacity.framing.ip_kbit_s(capacity.last.down, PACKET_OCTETS),
            up=capacity.framing.ip_kbit_s(capacity.last.up, PACKET_OCTETS),
        ),
        # After a week's silence the rate is the contract's again; tokens would call it proven.
        state.burst_up_octets if state and capacity.measured_up else None,
        state.burst_down_octets if state and capacity.measured_down else None,
        octets,
        spent_today(uow, line, now),
        state.known_since if state else None,
        access_of(uow, line.id),
    )


def measured_by(uow: UnitOfWork, line_id: str, kiosk_id: str | None) -> None:
    """Remember who measures, over a restart of the hub; None: nobody any more, who did said so."""
    uow.linkquality.states.of(line_id).prober = kiosk_id


def measured_before(uow: UnitOfWork, now: datetime) -> frozenset[str]:
    """Lines, by their id, that a kiosk measured up to the hub's last moments, or shortly before."""
    return frozenset(
        state.id
        for state in uow.linkquality.states.of_active_lines()
        if state.prober and state.heard_at and now - state.heard_at < AWAITED_FOR
    )


def changed_lines(uow: UnitOfWork, told: Mapping[str, datetime | None]) -> Sequence[str]:
    """Those that became others since their kiosk was told when they did last."""
    states = uow.linkquality.states.by_ids(list(told))
    return [
        line for line, since in told.items() if line in states and states[line].known_since != since
    ]


def dismissed(uow: UnitOfWork, kiosk_ids: Collection[str]) -> frozenset[str]:
    """Those whose key was withdrawn, or that are no more."""
    kiosks = uow.kiosks.by_ids(list(kiosk_ids))
    good = {one.id for one in kiosks.values() if one.active and one.revoked_at is None}
    return frozenset(kiosk_ids) - good


def calls_beside(uow: UnitOfWork, measuring: Mapping[str, str]) -> frozenset[str]:
    """Those of the `measuring` kiosks, by line, beside which another one has a call on the line, or
    a measurement of speed fills it that is not their own, which they see themselves."""
    found = {
        measuring[run.line_id]
        for run in uow.linkquality.speeds.open()
        if run.line_id in measuring and run.kiosk_id != measuring[run.line_id]
    }
    for call in uow.calls.open():
        if call.state in NOT_ON_THE_LINE:
            continue
        line = uow.lines.of_kiosk(call.kiosk_id)
        kiosk_id = measuring.get(line.id) if line is not None else None
        if kiosk_id is not None and kiosk_id != call.kiosk_id:
            found.add(kiosk_id)
    return frozenset(found)
