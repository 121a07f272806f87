"""Tests that technicians order, faults found in what is kept, alerts and works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hub_world import NOW, World

from signaling.protocol.line_cards import VoiceCard
from visiohub.booking.lines import ordered, tending
from visiohub.booking.lines.faults import FaultBook, faults_of
from visiohub.booking.lines.glimpses import SLOTS, glimpses
from visiohub.booking.lines.looking import list_lines
from visiohub.domain.line import Figures, LineTerms, ModemFigures, TrainResult, Way, Wrapping
from visiohub.errors import InvalidForm
from visiohub.linkquality.grading import Grade
from visiohub.linkquality.ledger import NEEDED_OCTETS_A_DAY
from visiohub.linkquality.signatures import BelowContract, LineFull, SnrFell
from visiohub.storage.line_series import Resolution

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def line_id(world: World) -> str:
    found: str = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id
    return found


def order(world: World, line_id: str, **later: int) -> Any:
    form = ordered.LineTestForm(due_at=NOW + timedelta(**later))
    return world.do(ordered.order_test, line_id, form, world.admin, NOW)


def due(world: World, at: Any, *probers: str) -> list[str | None]:
    made = world.do(ordered.due_tests, frozenset(probers), at)
    return [test.kiosk_id for test in made]


def test_a_test_is_asked_for_once_at_its_time_and_its_answer_kept(
    world: World, line_id: str
) -> None:
    test = order(world, line_id, minutes=10)
    assert world.topics == {"lines"}
    assert due(world, NOW + 9 * MINUTE, world.kiosk.id) == []
    at = NOW + 10 * MINUTE
    assert due(world, at, world.kiosk.id) == [world.kiosk.id]
    assert due(world, at, world.kiosk.id) == []
    voice = VoiceCard(at=at, check_id=test.id, sent=500, lost=5, r_up=80.0, r_down=75.0)
    assert world.do(ordered.answer_test, line_id, voice, at)
    assert not world.do(ordered.answer_test, line_id, voice, at)
    (kept,) = world.see(lambda uow: uow.linkquality.tests.newest(line_id, 5))
    assert (kept.r_up, kept.r_down, kept.loss_ratio) == (80.0, 75.0, 0.01)


def test_a_test_that_nobody_can_make_is_given_up(world: World, line_id: str) -> None:
    order(world, line_id, minutes=0)
    assert due(world, NOW + HOUR) == []
    assert len(world.see(lambda uow: uow.linkquality.tests.waiting(line_id))) == 1
    assert due(world, NOW + HOUR + MINUTE) == []
    (kept,) = world.see(lambda uow: uow.linkquality.tests.newest(line_id, 5))
    assert (kept.asked_at, kept.loss_ratio) == (None, None)
    order(world, line_id, minutes=0)
    assert due(world, NOW, world.kiosk.id) == [world.kiosk.id]
    assert world.do(ordered.give_up_tests, NOW + MINUTE) == 0
    assert world.do(ordered.give_up_tests, NOW + 3 * MINUTE) == 1


def test_tests_are_bounded_and_can_be_taken_back(world: World, line_id: str) -> None:
    tests = [order(world, line_id, hours=n + 1) for n in range(ordered.MOST)]
    for wrong in ({"hours": 30}, {"minutes": -5}, {"days": 60}):
        with pytest.raises(InvalidForm):
            order(world, line_id, **wrong)
    world.do(ordered.drop_test, line_id, tests[0].id, world.admin, NOW)
    assert len(world.see(lambda uow: uow.linkquality.tests.waiting(line_id))) == ordered.MOST - 1
    order(world, line_id, hours=30)


def test_tests_leave_the_heartbeat_its_octets_of_the_day(world: World, line_id: str) -> None:
    fit = (8_500_000 - NEEDED_OCTETS_A_DAY) // ordered.COSTS_AT_MOST
    assert fit < ordered.MOST
    for _ in range(fit):
        order(world, line_id, days=1)
    with pytest.raises(InvalidForm) as refused:
        order(world, line_id, days=1)
    assert "volume" in refused.value.errors[0].says
    order(world, line_id, days=2)  # another day

    def spend(uow: Any) -> None:
        number = uow.linkquality.states.of(line_id).number
        spent = Figures(NOW - HOUR, sent=20, octets_up=5_000_000)
        uow.linkquality.series.add_figures([(number, spent)], Resolution.MINUTES)

    order(world, line_id, minutes=0)
    world.do(spend)
    with pytest.raises(InvalidForm):
        order(world, line_id, minutes=0)


def test_works_that_have_begun_end_now_and_others_are_taken_back(
    world: World, line_id: str
) -> None:
    def works(start: timedelta, length: timedelta) -> Any:
        form = tending.MaintenanceForm(
            starts_at=NOW + start, ends_at=NOW + start + length, reason="filtre"
        )
        return world.do(tending.plan_works, line_id, form, world.admin, NOW)

    begun, planned = works(-HOUR, 3 * HOUR), works(DAY, HOUR)
    for one in (begun, planned):
        world.do(tending.end_works, line_id, one.id, world.admin, NOW)
    (kept,) = world.see(
        lambda uow: uow.linkquality.maintenances.between([line_id], NOW - DAY, NOW + 9 * DAY)
    )
    assert (kept.id, kept.ends_at) == (begun.id, NOW)
    for start, length in ((HOUR, -HOUR), (-2 * HOUR, HOUR), (HOUR, 32 * DAY), (400 * DAY, HOUR)):
        with pytest.raises(InvalidForm):
            works(start, length)


def test_a_note_speaks_of_what_was(world: World, line_id: str) -> None:
    late = tending.NoteForm(at=NOW + HOUR, text="Orage")
    with pytest.raises(InvalidForm):
        world.do(tending.annotate, line_id, late, world.admin, NOW)
    past = tending.NoteForm(at=NOW - HOUR, text="Orage")
    world.do(tending.annotate, line_id, past, world.admin, NOW)
    notes = world.see(lambda uow: uow.linkquality.notes.between(line_id, NOW - DAY, NOW))
    assert [note.text for note in notes] == ["Orage"]


@pytest.mark.parametrize("grade", [Grade.BAD, Grade.GOOD])
def test_faults_are_found_in_what_is_kept_whatever_the_grade(
    world: World, line_id: str, grade: Grade
) -> None:
    def fill(uow: Any) -> None:
        series = uow.linkquality.series
        state = uow.linkquality.states.of(line_id)
        state.grade, state.heard_at = grade, NOW
        number = state.number
        for n in range(4 * 30, 0, -1):
            at = NOW - n * 15 * MINUTE
            fell = n <= 20
            reading = ModemFigures(
                at, "adsl", up_snr_db=5.0 if fell else 9.5, retrains=int(fell and n % 4 == 0),
                up_others_kbit_s=880.0 if n <= 2 else 10.0, down_others_kbit_s=10.0,
            )  # fmt: skip
            series.add_modem([(number, reading)])
        for n in range(5 * 24):
            for way, rate in ((Way.UP, 700.0), (Way.DOWN, 4000.0)):
                train = TrainResult(
                    NOW - n * HOUR, way, rate, None, 0.01, 0, 60, 1228, 60, 0, in_call=False
                )
                series.add_trains([(number, train)])
        minutes = [Figures(NOW - n * MINUTE, sent=20, octets_up=2800) for n in range(60)]
        series.add_figures([(number, one) for one in minutes], Resolution.MINUTES)
        quarter = Figures(NOW - 30 * MINUTE, 15, sent=300, lost=9, rtt_p50=40.0)
        series.add_figures([(number, quarter)], Resolution.QUARTERS)

    world.do(fill)
    (row,) = world.see(list_lines)
    found = world.see(faults_of, row.line, row.state, "Europe/Paris", NOW)
    assert [type(one) for one in found] == [SnrFell, BelowContract, LineFull]
    fell, low, full = found
    assert (fell.fell_db, fell.retrains) == (4.5, 5)
    assert (low.direction, low.days >= 5, low.below) == ("down", True, pytest.approx(0.48, abs=0.1))
    assert (full.direction, full.end - full.begin) == ("up", 30 * MINUTE)
    world.do(lambda uow: setattr(uow.linkquality.states.of(line_id), "grade", Grade.MAINTENANCE))
    assert world.see(FaultBook().of, world.see(list_lines)[0], NOW) == ()
    (glimpse,) = world.see(glimpses, [row], FaultBook(), NOW)
    assert len(glimpse.day) == SLOTS
    assert [slot.lost for slot in glimpse.day if slot] == [9]
    assert glimpse.up_kbit_s == pytest.approx(700 * 27 * 53 / 1228)
    assert len(glimpse.faults) == 3
    world.do(lambda uow: setattr(uow.linkquality.states.of(line_id), "grade", grade))
    world.do(lambda uow: setattr(uow.linkquality.states.of(line_id), "out_since", NOW))
    (glimpse,) = world.see(glimpses, world.see(list_lines), FaultBook(), NOW)
    assert glimpse.up_kbit_s is None, "a line that is cut carries nothing"


def test_faults_of_a_line_that_is_well_are_looked_for_by_the_hour(
    world: World, line_id: str
) -> None:
    book, later = FaultBook(), NOW + 59 * MINUTE

    def stand(uow: Any, grade: Grade) -> None:
        state = uow.linkquality.states.of(line_id)
        state.grade, state.heard_at = grade, NOW

    def known_at(now: Any) -> Any:
        world.see(book.of, world.see(list_lines)[0], now)
        return book.known[line_id][0]

    world.do(stand, Grade.GOOD)
    assert [known_at(NOW), known_at(later), known_at(NOW + HOUR)] == [NOW, NOW, NOW + HOUR]
    world.do(stand, Grade.FAIR)
    at = [NOW + HOUR + n * MINUTE for n in (4, 5, 6)]
    assert [known_at(now) for now in at] == [NOW + HOUR, at[1], at[1]]
    world.do(lambda uow: setattr(uow.lines.get(line_id), "version", 2))
    assert known_at(at[2] + MINUTE) == at[2] + MINUTE, "its rates may be others"
    terms = LineTerms(line_id, Wrapping.NONE)
    world.do(lambda uow: uow.linkquality.terms.add(terms))
    assert known_at(at[2] + 2 * MINUTE) == at[2] + 2 * MINUTE, "they are wrapped otherwise"
    assert known_at(at[2] + 3 * MINUTE) == at[2] + 2 * MINUTE
