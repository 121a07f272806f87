"""The tables of bookings of rooms: rules of places, accounts, prices, bookings, keys."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table

from visiohub.domain.booking import RoomState
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import OpeningRules
from visiohub.domain.calendar.school_holidays import SchoolBreak
from visiohub.domain.calendar.sharing import Profile
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import Grid
from visiohub.domain.tariff.money import Amount
from visiohub.domain.tariff.standing import Standing
from visiohub.storage.columns import (
    Id,
    Texts,
    enum,
    foreign,
    id_,
    kept,
    metadata,
    ref,
    text,
    when,
)
from visiohub.storage.documents import QuoteJson, SharingJson, document

Cancellation = document(CancellationRule)

school_holidays = Table(
    "school_holidays",
    metadata,
    id_(),
    Column("breaks", document(tuple[SchoolBreak, ...]), nullable=False),
)
place_rules = Table(
    "place_rules",
    metadata,
    id_(),
    ref("venues.id"),
    ref("rooms.id", nullable=True),
    Column("rules", document(OpeningRules), nullable=False),
    text("school_zone"),
    Column("limits", document(Limits), nullable=False),
    Column("sharing", SharingJson, nullable=False),
    Column("needs_approval", Boolean, nullable=False),
    text("room_class"),
    Column("version", Integer, nullable=False),
)
price_lists = Table(
    "price_lists",
    metadata,
    id_(),
    ref("venues.id", nullable=True),
    Column("grid", document(Grid), nullable=False),
    Column("cancellation", Cancellation, nullable=False),
    Column("version", Integer, nullable=False),
)
organisations = Table(
    "organisations",
    metadata,
    id_(),
    text("name"),
    Column("address", Texts, nullable=False),
    text("contact"),
    text("email"),
    text("phone", 40),
    text("account_number", 40),
    *kept(),
)
memberships = Table(
    "memberships",
    metadata,
    id_(),
    ref("persons.id"),
    text("profile"),
    Column("books_as", enum(Profile), nullable=False),
    ref("organisations.id", nullable=True),
    Column("standing", document(Standing), nullable=False),
    *kept(),
)
bookings = Table(
    "bookings",
    metadata,
    id_(),
    ref("memberships.id"),
    when("starts_at", nullable=False, index=True),
    when("ends_at", nullable=False),
    when("created_at", nullable=False),
    Column("created_by", Id, foreign("persons.id"), nullable=False),
    Column("visio", Boolean, nullable=False),
    Column("series_id", Id, index=True),
    Column("version", Integer, nullable=False),
)
booked_rooms = Table(
    "booked_rooms",
    metadata,
    id_(),
    ref("bookings.id", ondelete="CASCADE"),
    ref("rooms.id"),
    ref("venues.id"),
    Column("state", enum(RoomState), nullable=False),
    Column("quote", QuoteJson, nullable=False),
    Column("cancellation", Cancellation, nullable=False),
    when("checked_in_at"),
    Column("version", Integer, nullable=False),
)
charges = Table(
    "charges",
    metadata,
    id_(),
    ref("memberships.id"),
    ref("organisations.id", nullable=True),
    Column("on", Date, nullable=False, index=True),
    ref("venues.id", nullable=True),
    text("label"),
    Column("amount", document(Amount), nullable=False),
    ref("booked_rooms.id", nullable=True, ondelete="SET NULL"),
    text("debtor"),
)
key_loans = Table(
    "key_loans",
    metadata,
    id_(),
    ref("venues.id"),
    ref("booked_rooms.id", ondelete="CASCADE"),
    Column("name", String(100), nullable=False),
    when("out_at", nullable=False),
    Column("out_by", Id, foreign("persons.id"), nullable=False),
    when("back_at"),
    Column("back_by", Id, foreign("persons.id")),
    Index(None, "venue_id", "name"),
)
