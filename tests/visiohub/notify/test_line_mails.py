"""Technicians are told of alerts by mail: once each, together, in their language, and no storm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from mail_server import MailServer

from visiohub.booking import territory
from visiohub.booking.forms import LineForm, PersonForm
from visiohub.booking.lines.alert_mails import CALM, is_due, mail_alerts
from visiohub.booking.lines.checks import RATE_RULE, RULE
from visiohub.booking.lines.grades import OUTAGE, note, outages
from visiohub.domain.model import LineKind, Role
from visiohub.jobs.alert_mails import mail_line_alerts
from visiohub.linkquality.grader import LineGrader
from visiohub.linkquality.grading import Level
from visiohub.notify.delivery import deliver
from visiohub.notify.line_news import LineNews, words

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def technician(world: World, login: str, email: str, language: str = "") -> None:
    form = PersonForm(
        login=login, label=login, roles=frozenset({Role.TECHNICIAN}), email=email, language=language
    )
    world.do(territory.create, form, None, NOW)


@pytest.fixture
def lines(world: World) -> list[str]:
    """Of both venues; two technicians have an address, a third has none."""
    technician(world, "fr", "fr@example.fr", "fr")
    technician(world, "en", "en@example.fr", "en")
    technician(world, "none", "")
    form = LineForm(
        venue_id=world.elsewhere.id, kind=LineKind.SDSL, up_kbit_s=2000, down_kbit_s=2000
    )
    world.do(territory.create, form, None, NOW)
    venues = (world.venue.id, world.elsewhere.id)
    return world.see(lambda uow: [uow.lines.of_venue(venue).id for venue in venues])  # type: ignore[no-any-return]


def mailed(world: World, now: Any) -> int:
    """What the job writes at this time."""
    world.hub.clock = lambda: now
    return mail_line_alerts(world.hub, lambda: False)


def arrived(world: World, post: MailServer) -> dict[str, list[str]]:
    """Subjects by recipient, of all mails so far."""
    deliver(world.hub, lambda: False)
    found: dict[str, list[str]] = {}
    for recipient, mail in zip(post.recipients, post.mails, strict=True):
        found.setdefault(recipient, []).append(str(mail["Subject"]))
    return found


def first_to(recipient: str, post: MailServer) -> str:
    """The text of the first mail that this one got."""
    mail = post.mails[post.recipients.index(recipient)]
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_an_outage_is_told_as_it_begins_and_as_it_ends(
    world: World, lines: list[str], post: MailServer
) -> None:
    world.do(outages, {lines[0]: True}, NOW)
    assert mailed(world, NOW + 59 * SECOND) == 0
    assert mailed(world, NOW + MINUTE) == 2
    assert mailed(world, NOW + 2 * MINUTE) == 0
    world.do(outages, {lines[0]: False}, NOW + 10 * MINUTE)
    assert mailed(world, NOW + 10 * MINUTE + CALM - SECOND) == 0
    assert mailed(world, NOW + 10 * MINUTE + CALM) == 2
    assert mailed(world, NOW + timedelta(hours=5)) == 0
    assert arrived(world, post) == {
        "fr@example.fr": [
            "Ligne, grave : Guillestre, la ligne est coupée",
            "Ligne : Guillestre, la ligne répond de nouveau",
        ],
        "en@example.fr": [
            "Line, serious: Guillestre, the line is cut",
            "Line: Guillestre, the line answers again",
        ],
    }
    text = first_to("fr@example.fr", post)
    assert f"http://127.0.0.1:8080/lines/{lines[0]}" in text
    assert "lundi 23 novembre 2026, 9\u00a0h" in text


def test_what_fails_within_a_minute_is_one_mail_the_gravest_first(
    world: World, lines: list[str], post: MailServer
) -> None:
    world.do(note, lines[1], "loss", Level.WARNING, 0.012, NOW)
    world.do(outages, {lines[0]: True}, NOW + 40 * SECOND)
    assert mailed(world, NOW + MINUTE) == 2
    assert arrived(world, post)["fr@example.fr"] == ["2 alertes de lignes"]
    text = first_to("fr@example.fr", post)
    assert text.index("la ligne est coupée") < text.index("1,2\u00a0% des paquets se perdent")
    assert "1.2% of packets are lost" in first_to("en@example.fr", post)


def test_a_line_that_flaps_is_one_beginning_and_one_end(world: World, lines: list[str]) -> None:
    written = []
    for minute in range(120):
        if minute < 90:
            world.do(outages, {lines[0]: minute % 3 < 2}, NOW + minute * MINUTE)
        written.append(mailed(world, NOW + minute * MINUTE + 30 * SECOND))
    assert sum(written) == 4
    assert [minute for minute, mails in enumerate(written) if mails] == [1, 94]


def test_what_begins_again_just_before_its_end_is_told_goes_on(
    world: World, lines: list[str]
) -> None:
    world.do(outages, {lines[0]: True}, NOW)
    assert mailed(world, NOW + MINUTE) == 2
    world.do(outages, {lines[0]: False}, NOW + 2 * MINUTE)
    world.do(outages, {lines[0]: True}, NOW + 2 * MINUTE + CALM - 30 * SECOND)
    assert [mailed(world, NOW + minute * MINUTE) for minute in range(7, 20)] == [0] * 13


def test_what_was_over_before_it_was_told_is_not_told(world: World, lines: list[str]) -> None:
    world.do(outages, {lines[0]: True}, NOW)
    world.do(outages, {lines[0]: False}, NOW + 30 * SECOND)
    assert [mailed(world, NOW + minute * MINUTE) for minute in range(1, 9)] == [0] * 8


def test_an_alert_that_gets_worse_is_told_once_more_and_never_again(
    world: World, lines: list[str], post: MailServer
) -> None:
    world.do(note, lines[0], "loss", Level.WARNING, 0.012, NOW)
    assert mailed(world, NOW + MINUTE) == 2
    world.do(note, lines[0], "loss", Level.ALARM, 0.06, NOW + 10 * MINUTE)
    assert mailed(world, NOW + 11 * MINUTE - SECOND) == 0
    assert mailed(world, NOW + 11 * MINUTE) == 2
    for minute in range(12, 60):
        level = Level.ALARM if minute % 4 < 2 else Level.WARNING
        world.do(note, lines[0], "loss", level, 0.05, NOW + minute * MINUTE)
        assert mailed(world, NOW + minute * MINUTE + 59 * SECOND) == 0
    world.do(note, lines[0], "loss", Level.FINE, 0.0, NOW + 60 * MINUTE)
    assert mailed(world, NOW + 60 * MINUTE + CALM) == 2
    assert arrived(world, post)["fr@example.fr"] == [
        "Ligne : Guillestre, 1,2 % des paquets se perdent",
        "Ligne, plus grave : Guillestre, 6 % des paquets se perdent",
        "Ligne : Guillestre, les pertes sont finies",
    ]
    assert arrived(world, post)["en@example.fr"][1].startswith("Line, more serious: Guillestre")
    second = post.mails[[n for n, to in enumerate(post.recipients) if to == "fr@example.fr"][1]]
    text = second.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert "1 alerte s’aggrave." in text
    assert "9\u00a0h\u00a010" in text


def test_what_got_worse_for_a_moment_is_not_told(world: World, lines: list[str]) -> None:
    world.do(note, lines[0], "loss", Level.WARNING, 0.012, NOW)
    assert mailed(world, NOW + MINUTE) == 2
    world.do(note, lines[0], "loss", Level.ALARM, 0.06, NOW + 10 * MINUTE)
    world.do(note, lines[0], "loss", Level.WARNING, 0.01, NOW + 10 * MINUTE + 30 * SECOND)
    assert [mailed(world, NOW + minute * MINUTE) for minute in range(11, 30)] == [0] * 19


def test_what_begins_again_worse_than_it_was_told_is_told(world: World, lines: list[str]) -> None:
    world.do(note, lines[0], "loss", Level.WARNING, 0.012, NOW)
    assert mailed(world, NOW + MINUTE) == 2
    world.do(note, lines[0], "loss", Level.FINE, 0.0, NOW + 2 * MINUTE)
    world.do(note, lines[0], "loss", Level.ALARM, 0.06, NOW + 4 * MINUTE)
    assert sum(mailed(world, NOW + minute * MINUTE) for minute in range(5, 30)) == 2


def test_two_rules_of_a_line_are_two_alerts(world: World, lines: list[str]) -> None:
    world.do(note, lines[0], "loss", Level.WARNING, 0.02, NOW)
    mailed(world, NOW + MINUTE)
    world.do(note, lines[0], "snr", Level.WARNING, 5.5, NOW + 2 * MINUTE)
    assert mailed(world, NOW + 3 * MINUTE) == 2


def test_a_hub_that_was_away_tells_no_old_news(world: World, lines: list[str]) -> None:
    world.do(outages, {lines[0]: True}, NOW)
    assert mailed(world, NOW + timedelta(hours=2)) == 0
    assert not world.see(is_due, NOW + timedelta(hours=2))


def test_a_unit_of_work_that_is_begun_anew_tells_once(world: World, lines: list[str]) -> None:
    world.do(outages, {lines[0]: True}, NOW)
    with world.hub.uow() as uow:  # not committed: as though another transaction was in the way
        assert mail_alerts(uow, NOW + MINUTE) == 2
    assert mailed(world, NOW + MINUTE) == 2


@pytest.mark.parametrize("rule", sorted({*LineGrader().grades(), OUTAGE, RULE, RATE_RULE}))
def test_every_rule_has_its_words(rule: str) -> None:
    for cleared_at in (None, NOW):
        news = LineNews("Gap", "Europe/Paris", rule, True, 0.5, NOW, cleared_at, "")
        assert not words(news).startswith("règle")
