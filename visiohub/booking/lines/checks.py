"""The line is looked at 15 and 5 minutes before an appointment, while something can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from signaling.protocol.line_cards import VoiceCard
from visiohub.booking.lines.grades import TOPIC, note
from visiohub.booking.secrets import new_id
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.line import LineCheck
from visiohub.linkquality.grading import RATING
from visiohub.storage.uow import UnitOfWork

MINUTES_BEFORE = (15, 5)
ANSWER_WITHIN = timedelta(minutes=2)
RULE = "check"


def due_checks(uow: UnitOfWork, probers: frozenset[str], now: datetime) -> Sequence[LineCheck]:
    """Those to be made now, by the kiosk that measures the line; each is asked for once.

    A line with a call on it is not looked at: its call tells.
    """
    made: list[LineCheck] = []
    for minutes in MINUTES_BEFORE:
        until = now + timedelta(minutes=minutes)
        since = until - timedelta(minutes=1)
        soon = uow.appointments.between(since, until + timedelta(seconds=1))
        coming = [a for a in soon if a.state in HOLDS_ITS_SLOT and since < a.starts_at <= until]
        known = uow.linkquality.checks.of_appointments([a.id for a in coming])
        asked = {(c.appointment_id, c.minutes_before) for c in known}
        for appointment in coming:
            line = uow.lines.of_kiosk(appointment.kiosk_id)
            if line is None or (appointment.id, minutes) in asked:
                continue
            kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(line.venue_id)]
            prober = next((kiosk for kiosk in kiosks if kiosk in probers), None)
            if prober is None or any(uow.calls.open(kiosk_id=kiosk) for kiosk in kiosks):
                continue
            check = LineCheck(new_id(), line.id, prober, appointment.id, minutes, asked_at=now)
            uow.linkquality.checks.add(check)
            made.append(check)
    return made


def answer_check(uow: UnitOfWork, voice: VoiceCard, now: datetime) -> bool:
    """A kiosk looked, or says that it could not (nothing sent); whether that was waited for."""
    check = uow.linkquality.checks.find(voice.check_id)
    if check is None or check.answered_at is not None:
        return False
    check.answered_at = now
    check.r_up, check.r_down = voice.r_up, voice.r_down
    if voice.sent:
        check.loss_ratio = min(voice.lost, voice.sent) / voice.sent
        _judge(uow, check, now)
    return True


def give_up_checks(uow: UnitOfWork, now: datetime) -> int:
    """Those without an answer in time count as bad; how many."""
    late = uow.linkquality.checks.unanswered(now - ANSWER_WITHIN)
    for check in late:
        check.answered_at = now
        _judge(uow, check, now)
    return len(late)


def _judge(uow: UnitOfWork, check: LineCheck, now: datetime) -> None:
    """A bad one raises an alert, the next good one of the line clears it."""
    known = [r for r in (check.r_up, check.r_down) if r is not None]
    rating = min(known) if len(known) == 2 else 0.0
    if note(uow, check.line_id, RULE, RATING.level(rating), rating, now):
        uow.changed(TOPIC)
