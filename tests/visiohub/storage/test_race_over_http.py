"""Twenty processes ask the running hub for the same thing at one moment: one has it, the others are
told that it is taken, and nobody sees a fault. The hub has the settings that it comes with; on
PostgreSQL they are two hubs."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from coming_days import workdays
from crowd import Asked, Crowd
from hub_world import World
from kept import check_whole
from killed_hub import ServedHub
from postgresql_server import on_both_databases
from racer import WEEKS, weeks_apart
from room_world import furnish, new_rooms

from visiohub.booking import accounts
from visiohub.domain.model import Room
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases

V1 = "/api/v1"
RACERS = 20
APPOINTMENT_TAKEN = frozenset({"slot_taken", "room_taken", "agent_busy", "counter_full"})
CONFIRMED = frozenset({"edited_meanwhile", "wrong_state"})
ROOMS_TAKEN = frozenset({"room_taken", "dates_clash"})


@pytest.fixture
def hubs(world: World, database: str) -> Iterator[list[ServedHub]]:
    with ExitStack() as running:
        served = []
        for _ in range(2 if database else 1):
            served.append(ServedHub(world.hub.settings))
            running.callback(served[-1].close)
        yield served


class Race:
    """Who takes part, with an appointment and a booking of each, and what they want."""

    def __init__(self, world: World, hubs: Sequence[ServedHub], crowd: Crowd) -> None:
        self.world, self.hub, self.crowd = world, hubs[0], crowd
        self.rooms = furnish(world)
        self.reception = world.do(signed_in, world.reception.id)
        self.coworker = world.do(signed_in, self.rooms.coworker.id)
        *self.fifteen, apart = new_rooms(world)
        now = datetime.now(UTC)
        self.today = now.astimezone(ZoneInfo("Europe/Paris")).date()
        days = workdays(self.today + timedelta(days=7), RACERS)  # not too late to be moved
        at_three = {"kiosk_id": world.beside.id, "now": now}
        self.appointments = [
            world.book("15:00", day=day, **at_three).appointment_id for day in days
        ]
        self.bookings = [
            self.rooms.book("09:00", "10:00", day=day, rooms=(apart,), now=now).booking.id
            for day in days
        ]

    def run(self, rounds: int) -> None:
        """Each round on a day of its own."""
        tuesday = self.today + timedelta(days=8 - self.today.weekday())
        for day in weeks_apart(tuesday, rounds):
            self.on(day)

    def on(self, day: date) -> None:
        """One round."""
        kiosk = {"kiosk_id": self.world.kiosk.id, "day": f"{day}"}
        form = {**kiosk, "service_id": self.world.service.id, "time": "10:00"}
        made = self._one_wins([self._appointment("", form)] * RACERS, 201, APPOINTMENT_TAKEN)
        booked = made["appointment"]
        path, read = f"/{booked['id']}/confirm", {"version": booked["version"]}
        self._one_wins([self._appointment(path, read)] * RACERS, 200, CONFIRMED)
        moves = [
            self._appointment(
                f"/{own}/move",
                {**kiosk, "time": "14:00", "version": self.world.appointment(own).version},
            )
            for own in self.appointments
        ]
        self._one_wins(moves, 200, APPOINTMENT_TAKEN)
        self._rooms_on(day)

    def _rooms_on(self, day: date) -> None:
        def wish(hour: int, rooms: Sequence[Room], **more: object) -> dict[str, object]:
            times = {"starts": f"{hour:02}:00", "ends": f"{hour + 1:02}:00"}
            return {"room_ids": [room.id for room in rooms], "day": f"{day}", **times, **more}

        first = self.fifteen[:1]
        self._book("bookings", "quotes", [wish(8, first)] * RACERS)
        rule = f"FREQ=WEEKLY;COUNT={WEEKS}"
        series = [wish(9, first, rule=rule)] * RACERS
        self._book("booking-series", "series-quotes", series)
        order = random.Random(f"{day}")
        mixed = [wish(10, order.sample(self.fifteen, 15)) for _ in range(RACERS)]
        self._book("bookings", "quotes", mixed)
        shown = self._shown("quotes", wish(14, first))
        moves = [
            self._by_coworker(
                f"bookings/{own}/move",
                wish(14, first, version=self._version(own), shown_total=shown["shown_total"]),
            )
            for own in self.bookings
        ]
        self._one_wins(moves, 200, ROOMS_TAKEN)

    def _book(self, path: str, quotes: str, wishes: Sequence[dict[str, object]]) -> None:
        """Half of them share one account, half the other."""
        shown = self._shown(quotes, wishes[0])
        halves = [
            {"membership_id": account.id} for account in (self.rooms.account, self.rooms.paid)
        ]
        asked = [
            self._by_coworker(path, wish | shown | halves[n % 2]) for n, wish in enumerate(wishes)
        ]
        self._one_wins(asked, 201, ROOMS_TAKEN)

    def _shown(self, quotes: str, wish: dict[str, object]) -> dict[str, object]:
        """The price and the rules of a wish that nobody has had yet."""
        path, body, token = self._by_coworker(
            quotes, wish | {"membership_id": self.rooms.account.id}
        )
        answer = self.hub.post(path, body, token)
        assert answer.status == 200, answer
        said = json.loads(answer.body)
        return {"shown_total": said["price"]["total"], "shown_rules": said["rules"]}

    def _version(self, booking_id: str) -> int:
        found: int = self.world.see(lambda uow: uow.bookings.get(booking_id).version)
        return found

    def _appointment(self, path: str, body: dict[str, object]) -> Asked:
        return Asked(f"{V1}/appointments{path}", body, self.reception)

    def _by_coworker(self, path: str, body: dict[str, object]) -> Asked:
        return Asked(f"{V1}/{path}", body, self.coworker)

    def _one_wins(self, wishes: Sequence[Asked], won: int, lost: frozenset[str]) -> Any:
        """What the winner is told; all others are told 409, with one of these codes."""
        answers = self.crowd.ask(wishes)
        statuses = sorted(answer.status for answer in answers)
        assert statuses == [won] + [409] * (RACERS - 1), (wishes[0], set(answers))
        refusals = [json.loads(answer.body) for answer in answers if answer.status == 409]
        assert {refused["code"] for refused in refusals} <= lost, (wishes[0], set(answers))
        [winner] = [json.loads(answer.body) for answer in answers if answer.status == won]
        return winner


def signed_in(uow: UnitOfWork, person_id: str) -> str:
    return accounts.open_session(uow, uow.persons.get(person_id), "tests", datetime.now(UTC)).token


def one_wins_each(world: World, hubs: Sequence[ServedHub], rounds: int) -> None:
    with closing(Crowd(hubs, RACERS)) as crowd:
        race = Race(world, hubs, crowd)
        race.run(rounds)
    kept = world.see(lambda uow: uow.appointments.list())
    assert len(kept) == RACERS + rounds  # none is lost
    booked = world.see(lambda uow: uow.booked_rooms.list())
    assert len(booked) == RACERS + rounds * (1 + WEEKS + len(race.fifteen))
    with world.hub.reading() as uow:
        check_whole(uow)


def test_one_of_twenty_processes_is_told_yes(world: World, hubs: list[ServedHub]) -> None:
    one_wins_each(world, hubs, rounds=2)


@pytest.mark.slow
def test_one_of_twenty_processes_is_told_yes_fifty_times(
    world: World, hubs: list[ServedHub]
) -> None:
    one_wins_each(world, hubs, rounds=50)
