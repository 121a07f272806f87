from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from signaling.ports import CallFact
from signaling.protocol.cards import DeviceCard
from visiohub.booking import accounts, agenda, appointments, arrivals, calls, presence, upkeep
from visiohub.booking.personal import retention
from visiohub.domain.model import AppointmentState as State
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases

TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def after(**duration: float) -> datetime:
    return TEN + timedelta(**duration)


def settled(world: World, appointment_id: str, at: datetime) -> tuple[State, str | None]:
    world.do(upkeep.settle_unmet, at)
    appointment = world.appointment(appointment_id)
    return appointment.state, appointment.lost_cause


def test_an_absence_is_noted_after_the_grace(world: World) -> None:
    booked = world.book("10:00")
    assert settled(world, booked.appointment_id, after(minutes=44))[0] is State.BOOKED
    assert settled(world, booked.appointment_id, after(minutes=45)) == (State.NO_SHOW, None)


def test_a_kiosk_that_was_away_is_the_cause(world: World) -> None:
    booked = world.book("10:00")
    world.do(presence.kiosk_presence, world.kiosk.id, False, "", after(minutes=-5))
    world.do(presence.kiosk_presence, world.kiosk.id, True, "1.1", after(minutes=2))
    assert settled(world, booked.appointment_id, after(hours=1)) == (State.LOST, "line_fault")
    state = world.see(agenda.kiosk_states, after(hours=1), [world.venue.id])[0]
    assert (state.away_since, state.kiosk.software) == (None, "1.1")


def test_a_kiosk_that_never_was_is_the_cause(world: World) -> None:
    def never_seen(uow: object) -> None:
        uow.kiosks.get(world.kiosk.id).seen_at = None  # type: ignore[attr-defined]

    world.do(never_seen)
    booked = world.book("10:00")
    assert settled(world, booked.appointment_id, after(hours=1)) == (State.LOST, "line_fault")


def test_who_waits_still_is_left_alone(world: World) -> None:
    booked = world.book("10:00")
    ticket = world.do(arrivals.present_code, world.kiosk.id, booked.code, "fr", TEN)
    assert settled(world, booked.appointment_id, after(hours=1))[0] is State.ARRIVED
    fact = CallFact(ticket.call_id, after(hours=1), "ended", 0, end_reason="left_by_citizen")
    world.do(calls.record_fact, fact)
    assert settled(world, booked.appointment_id, after(hours=1)) == (State.LOST, "agent_absent")


def test_a_hub_that_was_down_is_the_cause(world: World) -> None:
    met, missed, later = (world.book(f"{hour}:00").appointment_id for hour in ("09", "10", "11"))
    world.do(presence.still_here, after(minutes=-5))  # its last turn
    back = after(minutes=50)
    world.do(presence.forget_presence, back)
    world.do(presence.kiosk_presence, world.kiosk.id, True, "1.0", back + timedelta(seconds=20))
    assert settled(world, missed, back) == (State.LOST, "line_fault")
    assert settled(world, met, back) == (State.NO_SHOW, None)  # the kiosk was there, the hub too
    assert settled(world, later, after(hours=2)) == (State.NO_SHOW, None)
    kiosk = world.see(lambda uow: uow.kiosks.get(world.kiosk.id))
    assert kiosk.version == 1  # to be seen is no edit


def test_the_hub_starts_and_no_kiosk_is_here(world: World) -> None:
    world.do(presence.still_here, NOW)
    world.do(presence.forget_presence, after(hours=1))
    states = world.see(agenda.kiosk_states, after(hours=1))
    assert [(s.kiosk.here, s.away_since) for s in states] == [(False, NOW)] * 3


def test_kiosks_tell_their_devices(world: World) -> None:
    card = DeviceCard(kind="camera", status="unplugged", name="Caméra")
    world.do(presence.kiosk_devices, world.kiosk.id, [card])
    kiosk = world.see(lambda uow: uow.kiosks.get(world.kiosk.id))
    assert [d["status"] for d in kiosk.devices] == ["unplugged"]


