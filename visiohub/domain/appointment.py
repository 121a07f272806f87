"""The life of an appointment: which state may follow which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from visiohub.domain import hours
from visiohub.domain.model import AppointmentState as State

HOLDS_ITS_SLOT = frozenset({State.BOOKED, State.CONFIRMED, State.ARRIVED, State.IN_CALL})
"""States in which kiosk and agent are taken; the overlap triggers name the same four."""

TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.BOOKED: frozenset(
        {State.CONFIRMED, State.ARRIVED, State.CANCELLED, State.NO_SHOW, State.LOST}
    ),
    State.CONFIRMED: frozenset({State.ARRIVED, State.CANCELLED, State.NO_SHOW, State.LOST}),
    # back to booked: left the kiosk while waiting, the code still opens until the end
    State.ARRIVED: frozenset({State.IN_CALL, State.BOOKED, State.CANCELLED, State.LOST}),
    State.IN_CALL: frozenset({State.DONE, State.LOST}),
    # hung up by mistake, or the line came back: the same paper opens again until the end
    State.DONE: frozenset({State.ARRIVED}),
    State.LOST: frozenset({State.ARRIVED}),
    State.CANCELLED: frozenset(),
    State.NO_SHOW: frozenset(),
}


def may_become(now_in: State, wanted: State) -> bool:
    """Is this step one of the drawn ones?"""
    return wanted in TRANSITIONS[now_in]


def comes_from(starts_at: datetime, zone: ZoneInfo, early: timedelta) -> datetime:
    """When somebody can first be noted as here: on the venue's day of the appointment, or `early`
    before one that starts just after midnight."""
    return min(hours.day_span(hours.local_day(starts_at, zone), zone)[0], starts_at - early)


def unmet(
    starts_at: datetime,
    ends_at: datetime,
    *,
    arrived: bool,
    away: Sequence[tuple[datetime, datetime]],
) -> tuple[State, str | None]:
    """What an appointment that was never held becomes, with the cause when it is lost.

    Nobody is blamed for the equipment: the kiosk away (`away`, spans of time) when the
    appointment started, or for half of it, is a fault. Who came and was not received was lost.
    """
    if arrived:
        return State.LOST, "agent_absent"
    lost = timedelta()
    for began, ended in away:
        lost += max(timedelta(), min(ended, ends_at) - max(began, starts_at))
        if began <= starts_at < ended:
            return State.LOST, "line_fault"
    if lost * 2 >= ends_at - starts_at:
        return State.LOST, "line_fault"
    return State.NO_SHOW, None


def after_call(end_reason: str, *, was_in_call: bool, connected: bool) -> tuple[State, str | None]:
    """What an appointment becomes when its call ends, with the cause when it is lost.

    `end_reason` is signaling.protocol.cards.EndReason.
    """
    match end_reason:
        case "refused":
            return State.CANCELLED, None
        case "left_by_citizen" | "hung_up_by_citizen" if not was_in_call:
            return State.BOOKED, None
        case "left_by_citizen" | "hung_up_by_citizen" | "hung_up_by_agent":
            return (State.DONE, None) if connected else (State.LOST, "line_fault")
        case _:
            return State.LOST, end_reason
