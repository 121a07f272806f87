"""Windows of time, sparks, columns of plots and what follows from a line's state: without a hub."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from visiohub.booking.lines.looking import LineHistory, LineRow, Standing
from visiohub.booking.lines.next_visio import NextVisio
from visiohub.domain.line import (
    DayOfModem,
    DayOfTrains,
    Figures,
    LineAlert,
    LineState,
    LineTest,
    ModemFigures,
    TrainResult,
    Way,
    Wrapping,
)
from visiohub.domain.line_contract import LineContract
from visiohub.domain.model import Line, LineKind, Venue
from visiohub.linkquality.grading import Grade, Level
from visiohub.linkquality.signatures import BelowContract, LineFull, SnrFell
from visiohub.linkquality.train import PACKET_OCTETS
from visiohub.storage.line_series import Resolution
from visiohub.web.line_columns import columns
from visiohub.web.line_fault_words import standing_word, voice_words, wrongs
from visiohub.web.line_modem import modem_span
from visiohub.web.line_spark import BASE, spark
from visiohub.web.line_table import MOST_ROWS, stretches, whole
from visiohub.web.line_window import EARLIEST, LEAST, MOST, window_of, within

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LINE = Line("l", "v", LineKind.ADSL, "Opérateur", 900, 9000)
CONTRACT = LineContract(
    "", "l", LineKind.SDSL, "Opérateur", 900, 9000, Wrapping.ETHERNET, None, None, None, since=None
)
CONTRACTS = [CONTRACT]
VENUE = Venue(
    "v", "Mairie", "Mairie", "1 place", "05000", "Gap", 44.5, 6.0, "Europe/Paris", "04 65 71 20 00"
)


def seen(
    span: timedelta,
    figures: tuple[Figures, ...] = (),
    trains: tuple[TrainResult, ...] = (),
    modem: tuple[ModemFigures, ...] = (),
    by_day: tuple[tuple[DayOfTrains, ...], tuple[DayOfModem, ...]] = ((), ()),
) -> LineHistory:
    resolution = Resolution.DAYS if span > timedelta(days=31) else Resolution.MINUTES
    return LineHistory(NOW - span, NOW, resolution, figures, trains, modem, *by_day, (), (), (), ())


def minute(before: int, rtt: float = 40.0, lost: int = 0, out: int = 0) -> Figures:
    return Figures(
        NOW - before * MINUTE, sent=20, lost=lost, out=out, rtt_p5=rtt - 5, rtt_p50=rtt,
        rtt_p95=rtt + 20, rtt_p99=rtt + 40,
    )  # fmt: skip


# --- windows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [{}, {"span": "decade"}, {"from": "x", "to": "9"}, {"from": "9", "to": "8"}, {"from": "٣"}],
)
def test_what_makes_no_sense_is_the_last_day(query: dict[str, str]) -> None:
    asked = window_of(query, NOW)
    assert (asked.span, asked.end, asked.name) == (DAY, NOW, "day")


def test_from_a_year_to_minutes_and_back() -> None:
    asked = window_of({"span": "year"}, NOW)
    while "in" in asked.moves(NOW):
        asked = asked.moves(NOW)["in"]
    assert asked.span == LEAST
    while "out" in asked.moves(NOW):
        asked = asked.moves(NOW)["out"]
        assert asked.end <= NOW
    assert asked.span == MOST


@pytest.mark.parametrize("second", [0, 1, 30, 59])
def test_a_minute_is_a_whole_one(second: int) -> None:
    now = NOW + timedelta(seconds=second)
    asked = window_of({"span": "hour"}, now)
    while "in" in asked.moves(now):
        asked = asked.moves(now)["in"]
    assert (asked.span, asked.start.second) == (MINUTE, 0)
    assert asked.moves(now)["earlier"].end == asked.start
    assert asked.moves(now)["later"].start == asked.end
    drawn = within(NOW - timedelta(seconds=200), NOW - timedelta(seconds=110), now)
    assert (drawn.start, drawn.span) == (NOW - 4 * MINUTE, 2 * MINUTE)
    assert "later" not in within(now - MINUTE, now, now).moves(now)


def test_nobody_goes_beyond_now() -> None:
    asked = window_of({"from": str(2**33), "to": str(2**33 + 60)}, NOW)
    assert (asked.end, asked.span) == (NOW, LEAST)
    assert "later" not in asked.moves(NOW)
    earlier = window_of({"span": "hour"}, NOW).moves(NOW)["earlier"]
    assert (earlier.end, earlier.name) == (NOW - HOUR / 2, "")
    assert window_of(dict(part.split("=") for part in earlier.query.split("&")), NOW) == earlier
    ancient = within(datetime(1980, 1, 1, tzinfo=UTC), datetime(1981, 1, 1, tzinfo=UTC), NOW)
    assert ancient.start == EARLIEST


# --- sparks -----------------------------------------------------------------------------------


def test_a_day_at_a_glance() -> None:
    drawn = spark([minute(3), None, minute(2, lost=2), minute(1, out=1)])
    assert drawn.silent == f"M4 {BASE}h4"
    assert drawn.cut.startswith("M12 ")
    assert drawn.lost.startswith("M8 ")
    assert drawn.median.count("M") == 2  # interrupted by what was not measured
    assert drawn.smoke.count("z") == 3
    assert drawn.core == ""


def test_both_bands_are_drawn_where_quartiles_are_known() -> None:
    drawn = spark([replace(minute(1), rtt_p25=60.0, rtt_p75=100.0), minute(2)])
    assert drawn.core == "M0 21h4V26h-4z"
    assert drawn.smoke.count("z") == 2


def test_one_scale_for_all_and_nothing_above_it() -> None:
    assert spark([minute(1, rtt=5_000)]).median == "M0 0h4"
    nothing = spark([None] * 3)
    assert (nothing.median, nothing.smoke, nothing.lost) == ("", "", "")


# --- columns ----------------------------------------------------------------------------------


def test_a_gap_is_a_null_never_a_zero() -> None:
    found = columns(CONTRACTS, seen(HOUR, (minute(50), minute(49), minute(10))), {}, NOW)
    assert found["delay"]["p50"] == [40.0, 40.0, None, 40.0, None]
    assert found["delay"]["at"][2] == int((NOW - 48 * MINUTE).timestamp())
    assert (found["up"]["at"], found["modem"]["at"], found["calls"]) == ([], [], [])


def test_rates_hold_until_the_next_train_and_readings_are_put_together() -> None:
    rows = tuple(
        TrainResult(NOW - n * HOUR, Way.UP, 800.0, None, 0.01, 0, 60, 1228, 60, 0, in_call=n == 2)
        for n in (9, 8, 2, 1)
    )
    modem = tuple(
        ModemFigures(NOW - n * MINUTE, "adsl", up_snr_db=6.0 + n / 10, up_sync_kbit_s=900.0)
        for n in range(40, 0, -1)
    )
    found = columns(CONTRACTS, seen(12 * HOUR, trains=rows, modem=modem), {}, NOW)
    wire = round(800 * (1228 + 26) / 1228)
    assert found["up"]["rate"] == [wire, wire, None, wire, None]
    cut = LineAlert("a", "l", "outage", Level.ALARM, 0.0, NOW - 30 * MINUTE, NOW)
    held = columns(CONTRACTS, replace(seen(12 * HOUR, trains=rows), alerts=(cut,)), {}, NOW)["up"]
    assert dict(zip(held["at"], held["rate"], strict=True))[int(cut.raised_at.timestamp())] is None
    assert held["at"] == sorted(held["at"])
    assert held["rate"][-1] is None
    assert len(found["modem"]["at"]) < len(modem)
    assert min(v for v in found["modem"]["up_snr_db"] if v) == pytest.approx(6.1)


def test_what_is_planned_stands_behind_what_was_measured() -> None:
    rows = (TrainResult(NOW - HOUR, Way.UP, 800.0, None, 0.01, 0, 60, 1228, 60, 0, in_call=False),)
    planned = [NextVisio(NOW + HOUR, NOW + 2 * HOUR, "CAF"), NextVisio(NOW + HOUR, NOW, "")]
    ahead = window_of({"span": "day"}, NOW).ahead
    assert ahead == 2 * HOUR
    assert window_of({"span": "year"}, NOW).ahead == timedelta()
    found = columns(CONTRACTS, seen(DAY, trains=rows), {}, NOW, planned, ahead)
    assert [one["name"] for one in found["planned"]] == ["CAF", "salle"]
    assert (found["to"], found["now"]) == tuple(int(at.timestamp()) for at in (NOW + ahead, NOW))
    assert (found["up"]["at"][-1], found["up"]["rate"][-1]) == (int(NOW.timestamp()), None)


def test_each_rate_is_seen_beside_the_contract_of_its_time() -> None:
    changed, before = NOW - 100 * DAY, NOW - 300 * DAY
    slow = replace(
        CONTRACT, kind=LineKind.ADSL, up_kbit_s=500, wrapping=Wrapping.PPPOE_LLC, since=before,
        until=changed,
    )  # fmt: skip
    renamed = replace(CONTRACT, operator="Autre", since=changed, until=NOW - 50 * DAY)
    contracts = [slow, renamed, replace(CONTRACT, since=renamed.until)]
    days = tuple(DayOfTrains(NOW - n * DAY, Way.UP, 24, 400, 400, 400) for n in (200, 10))
    year = seen(365 * DAY, by_day=(days, ()))
    found = columns(contracts, year, {}, NOW)
    at = [int(instant.timestamp()) for instant in (before, changed, NOW)]
    assert found["contract"] == {"up": 900, "down": 9000}
    assert found["contracts"] == [
        {"from": at[0], "to": at[1], "up": 500, "down": 9000},
        {"from": at[1], "to": at[2], "up": 900, "down": 9000},
    ]
    on_wire = [
        round(wrapping.framing.wire_kbit_s(400, PACKET_OCTETS))
        for wrapping in (Wrapping.PPPOE_LLC, Wrapping.ETHERNET)
    ]
    assert [rate for rate in found["up"]["rate"] if rate] == on_wire
    rows = [row.up_kbit_s for row in stretches(year, contracts) if row.known]
    assert [round(rate or 0) for rate in rows] == on_wire


# --- tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("span", [MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY])
def test_a_table_has_few_rows_whatever_the_time(span: timedelta) -> None:
    rows = stretches(seen(span), CONTRACTS)
    assert 1 <= len(rows) <= MOST_ROWS
    assert (rows[0].start, rows[-1].end) == (NOW - span, NOW)
    assert all(row.delay_ms is None and row.measured == 0 for row in rows)


def test_the_whole_of_a_time() -> None:
    figures = (minute(4, lost=2), minute(3), minute(2, out=1))
    modem = (ModemFigures(NOW - 2 * MINUTE, "adsl", down_snr_db=5.5, down_sync_kbit_s=8000.0),)
    told = whole(seen(5 * MINUTE, figures, modem=modem), CONTRACTS)
    assert (told.delay_ms, told.measured, told.out_minutes) == (pytest.approx(40.0), 0.6, 1)
    assert told.lost == pytest.approx(2 / 60)
    found = told.modem
    assert (found.snr_db, found.down.sync_kbit_s, found.up.sync_kbit_s) == (5.5, 8000.0, None)


def test_what_a_modem_said_over_a_time() -> None:
    assert not modem_span(()).known
    rows = [
        ModemFigures(
            NOW - n * MINUTE, "adsl", up_snr_db=6.0 + n, down_attainable_kbit_s=9000.0 - n,
            up_attenuation_db=30.0 + n, up_errored_s=n, down_severely_errored_s=1, retrains=n,
        )
        for n in (3, 2, 1)
    ]  # fmt: skip
    told = modem_span(rows)
    assert (told.snr_db, told.retrains) == (7.0, 6)
    assert (told.up.snr_db, told.up.attenuation_db, told.up.errored_s) == (7.0, 33.0, 6)
    assert (told.down.attainable_kbit_s, told.down.severely_errored_s) == (8999.0, 3)
    assert (told.down.errored_s, told.up.severely_errored_s) == (None, None)


def test_what_a_modem_did_within_a_mark_is_added_up() -> None:
    modem = tuple(
        ModemFigures(NOW - n * MINUTE, "adsl", up_snr_db=7.0, up_errored_s=2, retrains=1)
        for n in (12, 8, 4)
    )
    found = columns(CONTRACTS, seen(HOUR, modem=modem), {}, NOW)["modem"]
    assert (found["retrains"], found["up_errored_s"]) == ([3, None], [6, None])
    assert found["down_errored_s"] == [None, None]


# --- standing and words -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (None, Standing.NEVER),
        (LineState("l", 1), Standing.NEVER),
        (LineState("l", 1, heard_at=NOW), Standing.NO_DATA),
        (LineState("l", 1, Grade.BAD, out_since=NOW, heard_at=NOW), Standing.OUT),
        (LineState("l", 1, Grade.MAINTENANCE, out_since=NOW), Standing.MAINTENANCE),
        (LineState("l", 1, Grade.GOOD, heard_at=NOW), Standing.GOOD),
        (LineState("l", 1, Grade.UNKNOWN, heard_at=NOW), Standing.UNKNOWN),
    ],
)
def test_no_data_is_a_state_of_its_own(state: LineState | None, standing: Standing) -> None:
    row = LineRow(LINE, VENUE, state, [])
    assert row.standing is standing
    assert row.standing.needs_somebody == (standing in {Standing.OUT, Standing.NO_DATA})


def test_a_good_line_whose_figures_show_something_is_correct_only() -> None:
    good = LineRow(LINE, VENUE, LineState("l", 1, Grade.GOOD, heard_at=NOW), [])
    out = LineRow(LINE, VENUE, LineState("l", 1, Grade.BAD, out_since=NOW), [])
    low = (BelowContract("down", 3, 0.38),)
    assert [standing_word(good, found).shape for found in ((), low)] == ["disc", "half"]
    assert standing_word(out, low).shape == "crossed"


def test_faults_are_told_by_their_cause() -> None:
    row = LineRow(LINE, VENUE, LineState("l", 1, Grade.BAD, heard_at=NOW), [])
    told = wrongs(
        row,
        (
            SnrFell(NOW - HOUR, 4.0, 7),
            LineFull("up", NOW - 2 * HOUR, NOW - HOUR, 0.9),
            BelowContract("down", 3, 0.38),
        ),
        NOW,
    )
    assert "4,0\u00a0dB à 8\u00a0h" in told[0]
    assert "pas un encombrement" in told[0]
    assert "de 7\u00a0h à 8\u00a0h" in told[1]
    (yesterday,) = wrongs(row, (LineFull("up", NOW - DAY, NOW - DAY + HOUR, 0.9),), NOW)
    assert "plein dim. 22 nov. de 9\u00a0h à 10\u00a0h" in yesterday
    assert told[2] == "Le débit descendant est 38\u00a0% sous le contrat depuis 3 jours."


def test_a_test_is_told_with_estimates_of_r_and_mos() -> None:
    test = LineTest("t", "l", NOW, None, NOW, "k", NOW, r_up=76.4, loss_ratio=0.021)
    assert voice_words(test).replace("\u00a0", " ") == (
        "Voix estimée. Montant : note R 76 sur 82, MOS 3,9 sur 5. Descendant : –. 2,1 % de pertes."
    )