def test_help_is_asked_for_comes_and_is_over(world: World) -> None:
    def state() -> tuple[datetime | None, datetime | None]:
        kiosk = world.see(lambda uow: uow.kiosks.get(world.kiosk.id))
        return kiosk.help_asked_at, kiosk.help_coming_at

    phone = world.do(presence.help_wanted, world.kiosk.id, True, TEN)
    assert phone == "04 65 71 20 05"
    assert world.topics == {"kiosks", f"reception:{world.venue.id}"}
    world.do(presence.help_wanted, world.kiosk.id, True, after(minutes=1))
    world.do(presence.help_coming, world.kiosk.id, world.reception, after(minutes=2))
    assert state() == (TEN, after(minutes=2))
    world.do(presence.help_wanted, world.kiosk.id, False, after(minutes=3))
    assert state() == (None, None)


def test_purging_keeps_what_may_be_kept(world: World) -> None:
    booked = world.book("10:00", initials="Q. Z.", phone="04 65 71 20 99")
    ticket = world.do(arrivals.present_code, world.kiosk.id, booked.code, "fr", TEN)
    refused = CallFact(
        ticket.call_id, TEN, "ended", 0, end_reason="refused", refusal="other", refusal_text="Q. Z."
    )
    world.do(calls.record_fact, refused)
    world.do(accounts.open_session, world.agent, "Firefox", TEN)

    world.do(retention.purge, after(days=7))
    assert world.appointment(booked.appointment_id).phone == "04 65 71 20 99"
    assert world.do(retention.purge, after(days=7, minutes=31))["contacts"] == 1
    kept = world.appointment(booked.appointment_id)
    assert (kept.initials, kept.phone, kept.code_hash, kept.token_hash) == ("", "", "", "")
    call = world.see(lambda uow: uow.calls.get(ticket.call_id))
    assert (call.refusal, call.refusal_text) == ("other", "")

    world.do(retention.purge, after(days=730, minutes=31))
    left = world.see(
        lambda uow: [len(r.list()) for r in (uow.appointments, uow.calls, uow.sessions, uow.audit)]
    )
    assert left == [0, 0, 0, 0]


def test_appointments_may_go_before_their_calls(world: World) -> None:
    booked = world.book("10:00")
    ticket = world.do(arrivals.present_code, world.kiosk.id, booked.code, "fr", TEN)
    world.do(lambda uow: uow.purge.appointments(after(days=1)))
    call = world.see(lambda uow: uow.calls.get(ticket.call_id))
    assert call.appointment_id is None


def test_old_tries_and_codes_are_forgotten(world: World) -> None:
    from visiohub.booking import enrolment, limits

    world.do(limits.count_try, "k", "x", NOW)
    world.do(enrolment.issue_code, world.kiosk.id, world.admin, NOW)
    world.do(upkeep.forget_tries, NOW + timedelta(days=2, seconds=1))
    assert world.see(lambda uow: uow.attempts.list()) == []
    assert world.see(lambda uow: uow.enrolment_codes.list()) == []


def test_a_settled_one_is_not_settled_twice(world: World) -> None:
    world.book("10:00")
    assert world.do(upkeep.settle_unmet, after(hours=1)) == 1
    assert world.do(upkeep.settle_unmet, after(hours=2)) == 0


@pytest.mark.parametrize("state", [State.NO_SHOW, State.CANCELLED])
def test_what_is_over_stays_over(world: World, state: State) -> None:
    booked = world.book("10:00")

    def over(uow: UnitOfWork) -> None:
        appointment = uow.appointments.get(booked.appointment_id)
        appointments.change_state(uow, appointment, state, "appointment.settle", None, NOW)

    world.do(over)
    assert settled(world, booked.appointment_id, after(hours=1)) == (state, None)
