"""The waiting list on both databases: offers hold their slot, run out, and become appointments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases

from visiohub.booking import (
    arrivals,
    online,
    territory,
    waiting,
    waiting_desk,
    waiting_offers,
)
from visiohub.booking.appointments import cancel
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.opening import Closure
from visiohub.domain.line import TrainResult, Way
from visiohub.domain.model import AppointmentState, CancelledBy, Kiosk, Need, Room, Venue
from visiohub.domain.occupancy import Owner, OwnerKind
from visiohub.domain.permanence import Absence
from visiohub.domain.waiting_list import SOONEST, WaitingEntry, WaitState, offer_until
from visiohub.errors import (
    InvalidForm,
    LineFull,
    NotOffered,
    OfferGone,
    RoomTaken,
    SlotTaken,
    StillInUse,
    WaitingLinkDead,
    WrongState,
)
from visiohub.jobs.waiting import serve_waiting
from visiohub.notify.message import Channel
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases

TEN = NOW + timedelta(days=1, hours=1)
"""Tomorrow at 10:00 in Paris; the agent receives half an hour, tomorrow alone."""


@pytest.fixture
def full(world: World) -> str:
    """The one slot there is, taken; its appointment's id."""
    world.hold(
        first_day=DAY + timedelta(days=1),
        opens=time(10),
        closes=time(10, 30),
        rule="FREQ=DAILY;COUNT=1",
    )
    slot = online.OnlineForm(
        service_id=world.service.id, venue_id=world.venue.id, starts_at=TEN, initials="D. R."
    )
    booked = world.do(online.book_online, slot, new_token(), "192.0.2.1", NOW)
    return str(booked.appointment_id)


def join(world: World, key: str, now: datetime = NOW) -> WaitingEntry:
    form = WaitingForm(
        service_id=world.service.id,
        venue_ids=(world.elsewhere.id, world.venue.id),
        not_after=NOW + timedelta(weeks=1),
        initials="F. B.",
    )
    entry: WaitingEntry = world.do(waiting.join, form, key, "192.0.2.2", "fr", now)
    return entry


def serve(world: World, now: datetime) -> int:
    """As the job does at an instant."""
    world.hub.clock = lambda: now
    return serve_waiting(world.hub, lambda: False)


def free(world: World, appointment_id: str) -> None:
    world.do(cancel, appointment_id, CancelledBy.CITIZEN, 1, None, NOW)


def entry_of(world: World, entry: WaitingEntry) -> Any:
    return world.see(lambda uow: uow.waiting_list.get(entry.id))


def test_what_is_cancelled_is_offered_held_and_taken(world: World, full: str) -> None:
    key, other = new_token(), new_token()
    first, second = join(world, key), join(world, other, NOW + timedelta(minutes=1))
    assert serve(world, NOW) == 0
    free(world, full)
    assert serve(world, NOW) == 1
    assert entry_of(world, second).state is WaitState.WAITING
    offer = entry_of(world, first).offer
    assert (offer.starts_at, offer.kiosk_id) == (TEN, world.far.id)
    slot = online.OnlineForm(
        service_id=world.service.id, venue_id=world.elsewhere.id, starts_at=TEN
    )
    with pytest.raises(SlotTaken):  # it is held
        world.do(online.book_online, slot, new_token(), "192.0.2.1", NOW)
    with pytest.raises(WaitingLinkDead):
        world.do(waiting.accept, first.id, other, NOW)
    booked = world.do(waiting.accept, first.id, key, NOW)
    again = world.do(waiting.accept, first.id, key, NOW)
    assert (again.appointment_id, again.qr_text) == (booked.appointment_id, booked.qr_text)
    kept = world.appointment(booked.appointment_id)
    assert (kept.state, kept.agent_id) == (AppointmentState.BOOKED, world.agent.id)
    ticket = world.do(arrivals.present_code, world.far.id, again.qr_text, "fr", TEN)
    assert ticket.citizen == "F. B."


def test_an_offer_that_runs_out_goes_to_the_next(world: World, full: str) -> None:
    key = new_token()
    first = join(world, key)
    second = join(world, new_token(), NOW + timedelta(minutes=1))
    free(world, full)
    serve(world, NOW)
    until = entry_of(world, first).offer.until
    assert serve(world, until) == 1
    assert entry_of(world, first).state is WaitState.WAITING
    assert entry_of(world, second).state is WaitState.OFFERED
    with pytest.raises(WrongState):
        world.do(waiting.accept, first.id, key, until)


