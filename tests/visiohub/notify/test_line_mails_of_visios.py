"""A mail about a line names the visios that depend on it, nobody's name; reception is told too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hub_world import DAY, NOW, World
from mail_server import MailServer

from visiohub.booking import territory
from visiohub.booking.forms import PersonForm
from visiohub.booking.lines.alert_mails import CALM
from visiohub.booking.lines.grades import note, outages
from visiohub.booking.lines.unheard import RULE as NO_DATA
from visiohub.domain.model import Role
from visiohub.jobs.alert_mails import mail_line_alerts
from visiohub.linkquality.grading import Level
from visiohub.notify.delivery import deliver

MINUTE = timedelta(minutes=1)


@pytest.fixture
def line_id(world: World) -> str:
    """Of the first venue; a technician, its reception and that of the other venue have mail."""

    def person(login: str, role: Role, **facts: object) -> None:
        form = PersonForm(login=login, label=login, roles=frozenset({role}), **facts)  # type: ignore[arg-type]
        world.do(territory.create, form, None, NOW)

    person("tech", Role.TECHNICIAN, email="tech@example.fr")
    for login, venue in (("here", world.venue), ("there", world.elsewhere)):
        email = f"{login}@example.fr"
        person(login, Role.RECEPTION, email=email, venue_ids=(venue.id,), language="en")
    return world.see(lambda uow: uow.lines.of_venue(world.venue.id).id)  # type: ignore[no-any-return]


def mails(world: World, post: MailServer, after: timedelta) -> dict[str, tuple[str, str]]:
    """Subject and text by recipient, of what is sent at this time."""
    known = len(post.mails)
    world.hub.clock = lambda: NOW + after
    mail_line_alerts(world.hub, lambda: False)
    deliver(world.hub, lambda: False)
    found = {}
    for recipient, mail in list(zip(post.recipients, post.mails, strict=True))[known:]:
        body = mail.get_body(("plain",))
        assert body is not None
        text = str(body.get_content()).replace("\u00a0", " ").replace("\n", " ")
        found[recipient] = (str(mail["Subject"]), " ".join(text.split()))
    return found


def test_the_mail_names_hour_place_and_service_and_reception_gets_it(
    world: World, line_id: str, post: MailServer
) -> None:
    world.book("10:00", initials="Z. Z.")
    world.book("11:00", kiosk_id=world.beside.id)
    world.book("10:00", kiosk_id=world.far.id)  # hangs on no line
    world.book("10:00", day=DAY + timedelta(days=1))  # far off
    world.do(outages, {line_id: True}, NOW)
    sent = mails(world, post, MINUTE)
    assert set(sent) == {"tech@example.fr", "here@example.fr"}
    subject, text = sent["tech@example.fr"]
    assert subject == "Ligne, grave : Guillestre, la ligne est coupée"
    visios = "10 h, Borne 1, CAF 11 h, Borne 2, CAF"
    assert f"2 visios en dépendent, en cours ou dans les douze heures : {visios}" in text
    assert f"/lines/{line_id}" in text
    _, text = sent["here@example.fr"]
    assert "10:00, Borne 1, CAF 11:00, Borne 2, CAF" in text
    assert "Tell those who come" in text
    assert "/lines/" not in text  # reception has no such page
    assert not any("Z. Z." in one for pair in sent.values() for one in pair)

    world.do(outages, {line_id: False}, NOW + 10 * MINUTE)
    over = mails(world, post, 10 * MINUTE + CALM)
    assert set(over) == {"tech@example.fr", "here@example.fr"}
    assert over["here@example.fr"][0] == "Line: Guillestre, the line answers again"
    assert "Tell those" not in over["here@example.fr"][1]


def test_reception_is_told_of_nothing_that_no_visio_depends_on(
    world: World, line_id: str, post: MailServer
) -> None:
    world.book("10:00", day=DAY + timedelta(days=1))
    world.do(outages, {line_id: True}, NOW)
    assert set(mails(world, post, MINUTE)) == {"tech@example.fr"}
    world.do(outages, {line_id: False}, NOW + 2 * MINUTE)
    assert set(mails(world, post, 2 * MINUTE + CALM)) == {"tech@example.fr"}


def test_reception_is_told_of_what_is_bad_and_of_a_kiosk_that_is_silent(
    world: World, line_id: str, post: MailServer
) -> None:
    world.book("10:00")
    world.do(note, line_id, "loss", Level.WARNING, 0.012, NOW)
    assert set(mails(world, post, MINUTE)) == {"tech@example.fr"}
    world.do(note, line_id, "loss", Level.ALARM, 0.06, NOW + 5 * MINUTE)
    assert set(mails(world, post, 6 * MINUTE)) == {"tech@example.fr", "here@example.fr"}
    world.do(note, line_id, NO_DATA, Level.WARNING, 1.0, NOW + 10 * MINUTE)
    assert set(mails(world, post, 11 * MINUTE)) == {"tech@example.fr", "here@example.fr"}
