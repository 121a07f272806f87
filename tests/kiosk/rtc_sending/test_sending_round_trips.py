"""The round trip of receiver reports: which of ours they answer, and what they cannot say."""

from __future__ import annotations

import pytest

from kiosk.rtc.sending.round_trips import ReportedTrips

EPOCH = 3_900_000_000 << 32


def ntp(second: float) -> int:
    return EPOCH + round(second * 2**32)


def lsr(second: float) -> int:
    return ntp(second) >> 16 & 0xFFFFFFFF


def delay(seconds: float) -> int:
    return round(seconds * 65536)


def test_each_report_is_measured_by_itself() -> None:
    trips = ReportedTrips()
    for second in range(3):
        trips.left(ntp(second), 100.0 + second)
    assert trips.answered(lsr(0), delay(0.2), 101.0) == pytest.approx(0.8, abs=1e-4)
    assert trips.answered(lsr(2), delay(1.0), 103.06) == pytest.approx(0.06, abs=1e-4)


def test_on_a_way_longer_than_the_time_between_two_reports_it_is_measured_too() -> None:
    trips = ReportedTrips()
    for second in range(8):
        trips.left(ntp(second), float(second))
    assert trips.answered(lsr(2), delay(2.0), 7.0) == pytest.approx(3.0, abs=1e-4)


@pytest.mark.parametrize(
    ("named", "waited"),
    [
        (lsr(7), delay(0.1)),  # never sent
        (0, 0),  # none of ours had come (RFC 3550 §6.4.1)
        (lsr(1), 0xFFFFFFFF),  # before it was sent
    ],
)
def test_what_answers_nothing_is_no_round_trip(named: int, waited: int) -> None:
    trips = ReportedTrips()
    trips.left(ntp(1), 1.0)
    assert trips.answered(named, waited, 2.0) is None


def test_while_no_media_is_sent_the_newest_report_is_the_one_that_is_answered() -> None:
    trips = ReportedTrips()
    for second in range(4):
        trips.left(ntp(1), float(second))
        trips.left(ntp(10 + second), float(second))
    assert trips.answered(lsr(1), delay(0.8), 4.0) == pytest.approx(0.2, abs=1e-4)
    assert trips.answered(lsr(1), delay(1.8), 4.0) is None, "the one before it was"
    assert trips.answered(lsr(13), delay(0.1), 4.0) == pytest.approx(0.9, abs=1e-4)


def test_a_call_of_hours_takes_no_more_room() -> None:
    trips = ReportedTrips()
    for second in range(10_000):
        trips.left(ntp(second), float(second))
    assert len(trips._left) < 100
    assert trips.answered(lsr(9_999), delay(0.1), 10_000.0) == pytest.approx(0.9, abs=1e-4)
    assert trips.answered(lsr(1), delay(0.1), 10_000.0) is None
