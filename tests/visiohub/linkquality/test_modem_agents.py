"""Agents as they were seen to answer, and not as their MIBs say (docs/decisions/0021)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from visiohub.linkquality.modem import Mib, ModemState, Tally
from visiohub.linkquality.modem_agents import DRAYTEK, HUAWEI, of_units
from visiohub.linkquality.modem_columns import ADSL, ADSL2, SHDSL, VDSL2, Oid
from visiohub.linkquality.modem_tables import modem_state

LINE = 538
AT = -1


def read(
    root: Oid, columns: Mapping[Oid, int], maker: int | None = None, line: int = LINE
) -> ModemState:
    """By columns and indexes, which have AT for the line's."""
    values = {
        (*root, *(line if part == AT else part for part in index)): value
        for index, value in columns.items()
    }
    found = modem_state(values, maker)
    assert found is not None
    return found


def both(state: ModemState, name: str) -> tuple[float | None, float | None]:
    return getattr(state.down, name), getattr(state.up, name)


def adsl(**told: int) -> Mapping[Oid, int]:
    at = {
        "central_snr": (2, 1, 4), "central_atn": (2, 1, 5), "central_attains": (2, 1, 8),
        "remote_snr": (3, 1, 4), "remote_atn": (3, 1, 5), "remote_attains": (3, 1, 8),
        "central_sends": (4, 1, 2), "remote_sends": (5, 1, 2),
    }  # fmt: skip
    return {(*at[name], AT): value for name, value in told.items()}


def vdsl2(
    first: int, second: int, down: int | None = None, up: int | None = None
) -> dict[Oid, int]:
    rates = {(2, 2, 1, 2, AT, 1): first, (2, 2, 1, 2, AT, 2): second}
    attainable = {(1, 1, 1, 20, AT): down, (1, 1, 1, 21, AT): up}
    return rates | {index: rate for index, rate in attainable.items() if rate is not None}


# --- ADSL-LINE-MIB ----------------------------------------------------------------------------


def test_adsl_whose_channels_are_turned_round() -> None:
    """Juniper's SRX tells the sending rate of each end at the other's; margins are right."""
    told = adsl(
        central_snr=70, central_atn=310, remote_snr=80, remote_atn=540,
        central_sends=800_000, remote_sends=3_100_000,
    )  # fmt: skip
    state = read(ADSL, told)
    assert both(state, "sync_kbit_s") == (3_100.0, 800.0)
    assert both(state, "attenuation_db") == (54.0, 31.0)


def test_adsl_whose_attainable_rates_alone_are_turned_round() -> None:
    told = adsl(
        central_sends=6_000_000, remote_sends=700_000,
        central_attains=1_000_000, remote_attains=7_500_000,
    )  # fmt: skip
    state = read(ADSL, told)
    assert both(state, "sync_kbit_s") == (6_000.0, 700.0)
    assert both(state, "attainable_kbit_s") == (7_500.0, 1_000.0)


def test_an_ill_line_may_be_slower_down_than_up() -> None:
    told = adsl(
        central_sends=300_000, remote_sends=600_000, central_attains=350_000, remote_attains=900_000
    )
    state = read(ADSL, told)
    assert both(state, "sync_kbit_s") == (300.0, 600.0)
    assert both(state, "attainable_kbit_s") == (350.0, 900.0)


@pytest.mark.parametrize(("told", "meant"), [(-15, -1.5), ((1 << 32) - 15, -1.5), (1 << 31, None)])
def test_a_margin_below_zero_may_have_lost_its_sign(told: int, meant: float | None) -> None:
    """As Cisco's agents give what is below zero."""
    assert read(ADSL, adsl(remote_snr=told, remote_atn=600)).down.snr_db == meant


def test_zeros_of_a_line_without_connection_are_no_margin() -> None:
    told = adsl(central_snr=0, central_atn=0, remote_snr=0, remote_atn=610, remote_attains=96_000)
    state = read(ADSL, told)
    assert both(state, "snr_db") == (0.0, None)
    assert both(state, "attenuation_db") == (61.0, None)


def test_draytek_tells_whole_decibels() -> None:
    """Of a newer one the exchange's rows have what is down."""
    told = adsl(
        central_snr=12, central_atn=21, remote_snr=8, remote_atn=24,
        central_attains=40_000_000, remote_attains=9_000_000,
    )  # fmt: skip
    state = read(ADSL, told, DRAYTEK)
    assert both(state, "snr_db") == (12.0, 8.0)
    assert both(state, "attenuation_db") == (21.0, 24.0)
    assert both(state, "attainable_kbit_s") == (40_000.0, 9_000.0)


def test_an_older_draytek_tells_its_own_end_alone() -> None:
    told = adsl(
        remote_snr=11, remote_atn=33, remote_attains=14_000_000,
        central_sends=12_500_000, remote_sends=1_000_000,
    )  # fmt: skip
    state = read(ADSL, told, DRAYTEK, line=0)
    assert both(state, "snr_db") == (11.0, None)
    assert both(state, "attenuation_db") == (33.0, None)
    assert both(state, "attainable_kbit_s") == (14_000.0, None)
    assert both(state, "sync_kbit_s") == (12_500.0, 1_000.0)


def test_rates_too_low_for_any_dsl_are_kilobits() -> None:
    told = adsl(central_sends=7_616, remote_sends=832, remote_snr=90, central_attains=9_000)
    state = read(ADSL, told)
    assert both(state, "sync_kbit_s") == (7_616.0, 832.0)
    slow = adsl(central_sends=128_000, remote_sends=32_000, remote_snr=90)
    assert read(ADSL, slow).down.sync_kbit_s == 128.0


