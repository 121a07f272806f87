"""Where something about a person is kept: one line a table, for export and for erasing alike.

A new table with something about people is a new line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from visiohub.errors import N_
from visiohub.storage.connections import api_keys, feeds, outside_calendars
from visiohub.storage.outbox import outbox
from visiohub.storage.permanences import absences, permanences
from visiohub.storage.room_tables import booked_rooms, bookings, charges, key_loans, memberships
from visiohub.storage.tables import (
    appointments,
    attempts,
    audit,
    calls,
    persons,
    sessions,
)
from visiohub.storage.uploads import uploads
from visiohub.storage.waiting import waiting_entries


@dataclass(frozen=True)
class Subject:
    """Whom it is about; an empty text owns nothing."""

    id: str
    """Of the account, or of the citizen's appointment; empty for who has none yet."""
    login: str = ""
    waiting_id: str = ""
    """Of the citizen's entry on the waiting list."""


@dataclass(frozen=True)
class Kind:
    """Rows of one table about somebody."""

    code: str
    title: str
    """French, and a msgid."""
    table: Table
    owner: Mapping[str, str]
    """Column of the table to field of Subject."""
    shows: tuple[str, ...]
    """Columns of an export; hashes and internal states are none of the person's data."""
    empties: Mapping[str, Any] = field(default_factory=dict)
    """Values that erasing puts in; the row stays for the record."""
    deletes: bool = False
    """Erasing deletes the rows."""

    def rows_of(self, subject: Subject) -> dict[str, str] | None:
        """What the owner's columns equal; None: nothing is the subject's here."""
        found = {column: str(getattr(subject, name)) for column, name in self.owner.items()}
        return found if all(found.values()) else None


def _messages(code: str, title: str, owner: str) -> Kind:
    """What was sent to somebody; `owner` is a field of Subject."""
    shows = ("created_at", "channel", "state")
    return Kind(code, title, outbox, {"subject_id": owner}, shows, deletes=True)


_PLANNED = ("starts_at", "ends_at", "service_id", "kiosk_id", "state")

STAFF = (
    Kind(
        "account",
        N_("Compte"),
        persons,
        {"id": "id"},
        (
            "login",
            "label",
            "initials",
            "email",
            "language",
            "roles",
            "partner_id",
            "venue_ids",
            "active",
            "retired_at",
        ),
        # the account itself is emptied by erase.py, last
    ),
    Kind(
        "sessions",
        N_("Connexions"),
        sessions,
        {"person_id": "id"},
        ("opened_at", "seen_at", "expires_at", "revoked_at", "browser"),
        deletes=True,
    ),
    Kind("attempts", N_("Essais ratés"), attempts, {"key": "login"}, ("at", "kind"), deletes=True),
    Kind(
        "received",
        N_("Rendez-vous reçus ou attribués"),
        appointments,
        {"agent_id": "id"},
        _PLANNED,
    ),
    Kind("made", N_("Rendez-vous pris"), appointments, {"created_by": "id"}, _PLANNED),
    Kind(
        "calls",
        N_("Appels tenus"),
        calls,
        {"person_id": "id"},
        ("arrived_at", "connected_at", "ended_at", "service_id", "kiosk_id", "agent_devices"),
        {"agent_devices": ()},
    ),
    Kind(
        "permanences",
        N_("Permanences"),
        permanences,
        {"agent_id": "id"},
        ("first_day", "opens", "closes", "rule", "partner_id", "active"),
        {"active": False},
    ),
    Kind(
        "absences",
        N_("Absences"),
        absences,
        {"holder_id": "id"},
        ("starts_at", "ends_at", "reason"),
        deletes=True,
    ),
    Kind(
        "feeds",
        N_("Adresses d’agenda"),
        feeds,
        {"person_id": "id"},
        ("created_at", "kind", "revoked_at"),
        deletes=True,
    ),
    Kind(
        "outside_calendar",
        N_("Agenda extérieur"),
        outside_calendars,
        {"id": "id"},
        ("url", "read_at"),
        deletes=True,
    ),
    Kind(
        "api_keys",
        N_("Clés de l’API"),
        api_keys,
        {"person_id": "id"},
        ("created_at", "name", "scopes", "last_used_at", "revoked_at"),
        deletes=True,
    ),
    Kind(
        "room_accounts",
        N_("Comptes pour les salles"),
        memberships,
        {"person_id": "id"},
        ("profile", "books_as", "organisation_id", "active", "standing"),
        {"active": False},
    ),
    Kind(
        "bookings_made",
        N_("Réservations de salles faites"),
        bookings,
        {"created_by": "id"},
        ("starts_at", "ends_at", "created_at", "visio"),
    ),
    _messages("messages", N_("Messages envoyés"), "id"),
    Kind(
        "uploads",
        N_("Fichiers envoyés"),
        uploads,
        {"person_id": "id"},
        ("created_at", "kind", "name"),
        deletes=True,
    ),
    Kind("changed", N_("Modifications faites"), audit, {"person_id": "id"}, ("at", "action")),
)
CITIZEN = (
    Kind(
        "appointment",
        N_("Rendez-vous"),
        appointments,
        {"id": "id"},
        (*_PLANNED, "created_at", "arrived_at", "initials", "phone", "email", "language", "needs"),
        {
            "initials": "",
            "phone": "",
            "email": "",
            "language": "",
            "needs": frozenset(),
            "code_hash": "",
            "token_hash": "",
        },
    ),
    Kind(
        "calls",
        N_("Appels"),
        calls,
        {"appointment_id": "id"},
        (
            "arrived_at",
            "admitted_at",
            "connected_at",
            "ended_at",
            "language",
            "end_reason",
            "refusal",
            "refusal_text",
        ),
        {"refusal_text": ""},
    ),
    Kind(
        "waiting_list",
        N_("Liste d’attente"),
        waiting_entries,
        {"id": "waiting_id"},
        (
            "asked_at",
            "not_before",
            "not_after",
            "service_id",
            "venue_ids",
            "state",
            "initials",
            "phone",
            "email",
            "needs",
        ),
        deletes=True,
    ),
    _messages("messages", N_("Messages envoyés"), "id"),
    _messages("offers", N_("Messages de la liste d’attente"), "waiting_id"),
    Kind("changed", N_("Modifications"), audit, {"subject": "id"}, ("at", "action")),
)
ACCOUNTING = Kind(
    "charges",
    N_("Lignes des comptes"),
    charges,
    {"membership_id": "id"},
    ("on", "label", "amount"),
)
"""Of each account for rooms; kept as long as the accounts of the territory must be."""
BOOKED = Kind(
    "bookings",
    N_("Réservations de salles à son nom"),
    booked_rooms,
    {"booking_id": "id"},
    ("room_id", "state", "checked_in_at"),
)
"""Of each booking of these accounts, whoever made it."""
KEYS = Kind(
    "keys",
    N_("Clés et badges prêtés"),
    key_loans,
    {"booked_room_id": "id"},
    ("out_at", "name", "back_at"),
)
"""Of each room of these bookings."""
