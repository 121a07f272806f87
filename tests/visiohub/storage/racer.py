"""One of many processes that want the same slots at the same moments."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from visiohub.booking.appointments import book, move
from visiohub.booking.forms import AppointmentForm, MoveForm
from visiohub.domain.model import Person
from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind, Resource, ResourceKind
from visiohub.errors import SlotTaken
from visiohub.settings import Settings
from visiohub.storage.engine import open_engine
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

BOOKED_AT, MOVED_TO = time(10), time(14)
ROOMS = tuple(Resource(ResourceKind.ROOM, f"room {n}") for n in range(15))


@dataclass(frozen=True)
class Race:
    """On each of `days` all book 10:00, then all move an appointment of their own to 14:00, then
    all want 15 rooms together, each racer naming them in an order of its own."""

    settings: Settings
    service_id: str
    kiosk_id: str
    by: Person
    days: tuple[date, ...]
    now: datetime


def run(race: Race, own: str, start: Barrier, said: Queue[tuple[str, date, str]]) -> None:
    """Wait for all others before each step; say how it went. `own` is an appointment's id."""
    settings = race.settings
    engine = open_engine(
        settings.database, busy_timeout_s=settings.database_busy_timeout_s, connections=1
    )

    def books(uow: UnitOfWork, day: date) -> None:
        place = {"service_id": race.service_id, "kiosk_id": race.kiosk_id}
        book(uow, AppointmentForm(**place, day=day, time=BOOKED_AT), race.by, race.now)

    def moves(uow: UnitOfWork, day: date) -> None:
        form = MoveForm(kiosk_id=race.kiosk_id, day=day, time=MOVED_TO)
        version = uow.appointments.get(own).version
        move(uow, own, form, version, race.by, race.now)

    def takes_rooms(uow: UnitOfWork, day: date) -> None:
        starts_at, ends_at = (datetime.combine(day, time(hour), UTC) for hour in (9, 11))
        owner = Owner(OwnerKind.BOOKING, f"{own} {day}")
        rooms = random.Random(own).sample(ROOMS, len(ROOMS))
        uow.occupancies.hold(Occupancy(room, starts_at, ends_at, owner) for room in rooms)

    def outcome(step: Any, day: date) -> str:
        try:
            committed(
                lambda: UnitOfWork(engine, settings),
                lambda uow: step(uow, day),
                within_s=settings.database_busy_timeout_s,
            )
        except SlotTaken:
            return "taken"
        except Exception as error:  # noqa: BLE001 - whatever it was, the test shows it
            return repr(error)
        return "won"

    for day in race.days:
        for step in (books, moves, takes_rooms):
            start.wait(120)
            said.put((step.__name__, day, outcome(step, day)))
    engine.dispose()
