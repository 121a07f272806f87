"""Rooms to be booked in the small territory: prices, an organisation, two accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hub_world import DAY, NOW, World

from visiohub.booking import territory
from visiohub.booking.forms import PersonForm, RangeForm, RoomForm, VenueForm
from visiohub.booking.planning import doors
from visiohub.booking.rooms import accounts, book, no_shows, prices, rules
from visiohub.booking.rooms.forms import BookingForm, SeriesForm, WhenForm
from visiohub.booking.rooms.writing import Booked
from visiohub.domain.booking import BookedRoom, Membership, Organisation, PlaceRules, RoomState
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.door import screen_code
from visiohub.domain.model import Person, Role, Room
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import Grid, PassOffer, Rate, Tariff, Unit

GRID = Grid(
    profiles=("member",),
    room_classes=("",),
    tariffs=(
        Tariff(
            "member",
            "",
            (
                Rate(Unit.HOUR, Decimal(5)),
                Rate(Unit.HALF_DAY, Decimal(12)),
                Rate(Unit.DAY, Decimal(20)),
            ),
            session=Decimal(49),
        ),
    ),
    vat_percent=Decimal(20),
    passes=(PassOffer("ten", Unit.HALF_DAY, 10, Decimal(80), 365),),
)
RULE = CancellationRule(free_hours=24, late_percent=Decimal(50), no_show_percent=Decimal(100))
TOMORROW = DAY + timedelta(days=1)


@dataclass
class Rooms:
    """What `World` has, and who books rooms there."""

    world: World
    room: Room
    beside: Room
    far: Room
    coworker: Person
    coordinator: Person
    organisation: Organisation
    account: Membership
    """The coworker's, who pays alone."""
    paid: Membership
    """The coworker's, for whom the organisation pays."""

    def form(self, starts: str = "09:00", ends: str = "11:00", **fields: Any) -> BookingForm:
        return BookingForm(**self._fields(starts, ends, fields))

    def series(self, rule: str, **fields: Any) -> SeriesForm:
        return SeriesForm(rule=rule, **self._fields("09:00", "11:00", fields))

    def _fields(self, starts: str, ends: str, fields: dict[str, Any]) -> dict[str, Any]:
        rooms = fields.pop("rooms", (self.room,))
        return {
            "room_ids": tuple(room.id for room in rooms),
            "day": TOMORROW,
            "starts": time.fromisoformat(starts),
            "ends": time.fromisoformat(ends),
            "membership_id": self.account.id,
            **fields,
        }

    def book(self, starts: str = "09:00", ends: str = "11:00", **fields: Any) -> Booked:
        by, now = fields.pop("by", self.coworker), fields.pop("now", NOW)
        booked: Booked = self.world.do(book.book, self.form(starts, ends, **fields), by, now)
        return booked

    def terms(self, place_id: str, **terms: Any) -> PlaceRules:
        """Edit a place's rules, whatever they were."""
        version = self.world.see(rules.place_rules, place_id).version
        saved: PlaceRules = self.world.do(
            rules.save_place_rules,
            place_id,
            rules.PlaceTerms(**terms),
            version,
            self.coordinator,
            NOW,
        )
        return saved


def at(hour: int, minute: int = 0, day: date = TOMORROW) -> datetime:
    """Of the territory's clock, in winter."""
    return datetime.combine(day, time(hour, minute), NOW.tzinfo) - timedelta(hours=1)


def to(starts: str, ends: str, *, rooms: tuple[Room, ...], day: date = TOMORROW) -> WhenForm:
    """Another time."""
    ids = tuple(room.id for room in rooms)
    return WhenForm.model_validate({"room_ids": ids, "day": day, "starts": starts, "ends": ends})


def state(rooms: Rooms, booked: Booked) -> list[RoomState]:
    """Of its rooms."""
    rows = rooms.world.see(lambda uow: uow.booked_rooms.list(booking_id=booked.booking.id))
    return sorted(row.state for row in rows)


def owed(rooms: Rooms) -> Decimal:
    """By all accounts together."""
    return sum((c.amount.total for c in rooms.world.see(lambda u: u.charges.list())), Decimal(0))


def release_unused(world: World, now: datetime, up_since: datetime = NOW) -> int:
    """As the job does: how many rooms are free again."""
    due: list[str] = world.see(no_shows.unused, now, up_since)
    return sum(world.do(no_shows.release, booking_id, now, up_since) for booking_id in due)


def on_screen(world: World, booked: BookedRoom) -> str:
    """The code that the screen beside a room shows for a booking; a room without one gets it."""
    if world.see(lambda uow: uow.doors.find(booked.room_id)) is None:
        world.do(doors.give_address, booked.room_id, world.admin, NOW)
    return screen_code(world.see(lambda uow: uow.doors.get(booked.room_id)), booked.id)


def furnish(world: World, *, grid: Grid = GRID, rule: CancellationRule = RULE) -> Rooms:
    """Prices and people for a world's rooms."""

    def made(form: Any) -> Any:
        return world.do(territory.create, form, None, NOW - timedelta(days=30))

    def person(login: str, role: Role) -> Person:
        found: Person = made(PersonForm(login=login, label=login, roles=frozenset({role})))
        return found

    def account(organisation_id: str | None) -> Membership:
        form = accounts.MembershipForm(
            person_id=coworker.id,
            profile="member",
            books_as=Profile.PROFESSIONAL,
            organisation_id=organisation_id,
        )
        found: Membership = world.do(accounts.create_membership, form, coordinator, NOW)
        return found

    coworker = person("coworker", Role.PROFESSIONAL)
    coordinator = person("coordinator", Role.COORDINATOR)
    world.do(prices.save_prices, None, grid, rule, 0, coordinator, NOW)
    organisation = world.do(
        accounts.create_organisation,
        accounts.OrganisationForm(
            name="Fédération",
            address=("1 rue du Bourg", "05000 Gap"),
            contact="M. Aubert",
            email="compta@federation.example",
        ),
        coordinator,
        NOW,
    )
    return Rooms(
        world,
        room=made(RoomForm(venue_id=world.venue.id, name="Réunion", capacity=8)),
        beside=made(RoomForm(venue_id=world.venue.id, name="Atelier", capacity=4)),
        far=made(RoomForm(venue_id=world.elsewhere.id, name="Conseil", capacity=20)),
        coworker=coworker,
        coordinator=coordinator,
        organisation=organisation,
        account=account(None),
        paid=account(organisation.id),
    )


def new_rooms(world: World) -> list[Room]:
    """One in each of fifteen venues, and another in the first of them."""

    def made(form: Any) -> Any:
        return world.do(territory.create, form, None, NOW)

    venues = [world.venue, world.elsewhere]
    venues += [made(_like_the_first(world, number)) for number in range(3, 16)]
    places = [*((venue, "Salle") for venue in venues), (world.venue, "À part")]
    return [made(RoomForm(venue_id=at.id, name=name, capacity=2)) for at, name in places]


def _like_the_first(world: World, number: int) -> VenueForm:
    """Open as the first venue is."""
    return VenueForm(
        name=f"Mairie {number}", kind="Mairie", street="1 rue", postcode="05000",
        town=f"Commune {number}", latitude=44.5, longitude=6.5, phone="04 65 71 20 05",
        opening=tuple(
            RangeForm(weekday=one.weekday, opens=one.opens, closes=one.closes)
            for one in world.venue.opening
        ),
    )  # fmt: skip
