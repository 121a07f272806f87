"""A notice in words, in its reader's language: the mail with its calendar, and the SMS."""

from __future__ import annotations

from contextvars import copy_context
from zoneinfo import ZoneInfo

from visiohub.notify import phrases
from visiohub.notify.ics import Event, Invitation, Method, Status, calendar
from visiohub.notify.mail import Letter
from visiohub.notify.notice import Change, Notice, Time
from visiohub.notify.sms import LONGEST
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import speak

_WITHOUT_CALENDAR = frozenset({Change.RELEASED, Change.LAPSED, Change.SHUT, Change.OFFERED})
"""What has begun stays in calendars as it was, and an offer is not in them yet."""


def letter(notice: Notice, sender: str, sender_name: str, recipient: str) -> Letter:
    """The mail."""
    return copy_context().run(_letter, notice, sender, sender_name, recipient)


def short_text(notice: Notice) -> str:
    """The SMS."""
    return copy_context().run(_short_text, notice)


def _letter(notice: Notice, sender: str, sender_name: str, recipient: str) -> Letter:
    speak(notice.language)
    method = _method(notice)
    return Letter(
        sender=sender,
        sender_name=sender_name,
        recipient=recipient,
        language=notice.language,
        subject=phrases.subject(notice),
        lines=phrases.lines(notice),
        calendar=_calendar(notice, method, Invitation(sender, sender_name, recipient)),
        method=method,
    )


def _short_text(notice: Notice) -> str:
    speak(notice.language)
    text = f"{phrases.subject(notice)}. {notice.place[0]}"
    if notice.change is Change.OFFERED:
        text = "\n".join((phrases.subject(notice), phrases.held(notice), phrases.take_it(notice)))
        return f"{text}\n{notice.place[0]}"[:LONGEST]
    return (f"{text}. {notice.phone}" if notice.phone else text)[:LONGEST]


def _calendar(notice: Notice, method: Method, invitation: Invitation) -> bytes:
    if notice.change in _WITHOUT_CALENDAR or len(notice.times) > 1:
        return b""
    return calendar([_event(notice, notice.times[0])], method, invitation)


def _method(notice: Notice) -> Method:
    """An invitation has one UID (RFC 5546 section 3.2.2): each date of a series has its own mail,
    beside the one that names all."""
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
        summary=_("Réservation de salle")
        if phrases.is_of_rooms(notice)
        else _("Visio-rendez-vous"),
        location=", ".join(notice.place),
        description=notice.link,
        status=_STATUS.get(notice.change, Status.CONFIRMED),
    )
