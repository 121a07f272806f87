"""Bookings of rooms to come that were kept elsewhere, each room and time a line.

What they cost was agreed elsewhere: nothing is charged, and nothing drawn from the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from visiohub.booking.audit import note
from visiohub.booking.imports.clashes import beyond_lines, clashes
from visiohub.booking.imports.closed import tell_closed
from visiohub.booking.imports.importer import Importer, Names, venue_names
from visiohub.booking.rooms.places import Place, read_places
from visiohub.booking.rooms.prices import any_prices_of
from visiohub.booking.secrets import new_id
from visiohub.domain import hours
from visiohub.domain.booking import LONGEST, BookedRoom, Membership, RoomBooking, RoomState
from visiohub.domain.csv_table import Column, Row, fold
from visiohub.domain.model import Person, Room, Venue
from visiohub.domain.occupancy import Occupancy, Owner, OwnerKind
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import Unit
from visiohub.domain.tariff.money import ZERO, Amount
from visiohub.domain.tariff.quote import Quote, UnitLine
from visiohub.domain.tariff.standing import Draws
from visiohub.errors import N_
from visiohub.storage.availability import VisioOnLine
from visiohub.storage.uow import UnitOfWork

_FREE = Quote(
    (UnitLine(Amount(ZERO, Decimal(0), ZERO, ZERO), Unit.HOUR, 0, ZERO, peak=False),), Draws()
)
_UNPRICED = CancellationRule(free_hours=0, late_percent=ZERO, no_show_percent=ZERO)
"""Where nobody has written prices yet: there is nothing to be given back."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Planned:
    """One line, ready to be written."""

    row: Row
    place: Place
    membership: Membership
    span: hours.Span
    visio: bool
    room_id: str
    """Of the booked room to be made."""

    @property
    def occupancy(self) -> Occupancy:
        """With the room's buffers."""
        owner = Owner(OwnerKind.BOOKING, self.room_id)
        return Occupancy(self.place.resource, *self.place.limits.kept(*self.span), owner)


