"""The pure rules: when media is silent, what a freeze is, which servers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.freezes import FreezeMeter
from kiosk.rtc.ice import StunServer, TurnServer, choose
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
