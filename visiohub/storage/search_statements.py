"""What each search of free times asks, made once: to make a statement takes as long as to read its
few rows."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    TableValuedAlias,
    and_,
    bindparam,
    func,
    select,
)

from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.model import Line, Venue
from visiohub.storage import tables
from visiohub.storage.among import Ids, among
from visiohub.storage.line_tables import line_states

_o = tables.occupancies.c
_v, _k, _r, _a = (
    table.c for table in (tables.venues, tables.kiosks, tables.rooms, tables.appointments)
)
_IDS = bindparam("ids", type_=Ids())
_START, _END = (bindparam(name, type_=_o.starts_at.type) for name in ("start", "end"))
TOWNS = (
    select(_v.town, _v.postcode, _v.latitude, _v.longitude)
    .where(_v.active)
    .order_by(_v.town, _v.postcode)
)
KIOSKS_AT = (
    select(_r.venue_id, _k.id, _k.room_id)
    .join_from(tables.kiosks, tables.rooms, _r.id == _k.room_id)
    .where(_k.active, _r.active, among(_r.venue_id, _IDS))
    .order_by(_k.name, _k.id)
)
UNASSIGNED = (
    select(_a.service_id, _a.starts_at, _a.ends_at)
    .where(
        among(_a.service_id, _IDS),
        _a.starts_at < _END,
        _a.ends_at > _START,
        _a.agent_id.is_(None),
        _a.seat_id.is_(None),
        _a.state.in_(HOLDS_ITS_SLOT),
        _a.id != bindparam("moved", type_=_a.id.type),
    )
    .order_by(_a.starts_at)
)


@cache
def venues_in() -> Select[Venue]:
    """Not before the entities are mapped, as the next."""
    south, north, west, east = (
        bindparam(name, type_=_v.latitude.type) for name in ("south", "north", "west", "east")
    )
    return select(Venue).where(
        _v.active, _v.latitude.between(south, north), _v.longitude.between(west, east)
    )


@cache
def lines_at() -> Select[Line, bool]:
    """With whether anything was ever measured."""
    line, measured = tables.lines.c, line_states.c.id.is_not(None)
    return (
        select(Line, measured)
        .outerjoin_from(tables.lines, line_states, line_states.c.id == line.id)
        .where(line.active, among(line.venue_id, _IDS))
        .order_by(line.venue_id, line.id)
    )


def _taken_of(
    asked: TableValuedAlias,
    place: ColumnElement[int],
    kind: ColumnElement[str],
    resource_id: ColumnElement[str],
) -> Select[int, datetime, datetime]:
    """Of the resources `asked`, each known by its place among them: as nothing overlaps, of all
    that begins before `start` only the last can reach past it, and from its start on the index is
    read up to `end`."""
    earlier = tables.occupancies.alias("earlier").c
    last_before = (
        select(func.max(earlier.starts_at))
        .where(
            earlier.resource_kind == kind,
            earlier.resource_id == resource_id,
            earlier.starts_at <= _START,
        )
        .scalar_subquery()
    )
    the_same = and_(_o.resource_kind == kind, _o.resource_id == resource_id)
    return (
        select(place.label("place"), _o.starts_at, _o.ends_at)
        .join_from(asked, tables.occupancies, the_same)
        .where(
            _o.starts_at >= func.coalesce(last_before, _START),
            _o.starts_at < _END,
            _o.ends_at > _START,
        )
        .order_by("place", _o.starts_at)
    )


def _taken_on_sqlite() -> Select[int, datetime, datetime]:
    asked = func.json_each(bindparam("asked")).table_valued("key", "value", name="asked")
    kind, resource_id = (func.json_extract(asked.c.value, f"$[{n}]") for n in range(2))
    return _taken_of(asked, asked.c.key, kind, resource_id)


def _taken_on_postgresql() -> Select[int, datetime, datetime]:
    arrays = (bindparam(name, type_=ARRAY(String)) for name in ("kinds", "ids"))
    asked = (
        func.unnest(*arrays)
        .table_valued("kind", "id", with_ordinality="n", name="asked")
        .render_derived()
    )
    return _taken_of(asked, asked.c.n - 1, asked.c.kind, asked.c.id)


TAKEN = {"sqlite": _taken_on_sqlite(), "postgresql": _taken_on_postgresql()}
"""One parameter holds all ids, so that the statement is made once, however many are asked for."""
