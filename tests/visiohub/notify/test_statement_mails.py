"""An organisation's contact gets the statement of the month that is over, by a real mail server."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from hub_world import NOW, World
from mail_server import MailServer
from opened import body, sent
from room_world import Rooms, furnish

from visiohub.booking.rooms import statements
from visiohub.booking.rooms.statement_mails import send_statements
from visiohub.domain.tariff.months import Month
from visiohub.notify.delivery import deliver

CONTACT = "compta@federation.example"
FIRST = datetime(2026, 12, 1, 6, tzinfo=UTC)
NOVEMBER = Month(2026, 11)


@pytest.fixture
def rooms(world: World) -> Rooms:
    """The federation owes two hours of November, the coworker alone one."""
    rooms = furnish(world)
    rooms.book("09:00", "11:00", membership_id=rooms.paid.id)
    rooms.book("13:00", "14:00")
    return rooms


def run(rooms: Rooms, at: datetime) -> int:
    rooms.world.hub.clock = lambda: at
    sent_now: int = rooms.world.do(send_statements, at)
    return sent_now


def read(pdf: bytes) -> str:
    """The text as poppler finds it."""
    program = shutil.which("pdftotext")
    assert program, "pdftotext is not installed: make system-packages"
    done = subprocess.run([program, "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def test_once_with_the_pdf_that_the_page_gives(rooms: Rooms, post: MailServer) -> None:
    assert run(rooms, NOW) == 0  # the month is not over, and October had nothing
    assert run(rooms, FIRST) == 1
    mails = sent(rooms.world, post)
    assert set(mails) == {CONTACT}
    mail = mails[CONTACT]
    assert mail["Subject"] == "Relevé, novembre 2026"
    assert "Fédération" in body(mail)
    made = rooms.world.see(
        statements.statement_of, rooms.organisation.id, NOVEMBER, rooms.coordinator
    )
    assert made.totals.total == 10
    assert "10,00\u00a0€" in body(mail)
    (paper,) = mail.iter_attachments()
    assert paper.get_content_type() == "application/pdf"
    assert paper.get_filename() == f"2026-11-{rooms.organisation.id[:8]}.pdf"
    text = read(paper.get_content())
    assert "Fédération" in text
    assert "01/12/2026" in text
    for later in (timedelta(hours=1), timedelta(days=8)):
        assert run(rooms, FIRST + later) == 0
    rooms.world.do(lambda uow: uow.outbox.purge(FIRST + timedelta(days=9)))
    assert run(rooms, FIRST + timedelta(days=9)) == 0
    assert sent(rooms.world, post) == {}


def test_a_hub_that_was_away_sends_it_late_and_never_an_old_one(rooms: Rooms) -> None:
    assert run(rooms, FIRST + timedelta(days=11)) == 0
    assert run(rooms, FIRST + timedelta(days=31)) == 0  # December had nothing
    assert run(rooms, FIRST + timedelta(days=5)) == 1


def test_sent_again_it_is_the_same_mail(rooms: Rooms, post: MailServer) -> None:
    """The server takes it and does not say so: the next try is the same to the octet."""
    run(rooms, FIRST)
    post.after_taking = lambda: "451 later"
    deliver(rooms.world.hub, lambda: False)
    post.after_taking = lambda: None
    rooms.world.hub.clock = lambda: FIRST + timedelta(days=1)
    deliver(rooms.world.hub, lambda: False)
    first, second = post.taken
    assert first == second


def test_without_a_mail_server_nothing_is_noted_as_sent(rooms: Rooms) -> None:
    hub = rooms.world.hub
    served, hub.settings = hub.settings, hub.settings.model_copy(update={"mail_host": ""})
    assert run(rooms, FIRST) == 0
    hub.settings = served
    assert run(rooms, FIRST) == 1
