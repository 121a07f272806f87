"""Rooms, kiosks, agents and seats have one owner at a time, whoever writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hub_world import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgresql_server import on_both_databases
from sqlalchemy import event, insert, text, update
from sqlalchemy.exc import IntegrityError

from visiohub.bootstrap import Hub
from visiohub.domain.occupancy import (
    Occupancy,
    Owner,
    OwnerKind,
    Resource,
    ResourceKind,
    seats,
)
from visiohub.errors import AgentBusy, CounterFull, RoomTaken, SlotTaken
from visiohub.storage.conflicts import is_overlap
from visiohub.storage.occupancies import Occupancies
from visiohub.storage.tables import occupancies

pytestmark = on_both_databases

REFUSALS = (RoomTaken, SlotTaken, AgentBusy, CounterFull)


def at(quarter: int) -> datetime:
    return NOW + timedelta(minutes=15 * quarter)


def booking(number: int) -> Owner:
    return Owner(OwnerKind.BOOKING, f"booking {number}")


def room(number: int) -> Resource:
    return Resource(ResourceKind.ROOM, f"room {number}")


def held(resource: Resource, start: int, end: int, owner: int = 0) -> Occupancy:
    return Occupancy(resource, at(start), at(end), booking(owner))


def do(hub: Hub, work: Callable[[Occupancies], object]) -> None:
    with hub.uow() as uow:
        work(uow.occupancies)
        uow.commit()


def see(hub: Hub, *resources: Resource) -> list[Occupancy]:
    with hub.reading() as uow:
        return uow.occupancies.between(resources, at(0), at(1000))


def test_fifteen_rooms_are_taken_together_or_not_at_all(hub: Hub) -> None:
    rooms = [room(n) for n in range(15)]
    taken = held(rooms[7], 1, 2, owner=1)
    do(hub, lambda o: o.hold([taken]))
    with pytest.raises(RoomTaken) as refused:
        do(hub, lambda o: o.hold([held(r, 0, 4, owner=2) for r in rooms]))
    assert refused.value.params["resource_id"] == rooms[7].id
    assert refused.value.params["starts_at"] == at(0)
    assert see(hub, *rooms) == [taken]
    do(hub, lambda o: o.hold([held(r, 2, 4, owner=2) for r in rooms]))
    assert len(see(hub, *rooms)) == 16


def test_each_kind_is_refused_in_its_own_words(hub: Hub) -> None:
    kinds = (ResourceKind.ROOM, ResourceKind.KIOSK, ResourceKind.AGENT, ResourceKind.SEAT)
    for kind, refusal in zip(kinds, REFUSALS, strict=True):
        one = Resource(kind, "1")
        do(hub, lambda o, one=one: o.hold([held(one, 0, 2)]))
        with pytest.raises(refusal):
            do(hub, lambda o, one=one: o.hold([held(one, 1, 3, owner=1)]))


def test_two_owners_change_places(hub: Hub) -> None:
    do(hub, lambda o: o.hold([held(room(1), 0, 2, owner=1), held(room(2), 0, 2, owner=2)]))
    swapped = [held(room(1), 0, 2, owner=2), held(room(2), 0, 2, owner=1)]
    do(hub, lambda o: o.move(swapped, booking(1), booking(2)))
    assert see(hub, room(1), room(2)) == swapped


def test_a_move_may_overlap_where_it_was(hub: Hub) -> None:
    do(hub, lambda o: o.hold([held(room(1), 0, 4)]))
    do(hub, lambda o: o.move([held(room(1), 2, 6)], booking(0)))
    assert see(hub, room(1)) == [held(room(1), 2, 6)]
    do(hub, lambda o: o.free(booking(0)))
    assert see(hub, room(1)) == []


def test_a_counter_has_so_many_seats(hub: Hub) -> None:
    first, second = seats("counter", 2)
    do(hub, lambda o: o.hold([held(first, 0, 2, owner=1), held(second, 0, 2, owner=2)]))
    with pytest.raises(CounterFull):
        do(hub, lambda o: o.hold([held(second, 1, 3, owner=3)]))


@pytest.mark.parametrize("how", ["insert", "update"])
def test_who_goes_past_the_code_is_refused_too(hub: Hub, how: str) -> None:
    rows = [
        {
            "resource_kind": ResourceKind.ROOM,
            "resource_id": "room 1",
            "starts_at": at(start),
            "ends_at": at(start + 2),
            "owner_kind": OwnerKind.BOOKING,
            "owner_id": "b",
        }
        for start in (0, 2)
    ]
    with hub.engine.begin() as connection:
        connection.execute(insert(occupancies), rows)
    sooner = {"starts_at": at(1), "ends_at": at(3)}
    statement = {
        "insert": insert(occupancies).values({**rows[1], **sooner}),
        "update": update(occupancies).where(occupancies.c.starts_at == at(2)).values(sooner),
    }[how]
    with pytest.raises(IntegrityError) as refused, hub.engine.begin() as connection:
        connection.execute(statement)
    assert is_overlap(refused.value)
    later = {"starts_at": at(3), "ends_at": at(5)}
    with hub.engine.begin() as connection:  # over its own former place
        connection.execute(statement.values(later) if how == "update" else text("SELECT 1"))


steps = st.tuples(
    st.integers(0, 2), st.integers(0, 24), st.integers(1, 5), st.integers(0, 4), st.booleans()
)


@given(st.lists(steps, min_size=5, max_size=20), st.integers(0, 24), st.integers(1, 24))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example rolls back
)
def test_it_holds_what_a_plain_list_would(
    hub: Hub, tried: list[tuple[int, int, int, int, bool]], start: int, length: int
) -> None:
    kept: list[Occupancy] = []
    with hub.uow() as uow:
        for where, begins, lasts, owner, moves in tried:
            wanted = held(room(where), begins, begins + lasts, owner)
            gone = [booking(owner)] if moves else []
            left = [o for o in kept if o.owner not in gone]
            clash = any(
                o.resource == wanted.resource
                and o.starts_at < wanted.ends_at
                and wanted.starts_at < o.ends_at
                for o in left
            )
            with uow._session.begin_nested() as savepoint:
                if clash:
                    with pytest.raises(RoomTaken):
                        uow.occupancies.move([wanted], *gone)
                    savepoint.rollback()
                else:
                    uow.occupancies.move([wanted], *gone)
                    kept = [*left, wanted]
        assert uow.occupancies.of(*map(booking, range(5))) == sorted(kept)
        seen = uow.occupancies.between([room(0), room(2)], at(start), at(start + length))
        assert seen == sorted(
            o
            for o in kept
            if o.resource != room(1) and o.starts_at < at(start + length) and o.ends_at > at(start)
        )


def test_reading_is_a_range_scan(hub: Hub) -> None:
    rooms = [room(n) for n in range(20)]
    do(hub, lambda o: o.hold([held(r, 2 * n, 2 * n + 2) for r in rooms for n in range(10)]))
    others = [
        {
            "resource_kind": ResourceKind.ROOM,
            "resource_id": f"other room {n}",
            "starts_at": at(2 * k),
            "ends_at": at(2 * k + 2),
            "owner_kind": OwnerKind.BOOKING,
            "owner_id": "booking 0",
        }
        for n in range(20)
        for k in range(50)
    ]
    with hub.engine.begin() as connection:  # the planner goes by what it knows of the table
        connection.execute(insert(occupancies), others)
        connection.execute(text("ANALYZE"))
    plans: list[str] = []

    def explain(_: object, cursor: Any, statement: str, parameters: object, *__: object) -> None:
        if "WITH asked" in statement:
            cursor.execute(EXPLAIN[hub.engine.dialect.name] + statement, parameters)
            plans.append("\n".join(str(row) for row in cursor.fetchall()))

    with hub.uow() as uow:
        if hub.engine.dialect.name == "postgresql":  # as for a table that is not small
            for other in ("seqscan", "hashjoin", "mergejoin", "bitmapscan"):
                uow._session.execute(text(f"SET LOCAL enable_{other} = off"))
        event.listen(hub.engine, "before_cursor_execute", explain)
        found = uow.occupancies.between(rooms[:15], at(7), at(11))
        event.remove(hub.engine, "before_cursor_execute", explain)
    assert len(found) == 15 * 3
    (plan,) = plans
    assert re.search(RANGE_SCAN[hub.engine.dialect.name], plan), plan


EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
RANGE_SCAN = {
    "sqlite": r"\(resource_kind=\? AND resource_id=\? AND starts_at>\? AND starts_at<\?\)",
    "postgresql": r"Index Cond: .*resource_id.* AND .*starts_at >= .* AND .*starts_at < ",
}
