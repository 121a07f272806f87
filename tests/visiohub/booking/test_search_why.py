"""Why nothing is free, and when it may be: of rooms and of a service's slots."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hub_world import DAY, NOW, World

from visiohub.booking import permanences
from visiohub.booking.permanences import AbsenceForm
from visiohub.booking.search import AHEAD, first_free
from visiohub.booking.search_places import Near
from visiohub.booking.search_rooms import free_rooms
from visiohub.booking.search_why import WhyNothing, why_no_slot
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import Closure, OpeningRules
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.model import OpeningRange
from visiohub.web.public_words import why_words

WEEKLY = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
TUESDAYS = OpeningRules(weekly=(OpeningRange(1, time(8), time(12)),))


def days(count: int) -> date:
    return DAY + timedelta(days=count)


def shared(first: Profile, release: timedelta | None) -> Sharing:
    starts = datetime.combine(DAY, time(0))
    whole = Recurrence(
        starts, starts + timedelta(days=1), ZoneInfo("Europe/Paris"), parse_rule("FREQ=DAILY")
    )
    return Sharing((SharedWindow(whole, first, release),))


def ruled(world: World, **fields: Any) -> None:
    """Rules of the first kiosk's room, and of the one beside."""
    for kiosk in (world.kiosk, world.beside):
        rules = PlaceRules(kiosk.room_id, world.venue.id, kiosk.room_id, **fields)
        world.do(lambda uow, rules=rules: uow.place_rules.add(rules))


def room_why(world: World) -> str:
    with world.hub.reading() as uow:
        (found,) = free_rooms(uow, [Near(uow.venues.get(world.venue.id))], NOW)
    why = next(one.why for one in found.rooms if one.room.id == world.kiosk.room_id)
    assert why is not None
    return f"{why.cause.code}: {why_words(why, 'Europe/Paris')}"


def works(count: int) -> OpeningRules:
    return OpeningRules(closures=(Closure(NOW, NOW + timedelta(days=count), "Travaux"),))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rules": works(40)}, "closure: Fermé jusqu’au samedi 2 janvier 2027"),
        ({"limits": Limits(notice=timedelta(days=30))}, "mercredi 23 décembre 2026"),
        (
            {"rules": TUESDAYS, "sharing": shared(Profile.PUBLIC_SERVICE, timedelta(minutes=30))},
            "not_yet_open: mardi 24 novembre 2026, 8\u00a0h à 9\u00a0h\u00a0: Ce créneau",
        ),
        (
            {"sharing": shared(Profile.PUBLIC_SERVICE, None)},
            "kept_for_others: Les heures encore libres",
        ),
        ({"limits": Limits(shortest=timedelta(hours=5))}, "none_long_enough: Aucune ouverture"),
        ({"rules": OpeningRules(weekly=())}, "no_hours: Aucune heure d’ouverture jusqu’au"),
    ],
)
def test_why_a_room_cannot_be_had(world: World, fields: dict[str, Any], said: str) -> None:
    ruled(world, **fields)
    assert said in room_why(world)


def test_a_room_whose_horizon_ends_before_it_opens(world: World) -> None:
    mondays = (OpeningRange(0, time(8), time(8, 30)), OpeningRange(2, time(8), time(12)))
    ruled(world, rules=OpeningRules(weekly=mondays), limits=Limits(horizon_days=1))
    assert "later_days: Rien de libre jusqu’au mardi 24" in room_why(world)
    assert "Pour le mercredi 25 novembre 2026, revenez le mardi 24" in room_why(world)


def hold(world: World, **fields: Any) -> None:
    world.hold(**{"closes": time(11), "rule": WEEKLY, **fields})


def slot_why(world: World) -> WhyNothing:
    with world.hub.reading() as uow:
        near, service = Near(uow.venues.get(world.venue.id)), uow.services.get(world.service.id)
        found = first_free(uow, service, [near], NOW, NOW + AHEAD, NOW, 1)
        assert not [slot for one in found for slot in one.slots]
        return why_no_slot(uow, service, [near], NOW)[world.venue.id]


def service_with(world: World, **fields: Any) -> None:
    def change(uow: Any) -> None:
        for name, value in fields.items():
            setattr(uow.services.get(world.service.id), name, value)

    world.do(change)


def test_nobody_receives_here_or_not_yet(world: World) -> None:
    assert slot_why(world).cause.code == "not_received_here"
    hold(world, first_day=days(70))
    assert slot_why(world).cause.params == {"day": days(70)}


def test_an_agent_is_away_all_the_time(world: World) -> None:
    hold(world, rule=f"{WEEKLY};UNTIL=20270101T000000Z")
    away = AbsenceForm(holder_id=world.agent.id, first_day=DAY, last_day=days(90), reason="Congé")
    world.do(permanences.add_absence, away, world.partner.id, world.admin, NOW)
    assert slot_why(world).cause.code == "nobody_soon"


def test_a_permanence_in_hours_that_are_closed(world: World) -> None:
    hold(world, opens=time(19), closes=time(20))
    why = slot_why(world)
    assert why_words(why, "Europe/Paris") == (
        "lundi 23 novembre 2026, 19\u00a0h à 20\u00a0h\u00a0: Fermé à cette heure."
    )


def test_works_for_longer_than_the_search_looks(world: World) -> None:
    hold(world)
    venue = PlaceRules(world.venue.id, world.venue.id, rules=works(80))
    world.do(lambda uow: uow.place_rules.add(venue))
    why = slot_why(world)
    assert (why.cause.code, why.span) == ("closure", None)


def test_days_that_open_later_and_a_long_notice(world: World) -> None:
    hold(world, first_day=days(7), rule="FREQ=WEEKLY;BYDAY=MO")
    service_with(world, horizon_days=5)
    assert slot_why(world).cause.params == {
        "last_day": days(5), "day": days(7), "opens_on": days(2),
    }  # fmt: skip
    service_with(world, horizon_days=None, notice_minutes=60 * 24 * 60)
    assert slot_why(world).cause.code == "not_so_soon"


@pytest.mark.parametrize(
    ("release", "code"), [(timedelta(minutes=30), "not_yet_open"), (None, "kept_for_others")]
)
def test_rooms_kept_for_professionals(world: World, release: timedelta | None, code: str) -> None:
    hold(world, first_day=days(1), rule="FREQ=DAILY;COUNT=1")
    ruled(world, sharing=shared(Profile.PROFESSIONAL, release))
    why = slot_why(world)
    assert why.cause.code == code
    if release:
        assert why.cause.params["opens_at"] == datetime(2026, 11, 23, 22, 30, tzinfo=UTC)


def test_others_have_all_of_it(world: World) -> None:
    hold(world, closes=time(10, 30), rule="FREQ=DAILY;COUNT=1")
    world.book("10:00", agent_id=world.agent.id)
    assert slot_why(world).cause.code == "all_taken"
