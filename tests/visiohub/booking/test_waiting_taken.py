"""What was offered is asked anew when it is taken, and held its share of the line until then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from waiting_world import TEN, entry_of, fill, free, join, serve

from visiohub.booking import waiting, waiting_desk
from visiohub.booking.secrets import new_token
from visiohub.domain.booking import PlaceRules
from visiohub.domain.calendar.opening import Closure
from visiohub.domain.line import TrainResult, Way
from visiohub.domain.occupancy import Owner, OwnerKind
from visiohub.domain.permanence import Absence
from visiohub.domain.waiting_list import WaitingEntry, WaitState
from visiohub.errors import LineFull, OfferGone
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases


@pytest.fixture
def full(world: World) -> str:
    return fill(world)


def offered(world: World, full: str, notice: int = 0) -> tuple[WaitingEntry, str]:
    """Somebody to whom tomorrow's slot is offered now, and their key; `notice` of the service in
    minutes."""
    world.do(lambda uow: setattr(uow.services.get(world.service.id), "notice_minutes", notice))
    key = new_token()
    entry = join(world, key, phone="06 12 34 56 78")
    free(world, full)
    assert serve(world, NOW) == 1
    return entry, key


def closes(world: World, uow: UnitOfWork) -> None:
    works = Closure(TEN - timedelta(hours=2), TEN + timedelta(hours=8), "Travaux")
    kept = PlaceRules.of_new(uow.venues.get(world.elsewhere.id))
    kept.rules = replace(kept.rules, closures=(works,))
    uow.place_rules.add(kept)


def is_away(world: World, uow: UnitOfWork) -> None:
    span = TEN - timedelta(hours=2), TEN + timedelta(hours=8)
    uow.absences.add(Absence("a", world.agent.id, world.partner.id, *span, "Formation"))


def is_withdrawn(world: World, uow: UnitOfWork) -> None:
    uow.services.get(world.service.id).venue_ids = (world.venue.id,)


@pytest.mark.parametrize("at_the_desk", [False, True])
@pytest.mark.parametrize("what_happens", [closes, is_away, is_withdrawn])
def test_what_became_impossible_is_not_taken(
    world: World, full: str, what_happens: Callable[[World, UnitOfWork], None], at_the_desk: bool
) -> None:
    entry, key = offered(world, full)
    world.do(lambda uow: what_happens(world, uow))
    later = NOW + timedelta(minutes=5)
    version = entry_of(world, entry).version
    use_case = waiting_desk.accept if at_the_desk else waiting.accept
    with pytest.raises(OfferGone):
        world.do(use_case, entry.id, *((version, world.agent) if at_the_desk else (key,)), later)
    kept = entry_of(world, entry)
    assert (kept.state, kept.offer, kept.refused) == (WaitState.WAITING, None, ())
    assert world.see(lambda uow: uow.occupancies.of(Owner(OwnerKind.OFFER, entry.id))) == []
    assert [a.id for a in world.see(lambda uow: uow.appointments.list())] == [full]
    (said,) = world.see(lambda uow: uow.audit.list(subject=entry.id, action="waiting.withdraw"))
    assert said.after == {"state": "waiting"}


def test_who_comes_instead_of_the_agent_receives(world: World, full: str) -> None:
    entry, key = offered(world, full)
    form = {"first_day": DAY + timedelta(days=1), "agent_id": world.colleague.id}
    world.hold(**form, opens=time(10), closes=time(10, 30), rule="FREQ=DAILY;COUNT=1")
    world.do(lambda uow: is_away(world, uow))
    booked = world.do(waiting.accept, entry.id, key, NOW)
    assert world.appointment(booked.appointment_id).agent_id == world.colleague.id


def test_the_services_notice_is_that_of_the_offer(world: World, full: str) -> None:
    entry, key = offered(world, full, notice=24 * 60)
    late = entry_of(world, entry).offer.until - timedelta(minutes=1)
    assert late + timedelta(days=1) > TEN
    booked = world.do(waiting.accept, entry.id, key, late)
    assert world.appointment(booked.appointment_id).starts_at == TEN


def measure(world: World) -> None:
    """520 kbit/s up from the first venue: one visio, and little else."""

    def measured(uow: UnitOfWork) -> None:
        line = uow.lines.of_venue(world.venue.id)
        assert line is not None
        number = uow.linkquality.states.of(line.id).number
        for hour in range(3):
            seen = NOW - timedelta(hours=hour + 1)
            rows = [
                TrainResult(seen, way, kbit_s, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)
                for way, kbit_s in ((Way.UP, 520.0), (Way.DOWN, 8000.0))
            ]
            uow.linkquality.series.add_trains([(number, row) for row in rows])

    world.do(measured)


def offered_here(world: World) -> tuple[WaitingEntry, str, dict[str, Any]]:
    """Somebody with an offer at the first venue, their key, and the kiosk beside, that day."""
    world.hold(
        first_day=DAY + timedelta(days=1),
        opens=time(10),
        closes=time(10, 30),
        rule="FREQ=DAILY;COUNT=1",
    )
    key = new_token()
    entry = join(world, key, venue_ids=(world.venue.id,))
    assert serve(world, NOW) == 1
    taken = entry_of(world, entry).offer.kiosk_id
    other = next(k.id for k in (world.kiosk, world.beside) if k.id != taken)
    day = DAY + timedelta(days=1)
    return entry, key, {"service_id": world.walk_in.id, "day": day, "kiosk_id": other}


def test_an_offer_holds_its_share_of_the_line(world: World) -> None:
    measure(world)
    entry, key, beside = offered_here(world)
    with pytest.raises(LineFull):
        world.book("10:00", **beside)
    world.book("10:30", **beside)
    world.do(waiting.accept, entry.id, key, NOW)
    with pytest.raises(LineFull):
        world.book("10:00", **beside)


def test_where_the_line_got_full_nothing_is_half_done(world: World) -> None:
    entry, key, beside = offered_here(world)
    meanwhile = world.book("10:00", **beside)  # nobody knows yet how little the line carries
    measure(world)
    with pytest.raises(OfferGone):
        world.do(waiting.accept, entry.id, key, NOW)
    assert (entry_of(world, entry).state, entry_of(world, entry).offer) == (WaitState.WAITING, None)
    kept = world.see(lambda uow: [a.id for a in uow.appointments.list()])
    assert kept == [meanwhile.appointment_id]
    assert world.see(lambda uow: uow.occupancies.of(Owner(OwnerKind.OFFER, entry.id))) == []
