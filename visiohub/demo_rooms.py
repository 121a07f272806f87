"""The demo's rooms to be booked: price list, an organisation, accounts with a pass, bookings.

Prices are real ones of rural telecentres: 49 EUR for two hours of room and 49 EUR for the session,
free for members; 3 EUR a half-day, 20 or 80 EUR for ten days, 35 EUR a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from visiohub.booking import territory
from visiohub.booking.forms import RoomForm
from visiohub.booking.rooms import accounts, book, prices, rules
from visiohub.booking.rooms.forms import BookingForm
from visiohub.booking.rooms.refusals import NotBookable
from visiohub.domain import hours
from visiohub.domain.booking import Membership
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.model import Person, Room, Venue
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import (
    FirstUses,
    Grid,
    PassOffer,
    Quota,
    Rate,
    Tariff,
    Unit,
)
from visiohub.storage.uow import UnitOfWork

OFFICE, MEETING = "bureau", "réunion"
CASUAL, MEMBER, ASSOCIATION, PUBLIC = "occasionnel", "adhérent", "association", "service public"


def _rates(**prices_of: str) -> tuple[Rate, ...]:
    return tuple(Rate(Unit(unit), Decimal(price)) for unit, price in prices_of.items())


GRID = Grid(
    profiles=(CASUAL, MEMBER, ASSOCIATION, PUBLIC),
    room_classes=(OFFICE, MEETING),
    tariffs=(
        Tariff(
            CASUAL, OFFICE, _rates(two_hours="49", half_day="85", day="150"), session=Decimal(49)
        ),
        Tariff(
            CASUAL, MEETING, _rates(two_hours="49", half_day="90", day="160"), session=Decimal(49)
        ),
        Tariff(MEMBER, OFFICE, _rates(half_day="3", month="35"), session=Decimal(0)),
        Tariff(MEMBER, MEETING, _rates(hour="8", half_day="20", day="35"), session=Decimal(0)),
        Tariff(
            ASSOCIATION,
            OFFICE,
            _rates(hour="4", half_day="10", day="18"),
            session=Decimal(10),
            first_uses=FirstUses(2, 4),
            quota=Quota(hours=4, pages=50),
            page=Decimal("0.15"),
        ),
        Tariff(
            ASSOCIATION,
            MEETING,
            _rates(hour="6", half_day="15", day="25"),
            session=Decimal(10),
            free_weekdays=frozenset({2}),
            first_uses=FirstUses(2, 4),
        ),
        Tariff(PUBLIC, OFFICE, _rates(hour="0"), session=Decimal(0)),
        Tariff(PUBLIC, MEETING, _rates(hour="0"), session=Decimal(0)),
    ),
    vat_percent=Decimal(20),
    passes=(
        PassOffer("10-demi-journees", Unit.HALF_DAY, 10, Decimal(25), 365, frozenset({MEMBER})),
        PassOffer("20-demi-journees", Unit.HALF_DAY, 20, Decimal(45), 365, frozenset({MEMBER})),
        PassOffer("10-jours", Unit.DAY, 10, Decimal(20), 180, frozenset({ASSOCIATION})),
        PassOffer("10-jours-libres", Unit.DAY, 10, Decimal(80), 365, frozenset({CASUAL})),
    ),
)
CANCELLATION = CancellationRule(24, Decimal(50), Decimal(100))


class DemoRooms:
    """Furnishes a territory just made; `now` is the demo's instant."""

    def __init__(
        self,
        uow: UnitOfWork,
        venues: Mapping[str, Venue],
        persons: Mapping[str, Person],
        now: datetime,
    ) -> None:
        self.uow = uow
        self.venues = venues
        self.persons = persons
        self.now = now
        self.admin = persons["admin"]
        self.coordinator = persons["coordination"]
        self.rooms: dict[str, Room] = {}

    def furnish(self) -> None:
        """Prices, rules, an organisation, accounts, a pass, bookings."""
        prices.save_prices(self.uow, None, GRID, CANCELLATION, 0, self.admin, self.now)
        self._rooms()
        own, paid = self._accounts()
        self._bookings(own, paid)

    def _rooms(self) -> None:
        for key, name, capacity, equipment in (
            ("gap", "Atelier partagé", 12, "Grand écran, caméra de salle"),
            ("embrun", "Bureau partagé", 4, "Deux postes"),
            ("guillestre", "Bureau partagé", 4, "Deux postes, imprimante"),
            ("veynes", "Salle de réunion", 8, "Grand écran, caméra de salle"),
            ("chorges", "Salle de lecture", 6, "Grand écran"),
        ):
            form = RoomForm(
                venue_id=self.venues[key].id, name=name, capacity=capacity, equipment=equipment
            )
            self.rooms[key] = territory.create(self.uow, form, None, self.now)
        for room in self.uow.rooms.list():
            meeting = room.capacity >= 6
            self._rule(
                room.id,
                room_class=MEETING if meeting else OFFICE,
                limits=Limits(
                    horizon_days=183,
                    buffer_after=timedelta(minutes=15 if meeting else 0),
                    shortest=timedelta(minutes=30),
                ),
                needs_approval=room is self.rooms["chorges"],
            )
        for venue in self.venues.values():
            closed = venue is not self.venues["gap"]  # day and night, whatever the day
            self._rule(
                venue.id,
                rules=OpeningRules(holidays=HolidayRule(Territory.METROPOLE, closed=closed)),
                sharing=self._mornings() if venue is self.venues["embrun"] else Sharing(),
            )

    def _rule(self, place_id: str, **terms: object) -> None:
        made = rules.PlaceTerms(**terms)  # type: ignore[arg-type]  # named by the callers above
        rules.save_place_rules(self.uow, place_id, made, 0, self.admin, self.now)

    def _mornings(self) -> Sharing:
        """Public services first on two mornings a week, and two days before everybody."""
        monday = self._monday()
        window = Recurrence(
            datetime.combine(monday, time(8)),
            datetime.combine(monday, time(12)),
            hours.zone_of(self.venues["embrun"].time_zone),
            parse_rule("FREQ=WEEKLY;BYDAY=MO,TH"),
        )
        return Sharing((SharedWindow(window, Profile.PUBLIC_SERVICE, timedelta(hours=48)),))

    def _accounts(self) -> tuple[Membership, Membership]:
        federation = accounts.create_organisation(
            self.uow,
            accounts.OrganisationForm(
                name="Fédération des entreprises du Guillestrois",
                address=("3 rue des Artisans", "05600 Guillestre"),
                contact="Secrétariat",
                email="secretariat@federation.example",
                account_number="41100042",
            ),
            self.admin,
            self.now,
        )

        def account(login: str, profile: str, **more: object) -> Membership:
            person_id = self.persons[login].id
            form = accounts.MembershipForm.model_validate(
                {"person_id": person_id, "profile": profile, **more}
            )
            return accounts.create_membership(self.uow, form, self.admin, self.now)

        own = account("professionnel", MEMBER)
        paid = account("professionnel", ASSOCIATION, organisation_id=federation.id)
        account("coordination", PUBLIC, books_as=Profile.PUBLIC_SERVICE)
        accounts.sell_pass(self.uow, own.id, "10-demi-journees", self.admin, self.now)
        return own, paid

    def _bookings(self, own: Membership, paid: Membership) -> None:
        tuesday = self._monday() + timedelta(days=1)
        for account, key, day, starts, ends in (
            (own, "guillestre", tuesday, time(8), time(12)),
            (own, "embrun", tuesday + timedelta(days=2), time(13), time(16, 30)),
            (paid, "veynes", tuesday, time(14), time(16)),
            (paid, "chorges", tuesday + timedelta(days=1), time(9, 30), time(11, 30)),
        ):
            form = BookingForm(
                membership_id=account.id,
                room_ids=(self.rooms[key].id,),
                day=day,
                starts=starts,
                ends=ends,
                visio=key == "veynes",
            )
            with suppress(NotBookable):  # a public holiday: the demo has one booking less
                book.book(self.uow, form, self.persons["professionnel"], self.now)

    def _monday(self) -> date:
        """Of the week after the next."""
        today = hours.local_day(self.now, hours.zone_of(self.uow.settings.time_zone))
        return today + timedelta(days=14 - today.weekday())
