"""Probes on the laboratory's line: `kiosk probe`, and beside irtt and scapy, which are not ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import sqrt
from pathlib import Path

import pytest

from bench.line_capacity import model, peers
from bench.line_capacity.ends import WAYS, Ends, ends, ip_kbit_s
from bench.line_capacity.troubles import RATES_KBIT_S, ordinary, troubled
from bench.linelab.namespaces import HUB_TO_VENUE, LINE_DEVICE, Host
from bench.linelab.profile import Direction, Profile
from visiohub.linkquality.train import idle_train

HERE = Path(__file__).parent
STAMP, HUB = str(HERE / "stamp_peers.py"), str(HERE / "hub_on_line.py")
PORT = 8620
COUNT = 40
SEED = 20_261_122
LOSING_S = 8.0
DOWN = Direction(kbit_s=8192, buffer_octets=64_000, delay_ms=8, cell_tax="atm")
UP = Direction(kbit_s=800, buffer_octets=32_000, delay_ms=8, cell_tax="atm")


@pytest.fixture(scope="module")
def line() -> Iterator[Ends]:
    with ends() as opened:
        opened.set_line(DOWN, UP)
        yield opened


@contextmanager
def running(host: Host, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of ours that said it is ready; its output goes on to be read."""
    process = host.start(sys.executable, *command, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.root
def test_kiosk_probe_tells_what_an_adsl_line_carries(line: Ends, tmp_path: Path) -> None:
    kiosk = str(Path(sys.executable).with_name("kiosk"))
    with running(line.hosts.hub, HUB, str(tmp_path), HUB_TO_VENUE, "8000", "1000"):
        told = json.loads(
            line.hosts.venue.run(
                kiosk, "probe", f"http://{HUB_TO_VENUE}:8081", "--json", "--seconds", "2",
                "--state-dir", str(tmp_path / "kiosk"),
                timeout_s=90,
            )
        )  # fmt: skip
    assert told["down"]["kbit_s"] == pytest.approx(ip_kbit_s(DOWN), rel=0.02)
    assert told["up"]["kbit_s"] == pytest.approx(ip_kbit_s(UP), rel=0.02)
    assert told["delay"]["lost"] == 0
    assert 16 <= told["delay"]["two_way_ms"]["p5"] < 30
    assert told["voice_estimate"]["mos_up"] > 3.5


def lost_by(line: Ends) -> Counter[str]:
    """Packets that the line has lost so far each way: so many round trips are missing."""
    stats = line.hosts.line.stats()
    return Counter({way: int(stats[way]["lost"]) for way in WAYS})


@pytest.mark.root
def test_irtt_sees_the_same_delay_and_the_same_loss() -> None:
    """On a line that loses, the same packets a second, of nearly the same size, one program after
    the other; each tells what the line itself lost meanwhile."""
    print(f"seed {SEED}")
    losing = Profile(replace(DOWN, loss_ratio=0.03), replace(UP, loss_ratio=0.05), seed=SEED)
    with ends(losing) as line:
        began = lost_by(line)
        theirs = peers.irtt(line, LOSING_S, octets=160, every_ms=20)
        between = lost_by(line)
        ours = line.voice(LOSING_S)["delays"]
        beside_theirs, beside_ours = between - began, lost_by(line) - between
    print(f"irtt {theirs}, the line {beside_theirs}; ours {ours}, the line {beside_ours}")
    assert min(beside_theirs.total(), beside_ours.total()) >= 15
    assert theirs.lost == pytest.approx(beside_theirs.total(), abs=3)  # and its greeting
    assert ours["lost"] == pytest.approx(beside_ours.total(), abs=1)
    assert ours["lost_forward"] == pytest.approx(beside_ours["up"], abs=1)
    assert ours["lost_backward"] == pytest.approx(beside_ours["down"], abs=1)
    assert ours["sent"] == pytest.approx(theirs.sent, abs=theirs.sent * 0.1)
    assert ours["two_way_ms"]["p50"] == pytest.approx(theirs.p50, abs=2.0)
    here, there = ours["lost"] / ours["sent"], theirs.lost / theirs.sent
    share = (here + there) / 2
    chance = sqrt(share * (1 - share) * (1 / ours["sent"] + 1 / theirs.sent))
    assert abs(here - there) <= 4 * chance


@pytest.mark.root
def test_scapys_sender_is_answered_by_our_reflector(line: Ends) -> None:
    with running(line.hosts.hub, STAMP, "reflect", str(PORT)):
        told = json.loads(
            line.hosts.venue.run(sys.executable, STAMP, "scapy-send", HUB_TO_VENUE, str(PORT),
                                 str(COUNT), timeout_s=60)
        )  # fmt: skip
    assert [one["seq_sender"] for one in told] == list(range(COUNT))
    assert [one["seq"] for one in told] == list(range(COUNT))
    for one in told:
        assert (one["ssid"], one["ttl_sender"], one["octets"]) == (4711, 64, one["sent"])
        assert abs(one["echoed_s"]) < 1e-6
        assert 0 <= one["held_s"] < one["whole_s"]
        assert one["whole_s"] - one["held_s"] >= 0.016


@pytest.mark.root
def test_our_sender_is_understood_by_a_reflector_of_scapy(line: Ends) -> None:
    with running(line.hosts.hub, STAMP, "scapy-reflect", str(PORT), LINE_DEVICE) as reflector:
        told = json.loads(
            line.hosts.venue.run(sys.executable, STAMP, "send", HUB_TO_VENUE, str(PORT),
                                 str(COUNT), timeout_s=60)
        )  # fmt: skip
        assert reflector.stdout
        captured = [json.loads(reflector.stdout.readline()) for _ in range(COUNT)]
    assert [one["seq"] for one in captured] == list(range(COUNT))
    for one in captured:
        assert (one["ssid"], one["ttl"], one["octets"]) == (4711, 64, 44)
        assert 0.008 <= one["ago_s"] < 1
    assert (told["sent"], told["lost"], told["lost_forward"]) == (COUNT, 0, 0)
    assert 16 <= told["two_way_ms"]["p5"] < 40


@pytest.mark.root
def test_a_train_on_the_line_is_as_good_as_in_virtual_time(line: Ends) -> None:
    plain = ordinary(2_000)
    line.set_line(plain, plain)
    try:
        for way in ("down", "up"):
            sent = line.train(way, 2_000, None)  # type: ignore[arg-type]  # a way's name
            assert sent.octets <= 75_000
            assert sent.verdict
            assert sent.verdict.kbit_s == pytest.approx(2_000, rel=0.02)
            assert line.train(way, 500, 0, in_call=True).verdict is None  # type: ignore[arg-type]
    finally:
        line.set_line(DOWN, UP)


@pytest.mark.parametrize("kbit_s", RATES_KBIT_S)
def test_in_virtual_time_the_benchs_lines_are_known_to_a_percent(kbit_s: float) -> None:
    direction = ordinary(kbit_s)
    for seed in range(5):
        verdict = model.judged(direction, idle_train(kbit_s), seed)
        assert verdict.kbit_s == pytest.approx(ip_kbit_s(direction), rel=0.01), f"seed {seed}"


def test_the_troubled_lines_are_those_that_were_asked_for() -> None:
    lines = [troubled(seed).direction for seed in range(300)]
    assert {one.kbit_s for one in lines} == set(RATES_KBIT_S)
    for field, values in {
        "buffer_octets": {20_000},
        "jitter_ms": {0.0, 1.0, 5},
        "loss_ratio": {0.0, 0.02},
        "cell_tax": {"none", "atm"},
    }.items():
        assert values <= {getattr(one, field) for one in lines}
    bursts = [one.burst_octets for one in lines if one.burst_octets]
    assert min(bursts) >= 8_192
    assert max(bursts) <= 32_768
    assert troubled(7) == troubled(7)
