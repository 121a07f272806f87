"""Keepalive, reconnection, rate limits, TURN: pure parts in virtual time."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.session.keepalive import Keepalive
from signaling.session.rate_limit import AddressLimits, Bucket, PeerLimits, Rate
from signaling.session.reconnect import Drop, Race, Start
from signaling.turn import IceSettings, ice_servers, turn_password


def silent_until_dead(keepalive: Keepalive) -> list[tuple[float, str]]:
    steps = []
    for _ in range(20):
        now = keepalive.get_timer()
        step = keepalive.handle_timer(now)
        assert step is not None, "a timer that is due does something"
        steps.append((now, step))
        if step == "dead":
            return steps
    pytest.fail("never dead")


def test_keepalive_pings_and_gives_up() -> None:
    keepalive = Keepalive(ping_every_s=4, dead_after_s=12, now=100)
    assert keepalive.handle_timer(103.9) is None
    assert silent_until_dead(keepalive) == [(104, "ping"), (108, "ping"), (112, "dead")]


def test_any_frame_is_life() -> None:
    keepalive = Keepalive(ping_every_s=4, dead_after_s=8, now=0)
    keepalive.received(7.9)
    assert silent_until_dead(keepalive) == [(11.9, "ping"), (15.9, "dead")]


def test_a_doubt_is_settled_within_its_time() -> None:
    keepalive = Keepalive(ping_every_s=4, dead_after_s=8, now=0)
    assert keepalive.probe(1, within_s=2) == 1
    assert silent_until_dead(keepalive) == [(3, "dead")]
    cleared = Keepalive(ping_every_s=4, dead_after_s=8, now=0)
    cleared.probe(1, within_s=2)
    cleared.received(2)
    assert cleared.handle_timer(3) is None


def starts(race: Race, until: float) -> list[tuple[float, Start | Drop]]:
    steps: list[tuple[float, Start | Drop]] = []
    while (now := race.get_timer()) <= until:
        found = race.handle_timer(now)
        assert found, "a timer that is due does something"
        steps += [(now, step) for step in found]
    return steps


def test_in_a_call_attempts_start_every_half_second_and_live_eight() -> None:
    race = Race(in_call=True, jitter=lambda: 0.0, now=10)
    steps = starts(race, 20)
    begun = [at for at, step in steps if isinstance(step, Start)]
    assert begun == [10 + i / 2 for i in range(21)]
    assert [(at, step) for at, step in steps if isinstance(step, Drop)] == [
        (18 + i / 2, Drop(i + 1)) for i in range(5)
    ]
    assert len(race.running) == 16


def test_the_first_welcomed_wins_and_the_others_are_dropped() -> None:
    race = Race(in_call=True, jitter=lambda: 0.0, now=0)
    starts(race, 1)
    race.failed(1)
    assert race.won(3) == [Drop(2)]


@given(st.floats(0, 0.999))
def test_idle_attempts_slow_down_to_five_seconds_and_never_stop(jitter: float) -> None:
    race = Race(in_call=False, jitter=lambda: jitter, now=0)
    begun = [at for at, step in starts(race, 60) if isinstance(step, Start)]
    pauses = [later - at for at, later in pairwise(begun)]
    assert pauses[0] <= 2
    assert max(pauses) <= 5
    assert all(pause >= 1.5 * 0.999 for pause in pauses)
    assert all(later >= pause - 1e-6 for pause, later in pairwise(pauses))


@given(
    st.lists(st.floats(0, 0.2), max_size=200),
    st.floats(1, 100),
    st.integers(1, 50),
)
def test_a_bucket_never_lets_more_through_than_its_rate(
    gaps: list[float], per_s: float, burst: int
) -> None:
    bucket, now, taken = Bucket(Rate(per_s, burst), 0), 0.0, 0
    for gap in gaps:
        now += gap
        taken += not bucket.take(now)
    assert taken <= burst + now * per_s + 1e-6


def test_a_bucket_says_when_there_is_a_token_again() -> None:
    bucket = Bucket(Rate(2, 1), 0)
    assert bucket.take(0) == 0
    wait_s = bucket.take(0)
    assert wait_s == 0.5
    assert bucket.take(0.5) == 0


def test_classes_do_not_eat_each_other_s_tokens_and_a_flood_is_named() -> None:
    limits = PeerLimits(Rate(10, 10), {"code": Rate(1, 1), "other": Rate(5, 5)}, Rate(1, 2), 0)
    assert limits.message("code", 0) == 0
    assert limits.message("code", 0) == 1
    assert limits.message("other", 0) == 0
    assert [limits.refused(0) for _ in range(3)] == [False, False, True]


def test_addresses_are_apart_and_the_oldest_is_forgotten() -> None:
    limits = AddressLimits(Rate(1, 1), remember=2)
    assert [limits.take(address, 0) for address in ("a", "a", "b")] == [0, 1, 0]
    limits.take("c", 0)
    assert limits.take("a", 0) == 0


NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_turn_is_offered_by_udp_then_tcp_then_tls_with_the_same_credential() -> None:
    settings = IceSettings(
        stun_urls=["stun:t.example"],
        turn_urls=[
            "turns:t.example:443?transport=tcp",
            "turn:t.example?transport=tcp",
            "turn:t.example?transport=udp",
        ],
        turn_secret="north",
        turn_valid_s=600,
    )
    servers = ice_servers(settings, "call-1", NOW)
    assert [server.urls[0] for server in servers] == [
        "stun:t.example",
        "turn:t.example?transport=udp",
        "turn:t.example?transport=tcp",
        "turns:t.example:443?transport=tcp",
    ]
    assert servers[1].username == f"{int(NOW.timestamp()) + 600}:call-1"
    assert {server.credential for server in servers[1:]} == {
        turn_password("north", servers[1].username or "")
    }


def test_the_password_is_what_coturn_computes() -> None:
    # printf 1433895918:call-1 | openssl dgst -sha1 -hmac north -binary | base64
    assert turn_password("north", "1433895918:call-1") == "pRhHrPB1WJeT+gnvy947ivoXIUg="


def test_no_servers_at_all_is_valid() -> None:
    assert ice_servers(IceSettings(), "call-1", NOW) == []
