from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases

from signaling.protocol.line_cards import MinuteCard, ModemCard, ModemWay, SpreadCard, TrainCard
from visiohub.booking.lines import results
from visiohub.booking.lines.capacity import capacity_of
from visiohub.booking.lines.faults import FaultBook
from visiohub.booking.lines.gauges import line_gauges
from visiohub.booking.lines.glimpses import glimpses
from visiohub.booking.lines.grades import Graders, grade_lines
from visiohub.booking.lines.looking import Standing, history, list_lines, show_line
from visiohub.domain.line import Way
from visiohub.domain.line_figures import together
from visiohub.linkquality import histogram
from visiohub.linkquality.grading import Grade
from visiohub.storage.line_series import Resolution
from visiohub.web.public_words import line_word

pytestmark = on_both_databases
MINUTE = timedelta(minutes=1)
ONLY = [1]
"""The number of the world's first line that is measured."""
SPREAD = SpreadCard(p5=30.0, p50=32.5, p95=41.25, p99=80.0)


def minute(before: int, **fields: Any) -> MinuteCard:
    at = NOW - before * MINUTE
    usual = {"sent": 20, "lost": 1, "loss_runs": 1, "longest_run": 1, "two_way": SPREAD}
    return MinuteCard(at=at, **usual | {"up": SPREAD, "down": SPREAD, "octets_up": 2800} | fields)


def train(before: int, way: str, kbit_s: float | None, **fields: Any) -> TrainCard:
    at = NOW - before * MINUTE
    doubt = None if kbit_s else "unsteady"
    return TrainCard(
        at=at, way=way, kbit_s=kbit_s, doubt=doubt, packets=61, octets=1228, arrived=60, **fields
    )


def keep(world: World, *cards: Any, kiosk_id: str | None = None) -> results.Kept:
    batch = [(kiosk_id or world.kiosk.id, cards)]
    kept: results.Kept = world.do(results.keep_results, batch, NOW)
    return kept


def the_line(world: World) -> Any:
    return world.see(lambda uow: uow.lines.of_venue(world.venue.id))


def test_what_comes_twice_is_kept_once_whichever_kiosk_of_the_venue_sends_it(world: World) -> None:
    cards = [minute(3), minute(2), train(2, "up", 700.0), train(2, "down", 7000.0)]
    assert keep(world, *cards) == results.Kept(kept=4)
    assert keep(world, *cards, kiosk_id=world.beside.id) == results.Kept(kept=0)
    assert keep(world, *cards, minute(1)) == results.Kept(kept=1)


def test_a_line_is_no_more_silent_from_its_first_minute_on(world: World) -> None:
    line_id = the_line(world).id
    keep(world, minute(30))  # told late
    assert world.see(show_line, line_id, NOW).row.standing is Standing.NO_DATA
    keep(world, minute(1))
    assert world.see(show_line, line_id, NOW).row.standing is Standing.UNKNOWN
    world.do(grade_lines, NOW, Graders())
    assert world.see(show_line, line_id, NOW).row.standing is Standing.UNKNOWN
    world.do(grade_lines, NOW + 20 * MINUTE, Graders())
    assert world.see(show_line, line_id, NOW).row.standing is Standing.NO_DATA


def test_a_line_that_is_heard_is_good_once_something_of_it_is_known(world: World) -> None:
    keep(world, *(minute(n) for n in range(1, 6)))
    graders = Graders()
    world.do(grade_lines, NOW + 2 * MINUTE, graders)
    (row,) = world.see(list_lines)
    assert (row.grade, row.standing) == (Grade.UNKNOWN, Standing.UNKNOWN)
    assert not row.standing.needs_somebody
    assert row.since is None
    assert str(line_word(row.state)) == "Ligne pas encore connue"
    keep(world, train(-1, "up", 700.0))
    world.do(grade_lines, NOW + 7 * MINUTE, graders)
    (row,) = world.see(list_lines)
    assert (row.grade, row.standing) == (Grade.GOOD, Standing.GOOD)


def test_of_two_kiosks_minutes_those_with_answers_are_kept(world: World) -> None:
    """One of them went on in a session that the hub no longer knew."""
    gone = {"sent": 20, "lost": 20, "two_way": None, "up": None, "down": None, "out": True}
    assert keep(world, *(minute(n, **gone) for n in (4, 3))).kept == 2
    good = [minute(n) for n in (4, 3, 2, 1)]
    assert keep(world, good[0], *good, kiosk_id=world.beside.id).kept == 4
    assert keep(world, *(minute(n, **gone) for n in (4, 3, 2, 1))).kept == 0
    seen = world.see(history, the_line(world).id, NOW - 9 * MINUTE, NOW)
    assert [(row.lost, row.out, row.rtt_p50) for row in seen.figures] == [(1, 0, 32.5)] * 4
    assert keep(world, *good, kiosk_id=world.beside.id).kept == 0


