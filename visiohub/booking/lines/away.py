"""Which kiosks are away: they came once, and do not answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from visiohub.domain.model import Kiosk
from visiohub.storage.uow import UnitOfWork

AWAY_FOR = timedelta(minutes=2)
"""A PC that starts anew is back before."""


def is_away(kiosk: Kiosk, now: datetime) -> bool:
    """It came once, and is not here: nor if a clock that was ahead saw it in times to come."""
    seen_at = kiosk.seen_at
    return seen_at is not None and not (kiosk.here or now - AWAY_FOR < seen_at <= now + AWAY_FOR)


def all_away(uow: UnitOfWork, venue_id: str, now: datetime) -> list[Kiosk]:
    """The venue's kiosks that ever came, if none of them is here; else nobody."""
    known = [one for one in uow.kiosks.at_venue(venue_id) if one.seen_at is not None]
    return known if all(is_away(one, now) for one in known) else []
