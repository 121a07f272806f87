"""Venues, rooms, kiosks and lines."""

from __future__ import annotations

from typing import Any

from visiohub.booking.forms import (
    KioskForm,
    LineForm,
    RoomForm,
    VenueForm,
)
from visiohub.domain.model import Venue
from visiohub.storage.uow import UnitOfWork
from visiohub.web.formats import rate
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.pages.kinds import choices
from visiohub.web.pages.kinds.description import Input, Kind, Options
from visiohub.web.words import LINE


def _rooms(uow: UnitOfWork) -> Options:
    venues = {v.id: v for v in uow.venues.list(active=True)}
    return [
        (r.id, f"{venues[r.venue_id].town}, {r.name}")
        for r in uow.rooms.list(active=True)
        if r.venue_id in venues
    ]


def _lines(_uow: UnitOfWork) -> Options:
    return [(key, _(text)) for key, text in LINE.items()]


def _town(uow: UnitOfWork, venue_id: str) -> str:
    venue: Venue | None = uow.venues.find(venue_id)
    return venue.town if venue else ""


def _kiosk_place(uow: UnitOfWork, room_id: str) -> str:
    room = uow.rooms.find(room_id)
    return f"{_town(uow, room.venue_id)}, {room.name}" if room else ""


def _key_fact(kiosk: Any) -> str:
    if kiosk.public_key:
        return _("Installée")
    return _("Retirée") if kiosk.revoked_at else _("Pas encore installée")


VENUES = Kind(
    "venues",
    later("Lieux d’accueil"),
    later("Nouveau lieu d’accueil"),
    VenueForm,
    (
        Input("name", later("Nom"), width="two-thirds", group=later("Nom et adresse")),
        Input(
            "kind",
            later("Genre"),
            hint=later("Mairie, maison de services, médiathèque…"),
            width="third",
        ),
        Input("street", later("Rue")),
        Input("postcode", later("Code postal"), width="third"),
        Input("town", later("Commune"), width="two-thirds"),
        Input(
            "latitude",
            later("Latitude"),
            "number",
            later("Entre −90 et 90, par exemple 44,32"),
            width="third",
            group=later("Place sur la carte"),
        ),
        Input(
            "longitude",
            later("Longitude"),
            "number",
            later("Entre −180 et 180, par exemple 5,82"),
            width="third",
        ),
        Input(
            "time_zone",
            later("Fuseau horaire"),
            hint=later("Europe/Paris en métropole"),
            width="third",
        ),
        Input(
            "phone",
            later("Téléphone"),
            "tel",
            later("Il est sur la convocation et à l’écran."),
            width="third",
            group=later("Pour venir"),
        ),
        Input(
            "access",
            later("Accès"),
            "area",
            later("Marches, rampe, arrêt de car. Écrit sur la convocation."),
            required=False,
        ),
        Input(
            "opening",
            later("Horaires de la semaine"),
            "week",
            later("Heure du lieu, par exemple 8:30 ou 8 h 30. Laissez vide les jours fermés."),
            required=False,
        ),
    ),
    lambda _uow, v: (v.name, v.town, v.phone),
    (later("Nom"), later("Commune"), later("Téléphone")),
)

ROOMS = Kind(
    "rooms",
    later("Salles"),
    later("Nouvelle salle"),
    RoomForm,
    (
        Input(
            "venue_id",
            later("Lieu"),
            "choose",
            options=choices.venues,
            blank=later("Choisir un lieu"),
        ),
        Input("name", later("Nom"), width="two-thirds"),
        Input("capacity", later("Places assises"), "number", width="third"),
        Input(
            "door",
            later("Où la trouver"),
            hint=later("Porte 3, rez-de-chaussée"),
            required=False,
        ),
        Input("equipment", later("Équipement"), "area", required=False),
    ),
    lambda uow, r: (r.name, _town(uow, r.venue_id), str(r.capacity)),
    (later("Nom"), later("Commune"), later("Places assises")),
    first_step=later("Créez d’abord un lieu, puis ses salles."),
)

KIOSKS = Kind(
    "kiosks",
    later("Bornes"),
    later("Nouvelle borne"),
    KioskForm,
    (
        Input(
            "room_id",
            later("Salle"),
            "choose",
            options=_rooms,
            blank=later("Choisir une salle"),
        ),
        Input("name", later("Nom"), hint=later("Par exemple Borne Laragne 1")),
    ),
    lambda uow, k: (k.name, _kiosk_place(uow, k.room_id), _key_fact(k)),
    (later("Nom"), later("Salle"), later("État")),
    first_step=later("Créez d’abord un lieu et une salle, puis la borne."),
)

LINES = Kind(
    "lines",
    later("Lignes"),
    later("Nouvelle ligne"),
    LineForm,
    (
        Input(
            "venue_id",
            later("Lieu"),
            "choose",
            options=choices.venues,
            blank=later("Choisir un lieu"),
        ),
        Input("kind", later("Technologie"), "choose", options=_lines, width="half"),
        Input("operator", later("Opérateur"), required=False, width="half"),
        Input("up_kbit_s", later("Débit montant du contrat (kbit/s)"), "number", width="half"),
        Input(
            "down_kbit_s",
            later("Débit descendant du contrat (kbit/s)"),
            "number",
            width="half",
        ),
    ),
    lambda uow, x: (
        _town(uow, x.venue_id),
        _(LINE[x.kind]),
        _(
            "%(down)s descendants, %(up)s montants",
            down=rate(x.down_kbit_s),
            up=rate(x.up_kbit_s),
        ),
    ),
    (later("Commune"), later("Technologie"), later("Débit du contrat")),
    first_step=later("Créez d’abord un lieu, puis sa ligne."),
)
