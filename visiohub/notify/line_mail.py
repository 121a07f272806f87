"""A mail to a technician of what became of lines: one for all that failed or ended together."""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from visiohub.errors import N_
from visiohub.notify.mail import Letter
from visiohub.web.formats import hour_at, local, long_day, number
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import ngettext, speak

MOST_LINES = 30
"""Of news that one mail lists."""


@dataclass(frozen=True)
class LineNews:
    """One alert that was raised, got worse, or is over. `value` is in the rule's unit."""

    venue: str
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


@dataclass(frozen=True)
class LineMail:
    """What waits in the outbox; the gravest first."""

    language: str
    news: tuple[LineNews, ...]


_JSON = TypeAdapter(LineMail)
_KEY = "line_mail"
_BEGAN = {
    "outage": N_("la ligne est coupée"),
    "no_data": N_("rien n’a été mesuré depuis une heure d’ouverture"),
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


def to_content(mail: LineMail) -> dict[str, str]:
    """As the outbox keeps it."""
    return {_KEY: _JSON.dump_json(mail).decode()}


def is_line_mail(content: dict[str, str]) -> bool:
    """Whether `to_content` made it."""
    return _KEY in content


def letter(content: dict[str, str], sender: str, sender_name: str, recipient: str) -> Letter:
    """The mail, in its reader's language. ValueError: the content is none."""
    mail = _JSON.validate_json(content[_KEY])
    return copy_context().run(_letter, mail, sender, sender_name, recipient)


def _letter(mail: LineMail, sender: str, sender_name: str, recipient: str) -> Letter:
    speak(mail.language)
    standing = [one for one in mail.news if one.cleared_at is None]
    began = [one for one in standing if not one.worse]
    worse = [one for one in standing if one.worse]
    ended = [one for one in mail.news if one.cleared_at is not None]
    lines = [_("Bonjour,")]
    if began:
        heading = ngettext("%(n)s alerte commence.", "%(n)s alertes commencent.", len(began))
        lines += [heading, *_listed(began)]
    if worse:
        heading = ngettext("%(n)s alerte s’aggrave.", "%(n)s alertes s’aggravent.", len(worse))
        lines += [heading, *_listed(worse)]
    if ended:
        heading = ngettext("%(n)s alerte est finie.", "%(n)s alertes sont finies.", len(ended))
        lines += [heading, *_listed(ended)]
    return Letter(
        sender=sender,
        sender_name=sender_name,
        recipient=recipient,
        language=mail.language,
        subject=_subject(standing, ended),
        lines=tuple(lines),
    )


def _subject(standing: list[LineNews], ended: list[LineNews]) -> str:
    if len(standing) == 1:
        only = standing[0]
        venue, what = only.venue, words(only)
        if only.worse:
            return _("Ligne, plus grave : %(venue)s, %(what)s", venue=venue, what=what)
        if only.grave:
            return _("Ligne, grave : %(venue)s, %(what)s", venue=venue, what=what)
        return _("Ligne : %(venue)s, %(what)s", venue=venue, what=what)
    if standing:
        return ngettext("%(n)s alerte de ligne", "%(n)s alertes de lignes", len(standing))
    if len(ended) == 1:
        only = ended[0]
        return _("Ligne : %(venue)s, %(what)s", venue=only.venue, what=words(only))
    return ngettext("%(n)s alerte de ligne finie", "%(n)s alertes de lignes finies", len(ended))


def words(news: LineNews) -> str:
    """What began, or ended; a rule without words of its own is named."""
    known = (_BEGAN if news.cleared_at is None else _ENDED).get(news.rule)
    if known is None:
        return _("règle %(rule)s", rule=news.rule)
    if news.rule == "check" and not news.value and news.cleared_at is None:
        known = _NO_ANSWER
    return _(known, value=_short(news.value), percent=_short(100 * news.value))


def _listed(news: list[LineNews]) -> list[str]:
    shown = [_one(one) for one in news[:MOST_LINES]]
    if more := len(news) - len(shown):
        shown.append(ngettext("et %(n)s autre", "et %(n)s autres", more))
    return shown


def _one(news: LineNews) -> str:
    at = news.cleared_at or news.raised_at
    day = long_day(local(at, news.time_zone).date())
    when = f"{day}, {hour_at(at, news.time_zone)}"
    says = _("%(venue)s : %(what)s.", venue=news.venue, what=words(news))
    if news.grave and news.cleared_at is None:
        says = _("Grave.") + " " + says
    return f"{says}\n{when}\n{news.link}"


def _short(value: float) -> str:
    rounded = round(value, 1)
    return number(rounded, 0 if rounded.is_integer() else 1)
