"""A notice in words, in its reader's language: the mail with its calendar, and the SMS."""

from __future__ import annotations

from contextvars import copy_context
from datetime import datetime
from zoneinfo import ZoneInfo

from visiohub.notify.ics import Event, Invitation, Method, Status, calendar
from visiohub.notify.mail import Letter
from visiohub.notify.notice import Change, Notice, Reader, Time
from visiohub.notify.sms import LONGEST
from visiohub.web.formats import hour_at, local, long_day
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import ngettext, speak

MOST_DATES = 30
"""A series' dates that a mail lists; its calendar has all of them."""


def letter(notice: Notice, sender: str, sender_name: str, recipient: str) -> Letter:
    """The mail."""
    return copy_context().run(_letter, notice, sender, sender_name, recipient)


def short_text(notice: Notice) -> str:
    """The SMS."""
    return copy_context().run(_short_text, notice)


def _letter(notice: Notice, sender: str, sender_name: str, recipient: str) -> Letter:
    speak(notice.language)
    invitation = Invitation(sender, sender_name, recipient)
    method = _method(notice)
    events = [_event(notice, time) for time in notice.times]
    return Letter(
        sender=sender,
        sender_name=sender_name,
        recipient=recipient,
        language=notice.language,
        subject=_subject(notice),
        lines=_lines(notice),
        calendar=calendar(events, method, None if method is Method.PUBLISH else invitation),
        method=method,
    )


def _short_text(notice: Notice) -> str:
    speak(notice.language)
    text = f"{_subject(notice)}. {notice.place[0]}"
    return (f"{text}. {notice.phone}" if notice.phone else text)[:LONGEST]


def _method(notice: Notice) -> Method:
    """A series is published: an invitation has one UID (RFC 5546 section 3.2.2)."""
    if len(notice.times) > 1:
        return Method.PUBLISH
    ended = notice.change in {Change.CANCELLED, Change.REFUSED}
    return Method.CANCEL if ended else Method.REQUEST


_STATUS = {
    Change.CANCELLED: Status.CANCELLED,
    Change.REFUSED: Status.CANCELLED,
    Change.REQUESTED: Status.TENTATIVE,
}


def _event(notice: Notice, time: Time) -> Event:
    zone = ZoneInfo(notice.time_zone)
    return Event(
        uid=time.uid,
        sequence=time.sequence,
        changed_at=notice.changed_at,
        starts=time.starts_at.astimezone(zone).replace(tzinfo=None),
        ends=time.ends_at.astimezone(zone).replace(tzinfo=None),
        zone=zone,
        summary=_("Réservation de salle") if _is_of_rooms(notice) else _("Visio-rendez-vous"),
        location=", ".join(notice.place),
        description=notice.link,
        status=_STATUS.get(notice.change, Status.CONFIRMED),
    )


def _is_of_rooms(notice: Notice) -> bool:
    return notice.reader is Reader.BOOKER


def _subject(notice: Notice) -> str:
    when = _when(notice.times[0].starts_at, notice.time_zone)
    if _is_of_rooms(notice):
        match notice.change:
            case Change.BOOKED:
                return _("Salle réservée : %(when)s", when=when)
            case Change.REQUESTED:
                return _("Salle demandée : %(when)s", when=when)
            case Change.MOVED:
                return _("Réservation déplacée : %(when)s", when=when)
            case Change.CANCELLED:
                return _("Réservation annulée : %(when)s", when=when)
            case Change.REFUSED:
                return _("Salle refusée : %(when)s", when=when)
            case Change.REMINDER:
                return _("Rappel de votre réservation : %(when)s", when=when)
    match notice.change:
        case Change.MOVED:
            return _("Visio-rendez-vous déplacé : %(when)s", when=when)
        case Change.CANCELLED:
            return _("Visio-rendez-vous annulé : %(when)s", when=when)
        case Change.REMINDER:
            return _("Rappel de votre visio-rendez-vous : %(when)s", when=when)
        case _:
            return _("Visio-rendez-vous : %(when)s", when=when)


def _lines(notice: Notice) -> tuple[str, ...]:
    lines = [_("Bonjour,"), _news(notice), *_dates(notice)]
    if notice.partner:
        lines.append(_("Vous parlerez avec : %(partner)s", partner=notice.partner))
    lines.append(_("Lieu : %(place)s", place="\n".join(notice.place)))
    if notice.change not in {Change.CANCELLED, Change.REFUSED}:
        lines += _what_to_do(notice)
    return tuple(lines)


def _news(notice: Notice) -> str:
    when = _when(notice.times[0].starts_at, notice.time_zone)
    until = hour_at(notice.times[0].ends_at, notice.time_zone)
    was = _when(notice.was_at, notice.time_zone) if notice.was_at else ""
    match notice.change:
        case Change.BOOKED | Change.REMINDER if _is_of_rooms(notice):
            return _("Votre réservation : %(when)s, jusqu’à %(until)s.", when=when, until=until)
        case Change.BOOKED | Change.REMINDER:
            return _(
                "Votre visio-rendez-vous : %(when)s, jusqu’à %(until)s.", when=when, until=until
            )
        case Change.REQUESTED:
            says = _("Votre demande : %(when)s, jusqu’à %(until)s.", when=when, until=until)
            return says + " " + _("Le lieu vous répondra ; l’heure est gardée jusque-là.")
        case Change.MOVED:
            says = _(
                "Nouvelle heure ou nouveau lieu : %(when)s, jusqu’à %(until)s.",
                when=when,
                until=until,
            )
            return f"{says} " + _("C’était : %(was)s.", was=was) if was else says
        case Change.REFUSED:
            return _(
                "Le lieu ne peut pas donner cette salle : %(when)s. Elle n’est pas due.", when=when
            )
        case Change.CANCELLED:
            return _("Il n’y a plus rien à cette heure : %(when)s.", when=when)


def _dates(notice: Notice) -> list[str]:
    """Of a series."""
    if len(notice.times) < 2:
        return []
    shown = [_when(time.starts_at, notice.time_zone) for time in notice.times[:MOST_DATES]]
    if more := len(notice.times) - len(shown):
        shown.append(ngettext("et %(n)s autre date", "et %(n)s autres dates", more))
    return ["\n".join(shown)]


def _what_to_do(notice: Notice) -> list[str]:
    if notice.reader is Reader.CITIZEN and notice.change is not Change.MOVED:
        coming = [_("Venez quelques minutes avant l’heure, avec votre convocation ou votre code.")]
    elif notice.reader is Reader.CITIZEN:
        coming = [_("Votre convocation et votre code restent les mêmes.")]
    else:
        coming = []
    if notice.link:
        coming.append(_("Pour voir, déplacer ou annuler : %(link)s", link=notice.link))
    if notice.phone:
        coming.append(_("Un empêchement, une question : %(phone)s", phone=notice.phone))
    return coming


def _when(instant: datetime, zone: str) -> str:
    return f"{long_day(local(instant, zone).date())}, {hour_at(instant, zone)}"
