"""Rules, prices and accounts are edited whole or not at all; lost updates are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from hub_world import NOW, World
from room_world import GRID, RULE, TOMORROW, Rooms, at, furnish

from visiohub.booking.rooms import accounts, prices, rules
from visiohub.booking.rooms.layers import ContradictsWith, WindowsDisagreeWith
from visiohub.booking.rooms.refusals import GridWrong, RulesWrong
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, OpeningRules
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.hours import zone_of
from visiohub.domain.model import OpeningRange
from visiohub.errors import EditedMeanwhile, InvalidForm, NotAllowed

FILE = (
    "Description;Population;Date de début;Date de fin;Zones\n"
    "Vacances de Noël;-;2026-12-19;2027-01-04;Zone B\n"
)


MINUTE = timedelta(minutes=1)


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


def test_a_lost_update_shows_what_is_kept(rooms: Rooms) -> None:
    rooms.terms(rooms.room.id, needs_approval=True)
    edit = rules.PlaceTerms(room_class="", needs_approval=False)
    with pytest.raises(EditedMeanwhile) as refused:
        rooms.world.do(rules.save_place_rules, rooms.room.id, edit, 0, rooms.coordinator, NOW)
    assert refused.value.params["read"] == 0
    assert refused.value.params["kept"].needs_approval
    kept = rooms.world.see(rules.place_rules, rooms.room.id)
    assert (kept.version, kept.needs_approval) == (1, True)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(notice=timedelta(minutes=-5)), "limit_wrong"),
        (Limits(step=timedelta()), "limit_wrong"),
        (Limits(step=timedelta(seconds=90)), "limit_wrong"),
        (Limits(horizon_days=-1), "limit_wrong"),
        (Limits(horizon_days=9_999_999), "limit_wrong"),
        (Limits(buffer_after=timedelta(days=2)), "limit_wrong"),
        (Limits(longest=timedelta(days=32)), "limit_wrong"),
        (Limits(notice=timedelta(days=8), horizon_days=7), "notice_beyond_horizon"),
        (Limits(shortest=timedelta(hours=2), longest=timedelta(hours=1)), "contradiction"),
    ],
)
def test_limits_that_nothing_can_keep(rooms: Rooms, limits: Limits, code: str) -> None:
    with pytest.raises(RulesWrong) as refused:
        rooms.terms(rooms.room.id, limits=limits)
    assert [p.code for p in refused.value.problems] == [code]
    assert rooms.world.see(rules.place_rules, rooms.room.id).version == 0


def test_a_shared_window_that_never_comes(rooms: Rooms) -> None:
    never = Recurrence(
        datetime.combine(TOMORROW, time(8)),
        datetime.combine(TOMORROW, time(12)),
        zone_of("Europe/Paris"),
        parse_rule("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=31"),
    )
    window = SharedWindow(never, Profile.PUBLIC_SERVICE, timedelta(hours=24))
    with pytest.raises(RulesWrong) as refused:
        rooms.terms(rooms.world.venue.id, sharing=Sharing((window,)))
    assert [p.code for p in refused.value.problems] == ["never_happens"]


def mornings(first: Profile) -> Sharing:
    """Kept for one public every Tuesday."""
    window = Recurrence(
        datetime.combine(TOMORROW, time(8)), datetime.combine(TOMORROW, time(12)),
        zone_of("Europe/Paris"), parse_rule("FREQ=WEEKLY"),
    )  # fmt: skip
    return Sharing((SharedWindow(window, first, timedelta(hours=24)),))


@pytest.mark.parametrize("room_first", [True, False])
def test_windows_of_a_venue_and_its_room_agree(rooms: Rooms, room_first: bool) -> None:
    places = [(rooms.room.id, "Réunion"), (rooms.world.venue.id, "Guillestre")]
    (first, name), (second, _) = places if room_first else reversed(places)
    rooms.terms(first, sharing=mornings(Profile.PROFESSIONAL))
    rooms.terms(rooms.far.id, sharing=mornings(Profile.PUBLIC_SERVICE))  # elsewhere
    with pytest.raises(RulesWrong) as refused:
        rooms.terms(second, sharing=mornings(Profile.PUBLIC_SERVICE))
    starts, ends = at(8), at(12)
    assert refused.value.problems == (WindowsDisagreeWith(name, starts, ends),)
    rooms.terms(second, sharing=mornings(Profile.PROFESSIONAL))


@pytest.mark.parametrize("room_first", [True, False])
def test_limits_of_a_venue_and_its_room_leave_something(rooms: Rooms, room_first: bool) -> None:
    hour = timedelta(hours=1)
    places = [(rooms.room.id, "Réunion"), (rooms.world.venue.id, "Guillestre")]
    (first, name), (second, _) = places if room_first else reversed(places)
    rooms.terms(first, limits=Limits(shortest=2 * hour))
    with pytest.raises(RulesWrong) as refused:
        rooms.terms(second, limits=Limits(longest=hour))
    assert refused.value.problems == (ContradictsWith(2 * hour, hour, name),)
    rooms.terms(second, limits=Limits(longest=2 * hour))


def test_a_room_has_no_hours_of_its_own_while_its_venue_is_closed(rooms: Rooms) -> None:
    zone = zone_of("Europe/Paris")
    works = Closure.of_days(TOMORROW, TOMORROW, zone, "Travaux")
    evening = ExceptionalDay(TOMORROW, ((time(9), time(12)),), "Portes ouvertes")
    rooms.terms(rooms.world.venue.id, rules=OpeningRules(closures=(works,)))
    with pytest.raises(RulesWrong) as refused:
        rooms.terms(rooms.room.id, rules=OpeningRules(exceptions=(evening,)))
    assert [p.code for p in refused.value.problems] == ["open_in_closure"]
    rooms.terms(rooms.far.id, rules=OpeningRules(exceptions=(evening,)))
    rooms.terms(rooms.world.elsewhere.id, rules=OpeningRules(closures=(works,)))  # it may close


def test_a_venues_week_is_edited_with_the_venue(rooms: Rooms) -> None:
    week = (OpeningRange(0, time(9), time(12)),)
    with pytest.raises(InvalidForm):
        rooms.terms(rooms.world.venue.id, rules=OpeningRules(weekly=week))
    rooms.terms(rooms.room.id, rules=OpeningRules(weekly=week))


def test_reception_edits_its_own_venues(rooms: Rooms) -> None:
    world, terms = rooms.world, rules.PlaceTerms(needs_approval=True)
    world.do(rules.save_place_rules, world.venue.id, terms, 0, world.reception, NOW)
    with pytest.raises(NotAllowed):
        world.do(rules.save_place_rules, world.elsewhere.id, terms, 0, world.reception, NOW)


def test_school_holidays_are_loaded_from_the_ministrys_file(rooms: Rooms) -> None:
    world = rooms.world
    read = world.do(rules.load_school_holidays, FILE.encode(), rooms.coordinator, NOW)
    assert set(read.zones) == {"Zone B"}
    broken = FILE + "Vacances;-;demain;;Zone B\n"
    assert world.do(rules.load_school_holidays, broken.encode(), rooms.coordinator, NOW).problems
    kept = world.see(lambda uow: uow.school_holidays.list())
    assert [(k.id, len(k.breaks)) for k in kept] == [("Zone B", 1)]
    rooms.terms(world.venue.id, school_zone="Zone B")
    with pytest.raises(InvalidForm):
        rooms.terms(world.elsewhere.id, school_zone="Zone Z")
    with pytest.raises(InvalidForm):
        rooms.terms(world.elsewhere.id, room_class="x" * 201)


def test_the_trail_says_which_school_holidays_changed(rooms: Rooms) -> None:
    """Only those that came or went: the file has every year since 2017."""
    world = rooms.world
    world.do(rules.load_school_holidays, FILE.encode(), rooms.coordinator, NOW)
    later = FILE.replace("2027-01-04", "2027-01-05") + "Été;-;2027-07-03;2027-09-01;Corse\n"
    later += "Pâques;-;2027-04-10;2027-04-26;Zone B\n"
    world.do(rules.load_school_holidays, later.encode(), rooms.coordinator, NOW + MINUTE)
    world.do(rules.load_school_holidays, later.encode(), rooms.coordinator, NOW + 2 * MINUTE)
    same, changed, first = world.see(
        lambda uow: uow.audit.newest(subject="school_holidays", limit=3)
    )
    noel = "Vacances de Noël"
    assert (first.before, first.after) == ({}, {"Zone B": [f"2026-12-19/2027-01-03 {noel}"]})
    assert changed.before == {"Zone B": [f"2026-12-19/2027-01-03 {noel}"]}
    assert changed.after == {
        "Zone B": [f"2026-12-19/2027-01-04 {noel}", "2027-04-10/2027-04-25 Pâques"],
        "Corse": ["2027-07-03/2027-08-31 Été"],
    }
    assert (same.before, same.after) == ({}, {})


def test_negative_prices_are_named_one_by_one(rooms: Rooms) -> None:
    tariff = GRID.tariffs[0]
    rates = tuple(replace(rate, price=Decimal(-1)) for rate in tariff.rates)
    grid = replace(GRID, tariffs=(replace(tariff, rates=rates),))
    with pytest.raises(GridWrong) as refused:
        rooms.world.do(prices.save_prices, None, grid, RULE, 1, rooms.coordinator, NOW)
    fields = [fault.field for fault in refused.value.faults]
    assert fields == [f"tariffs.0.rates.{n}.price" for n in range(3)]
    with pytest.raises(EditedMeanwhile):
        rooms.world.do(prices.save_prices, None, GRID, RULE, 5, rooms.coordinator, NOW)
    with pytest.raises(NotAllowed):
        rooms.world.do(prices.save_prices, None, GRID, RULE, 1, rooms.coworker, NOW)


def test_a_venue_may_have_prices_of_its_own(rooms: Rooms) -> None:
    world = rooms.world
    free = replace(GRID, tariffs=(replace(GRID.tariffs[0], free_weekdays=frozenset({1})),))
    world.do(prices.save_prices, world.elsewhere.id, free, RULE, 0, rooms.coordinator, NOW)
    assert rooms.book(rooms=(rooms.far,)).rooms[0].quote.totals.total == 0
    assert rooms.book(rooms=(rooms.room,)).rooms[0].quote.totals.total == Decimal(10)


def test_accounts_are_of_people_that_are_there(rooms: Rooms) -> None:
    form = accounts.MembershipForm(person_id="nobody", profile="member", organisation_id="none")
    with pytest.raises(InvalidForm) as refused:
        rooms.world.do(accounts.create_membership, form, rooms.coordinator, NOW)
    assert [e.field for e in refused.value.errors] == ["person_id", "organisation_id"]
    closed = accounts.MembershipForm(
        person_id=rooms.coworker.id, profile="member", active=False, organisation_id=None
    )
    rooms.world.do(accounts.update_membership, rooms.account.id, closed, 1, rooms.coordinator, NOW)
    with pytest.raises(NotAllowed):
        rooms.book()


def test_only_passes_on_sale_are_sold(rooms: Rooms) -> None:
    with pytest.raises(InvalidForm):
        rooms.world.do(accounts.sell_pass, rooms.account.id, "gold", rooms.coordinator, NOW)
    rooms.world.do(accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    (line,) = rooms.world.see(lambda uow: uow.charges.list())
    assert (line.label, line.amount.total) == ("Carnet de 10 demi-journées", Decimal(80))
