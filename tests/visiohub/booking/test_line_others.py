"""What the modem counted of others, where two kiosks share one line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hub_world import NOW, World

from signaling.ports import CallReport
from signaling.protocol.line_cards import ModemCard, ModemWay
from signaling.protocol.messages import Report
from visiohub.booking import arrivals, calls
from visiohub.booking.lines.results import keep_results
from visiohub.booking.lines.shares import budgets
from visiohub.domain.codes import qr_text
from visiohub.domain.line import TrainResult, Way

MINUTE = timedelta(minutes=1)
READ = NOW + 5 * MINUTE
TALKS = {"sent_kbit_s": 300.0, "received_kbit_s": 320.0}
ON_THE_LINE = (338.6, 359.7)
"""The same up and down with the headers of IP, as the modem counts them."""


def call(world: World, kiosk_id: str) -> str:
    """One that goes on for the minutes of NOW up to READ, and its reports."""
    booked = world.book("09:00", kiosk_id=kiosk_id)
    text = qr_text(booked.appointment_id, booked.token)
    ticket = world.do(arrivals.present_code, kiosk_id, text, "fr", NOW)
    call_id: str = world.do(calls.admit, world.agent.id, ticket.call_id, NOW).call_id
    for second in range(2, 300, 10):
        told = Report(call_id=call_id, generation=1, loss_ratio=0.0, rtt_ms=40.0, **TALKS)
        at = NOW + timedelta(seconds=second)
        world.do(calls.record_report, call_id, CallReport("kiosk", at, told))
    return call_id


def read(world: World, up: float, down: float, at: Any = READ) -> Any:
    card = ModemCard(
        at=at, standard="adsl", up=ModemWay(others_kbit_s=up), down=ModemWay(others_kbit_s=down)
    )
    world.do(keep_results, [(world.kiosk.id, [card])], at)

    def kept(uow: Any) -> Any:
        number = uow.linkquality.states.of(uow.lines.of_venue(world.venue.id).id).number
        return uow.linkquality.series.modem(number, at, at + MINUTE)[0]

    return world.see(kept)


def test_the_call_of_another_kiosk_is_none_of_others_traffic(world: World) -> None:
    call(world, world.beside.id)
    kept = read(world, 20.0 + ON_THE_LINE[0], 50.0 + ON_THE_LINE[1])
    assert kept.up_others_kbit_s == pytest.approx(20.0, abs=2)
    assert kept.down_others_kbit_s == pytest.approx(50.0, abs=2)
    assert read(world, 10.0, 0.0, READ + 4 * MINUTE).up_others_kbit_s == 10.0, "it said no more"


def test_a_call_that_began_meanwhile_counts_for_its_part(world: World) -> None:
    read(world, 0.0, 0.0, NOW - 3 * MINUTE)
    call(world, world.beside.id)
    kept = read(world, 100.0 + ON_THE_LINE[0] / 4, 0.0, NOW + MINUTE)
    assert kept.up_others_kbit_s == pytest.approx(100.0, abs=2)
    assert kept.down_others_kbit_s == 0.0


def test_the_call_of_the_kiosk_that_reads_was_taken_off_by_itself(world: World) -> None:
    call(world, world.kiosk.id)
    assert read(world, 120.0, 80.0).up_others_kbit_s == 120.0


def test_a_budget_takes_the_other_kiosk_s_call_off_once(world: World) -> None:
    def measure(uow: Any) -> None:
        number = uow.linkquality.states.of(uow.lines.of_venue(world.venue.id).id).number
        for way, kbit_s in ((Way.UP, 700.0), (Way.DOWN, 8000.0)):
            at = NOW - timedelta(hours=1)
            train = TrainResult(at, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
            uow.linkquality.series.add_trains([(number, train)])

    world.do(measure)
    call_id = call(world, world.beside.id)
    alone = world.see(budgets, READ)[call_id]
    read(world, *ON_THE_LINE)
    assert world.see(budgets, READ + MINUTE)[call_id].video_up_kbit_s == pytest.approx(
        alone.video_up_kbit_s, abs=3
    )
