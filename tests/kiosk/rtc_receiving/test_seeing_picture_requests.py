from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rtc.seeing.nack import FAR_AHEAD
from kiosk.rtc.seeing.picture_requests import PictureRequests


def play(
    begin: float,
    end: float,
    *,
    decodable: bool,
    requests: PictureRequests | None = None,
    key: bool = False,
) -> tuple[PictureRequests, list[float]]:
    """A picture of four packets every 40 ms; when requests were due, looked at each 10 ms."""
    requests = requests or PictureRequests()
    asked = []
    hole = 0 if decodable or begin == 0 else 5
    for tick in range(round(begin * 100), round(end * 100)):
        now = tick / 100
        requests.packet(now, hole=hole, missing=0 if decodable else 5, of_key=key)
        hole = 0
        if decodable and tick % 4 == 3:
            requests.decoded()
        if requests.due(now):
            asked.append(now)
    return requests, asked


def healthy() -> PictureRequests:
    requests = PictureRequests()
    requests.packet(0.0)
    requests.due(0.0)
    requests.decoded()
    return requests


def test_the_first_packet_asks_at_once() -> None:
    requests = PictureRequests()
    assert requests.deadline() is None
    requests.packet(1.0)
    assert requests.due(1.0)


def test_all_is_well() -> None:
    assert play(0, 10, decodable=True, requests=healthy())[1] == []


def test_300_ms_without_a_picture_are_enough() -> None:
    requests, _ = play(0, 1, decodable=True, requests=healthy())
    asked = play(1, 1.5, decodable=False, requests=requests)[1]
    assert asked == [pytest.approx(1.30, abs=0.02)]


def test_on_a_long_round_trip_packets_sent_again_get_their_time() -> None:
    requests, _ = play(0, 1, decodable=True, requests=healthy())
    requests.rtt_s = 0.3
    asked = play(1, 2, decodable=False, requests=requests)[1]
    assert asked == [pytest.approx(1.75, abs=0.02)]
    slow, _ = play(0, 1, decodable=True, requests=healthy())
    slow.rtt_s = 5.0
    assert play(1, 4, decodable=False, requests=slow)[1][0] == pytest.approx(3.0, abs=0.02)


def test_asked_again_more_and_more_slowly() -> None:
    requests, _ = play(0, 1, decodable=True, requests=healthy())
    asked = play(1, 10, decodable=False, requests=requests)[1]
    waits = [b - a for a, b in pairwise(asked)]
    assert waits[0] == pytest.approx(0.5, abs=0.02)
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(2.0, abs=0.02)
    assert requests.sent == len(asked) + 1


@pytest.mark.parametrize("outage", [0.6, 3.0, 60.0])
def test_no_dead_zone_after_an_outage(outage: float) -> None:
    requests, _ = play(0, 1, decodable=True, requests=healthy())
    back = 1 + outage
    assert not requests.due(back - 0.01)  # nobody would hear it
    asked = play(back, back + 0.2, decodable=False, requests=requests)[1]
    assert asked == [back]


def test_a_sender_that_shows_a_picture_every_few_seconds_is_left_alone() -> None:
    requests = healthy()
    for second in range(3, 60, 3):
        requests.packet(float(second))
        assert not requests.due(second + 0.02)
        requests.decoded()
        assert not requests.due(second + 1.5)


def test_a_large_picture_without_losses_is_given_a_second() -> None:
    requests = healthy()
    for tick in range(100, 195):
        requests.packet(tick / 100)
        assert not requests.due(tick / 100)
    requests.packet(2.01)
    assert requests.due(2.01)


def test_a_hole_too_long_to_mend_asks_at_once() -> None:
    requests = healthy()
    requests.packet(0.04, hole=FAR_AHEAD + 1)
    assert not requests.due(0.04)  # the first request was 40 ms ago
    assert requests.due(0.5)


def test_a_failed_decoder_asks_at_once_but_not_twice() -> None:
    requests, _ = play(0, 1, decodable=True, requests=healthy())
    requests.broken(1.0)
    assert requests.due(1.0)
    requests.broken(1.1)
    assert not requests.due(1.1)


def test_a_whole_picture_on_its_way_is_waited_for() -> None:
    requests, _ = play(0, 1, decodable=True, requests=healthy())
    asked = play(1, 3, decodable=False, requests=requests, key=True)[1]
    assert asked == []
    later = play(3, 4, decodable=False, requests=requests)[1]
    assert later[0] == pytest.approx(3.29, abs=0.02)


@given(
    st.lists(
        st.tuples(st.sampled_from(["packet", "key", "decoded", "broken"]), st.floats(0, 3)),
        max_size=200,
    )
)
def test_never_more_often_than_twice_a_second(events: list[tuple[str, float]]) -> None:
    requests = PictureRequests()
    now, asked = 0.0, []
    for event, passed in events:
        now += passed
        match event:
            case "decoded":
                requests.decoded()
            case "broken":
                requests.broken(now)
            case _:
                requests.packet(now, of_key=event == "key")
        if requests.due(now):
            asked.append(now)
    assert all(b - a >= 0.5 - 1e-9 for a, b in pairwise(asked))