class BookingImporter(Importer[Planned]):
    """One room, one account, one time a line."""

    columns = (
        Column("venue", ("lieu", "venue"), "Mairie de Rosans"),
        Column("room", ("salle", "room"), "Salle du conseil"),
        Column("login", ("identifiant", "login"), "paysages.martin"),
        Column("payer", ("payé par", "organisation", "paid by"), "", required=False),
        Column("profile", ("profil", "tarif", "profile"), "", required=False),
        Column("day", ("jour", "date", "day"), "15/01/2027"),
        Column("starts", ("début", "start"), "9:00"),
        Column("ends", ("fin", "end"), "12:30"),
        Column("last_day", ("dernier jour", "last day"), "", required=False),
        Column("visio", ("visio", "video"), "non", required=False),
    )

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        super().__init__(uow, now)
        self._venues = Names(uow.venues.list(active=True), venue_names)
        self._rooms: dict[str, Names[Room]] = {}
        self._places: dict[str, Place] = {}
        self._persons = Names(uow.persons.list(active=True), lambda person: (person.login,))
        self._payers = Names(uow.organisations.list(active=True), lambda payer: (payer.name,))
        self._accounts: dict[tuple[str, str | None], list[Membership]] = {}
        for one in uow.memberships.list(active=True):
            self._accounts.setdefault((one.person_id, one.organisation_id), []).append(one)

    def read(self, row: Row) -> Planned | None:
        """One booking."""
        before = len(self.problems)
        venue = self.one_of(row, "venue", self._venues)
        room = self._room(row, venue) if venue else None
        account = self._account(row)
        visio = self.flag_of(row, "visio")
        span = self._span(row, venue) if venue else None
        if len(self.problems) > before or not (room and account and span):
            return None
        if room.id not in self._places:
            self._places[room.id] = read_places(self.uow, [room.id])[0]
        place = self._places[room.id]
        if closed := place.closed_during(place.calendar.spans(*span), *span):
            tell_closed(self, row, "starts", closed)
            return None
        return Planned(row, place, account, span, visio, new_id())

    def settle(self, planned: Sequence[Planned]) -> None:
        """No room twice at one time, buffers included; no visio that the line does not carry."""
        for clash in clashes(self.uow, ((p.row, p.occupancy) for p in planned)):
            if clash.other is None:
                says = N_("La salle est déjà prise à cette heure. Choisissez une autre heure.")
                self.wrong(clash.row, "starts", "taken", says)
            else:
                says = N_("La ligne {line} a déjà cette heure. Changez l’heure de l’une des deux.")
                self.wrong(clash.row, "starts", "taken_in_file", says, line=clash.other)
        visios = [
            (p.row, VisioOnLine(p.place.venue.id, p.room_id, *p.span)) for p in planned if p.visio
        ]
        for row in beyond_lines(self.uow, visios, self.now):
            says = N_(
                "La ligne de ce lieu n’a plus assez de débit à cette heure pour une visio de plus. "
                "Changez l’heure."
            )
            self.wrong(row, "starts", "line_full", says)

    def write(self, planned: Sequence[Planned], by: Person | None) -> None:
        """All of them; who imported them is who made them."""
        self.uow.occupancies.hold(p.occupancy for p in planned)
        for one in planned:
            made_by = by.id if by else one.membership.person_id
            booking = RoomBooking(
                new_id(), one.membership.id, *one.span, self.now, made_by, visio=one.visio
            )
            venue = one.place.venue
            prices = any_prices_of(self.uow, venue.id)
            room = BookedRoom(
                one.room_id,
                booking.id,
                one.place.room.id,
                venue.id,
                RoomState.CONFIRMED,
                _FREE,
                prices.cancellation if prices else _UNPRICED,
            )
            self.uow.bookings.add(booking)
            self.uow.booked_rooms.add(room)
            facts: dict[str, object] = {
                "room_id": room.room_id,
                "starts_at": booking.starts_at.isoformat(),
                "ends_at": booking.ends_at.isoformat(),
            }
            note(self.uow, by, self.now, "booking.import", booking.id, {}, facts)
        self.uow.changed(*{f"reception:{p.place.venue.id}" for p in planned})
        self.uow.flush()

    def _room(self, row: Row, venue: Venue) -> Room | None:
        if venue.id not in self._rooms:
            rooms = self.uow.rooms.list(venue_id=venue.id, active=True)
            self._rooms[venue.id] = Names(rooms, lambda room: (room.name,))
        return self.one_of(row, "room", self._rooms[venue.id])

    def _account(self, row: Row) -> Membership | None:
        """The person's own, or the one for which an organisation pays."""
        person = self.one_of(row, "login", self._persons)
        named = bool(row.cells.get("payer"))
        payer = self.one_of(row, "payer", self._payers) if named else None
        if person is None or (named and payer is None):
            return None
        accounts = self._accounts.get((person.id, payer.id if payer else None), [])
        profile = fold(row.cells.get("profile", ""))
        fitting = [one for one in accounts if not profile or fold(one.profile) == profile]
        if len(fitting) == 1:
            return fitting[0]
        profiles = ", ".join(sorted({one.profile for one in accounts}))
        if not accounts:
            says = N_("Cette personne n’a pas ce compte pour les salles. Créez-le d’abord.")
            self.wrong(row, "payer" if named else "login", "no_account", says)
        elif not fitting:
            says = N_("Aucun compte de cette personne n’a ce profil. Écrivez : {profiles}.")
            self.wrong(row, "profile", "no_such_profile", says, profiles=profiles)
        elif profile or len({one.profile for one in accounts}) == 1:
            says = N_(
                "Cette personne a plusieurs comptes de ce profil. Fermez celui qui ne sert plus."
            )
            self.wrong(row, "profile", "several_accounts", says)
        else:
            says = N_(
                "Cette personne a plusieurs comptes. Écrivez dans la colonne Profil : {profiles}."
            )
            self.wrong(row, "profile", "which_account", says, profiles=profiles)
        return None

    def _span(self, row: Row, venue: Venue) -> hours.Span | None:
        first, starts, ends = (
            self.day_of(row, "day"),
            self.time_of(row, "starts"),
            self.time_of(row, "ends"),
        )
        last = self.day_of(row, "last_day") if row.cells.get("last_day") else first
        if first is None or last is None or starts is None or ends is None:
            return None
        zone = hours.zone_of(venue.time_zone)
        if first > hours.local_day(self.now, zone) + hours.BOOKABLE_AHEAD:
            says = N_("Ce jour est trop loin. Choisissez un jour dans les deux ans.")
            self.wrong(row, "day", "too_far_ahead", says)
            return None
        last += timedelta(days=ends == time())
        start = self.instant_of(row, "starts", first, starts, zone)
        end = self.instant_of(row, "ends", last, ends, zone)
        if start is None or end is None:
            return None
        if end <= start:
            says = N_("La fin est avant le début. Corrigez l’heure de fin.")
            self.wrong(row, "ends", "range_order", says)
        elif datetime.combine(last, ends) - datetime.combine(first, starts) > LONGEST:
            says = N_("C’est plus de {days} jours. Partagez cette réservation en plusieurs.")
            self.wrong(row, "last_day", "too_long", says, days=LONGEST.days)
        elif start < self.now:
            says = N_("C’est passé. Ôtez la ligne : seul ce qui est à venir est repris.")
            self.wrong(row, "day", "in_the_past", says)
        return start, end
