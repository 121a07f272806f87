"""The lines of measured calls: one's own in words, what the venue knows, what the harsh one is."""

from __future__ import annotations

import itertools
from dataclasses import replace
from statistics import fmean

import pytest

from bench.line_words import EXAMPLE, line_in_words
from bench.linelab.link import OneWay
from bench.linelab.profile import Direction, Event
from bench.lines import MOST_HELD_S, SCENARIOS, known_at_the_venue
from kiosk.settings import load_settings


def test_a_line_of_ones_own_is_what_its_words_say() -> None:
    one = line_in_words(EXAMPLE)
    assert one.name == "village"
    assert one.profile.up == Direction(
        kbit_s=700, buffer_octets=48_000, delay_ms=25, jitter_ms=5, loss_ratio=0.005,
        cell_tax="atm",
    )  # fmt: skip
    assert one.profile.down == replace(one.profile.up, kbit_s=3000)
    assert (one.cut_s, one.seconds, one.window_s) == ((15, 25), 40, (30, 40))


def test_events_are_those_of_the_list() -> None:
    for name, words in (("step", "step=15:300"), ("upload", "upload=12-24"), ("cut", "cut=15-25")):
        own = line_in_words(f"own:up=1000,down=18000,delay=15,jitter=3,{words}")
        listed = SCENARIOS[name]
        assert replace(own, name=name, what=listed.what) == listed
    step = line_in_words("own:up=1000,down=9000,step=20:250")
    assert step.script == (Event(20, "set", "up", {"kbit_s": 250}),)
    assert not step.is_plain


def test_losses_come_in_bursts_where_said() -> None:
    assert line_in_words("a:up=900,down=900,loss=2,burst=5").profile.up.loss_burst == 5
    assert line_in_words("a:up=900,down=900,loss=2").profile.up.loss_burst == 1
    assert line_in_words("a:up=900,down=900,loss=90,burst=9").profile.up.loss_burst == 9


def test_no_line_of_the_list_holds_packets_longer_than_a_loop_tells() -> None:
    held = {name: one.held_s for name, one in SCENARIOS.items()}
    assert max(held.values()) <= MOST_HELD_S
    assert held["adsl1"] == pytest.approx(64_000 * 8 / 1e6 + 0.018)
    assert held["step"] == pytest.approx(64_000 * 8 / 3e5 + 0.018)


def test_order_is_given_up_only_when_said() -> None:
    assert not line_in_words("a:up=900,down=900,jitter=50").profile.up.reorder
    assert line_in_words("a:up=900,down=900,jitter=50,reorder").profile.up.reorder
    assert [name for name, one in SCENARIOS.items() if one.profile.up.reorder] == ["harsh"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("up=500,down=500", "name"),
        ("Moon:up=500,down=500", "name"),
        ("../x:up=500,down=500", "name"),
        ("adsl1:up=500,down=500", "name of a line in the list"),
        ("a:", "nothing is no word"),
        ("a:up=500", "down=KBIT is missing"),
        ("a:up=500,down=500,colour=1", "colour is no word"),
        ("a:up=500,up=600,down=500", "up stands there twice"),
        ("a:up=nan,down=500", "up: from 16"),
        ("a:up=inf,down=500", "up: from 16"),
        ("a:up=0,down=500", "up: from 16"),
        ("a:up=,down=500", "nothing is no number"),
        ("a:up,down=500", "up needs a value"),
        ("a:up=500,down=500,cells=yes", "cells takes no value"),
        ("a:up=500,down=500,loss=100", "loss: from 0 to 90"),
        ("a:up=500,down=500,delay=-1", "delay: from 0"),
        ("a:up=500,down=500,cut=15", "nothing is no number"),
        ("a:up=500,down=500,cut=25-15", "cut: from 26"),
        ("a:up=500,down=500,cut=2-15", "cut: from 6"),
        ("a:up=500,down=500,step=15", "nothing is no number"),
        ("a:up=500,down=500,step=15:0", "step: from 16"),
        ("a:up=500,down=500,cut=15-25,upload=30-40", "one event"),
        ("a:up=500,down=500,burst=4", "loss=PERCENT is missing"),
        ("a:up=500,down=500,loss=2,burst=0.5", "burst: from 1 to 1000"),
        ("a:up=500,down=500,loss=90,burst=2", "bursts of 9 at least"),
        ("a:up=64,down=500,upload=12-24", "8.0 s under way"),
        ("a:up=500,down=40", "12.8 s under way"),
        ("a:up=500,down=500,step=15:64", "8.0 s under way"),
        ("a:up=75,down=500,cells", "7.6 s under way"),
        ("a:up=5000,down=5000,delay=4000,jitter=3000", "7.1 s under way"),
    ],
)
def test_wrong_words_are_named(words: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        line_in_words(words)


def test_the_kiosk_is_told_what_a_venue_knows_of_its_line() -> None:
    for scenario in SCENARIOS.values():
        settings = load_settings(environment=known_at_the_venue(scenario.profile))
        assert settings.line_up_kbit == scenario.profile.up.kbit_s
        assert settings.line_down_kbit == scenario.profile.down.kbit_s
        assert not settings.line_cells
    cells = load_settings(environment=known_at_the_venue(line_in_words(EXAMPLE).profile))
    assert (cells.line_up_kbit, cells.line_down_kbit, cells.line_cells) == (700, 3000, True)
    for kbit, known in ((20, 0), (35, 0), (36, 36), (47, 47)):
        thin = line_in_words(f"a:up={kbit},down={kbit},buffer=12000").profile
        settings = load_settings(environment=known_at_the_venue(thin))
        assert (settings.line_up_kbit, settings.line_down_kbit) == (known, known)


@pytest.mark.parametrize("each_s", [0.01, 0.02, 0.06])
def test_the_harsh_line_is_as_far_and_as_jittery_as_it_says(each_s: float) -> None:
    mean_s, neighbours_s, lost = _seen(SCENARIOS["harsh"].profile.up, each_s)
    assert 2 * mean_s == pytest.approx(0.6, abs=0.01)
    # two draws from 0 to 150 ms differ by 50 on average
    assert neighbours_s == pytest.approx(0.05, abs=0.004)
    assert lost == pytest.approx(0.1, abs=0.02)
    kept_in_order = replace(SCENARIOS["harsh"].profile.up, reorder=False)
    assert _seen(kept_in_order, each_s)[1] < neighbours_s


def _seen(direction: Direction, each_s: float) -> tuple[float, float, float]:
    """Of packets of sound for a minute: mean delay, mean difference of neighbours, share lost."""
    way, count = OneWay(direction, seed=1), round(60 / each_s)
    delays: dict[int, float] = {}
    for number in range(count):
        way.send(number * each_s, number.to_bytes(4, "big") + bytes(76))
    while (now := way.deadline()) is not None:
        for packet in way.receive(now):
            number = int.from_bytes(packet[:4], "big")
            delays[number] = now - number * each_s
    differences = [
        abs(delays[b] - delays[a])
        for a, b in itertools.pairwise(sorted(delays))
        if b == a + 1
    ]  # fmt: skip
    return fmean(delays.values()), fmean(differences), 1 - len(delays) / count
