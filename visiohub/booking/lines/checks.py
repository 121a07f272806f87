"""The line is looked at 15 and 5 minutes before a visio, while something can be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signaling.protocol.line_cards import VoiceCard
from visiohub.booking.lines.check_rate import rate_seen
from visiohub.booking.lines.grades import TOPIC, note
from visiohub.booking.lines.shares import NOT_ON_THE_LINE
from visiohub.booking.secrets import new_id
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.line import LineCheck
from visiohub.linkquality.grading import RATING, Level
from visiohub.storage.uow import UnitOfWork

MINUTES_BEFORE = {15: 7, 5: 2}
"""When a look is due, and until when it may be made late, in minutes before the visio: so that its
answer is there before the next look, or the visio."""
ANSWER_WITHIN = timedelta(minutes=2)
RULE, RATE_RULE = "check", "check_rate"
KNOWN_FOR = timedelta(days=1)
"""What a look found is no alert for longer, where no other one was made since."""
TOPICS = (TOPIC, "kiosks")
"""Pages with the day's visios listen to the second one."""


@dataclass(frozen=True)
class _Visio:
    """An appointment, or a booking with its rooms at one venue."""

    line_id: str
    venue_id: str
    appointment_id: str | None = None
    booking_id: str | None = None


def due_checks(uow: UnitOfWork, probers: frozenset[str], now: datetime) -> Sequence[LineCheck]:
    """Those to be made now, or late, by the kiosk that measures the line; each is asked for once.

    A line with a call on it is not looked at meanwhile: its call tells.
    """
    made: list[LineCheck] = []
    for minutes, latest in MINUTES_BEFORE.items():
        coming = list(
            _coming(uow, now + timedelta(minutes=latest), now + timedelta(minutes=minutes))
        )
        ids = [visio.appointment_id or visio.booking_id or "" for visio in coming]
        known = uow.linkquality.checks.of_visios(ids)
        asked = {(c.appointment_id, c.booking_id, c.line_id, c.minutes_before) for c in known}
        for visio in coming:
            if (visio.appointment_id, visio.booking_id, visio.line_id, minutes) in asked:
                continue
            kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(visio.venue_id)]
            prober = next((kiosk for kiosk in kiosks if kiosk in probers), None)
            if prober is None or call_on_line(uow, kiosks):
                continue
            check = LineCheck(
                new_id(), visio.line_id, prober, minutes, now,
                appointment_id=visio.appointment_id, booking_id=visio.booking_id,
            )  # fmt: skip
            uow.linkquality.checks.add(check)
            made.append(check)
    return made


def call_on_line(uow: UnitOfWork, kiosk_ids: Iterable[str]) -> bool:
    """Whether one of a venue's kiosks has a call; who waits for one uses nothing of the line."""
    calls = (call for kiosk_id in kiosk_ids for call in uow.calls.open(kiosk_id=kiosk_id))
    return any(call.state not in NOT_ON_THE_LINE for call in calls)


def answer_check(uow: UnitOfWork, line_id: str, voice: VoiceCard, now: datetime) -> bool:
    """A kiosk of this line looked, or says that it could not (nothing sent, or nothing came back
    while its answer here did: then its probes are stopped on their way); whether that was waited
    for."""
    check = uow.linkquality.checks.find(voice.check_id)
    if check is None or check.line_id != line_id or check.answered_at is not None:
        return False
    check.answered_at = now
    check.r_up, check.r_down = voice.r_up, voice.r_down
    if voice.lost < voice.sent:
        check.loss_ratio = voice.lost / voice.sent
        _judge(uow, check, now)
    return True


def clear_by_test(uow: UnitOfWork, line_id: str, voice: VoiceCard, now: datetime) -> None:
    """A technician's test that sounds good ends the alert of a look that did not."""
    rating = _rating(voice) or 0.0
    good = RATING.level(rating) is Level.FINE
    if good and note(uow, line_id, RULE, Level.FINE, rating, now):
        uow.changed(*TOPICS)


def give_up_checks(uow: UnitOfWork, now: datetime) -> int:
    """Those without an answer in time count as bad; how many. Alerts of which no look has told for
    a day are over."""
    late = uow.linkquality.checks.unanswered(now - ANSWER_WITHIN)
    for check in late:
        check.answered_at = now
        _judge(uow, check, now)
    for alert in uow.linkquality.alerts.standing():
        if alert.rule in {RULE, RATE_RULE} and not _looked_since(uow, alert.line_id, now):
            note(uow, alert.line_id, alert.rule, Level.FINE, alert.value, now)
            uow.changed(TOPIC)
    return len(late)


def newest_checks(
    uow: UnitOfWork, visio_ids: Collection[str], line_id: str | None = None
) -> Mapping[str, LineCheck]:
    """By appointment or booking, the newest look that brought something; of a booking at several
    venues, that at this line."""
    found = uow.linkquality.checks.of_visios(visio_ids)
    return {
        check.appointment_id or check.booking_id or "": check
        for check in found
        if check.level is not None and line_id in {None, check.line_id}
    }


def _coming(uow: UnitOfWork, since: datetime, until: datetime) -> Iterator[_Visio]:
    """What begins after `since`, up to `until`, at venues with a line."""
    for appointment in uow.appointments.between(since, until + timedelta(seconds=1)):
        if appointment.state in HOLDS_ITS_SLOT and since < appointment.starts_at <= until:
            line = uow.lines.of_kiosk(appointment.kiosk_id)
            if line is not None:
                yield _Visio(line.id, line.venue_id, appointment_id=appointment.id)
    for booking_id, venue_id in uow.linkquality.visio_bookings.beginning(since, until):
        line = uow.lines.of_venue(venue_id)
        if line is not None:
            yield _Visio(line.id, venue_id, booking_id=booking_id)


def _judge(uow: UnitOfWork, check: LineCheck, now: datetime) -> None:
    """A bad one raises alerts, the next good one of the line clears them. During works the look is
    told to those who wait for the visio alone."""
    rating = _rating(check) or 0.0
    found = {RULE: (RATING.level(rating), rating)}
    rate = rate_seen(uow, check, now)
    if rate is not None:
        found[RATE_RULE] = rate
    check.level = max(level for level, _ in found.values())
    uow.changed(*TOPICS)
    if uow.linkquality.maintenances.between([check.line_id], check.asked_at, now):
        return
    for rule, (level, value) in found.items():
        note(uow, check.line_id, rule, level, value, now)


def _rating(seen: LineCheck | VoiceCard) -> float | None:
    """R of the worse direction; None where either is unknown."""
    known = [r for r in (seen.r_up, seen.r_down) if r is not None]
    return min(known) if len(known) == 2 else None


def _looked_since(uow: UnitOfWork, line_id: str, now: datetime) -> bool:
    return uow.linkquality.checks.answered(line_id, now - KNOWN_FOR)