def test_declined_or_left_the_slot_is_free_again(world: World, full: str) -> None:
    key = new_token()
    entry = join(world, key)
    free(world, full)
    serve(world, NOW)
    world.do(waiting.decline, entry.id, key, NOW)
    assert serve(world, NOW) == 0  # the same is not offered again
    slot = online.OnlineForm(service_id=world.service.id, venue_id=world.venue.id, starts_at=TEN)
    world.do(online.book_online, slot, new_token(), "192.0.2.1", NOW)
    world.do(waiting.leave, entry.id, key, NOW)
    assert entry_of(world, entry).state is WaitState.LEFT
    with pytest.raises(WrongState):
        world.do(waiting.leave, entry.id, key, NOW)


def test_the_same_form_twice_is_one_entry(world: World, full: str) -> None:
    key = new_token()
    assert join(world, key).id == join(world, key).id
    assert full


def test_an_offer_keeps_the_services_buffers_free(world: World, full: str) -> None:
    def buffered(uow: UnitOfWork) -> None:
        service = uow.services.get(world.service.id)
        service.buffer_before_minutes, service.buffer_after_minutes = 15, 30

    world.do(buffered)
    key = new_token()
    entry = join(world, key)
    free(world, full)
    assert serve(world, NOW) == 1
    held = world.see(lambda uow: uow.occupancies.of(Owner(OwnerKind.OFFER, entry.id)))
    kept = TEN - timedelta(minutes=15), TEN + timedelta(hours=1)
    assert {(o.starts_at, o.ends_at) for o in held} == {kept}
    behind = {"day": DAY + timedelta(days=1), "kiosk_id": world.far.id}
    with pytest.raises((RoomTaken, SlotTaken)):
        world.book("10:45", service_id=world.walk_in.id, **behind)
    world.book("11:00", service_id=world.walk_in.id, **behind)
    world.do(waiting.accept, entry.id, key, NOW)


def test_refused_and_too_near_slots_do_not_hide_the_others(world: World) -> None:
    world.hold(opens=time(9), closes=time(12), rule="FREQ=DAILY;COUNT=1")
    key = new_token()
    entry = join(world, key)
    soonest = NOW + SOONEST  # 10:30: before it there are six starts, from there five
    for refused in range(5):
        assert serve(world, NOW) == 1
        offer = entry_of(world, entry).offer
        assert offer.starts_at == soonest + refused * timedelta(minutes=15)
        world.do(waiting.decline, entry.id, key, NOW)
    assert serve(world, NOW) == 0


def test_an_offer_lasts_from_when_it_is_made(world: World, full: str) -> None:
    entry = join(world, new_token())
    free(world, full)
    (due,) = world.see(waiting_offers.offers_due, NOW)
    later = NOW + timedelta(hours=9)
    made = world.do(waiting_offers.make_offer, due, later)
    assert made.offer.until == offer_until(later, TEN) > later
    world.do(waiting.pass_time, made.offer.until)
    with pytest.raises(waiting_offers.TooSoonToOffer):
        world.do(waiting_offers.make_offer, due, TEN - timedelta(hours=1))
    assert entry_of(world, entry).state is WaitState.WAITING


def test_the_trail_tells_what_an_entry_was_before(world: World, full: str) -> None:
    key = new_token()
    entry = join(world, key)
    free(world, full)
    serve(world, NOW)
    world.do(waiting.accept, entry.id, key, NOW)
    trail = {e.action: e for e in world.see(lambda uow: uow.audit.list(subject=entry.id))}
    offered = {"state": "offered", "starts_at": TEN.isoformat()}
    assert (trail["waiting.offer"].before, trail["waiting.offer"].after) == (
        {"state": "waiting"},
        offered,
    )
    assert (trail["waiting.take"].before, trail["waiting.take"].after) == (
        offered,
        {"state": "taken"},
    )


def test_what_staff_book_meanwhile_is_not_offered(world: World) -> None:
    world.counter(
        first_day=DAY + timedelta(days=1),
        opens=time(10),
        closes=time(10, 30),
        rule="FREQ=DAILY;COUNT=1",
    )
    entry = join(world, new_token())
    (due,) = world.see(waiting_offers.offers_due, NOW)
    assert due.venue_id == world.elsewhere.id
    world.book("10:00", day=DAY + timedelta(days=1), kiosk_id=world.kiosk.id)  # at the other venue
    with pytest.raises(SlotTaken):
        world.do(waiting_offers.make_offer, due, NOW)
    assert entry_of(world, entry).state is WaitState.WAITING


