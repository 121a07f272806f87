"""What the use cases of rooms refuse, beside `visiohub.errors`."""

# ruff: noqa: N818 - named for what happened, as in visiohub.errors

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from visiohub.domain.calendar.causes import Cause
from visiohub.domain.hours import Span
from visiohub.domain.tariff.check import Fault
from visiohub.domain.tariff.money import totals
from visiohub.domain.tariff.quote import Quote
from visiohub.errors import N_, TimeHappensTwice, VisiohubError, WrongState


@dataclass(frozen=True)
class RoomHeld(Cause):
    """Something else has the room at that time."""

    code = "room_taken"
    says = N_("La salle est déjà prise à cette heure. Choisissez une autre heure.")


@dataclass(frozen=True)
class ShownTwice(Cause):
    """The clock shows its beginning or its end again an hour later."""

    code = TimeHappensTwice.code
    says = TimeHappensTwice.says


@dataclass(frozen=True)
class LineTaken(Cause):
    """Another visio is on the venue's line at that time, which does not carry both."""

    code = "line_taken"
    says = N_(
        "Une autre visio est alors sur la ligne du lieu, qui n’a plus assez de débit. "
        "Choisissez une autre heure, ou réservez sans visio."
    )


@dataclass(frozen=True)
class LimitWrong(Cause):
    """A limit that no booking could keep; `name` is the field, in whose unit the bounds are."""

    name: str
    least: int
    most: int
    code = "limit_wrong"
    says = N_("Cette limite ne convient pas. Donnez un nombre entier de {least} à {most}.")


class RulesWrong(VisiohubError):
    """Opening hours, limits or shared windows that contradict themselves: `problems` says each."""

    code = "rules_wrong"
    status = 422
    says = N_("Rien n’a été enregistré : des règles se contredisent. Corrigez ce qui est indiqué.")

    def __init__(self, problems: Sequence[Cause]) -> None:
        super().__init__("; ".join(p.code for p in problems))
        self.problems = tuple(problems)


class GridWrong(VisiohubError):
    """A grid or a cancellation rule that cannot be used: `faults` names each field."""

    code = "grid_wrong"
    status = 422
    says = N_("Rien n’a été enregistré : des tarifs sont inexacts. Corrigez ce qui est indiqué.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{f.field}: {f.cause}" for f in faults))
        self.faults = tuple(faults)


class NotBookable(VisiohubError):
    """A rule is against it: `causes` says all of them, by id of the room."""

    code = "not_bookable"
    status = 422
    says = N_("Cette réservation n’est pas possible. Rien n’a été réservé.")
    default_field = "starts"

    def __init__(self, causes: Mapping[str, Sequence[Cause]]) -> None:
        by_room = (f"{r}: {', '.join(c.code for c in some)}" for r, some in causes.items())
        super().__init__("; ".join(by_room))
        self.causes = dict(causes)


class SeriesWrong(VisiohubError):
    """Its rule cannot be taken, whatever the rooms: `cause` says why."""

    code = "series_wrong"
    status = 422
    says = N_("Cette série n’est pas possible. Rien n’a été réservé.")
    default_field = "rule"

    def __init__(self, cause: Cause) -> None:
        super().__init__()
        self.cause = cause


class DatesClash(VisiohubError):
    """Some dates of a series cannot be had: `clashes` says why, by room, for each date."""

    code = "dates_clash"
    status = 409
    says = N_(
        "Des dates de cette série ne sont pas libres. Rien n’a été réservé. "
        "Réservez les autres dates seulement, ou changez la série."
    )

    def __init__(self, clashes: Mapping[Span, Mapping[str, Sequence[Cause]]]) -> None:
        super().__init__(f"{len(clashes)} dates of the series clash")
        self.clashes = dict(clashes)


class RoomNotOffered(VisiohubError):
    """The room or its venue is no longer used."""

    code = "room_not_offered"
    status = 422
    says = N_("Cette salle ne se réserve plus. Choisissez une autre salle.")
    default_field = "room_ids"


class NotSold(VisiohubError):
    """The grid has no price for it; `what` is `room`, `duration` or `session`."""

    code = "not_sold"
    status = 422
    says = N_(
        "Cette salle n’a pas de prix pour cette réservation. "
        "Changez la durée, ou demandez à l’accueil du lieu."
    )


class PagesNotSold(NotSold):
    """Beyond the quota, and the tariff has no price for a page."""

    code = "pages_not_sold"
    says = N_(
        "Ce tarif n’a pas de prix par page, et le quota du mois ne suffit pas. "
        "Comptez moins de pages, ou demandez à l’administration."
    )
    default_field = "pages"


class PriceChanged(VisiohubError):
    """It costs something else than was shown: `quotes` are the new ones, in the order of the rooms
    (of a series: date by date)."""

    code = "price_changed"
    status = 409
    says = N_(
        "Le prix n’est plus celui que vous avez vu : {total}, au lieu de {shown}. "
        "Regardez le nouveau prix, puis confirmez."
    )

    def __init__(self, shown: Decimal, quotes: Sequence[Quote]) -> None:
        self.quotes = tuple(quotes)
        self.totals = totals(line.amount for quoted in quotes for line in quoted.lines)
        total = self.totals.total
        super().__init__(f"{shown} was shown, {total} is to pay", shown=shown, total=total)


class RulesChanged(VisiohubError):
    """Other rules of cancellation count than were shown."""

    code = "rules_changed"
    status = 409
    says = N_(
        "Les conditions d’annulation ne sont plus celles que vous avez vues. "
        "Relisez-les, puis confirmez."
    )


class TooLateToMove(VisiohubError):
    """Cancelling would cost something by now, so moving is for the venue to do."""

    code = "too_late_to_move"
    status = 409
    says = N_("Il est trop tard pour déplacer cette réservation. Demandez à l’accueil du lieu.")


class NotTheTime(VisiohubError):
    """Checked in long before, or after the end."""

    code = "not_the_time"
    status = 409
    says = N_("Ce n’est pas l’heure de cette réservation. Vérifiez le jour et l’heure.")


class NoBookingHere(VisiohubError):
    """At the door of a room that this person has not booked for now."""

    code = "no_booking_here"
    status = 404
    says = N_("Vous n’avez pas de réservation ici maintenant. Demandez à l’accueil.")


class KeyOut(VisiohubError):
    """This key or badge was handed out and is not back."""

    code = "key_out"
    status = 409
    says = N_("« {name} » est déjà sorti. Notez d’abord son retour, ou donnez-en un autre.")
    default_field = "name"


class KeyBack(VisiohubError):
    """This key or badge is back already."""

    code = "key_back"
    status = 409
    says = N_("« {name} » est déjà rendu. Relisez la liste.")


class BookingChanged(WrongState):
    """The booking is not in a state that allows this."""

    code = "booking_changed"
    says = N_("Cette réservation a changé entre-temps. Relisez la liste.")
