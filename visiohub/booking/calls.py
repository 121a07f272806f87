"""Calls: admission, what signaling writes down, and the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import cast

from signaling.ports import CallFact, CallReport, Ticket, UnfinishedCall
from signaling.protocol.cards import DeviceCard, EndReason, RefusalReason
from visiohub.booking.appointments import change_state
from visiohub.booking.directory import Directory
from visiohub.booking.forms import CallFilter
from visiohub.booking.lines.shares import budgets
from visiohub.booking.parties import party_of
from visiohub.booking.tickets import ticket_of
from visiohub.booking.views import CallRow
from visiohub.domain.appointment import after_call, may_become
from visiohub.domain.line import CallMinute
from visiohub.domain.line_figures import with_report
from visiohub.domain.model import (
    Appointment,
    AppointmentState,
    Call,
    CallEnd,
    CancelledBy,
)
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.domain.record import blend, note_faults
from visiohub.errors import CallOver, CallTaken, NotAllowed
from visiohub.storage.uow import UnitOfWork


def admit(uow: UnitOfWork, person_id: str, call_id: str, now: datetime) -> Ticket:
    """Give the waiting call to this agent, once.

    Raises NotAllowed, CallTaken (another agent was first), CallOver.
    """
    directory = Directory(uow)
    call = uow.calls.find(call_id)
    if call is None or call.state == "ended":
        raise CallOver(f"call {call_id!r} has ended")
    if person_id not in party_of(directory, call).person_ids:
        raise NotAllowed(f"call {call_id} is not for {person_id}")
    if call.person_id not in {None, person_id}:
        raise CallTaken(f"call {call_id} is held by another agent")
    call.person_id = person_id
    call.admitted_at = call.admitted_at or now
    if call.state == "waiting":
        call.state = "admitted"
    appointment = uow.appointments.find(call.appointment_id)
    if appointment is not None and appointment.state is AppointmentState.ARRIVED:
        _take_over(uow, appointment, person_id)
        agent = uow.persons.get(person_id)
        change_state(uow, appointment, AppointmentState.IN_CALL, "appointment.admit", agent, now)
    _tell(directory, call)
    ticket = ticket_of(directory, call, appointment)
    return replace(ticket, budget=budgets(uow, now).get(call.id))


def _take_over(uow: UnitOfWork, appointment: Appointment, person_id: str) -> None:
    """An appointment that had a counter's seat has this agent now, who may be promised elsewhere:
    then the seat goes on standing for whoever receives."""
    agent = Resource(ResourceKind.AGENT, person_id)
    if appointment.seat_id is None or appointment.agent_id is not None:
        return
    if not uow.occupancies.between([agent], appointment.starts_at, appointment.ends_at):
        appointment.agent_id, appointment.seat_id = person_id, None


def may_answer(uow: UnitOfWork, person_id: str, call_id: str) -> bool:
    """May this person make wait or refuse this call? Those whom it is for, while it waits."""
    call = uow.calls.find(call_id)
    if call is None or call.state != "waiting":
        return False
    return person_id in party_of(Directory(uow), call).person_ids


def record_fact(uow: UnitOfWork, fact: CallFact) -> None:
    """Write down a change of a call; at its end its appointment follows. Raises NotFound."""
    call = uow.calls.get(fact.call_id)
    if call.state == "ended":
        return
    if fact.state == "interrupted" and call.state != "interrupted":
        call.interruptions += 1
    if fact.state == "connected" and call.connected_at is None:
        call.connected_at = fact.at
        note_faults(call, "kiosk", uow.kiosks.get(call.kiosk_id).devices)
    call.state, call.generation = fact.state, fact.generation
    call.person_id = fact.person_id or call.person_id
    call.interrupted_at, call.gives_up_at = fact.interrupted_at, fact.gives_up_at
    call.asked_to_wait_minutes = fact.asked_to_wait_minutes
    if fact.state == "ended":
        call.ended_at, call.end_reason = fact.at, fact.end_reason
        call.refusal, call.refusal_text = fact.refusal, fact.refusal_text
        call.agent_devices = ()  # what failed stays in the record
        appointment = uow.appointments.find(call.appointment_id)
        if appointment is not None:
            _settle(uow, appointment, call, fact.at)
    _tell(Directory(uow), call)


def record_report(uow: UnitOfWork, call_id: str, report: CallReport) -> None:
    """Blend one end's statistics into the record. Raises NotFound."""
    call = uow.calls.get(call_id)
    told = CallEnd(**report.report.model_dump(include=set(asdict(CallEnd()))))
    covered_s = (report.at - (call.connected_at or report.at)).total_seconds()
    if report.end == "kiosk":
        call.kiosk_end = blend(call.kiosk_end, told, covered_s)
    else:
        call.agent_end = blend(call.agent_end, told, covered_s)
    _keep_minute(uow, call_id, report)


