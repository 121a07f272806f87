"""The pure rules: when media is silent, what a freeze is, which servers, which bit rate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.freezes import FreezeMeter
from kiosk.rtc.ice import StunServer, TurnServer, choose
from kiosk.rtc.rate import Aim, Limits
from kiosk.rtc.watchdog import Watchdog
from signaling.protocol.cards import IceServer


def test_media_is_silent_after_a_second_and_a_half_and_flows_at_once() -> None:
    dog = Watchdog()
    assert dog.check(100.0) is None, "nothing came yet: that is no silence"
    assert dog.packet(100.0) == "flowing"
    assert dog.packet(100.5) is None
    assert dog.deadline() == 102.0
    assert dog.check(101.99) is None
    assert dog.check(102.0) == "silent"
    assert dog.check(200.0) is None, "said once"
    assert dog.deadline() is None
    assert dog.packet(200.1) == "flowing"


def test_a_freeze_is_what_webrtc_stats_says() -> None:
    meter = FreezeMeter()
    at = 0.0
    for _ in range(30):
        meter.frame(at)
        at += 0.04
    meter.frame(at + 0.14)  # 180 ms: more than 3 x 40, not more than 40 + 150
    assert meter.count == 0
    meter.frame(at + 0.14 + 0.3)
    assert meter.count == 1
    assert abs(meter.total_s - 0.3) < 1e-9
    assert meter.frames == 32


def test_turn_is_tried_by_udp_then_tcp_then_tls() -> None:
    servers = [
        IceServer(urls=["stun:stun.lan", "stun:[fd00::1]:3479"]),
        IceServer(
            urls=["turns:t.lan:443?transport=tcp", "turn:t.lan?transport=tcp", "turn:t.lan:3478"],
            username="u",
            credential="c",
        ),
    ]
    stun, turn = choose(servers)
    assert stun == [StunServer("stun.lan", 3478), StunServer("fd00::1", 3479)]
    assert turn == [
        TurnServer("t.lan", 3478, "udp", "u", "c"),
        TurnServer("t.lan", 3478, "tcp", "u", "c"),
        TurnServer("t.lan", 443, "tls", "u", "c"),
    ]


def test_servers_that_make_no_sense_are_passed_over() -> None:
    urls = ["http://x", "turn:", "turn:x:99999", "stuns:x", "turns:x?transport=udp", "turn:a b"]
    assert choose([IceServer(urls=urls, username="u", credential="c")]) == ([], [])
    assert choose([IceServer(urls=["turn:x"])]) == ([], []), "no credentials"


@given(st.text(max_size=60))
def test_no_url_breaks_the_choice(url: str) -> None:
    choose([IceServer(urls=[url], username="u", credential="c")])


def test_an_estimate_above_what_is_sent_does_not_lower_the_aim() -> None:
    aim = Aim(Limits())
    for frame in range(25):
        aim.sent(250, frame * 0.04)  # a still picture: 50 kbit/s
    assert aim.remb(75_000, 1.0) == 500_000


def test_an_estimate_below_what_is_sent_lowers_the_aim_at_once() -> None:
    aim = Aim(Limits())
    for frame in range(25):
        aim.sent(2500, frame * 0.04)  # 500 kbit/s
    assert aim.remb(200_000, 1.0) == 200_000
    assert aim.remb(10_000, 1.01) == 60_000, "never below the least"


def test_the_aim_rises_in_steps_since_each_costs_a_key_frame() -> None:
    aim = Aim(Limits())
    assert aim.remb(5_000_000, 10.0) == 650_000
    assert aim.remb(5_000_000, 12.0) == 650_000
    assert aim.remb(5_000_000, 13.0) == 845_000
    for turn in range(10):
        aim.remb(5_000_000, 20.0 + turn * 3)
    assert aim.bit_s == 1_500_000


def test_a_cap_bounds_start_and_most() -> None:
    assert Limits().capped(200_000) == Limits(60_000, 200_000, 200_000)
    assert Limits().capped(1).most == 60_000


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 10**7), st.integers(0, 10**5))))
def test_the_aim_keeps_its_bounds(story: list[tuple[float, int, int]]) -> None:
    limits, now = Limits(), 0.0
    aim = Aim(limits)
    for wait, remb, octets in story:
        now += wait
        aim.sent(octets, now)
        assert limits.least <= aim.remb(remb, now) <= limits.most
