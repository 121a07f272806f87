"""Every refusal of the API names the fields that it is about, or is known to be about none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hub_site import Site

from visiohub.booking.rooms.refusals import NotBookable, RoomHeld
from visiohub.domain.calendar import limits
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.recurrence import NeverHappens
from visiohub.errors import (
    AgentBusy,
    EditedMeanwhile,
    FieldError,
    InvalidForm,
    NotFound,
    NotOffered,
    RoomTaken,
    VisiohubError,
    WrongState,
)
from visiohub.web.api.about import CALLED, OF_CAUSE, OF_CODE, Asked
from visiohub.web.api.describe import Operation
from visiohub.web.api.resources import OPERATIONS

ZONE = "Europe/Paris"
BY_WHAT_IS_RAISED = {
    "invalid_form",
    "line_full",
    "name_taken",
    "not_allowed",
    "not_found",
    "still_in_use",
}
"""The errors themselves name fields or identifiers, where they know any."""
ABOUT_NO_FIELD = {
    # too much or too often: the same request goes later
    "busy",
    "too_many_attempts",
    # what the address names is past this
    "booking_changed",
    "call_over",
    "call_taken",
    "key_back",
    "not_the_day",
    "not_the_time",
    "offer_gone",
    "too_late_to_move",
    "wrong_state",
}
NOT_OF_THE_API = {
    # commands
    "demo_refused",
    "settings",
    # pages and their links
    "already_waiting",
    "appointment_link_dead",
    "codes_spent",
    "grid_wrong",
    "import_refused",
    "last_administrator",
    "no_booking_here",
    "no_encryption_key",
    "nobody_found",
    "nothing_chosen",
    "rules_wrong",
    "speed_refused",
    "still_booked",
    "still_there",
    "too_many_kiosks",
    "twin_line",
    "waiting_link_dead",
    "weak_password",
    "wrong_password",
    "wrong_period",
    "wrong_sign_in",
    # kiosks
    "service_closed",
    "service_unknown",
}


def below(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def fields_of(one: Operation) -> set[str]:
    in_path = {part[1:-1] for part in one.path.split("/") if part.startswith("{")}
    models = [m for m in (one.query, one.body) if m is not None]
    return in_path.union(*(m.model_fields for m in models))


KNOWN = set[str]().union(*map(fields_of, OPERATIONS))


def test_every_refusal_names_a_field_or_is_about_none() -> None:
    unnamed = set()
    for error in below(VisiohubError):
        if not (error.__module__.startswith("visiohub.") and hasattr(error, "code")):
            continue
        name = error.default_field or OF_CODE.get(error.code)
        if name is None or KNOWN.isdisjoint({name, *CALLED.get(name, ())}):
            unnamed.add(error.code)
    assert unnamed == BY_WHAT_IS_RAISED | ABOUT_NO_FIELD | NOT_OF_THE_API


def test_what_is_named_is_known_to_a_request() -> None:
    assert KNOWN.issuperset(OF_CODE.values())
    assert KNOWN.issuperset(OF_CAUSE.values())
    assert KNOWN.issuperset(name for names in CALLED.values() for name in names)


MOVED = Asked({"booking_id": "b1"}, {"room_ids": ("r1", "r2"), "starts": "", "ends": ""})
OFFERED = Asked({"entry_id": "e1"}, {"venue_id": "v1", "starts_at": "", "version": 1})


@pytest.mark.parametrize(
    ("asked", "error", "pointers"),
    [
        (MOVED, RoomTaken(), ["/starts"]),
        (OFFERED, RoomTaken(), ["/starts_at"]),
        (Asked({}, {"version": 1}), RoomTaken(), []),
        (OFFERED, EditedMeanwhile(), ["/version"]),
        (OFFERED, NotOffered(about="v1"), ["/venue_id"]),
        (OFFERED, NotOffered(about="v7"), ["/venue_id"]),
        (OFFERED, WrongState(), []),
        (MOVED, NotFound(about="r2"), ["/room_ids/1"]),
        (MOVED, NotFound(about="b1"), [None]),
        (MOVED, NotFound(about="of nobody's request"), []),
        (Asked({}, {"day": "", "time": ""}), AgentBusy(), ["/time"]),
        (Asked({}, {"agent_id": ""}), AgentBusy(), ["/agent_id"]),
        (Asked({"place": ""}, {}), InvalidForm([FieldError("place", "x", "x")]), [None]),
        (MOVED, InvalidForm([FieldError("time", "x", "x")]), ["/starts"]),
        (MOVED, InvalidForm([FieldError("room_ids.1", "x", "x")]), ["/room_ids/1"]),
    ],
)  # fmt: skip
def test_a_field_is_called_as_the_request_calls_it(
    asked: Asked, error: VisiohubError, pointers: list[str | None]
) -> None:
    assert [one["pointer"] for one in asked.wrong(error, ZONE)] == pointers


def test_each_cause_against_a_booking_names_its_field() -> None:
    day = timedelta(days=1)
    some: dict[str, list[Cause]] = {
        "r1": [limits.TooLong(day), RoomHeld()],
        "r2": [RoomHeld(), NeverHappens()],
    }
    asked = Asked({}, {"room_ids": ("r1", "r2"), "starts": "", "ends": "", "rule": ""})
    found = asked.wrong(NotBookable(some), ZONE)
    assert [(one["pointer"], one["code"]) for one in found] == [
        ("/ends", "too_long"),
        ("/starts", "room_taken"),
        ("/rule", "never_happens"),
    ]
    assert all(one["detail"] for one in found)


async def ask(client: aiohttp.ClientSession, path: str, body: Any = None) -> Any:
    method = "GET" if body is None else "POST"
    async with client.request(method, f"/api/v1/{path}", json=body) as answer:
        said = await answer.json()
        assert 400 <= answer.status < 500, said
    assert said["field"] == next((one["field"] for one in said["errors"]), None)
    assert "Revenez à la liste" not in str(said)
    in_body = [one for one in said["errors"] if one["pointer"]]
    assert not (in_body and "à cette adresse" in said["detail"])
    return [(one["field"], one["pointer"], one["code"]) for one in said["errors"]]


async def test_what_does_not_exist_is_named(
    site: Site, agent: aiohttp.ClientSession, reception: aiohttp.ClientSession
) -> None:
    assert await ask(agent, "slots?service_id=no") == [("service_id", None, "not_found")]
    assert await ask(agent, "appointments/no") == [("appointment_id", None, "not_found")]
    assert await ask(reception, "booked-rooms?venue_id=no") == [("venue_id", None, "not_found")]
    waiting = {"service_id": "no", "venue_ids": ["a"], "not_after": "2199-01-01T00:00:00Z"}
    assert await ask(reception, "waiting", waiting) == [
        ("service_id", "/service_id", "not_offered")
    ]
    async with reception.get("/api/v1/services") as answer:
        waiting["service_id"] = next(s["id"] for s in await answer.json() if not s["venue_ids"])
    async with reception.get("/api/v1/venues") as answer:
        waiting["venue_ids"] = [(await answer.json())[0]["id"], "no"]
    assert await ask(reception, "waiting", waiting) == [
        ("venue_ids.1", "/venue_ids/1", "not_offered")
    ]
    async with site.client("professionnel") as client:
        async with client.get("/api/v1/accounts") as answer:
            account = (await answer.json())[0]["id"]
        async with client.get("/api/v1/rooms") as answer:
            room = (await answer.json())[0]["id"]
        when = {"day": "2027-03-02", "starts": "10:00", "ends": "12:00"}
        wish = {"membership_id": account, "room_ids": [room, "no"], **when}
        assert await ask(client, "quotes", wish) == [("room_ids.1", "/room_ids/1", "not_found")]
        for half in ({"far_latitude": 48.86}, {"far_longitude": 2.35}):
            assert await ask(client, "quotes", wish | half) == [
                ("far_longitude", "/far_longitude", "half_a_place")
            ]
        wish = {"membership_id": "no", "room_ids": [room], **when}
        assert await ask(client, "quotes", wish) == [
            ("membership_id", "/membership_id", "not_found")
        ]
