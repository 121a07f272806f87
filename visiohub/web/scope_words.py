"""What each scope of a key of the API opens, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from visiohub.web.i18n import later

SCOPE: Mapping[str, str] = {
    "absences:read": later("Lire les absences des agents et des guichets"),
    "absences:write": later("Noter une absence ou un retour"),
    "accounts:read": later("Lire les comptes de réservation de la personne"),
    "appointments:read": later("Lire les rendez-vous"),
    "appointments:write": later("Prendre, déplacer et annuler des rendez-vous, noter qui est là"),
    "booked-rooms:read": later("Lire les salles réservées d’un lieu"),
    "booked-rooms:write": later("Tenir l’accueil des salles : accords, arrivées, clés, pages"),
    "booking-series:write": later("Réserver des salles qui reviennent, comme chaque lundi"),
    "bookings:read": later("Lire les réservations de salles de la personne"),
    "bookings:write": later("Réserver des salles, déplacer et annuler"),
    "calls:read": later("Lire le relevé des appels"),
    "free-times:write": later("Chercher quand des salles sont libres ; rien n’est réservé"),
    "kiosks:read": later("Lire la liste des points visio et leur état"),
    "permanences:read": later("Lire les permanences"),
    "permanences:write": later("Ouvrir, changer et finir des permanences"),
    "quotes:write": later("Demander le prix d’une réservation ; rien n’est réservé"),
    "rooms:read": later("Lire la liste des salles"),
    "series-quotes:write": later("Demander le prix d’une série ; rien n’est réservé"),
    "services:read": later("Lire la liste des services"),
    "slots:read": later("Chercher les premières heures libres d’un service"),
    "venues:read": later("Lire la liste des lieux"),
    "waiting:read": later("Lire la liste d’attente"),
    "waiting:write": later("Inscrire sur la liste d’attente, proposer et répondre"),
}
"""By scope, as `web.keys.scope_of` names it."""
