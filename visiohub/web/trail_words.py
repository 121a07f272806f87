"""The words of the audit trail: what was done, which field, which value."""

from __future__ import annotations

import re
from datetime import datetime

from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.pages.kinds import KINDS
from visiohub.web.room_words import ROOM_STATE, span_words
from visiohub.web.words import DESPITE, ROLE

ACTION = {
    "appointment.book": later("Rendez-vous pris"),
    "appointment.move": later("Rendez-vous déplacé"),
    "appointment.cancel": later("Rendez-vous annulé"),
    "appointment.check_in": later("Noté sur place"),
    "appointment.assign": later("Agent désigné"),
    "appointment.settle": later("Rendez-vous clos"),
    "appointment.reissue_code": later("Convocation réimprimée"),
    "booking.book": later("Salle réservée"),
    "booking.move": later("Réservation déplacée"),
    "booking.cancel": later("Réservation annulée"),
    "booking.approve": later("Réservation acceptée"),
    "booking.refuse": later("Réservation refusée"),
    "booking.check_in": later("Réservation notée sur place"),
    "booking.print": later("Pages imprimées comptées"),
    "booking.release": later("Salle rendue, personne n’est venu"),
    "waiting.join": later("Inscription sur la liste d’attente"),
    "waiting.offer": later("Place proposée à la liste d’attente"),
    "waiting.decline": later("Place laissée, attente d’une autre"),
    "waiting.leave": later("Liste d’attente quittée"),
    "waiting.pass": later("Place ou attente échue"),
    "statement.send": later("Relevé envoyé au contact"),
    "line.modem": later("Accès au modem changé"),
    "line.speed": later("Débit de la ligne mesuré"),
    "key.out": later("Clé ou badge sorti"),
    "key.back": later("Clé ou badge rendu"),
    "line.acknowledge": later("Alerte de ligne prise en charge"),
    "line.note": later("Note sur la ligne"),
    "line.plan_works": later("Travaux prévus"),
    "line.end_works": later("Travaux finis ou annulés"),
    "line.order_test": later("Essai prévu"),
    "line.drop_test": later("Essai annulé"),
    "line.terms": later("Contrat de la ligne"),
    "door.give_address": later("Adresse d’écran de porte donnée"),
}
_VERB = {
    "create": later("Création"),
    "add": later("Création"),
    "update": later("Changement"),
    "change": later("Changement"),
    "retire": later("Retrait"),
    "end": later("Fin"),
}
_KIND = {
    "venue": later("lieu"),
    "room": later("salle"),
    "kiosk": later("borne"),
    "line": later("ligne"),
    "partner": later("organisme"),
    "service": later("service"),
    "person": later("compte"),
    "organisation": later("organisation"),
    "membership": later("compte de réservation"),
    "permanence": later("permanence"),
    "absence": later("absence"),
    "place_rules": later("règles du lieu ou de la salle"),
    "prices": later("tarifs"),
}
_FIELD = {
    "starts_at": later("Début"),
    "ends_at": later("Fin"),
    "kiosk_id": later("Borne"),
    "agent_id": later("Agent"),
    "service_id": later("Service"),
    "room": later("Salle"),
    "rooms": later("Salles"),
    "totals": later("Prix"),
    "state": later("État"),
    "by": later("Par"),
    "name": later("Nom"),
    "phone": later("Téléphone"),
    "active": later("En service"),
    "roles": later("Rôles"),
    "opening": later("Horaires"),
    "rules": later("Fermetures et exceptions"),
    "limits": later("Limites"),
    "sharing": later("Partage"),
    "needs_approval": later("Accord du lieu"),
    "school_zone": later("Zone scolaire"),
    "room_class": later("Classe de tarif"),
    "grid": later("Grille"),
    "profile": later("Profil"),
    "books_as": later("Réserve comme"),
    "person_id": later("Personne"),
    "organisation_id": later("Organisation"),
    "venue_id": later("Lieu"),
    "room_id": later("Salle"),
    "partner_id": later("Organisme"),
    "total": later("Total"),
    "pass": later("Carnet"),
    "offer": later("Offre"),
    "reason": later("Raison"),
    "rule": later("Règle"),
    "text": later("Texte"),
    "month": later("Mois"),
    "pages": later("Pages"),
    "despite_calendar": later("Malgré l’agenda de l’agent"),
    "overruled": later("Pris dans l’agenda de l’agent"),
}
_FORM_LABELS = {entry.name: entry.label for kind in KINDS.values() for entry in kind.inputs}
_BY = {
    "citizen": later("la personne"),
    "reception": later("l’accueil"),
    "agent": later("l’agent"),
}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|\+\d\d:\d\d)")
_INTERVAL = re.compile(rf"({_INSTANT.pattern})/({_INSTANT.pattern})")


def action_words(action: str) -> str:
    """What was done; an action without a sentence of its own is told by its kind and its verb."""
    if action in ACTION:
        return _(ACTION[action])
    kind, _dot, verb = action.partition(".")
    if verb in _VERB and kind in _KIND:
        return _("%(verb)s, %(kind)s", verb=_(_VERB[verb]), kind=_(_KIND[kind]))
    return action


def field_words(name: str) -> str:
    """The name of a field; those that pages have no word for keep their own."""
    label = _FIELD.get(name) or _FORM_LABELS.get(name)
    return _(label) if label else name


def value_words(value: object, zone: str) -> str:
    """A value of before or after."""
    if value is None or value in ("", [], {}):
        return _("vide")
    match value:
        case bool():
            return _("oui") if value else _("non")
        case dict():
            return ", ".join(f"{k}{formats.NBSP}: {value_words(v, zone)}" for k, v in value.items())
        case list():
            return ", ".join(value_words(one, zone) for one in value)
        case str() if _INTERVAL.fullmatch(value):
            starts_at, ends_at = map(datetime.fromisoformat, value.split("/"))
            return span_words(starts_at, ends_at, zone)
        case str() if _INSTANT.fullmatch(value):
            return formats.moment(datetime.fromisoformat(value), zone)
        case str() if value in ROOM_STATE:
            return str(ROOM_STATE[value])
        case str() if value in ROLE:
            return _(ROLE[value])
        case str() if value in _BY:
            return _(_BY[value])
        case str() if value in DESPITE:
            return _(DESPITE[value])
        case _:
            return str(value)
