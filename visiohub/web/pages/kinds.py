"""What administrators make and edit: one description a kind, for one set of pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from visiohub.booking.forms import (
    KioskForm,
    LineForm,
    PartnerForm,
    PersonForm,
    RoomForm,
    ServiceForm,
    TerritoryForm,
    VenueForm,
)
from visiohub.domain.model import Venue
from visiohub.storage.uow import UnitOfWork
from visiohub.web.formats import rate
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.words import LINE, ROLE

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Input:
    """One field of a form and how it is typed."""

    name: str
    label: str
    widget: str = "text"
    """text, number, tel, area, lines, choose, checks, flag, week"""
    hint: str = ""
    required: bool = True
    options: Callable[[UnitOfWork], Options] | None = None
    blank: str = ""
    width: str = ""
    """Of six columns: third, half, two-thirds; the whole row otherwise. Phones have one."""
    group: str = ""
    """Title of the group that begins with this field."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing: its form, its fields, its line in the list."""

    path: str
    title: str
    new_title: str
    form: type[TerritoryForm]
    inputs: tuple[Input, ...]
    describe: Callable[[UnitOfWork, Any], tuple[str, str, str]]
    """Name, where it belongs, a fact."""
    columns: tuple[str, str, str]
    """What these three are called above the list, and beside each on a phone."""
    aside: str = ""
    first_step: str = field(default=later("Créez le premier : tout part de là."))

    @property
    def groups(self) -> list[tuple[str, list[Input]]]:
        """The fields in order, under their groups' titles; a week is a group by itself."""
        found: list[tuple[str, list[Input]]] = []
        for entry in self.inputs:
            if not found or entry.group or entry.widget == "week":
                found.append((entry.group, []))
            found[-1][1].append(entry)
        return found


def _venues(uow: UnitOfWork) -> Options:
    return [
        (v.id, v.name if v.town in v.name else f"{v.town}, {v.name}")
        for v in uow.venues.list(active=True)
    ]


def _rooms(uow: UnitOfWork) -> Options:
    venues = {v.id: v for v in uow.venues.list(active=True)}
    return [
        (r.id, f"{venues[r.venue_id].town}, {r.name}")
        for r in uow.rooms.list(active=True)
        if r.venue_id in venues
    ]


def _partners(uow: UnitOfWork) -> Options:
    return [(p.id, p.short_name) for p in uow.partners.list(active=True)]


def _lines(_uow: UnitOfWork) -> Options:
    return [(key, _(text)) for key, text in LINE.items()]


def _roles(_uow: UnitOfWork) -> Options:
    return [(key, _(text)) for key, text in ROLE.items()]


def _languages(_uow: UnitOfWork) -> Options:
    return [("", _("Celle du navigateur")), ("fr", "Français"), ("en", "English")]


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


