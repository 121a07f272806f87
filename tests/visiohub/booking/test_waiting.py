"""The waiting list on both databases: offers hold their slot, run out, and become appointments."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from waiting_world import TEN, entry_of, fill, free, join, serve

from visiohub.booking import arrivals, online, territory, waiting, waiting_desk, waiting_offers
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.model import AppointmentState, Kiosk, Need, Room, Venue
from visiohub.domain.occupancy import Owner, OwnerKind
from visiohub.domain.waiting_list import SOONEST, UNTOLD_OFFER, WaitState, offer_until
from visiohub.errors import (
    AlreadyWaiting,
    InvalidForm,
    NotOffered,
    RoomTaken,
    SlotTaken,
    StillInUse,
    TooManyAttempts,
    WaitingLinkDead,
    WrongState,
)
from visiohub.notify.message import Channel
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases


@pytest.fixture
def full(world: World) -> str:
    return fill(world)


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
    entry = join(world, new_token(), phone="04 65 71 20 05")
    free(world, full)
    (due,) = world.see(waiting_offers.offers_due, NOW)
    later = NOW + timedelta(hours=9)
    made = world.do(waiting_offers.make_offer, due, later)
    assert made.offer.until == offer_until(later, TEN) > later
    world.do(waiting.pass_time, made.offer.until)
    with pytest.raises(waiting_offers.TooSoonToOffer):
        world.do(waiting_offers.make_offer, due, TEN - timedelta(hours=1))
    assert entry_of(world, entry).state is WaitState.WAITING


def test_a_slot_is_held_shortly_for_whom_nobody_can_tell(world: World, full: str) -> None:
    entry = join(world, new_token())
    free(world, full)
    serve(world, NOW)
    assert entry_of(world, entry).offer.until == NOW + UNTOLD_OFFER
    assert serve(world, NOW + UNTOLD_OFFER) == 0
    assert entry_of(world, entry).offer is None


@pytest.mark.parametrize("phone", ["", "04 92 45 00 00"])
def test_who_cannot_be_told_waits_on_each_start_is_offered_once(world: World, phone: str) -> None:
    world.hold(opens=time(9), closes=time(14), rule="FREQ=DAILY;COUNT=1")
    entry = join(world, new_token(), phone=phone)
    offered, now = [], NOW
    while serve(world, now):
        offer = entry_of(world, entry).offer
        offered.append(offer.starts_at)
        now = offer.until
    assert len(set(offered)) == len(offered)
    # of who is told, the second that runs out ends it
    assert (len(offered) == 2) is bool(phone)
    state = WaitState.OVER if phone else WaitState.WAITING
    assert (entry_of(world, entry).state, len(offered) >= 2) == (state, True)


def test_staff_who_offer_by_hand_tell_them(world: World, full: str) -> None:
    entry = join(world, new_token())
    free(world, full)
    version = entry_of(world, entry).version
    wish = world.elsewhere.id, TEN, version, world.reception, NOW
    world.do(waiting_desk.offer, entry.id, *wish)
    assert entry_of(world, entry).offer.until == offer_until(NOW, TEN) > NOW + UNTOLD_OFFER


def test_a_telephone_or_an_address_waits_once_for_one_thing(world: World, full: str) -> None:
    key = new_token()
    entry = join(world, key, phone="06 12 34 56 78", email="f@example.org")
    for contact in ({"phone": "+33612345678"}, {"email": "F@example.org"}):
        with pytest.raises(AlreadyWaiting):
            join(world, new_token(), **contact)
    assert join(world, key, phone="06 12 34 56 78").id == entry.id  # the form came twice
    join(world, new_token(), phone="06 12 34 56 79", email="g@example.org")
    join(world, new_token(), service_id=world.walk_in.id, phone="06 12 34 56 78")
    world.do(waiting.leave, entry.id, key, NOW)
    join(world, new_token(), phone="06 12 34 56 78")


def test_asking_who_waits_already_counts(world: World, full: str) -> None:
    join(world, new_token(), phone="06 12 34 56 78")
    for _ in range(online.MOST_AN_HOUR - 1):
        with pytest.raises(AlreadyWaiting):
            join(world, new_token(), phone="06 12 34 56 78")
    with pytest.raises(TooManyAttempts):
        join(world, new_token(), phone="06 12 34 56 78")


def test_staff_enter_several_of_one_telephone(world: World, full: str) -> None:
    form = WaitingForm(
        service_id=world.service.id,
        venue_ids=(world.venue.id,),
        not_after=NOW + timedelta(weeks=1),
        phone="06 12 34 56 78",
    )
    for _ in range(2):
        world.do(waiting_desk.join, form, new_token(), "fr", world.reception, NOW)


def test_who_may_have_a_free_slot_need_not_wait(world: World, full: str) -> None:
    wish: dict[str, Any] = {
        "service_id": world.service.id,
        "venue_ids": (world.elsewhere.id, world.venue.id),
    }
    form = WaitingForm(**wish, not_after=NOW + timedelta(weeks=1))
    key = new_token()
    assert not world.see(waiting.free_instead, form, key, NOW)
    free(world, full)
    found = world.see(waiting.free_instead, form, key, NOW)
    assert [v.near.venue.id for v in found] == [world.elsewhere.id, world.venue.id]
    assert {s.starts_at for v in found for s in v.slots} == {TEN}
    sooner = WaitingForm(**wish, not_after=TEN)
    assert not world.see(waiting.free_instead, sooner, key, NOW)
    # what the list would not offer is no reason not to wait
    for near, is_shown in ((SOONEST, True), (SOONEST - timedelta(minutes=1), False)):
        assert bool(world.see(waiting.free_instead, form, key, TEN - near)) is is_shown
    over = WaitingForm(**wish, not_after=NOW + timedelta(minutes=10))
    assert not world.see(waiting.free_instead, over, key, NOW)
    join(world, key)
    assert not world.see(waiting.free_instead, form, key, NOW)  # they wait: the form came twice


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
    wish = {"email": "f@example.fr", "needs": frozenset({Need.LARGE_PRINT})}
    entry = join(world, key, venue_ids=(world.venue.id,), phone="06 12 34 56 78", **wish)
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
