"""Who is told of what: mails, SMS and webhooks go into the outbox with the change they tell of."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from visiohub.booking.directory import Directory
from visiohub.booking.lines.dependent import visios_of
from visiohub.domain.line import LineAlert
from visiohub.domain.model import Appointment, AuditEntry, Person, Role
from visiohub.notify import line_alert, sms, webhook
from visiohub.notify.mail import is_address
from visiohub.notify.message import Channel
from visiohub.notify.notice import Change, Notice, Reader, Time, to_content
from visiohub.storage.uow import UnitOfWork

LINE_ALERTS = "line_alert"
"""What a webhook asks for, to be told of lines."""


def of_appointment(
    uow: UnitOfWork,
    appointment: Appointment,
    change: Change,
    now: datetime,
    *,
    was_at: datetime | None = None,
    was_with: str | None = None,
    link: str = "",
) -> None:
    """Tell the citizen and the agent. `was_at` and `was_with` are the start and the agent that it
    had, `link` opens it for the citizen."""
    to_citizen(uow, appointment, change, now, was_at=was_at, link=link)
    if was_with is not None and was_with != appointment.agent_id:
        _to_agent(uow, appointment, was_with, Change.CANCELLED, now)
        change = Change.BOOKED if change is Change.MOVED else change
    if appointment.agent_id is not None:
        _to_agent(uow, appointment, appointment.agent_id, change, now, was_at)


def of_erasing(uow: UnitOfWork, appointment: Appointment, now: datetime) -> None:
    """Tell the agent alone: nothing more is written to a citizen who is erased."""
    if appointment.agent_id is not None:
        _to_agent(uow, appointment, appointment.agent_id, Change.CANCELLED, now)


def to_citizen(
    uow: UnitOfWork,
    appointment: Appointment,
    change: Change,
    now: datetime,
    *,
    was_at: datetime | None = None,
    link: str = "",
    message_id: str | None = None,
) -> None:
    """By mail if there is an address; by SMS, but for what the paper says, if there is a mobile
    telephone and no address."""
    if not (appointment.email or appointment.phone):
        return
    notice = _of(uow, appointment, Reader.CITIZEN, change, now, appointment.language, was_at, link)
    if appointment.email:
        mail(uow, appointment.id, appointment.email, notice, now, message_id)
    elif change is not Change.BOOKED and (number := sms.mobile_number(appointment.phone)):
        _put(uow, Channel.SMS, appointment.id, number, notice, now, message_id)


def way_to(uow: UnitOfWork, email: str, phone: str) -> tuple[Channel, str] | None:
    """How this hub can write to a citizen: by mail, else by SMS; None: somebody has to call."""
    if uow.settings.mail_host and is_address(email):
        return Channel.MAIL, email
    number = sms.mobile_number(phone)
    return (Channel.SMS, number) if uow.settings.sms_url and number else None


def desks_of(uow: UnitOfWork, venue_id: str) -> list[Person]:
    """Reception of a venue, those who have an address."""
    people = uow.persons.list(active=True)
    desks = [p for p in people if Role.RECEPTION in p.roles and venue_id in p.venue_ids]
    return [p for p in desks if p.email]


def of_assignment(
    uow: UnitOfWork, appointment: Appointment, was_with: str | None, now: datetime
) -> None:
    """Tell the agent that it was taken from, and the one that it was given to."""
    if was_with is not None and was_with != appointment.agent_id:
        _to_agent(uow, appointment, was_with, Change.CANCELLED, now)
    if appointment.agent_id is not None and was_with != appointment.agent_id:
        _to_agent(uow, appointment, appointment.agent_id, Change.BOOKED, now)


def mail(
    uow: UnitOfWork,
    subject_id: str,
    address: str,
    notice: Notice,
    now: datetime,
    message_id: str | None = None,
) -> None:
    """Send this notice to an address, if there is one and the hub has a mail server; `subject_id`
    as of Outbox.put."""
    if is_address(address):
        _put(uow, Channel.MAIL, subject_id, address, notice, now, message_id)


def to_webhooks(uow: UnitOfWork, entry: AuditEntry) -> None:
    """Webhooks are told what the audit trail keeps, which has nothing about citizens."""
    group = entry.action.partition(".")[0]
    for hook in uow.webhooks.list(active=True):
        if group in hook.events:
            data = {"id": entry.subject, "before": entry.before, "after": entry.after}
            body = webhook.body(entry.action, entry.at, data)
            content = {"webhook_id": hook.id, "body": body}
            uow.outbox.put(Channel.WEBHOOK, hook.url, content, entry.at)


def of_line_alert(uow: UnitOfWork, alert: LineAlert, now: datetime) -> None:
    """Tell the webhooks that asked for it; the alert is as it is now."""
    hooks = [h for h in uow.webhooks.list(active=True) if LINE_ALERTS in h.events]
    if not hooks:
        return
    venue = uow.venues.get(uow.lines.get(alert.line_id).venue_id)
    visios = () if alert.cleared_at else visios_of(uow, alert, venue.id, now, now)
    awaited = [one for one in visios if not one.over]
    data = line_alert.facts(alert, venue.full_name, awaited)
    body = webhook.body(line_alert.event(alert), now, data)
    for hook in hooks:
        content = {"webhook_id": hook.id, "body": body}
        uow.outbox.put(Channel.WEBHOOK, hook.url, content, now)


def remind(uow: UnitOfWork, now: datetime) -> int:
    """Remind citizens of what begins within `reminder_hours`, once each; returns how many.

    Who booked within that time has just been told.
    """
    ahead = timedelta(hours=uow.settings.reminder_hours)
    reminded = 0
    for appointment in uow.appointments.to_remind(now, now + ahead):
        if appointment.created_at > appointment.starts_at - ahead:
            continue
        message_id = reminder_id(f"appointment-{appointment.id}", appointment.starts_at)
        if not uow.outbox.knows(message_id):
            to_citizen(uow, appointment, Change.REMINDER, now, message_id=message_id)
            reminded += uow.outbox.knows(message_id)
    return reminded


def reminder_id(subject: str, starts_at: datetime) -> str:
    """The same for the same start: the outbox knows by it what was sent."""
    return hashlib.sha256(f"reminder {subject} {starts_at.isoformat()}".encode()).hexdigest()


def appointment_uid(appointment_id: str) -> str:
    """In every calendar, for good (RFC 7986 section 5.3: no name of a host, which may change)."""
    return f"appointment-{appointment_id}@visiohub"


def booking_uid(booking_id: str) -> str:
    """As `appointment_uid`: one for a booking, however many rooms it has."""
    return f"booking-{booking_id}@visiohub"


def _to_agent(
    uow: UnitOfWork,
    appointment: Appointment,
    agent_id: str,
    change: Change,
    now: datetime,
    was_at: datetime | None = None,
) -> None:
    agent = uow.persons.find(agent_id)
    if agent is None or not agent.email:
        return
    link = f"{uow.settings.public_origins[0]}/appointments/{appointment.id}"
    notice = _of(uow, appointment, Reader.AGENT, change, now, agent.language, was_at, link)
    mail(uow, agent.id, agent.email, notice, now)


def _of(
    uow: UnitOfWork,
    appointment: Appointment,
    reader: Reader,
    change: Change,
    now: datetime,
    language: str,
    was_at: datetime | None,
    link: str,
) -> Notice:
    _, room, venue = Directory(uow).whereabouts(appointment.kiosk_id)
    service = uow.services.get(appointment.service_id)
    partner = uow.partners.get(service.partner_id)
    uid = appointment_uid(appointment.id)
    sequence = appointment.version - 1
    place = (venue.name, venue.street, f"{venue.postcode} {venue.town}", room.name)
    is_citizen = reader is Reader.CITIZEN
    return Notice(
        change=change,
        reader=reader,
        language=language or "fr",
        time_zone=venue.time_zone,
        changed_at=now,
        times=(Time(uid, sequence, appointment.starts_at, appointment.ends_at),),
        place=tuple(line for line in place if line.strip()),
        partner=partner.name if is_citizen else "",
        phone=(venue.phone or uow.settings.fallback_phone) if is_citizen else "",
        link=link,
        was_at=was_at,
    )


def _put(
    uow: UnitOfWork,
    channel: Channel,
    subject_id: str,
    recipient: str,
    notice: Notice,
    now: datetime,
    message_id: str | None,
) -> None:
    """Nothing waits for a server that there is not."""
    served = uow.settings.mail_host if channel is Channel.MAIL else uow.settings.sms_url
    if served:
        uow.outbox.put(channel, recipient, to_content(notice), now, message_id, subject_id)