def test_minutes_that_nobody_answered_are_out_and_no_loss(world: World) -> None:
    gone = {"sent": 20, "lost": 20, "longest_run": 20, "two_way": None, "up": None, "down": None}
    keep(world, *(minute(n) for n in (1, 2)), *(minute(n, **gone, out=True) for n in range(3, 9)))
    seen = world.see(history, the_line(world).id, NOW - 9 * MINUTE, NOW)
    assert [row.lost for row in seen.figures] == [20] * 6 + [1] * 2  # as they were told
    whole = together(NOW, seen.figures)
    assert (whole.minutes, whole.out, whole.sent, whole.lost) == (8, 6, 40, 2)
    assert whole.longest_run == 1
    assert whole.rtt_p95 == pytest.approx(41.2, abs=0.1)
    assert together(NOW, [whole, replace(whole, out=8, sent=0, lost=0)]).lost == 2


def test_results_of_a_time_that_cannot_be_are_refused(world: World) -> None:
    ahead, ancient = minute(-60), minute(60 * 24 * 40)
    assert keep(world, ahead, ancient, minute(1)) == results.Kept(kept=1, refused=2)


def test_a_venue_without_a_line_keeps_nothing(world: World) -> None:
    assert keep(world, minute(1), kiosk_id=world.far.id) == results.Kept(refused=1)


def test_figures_are_read_as_they_were_told_and_together(world: World) -> None:
    keep(world, minute(3), minute(2, in_call=True, two_way=None, sent=10, lost=10))
    line = the_line(world)
    seen = world.see(history, line.id, NOW - timedelta(hours=1), NOW)
    assert seen.resolution is Resolution.MINUTES
    first, second = seen.figures
    assert (first.at, first.sent, first.rtt_p50) == (NOW - 3 * MINUTE, 20, 32.5)
    assert first.rtt_p95 == pytest.approx(41.2, abs=0.1)
    assert (second.in_call, second.rtt_p50) == (1, None)
    (quarter,) = world.see(history, line.id, NOW - timedelta(days=3), NOW).figures
    assert quarter == together(NOW - 15 * MINUTE, [first, second])
    assert (quarter.minutes, quarter.sent, quarter.lost, quarter.in_call) == (2, 30, 11, 1)
    world.do(results.roll_days, ONLY, NOW)
    (day,) = world.see(history, line.id, NOW - timedelta(days=300), NOW).figures
    assert replace(day, at=quarter.at) == quarter


def test_counted_delays_add_up_to_a_quarter_of_an_hour_and_a_day(world: World) -> None:
    calm, busy = (tuple(histogram.count([ms] * 20).items()) for ms in (30.0, 60.0))
    keep(world, minute(3, two_way_counts=calm), minute(2, two_way_counts=busy))
    line = the_line(world)
    first, _second = world.see(history, line.id, NOW - timedelta(hours=1), NOW).figures
    assert (first.rtt_p50, first.rtt_p25) == (32.5, pytest.approx(30.0, rel=0.03))
    world.do(results.roll_days, ONLY, NOW)
    for days in (3, 300):
        (row,) = world.see(history, line.id, NOW - timedelta(days=days), NOW).figures
        assert row.rtt_p25 == pytest.approx(30.0, rel=0.03)
        assert row.rtt_p75 == pytest.approx(60.0, rel=0.03)
        assert histogram.unpack(row.rtt_counts) == dict(calm) | dict(busy)


def test_what_comes_late_joins_its_quarter_and_its_day(world: World) -> None:
    keep(world, minute(60 * 30))
    keep(world, minute(60 * 30 + 1))
    line = the_line(world)
    (day,) = world.see(history, line.id, NOW - timedelta(days=300), NOW).figures
    assert day.minutes == 2


def test_no_more_is_lost_than_was_sent(world: World) -> None:
    keep(world, minute(1, sent=5, lost=9, lost_up=8), minute(2, lost=3, lost_up=2, lost_down=3))
    two, one = world.see(history, the_line(world).id, NOW - timedelta(hours=1), NOW).figures
    assert (one.lost, one.lost_up, one.lost_down, one.longest_run) == (5, 5, 0, 1)
    assert (two.lost, two.lost_up, two.lost_down) == (3, 2, 1)


