"""What a kiosk may tell in the form of results, and cannot be: nothing breaks, nothing is false."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from signaling.errors import ProtocolError
from signaling.protocol import codec
from signaling.protocol.line_cards import (
    MinuteCard,
    ModemCard,
    ModemWay,
    SpreadCard,
    TrainCard,
)
from visiohub.booking.lines import results
from visiohub.booking.lines.looking import history

MINUTE = timedelta(minutes=1)
MOST = 2**31 - 1


def keep(world: World, *cards: Any, now: Any = NOW) -> results.Kept:
    kept: results.Kept = world.do(results.keep_results, [(world.kiosk.id, cards)], now)
    return kept


def the_line(world: World) -> Any:
    return world.see(lambda uow: uow.lines.of_venue(world.venue.id))


@on_both_databases
def test_the_greatest_counts_of_a_quarter_and_a_day_can_be_kept(world: World) -> None:
    """Each is what the protocol allows; together they are more than a column of 32 bits."""
    most = {
        "sent": MOST, "lost": MOST - 5, "lost_up": MOST, "lost_down": MOST, "loss_runs": MOST,
        "longest_run": MOST, "octets_up": MOST, "octets_down": MOST,
    }  # fmt: skip
    way = ModemWay(errored_s=MOST, severely_errored_s=MOST)
    readings = [
        ModemCard(at=NOW - n * MINUTE, standard="adsl", up=way, down=way, retrains=MOST)
        for n in range(3)
    ]
    minutes = [MinuteCard(at=NOW - n * MINUTE, **most) for n in range(3)]
    spread = SpreadCard(p5=1e6, p50=1e6, p95=1e6, p99=1e6)
    slow = MinuteCard(
        at=NOW - 4 * MINUTE, sent=3, lost=0, two_way=spread, up=spread, down=spread,
        two_way_counts=((255, MOST), (255, MOST), (0, MOST)),
    )  # fmt: skip
    train = TrainCard(
        at=NOW, way="up", kbit_s=1e7, doubt=None, error=1e6, burst_octets=MOST, packets=1000,
        octets=1500, arrived=MOST, overflowed=MOST,
    )  # fmt: skip
    keep(world, *minutes, slow, *readings, train)
    world.do(results.roll_days, [1], NOW)
    line = the_line(world)
    for days in (0.01, 3, 300):
        world.see(history, line.id, NOW - timedelta(days=days), NOW + MINUTE)


@on_both_databases
def test_what_was_heard_while_the_clock_was_ahead_is_no_sign_of_life_for_a_year(
    world: World,
) -> None:
    def heard_at() -> Any:
        line = the_line(world)
        return world.see(lambda uow: uow.linkquality.states.get(line.id)).heard_at

    ahead = NOW + timedelta(days=400)
    keep(world, MinuteCard(at=ahead, sent=20, lost=0), now=ahead)
    assert heard_at() == ahead
    keep(world, MinuteCard(at=NOW - MINUTE, sent=20, lost=0))
    assert heard_at() == NOW - MINUTE
    keep(world, MinuteCard(at=NOW - 5 * MINUTE, sent=20, lost=0))
    assert heard_at() == NOW - MINUTE, "what comes late changes nothing"


@on_both_databases
def test_a_train_with_a_doubt_has_no_number(world: World) -> None:
    both = TrainCard(
        at=NOW - MINUTE, way="up", kbit_s=5_000, doubt="burst", packets=61, octets=1228, arrived=61
    )
    assert keep(world, both).kept == 1
    (train,) = world.see(history, the_line(world).id, NOW - 3 * MINUTE, NOW).trains
    assert (train.kbit_s, train.doubt) == (None, "burst")


def test_delays_of_no_sense_and_a_negative_count_are_refused_as_a_message() -> None:
    """None of it reaches the hub's rules: the codec answers `invalid_field`."""
    usual = '{"type":"line_results","batch":"b","results":[{"kind":"minute",%s}]}'
    at = '"at":"2026-11-23T08:00:00Z"'
    for fields in (
        at + ',"sent":-1,"lost":0',
        at + ',"sent":1e400,"lost":0',
        at + ',"sent":1.5,"lost":0',
        at + ',"sent":99999999999,"lost":0',
        at + ',"sent":1,"lost":0,"two_way":{"p5":NaN,"p50":1,"p95":1,"p99":1}',
        at + ',"sent":1,"lost":0,"two_way":{"p5":-1,"p50":1,"p95":1,"p99":1}',
        at + ',"sent":1,"lost":0,"two_way":{"p5":1e300,"p50":1,"p95":1,"p99":1}',
        at + ',"sent":1,"lost":0,"two_way_counts":[[256,1]]',
        at + ',"sent":1,"lost":0,"two_way_counts":[[1,0]]',
        '"at":"2026-11-23T08:00:00","sent":1,"lost":0',
        '"at":"2026-13-23T08:00:00Z","sent":1,"lost":0',
        '"at":1e300,"sent":1,"lost":0',
    ):
        with pytest.raises(ProtocolError):
            codec.from_kiosk(usual % fields)
    assert codec.from_kiosk(usual % (at + ',"sent":1,"lost":0'))
