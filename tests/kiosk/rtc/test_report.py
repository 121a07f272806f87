"""A report's figures come from the call's statistics, within what the hub takes (§8.8)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.report import Reporter, Snapshot, concealed_ratio, freezes_per_minute
from signaling.protocol.messages import Report


def seen(
    at: float,
    *,
    packets: int = 0,
    lost: int = 0,
    octets: int = 0,
    ssrc: int = 7,
    generation: int = 1,
    ends: tuple[str, str] = ("host", "srflx"),
    **entries: dict[str, Any],
) -> Snapshot:
    counts = {"packetsReceived": packets, "packetsLost": lost, "freezeCount": 0}
    inbound = {"type": "inbound-rtp", "kind": "video", "ssrc": ssrc, "codecId": "codec_VP8"}
    known: dict[str, dict[str, Any]] = {
        "codec_VP8": {"type": "codec", "mimeType": "video/VP8"},
        "t": {"type": "transport", "bytesSent": octets, "bytesReceived": 2 * octets},
        "v": inbound | counts,
        "pair": {"type": "candidate-pair", "currentRoundTripTime": 0.25},
        "near": {"type": "local-candidate", "candidateType": ends[0]},
        "far": {"type": "remote-candidate", "candidateType": ends[1]},
    }  # fmt: skip
    return Snapshot(at, generation, known | entries)


def test_figures_are_those_of_the_interval() -> None:
    reporter = Reporter(100.0)
    assert reporter.report(Snapshot(101.0, 0, {})) == {"generation": 0}
    reporter.report(seen(102.0, packets=100, lost=5, octets=10_000))
    said = reporter.report(seen(104.0, packets=190, lost=15, octets=35_000))
    assert (said["generation"], said["video_codec"], said["audio_codec"]) == (1, "VP8", "")
    assert (said["sent_kbit_s"], said["received_kbit_s"]) == (100.0, 200.0)
    assert (said["loss_ratio"], said["rtt_ms"], said["relayed"]) == (0.1, 250.0, False)


def test_a_look_is_said_again_and_not_counted_twice() -> None:
    reporter, look = Reporter(100.0), seen(102.0, packets=100, octets=10_000)
    assert reporter.report(look) == reporter.report(look)
    assert reporter.report(seen(104.0, packets=200, octets=20_000))["sent_kbit_s"] == 40.0


def test_another_connection_or_source_begins_at_nothing() -> None:
    reporter = Reporter(100.0)
    reporter.report(seen(102.0, packets=5000, lost=90, octets=50_000))
    source = reporter.report(seen(104.0, packets=9, lost=1, octets=60_000, ssrc=8))
    assert (source["loss_ratio"], source["sent_kbit_s"]) == (0.1, 40.0)
    connection = reporter.report(seen(106.0, packets=9, lost=1, octets=5_000, generation=2))
    assert (connection["loss_ratio"], connection["sent_kbit_s"]) == (0.1, 20.0)


def test_what_the_receiver_counts_goes_on_with_another_source() -> None:
    def look(at: float, ssrc: int, freezes: int, concealed: int) -> Snapshot:
        entry = {
            "type": "inbound-rtp", "kind": "audio", "ssrc": ssrc, "freezeCount": freezes,
            "concealedSamples": concealed, "totalSamplesReceived": int(at * 48_000),
        }  # fmt: skip
        return seen(at, a=entry)

    reporter = Reporter(0.0)
    reporter.report(look(3600.0, 7, 20, 480_000))
    said = reporter.report(look(3602.0, 8, 20, 484_800))
    assert (said["freezes_per_minute"], said["concealed_ratio"]) == (0.0, 0.05)


def test_receiver_reports_know_the_round_trip_better_than_stun() -> None:
    told = {"type": "remote-inbound-rtp", "roundTripTime": 0.5}
    assert Reporter(0.0).report(seen(1.0, told=told))["rtt_ms"] == 500.0
    told["roundTripTime"] = None
    assert Reporter(0.0).report(seen(1.0, told=told))["rtt_ms"] == 250.0


@pytest.mark.parametrize("ends", [("relay", "host"), ("prflx", "relay")])
def test_a_relay_on_either_side_is_one(ends: tuple[str, str]) -> None:
    assert Reporter(0.0).report(seen(1.0, ends=ends))["relayed"] is True


@given(
    looks=st.lists(
        st.builds(
            seen,
            st.floats(0, 1e3),
            packets=st.integers(0, 2**31),
            lost=st.integers(-(2**31), 2**31),
            octets=st.integers(0, 10**7),
            ssrc=st.integers(1, 2),
            generation=st.integers(0, 2),
        ),
        max_size=4,
    )
)
def test_whatever_is_seen_the_hub_takes_the_report(looks: list[Snapshot]) -> None:
    reporter = Reporter(0.0)
    at = 0.0
    for look in looks:
        at += 1 + look.at
        Report(call_id="c1", **reporter.report(Snapshot(at, look.generation, look.entries)))


@pytest.mark.parametrize(
    ("concealed", "played", "ratio"),
    [(0, 480_000, 0.0), (48_000, 480_000, 0.1), (480_960, 480_000, 1.0), (960, 0, 0.0)],
)
def test_no_more_is_made_up_than_was_played(concealed: int, played: int, ratio: float) -> None:
    assert concealed_ratio(concealed, played) == ratio


@pytest.mark.parametrize(
    ("freezes", "seconds", "a_minute"), [(0, 10.0, 0.0), (1, 10.0, 6.0), (1, 0.001, 60.0)]
)
def test_a_freeze_just_before_the_end_is_one_freeze(
    freezes: int, seconds: float, a_minute: float
) -> None:
    assert freezes_per_minute(freezes, seconds) == a_minute
