"""An alert of a line as people are told of it, and the visios that depend on it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from visiohub.errors import N_
from visiohub.web.formats import hour_at, local, number, short_day
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import ngettext

MOST_VISIOS = 20
"""That one alert lists."""


@dataclass(frozen=True)
class Visio:
    """The names of its kiosk, and of the partner; empty: it is in a booked room. No service: a mail
    tells no reason for a visit."""

    starts_at: datetime
    place: str = ""
    partner: str = ""
    over: bool = False
    """Nobody waits for it any more."""


@dataclass(frozen=True)
class LineNews:
    """One alert that was raised, got worse, or is over. `value` is in the rule's unit."""

    venue: str
    """And the kiosk, of an alert that is a kiosk's (line_alert.place)."""
    time_zone: str
    rule: str
    grave: bool
    value: float
    raised_at: datetime
    """Or since when it is worse."""
    cleared_at: datetime | None
    link: str
    worse: bool = False
    """It was told before, as less grave."""
    visios: tuple[Visio, ...] = ()
    """That depend on it and are not over; empty once it is over."""


_BEGAN = {
    "outage": N_("la ligne est coupée"),
    "no_data": N_("rien n’a été mesuré depuis une heure d’ouverture"),
    "kiosk_away": N_("le point visio ne répond pas, alors qu’un visio approche"),
    "loss": N_("%(percent)s %% des paquets se perdent"),
    "jitter": N_("les délais varient de %(value)s ms"),
    "delay": N_("le délai aller-retour est de %(value)s ms"),
    "capacity_down": N_("le débit vers le lieu est à %(percent)s %% de l’habitude"),
    "capacity_up": N_("le débit depuis le lieu est à %(percent)s %% de l’habitude"),
    "snr": N_("la marge de bruit est de %(value)s dB"),
    "snr_fall": N_("la marge de bruit est %(value)s dB sous l’habitude"),
    "retrains": N_("la ligne s’est resynchronisée %(value)s fois en 24 heures"),
    "call_loss": N_(
        "dans les derniers appels, %(percent)s %% des paquets se perdaient sur la ligne"
    ),
    "check": N_("avant un rendez-vous, une voix serait mauvaise (note R estimée : %(value)s)"),
    "check_rate": N_("avant un rendez-vous, la ligne ne portait que %(value)s kbit/s"),
}
_NO_ANSWER = N_("avant un rendez-vous, l’essai de la ligne n’a rien donné")
_ENDED = {
    "outage": N_("la ligne répond de nouveau"),
    "no_data": N_("la ligne est mesurée de nouveau"),
    "kiosk_away": N_("l’alerte du point visio qui ne répond pas est finie"),
    "loss": N_("les pertes sont finies"),
    "jitter": N_("les délais sont de nouveau réguliers"),
    "delay": N_("le délai est redevenu normal"),
    "capacity_down": N_("l’alerte du débit vers le lieu est finie"),
    "capacity_up": N_("l’alerte du débit depuis le lieu est finie"),
    "snr": N_("l’alerte de la marge de bruit est finie"),
    "snr_fall": N_("la marge de bruit est de nouveau celle d’habitude"),
    "retrains": N_("l’alerte des resynchronisations est finie"),
    "call_loss": N_("les derniers appels ont passé la ligne sans perte notable"),
    "check": N_("l’alerte de l’essai avant un rendez-vous est finie"),
    "check_rate": N_("l’alerte du débit avant un rendez-vous est finie"),
}


def words(news: LineNews) -> str:
    """What began, or ended; a rule without words of its own is named."""
    known = (_BEGAN if news.cleared_at is None else _ENDED).get(news.rule)
    if known is None:
        return _("règle %(rule)s", rule=news.rule)
    if news.rule == "check" and not news.value and news.cleared_at is None:
        known = _NO_ANSWER
    return _(known, value=_short(news.value), percent=_short(100 * news.value))


def visio_words(news: LineNews) -> str:
    """How many depend on it, and each with its hour, place and partner; empty for none."""
    if not news.visios:
        return ""
    n = len(news.visios)
    says = ngettext(
        "%(n)s visio en dépend, en cours ou dans les douze heures :",
        "%(n)s visios en dépendent, en cours ou dans les douze heures :",
        n,
    )
    shown = [_visio(one, news) for one in news.visios[:MOST_VISIOS]]
    if more := n - len(shown):
        shown.append(ngettext("et %(n)s autre", "et %(n)s autres", more))
    return "\n".join([says, *shown])


def _visio(one: Visio, news: LineNews) -> str:
    there = local(one.starts_at, news.time_zone).date()
    hour = hour_at(one.starts_at, news.time_zone)
    if there != local(news.raised_at, news.time_zone).date():
        hour = f"{short_day(there)} {hour}"
    if not one.place:
        return _("%(hour)s, visio dans une salle", hour=hour)
    return _("%(hour)s, %(place)s, %(partner)s", hour=hour, place=one.place, partner=one.partner)


def _short(value: float) -> str:
    rounded = round(value, 1)
    return number(rounded, 0 if rounded.is_integer() else 1)
