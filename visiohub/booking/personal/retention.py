"""How long each kind of personal data is kept: one line a kind, by a setting of its own.

A new kind is a new line here; the nightly job and the administrator's page read this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.personal.erase import erase_retired
from visiohub.domain.waiting_list import OPEN
from visiohub.errors import N_
from visiohub.storage.permanences import absences
from visiohub.storage.room_tables import bookings, charges
from visiohub.storage.tables import attempts
from visiohub.storage.uow import UnitOfWork
from visiohub.storage.uploads import uploads
from visiohub.storage.waiting import waiting_entries


@dataclass(frozen=True)
class Retention:
    """One kind: `purge` erases what is older than an instant, and says how many it were."""

    code: str
    title: str
    """French, and a msgid."""
    setting: str
    """In days."""
    purge: Callable[[UnitOfWork, datetime], int]

    def days(self, uow: UnitOfWork) -> int:
        """As the settings have it."""
        days: int = getattr(uow.settings, self.setting)
        return days


RETENTIONS = (
    Retention(
        "contacts",
        N_("Initiales, téléphone, adresse, besoins et code d’un rendez-vous, après sa fin"),
        "keep_appointment_contacts_days",
        lambda uow, before: uow.purge.contacts(before),
    ),
    Retention(
        "waiting_list",
        N_("Inscriptions sur la liste d’attente, après leur dernier jour"),
        "keep_waiting_list_days",
        lambda uow, before: uow.personal.delete_before(
            waiting_entries.c.not_after, before, waiting_entries.c.state.not_in(OPEN)
        ),
    ),
    Retention(
        "messages",
        N_("Messages envoyés ou abandonnés"),
        "keep_messages_days",
        lambda uow, before: uow.outbox.purge(before),
    ),
    Retention(
        "appointments",
        N_("Rendez-vous, sans rien sur la personne"),
        "keep_appointments_days",
        lambda uow, before: uow.purge.appointments(before),
    ),
    Retention(
        "calls",
        N_("Relevés d’appels, avec les noms des appareils de l’agent"),
        "keep_calls_days",
        lambda uow, before: uow.purge.calls(before),
    ),
    Retention(
        "bookings",
        N_("Réservations de salles, après leur fin"),
        "keep_bookings_days",
        lambda uow, before: uow.personal.delete_before(bookings.c.ends_at, before),
    ),
    Retention(
        "charges",
        N_("Lignes des comptes, qui font foi pour la comptabilité"),
        "keep_charges_days",
        lambda uow, before: uow.personal.delete_before(charges.c.on, before.date()),
    ),
    Retention(
        "absences",
        N_("Absences des agents et leur motif, après leur fin"),
        "keep_absences_days",
        lambda uow, before: uow.personal.delete_before(absences.c.ends_at, before),
    ),
    Retention(
        "accounts",
        N_("Identifiant et nom d’un compte retiré"),
        "keep_retired_accounts_days",
        erase_retired,
    ),
    Retention(
        "sessions",
        N_("Connexions finies"),
        "keep_ended_sessions_days",
        lambda uow, before: uow.purge.sessions(before),
    ),
    Retention(
        "attempts",
        N_("Essais ratés de mots de passe et de codes"),
        "keep_attempts_days",
        lambda uow, before: uow.personal.delete_before(attempts.c.at, before),
    ),
    Retention(
        "uploads",
        N_("Fichiers envoyés pour être importés"),
        "keep_uploads_days",
        lambda uow, before: uow.personal.delete_before(uploads.c.created_at, before),
    ),
    Retention(
        "audit",
        N_("Journal des modifications"),
        "keep_audit_days",
        lambda uow, before: uow.purge.audit(before),
    ),
)


def purge(uow: UnitOfWork, now: datetime) -> dict[str, int]:
    """Erase what the settings no longer allow to be kept; how many of each kind were erased."""
    return {r.code: r.purge(uow, now - timedelta(days=r.days(uow))) for r in RETENTIONS}
