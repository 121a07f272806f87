"""The emulated line in virtual time: rate, order, conservation, loss, cuts and steps."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.linelab.link import Line, OneWay
from bench.linelab.profile import (
    PRESETS,
    Direction,
    Event,
    Profile,
    adsl,
    changed,
    from_json,
)


def packet(number: int, octets: int) -> bytes:
    """A packet that carries its number."""
    return number.to_bytes(4, "big").ljust(octets, b"\0")


def number_of(data: bytes) -> int:
    return int.from_bytes(data[:4], "big")


def drain(way: OneWay, until: float = 1e9) -> list[tuple[float, bytes]]:
    """Every arrival with its instant, the driver waking exactly at each deadline."""
    arrivals = []
    while (deadline := way.deadline()) is not None and deadline <= until:
        arrivals += [(deadline, data) for data in way.receive(deadline)]
    return arrivals


def test_a_packet_takes_its_time_on_the_wire_then_the_delay() -> None:
    way = OneWay(Direction(kbit_s=1000, delay_ms=20), seed=1)
    way.send(10.0, packet(1, 1250))  # 10 kbit: 10 ms
    way.send(10.0, packet(2, 1250))
    assert [at for at, _ in drain(way)] == pytest.approx([10.030, 10.040])


def test_the_drivers_lateness_does_not_change_the_rate() -> None:
    way = OneWay(Direction(kbit_s=1000), seed=1)
    for number in range(10):
        way.send(0.0, packet(number, 1250))
    assert len(way.receive(0.0555)) == 5
    assert len(way.receive(0.1)) == 5


def test_a_full_buffer_drops_the_tail() -> None:
    way = OneWay(Direction(kbit_s=100, buffer_octets=3000), seed=1)
    taken = [way.send(0.0, packet(number, 1000)) for number in range(5)]
    assert taken == [True, True, True, False, False]
    assert way.counters.overflowed == 2
    assert [number_of(data) for _, data in drain(way)] == [0, 1, 2]


def test_a_packet_larger_than_the_buffer_passes_an_idle_line() -> None:
    way = OneWay(Direction(kbit_s=100, buffer_octets=100), seed=1)
    assert way.send(0.0, packet(1, 1500))


@pytest.mark.parametrize(("octets", "wire"), [(8, 53), (9, 106), (1500, 33 * 53), (56, 106)])
def test_atm_sends_whole_cells(octets: int, wire: int) -> None:
    assert Direction(cell_tax="atm").wire_octets(octets) == wire


def test_a_cut_loses_what_waits_and_lets_arrive_what_is_past_the_wire() -> None:
    way = OneWay(Direction(kbit_s=1000, delay_ms=50), seed=1)
    for number in range(3):
        way.send(0.0, packet(number, 1250))
    way.cut(0.015)
    assert not way.send(0.016, packet(9, 100))
    assert [number_of(data) for _, data in drain(way)] == [0]
    assert way.counters.cut_off == 3
    way.restore(1.0)
    assert way.send(1.0, packet(4, 1250))
    assert drain(way)[0][0] == pytest.approx(1.060)


def test_the_queue_is_the_time_that_a_new_packet_would_wait() -> None:
    way = OneWay(Direction(kbit_s=1000, delay_ms=20), seed=1)
    assert way.queue_s(0.0) == 0
    for number in range(3):
        way.send(0.0, packet(number, 1250))
    assert way.queue_s(0.0) == pytest.approx(0.030)
    assert way.queue_s(0.005) == pytest.approx(0.025)
    drain(way)
    assert way.queue_s(1.0) == 0


def test_a_rate_step_takes_effect_within_the_packet() -> None:
    way = OneWay(Direction(kbit_s=1000), seed=1)
    way.send(0.0, packet(1, 1250))
    way.change(0.005, Direction(kbit_s=500))  # half of 10 ms left: 10 ms at half the rate
    assert drain(way)[0][0] == pytest.approx(0.015)


def test_tokens_let_so_much_through_at_once_and_come_back_with_time() -> None:
    way = OneWay(Direction(kbit_s=1000, burst_octets=3000), seed=1)
    for number in range(5):
        way.send(0.0, packet(number, 1250))  # 10 ms each without tokens
    assert [at for at, _ in drain(way)] == pytest.approx([0, 0, 0.006, 0.016, 0.026])
    assert way.queue_s(0.026) == 0
    for number in range(2):
        way.send(0.036, packet(number, 1250))  # 10 ms of rest: one packet's tokens
    assert [at for at, _ in drain(way)] == pytest.approx([0.036, 0.046])
    way.change(1.0, Direction(kbit_s=1000, burst_octets=1250))
    for number in range(2):
        way.send(1.0, packet(number, 1250))
    assert [at for at, _ in drain(way)] == pytest.approx([1.0, 1.01])


def test_tokens_behind_a_link_last_longer_and_pass_at_its_rate() -> None:
    direction = Direction(kbit_s=1000, burst_octets=3750, link_kbit_s=2000, buffer_octets=99_000)
    way = OneWay(direction, seed=1)
    for number in range(12):
        way.send(0.0, packet(number, 1250))  # 5 ms each on the link, 10 by the shaper
    came = [at for at, _ in drain(way)]
    gaps = [after - before for before, after in itertools.pairwise([0.0, *came])]
    assert gaps[:5] == pytest.approx([0.005] * 5)  # 3750 octets for twice as many
    assert gaps[-5:] == pytest.approx([0.01] * 5)
    with pytest.raises(ValueError, match="link_kbit_s"):
        Direction(kbit_s=1000, link_kbit_s=900)


@given(
    st.lists(st.tuples(st.floats(0, 0.05), st.integers(20, 1500)), max_size=60),
    st.integers(1, 40_000),
)
def test_no_stretch_carries_more_than_rate_and_tokens(
    sends: list[tuple[float, int]], burst: int
) -> None:
    way, now, arrivals = OneWay(Direction(kbit_s=500, burst_octets=burst), seed=1), 0.0, []
    for number, (pause, octets) in enumerate(sends):
        now += pause
        arrivals += drain(way, until=now)
        way.send(now, packet(number, octets))
    arrivals += drain(way)
    for first in range(len(arrivals)):
        octets = 0
        for at, data in arrivals[first:]:
            octets += len(data)
            # the first one may have begun before the stretch
            allowed = 500 * 125 * (at - arrivals[first][0]) + burst + len(arrivals[first][1])
            assert octets <= allowed + 1e-3


def test_losses_repeat_with_the_seed() -> None:
    def losses(seed: int) -> list[int]:
        way = OneWay(Direction(loss_ratio=0.2), seed)
        for number in range(500):
            way.send(float(number), packet(number, 100))
        return [number_of(data) for _, data in drain(way)]

    assert losses(7) == losses(7)
    assert losses(7) != losses(8)


@pytest.mark.parametrize(("ratio", "burst"), [(0.02, 1), (0.1, 1), (0.05, 4), (0.1, 8)])
def test_losses_have_their_ratio_and_their_burst_length(ratio: float, burst: float) -> None:
    way = OneWay(Direction(loss_ratio=ratio, loss_burst=burst), seed=3)
    count = 40_000
    seen = set()
    for number in range(count):
        way.send(float(number), packet(number, 40))
        seen.update(number_of(data) for data in way.receive(float(number)))
    lost = [number for number in range(count) if number not in seen]
    runs = sum(1 for number in lost if number - 1 in seen or number == 0)
    assert len(lost) / count == pytest.approx(ratio, rel=0.15)
    expected_run = burst if burst > 1 else 1 / (1 - ratio)
    assert len(lost) / runs == pytest.approx(expected_run, rel=0.12)


def test_the_script_is_played_at_its_times() -> None:
    line = Line(Profile(script=(
        Event(2.0, "restore"), Event(1.0, "cut", "down"), Event(3.0, "set", "up", {"delay_ms": 5}),
    )))  # fmt: skip
    assert line.deadline() == 1.0
    assert line.send(0.5, "down", b"a")
    assert line.receive(0.5, "down") == [b"a"]
    assert not line.send(1.5, "down", b"b")
    assert line.send(1.5, "up", b"c")
    assert line.send(2.5, "down", b"d")
    line.receive(3.5, "up")
    assert line.ways["up"].direction.delay_ms == 5
    assert line.deadline() is not None


def test_a_profile_survives_json() -> None:
    profile = Profile(
        adsl(2048, 512).down, Direction(loss_ratio=0.1), (Event(1.0, "cut", "up"),), seed=9
    )
    assert from_json(profile.to_json()) == profile
    assert all(from_json(preset.to_json()) == preset for preset in PRESETS.values())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"down": {"kbits": 3}}', "kbits"),
        ('{"down": {"kbit_s": 0}}', "kbit_s"),
        ('{"up": {"loss_ratio": 1}}', "loss_ratio"),
        ('{"up": {"loss_burst": 0.5}}', "loss_burst"),
        ('{"up": {"delay_ms": -1}}', "delay_ms"),
        ('{"up": {"burst_octets": -1}}', "burst_octets"),
        ('{"up": {"cell_tax": "ip"}}', "cell_tax"),
        ("[]", "profile"),
    ],
)
def test_a_wrong_profile_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        from_json(text)


def test_a_change_of_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="colour"):
        changed(Direction(), {"colour": 1})


directions = st.builds(
    Direction,
    kbit_s=st.one_of(st.none(), st.floats(8, 20_000)),
    buffer_octets=st.integers(0, 20_000),
    delay_ms=st.floats(0, 100),
    jitter_ms=st.floats(0, 50),
    loss_ratio=st.floats(0, 0.5),
    loss_burst=st.floats(1, 5),
    cell_tax=st.sampled_from(["none", "atm"]),
)
moments = st.lists(
    st.tuples(
        st.floats(0, 0.2),
        st.one_of(st.integers(20, 1500), st.sampled_from(["cut", "restore", "look"])),
    ),
    max_size=60,
)


def play(way: OneWay, story: list[tuple[float, int | str]]) -> list[tuple[float, bytes]]:
    """Play a story of sends, cuts and looks; every arrival with the instant of its delivery."""
    now, arrivals = 0.0, []
    for number, (pause, act) in enumerate(story):
        now += pause
        arrivals += drain(way, until=now)
        match act:
            case "cut":
                way.cut(now)
            case "restore":
                way.restore(now)
            case "look":
                arrivals += [(now, data) for data in way.receive(now)]
            case int(octets):
                way.send(now, packet(number, octets))
    return arrivals + drain(way)


@given(directions, moments, st.integers(0, 2**32))
def test_order_is_kept(
    direction: Direction, story: list[tuple[float, int | str]], seed: int
) -> None:
    numbers = [number_of(data) for _, data in play(OneWay(direction, seed), story)]
    assert numbers == sorted(numbers)


@given(directions, moments, st.integers(0, 2**32))
def test_every_packet_is_accounted_for(
    direction: Direction, story: list[tuple[float, int | str]], seed: int
) -> None:
    way = OneWay(direction, seed)
    arrivals = play(way, story)
    count = way.counters
    assert way.held == 0
    assert count.delivered == len(arrivals)
    assert count.offered == count.delivered + count.overflowed + count.lost + count.cut_off
    assert count.offered == sum(1 for _, act in story if isinstance(act, int))


@given(directions, moments, st.integers(0, 2**32))
def test_the_rate_is_never_exceeded(
    direction: Direction, story: list[tuple[float, int | str]], seed: int
) -> None:
    steady = changed(direction, {"jitter_ms": 0.0, "loss_ratio": 0.0})
    arrivals = play(OneWay(steady, seed), story)
    if steady.kbit_s is None:
        return
    wire = [steady.wire_octets(len(data)) * 8 / 1000 for _, data in arrivals]
    for first in range(len(arrivals)):
        sent = 0.0
        for last in range(first + 1, len(arrivals)):
            sent += wire[last]
            span = arrivals[last][0] - arrivals[first][0]
            assert sent <= span * steady.kbit_s + 1e-6


def test_jitter_reorders_only_when_asked() -> None:
    def order(reorder: bool) -> list[int]:
        way = OneWay(Direction(kbit_s=10_000, jitter_ms=50, reorder=reorder), seed=5)
        for number in range(50):
            way.send(0.0, packet(number, 500))
        return [number_of(data) for _, data in drain(way)]

    assert order(reorder=False) == list(range(50))
    assert order(reorder=True) != list(range(50))
    assert sorted(order(reorder=True)) == list(range(50))
