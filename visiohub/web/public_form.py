"""What the public search asks for, and the limits on how often it is asked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from signaling.session.rate_limit import AddressLimits, Rate
from visiohub.booking.search_places import named
from visiohub.errors import NothingChosen, TooManyAttempts
from visiohub.storage.uow import UnitOfWork
from visiohub.web import lookups
from visiohub.web.context import address_of
from visiohub.web.inputs import FormData
from visiohub.web.lookups import Grouped

DISTANCES = (10, 30, 50, 100)
USUAL_KM = 30
SEARCHES = Rate(per_s=1.0, burst=60)
"""From one address: a media library's computers share theirs."""
SEARCH_LIMITS = web.AppKey("search_limits", AddressLimits)


def require_choice(typed: FormData) -> None:
    """Raises NothingChosen without a service and a venue, which the search hands over."""
    if not (typed.one("service_id") and typed.one("venue_id")):
        raise NothingChosen


@dataclass(frozen=True)
class Asked:
    """The search form as it was sent; texts are what was typed."""

    what: str
    """appointment or room."""
    place: str
    km: int
    service_id: str

    @property
    def query(self) -> str:
        """Everything but the place's own part, for links."""
        return f"what={self.what}&km={self.km}&service_id={self.service_id}"


def asked(request: web.Request) -> Asked:
    """What the address says; anything odd means the usual."""
    query = request.query
    km = query.get("km", "")
    return Asked(
        "room" if query.get("what") == "room" else "appointment",
        query.get("place", "").strip()[:100],
        int(km) if km in {str(d) for d in DISTANCES} else USUAL_KM,
        query.get("service_id", "")[:64],
    )


@dataclass(frozen=True)
class Choices:
    """What the form offers."""

    services: Grouped
    towns: list[str]


def choices(uow: UnitOfWork) -> Choices:
    """Services by partner, towns with a venue."""
    towns = sorted({named(town) for town in uow.availability.towns()})
    return Choices(lookups.service_choices(lookups.active_services(uow)), towns)


def count_search(request: web.Request) -> None:
    """Searches cost. Raises TooManyAttempts."""
    wait_s = request.app[SEARCH_LIMITS].take(address_of(request), time.monotonic())
    if wait_s:
        minutes = max(1, round(wait_s / 60))
        raise TooManyAttempts("too many searches", retry_after_s=wait_s, minutes=minutes)


def instant_in(text: str) -> datetime | None:
    """An instant as links carry it, 2026-11-23T09:00Z; None when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None and 2000 < found.year < 2200 else None


def instant_text(instant: datetime) -> str:
    """As `instant_in` reads it."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
