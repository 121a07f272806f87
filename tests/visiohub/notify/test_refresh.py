"""Agents' outside calendars, fetched from a real server."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from stranger import Asked, Stranger

from visiohub.booking import outside
from visiohub.booking.search import first_free
from visiohub.booking.search_places import Near
from visiohub.domain.connections import OutsideCalendar
from visiohub.errors import InvalidForm
from visiohub.notify.refresh import refresh_calendars

pytestmark = on_both_databases
EXPORT = (Path(__file__).with_name("exports") / "google.ics").read_bytes()


@pytest.fixture
def more_settings() -> dict[str, Any]:
    return {"private_hosts": ("127.0.0.1",)}


@pytest.fixture
def agent(world: World, stranger: Stranger) -> World:
    """With an outside calendar."""
    stranger.says(200, EXPORT, ETag='"v1"')
    world.do(outside.set_outside_calendar, f"{stranger.url}/basic.ics", world.agent, NOW)
    return world


def refresh(world: World, now: datetime = NOW) -> int:
    world.hub.clock = lambda: now
    return refresh_calendars(world.hub, lambda: False)


def kept(world: World) -> OutsideCalendar:
    found: OutsideCalendar = world.see(lambda uow: uow.outside_calendars.get(world.agent.id))
    return found


def busy(world: World) -> list[str]:
    spans = world.see(
        lambda uow: uow.outside_calendars.busy([world.agent.id], NOW, NOW + timedelta(days=30))
    ).get(world.agent.id, [])
    return [f"{start:%d/%m %H:%M}" for start, _ in spans]


def test_it_is_read_and_then_asked_whether_it_changed(agent: World, stranger: Stranger) -> None:
    assert refresh(agent) == 1
    assert busy(agent) == ["24/11 13:00", "26/11 08:00", "10/12 23:00"]
    assert (kept(agent).problem, kept(agent).read_at) == ("", NOW)
    assert refresh(agent, NOW + timedelta(minutes=29)) == 0
    stranger.says(304)
    assert refresh(agent, NOW + timedelta(minutes=31)) == 1
    assert stranger.asked[-1].headers["if-none-match"] == '"v1"'
    assert len(busy(agent)) == 3
    stranger.says(200, EXPORT.replace(b"DTSTART:20261124T13", b"DTSTART:20261124T14"))
    assert refresh(agent, NOW + timedelta(days=8)) == 1  # anew, though it has an ETag
    assert "if-none-match" not in stranger.asked[-1].headers


def test_it_blocks_slots(agent: World) -> None:
    agent.hold(
        first_day=DAY + timedelta(days=1), opens=time(14), closes=time(16), rule="FREQ=WEEKLY"
    )

    def first() -> str:
        found = agent.see(
            first_free,
            agent.service,
            [Near(agent.venue)],
            NOW,
            NOW + timedelta(days=2),
            NOW,
            each=1,
        )
        return f"{found[0].slots[0].starts_at:%d %H:%M}"

    assert first() == "24 13:00"
    refresh(agent)
    assert first() == "24 14:30"
    agent.do(outside.remove_outside_calendar, agent.agent, NOW)
    assert first() == "24 13:00"
    assert busy(agent) == []
    noted = agent.see(lambda uow: uow.audit.list(subject=agent.agent.id, person_id=agent.agent.id))
    assert {(e.action, str(e.after)) for e in noted} == {
        ("outside_calendar.set", "{}"),
        ("outside_calendar.remove", "{}"),
    }


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (404, b"", "gone"),
        (403, b"", "gone"),
        (500, b"", "unreachable"),
        (200, b"<!doctype html>Sign in", "no_calendar"),
        (302, b"", "unreachable"),
        (200, b"BEGIN:VCALENDAR\n" + b"X" * 9_000_000, "too_large"),
    ],
)
def test_what_goes_wrong_is_kept_and_blocks_as_before(
    agent: World, stranger: Stranger, status: int, body: bytes, problem: str
) -> None:
    refresh(agent)
    stranger.says(status, body, Location="/again")  # 302: to itself, for ever
    assert refresh(agent, NOW + timedelta(hours=1)) == 0
    assert kept(agent).problem == problem
    assert len(busy(agent)) == 3
    assert len(stranger.asked) <= 5


def test_a_redirection_is_followed_and_judged(agent: World, stranger: Stranger) -> None:
    def moved(asked: Asked) -> Any:
        if asked.path == "/basic.ics":
            return 302, {"Location": "/new.ics"}, iter(())
        return 200, {}, iter((EXPORT,))

    stranger.answer = moved
    assert refresh(agent) == 1
    stranger.says(302, Location="http://169.254.169.254/latest")
    assert refresh(agent, NOW + timedelta(hours=1)) == 0
    assert kept(agent).problem == "address_refused"


def test_our_own_appointments_that_come_back_block_nothing(
    agent: World, stranger: Stranger
) -> None:
    booked = agent.book("09:00")
    stranger.says(
        200, EXPORT.replace(b"appointment-ours", f"appointment-{booked.appointment_id}".encode())
    )
    refresh(agent)
    assert busy(agent) == ["24/11 13:00", "10/12 23:00"]


def test_an_address_that_changed_meanwhile_keeps_nothing_of_the_old_one(agent: World) -> None:
    old = kept(agent)
    agent.do(outside.set_outside_calendar, "https://other.example/a.ics", agent.agent, NOW)
    agent.do(outside.was_read, old, [(NOW, NOW + timedelta(hours=1))], "", NOW)
    assert busy(agent) == []


@pytest.mark.parametrize(
    "address",
    ["", "nothing", "ftp://x.fr/a.ics", "http://example.fr/a.ics", "https://exemple .fr/",
     "http://127.0.0.1:8080/feeds/x.ics", "https://[::1", "https://x.fr/" + "a" * 2000],
)  # fmt: skip
def test_addresses_that_cannot_be(world: World, address: str) -> None:
    with pytest.raises(InvalidForm):
        world.do(outside.set_outside_calendar, address, world.agent, NOW)


def test_webcal_is_https(world: World) -> None:
    made = world.do(outside.set_outside_calendar, "webcal://p.example.fr/a.ics", world.agent, NOW)
    assert made.url == "https://p.example.fr/a.ics"