KINDS: Mapping[str, Kind] = {
    kind.path: kind
    for kind in (
        Kind(
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
                    later(
                        "Heure du lieu, par exemple 8:30 ou 8 h 30. Laissez vide les jours fermés."
                    ),
                    required=False,
                ),
            ),
            lambda _uow, v: (v.name, v.town, v.phone),
            (later("Nom"), later("Commune"), later("Téléphone")),
        ),
        Kind(
            "rooms",
            later("Salles"),
            later("Nouvelle salle"),
            RoomForm,
            (
                Input(
                    "venue_id",
                    later("Lieu"),
                    "choose",
                    options=_venues,
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
        ),
        Kind(
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
        ),
        Kind(
            "lines",
            later("Lignes"),
            later("Nouvelle ligne"),
            LineForm,
            (
                Input(
                    "venue_id",
                    later("Lieu"),
                    "choose",
                    options=_venues,
                    blank=later("Choisir un lieu"),
                ),
                Input("kind", later("Technologie"), "choose", options=_lines, width="half"),
                Input("operator", later("Opérateur"), required=False, width="half"),
                Input(
                    "up_kbit_s", later("Débit montant du contrat (kbit/s)"), "number", width="half"
                ),
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
        ),
        Kind(
            "partners",
            later("Organismes"),
            later("Nouvel organisme"),
            PartnerForm,
            (
                Input("name", later("Nom")),
                Input(
                    "short_name",
                    later("Nom court"),
                    hint=later("Celui des écrans et des convocations, par exemple CAF"),
                    width="half",
                ),
                Input("phone", later("Téléphone"), "tel", width="half"),
                Input(
                    "latitude",
                    later("Latitude"),
                    "number",
                    later("Entre −90 et 90, par exemple 44,32"),
                    required=False,
                    width="half",
                    group=later("Le bureau où les gens iraient sinon"),
                ),
                Input(
                    "longitude",
                    later("Longitude"),
                    "number",
                    later("Pour compter les trajets évités, page Usage"),
                    required=False,
                    width="half",
                ),
            ),
            lambda _uow, p: (p.short_name, p.name, p.phone),
            (later("Nom court"), later("Nom"), later("Téléphone")),
        ),
        Kind(
            "services",
            later("Services"),
            later("Nouveau service"),
            ServiceForm,
            (
                Input(
                    "partner_id",
                    later("Organisme"),
                    "choose",
                    options=_partners,
                    blank=later("Choisir un organisme"),
                    width="third",
                ),
                Input("name", later("Nom"), width="two-thirds"),
                Input(
                    "duration_minutes",
                    later("Durée (minutes)"),
                    "number",
                    later("Par quarts d’heure, de 15 à 240"),
                    width="third",
                ),
                Input(
                    "walk_in",
                    later("Peut être appelé sans rendez-vous"),
                    "flag",
                    required=False,
                    width="two-thirds",
                ),
                Input(
                    "to_bring",
                    later("À apporter"),
                    "lines",
                    later("Un document par ligne. Dit par l’accueil, jamais imprimé."),
                    required=False,
                ),
                Input(
                    "venue_ids",
                    later("Lieux où il est proposé"),
                    "checks",
                    later("Aucun coché : partout."),
                    required=False,
                    options=_venues,
                ),
                Input(
                    "notice_minutes",
                    later("Prévenir avant (minutes)"),
                    "number",
                    later("1440 : la veille. 0 : jusqu’au dernier moment."),
                    required=False,
                    width="half",
                    group=later("Réserver"),
                ),
                Input(
                    "horizon_days",
                    later("Réserver au plus tôt (jours avant)"),
                    "number",
                    later("Vide : jusqu’à deux ans avant."),
                    required=False,
                    width="half",
                ),
                Input(
                    "buffer_before_minutes",
                    later("Battement avant (minutes)"),
                    "number",
                    later("La borne, la salle et l’agent restent libres."),
                    required=False,
                    width="half",
                ),
                Input(
                    "buffer_after_minutes",
                    later("Battement après (minutes)"),
                    "number",
                    later("Pour écrire le compte rendu, aérer la salle."),
                    required=False,
                    width="half",
                ),
                Input(
                    "shortest_minutes",
                    later("Durée la plus courte (minutes)"),
                    "number",
                    later("Vide : la durée habituelle. Au choix de l’accueil et des agents."),
                    required=False,
                    width="half",
                ),
                Input(
                    "longest_minutes",
                    later("Durée la plus longue (minutes)"),
                    "number",
                    later("Vide : la durée habituelle."),
                    required=False,
                    width="half",
                ),
            ),
            lambda uow, s: (
                s.name,
                uow.partners.get(s.partner_id).short_name,
                _("%(n)s min", n=s.duration_minutes),
            ),
            (later("Nom"), later("Organisme"), later("Durée")),
            first_step=later("Créez d’abord un organisme, puis ses services."),
        ),
        Kind(
            "people",
            later("Équipes"),
            later("Nouveau compte"),
            PersonForm,
            (
                Input(
                    "login",
                    later("Identifiant"),
                    hint=later("Lettres minuscules, chiffres, point, tiret"),
                    width="half",
                    group=later("La personne"),
                ),
                Input(
                    "label",
                    later("Nom affiché"),
                    hint=later("Un rôle et un lieu, ou un nom"),
                    width="half",
                ),
                Input("initials", later("Initiales"), required=False, width="third"),
                Input(
                    "email",
                    later("Courriel"),
                    hint=later("Pour ses rendez-vous et ses réservations"),
                    required=False,
                    width="two-thirds",
                ),
                Input(
                    "roles",
                    later("Rôles"),
                    "checks",
                    options=_roles,
                    group=later("Ce qu’elle voit et fait"),
                ),
                Input(
                    "partner_id",
                    later("Organisme, pour un agent"),
                    "choose",
                    required=False,
                    options=_partners,
                    blank=later("Aucun"),
                ),
                Input(
                    "venue_ids",
                    later("Lieux, pour l’accueil"),
                    "checks",
                    required=False,
                    options=_venues,
                ),
                Input("language", later("Langue des pages"), "choose", options=_languages),
            ),
            lambda _uow, p: (
                p.label,
                p.login,
                ", ".join(_(ROLE[role]) for role in sorted(p.roles)),
            ),
            (later("Nom affiché"), later("Identifiant"), later("Rôles")),
        ),
    )
}
