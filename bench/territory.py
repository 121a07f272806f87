"""A territory with a year of bookings, seeded: 300 venues, 900 rooms, 400 agents, 500,000 bookings.

Half of the bookings are appointments (kiosk, its room, an agent), half are of rooms alone. Rows are
written in bulk, so that the databases' own rules see each of them all the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, Table, insert

from visiohub.booking.rooms.prices import TERRITORY
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory
from visiohub.domain.calendar.sharing import Profile, Sharing
from visiohub.domain.model import AppointmentState, OpeningRange, Role
from visiohub.domain.occupancy import OwnerKind, ResourceKind
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import Grid, Rate, Tariff, Unit
from visiohub.domain.tariff.standing import Standing
from visiohub.storage import permanences, room_tables, tables

SEED = 20261123
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
VENUES, ROOMS, AGENTS, PARTNERS = 300, 900, 400, 20
PROFESSIONAL, MEMBERSHIPS = "professional", 200
DAYS = 365
FIRST_DAY = date(2026, 8, 24)
"""So that the eight weeks from NOW on lie within the year."""
APPOINTMENTS_A_DAY, ROOM_BOOKINGS_A_DAY = 960, 960
"""Of 261 working days: about 500,000 a year."""
HALF_HOURS = (*range(8 * 2, 12 * 2), *range(13 * 2, 17 * 2))
_BATCH = 50_000


def fill(engine: Engine) -> int:
    """All rows into an empty database at the present schema; how many bookings."""
    chance = random.Random(SEED)  # noqa: S311 - a benchmark's, seeded
    with engine.begin() as connection:

        def write(table: Table, rows: list[dict[str, Any]]) -> None:
            for first in range(0, len(rows), _BATCH):
                connection.execute(insert(table), rows[first : first + _BATCH])

        for table, rows in _people_and_places(chance):
            write(table, rows)
        count = 0
        for month in _months():
            appointments, occupancies = _bookings(chance, month, count)
            count += len(appointments) + sum(o["owner_kind"] == "booking" for o in occupancies)
            write(tables.appointments, appointments)
            write(tables.occupancies, occupancies)
    return count


def _people_and_places(chance: random.Random) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    kept = {"active": True, "version": 1}
    week = tuple(
        OpeningRange(day, opens, closes)
        for day in range(5)
        for opens, closes in ((time(8), time(12)), (time(13), time(17)))
    )
    yield tables.venues, [
        {
            "id": f"v{n}", "name": f"Mairie {n}", "kind": "Mairie", "street": "1 rue", "phone": "",
            "postcode": f"{5000 + n:05}", "town": f"Commune {n}", "time_zone": "Europe/Paris",
            "latitude": chance.uniform(44.2, 44.92), "longitude": chance.uniform(5.5, 6.76),
            "access": "", "opening": week, **kept,
        }
        for n in range(VENUES)
    ]  # fmt: skip
    yield tables.rooms, [
        {"id": f"r{n}", "venue_id": f"v{n % VENUES}", "name": f"Salle {n}", "capacity": 4,
         "door": "", "equipment": "", **kept}
        for n in range(ROOMS)
    ]  # fmt: skip
    yield tables.kiosks, [
        {"id": f"k{n}", "room_id": f"r{n}", "name": f"Borne {n}", "here": True, "software": "",
         "devices": (), **kept}
        for n in range(VENUES)
    ]  # fmt: skip
    rules = OpeningRules(holidays=HolidayRule(Territory.METROPOLE))
    yield room_tables.place_rules, [
        {"id": f"v{n}", "venue_id": f"v{n}", "room_id": None, "rules": rules, "school_zone": "",
         "limits": Limits(), "sharing": Sharing(), "needs_approval": False, "room_class": "",
         "version": 1}
        for n in range(VENUES)
    ]  # fmt: skip
    yield (
        tables.partners,
        [
            {"id": f"p{n}", "name": f"Organisme {n}", "short_name": f"O{n}", "phone": "", **kept}
            for n in range(PARTNERS)
        ],
    )
    yield tables.services, [
        {"id": f"s{n}", "partner_id": f"p{n}", "name": f"Service {n}", "duration_minutes": 30,
         "walk_in": False, "to_bring": (), "venue_ids": (), **kept}
        for n in range(PARTNERS)
    ]  # fmt: skip
    yield tables.persons, [
        {"id": f"a{n}", "login": f"a{n}", "label": f"Agent {n}", "initials": "", "language": "",
         "password_hash": "!", "roles": frozenset({Role.AGENT}), "partner_id": f"p{n % PARTNERS}",
         "venue_ids": (), "receives_walk_ins": False, "email": "", **kept}
        for n in range(AGENTS)
    ]  # fmt: skip
    yield tables.persons, [
        {"id": PROFESSIONAL, "login": PROFESSIONAL, "label": "", "initials": "", "language": "",
         "password_hash": "!", "roles": frozenset({Role.PROFESSIONAL}), "partner_id": None,
         "venue_ids": (), "receives_walk_ins": False, "email": "", **kept}
    ]  # fmt: skip
    hourly = Tariff("member", "", (Rate(Unit.HOUR, Decimal(5)), Rate(Unit.DAY, Decimal(20))))
    grid = Grid(("member",), ("",), (hourly,), vat_percent=Decimal(20))
    yield room_tables.price_lists, [
        {"id": TERRITORY, "venue_id": None, "grid": grid, "version": 1,
         "cancellation": CancellationRule(24, Decimal(50), Decimal(100))}
    ]  # fmt: skip
    yield room_tables.memberships, [
        {"id": f"m{n}", "person_id": PROFESSIONAL, "profile": "member",
         "books_as": Profile.PROFESSIONAL, "organisation_id": None, "standing": Standing(), **kept}
        for n in range(MEMBERSHIPS)
    ]  # fmt: skip
    yield permanences.permanences, [
        {"id": f"w{n}-{half}", "partner_id": f"p{n % PARTNERS}", "agent_id": f"a{n}", "name": "",
         "seats": 1, "service_ids": (f"s{n % PARTNERS}",),
         "venue_ids": () if n % 40 < 20 else tuple(f"v{v}" for v in range(n % 5, VENUES, 5)),
         "first_day": FIRST_DAY, "opens": time(*opens), "closes": time(*closes),
         "time_zone": "Europe/Paris", "excluded": (), **kept,
         "rule": f"FREQ=WEEKLY;BYDAY={chance.choice(('MO,TU,WE,TH,FR', 'MO,TU,TH', 'MO,WE,FR'))}"}
        for n in range(AGENTS)
        for half, (opens, closes) in enumerate((((8, 30), (12, 0)), ((13, 0), (16, 30))))
    ]  # fmt: skip


def _months() -> Iterator[list[date]]:
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    working = [day for day in days if day.weekday() < 5]
    for first in range(0, len(working), 21):
        yield working[first : first + 21]


def _bookings(
    chance: random.Random, days: list[date], count: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Each half-hour has its draw of kiosks, agents and rooms: nothing meets anything."""
    appointments: list[dict[str, Any]] = []
    occupancies: list[dict[str, Any]] = []
    kiosks, agents, others = range(VENUES), range(AGENTS), range(VENUES, ROOMS)
    each_half_hour = APPOINTMENTS_A_DAY // len(HALF_HOURS)
    rooms_each = ROOM_BOOKINGS_A_DAY // len(HALF_HOURS)
    for day in days:
        midnight = datetime.combine(day, time(), UTC) - timedelta(hours=1)  # Paris, near enough
        for half_hour in HALF_HOURS:
            start = midnight + timedelta(minutes=30 * half_hour)
            span = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}

            def hold(
                kind: ResourceKind, resource: str, owner_kind: OwnerKind, owner: str,
                span: dict[str, datetime] = span,
            ) -> None:  # fmt: skip
                occupancies.append(
                    {"resource_kind": kind, "resource_id": resource, **span,
                     "owner_kind": owner_kind, "owner_id": owner}
                )  # fmt: skip

            served = chance.sample(agents, each_half_hour)
            for kiosk, agent in zip(chance.sample(kiosks, each_half_hour), served, strict=True):
                made = f"t{count + len(appointments)}"
                appointments.append(
                    {"id": made, "service_id": f"s{agent % PARTNERS}", "kiosk_id": f"k{kiosk}",
                     "agent_id": f"a{agent}", "state": AppointmentState.BOOKED, "created_at": NOW,
                     "initials": "", "phone": "", "email": "", "language": "", "needs": frozenset(),
                     "code_hash": "", "token_hash": "", "version": 1,
                     **span}
                )  # fmt: skip
                for kind, resource in (
                    (ResourceKind.KIOSK, f"k{kiosk}"),
                    (ResourceKind.ROOM, f"r{kiosk}"),
                    (ResourceKind.AGENT, f"a{agent}"),
                ):
                    hold(kind, resource, OwnerKind.APPOINTMENT, made)
            for room in chance.sample(others, rooms_each):
                booking = f"b{day:%m%d}{half_hour}-{room}"
                hold(ResourceKind.ROOM, f"r{room}", OwnerKind.BOOKING, booking)
    return appointments, occupancies