def test_the_capacity_is_measured_where_it_can_be_and_else_the_contract(world: World) -> None:
    line = the_line(world)
    before = world.see(capacity_of, line, NOW)
    assert not before.measured
    assert (before.low.up, before.low.down) == (900, 9000)
    keep(
        world,
        *(train(60 * hour, "up", 600.0 + hour) for hour in range(1, 13)),
        train(0, "up", 400.0, in_call=True),
        train(0, "down", None),
        train(1, "up", 500.0),
    )
    after = world.see(capacity_of, line, NOW)
    assert after.measured_up
    assert not after.measured_down
    wire = after.framing.wire_kbit_s(1.0, 1228)
    assert after.last.up == pytest.approx(601 * wire)  # the median of 500, 601, 602
    assert after.low.up == pytest.approx(601 * wire)  # the second of thirteen
    assert after.low.down == 9000


def test_a_train_beside_a_call_is_no_figure_of_now(world: World) -> None:
    keep(world, train(20, "up", 700.0), train(5, "up", 400.0, in_call=True), train(4, "up", None))
    (row,) = world.see(list_lines)
    (gauges,) = world.see(line_gauges, NOW)
    (glimpse,) = world.see(glimpses, [row], FaultBook(), NOW)
    assert gauges.trains[Way.UP].kbit_s == 700.0
    framing = world.see(capacity_of, row.line, NOW).framing
    assert glimpse.up_kbit_s == pytest.approx(framing.wire_kbit_s(700.0, 1228))


def test_the_list_has_every_line_and_a_view_its_spent_octets(world: World) -> None:
    (row,) = world.see(list_lines)
    assert (row.grade, row.state) == (Grade.NO_DATA, None)
    keep(world, minute(2), minute(1), minute(60 * 20))
    view = world.see(show_line, row.line.id, NOW)
    assert view.probes.up == 5600  # two of today, one of yesterday
    assert view.probes.allowed_up == 8_500_000
    assert view.probes.allowed_down == 10_000_000
    assert view.row.state.heard_at == NOW - MINUTE


def test_trains_and_readings_of_a_year_are_by_day(world: World) -> None:
    def reading(before: int, snr_db: float) -> ModemCard:
        way = ModemWay(sync_kbit_s=1000.0, snr_db=snr_db, errored_s=2)
        return ModemCard(at=NOW - before * MINUTE, standard="adsl", up=way, down=way, retrains=1)

    keep(world, train(5, "up", 600.0), train(65, "up", 700.0), reading(5, 9.5), reading(20, 6.5))
    seen = world.see(history, the_line(world).id, NOW - timedelta(days=365), NOW + MINUTE)
    (up,) = seen.trains_by_day
    assert (up.way, up.trains, up.least_kbit_s, up.mean_kbit_s, up.greatest_kbit_s) == (
        Way.UP, 2, 600.0, 650.0, 700.0,
    )  # fmt: skip
    (modem,) = seen.modem_by_day
    assert (modem.up_snr_db, modem.up_sync_kbit_s, modem.up_errored_s) == (6.5, 1000.0, 4)
    assert modem.retrains == 2
    assert not seen.trains
    keep(world, reading(40, 5.5), reading(5, 1.0))  # one comes late, one twice
    seen = world.see(history, the_line(world).id, NOW - timedelta(days=365), NOW + MINUTE)
    assert [(day.up_snr_db, day.retrains) for day in seen.modem_by_day] == [(5.5, 3)]
    world.do(results.forget_figures, ONLY, NOW + timedelta(days=3_000))
    seen = world.see(history, the_line(world).id, NOW - timedelta(days=365), NOW + MINUTE)
    assert not seen.modem_by_day


def test_retrains_are_those_after_one_time_up_to_another(world: World) -> None:
    def reading(before: int, retrains: int | None) -> ModemCard:
        at, none = NOW - before * MINUTE, ModemWay()
        return ModemCard(at=at, standard="adsl", up=none, down=none, retrains=retrains)

    def counted(after: int, until: int) -> int | None:
        times = (NOW - before * MINUTE for before in (after, until))
        found: int | None = world.see(lambda uow: uow.linkquality.series.retrains(1, *times))
        return found

    keep(world, reading(60, 1), reading(56, 2), reading(52, None), reading(48, 4))
    assert counted(60, 48) == 6
    assert counted(61, 49) == 3
    assert counted(56, 52) is None


def test_old_figures_go_with_their_retention(world: World) -> None:
    keep(world, minute(60 * 24 * 30), train(60 * 24 * 30, "up", 600.0))
    world.do(results.forget_figures, ONLY, NOW + timedelta(days=10))
    line = the_line(world)
    months = (NOW - timedelta(days=31), NOW - timedelta(days=1))
    assert world.see(history, line.id, *months).figures  # by quarters
    number = world.see(lambda uow: uow.linkquality.states.get(line.id).number)
    minutes = world.see(
        lambda uow: uow.linkquality.series.figures(number, *months, Resolution.MINUTES)
    )
    assert not minutes
    world.do(results.forget_figures, ONLY, NOW + timedelta(days=400))
    seen = world.see(history, line.id, *months)
    assert not seen.figures
    assert not seen.trains
