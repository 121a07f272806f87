"""Technicians are told by mail of alerts that begin, get worse and end: once each, no storms. So is
the reception of a venue whose line or kiosk goes bad while visios depend on it: a reception whose
account has no address is told nothing.

What happens within a minute is one mail. An alert that was over before it was told is not told.
One that got worse is told when that has held for a minute, and not again when it comes and goes.
Its end is told when it has held for five minutes; a rule that is passed again before that goes on
with the alert that was told, without a mail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visiohub.booking.announce import desks_of
from visiohub.booking.lines.dependent import KIOSK_AWAY, visios_of
from visiohub.booking.lines.unheard import RULE as NO_DATA
from visiohub.domain.line import LineAlert
from visiohub.domain.line_orders import LineAlertMail
from visiohub.domain.model import Person, Role
from visiohub.linkquality.grading import Level
from visiohub.notify.line_alert import place
from visiohub.notify.line_mail import LineMail, to_content
from visiohub.notify.line_news import LineNews
from visiohub.notify.mail import is_address
from visiohub.notify.message import Channel
from visiohub.storage.uow import UnitOfWork

TOGETHER = timedelta(minutes=1)
"""So long the first of several waits for the others."""
CALM = timedelta(minutes=5)
NO_NEWS = timedelta(hours=1)
"""After so long, since the hub was away, the beginning of an alert is no news."""


@dataclass(frozen=True)
class _Told:
    """An alert's news, and whose reception has to know of it."""

    news: LineNews
    desk_of: str | None
    """A venue's id."""


def is_due(uow: UnitOfWork, now: datetime) -> bool:
    """Whether `mail_alerts` has something to do; only reads."""
    mails = uow.linkquality.alert_mails
    if any(alert.raised_at <= now - TOGETHER for alert in mails.untold(now - NO_NEWS)):
        return True
    return any(
        _is_calm(alert, now) or _is_worse(mail, alert, now) for mail, alert in mails.standing()
    )


def mail_alerts(uow: UnitOfWork, now: datetime) -> int:
    """Write the mails that are due; how many."""
    mails = uow.linkquality.alert_mails
    untold = mails.untold(now - NO_NEWS)
    again = {_what(alert) for alert in untold}
    began: list[LineAlert] = []
    if any(alert.raised_at <= now - TOGETHER for alert in untold):
        began = [alert for alert in untold if _is_told(uow, alert)]
    uow.flush()
    worse: list[LineAlert] = []
    ended: list[LineAlert] = []
    for mail, alert in mails.standing():
        if _is_worse(mail, alert, now):
            mail.level = alert.level
            worse.append(alert)
        elif _is_calm(alert, now) and _what(alert) not in again:
            mail.over = True
            ended.append(alert)
    standing = sorted([*began, *worse], key=lambda alert: -alert.level)
    told = _told(uow, [*standing, *ended], {alert.id for alert in worse}, now)
    return _write(uow, told, now) if told else 0


def _is_told(uow: UnitOfWork, alert: LineAlert) -> bool:
    """Note what becomes of an alert that nobody was told of; whether somebody is to be."""
    mails = uow.linkquality.alert_mails
    for mail, earlier in mails.standing():
        if _what(earlier) == _what(alert):
            mail.over = True  # this one goes on where that one was
            mails.add(LineAlertMail(alert.id, opening_told=False, level=mail.level))
            uow.flush()
            return False
    told = alert.cleared_at is None
    mails.add(LineAlertMail(alert.id, opening_told=told, level=alert.level, over=not told))
    return told


def _what(alert: LineAlert) -> tuple[str, str, str | None]:
    """What it is of: another one of the same goes on with it."""
    return alert.line_id, alert.rule, alert.kiosk_id


def _is_calm(alert: LineAlert, now: datetime) -> bool:
    return alert.cleared_at is not None and alert.cleared_at <= now - CALM


def _is_worse(mail: LineAlertMail, alert: LineAlert, now: datetime) -> bool:
    worse = alert.cleared_at is None and alert.level > mail.level
    return worse and alert.changed_at <= now - TOGETHER


def _write(uow: UnitOfWork, told: Sequence[_Told], now: datetime) -> int:
    """To each reader in their language, if the hub has a mail server."""
    if not uow.settings.mail_host:
        return 0
    technicians = [one for one in uow.persons.list(active=True) if _reads(one)]
    readers = [(one, tuple(each.news for each in told), False) for one in technicians]
    ids = {one.id for one in technicians}
    for venue_id in sorted({each.desk_of for each in told if each.desk_of}):
        of_venue = tuple(each.news for each in told if each.desk_of == venue_id)
        desks = [one for one in desks_of(uow, venue_id) if is_address(one.email)]
        readers += [(one, of_venue, True) for one in desks if one.id not in ids]
    for reader, news, to_desk in readers:
        content = to_content(LineMail(reader.language or "fr", news, to_desk))
        uow.outbox.put(Channel.MAIL, reader.email, content, now, subject_id=reader.id)
    return len(readers)


def _reads(person: Person) -> bool:
    return Role.TECHNICIAN in person.roles and is_address(person.email)


def _told(
    uow: UnitOfWork, alerts: Sequence[LineAlert], worse: Collection[str], now: datetime
) -> Sequence[_Told]:
    lines = uow.lines.by_ids([alert.line_id for alert in alerts])
    venues = uow.venues.by_ids([line.venue_id for line in lines.values()])
    found = []
    for alert in alerts:
        venue = venues[lines[alert.line_id].venue_id]
        since = alert.changed_at if alert.id in worse else alert.raised_at
        visios = visios_of(uow, alert, venue.id, since, now)
        news = LineNews(
            place(alert, venue.full_name),
            venue.time_zone,
            alert.rule,
            alert.level is Level.ALARM,
            alert.value,
            since,
            alert.cleared_at,
            f"{uow.settings.public_origins[0]}/lines/{alert.line_id}",
            alert.id in worse,
            () if alert.cleared_at else tuple(one for one in visios if not one.over),
        )
        is_bad = alert.level is Level.ALARM or alert.rule == NO_DATA
        # who heard of its begin hears of its end; at a kiosk that is away somebody may stand
        awaited = alert.rule == KIOSK_AWAY or (visios if alert.cleared_at else news.visios)
        found.append(_Told(news, venue.id if is_bad and awaited else None))
    return found
