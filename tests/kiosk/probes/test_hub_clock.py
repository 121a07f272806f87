"""The hub's time at a kiosk, and the venue's day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kiosk.probes.hub_clock import HubClock
from visiohub.linkquality.ledger import Ledger, Purpose

NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)


def test_the_day_begins_at_the_venue_s_midnight() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    clock = HubClock(late, 0.0)
    assert clock.local(0.0).date() == late.date()
    clock.stands_in("Europe/Paris")
    assert clock.local(0.0).isoformat() == "2026-11-24T00:30:00+01:00"
    ledger = Ledger(1_000, late.date())
    assert ledger.take(clock.local(-3_600.0), Purpose.HEARTBEAT, 1_000)
    assert not ledger.take(clock.local(-1_801.0), Purpose.HEARTBEAT, 1)
    assert ledger.take(clock.local(-1_799.0), Purpose.HEARTBEAT, 1)
    clock.stands_in("Nowhere/At_All")
    assert clock.local(0.0) == late


def test_the_hub_s_time_goes_on_whatever_this_pc_s_clock_says() -> None:
    clock = HubClock(NOW, monotonic=100.0)
    assert clock.at(160.0) == NOW + timedelta(minutes=1)
    clock.told(NOW + timedelta(hours=1), monotonic=160.0)
    assert clock.at(161.0) == NOW + timedelta(hours=1, seconds=1)


def test_a_hub_that_was_years_ahead_for_once_costs_no_day_of_the_time_after() -> None:
    """The ledger's day is on disk: without the hub's word it would be that one's up to 2031."""
    ledger = Ledger(6_000_000, NOW.date())
    assert ledger.take(NOW + timedelta(days=1_800), Purpose.HEARTBEAT, 5_000_000)
    assert not ledger.take(NOW, Purpose.HEARTBEAT, 2_000_000), "set back: nothing is filled by it"
    ledger.told(NOW, 300_000)
    assert (ledger.day, ledger.spent) == (NOW.date(), 300_000)
    assert ledger.take(NOW, Purpose.HEARTBEAT, 2_000_000)
