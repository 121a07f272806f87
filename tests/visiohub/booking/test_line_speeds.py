"""A speed measured on demand: what it costs, when it is refused, what is reserved how long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from signaling.protocol.line_cards import SpeedCard, SpeedWay
from visiohub.booking import arrivals
from visiohub.booking.lines.refusals import LineMeasured, SpeedRefused
from visiohub.booking.lines.results import keep_results
from visiohub.booking.lines.speeds import (
    RESERVED,
    SpeedView,
    fail_speed,
    give_up_speeds,
    order_speed,
    show_speeds,
    speed_cost,
)
from visiohub.domain.codes import qr_text
from visiohub.domain.line import Figures, LineTerms
from visiohub.domain.line_orders import LineSpeed, SpeedState
from visiohub.linkquality.ndt7 import cost_octets
from visiohub.storage.line_series import Resolution

pytestmark = on_both_databases
MINUTE = timedelta(minutes=1)


def line_of(world: World) -> str:
    line_id: str = world.see(lambda uow: uow.lines.of_venue(world.venue.id).id)
    return line_id


def order(world: World, now: Any = NOW, *, beyond: bool = True, here: Any = None) -> LineSpeed:
    kiosks = [world.kiosk.id] if here is None else here
    run: LineSpeed
    run, _cost = world.do(
        order_speed, line_of(world), kiosks, world.admin, now, beyond_budget=beyond
    )
    return run


def why_not(world: World, now: Any = NOW, **how: Any) -> str:
    with pytest.raises(SpeedRefused) as refused:
        order(world, now, **how)
    return refused.value.why


def answer(world: World, run: LineSpeed, now: Any, **found: Any) -> int:
    card = SpeedCard(at=run.ordered_at, run_id=run.id, **found)
    kept = world.do(keep_results, [(run.kiosk_id, [card])], now)
    return int(kept.kept)


def seen(world: World, run: LineSpeed) -> LineSpeed:
    found: LineSpeed = world.see(lambda uow: uow.linkquality.speeds.get(run.id))
    return found


def rich(world: World) -> None:
    """So many octets a day that a measurement fits."""

    def change(uow: Any) -> None:
        line = uow.lines.of_venue(world.venue.id)
        terms = LineTerms.usual(line.id, line.kind)
        terms.probe_octets_a_day = 20_000_000
        uow.linkquality.terms.add(terms)

    world.do(change)


def test_no_appointment_starts_on_a_line_that_is_measured(world: World) -> None:
    run = order(world, NOW + 29 * MINUTE)
    now = NOW + 29 * MINUTE
    for kiosk in (world.kiosk, world.beside):
        with pytest.raises(LineMeasured) as refused:
            world.book("09:30", now, kiosk_id=kiosk.id)
        assert "deux minutes" in refused.value.says
    world.book("09:45", now)
    world.book("09:30", now, kiosk_id=world.far.id)  # its venue has another line
    assert answer(world, run, now + MINUTE, down=SpeedWay(kbit_s=8000, octets=10_000_000))
    world.book("09:30", now + MINUTE, kiosk_id=world.beside.id)


def test_nothing_stays_reserved_whatever_happens_to_kiosk_or_hub(world: World) -> None:
    run = order(world)
    assert why_not(world, NOW + RESERVED - timedelta(seconds=1)) == "measured"
    world.book("09:15", NOW + RESERVED)  # nobody has looked at it meanwhile
    assert world.do(give_up_speeds, NOW + RESERVED - timedelta(seconds=1)) == 0
    assert world.do(give_up_speeds, NOW + RESERVED) == 1
    assert (seen(world, run).state, seen(world, run).failure) == (SpeedState.FAILED, "silent")


def test_a_result_is_kept_once_and_also_when_it_comes_late(world: World) -> None:
    run = order(world)
    world.do(give_up_speeds, NOW + RESERVED)
    down = SpeedWay(kbit_s=8120.5, octets=10_000_000, rpm=150)
    up = SpeedWay(kbit_s=810.0, octets=1_000_000)
    later = NOW + timedelta(hours=2)
    assert answer(world, run, later, down=down, up=up) == 1
    assert answer(world, run, later + MINUTE, failure="cut") == 0
    kept = seen(world, run)
    assert (kept.state, kept.failure, kept.ended_at) == (SpeedState.DONE, "", later)
    assert (kept.down_kbit_s, kept.up_kbit_s, kept.down_rpm, kept.up_rpm) == (
        8120.5,
        810,
        150,
        None,
    )


def test_what_was_found_before_it_failed_is_kept(world: World) -> None:
    run = order(world)
    answer(world, run, NOW + MINUTE, down=SpeedWay(kbit_s=8000, octets=1), failure="call")
    kept = seen(world, run)
    assert (kept.state, kept.failure, kept.down_kbit_s) == (SpeedState.FAILED, "call", 8000)
    assert order(world, NOW + MINUTE)


def test_a_kiosk_of_another_line_answers_nothing(world: World) -> None:
    run = order(world)
    card = SpeedCard(at=NOW, run_id=run.id, down=SpeedWay(kbit_s=1, octets=1))
    world.do(keep_results, [(world.far.id, [card])], NOW)
    assert seen(world, run).state is SpeedState.ORDERED


def test_who_cannot_be_told_is_not_waited_for(world: World) -> None:
    run = order(world)
    world.do(fail_speed, run.id, "away", NOW)
    assert order(world).id != run.id


def test_refused_while_somebody_calls_or_comes_soon(world: World) -> None:
    assert why_not(world, here=[world.far.id]) == "away"
    booked = world.book("09:15", kiosk_id=world.beside.id)
    assert order(world, NOW + 4 * MINUTE).state is SpeedState.ORDERED
    assert why_not(world, NOW + 7 * MINUTE) == "visio"
    assert why_not(world, NOW + 20 * MINUTE) == "visio"
    text = qr_text(booked.appointment_id, booked.token)
    ticket = world.do(arrivals.present_code, world.beside.id, text, "fr", NOW + 8 * MINUTE)
    assert why_not(world, NOW + 8 * MINUTE) == "call"
    assert ticket.call_id


def test_the_day_s_octets_are_respected_or_exceeded_by_a_tick(world: World) -> None:
    cost = world.see(speed_cost, line_of(world), NOW)
    assert cost.octets.down == cost_octets(9000, 0)
    assert cost.octets.up == cost_octets(0, 900)
    assert cost.beyond_budget  # 12 MB of a day's 10
    assert why_not(world, beyond=False) == "budget"
    run = order(world, beyond=True)
    assert (run.beyond_budget, run.octets_down) == (True, cost.octets.down)
    assert world.see(speed_cost, line_of(world), NOW).left == cost.left  # spent beside them


def test_what_fits_needs_no_tick_and_is_spent(world: World) -> None:
    rich(world)
    before = world.see(speed_cost, line_of(world), NOW)
    run = order(world, beyond=False)
    assert not run.beyond_budget
    after = world.see(speed_cost, line_of(world), NOW)
    assert after.left.down == before.left.down - run.octets_down
    world.do(fail_speed, run.id, "call", NOW)
    assert why_not(world, NOW + MINUTE, beyond=False) == "budget"


def test_the_heartbeat_keeps_its_octets_until_midnight(world: World) -> None:
    rich(world)

    def spent(uow: Any) -> None:
        state = uow.linkquality.states.of(line_of(world))
        row = Figures(at=NOW - MINUTE, sent=1, octets_up=1_000_000, octets_down=2_000_000)
        uow.linkquality.series.add_figures([(state.number, row)], Resolution.MINUTES)

    fresh = world.see(speed_cost, line_of(world), NOW).left
    assert 16_000_000 < fresh.down < 17_000_000  # 20 MB less 15 hours of heartbeat and results
    world.do(spent)
    left = world.see(speed_cost, line_of(world), NOW).left
    assert (fresh.down - left.down, fresh.up - left.up) == (2_000_000, 1_000_000)
    evening = NOW + timedelta(hours=14, minutes=59)
    assert world.see(speed_cost, line_of(world), evening).left.up > left.up


def test_the_page_shows_cost_refusal_and_what_was_measured(world: World) -> None:
    run = order(world)
    view: SpeedView = world.see(show_speeds, line_of(world), [world.kiosk.id], NOW)
    assert (view.refused, [one.id for one in view.runs]) == ("measured", [run.id])
    assert view.people == {world.admin.id: world.admin.label}


def test_the_order_is_in_the_trail(world: World) -> None:
    run = order(world)
    (entry,) = world.see(lambda uow: uow.audit.list(action="line.speed"))
    assert (entry.person_id, entry.after["run"]) == (world.admin.id, run.id)


def test_of_a_booking_and_an_order_at_one_moment_one_goes(world: World) -> None:
    now = NOW + 29 * MINUTE

    def booked() -> str:
        try:
            world.book("09:30", now)
        except LineMeasured:
            return "refused"
        return "done"

    def ordered() -> str:
        try:
            order(world, now)
        except SpeedRefused:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(booked), pool.submit(ordered)]
        assert sorted(one.result() for one in both) == ["done", "refused"]
