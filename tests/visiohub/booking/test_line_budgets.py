"""What goes on a line together, what is refused and what is offered instead; what calls may use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from signaling.ports import CallReport
from signaling.protocol.messages import Report
from visiohub.booking import arrivals, calls
from visiohub.booking.forms import MoveForm
from visiohub.booking.lines.grades import outages
from visiohub.booking.lines.results import forget_events
from visiohub.booking.lines.shares import budgets
from visiohub.booking.lines.today import line_today
from visiohub.domain.codes import qr_text
from visiohub.domain.line import ModemFigures, TrainResult, Way
from visiohub.errors import LineFull
from visiohub.linkquality.budget import Picture, cost_of
from visiohub.linkquality.cells import Encapsulation
from visiohub.web.line_words import line_sentence

pytestmark = on_both_databases
ROOM_FOR_ONE = 520.0
"""Of IP upwards: a usual picture and little else."""


def measure(
    world: World, up_kbit_s: float, down_kbit_s: float = 8000.0, venue_id: str = ""
) -> None:
    """Three trains each way; of the first venue's line unless told otherwise."""

    def measured(uow: Any) -> None:
        line = uow.lines.of_venue(venue_id or world.venue.id)
        state = uow.linkquality.states.of(line.id)
        for hour in range(3):
            at = NOW - timedelta(hours=hour + 1)
            rows = [
                TrainResult(at, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
                for way, kbit_s in ((Way.UP, up_kbit_s), (Way.DOWN, down_kbit_s))
            ]
            uow.linkquality.series.add_trains([(state.number, row) for row in rows])

    world.do(measured)


@pytest.fixture
def thin(world: World) -> World:
    measure(world, ROOM_FOR_ONE)
    return world


def test_two_visios_at_one_time_go_only_where_both_fit(thin: World) -> None:
    thin.book("10:00")
    with pytest.raises(LineFull) as refused:
        thin.book("10:15", kiosk_id=thin.beside.id)
    assert refused.value.fits[0] in {"small", "none"}
    thin.book("10:30", kiosk_id=thin.beside.id)  # another time
    thin.book("10:00", kiosk_id=thin.far.id)  # another venue


def test_what_was_offered_instead_fits(thin: World) -> None:
    thin.book("10:00")
    with pytest.raises(LineFull) as refused:
        thin.book("10:00", kiosk_id=thin.beside.id)
    best = Picture(refused.value.fits[0])
    booked = thin.book("10:00", kiosk_id=thin.beside.id, picture=best)
    choice = thin.see(lambda uow: uow.linkquality.pictures.get(booked.appointment_id))
    assert choice.picture is best


def test_nothing_is_kept_of_what_was_refused(thin: World) -> None:
    thin.book("10:00")
    with pytest.raises(LineFull):
        thin.book("10:00", kiosk_id=thin.beside.id)
    held = thin.see(lambda uow: uow.appointments.list())
    assert len(held) == 1


def test_a_move_is_held_to_the_same_rule(thin: World) -> None:
    from visiohub.booking.appointments import move

    thin.book("10:00")
    other = thin.book("11:00", kiosk_id=thin.beside.id)
    form = MoveForm(kiosk_id=thin.beside.id, day=NOW.date(), time="10:00")  # type: ignore[arg-type]
    with pytest.raises(LineFull):
        thin.do(move, other.appointment_id, form, 1, thin.reception, NOW)


def test_a_line_that_holds_both_holds_both(world: World) -> None:
    measure(world, 1000.0)
    world.book("10:00")
    world.book("10:00", kiosk_id=world.beside.id)


def test_a_line_that_was_never_measured_refuses_nobody(world: World) -> None:
    world.book("10:00")
    world.book("10:00", kiosk_id=world.beside.id)


def test_a_use_that_is_alone_always_goes(thin: World) -> None:
    def slower(uow: Any) -> None:
        state = uow.linkquality.states.of(uow.lines.of_venue(thin.venue.id).id)
        for minute in range(3):
            at = NOW - timedelta(minutes=minute + 1)
            row = TrainResult(at, Way.UP, 70.0, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
            uow.linkquality.series.add_trains([(state.number, row)])

    thin.do(slower)
    thin.book("10:00")
    with pytest.raises(LineFull) as refused:
        thin.book("10:00", kiosk_id=thin.beside.id)
    assert not refused.value.fits


def test_two_that_book_at_the_same_moment_do_not_both_get_the_line(thin: World) -> None:
    def book(kiosk_id: str) -> str:
        try:
            thin.book("10:00", kiosk_id=kiosk_id)
        except LineFull:
            return "refused"
        return "booked"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(book, [thin.kiosk.id, thin.beside.id]))
    assert told == ["booked", "refused"]


def admitted(
    world: World, kiosk_id: str, at: str, agent_id: str, picture: Picture = Picture.NONE
) -> Any:
    booked = world.book(at, kiosk_id=kiosk_id, picture=picture)
    text = qr_text(booked.appointment_id, booked.token)
    ticket = world.do(arrivals.present_code, kiosk_id, text, "fr", NOW)
    return world.do(calls.admit, agent_id, ticket.call_id, NOW)


def test_a_call_is_given_what_is_left_of_what_was_measured(thin: World) -> None:
    first = admitted(thin, thin.kiosk.id, "09:00", thin.agent.id)
    assert first.budget is not None
    assert first.budget.picture == "standard"
    assert 150 < first.budget.video_up_kbit_s < 0.85 * ROOM_FOR_ONE
    # Down by what the way down carries: twice what a large picture needs at least.
    assert first.budget.video_down_kbit_s == 1_800
    second = admitted(thin, thin.beside.id, "09:00", thin.colleague.id)
    assert second.budget.video_up_kbit_s < first.budget.video_up_kbit_s / 2
    now = thin.see(budgets, NOW)
    assert set(now.values()) == {second.budget}


def test_a_way_up_for_sound_alone_still_lets_the_citizen_see_the_agent(world: World) -> None:
    measure(world, 140.0)
    budget = admitted(world, world.kiosk.id, "09:00", world.agent.id).budget
    assert (budget.picture, budget.video_up_kbit_s) == ("none", 0)
    assert budget.video_down_kbit_s == 1_800


def test_a_call_has_the_picture_that_it_was_booked_with(thin: World) -> None:
    usual = admitted(thin, thin.kiosk.id, "09:00", thin.agent.id, Picture.STANDARD)
    sound = admitted(thin, thin.beside.id, "09:00", thin.colleague.id, Picture.NONE)
    now = thin.see(budgets, NOW)
    assert now[usual.call_id].picture == "standard"
    assert now[sound.call_id].picture == "none"


def test_an_upload_that_takes_what_a_call_leaves_does_not_end_its_picture(world: World) -> None:
    carried = 1_000.0
    measure(world, carried)
    call_id = admitted(world, world.kiosk.id, "09:00", world.agent.id, Picture.STANDARD).call_id
    line_id = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id
    number = world.see(lambda uow: uow.linkquality.states.of(line_id)).number
    card = world.see(budgets, NOW)[call_id]
    for reading in range(1, 14):
        now = NOW + timedelta(minutes=4 * reading)
        own = cost_of(card.audio_kbit_s, card.video_up_kbit_s, Encapsulation.NONE.value).up
        told = ModemFigures(now, "adsl2", up_others_kbit_s=carried - own, down_others_kbit_s=0.0)
        world.do(lambda uow, told=told: uow.linkquality.series.add_modem([(number, told)]))
        card = world.see(budgets, now)[call_id]
        assert card.picture == "standard", f"after {4 * reading} minutes"
        assert card.video_up_kbit_s >= 250


def test_a_call_s_reports_are_kept_by_the_minute(thin: World) -> None:
    call_id = admitted(thin, thin.kiosk.id, "09:00", thin.agent.id).call_id
    for second, loss, rtt in ((5, 0.0, None), (15, 0.04, 80.0), (59, 0.02, 40.0), (61, 0.5, 90.0)):
        told = Report(call_id=call_id, generation=1, sent_kbit_s=100, loss_ratio=loss, rtt_ms=rtt)
        at = NOW + timedelta(seconds=second)
        thin.do(calls.record_report, call_id, CallReport("kiosk", at, told))
    kept = thin.see(lambda uow: uow.linkquality.call_minutes.of_calls([call_id]))
    first, second_minute = kept
    assert (first.at, first.reports, first.sent_kbit_s) == (NOW, 3, 100)
    assert first.loss_ratio == pytest.approx(0.02)
    assert second_minute.loss_ratio == 0.5
    thin.do(forget_events, NOW + timedelta(days=399))
    assert thin.see(lambda uow: uow.linkquality.call_minutes.of_calls([call_id]))
    thin.do(forget_events, NOW + timedelta(days=401))
    assert not thin.see(lambda uow: uow.linkquality.call_minutes.of_calls([call_id]))


def test_what_was_never_measured_is_no_budget(world: World) -> None:
    assert admitted(world, world.kiosk.id, "09:00", world.agent.id).budget is None


def test_the_venue_is_told_what_its_line_holds_today(world: World) -> None:
    def told(now: datetime = NOW) -> str:
        today = world.see(line_today, world.venue.id, NOW)
        return line_sentence(today, "Europe/Paris", now)

    assert told() == "La ligne n’a pas de mesure récente."
    measure(world, 1000.0)
    assert told() == "La ligne porte 2 visios à la fois, avec une image nette."
    here = "La ligne porte 1 visio. Ici, l’image de l’agent est nette."
    for up_kbit_s, down_kbit_s, says in (
        (ROOM_FOR_ONE, 8000.0, "La ligne porte 1 visio, avec une image nette."),
        (220.0, 8000.0, f"{here} L’agent voit une petite image."),
        (120.0, 8000.0, f"{here} L’agent entend, sans image. Prévenez un technicien."),
        (220.0, 220.0, "La ligne porte 1 visio, avec une petite image."),
        (120.0, 120.0, "La ligne porte le son d’une visio, pas l’image. Prévenez un technicien."),
        (60.0, 8000.0, "La ligne ne porte pas de visio en ce moment. Prévenez un technicien."),
        (8000.0, 60.0, "La ligne ne porte pas de visio en ce moment. Prévenez un technicien."),
    ):
        world.do(lambda uow: uow.linkquality.series.forget_results(NOW, [1]))
        measure(world, up_kbit_s, down_kbit_s)
        assert told() == says
    world.do(lambda uow: uow.linkquality.series.forget_results(NOW, [1]))
    measure(world, 1000.0)
    assert world.see(line_today, world.venue.id, NOW + timedelta(hours=20)).measured
    assert not world.see(line_today, world.venue.id, NOW + timedelta(hours=25)).measured
    line_id = world.see(lambda uow: uow.lines.of_venue(world.venue.id)).id
    world.do(outages, {line_id: True}, NOW)
    assert told().startswith("La ligne ne répond plus depuis 9")
    assert "depuis lun. 23 nov. 9" in told(NOW + timedelta(days=1))
    assert world.see(line_today, world.elsewhere.id, NOW) is None
