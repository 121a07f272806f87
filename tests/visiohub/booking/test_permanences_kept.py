"""Permanences that would be the same window twice are refused in words; others are not."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from hub_world import DAY, NOW, World

from visiohub.booking import permanences
from visiohub.domain.permanence import Permanence
from visiohub.errors import InvalidForm

MONDAYS = {"rule": "FREQ=WEEKLY;BYDAY=MO"}


def add(world: World, **fields: Any) -> Permanence:
    return world.hold(**MONDAYS | fields)


def refused(world: World, **fields: Any) -> dict[str, object]:
    with pytest.raises(InvalidForm) as refusal:
        add(world, **fields)
    (error,) = refusal.value.errors
    assert (error.field, error.code) == ("opens", "permanences_overlap")
    return dict(error.params)


def test_the_same_window_of_one_agent_twice(world: World) -> None:
    add(world)
    assert refused(world) == {"day": "23/11/2026", "begins": "10:00", "ends": "12:00"}
    monthly = {"first_day": date(2026, 12, 1), "rule": "FREQ=MONTHLY;BYDAY=1TU,1MO"}
    assert refused(world, opens=time(11), closes=time(15), **monthly) == {
        "day": "07/12/2026", "begins": "11:00", "ends": "12:00",
    }  # fmt: skip
    two = (world.service.id, world.walk_in.id)
    refused(world, service_ids=two, venue_ids=(world.venue.id,))


def test_a_counter_of_one_name_twice(world: World) -> None:
    counter = {"agent_id": None, "seats": 2}
    add(world, name="Guichet", **counter)
    refused(world, name="guichet", **counter)
    add(world, name="Guichet 2", **counter)
    add(world, name="Guichet", opens=time(14), closes=time(16), **counter)


def test_windows_that_do_not_meet_for_the_same_people(world: World) -> None:
    add(world, venue_ids=(world.venue.id,))
    add(world, venue_ids=(world.elsewhere.id,))
    add(world, service_ids=(world.walk_in.id,))
    add(world, agent_id=world.colleague.id)
    add(world, opens=time(12), closes=time(13))
    add(world, first_day=date(2026, 11, 24), rule="FREQ=WEEKLY;BYDAY=TU")


def test_a_change_is_not_in_its_own_way_and_an_ended_one_in_nobodys(world: World) -> None:
    kept = add(world)
    longer = world.permanence(**MONDAYS, closes=time(13))
    changed = world.do(permanences.change, kept.id, longer, 1, world.admin, NOW)
    afternoon = add(world, opens=time(14), closes=time(16))
    with pytest.raises(InvalidForm):
        world.do(permanences.change, afternoon.id, world.permanence(**MONDAYS), 1, world.admin, NOW)
    world.do(permanences.end, kept.id, DAY, changed.version, world.admin, NOW)
    with pytest.raises(InvalidForm):
        add(world)
    add(world, first_day=date(2026, 11, 30))
