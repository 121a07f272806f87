"""Tests of a line that a technician orders for a time: the look of before an appointment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from signaling.protocol.line_cards import VoiceCard
from visiohub.booking import audit
from visiohub.booking.forms import Form
from visiohub.booking.lines.checks import ANSWER_WITHIN, call_on_line
from visiohub.booking.lines.grades import TOPIC
from visiohub.booking.lines.looking import show_line
from visiohub.booking.lines.spending import TEST_OCTETS, octets_left
from visiohub.booking.secrets import new_id
from visiohub.domain.line import LineTest
from visiohub.domain.model import Person
from visiohub.errors import N_, FieldError, InvalidForm, NotFound
from visiohub.storage.uow import UnitOfWork

MOST = 20
"""So many tests of one line may wait."""
FURTHEST = timedelta(days=31)
WAITS = timedelta(hours=1)
"""For a kiosk that is here and a line without a call; then the test is given up."""
COSTS_AT_MOST = TEST_OCTETS
"""Octets of one test in each direction."""

_FULL = N_(
    "Les mesures de ce jour prennent déjà tout le volume permis. Choisissez un autre jour, ou "
    "retirez un essai."
)


class LineTestForm(Form):
    """When."""

    due_at: datetime


def order_test(
    uow: UnitOfWork, line_id: str, form: LineTestForm, by: Person, now: datetime
) -> LineTest:
    """A test at that time, or at once where it has just passed. Raises NotFound, InvalidForm (also
    where the day's octets do not hold it)."""
    view = show_line(uow, line_id, now)
    line = view.row.line
    if form.due_at < now - timedelta(minutes=2):
        raise _wrong("time", N_("Cette heure est passée. Donnez une heure à venir."))
    if form.due_at - now > FURTHEST:
        raise _wrong("day", N_("Choisissez un jour du mois qui vient."))
    if len(uow.linkquality.tests.waiting(line.id)) >= MOST:
        raise _wrong("day", N_("Vingt essais attendent déjà. Retirez-en un d’abord."))
    left = octets_left(uow, view, max(form.due_at, now), now)
    if min(left.down, left.up) < COSTS_AT_MOST:
        raise _wrong("day", _FULL)
    test = LineTest(new_id(), line.id, form.due_at, by.id)
    uow.linkquality.tests.add(test)
    audit.note(uow, by, now, "line.order_test", line.id, {}, _plain(test))
    uow.changed(TOPIC)
    return test


def drop_test(uow: UnitOfWork, line_id: str, test_id: str, by: Person, now: datetime) -> None:
    """Take back one that has not begun; one that has stays. Raises NotFound."""
    test = uow.linkquality.tests.get(test_id)
    if test.line_id != line_id:
        raise NotFound(f"test {test_id!r} is not of line {line_id!r}")
    if test.asked_at is not None or test.answered_at is not None:
        return
    audit.note(uow, by, now, "line.drop_test", line_id, _plain(test), {})
    uow.linkquality.tests.remove(test)
    uow.changed(TOPIC)


def due_tests(uow: UnitOfWork, probers: frozenset[str], now: datetime) -> Sequence[LineTest]:
    """Those to be made now, by the kiosk that measures the line; each is asked for once.

    A line with a call on it waits: the test would spoil the call, and the call the test.
    """
    made: list[LineTest] = []
    for test in uow.linkquality.tests.due(now):
        line = uow.lines.get(test.line_id)
        kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(line.venue_id)]
        prober = next((kiosk for kiosk in kiosks if kiosk in probers), None)
        if prober is None or call_on_line(uow, kiosks):
            if now - test.due_at > WAITS:
                test.answered_at = now
                uow.changed(TOPIC)
            continue
        test.asked_at, test.kiosk_id = now, prober
        made.append(test)
        uow.changed(TOPIC)
    return made


def answer_test(uow: UnitOfWork, line_id: str, voice: VoiceCard, now: datetime) -> bool:
    """A kiosk of this line made it, or says that it could not (nothing sent); whether that was
    waited for."""
    test = uow.linkquality.tests.find(voice.check_id)
    if test is None or test.line_id != line_id or test.answered_at is not None:
        return False
    test.answered_at = now
    if voice.sent:
        test.r_up, test.r_down = voice.r_up, voice.r_down
        test.loss_ratio = min(voice.lost, voice.sent) / voice.sent
    uow.changed(TOPIC)
    return True


def give_up_tests(uow: UnitOfWork, now: datetime) -> int:
    """Those without an answer in time; how many."""
    late = uow.linkquality.tests.unanswered(now - ANSWER_WITHIN)
    for test in late:
        test.answered_at = now
        uow.changed(TOPIC)
    return len(late)


def _plain(test: LineTest) -> dict[str, object]:
    return {"starts_at": test.due_at.isoformat()}


def _wrong(field: str, says: str) -> InvalidForm:
    return InvalidForm([FieldError(field, "out_of_bounds", says)])
