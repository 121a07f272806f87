"""The line laboratory with real packets: three network namespaces and a line between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.linelab import udp_train
from bench.linelab.namespaces import HUB_TO_VENUE, NETNS_FOLDER, OFFICE, VENUE, Host, Lab, lab
from bench.linelab.profile import PRESETS, Direction, Profile

pytestmark = pytest.mark.root
TRAIN = str(Path(udp_train.__file__))
PORT = 5005


@contextmanager
def listening(host: Host, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `udp_train.py` process that is ready to receive."""
    process = host.start(sys.executable, TRAIN, *arguments, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def train(sender: Host, receiver: Host, octets: int, kbit_s: float, seconds: float) -> Any:
    """Send a train of packets; what the receiver saw."""
    with listening(receiver, "receive", str(PORT), "0.7") as process:
        sender.run(sys.executable, TRAIN, "send", receiver.address, str(PORT), str(octets),
                   str(kbit_s), str(seconds))  # fmt: skip
        assert process.stdout
        return json.loads(process.stdout.readline())


def ping(source: Host, address: str, count: int = 10) -> Any:
    return json.loads(source.run(sys.executable, TRAIN, "ping", address, str(PORT), str(count)))


@pytest.fixture(scope="module")
def fast() -> Iterator[Lab]:
    """18 Mbit/s down, 1 Mbit/s up, 10 ms each way."""
    with lab(Profile(
        down=Direction(kbit_s=18_000, buffer_octets=100_000, delay_ms=10),
        up=Direction(kbit_s=1_000, buffer_octets=32_000, delay_ms=10),
    )) as running:  # fmt: skip
        yield running


def test_a_train_faster_than_18_mbit_s_arrives_at_18_mbit_s(fast: Lab) -> None:
    seen = train(fast.hub, fast.venue, 1500, 20_000, 2.0)
    assert seen["ip_kbit_s"] == pytest.approx(18_000, rel=0.02)
    assert seen["in_order"]


def test_the_way_up_has_its_own_rate(fast: Lab) -> None:
    seen = train(fast.venue, fast.hub, 600, 1_300, 2.0)
    assert seen["ip_kbit_s"] == pytest.approx(1_000, rel=0.02)


def test_a_train_below_the_rate_is_delayed_by_the_line_alone(fast: Lab) -> None:
    seen = train(fast.hub, fast.venue, 1500, 12_000, 1.0)
    assert seen["delay_ms"]["min"] >= 10.66  # 10 ms and 0.67 ms on the wire
    assert seen["delay_ms"]["p50"] < 13


def test_office_and_venue_reach_each_other_through_the_hub(fast: Lab) -> None:
    with listening(fast.venue, "echo", str(PORT)):
        seen = ping(fast.office, VENUE)
    assert seen["lost"] == 0
    assert 20 <= seen["min_ms"] < 26


def test_cut_and_restore_at_run_time(fast: Lab) -> None:
    with listening(fast.hub, "echo", str(PORT)):
        assert ping(fast.venue, HUB_TO_VENUE, 2)["lost"] == 0
        fast.line.cut()
        assert ping(fast.venue, HUB_TO_VENUE, 2)["lost"] == 2
        fast.line.restore()
        assert ping(fast.venue, HUB_TO_VENUE, 2)["lost"] == 0


def test_the_line_changes_at_run_time(fast: Lab) -> None:
    with listening(fast.office, "echo", str(PORT)):
        fast.line.set("up", delay_ms=60)
        assert 70 <= ping(fast.venue, OFFICE, 3)["min_ms"] < 78
        fast.line.set("up", delay_ms=10)


def test_a_wrong_order_is_answered_and_harms_nothing(fast: Lab) -> None:
    with pytest.raises(ValueError, match="colour"):
        fast.line.set("up", colour=1)
    stats = fast.line.stats()
    for way in ("down", "up"):
        count = stats[way]
        assert count["offered"] == sum(
            count[name] for name in ("delivered", "overflowed", "lost", "cut_off", "held")
        )


def test_nothing_is_left_behind_when_the_user_of_a_lab_fails() -> None:
    def leave_by_failure() -> None:
        with lab(PRESETS["adsl-2m"]) as running:
            assert running.hub.name in os.listdir(NETNS_FOLDER)
            raise KeyError(running.hub.name)

    before = set(os.listdir(NETNS_FOLDER))
    with pytest.raises(KeyError):
        leave_by_failure()
    assert set(os.listdir(NETNS_FOLDER)) <= before
