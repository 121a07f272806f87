"""A kiosk that is switched off before a visio: technicians and reception get a mail in time."""

from __future__ import annotations

from datetime import timedelta

from hub_world import NOW, World
from mail_server import MailServer

from visiohub.booking import territory
from visiohub.booking.forms import PersonForm
from visiohub.booking.lines.absent_kiosks import BEFORE, note_absent_kiosks
from visiohub.booking.presence import kiosk_presence
from visiohub.domain.model import Role
from visiohub.jobs.alert_mails import mail_line_alerts
from visiohub.notify.delivery import deliver

TEN = NOW + timedelta(hours=1)
"""In Paris."""


def readers(world: World) -> None:
    """A technician, who reads French, and reception, which reads English."""
    for login, role, language in (("tech", Role.TECHNICIAN, "fr"), ("desk", Role.RECEPTION, "en")):
        venues = (world.venue.id,) if role is Role.RECEPTION else ()
        form = PersonForm(
            login=login, label=login, roles=frozenset({role}), email=f"{login}@example.fr",
            language=language, venue_ids=venues,
        )  # fmt: skip
        world.do(territory.create, form, None, NOW)


def test_the_mail_says_which_venue_and_which_visio(world: World, post: MailServer) -> None:
    readers(world)
    world.book("10:00")
    world.book("10:00", kiosk_id=world.beside.id)  # which works
    world.do(kiosk_presence, world.beside.id, True, "", NOW)
    world.do(kiosk_presence, world.kiosk.id, False, "", NOW)
    raised = TEN - BEFORE + timedelta(seconds=30)
    world.do(note_absent_kiosks, raised)
    world.hub.clock = lambda: raised + timedelta(minutes=1)  # type: ignore[misc]
    mail_line_alerts(world.hub, lambda: False)
    deliver(world.hub, lambda: False)
    told = {}
    for recipient, mail in zip(post.recipients, post.mails, strict=True):
        body = mail.get_body(("plain",))
        assert body is not None
        text = str(body.get_content()).replace("\u00a0", " ")
        told[recipient] = (str(mail["Subject"]), " ".join(text.split()))
    subject, text = told["tech@example.fr"]
    assert subject == (
        "Ligne, grave : Guillestre, Borne 1, le point visio ne répond pas, alors qu’un visio "
        "approche"
    )
    assert "10 h, Borne 1, CAF" in text
    assert "Logement" not in text, "a mail tells no reason for a visit"
    subject, text = told["desk@example.fr"]
    assert "the kiosk does not answer" in subject
    assert "10:00, Borne 1, CAF" in text
    assert "Borne 2" not in text
    world.do(kiosk_presence, world.beside.id, False, "", raised)
    later = raised + timedelta(minutes=4)
    world.do(note_absent_kiosks, later)
    world.hub.clock = lambda: later + timedelta(minutes=1)  # type: ignore[misc]
    mail_line_alerts(world.hub, lambda: False)
    deliver(world.hub, lambda: False)
    second = [str(mail["Subject"]) for mail in post.mails[2:]]
    assert len(second) == 2, "the second kiosk is told of while the first one's alarm stands"
    assert all("Guillestre, Borne 2" in subject for subject in second)
    assert "First see whether the kiosk is switched on" in text


def test_reception_is_told_of_a_kiosk_that_fails_while_somebody_stands_there(
    world: World, post: MailServer
) -> None:
    readers(world)
    world.book("10:00")
    world.do(kiosk_presence, world.kiosk.id, True, "", NOW)
    world.do(kiosk_presence, world.kiosk.id, False, "", TEN + timedelta(minutes=1))
    raised = TEN + timedelta(minutes=4)
    world.do(note_absent_kiosks, raised)
    world.hub.clock = lambda: raised + timedelta(minutes=1)  # type: ignore[misc]
    mail_line_alerts(world.hub, lambda: False)
    deliver(world.hub, lambda: False)
    assert set(post.recipients) == {"tech@example.fr", "desk@example.fr"}
    for mail in post.mails:
        body = mail.get_body(("plain",))
        assert body is not None
        assert "Borne 1, CAF" in str(body.get_content()), "the visio that has begun depends on it"