# --- VDSL2-LINE-MIB, ADSL2-LINE-MIB -----------------------------------------------------------


@pytest.mark.parametrize("root", [VDSL2, ADSL2])
@pytest.mark.parametrize("turned", [False, True])
def test_rates_by_unit_have_the_direction_that_attains_more(root: Oid, turned: bool) -> None:
    """Both would fit the other way round, too: the line was sold with less than it can."""
    rates = (4_000_000, 20_000_000)[:: -1 if turned else 1]
    column = (2, 2, 1, 2, AT) if root == VDSL2 else (2, 1, 1, 3, AT)
    told: dict[Oid, int] = {(*column, 1): rates[0], (*column, 2): rates[1]}
    most: dict[Oid, int] = {(1, 1, 1, 20, AT): 90_000_000, (1, 1, 1, 21, AT): 30_000_000}
    for told_with in (told, told | most):
        assert both(read(root, told_with), "sync_kbit_s") == (20_000.0, 4_000.0)


def test_a_line_that_fell_ill_keeps_its_rates() -> None:
    """What it could attain now is less than what it was trained to."""
    state = read(VDSL2, vdsl2(24_000_000, 6_000_000, down=17_000_000, up=5_000_000))
    assert both(state, "sync_kbit_s") == (24_000.0, 6_000.0)


def test_one_rate_alone_may_have_no_direction() -> None:
    assert of_units((None, 30_000.0), (None, None)) == (None, None)
    assert of_units((30_000.0, None), (40_000.0, 8_000.0)) == (30_000.0, None)
    assert of_units((6_000.0, None), (40_000.0, 8_000.0)) == (None, None)


def test_huaweis_rates_are_kilobits() -> None:
    told = vdsl2(98_300, 31_200, down=110_000, up=33_000)
    state = read(VDSL2, told, HUAWEI)
    assert both(state, "sync_kbit_s") == (98_300.0, 31_200.0)
    assert both(state, "attainable_kbit_s") == (110_000.0, 33_000.0)
    bits = vdsl2(98_300_000, 31_200_000, down=110_000_000)
    assert both(read(VDSL2, bits, HUAWEI), "sync_kbit_s") == (98_300.0, 31_200.0)
    assert read(VDSL2, vdsl2(256_000, 128_000)).down.sync_kbit_s == 256.0


def test_huaweis_thin_lines_of_other_kinds_are_in_bits() -> None:
    """Nobody saw its rates of ADSL and SHDSL in anything else."""
    slow = adsl(central_sends=320_000, remote_sends=128_000, remote_snr=90)
    assert both(read(ADSL, slow, HUAWEI), "sync_kbit_s") == (320.0, 128.0)
    assert read(SHDSL, {(2, 1, 3, AT): 192_000}, HUAWEI).up.sync_kbit_s == 192.0


def test_attenuation_of_vdsl2_is_by_band() -> None:
    """The whole directions' is "unavailable" (2147483646), bands not in use are out of range."""
    bands = {1: 2_147_483_646, 2: 2_147_483_646, 3: 88, 4: 143, 5: 1271, 6: 302, 7: 1271}
    told: dict[Oid, int] = {(1, 2, 1, 2, AT, band): value for band, value in bands.items()}
    state = read(VDSL2, told | {(1, 2, 1, 4, AT, 2): 91})
    assert both(state, "attenuation_db") == (14.3, 8.8)


# --- several MIBs, HDSL2-SHDSL-LINE-MIB -------------------------------------------------------


def test_what_one_mib_does_not_know_is_in_another() -> None:
    values = {
        (*VDSL2, 2, 2, 1, 2, 4, unit): rate for unit, rate in ((1, 30_000_000), (2, 8_000_000))
    }
    values |= {(*ADSL, 3, 1, 4, 4): 95, (*ADSL, 3, 1, 4, 5): 20, (*ADSL, 6, 1, 6, 4): 3}
    state = modem_state(values)
    assert state is not None
    assert (state.mib, state.down.sync_kbit_s, state.down.snr_db) == (Mib.VDSL2, 30_000.0, 9.5)
    assert state.retrains is None, "each MIB's counts begin at another time"


def test_shdsl_pairs_that_carry_nothing_are_no_fault() -> None:
    pairs: dict[Oid, int] = {
        (5, 1, column, AT, 2, 1, pair): value
        for pair, figures in {
            1: {1: 14, 2: 11, 15: 600, 16: 3, 17: 0},
            2: {1: 15, 2: 10, 15: 600, 16: 5, 17: 1},
            3: {1: 0, 2: 0, 15: 600, 16: 0, 17: 0},
            4: {2: -127, 1: 128},
        }.items()
        for column, value in figures.items()
    }
    state = read(SHDSL, {(2, 1, 3, AT): 4_608_000} | pairs)
    assert (state.down.snr_db, state.down.attenuation_db) == (10.0, 15.0)
    assert state.down.errored_s == Tally(5, day_s=600)


def test_shdsl_that_names_neither_unit_nor_side() -> None:
    """Westermo's: its own end."""
    state = read(SHDSL, {(2, 1, 3, AT): 2_304_000, (5, 1, 2, AT, 0, 0, 1): 12}, line=4096)
    assert both(state, "snr_db") == (12.0, None)
    assert both(state, "sync_kbit_s") == (2_304.0, 2_304.0)
