"""Two hubs on one database: reception and citizens want a counter's one seat at the same moment, at
two kiosks; one has it, the others are told that it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from coming_days import workdays
from hub_world import World
from kept import check_whole
from killed_hub import ServedHub

from visiohub.booking import accounts
from visiohub.storage.uow import UnitOfWork

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

PARIS = ZoneInfo("Europe/Paris")
ROUNDS, RACERS = 3, 20
AT = time(10)


@pytest.fixture
def hubs(world: World) -> Iterator[list[ServedHub]]:
    world.counter(
        first_day=workdays(datetime.now(PARIS).date(), 1)[0],
        opens=time(8),
        closes=time(16),
        rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    )
    with ExitStack() as running:
        served = []
        for _ in range(2):
            served.append(ServedHub(world.hub.settings))
            running.callback(served[-1].close)
        yield served


def signed_in(uow: UnitOfWork, person_id: str) -> str:
    return accounts.open_session(uow, uow.persons.get(person_id), "tests", datetime.now(UTC)).token


def test_staff_and_citizens_of_two_hubs(world: World, hubs: list[ServedHub]) -> None:
    token = world.do(signed_in, world.reception.id)

    def wants(n: int, day: date) -> int:
        """The status; half are citizens, and half of each ask either hub, at either kiosk."""
        hub = hubs[n // 2 % 2]
        if n % 2:
            starts_at = datetime.combine(day, AT, PARIS).astimezone(UTC)
            form: dict[str, object] = {
                "service_id": world.service.id,
                "venue_id": world.venue.id,
                "at": f"{starts_at:%Y-%m-%dT%H:%MZ}",
                "key": f"key of citizen {n} on {day}",
            }
            return hub.post("/book", form).status
        kiosk = (world.kiosk, world.beside)[n // 4 % 2]
        body: dict[str, object] = {
            "service_id": world.service.id,
            "kiosk_id": kiosk.id,
            "day": day,
            "time": f"{AT:%H:%M}",
        }
        return hub.post("/api/v1/appointments", body, token).status

    with ThreadPoolExecutor(RACERS) as threads:
        for day in workdays(datetime.now(PARIS).date(), ROUNDS):
            said = list(threads.map(lambda n, day=day: wants(n, day), range(RACERS)))
            won = [status for status in said if status < 400]
            assert len(won) == 1, said
            assert set(said) - {*won} == {409}, said
    kept = world.see(lambda uow: uow.appointments.list())
    assert len(kept) == ROUNDS
    assert all(one.seat_id for one in kept)
    with world.hub.reading() as uow:
        check_whole(uow)
