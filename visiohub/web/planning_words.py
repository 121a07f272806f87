"""The words of a planning: states, why it is closed, what moves by keyboard say."""

from __future__ import annotations

from visiohub.booking.planning.views import Entry, EntryKind, Lane
from visiohub.domain.calendar.closed import (
    Closed,
    ForClosure,
    InSchoolHolidays,
    OnExceptionalDay,
    OnPublicHoliday,
)
from visiohub.domain.calendar.sharing import Profile
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.room_words import ROOM_STATE
from visiohub.web.words import APPOINTMENT, Word

FIRST = {
    Profile.PUBLIC_SERVICE: later("Services publics"),
    Profile.PROFESSIONAL: later("Ouvert aux pros"),
}
_QUIET = frozenset({"booked", "confirmed"})
"""States that a planning takes for granted."""


_STATES = {EntryKind.APPOINTMENT: APPOINTMENT, EntryKind.BOOKING: ROOM_STATE}


def state_word(entry: Entry) -> Word:
    """Of an appointment or a booking."""
    return _STATES[entry.kind][entry.state]


def offered_until(entry: Entry, lane: Lane) -> str:
    """proposé jusqu’à 14 h 20; empty for what is no offer."""
    if entry.until is None:
        return ""
    return _("proposé jusqu’à %(hour)s", hour=formats.hour_at(entry.until, lane.venue.time_zone))


def is_quiet(entry: Entry) -> bool:
    """Whether the planning leaves the state out; an offer says until when it is one instead."""
    return entry.state in _QUIET or entry.kind is EntryKind.OFFER


def span_words(entry: Entry, lane: Lane) -> str:
    """9 h à 9 h 30; with its day what begins or ends on another one than the lane's."""
    return "".join(span_parts(entry, lane))


def span_parts(entry: Entry, lane: Lane) -> tuple[str, str]:
    """The same in two: when it begins, and the rest, which a narrow entry leaves to its height."""
    zone = lane.venue.time_zone
    opens, begins = formats.hour_at(entry.starts_at, zone), formats.local(entry.starts_at, zone)
    if begins.date() != lane.day:
        opens = f"{formats.short_day(begins.date())}, {opens}"
    closes = formats.until(entry.ends_at, entry.starts_at, zone)
    return opens, _("%(opens)s à %(closes)s", opens=opens, closes=closes).removeprefix(opens)


def whole_words(entry: Entry, lane: Lane) -> str:
    """All that is known of it in one line, for where its column has no room."""
    parts = [entry.who or _("Pris"), span_words(entry, lane), offered_until(entry, lane)]
    if not is_quiet(entry):
        parts.append(str(state_word(entry)))
    return ", ".join(part for part in (*parts, entry.what, entry.initials) if part)


def reason(why: Closed | None) -> str:
    """Why it is closed, beside the word; empty for an hour like any other."""
    match why:
        case ForClosure(reason=text) | OnExceptionalDay(label=text) | OnPublicHoliday(name=text):
            return text
        case InSchoolHolidays():
            return _("vacances scolaires")
        case _:
            return ""


def whose(first: Profile | None) -> str:
    """Whose window; empty for everybody's."""
    return _(FIRST[first]) if first else ""


def move_texts() -> dict[str, str]:
    """The sentences that the module for moving says; it writes none of its own."""
    return {
        "picked": _(
            "Déplacement de {what}. Flèches : heure et salle. "
            "Entrée : choisir. Échap : laisser en place."
        ),
        "over": _("{lane}, {from} à {to}, {state}."),
        "free": _("libre"),
        "taken": _("déjà pris"),
        "shut": _("fermé"),
        "no_kiosk": _("pas de borne"),
        "left": _("Rien n’a changé. {what} reste à sa place."),
        "loading": _("Un instant…"),
        "cut": _("La liaison est coupée. Votre choix est gardé. Réessayez dans un instant."),
        "again": _("Réessayer"),
        "session": _("Votre session est finie. Connectez-vous dans un autre onglet, puis revenez."),
        "keys": _(
            "Flèches pour parcourir, Espace pour déplacer, Entrée pour ouvrir, "
            "Origine et Fin pour la journée."
        ),
    }