def test_what_can_never_come_is_not_waited_for(world: World) -> None:
    wish: dict[str, Any] = {"service_id": world.service.id, "venue_ids": (world.venue.id,)}
    for not_after in (NOW - timedelta(days=9), NOW + SOONEST - timedelta(minutes=1)):
        form = WaitingForm(**wish, not_after=not_after)
        with pytest.raises(InvalidForm) as refused:
            world.do(waiting.join, form, new_token(), "192.0.2.2", "fr", NOW)
        assert [e.field for e in refused.value.errors] == ["not_after"]

    def elsewhere_only(uow: UnitOfWork) -> None:
        uow.services.get(world.service.id).venue_ids = (world.elsewhere.id,)

    world.do(elsewhere_only)
    wish["not_after"] = NOW + timedelta(days=7)
    for venue_ids in ((world.venue.id,), (world.elsewhere.id, world.venue.id), ("nowhere",)):
        form = WaitingForm(**{**wish, "venue_ids": venue_ids})
        with pytest.raises(NotOffered):
            world.do(waiting.join, form, new_token(), "192.0.2.2", "fr", NOW)
    form = WaitingForm(**{**wish, "venue_ids": (world.elsewhere.id,)})
    world.do(waiting.join, form, new_token(), "192.0.2.2", "fr", NOW)


def test_what_an_offer_holds_is_not_retired(world: World, full: str) -> None:
    key = new_token()
    entry = join(world, key)
    free(world, full)
    assert serve(world, NOW) == 1
    kiosk = world.see(lambda uow: uow.kiosks.get(entry_of(world, entry).offer.kiosk_id))
    for kind, thing_id in (
        (Kiosk, kiosk.id), (Room, kiosk.room_id), (Venue, world.elsewhere.id)
    ):  # fmt: skip
        with pytest.raises(StillInUse):
            world.do(territory.retire, kind, thing_id, 1, world.admin, NOW)
    world.do(waiting.decline, entry.id, key, NOW)
    world.do(territory.retire, Kiosk, kiosk.id, 1, world.admin, NOW)


@pytest.mark.parametrize("at_the_desk", [False, True])
def test_who_leaves_is_erased(world: World, at_the_desk: bool) -> None:
    key = new_token()
    form = WaitingForm(
        service_id=world.service.id,
        venue_ids=(world.venue.id,),
        not_after=NOW + timedelta(weeks=1),
        initials="F. B.",
        phone="06 12 34 56 78",
        email="f@example.fr",
        needs=frozenset({Need.LARGE_PRINT}),
    )
    entry = world.do(waiting.join, form, key, "192.0.2.2", "fr", NOW)
    said = Channel.MAIL, "f@example.fr", {}, NOW
    world.do(lambda uow: uow.outbox.put(*said, "its", subject_id=entry.id))
    world.do(lambda uow: uow.outbox.put(*said, "another's"))
    if at_the_desk:
        world.do(waiting_desk.remove, entry.id, entry.version, world.reception, NOW)
    else:
        world.do(waiting.leave, entry.id, key, NOW)
    kept = entry_of(world, entry)
    assert (kept.initials, kept.phone, kept.email, kept.needs) == ("", "", "", frozenset())
    assert world.see(lambda uow: [uow.outbox.knows(i) for i in ("its", "another's")]) == [
        False, True
    ]  # fmt: skip


def offered(world: World, full: str, notice: int = 0) -> tuple[WaitingEntry, str]:
    """Somebody to whom tomorrow's slot is offered now, and their key; `notice` of the service in
    minutes."""
    world.do(lambda uow: setattr(uow.services.get(world.service.id), "notice_minutes", notice))
    key = new_token()
    entry = join(world, key)
    free(world, full)
    assert serve(world, NOW) == 1
    return entry, key


def closes(world: World, uow: UnitOfWork) -> None:
    works = Closure(TEN - timedelta(hours=2), TEN + timedelta(hours=8), "Travaux")
    kept = PlaceRules.of_new(uow.venues.get(world.elsewhere.id))
    kept.rules = replace(kept.rules, closures=(works,))
    uow.place_rules.add(kept)


def is_away(world: World, uow: UnitOfWork) -> None:
    span = TEN - timedelta(hours=2), TEN + timedelta(hours=8)
    uow.absences.add(Absence("a", world.agent.id, world.partner.id, *span, "Formation"))


def is_withdrawn(world: World, uow: UnitOfWork) -> None:
    uow.services.get(world.service.id).venue_ids = (world.venue.id,)