def _keep_minute(uow: UnitOfWork, call_id: str, report: CallReport) -> None:
    """The report as part of its minute, for the plots of the line."""
    at, one = report.at.replace(second=0, microsecond=0), report.report
    told = CallMinute(
        call_id=call_id,
        end=report.end,
        at=at,
        reports=1,
        sent_kbit_s=one.sent_kbit_s,
        received_kbit_s=one.received_kbit_s,
        loss_ratio=one.loss_ratio,
        rtt_ms=one.rtt_ms,
        freezes_per_minute=one.freezes_per_minute,
    )
    before = uow.linkquality.call_minutes.of(call_id, report.end, at)
    uow.linkquality.call_minutes.put(with_report(before, told))


def agent_devices(uow: UnitOfWork, call_id: str, devices: Sequence[DeviceCard]) -> None:
    """The agent's page told the state of its devices, the last word on each kind counts.

    Names are not kept, since a headset may bear its owner's; the rest is, while the call lasts.
    Raises NotFound.
    """
    call = uow.calls.get(call_id)
    if call.state == "ended":
        return
    latest = {card.kind: card.model_dump() | {"name": ""} for card in devices}
    call.agent_devices = tuple(latest.values())
    note_faults(call, "agent", call.agent_devices)
    _tell(Directory(uow), call)
    uow.changed("kiosks")


def may_admit(uow: UnitOfWork) -> dict[str, frozenset[str]]:
    """Person ids that may admit each open call, by call id."""
    directory = Directory(uow)
    return {call.id: party_of(directory, call).person_ids for call in uow.calls.open()}


def unfinished_calls(uow: UnitOfWork, now: datetime) -> list[UnfinishedCall]:
    """The calls that were open when the hub last stopped, as it last knew them."""
    directory, shares = Directory(uow), budgets(uow, now)
    appointments = uow.appointments.by_ids([c.appointment_id for c in uow.calls.open()])
    return [
        UnfinishedCall(
            ticket=replace(
                ticket_of(directory, call, appointments.get(call.appointment_id or "")),
                budget=shares.get(call.id),
            ),
            fact=_fact(call),
            admitted_at=call.admitted_at,
        )
        for call in uow.calls.open()
    ]


def list_calls(uow: UnitOfWork, wanted: CallFilter) -> Sequence[CallRow]:
    """The record, the newest first; for the page and the CSV."""
    kiosks = services = None
    if wanted.venue_id is not None:
        rooms = uow.rooms.list(venue_id=wanted.venue_id)
        kiosks = [k.id for room in rooms for k in uow.kiosks.list(room_id=room.id)]
    if wanted.partner_id is not None:
        services = [s.id for s in uow.services.list(partner_id=wanted.partner_id)]
    calls = uow.calls.between(
        wanted.start,
        wanted.end,
        kiosk_ids=kiosks,
        service_ids=services,
        end_reason=wanted.end_reason,
        limit=wanted.limit,
    )
    directory = Directory(uow)
    return [_row(directory, call) for call in calls]


def _row(directory: Directory, call: Call) -> CallRow:
    party = party_of(directory, call)
    waited_until = call.admitted_at or call.ended_at or call.arrived_at
    lasted_until = call.ended_at or call.connected_at
    return CallRow(
        call=call,
        partner=party.name,
        service=party.service,
        place=directory.place(call.kiosk_id),
        agent=directory.label(call.person_id),
        waited_s=int((waited_until - call.arrived_at).total_seconds()),
        lasted_s=int((lasted_until - call.connected_at).total_seconds())
        if call.connected_at and lasted_until
        else 0,
    )


def _fact(call: Call) -> CallFact:
    return CallFact(
        call_id=call.id,
        at=call.interrupted_at or call.admitted_at or call.arrived_at,
        state=call.state,
        generation=call.generation,
        person_id=call.person_id,
        interrupted_at=call.interrupted_at,
        gives_up_at=call.gives_up_at,
        end_reason=cast("EndReason | None", call.end_reason),
        refusal=cast("RefusalReason | None", call.refusal),
        refusal_text=call.refusal_text,
        asked_to_wait_minutes=call.asked_to_wait_minutes,
    )


def _settle(uow: UnitOfWork, appointment: Appointment, call: Call, now: datetime) -> None:
    state, cause = after_call(
        call.end_reason or "",
        was_in_call=appointment.state is AppointmentState.IN_CALL,
        connected=call.connected_at is not None,
    )
    if not may_become(appointment.state, state):
        return  # a person settled it otherwise meanwhile
    change_state(uow, appointment, state, "appointment.settle", None, now)
    appointment.lost_cause = cause
    if state is AppointmentState.CANCELLED:
        appointment.cancelled_by = CancelledBy.AGENT


def _tell(directory: Directory, call: Call) -> None:
    _, _, venue = directory.whereabouts(call.kiosk_id)
    topics = party_of(directory, call).topics
    directory.uow.changed(*topics, f"reception:{venue.id}", "calls")
