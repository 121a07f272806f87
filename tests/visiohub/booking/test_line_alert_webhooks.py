"""Who asked to be told of lines is told when an alert is raised, changed and over: once each."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from room_world import furnish

from visiohub.booking.lines import checks
from visiohub.booking.lines.absent_kiosks import note_absent_kiosks
from visiohub.booking.lines.grades import OUTAGE, note, outages
from visiohub.booking.presence import kiosk_presence
from visiohub.domain.connections import Webhook
from visiohub.domain.line import LineAlert
from visiohub.domain.model import AppointmentState
from visiohub.linkquality.grader import LineGrader
from visiohub.linkquality.grading import Level
from visiohub.notify.line_alert import event, facts, sentence
from visiohub.notify.line_news import LineNews, words
from visiohub.notify.message import Message
from visiohub.web.line_fault_words import alert_sentence
from visiohub.web.trail_words import RULE

MINUTE = timedelta(minutes=1)


def hooked(world: World, *events: str) -> str:
    def add(uow: Any) -> str:
        uow.webhooks.add(Webhook("hook", "https://chat.example/hook", "whsec_AAAA", events, NOW))
        line_id: str = uow.lines.of_venue(world.venue.id).id
        return line_id

    return world.do(add)


def told(world: World) -> list[dict[str, Any]]:
    """What waits in the outbox, taken in its order."""
    found = []
    while (message := world.do(taken)) is not None:
        found.append(json.loads(message.content["body"]))
    return found


def taken(uow: Any) -> Message | None:
    """The next message, given away and arrived."""
    now = NOW + 120 * MINUTE
    message: Message | None = uow.outbox.claim(now)
    if message is not None:
        uow.outbox.sending(message)
        uow.outbox.sent(message, now)
    return message


def test_an_outage_is_told_as_it_begins_and_as_it_ends(world: World) -> None:
    line_id = hooked(world, "line_alert")
    for minute, out in enumerate((True, True, False, False)):
        world.do(outages, {line_id: out}, NOW + minute * MINUTE)
    began, ended = told(world)
    assert (began["type"], ended["type"]) == ("line_alert.raised", "line_alert.cleared")
    assert began["data"]["says"] == f"Grave. {world.venue.name}\u00a0: la ligne est coupée."
    assert ended["data"]["says"] == f"{world.venue.name}\u00a0: coupure, c’est fini."
    assert (ended["data"]["level"], ended["data"]["id"]) == ("alarm", began["data"]["id"])
    assert began["data"]["cleared_at"] is None
    assert began["data"]["visios"] == ended["data"]["visios"] == []


def test_the_visios_that_depend_on_the_line_are_listed_without_a_reason(world: World) -> None:
    line_id = hooked(world, "line_alert")
    world.book("10:00")
    world.book("11:00", kiosk_id=world.beside.id)
    rooms = furnish(world)
    room = world.see(lambda uow: uow.rooms.get(world.kiosk.room_id))
    rooms.book("14:00", "15:00", visio=True, rooms=(room,), by=rooms.coordinator, day=DAY)
    rooms.book(visio=True, rooms=(room,), by=rooms.coordinator)  # tomorrow
    told(world)
    world.do(outages, {line_id: True}, NOW)
    world.do(outages, {line_id: False}, NOW + MINUTE)
    began, ended = (one["data"] for one in told(world))
    assert began["visios"] == [
        {"starts_at": "2026-11-23T09:00:00+00:00", "kiosk": "Borne 1", "partner": "CAF"},
        {"starts_at": "2026-11-23T10:00:00+00:00", "kiosk": "Borne 2", "partner": "CAF"},
        {"starts_at": "2026-11-23T13:00:00+00:00", "kiosk": None, "partner": None},
    ]
    assert "Logement" not in json.dumps(began), "nobody is told a reason for a visit"
    assert ended["visios"] == []


def test_the_alarm_of_a_kiosk_names_it_and_lists_its_own_visios(world: World) -> None:
    hooked(world, "line_alert")
    for kiosk in (world.kiosk, world.beside):
        world.book("10:00", kiosk_id=kiosk.id)
    world.do(kiosk_presence, world.beside.id, True, "", NOW)
    world.do(kiosk_presence, world.kiosk.id, False, "", NOW)
    told(world)
    world.do(note_absent_kiosks, NOW + 50 * MINUTE)
    (data,) = (one["data"] for one in told(world))
    assert (data["rule"], data["kiosk"]) == ("kiosk_away", "Borne 1")
    assert data["says"].startswith(f"Grave. {world.venue.name}, Borne 1\u00a0: ")
    assert [one["kiosk"] for one in data["visios"]] == ["Borne 1"]


def test_a_visio_that_runs_depends_on_its_kiosk_until_it_is_over(world: World) -> None:
    hooked(world, "line_alert")
    booked = world.book("10:00")
    world.do(kiosk_presence, world.kiosk.id, False, "", NOW)
    told(world)
    world.do(note_absent_kiosks, NOW + 65 * MINUTE)
    (data,) = (one["data"] for one in told(world))
    assert [one["starts_at"] for one in data["visios"]] == ["2026-11-23T09:00:00+00:00"]

    def done(uow: Any) -> None:
        uow.appointments.get(booked.appointment_id).state = AppointmentState.DONE

    world.do(done)
    line_id = world.see(lambda uow: uow.lines.of_venue(world.venue.id).id)
    world.do(outages, {line_id: True}, NOW + 66 * MINUTE)
    assert [one["data"]["visios"] for one in told(world)] == [[]]


def test_a_worse_level_is_a_change(world: World) -> None:
    line_id = hooked(world, "line_alert")
    world.do(note, line_id, "loss", Level.WARNING, 0.012, NOW)
    world.do(note, line_id, "loss", Level.ALARM, 0.041, NOW + MINUTE)
    first, second = told(world)
    assert (first["type"], second["type"]) == ("line_alert.raised", "line_alert.changed")
    assert "1,2 % des paquets se perdent" in first["data"]["says"]
    assert second["data"]["says"].startswith("Grave. ")


def test_who_asked_for_something_else_is_not_told(world: World) -> None:
    line_id = hooked(world, "appointment", "booking")
    world.do(outages, {line_id: True}, NOW)
    assert told(world) == []


RULES = sorted({*LineGrader().grades(), OUTAGE, checks.RULE, checks.RATE_RULE})
"""All that raise alerts."""


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_words(rule: str) -> None:
    alert = LineAlert("a", "l", rule, Level.WARNING, 0.5, NOW, NOW)
    assert f"règle {rule}" not in sentence(alert, "Gap")
    assert event(alert) == "line_alert.raised"
    assert facts(alert, "Gap", ())["level"] == "warning"
    assert alert_sentence(alert) != _limit_passed(rule)
    assert rule in RULE
    alert.cleared_at = NOW
    assert sentence(alert, "Gap").endswith("c’est fini.")
    assert rule not in sentence(alert, "Gap")


def _limit_passed(rule: str) -> str:
    """What a page says of a rule of another version."""
    return alert_sentence(LineAlert("a", "l", "", Level.WARNING, 0.5, NOW, NOW)).replace(
        "()", f"({rule})"
    )


def test_a_rule_without_words_is_named() -> None:
    alert = LineAlert("a", "l", "gravity", Level.WARNING, 1.0, NOW, NOW)
    assert "règle gravity" in sentence(alert, "Gap")
    assert alert_sentence(alert) == _limit_passed("gravity")


def test_a_look_that_nobody_answered_has_no_rating() -> None:
    alert = LineAlert("a", "l", checks.RULE, Level.ALARM, 0.0, NOW, NOW)
    news = LineNews("Gap", "Europe/Paris", checks.RULE, True, 0.0, NOW, None, "")
    for said in (sentence(alert, "Gap"), alert_sentence(alert), words(news)):
        assert "n’a rien donné" in said
        assert "R" not in said