@pytest.mark.parametrize("at_the_desk", [False, True])
@pytest.mark.parametrize("what_happens", [closes, is_away, is_withdrawn])
def test_what_became_impossible_is_not_taken(
    world: World, full: str, what_happens: Callable[[World, UnitOfWork], None], at_the_desk: bool
) -> None:
    entry, key = offered(world, full)
    world.do(lambda uow: what_happens(world, uow))
    later = NOW + timedelta(minutes=5)
    version = entry_of(world, entry).version
    use_case = waiting_desk.accept if at_the_desk else waiting.accept
    with pytest.raises(OfferGone):
        world.do(use_case, entry.id, *((version, world.agent) if at_the_desk else (key,)), later)
    kept = entry_of(world, entry)
    assert (kept.state, kept.offer, kept.refused) == (WaitState.WAITING, None, ())
    assert world.see(lambda uow: uow.occupancies.of(Owner(OwnerKind.OFFER, entry.id))) == []
    assert [a.id for a in world.see(lambda uow: uow.appointments.list())] == [full]
    (said,) = world.see(lambda uow: uow.audit.list(subject=entry.id, action="waiting.withdraw"))
    assert said.after == {"state": "waiting"}


def test_who_comes_instead_of_the_agent_receives(world: World, full: str) -> None:
    entry, key = offered(world, full)
    form = {"first_day": DAY + timedelta(days=1), "agent_id": world.colleague.id}
    world.hold(**form, opens=time(10), closes=time(10, 30), rule="FREQ=DAILY;COUNT=1")
    world.do(lambda uow: is_away(world, uow))
    booked = world.do(waiting.accept, entry.id, key, NOW)
    assert world.appointment(booked.appointment_id).agent_id == world.colleague.id


def test_the_services_notice_is_that_of_the_offer(world: World, full: str) -> None:
    entry, key = offered(world, full, notice=24 * 60)
    late = entry_of(world, entry).offer.until - timedelta(minutes=1)
    assert late + timedelta(days=1) > TEN
    booked = world.do(waiting.accept, entry.id, key, late)
    assert world.appointment(booked.appointment_id).starts_at == TEN


def measure(world: World) -> None:
    """520 kbit/s up from the first venue: one visio, and little else."""

    def measured(uow: UnitOfWork) -> None:
        line = uow.lines.of_venue(world.venue.id)
        assert line is not None
        number = uow.linkquality.states.of(line.id).number
        for hour in range(3):
            seen = NOW - timedelta(hours=hour + 1)
            rows = [
                TrainResult(seen, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
                for way, kbit_s in ((Way.UP, 520.0), (Way.DOWN, 8000.0))
            ]
            uow.linkquality.series.add_trains([(number, row) for row in rows])

    world.do(measured)


def offered_here(world: World) -> tuple[WaitingEntry, str, dict[str, Any]]:
    """Somebody with an offer at the first venue, their key, and the kiosk beside, that day."""
    world.hold(
        first_day=DAY + timedelta(days=1),
        opens=time(10),
        closes=time(10, 30),
        rule="FREQ=DAILY;COUNT=1",
    )
    key = new_token()
    form = WaitingForm(
        service_id=world.service.id,
        venue_ids=(world.venue.id,),
        not_after=NOW + timedelta(weeks=1),
    )
    entry = world.do(waiting.join, form, key, "192.0.2.2", "fr", NOW)
    assert serve(world, NOW) == 1
    taken = entry_of(world, entry).offer.kiosk_id
    other = next(k.id for k in (world.kiosk, world.beside) if k.id != taken)
    day = DAY + timedelta(days=1)
    return entry, key, {"service_id": world.walk_in.id, "day": day, "kiosk_id": other}


def test_an_offer_holds_its_share_of_the_line(world: World) -> None:
    measure(world)
    entry, key, beside = offered_here(world)
    with pytest.raises(LineFull):
        world.book("10:00", **beside)
    world.book("10:30", **beside)
    world.do(waiting.accept, entry.id, key, NOW)
    with pytest.raises(LineFull):
        world.book("10:00", **beside)


def test_where_the_line_got_full_nothing_is_half_done(world: World) -> None:
    entry, key, beside = offered_here(world)
    meanwhile = world.book("10:00", **beside)  # nobody knows yet how little the line carries
    measure(world)
    with pytest.raises(OfferGone):
        world.do(waiting.accept, entry.id, key, NOW)
    assert (entry_of(world, entry).state, entry_of(world, entry).offer) == (WaitState.WAITING, None)
    kept = world.see(lambda uow: [a.id for a in uow.appointments.list()])
    assert kept == [meanwhile.appointment_id]
    assert world.see(lambda uow: uow.occupancies.of(Owner(OwnerKind.OFFER, entry.id))) == []
