"""An alert of a line as other programs are told of it, with a sentence for a chat. Pure.

The sentence is French, like all that leaves the hub for readers whom it does not know.
"""

from __future__ import annotations

from collections.abc import Sequence

from visiohub.domain.line import LineAlert
from visiohub.linkquality.grading import Level
from visiohub.notify.line_news import Visio

RAISED, CHANGED, CLEARED = "line_alert.raised", "line_alert.changed", "line_alert.cleared"
_SAYS = {
    "outage": "la ligne est coupée",
    "no_data": "rien n’a été mesuré depuis une heure d’ouverture",
    "kiosk_away": "le point visio ne répond pas, alors qu’un visio approche",
    "loss": "{percent} % des paquets se perdent",
    "jitter": "les délais varient de {value} ms",
    "delay": "le délai aller-retour est monté à {value} ms",
    "capacity_down": "le débit vers le lieu est tombé à {percent} % de l’habitude",
    "capacity_up": "le débit depuis le lieu est tombé à {percent} % de l’habitude",
    "snr": "la marge de bruit est de {value} dB",
    "snr_fall": "la marge de bruit est {value} dB sous l’habitude",
    "retrains": "la ligne s’est resynchronisée {value} fois en 24 heures",
    "call_loss": "dans les derniers appels, {percent} % des paquets se perdaient sur la ligne",
    "check": "avant un rendez-vous, une voix serait mauvaise (note R estimée {value})",
    "check_rate": "avant un rendez-vous, la ligne ne portait que {value} kbit/s",
}
_NO_ANSWER = "avant un rendez-vous, l’essai de la ligne n’a rien donné"
_OVER = "c’est fini"


def event(alert: LineAlert) -> str:
    """What happened last."""
    if alert.cleared_at is not None:
        return CLEARED
    return RAISED if alert.raised_at == alert.changed_at else CHANGED


def place(alert: LineAlert, venue: str) -> str:
    """Where it is: the venue, and the kiosk of an alert that is a kiosk's."""
    return f"{venue}, {alert.kiosk_name}" if alert.kiosk_name else venue


def facts(alert: LineAlert, venue: str, visios: Sequence[Visio]) -> dict[str, object]:
    """Times are ISO 8601; `value` is in the rule's unit; `visios` depend on it. A visio in a booked
    room has neither kiosk nor partner."""
    return {
        "id": alert.id,
        "line_id": alert.line_id,
        "venue": venue,
        "kiosk": alert.kiosk_name,
        "rule": alert.rule,
        "level": alert.level.name.lower(),
        "value": alert.value,
        "raised_at": alert.raised_at.isoformat(),
        "cleared_at": alert.cleared_at.isoformat() if alert.cleared_at else None,
        "says": sentence(alert, place(alert, venue)),
        "visios": [
            {
                "starts_at": one.starts_at.isoformat(),
                "kiosk": one.place or None,
                "partner": one.partner or None,
            }
            for one in visios
        ],
    }


def sentence(alert: LineAlert, venue: str) -> str:
    """In words, for a chat."""
    known = _SAYS.get(alert.rule, f"la règle {alert.rule} est passée")
    if alert.rule == "check" and not alert.value:
        known = _NO_ANSWER
    what = known.format(value=_short(alert.value), percent=_short(100 * alert.value))
    if alert.cleared_at is not None:
        what = f"{_NAMES.get(alert.rule, alert.rule)}, {_OVER}"
    level = "" if alert.level is not Level.ALARM or alert.cleared_at else "Grave. "
    return f"{level}{venue}\u00a0: {what}."


_NAMES = {
    "outage": "coupure",
    "no_data": "sans mesure",
    "kiosk_away": "point visio qui ne répond pas",
    "loss": "pertes",
    "jitter": "délais variables",
    "delay": "délai trop long",
    "capacity_down": "débit trop bas vers le lieu",
    "capacity_up": "débit trop bas depuis le lieu",
    "snr": "marge de bruit trop basse",
    "snr_fall": "marge de bruit qui baisse",
    "retrains": "resynchronisations",
    "call_loss": "pertes dans les appels",
    "check": "essai avant un rendez-vous",
    "check_rate": "débit avant un rendez-vous",
}


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace(".", ",")
