"""An offer of the waiting list is told: by mail, by SMS, or to reception, who answers for them."""

from __future__ import annotations

import json
import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from mail_server import MailServer
from opened import body, sent
from stranger import Stranger

from visiohub.booking import territory, waiting, waiting_desk, waiting_offers
from visiohub.booking.forms import PersonForm
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.model import Role
from visiohub.domain.waiting_list import WaitingEntry, WaitState
from visiohub.errors import EditedMeanwhile, NotFound, SlotTaken, WaitingLinkDead, WrongState
from visiohub.jobs.waiting import serve_waiting
from visiohub.notify.sms import LONGEST

TEN = NOW + timedelta(days=1, hours=1)
"""Tomorrow at 10:00 in Paris: two slots of half an hour, of one agent."""
DESK = "accueil@example.fr"


@pytest.fixture
def more_settings(stranger: Stranger) -> dict[str, Any]:
    return {"sms_url": f"{stranger.url}/sms", "private_hosts": ("127.0.0.1",)}


@pytest.fixture
def open_world(world: World) -> World:
    """Reception has an address."""

    def give(uow: Any) -> None:
        uow.persons.get(world.reception.id).email = DESK

    world.do(give)
    world.hold(
        first_day=DAY + timedelta(days=1),
        opens=time(10),
        closes=time(11),
        rule="FREQ=DAILY;COUNT=1",
    )
    return world


def join(world: World, key: str = "", now: datetime = NOW, **contact: str) -> WaitingEntry:
    form = WaitingForm(
        service_id=world.service.id,
        venue_ids=(world.venue.id,),
        not_after=NOW + timedelta(weeks=1),
        initials="F. B.",
        **contact,
    )
    address = f"192.0.2.{len(key) % 9}"
    entry: WaitingEntry = world.do(waiting.join, form, key or new_token(), address, "fr", now)
    return entry


def serve(world: World) -> int:
    return serve_waiting(world.hub, lambda: False)


def entry_of(world: World, entry: WaitingEntry) -> Any:
    return world.see(lambda uow: uow.waiting_list.get(entry.id))


def test_a_mail_brings_the_link_that_takes_the_place_and_until_when(
    open_world: World, post: MailServer
) -> None:
    world, own = open_world, new_token()
    entry = join(world, own, email="citizen@example.fr", phone="06 12 34 56 78")
    assert serve(world) == 1
    mails = sent(world, post)
    assert set(mails) == {"citizen@example.fr"}
    said = body(mails["citizen@example.fr"])
    subject = "Une place pour vous : mardi 24 novembre 2026, 10 h"
    assert mails["citizen@example.fr"]["Subject"] == subject
    # half of the time until an hour before, 24 h from now: 12 h, at most
    assert "gardée jusqu’à ce moment\u00a0: lundi 23 novembre 2026, 21\u00a0h" in said
    assert "Logement" not in said
    assert all(part.get_content_type() != "text/calendar" for part in mails.popitem()[1].walk())
    found = re.search(r"http://127\.0\.0\.1:8080/wait/(\w+)\?key=([\w-]+)", said)
    assert found is not None
    entry_id, key = found.groups()
    assert (entry_id, key != own) == (entry.id, True)
    booked = world.do(waiting.accept, entry_id, key, NOW)
    kept = world.appointment(booked.appointment_id)
    assert (kept.starts_at, kept.email) == (TEN, "citizen@example.fr")
    assert f"/my/{booked.appointment_id}?key={key}" in body(sent(world, post)["citizen@example.fr"])
    assert world.see(waiting.own, entry_id, own).state is WaitState.TAKEN
    with pytest.raises(WaitingLinkDead):
        world.see(waiting.own, entry_id, "")


def test_a_mobile_without_an_address_gets_an_sms(
    open_world: World, post: MailServer, stranger: Stranger
) -> None:
    join(open_world, phone="06 12 34 56 78")
    serve(open_world)
    assert sent(open_world, post) == {}
    (asked,) = stranger.asked
    told = json.loads(asked.body)
    assert told["to"] == "+33612345678"
    assert "21\u00a0h" in told["text"]
    assert re.search(r"/wait/\w+\?key=[\w-]{22}\n", told["text"])
    assert len(told["text"]) <= LONGEST


