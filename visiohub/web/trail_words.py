"""The words of the audit trail: what was done, which field, which value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from visiohub.booking.trail import Change, TrailRow
from visiohub.web import formats
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.pages.imports import KINDS as IMPORTED
from visiohub.web.pages.line_terms import WRAPPINGS
from visiohub.web.permanence_words import days_words, rule_words, times_words
from visiohub.web.public_words import WAIT_OF_STAFF
from visiohub.web.room_words import BOOKS_AS, ROOM_STATE, span_words
from visiohub.web.trail_fields import FIELD, FORM, TOLD_ON_ITS_PAGE, UNTOLD
from visiohub.web.words import APPOINTMENT, DESPITE, LINE, ROLE, Word

ACTION = {
    "appointment.book": later("Rendez-vous pris"),
    "appointment.move": later("Rendez-vous déplacé"),
    "appointment.cancel": later("Rendez-vous annulé"),
    "appointment.check_in": later("Noté sur place"),
    "outside_calendar.set": later("Agenda extérieur donné"),
    "outside_calendar.remove": later("Agenda extérieur retiré"),
    "appointment.arrive": later("Code donné à la borne"),
    "appointment.admit": later("Reçu en visio"),
    "appointment.assign": later("Agent désigné"),
    "appointment.seat": later("Place au guichet changée"),
    "appointment.settle": later("Rendez-vous clos"),
    "appointment.reissue_code": later("Convocation réimprimée"),
    "booking.book": later("Salle réservée"),
    "booking.move": later("Réservation déplacée"),
    "booking.cancel": later("Réservation annulée"),
    "booking.approve": later("Réservation acceptée"),
    "booking.refuse": later("Réservation refusée"),
    "booking.check_in": later("Réservation notée sur place"),
    "booking.print": later("Pages imprimées comptées"),
    "booking.release": later("Salle libérée d’office"),
    "waiting.join": later("Inscription sur la liste d’attente"),
    "waiting.offer": later("Place proposée à la liste d’attente"),
    "waiting.take": later("Place proposée acceptée"),
    "waiting.decline": later("Place laissée, attente d’une autre"),
    "waiting.withdraw": later("Place proposée devenue impossible"),
    "waiting.leave": later("Liste d’attente quittée"),
    "waiting.pass": later("Place ou attente échue"),
    "statement.send": later("Relevé envoyé au contact"),
    "line.modem": later("Accès au modem changé"),
    "line.speed": later("Débit de la ligne mesuré"),
    "key.out": later("Clé ou badge sorti"),
    "key.back": later("Clé ou badge rendu"),
    "line.new_normal": later("Nouvel état habituel de la ligne"),
    "line.not_operators": later("Coupure qui n’est pas due à l’opérateur"),
    "line.acknowledge": later("Alerte de ligne prise en charge"),
    "line.note": later("Note sur la ligne"),
    "line.plan_works": later("Travaux prévus"),
    "line.end_works": later("Travaux finis ou annulés"),
    "line.order_test": later("Essai prévu"),
    "line.drop_test": later("Essai annulé"),
    "line.terms": later("Contrat de la ligne"),
    "door.give_address": later("Adresse d’écran de porte donnée"),
    "door.remove": later("Écran de porte retiré"),
    "appointment.confirm": later("Rendez-vous confirmé par la personne"),
    "appointment.import": later("Rendez-vous repris d’un tableau"),
    "booking.import": later("Réservation reprise d’un tableau"),
    "membership.sell_pass": later("Carnet vendu"),
    "kiosk.issue_code": later("Code d’installation donné"),
    "kiosk.enrol": later("Borne installée"),
    "kiosk.revoke": later("Borne coupée"),
    "kiosk.help_coming": later("Aide annoncée à la borne"),
    "kiosk.unlock_codes": later("Codes de la borne débloqués"),
    "person.set_password": later("Mot de passe donné"),
    "person.change_password": later("Mot de passe changé"),
    "person.erase": later("Données du compte effacées"),
    "citizen.erase": later("Données de la personne effacées"),
    "school_holidays.load": later("Vacances scolaires chargées"),
    "communes.load": later("Communes chargées"),
    "import.load": later("Tableau repris"),
    "import.send": later("Tableau envoyé"),
    "import.drop": later("Tableau envoyé puis effacé"),
    "demo.load": later("Démonstration chargée"),
    "feed.create": later("Adresse d’agenda donnée"),
    "feed.revoke": later("Adresse d’agenda retirée"),
    "api_key.create": later("Clé de l’API donnée"),
    "api_key.revoke": later("Clé de l’API retirée"),
    "webhook.create": later("Webhook ajouté"),
    "webhook.remove": later("Webhook retiré"),
    "message.retry": later("Message renvoyé"),
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
_BY = {
    "citizen": later("la personne"),
    "reception": later("l’accueil"),
    "agent": later("l’agent"),
}
FEED = {
    "person": later("agenda d’une personne"),
    "venue": later("calendrier d’un lieu"),
    "room": later("calendrier d’une salle"),
}
RULE = {
    "outage": later("ligne coupée"),
    "no_data": later("ligne sans mesure"),
    "kiosk_away": later("point visio qui ne répond pas"),
    "loss": later("pertes"),
    "jitter": later("délais qui varient"),
    "delay": later("aller-retour long"),
    "capacity_down": later("débit vers le lieu"),
    "capacity_up": later("débit depuis le lieu"),
    "snr": later("marge de bruit"),
    "snr_fall": later("baisse de la marge de bruit"),
    "retrains": later("resynchronisations"),
    "call_loss": later("pertes dans les appels"),
    "check": later("essai avant un rendez-vous"),
    "check_rate": later("débit avant un rendez-vous"),
}
"""Of alerts."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|\+\d\d:\d\d)")
_INTERVAL = re.compile(rf"({_INSTANT.pattern})/({_INSTANT.pattern})")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BREAK = re.compile(rf"({_DAY.pattern})/({_DAY.pattern}) (.*)")
_LENGTH = re.compile(r"(?:(\d+) days?, )?(\d+):(\d\d):\d\d")
_TIMES = re.compile(r"(?:([0-6]) )?(\d\d:\d\d)-(\d\d:\d\d)")
LANGUAGE = {"fr": "Français", "en": "English"}
_WORDS: dict[str, Mapping[str, str | Word]] = {
    "by": _BY,
    "roles": ROLE,
    "state": {**ROOM_STATE, **APPOINTMENT, **WAIT_OF_STAFF},
    "rooms": ROOM_STATE,
    "despite_calendar": DESPITE,
    "books_as": {str(key): words for key, words in BOOKS_AS.items()},
    "wrapping": {str(key): words for key, words in WRAPPINGS.items()},
    "kind": {**LINE, **FEED, **IMPORTED},
    "rule": RULE,
    "language": LANGUAGE,
}
"""Values that are one of a few, by the field in which they stand."""


