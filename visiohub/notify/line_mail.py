"""A mail of what became of lines, one for all that failed or ended together: to technicians, and
to the reception of a venue whose visios depend on it."""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass

from pydantic import TypeAdapter

from visiohub.notify.line_news import LineNews, visio_words, words
from visiohub.notify.mail import Letter
from visiohub.web.formats import hour_at, local, long_day
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import ngettext, speak

MOST_LINES = 30
"""Of news that one mail lists."""


@dataclass(frozen=True)
class LineMail:
    """What waits in the outbox; the gravest first."""

    language: str
    news: tuple[LineNews, ...]
    to_desk: bool = False
    """Its reader tells people, and mends no line."""


_JSON = TypeAdapter(LineMail)
_KEY = "line_mail"


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
    ended = [one for one in mail.news if one.cleared_at is not None]
    said = _to_desk(standing, ended) if mail.to_desk else _to_technician(standing, ended)
    return Letter(
        sender=sender,
        sender_name=sender_name,
        recipient=recipient,
        language=mail.language,
        subject=_subject(standing, ended),
        lines=(_("Bonjour,"), *said),
    )


def _to_technician(standing: list[LineNews], ended: list[LineNews]) -> list[str]:
    began = [one for one in standing if not one.worse]
    worse = [one for one in standing if one.worse]
    lines: list[str] = []
    if began:
        heading = ngettext("%(n)s alerte commence.", "%(n)s alertes commencent.", len(began))
        lines += [heading, *_listed(began)]
    if worse:
        heading = ngettext("%(n)s alerte s’aggrave.", "%(n)s alertes s’aggravent.", len(worse))
        lines += [heading, *_listed(worse)]
    if ended:
        heading = ngettext("%(n)s alerte est finie.", "%(n)s alertes sont finies.", len(ended))
        lines += [heading, *_listed(ended)]
    return lines


def _to_desk(standing: list[LineNews], ended: list[LineNews]) -> list[str]:
    lines = [_what(one) for one in [*standing, *ended]]
    # alerts of one venue have the same visios
    lines += dict.fromkeys(visio_words(one) for one in standing if one.visios)
    if any(one.rule == "kiosk_away" for one in standing):
        lines.append(
            _(
                "Voyez d’abord si le point visio est allumé : s’il revient avant l’heure, "
                "personne n’est à prévenir."
            )
        )
    if standing:
        lines.append(
            _(
                "Prévenez les personnes qui viennent : proposez-leur le téléphone, une autre heure "
                "ou un autre lieu. Les techniciens du territoire suivent la ligne."
            )
        )
    return lines


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


def _listed(news: list[LineNews]) -> list[str]:
    shown = [_one(one) for one in news[:MOST_LINES]]
    if more := len(news) - len(shown):
        shown.append(ngettext("et %(n)s autre", "et %(n)s autres", more))
    return shown


def _one(news: LineNews) -> str:
    return "\n".join(part for part in (_what(news), visio_words(news), news.link) if part)


def _what(news: LineNews) -> str:
    at = news.cleared_at or news.raised_at
    day = long_day(local(at, news.time_zone).date())
    says = _("%(venue)s : %(what)s.", venue=news.venue, what=words(news))
    if news.grave and news.cleared_at is None:
        says = _("Grave.") + " " + says
    return f"{says}\n{day}, {hour_at(at, news.time_zone)}"