def test_reception_is_told_of_who_cannot_be_written_to_and_answers(
    open_world: World, post: MailServer
) -> None:
    world = open_world
    entry = join(world, phone="04 92 45 00 00")
    serve(world)
    assert f"reception:{world.venue.id}" in world_topics(world, entry)
    mail = sent(world, post)[DESK]
    assert f"http://127.0.0.1:8080/waiting/{entry.id}" in body(mail)
    assert "F. B." not in body(mail)
    (row,) = world.see(waiting_desk.to_call, world.venue.id)
    assert (row.entry.id, row.entry.phone) == (entry.id, "04 92 45 00 00")
    assert world.see(waiting_desk.to_call, world.elsewhere.id) == []
    version = row.entry.version
    booked = world.do(waiting_desk.accept, entry.id, version, world.reception, NOW)
    assert world.appointment(booked.appointment_id).created_by == world.reception.id
    assert world.see(waiting_desk.to_call, world.venue.id) == []
    with pytest.raises((WrongState, EditedMeanwhile)):
        world.do(waiting_desk.accept, entry.id, version, world.reception, NOW)


def world_topics(world: World, entry: WaitingEntry) -> set[str]:
    """What pages are told when the offer is declined."""
    version = entry_of(world, entry).version
    world.do(waiting_desk.decline, entry.id, version, world.reception, NOW)
    topics = set(world.topics)
    assert serve(world) == 1  # the other slot
    return topics


def test_an_offer_by_hand_comes_before_all_others(open_world: World, post: MailServer) -> None:
    world = open_world
    first, second = join(world, "a" * 22), join(world, "b" * 23, NOW + timedelta(minutes=1))
    (row, other) = world.see(waiting_desk.rows, world.reception)
    assert (row.entry.id, other.entry.id) == (first.id, second.id)
    (found,) = world.see(lambda uow: waiting_desk.free_slots(uow, other, NOW))
    quarter = timedelta(minutes=15)
    assert [slot.starts_at for slot in found.slots] == [TEN, TEN + quarter, TEN + 2 * quarter]
    place = (world.venue.id, TEN)
    world.do(waiting_desk.offer, second.id, *place, 1, world.agent, NOW)
    assert entry_of(world, second).offer.starts_at == TEN
    with pytest.raises(EditedMeanwhile):
        world.do(waiting_desk.offer, second.id, *place, 1, world.agent, NOW)
    with pytest.raises(SlotTaken):
        world.do(waiting_desk.offer, first.id, *place, 1, world.agent, NOW)
    soon = TEN - timedelta(minutes=80)
    with pytest.raises(waiting_offers.TooSoonToOffer):
        world.do(
            waiting_desk.offer, first.id, world.venue.id, TEN + timedelta(minutes=30), 1,
            world.agent, soon + timedelta(minutes=30),
        )  # fmt: skip
    world.do(waiting_desk.remove, first.id, 1, world.reception, NOW)
    assert entry_of(world, first).state is WaitState.LEFT
    assert sent(world, post).keys() == {DESK}


def test_staff_see_their_own_alone(open_world: World) -> None:
    world = open_world
    entry = join(world)
    form = PersonForm(
        login="far", label="far", roles=frozenset({Role.RECEPTION}),
        venue_ids=(world.elsewhere.id,),
    )  # fmt: skip
    far = world.do(territory.create, form, None, NOW)
    for stranger in (world.stranger, far):
        assert world.see(waiting_desk.rows, stranger) == []
        with pytest.raises(NotFound):
            world.see(waiting_desk.show, entry.id, stranger)
        with pytest.raises(NotFound):
            world.do(waiting_desk.remove, entry.id, 1, stranger, NOW)
    for of_it in (world.reception, world.agent, world.colleague):
        assert [r.entry.id for r in world.see(waiting_desk.rows, of_it)] == [entry.id]