def action_words(action: str) -> str:
    """What was done; an action without a sentence of its own is told by its kind and its verb."""
    if action in ACTION:
        return _(ACTION[action])
    kind, _dot, verb = action.partition(".")
    if verb in _VERB and kind in _KIND:
        return _("%(verb)s, %(kind)s", verb=_(_VERB[verb]), kind=_(_KIND[kind]))
    return action


def told(row: TrailRow) -> list[Change]:
    """What a reader is told: of a new thing, only the fields that have something in them."""
    return [
        change
        for change in row.changes
        if change.name not in UNTOLD
        and (change.name in row.entry.before or change.after not in (None, "", [], {}))
    ]


def change_words(action: str, name: str, value: object, zone: str) -> str:
    """A field and what stands in it."""
    field = field_words(name, action.partition(".")[0])
    return _("%(field)s : %(value)s", field=field, value=value_words(value, zone, name))


def field_words(name: str, kind: str = "") -> str:
    """The name of a field; of a key that somebody typed, itself."""
    label = FORM.get((kind, name)) or FIELD.get(name)
    return _(label) if label else name


def value_words(value: object, zone: str, field: str = "") -> str:
    """A value of before or after."""
    if value is None or value in ("", [], {}):
        return _("vide")
    if field in TOLD_ON_ITS_PAGE:
        return _("à lire sur sa page")
    match value:
        case bool():
            return _("oui") if value else _("non")
        case int() | float():
            return formats.number(value, 0 if value == int(value) else 4)
        case dict():
            return ", ".join(
                f"{field_words(k)}{formats.NBSP}: {value_words(v, zone, field)}"
                for k, v in value.items()
            )
        case list():
            return ", ".join(value_words(one, zone, field) for one in value)
        case str() if value in _WORDS.get(field, {}):
            word = _WORDS[field][value]
            return _(word) if isinstance(word, str) else str(word)
        case _:
            try:
                return _text_words(str(value), zone)
            except (ValueError, OverflowError):  # it looked like a day or a rule, and is none
                return str(value)


def _text_words(text: str, zone: str) -> str:
    """Instants, days, hours, lengths and rules as people read them; any other text as it is."""
    if _INTERVAL.fullmatch(text):
        starts_at, ends_at = map(datetime.fromisoformat, text.split("/"))
        return span_words(starts_at, ends_at, zone)
    if _INSTANT.fullmatch(text):
        return formats.moment(datetime.fromisoformat(text), zone)
    if _DAY.fullmatch(text):
        return formats.typed_day(date.fromisoformat(text))
    if off := _BREAK.fullmatch(text):
        first, last = (formats.typed_day(date.fromisoformat(off[n])) for n in (1, 2))
        span = _("du %(first)s au %(last)s", first=first, last=last)
        return f"{off[3]}, {span}" if off[3] else span
    if found := _LENGTH.fullmatch(text):
        days, hours, minutes = (int(part or 0) for part in found.groups())
        return formats.minutes((days * 24 + hours) * 60 + minutes)
    if found := _TIMES.fullmatch(text):
        weekday, opens, closes = found.groups()
        times = times_words(time.fromisoformat(opens), time.fromisoformat(closes))
        return f"{days_words([int(weekday)])} {times}" if weekday else times
    return rule_words(text, zone) if text.startswith("FREQ=") else text
