"""Mails as a real server got them, opened as messages, their calendars read by vobject."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from mail_server import MailServer
from opened import body, event, sent

from visiohub.booking import appointments
from visiohub.booking.announce import remind
from visiohub.booking.forms import MoveForm, read_form
from visiohub.booking.personal.erase import erase_citizen
from visiohub.booking.personal.retention import purge
from visiohub.domain.model import CancelledBy
from visiohub.errors import InvalidForm, VisiohubError
from visiohub.notify import mail as mails
from visiohub.notify.ics import Method
from visiohub.storage.outbox import outbox

CITIZEN, AGENT = "citizen@example.fr", "agent@caf.example.fr"


@pytest.fixture
def agent(world: World) -> World:
    """The agent has an address, and reads English."""

    def give(uow: Any) -> None:
        kept = uow.persons.get(world.agent.id)
        kept.email, kept.language = AGENT, "en"

    world.do(give)
    return world


def book(world: World, at: str = "09:30", **fields: Any) -> str:
    booked = world.book(at, email=CITIZEN, agent_id=world.agent.id, **fields)
    appointment_id: str = booked.appointment_id
    return appointment_id


def move(world: World, appointment_id: str, at: str, kiosk_id: str = "") -> None:
    kept = world.appointment(appointment_id)
    form = MoveForm(kiosk_id=kiosk_id or kept.kiosk_id, day=DAY, time=time.fromisoformat(at))
    world.do(appointments.move, appointment_id, form, kept.version, world.reception, NOW)


def cancel(world: World, appointment_id: str) -> None:
    version = world.appointment(appointment_id).version
    by = CancelledBy.RECEPTION
    world.do(appointments.cancel, appointment_id, by, version, world.reception, NOW)


def test_the_life_of_an_appointment_in_mails(agent: World, post: MailServer) -> None:
    appointment_id = book(agent)
    first = sent(agent, post)
    assert set(first) == {CITIZEN, AGENT}
    asked, theirs = event(first[CITIZEN]), event(first[AGENT])
    assert asked.method.value == theirs.method.value == "REQUEST"
    start = asked.vevent.dtstart.value
    assert (start.hour, start.minute, start.utcoffset()) == (9, 30, timedelta(hours=1))
    assert asked.vtimezone.tzid.value == "Europe/Paris"
    assert asked.vevent.attendee.value == f"mailto:{CITIZEN}"

    move(agent, appointment_id, "10:15")
    second = sent(agent, post)
    moved = event(second[CITIZEN])
    assert "9\u00a0h\u00a030" in body(second[CITIZEN])
    assert "10\u00a0h\u00a015" in body(second[CITIZEN])

    cancel(agent, appointment_id)
    third = sent(agent, post)
    assert set(third) == set(second) == {CITIZEN, AGENT}
    ended = event(third[CITIZEN])
    assert (ended.method.value, ended.vevent.status.value) == ("CANCEL", "CANCELLED")
    assert {c.vevent.uid.value for c in (asked, theirs, moved, ended)} == {
        f"appointment-{appointment_id}@visiohub"
    }
    sequences = [int(c.vevent.sequence.value) for c in (asked, moved, ended)]
    assert sequences == sorted(set(sequences))
    assert len(set(post.ids())) == 6


def test_nothing_says_why_and_each_reads_the_own_language(agent: World, post: MailServer) -> None:
    book(agent)
    mail = sent(agent, post)
    french, english = mail[CITIZEN], mail[AGENT]
    assert french["Subject"].startswith("Visio-rendez-vous : lundi 23 novembre 2026, 9 h 30")
    assert english["Subject"].startswith("Video appointment: Monday, 23 November 2026, 9:30")
    assert (french["Content-Language"], english["Content-Language"]) == ("fr", "en")
    for one in (french, english):
        whole = one.as_string() + body(one) + body(one, "html") + str(event(one).serialize())
        assert "Logement" not in whole
        assert "D. R." not in whole
    assert "Caisse" in body(french)
    assert "1 place du Four" in body(french)
    assert "Caisse" not in str(event(french).serialize())
    assert '<html lang="fr">' in body(french, "html")
    assert french["Auto-Submitted"] == "auto-generated"


def test_without_an_address_nobody_is_written_to(world: World, post: MailServer) -> None:
    world.book("09:30", agent_id=world.agent.id)
    assert sent(world, post) == {}


def test_another_kiosk_is_a_move_too(agent: World, post: MailServer) -> None:
    appointment_id = book(agent)
    sent(agent, post)
    move(agent, appointment_id, "09:30", agent.far.id)
    assert "Serres" in event(sent(agent, post)[CITIZEN]).vevent.location.value


def test_a_change_that_fails_tells_nobody(agent: World, post: MailServer) -> None:
    book(agent)
    sent(agent, post)
    with pytest.raises(VisiohubError):
        book(agent)
    assert sent(agent, post) == {}


def test_a_reminder_comes_once_a_day_before(agent: World, post: MailServer) -> None:
    later = DAY + timedelta(days=3)
    appointment_id = book(agent, day=later)
    book(agent, "11:00")  # today: it has just been confirmed
    sent(agent, post)
    agent.do(remind, NOW)
    assert sent(agent, post) == {}
    day_before = NOW + timedelta(days=2, hours=2)
    agent.hub.clock = lambda: day_before
    assert agent.do(remind, day_before) == 1
    assert agent.do(remind, day_before + timedelta(minutes=10)) == 0
    mail = sent(agent, post)
    assert set(mail) == {CITIZEN}
    assert mail[CITIZEN]["Subject"].startswith("Rappel")
    assert event(mail[CITIZEN]).vevent.uid.value == f"appointment-{appointment_id}@visiohub"
    cancel(agent, appointment_id)
    sent(agent, post)
    assert agent.do(remind, day_before + timedelta(hours=1)) == 0


def test_the_address_is_erased_with_the_other_contacts(agent: World, post: MailServer) -> None:
    appointment_id = book(agent)
    sent(agent, post)
    agent.do(purge, NOW + timedelta(days=9))
    assert agent.appointment(appointment_id).email == ""
    with agent.hub.uow() as uow:
        assert uow.personal.delete(outbox, {"recipient": CITIZEN}) == 0  # purged, too


def test_of_who_is_erased_the_agent_alone_is_told(agent: World, post: MailServer) -> None:
    appointment_id = book(agent, phone="06 12 34 56 78")
    sent(agent, post)
    agent.do(erase_citizen, appointment_id, agent.admin, NOW)
    told = sent(agent, post)
    assert set(told) == {AGENT}
    ended = event(told[AGENT])
    assert (ended.method.value, ended.vevent.status.value) == ("CANCEL", "CANCELLED")
    assert ended.vevent.sequence.value == "1"
    assert not [one for one in ("D. R.", CITIZEN, "06 12") if one in str(told[AGENT])]

    late = book(agent, "10:15")
    cancel(agent, late)
    sent(agent, post)
    agent.do(erase_citizen, late, agent.admin, NOW)
    assert sent(agent, post) == {}  # was told when it was cancelled


@pytest.mark.parametrize(
    "address", ["nobody", "a@b@c", "a b@example.fr", "a@example.fr\nBcc: x@y.fr", ".a@example.fr"]
)
def test_what_is_no_address_is_said(world: World, address: str) -> None:
    with pytest.raises(InvalidForm) as refused:
        read_form(
            type(world.form("09:00")),
            {**world.form("09:00").model_dump(), "email": address},
        )
    assert [error.field for error in refused.value.errors] == ["email"]


def test_no_text_gets_out_of_its_header() -> None:
    letter = mails.Letter(
        sender="visio@example.fr",
        sender_name='Visio\r\nBcc: x@y.fr, "Z" <z@y.fr>',
        recipient="a@example.fr",
        language="fr",
        subject="Été\r\nBcc: x@y.fr",
        lines=("<script>", ".", "a" * 1200),
        method=Method.REQUEST,
    )
    text = mails.composed(letter, "m1", NOW)
    assert text.isascii()
    assert "\nBcc" not in text.partition("\r\n\r\n")[0]
    assert max(map(len, text.split("\r\n"))) <= 998
    assert text == mails.composed(letter, "m1", NOW)
