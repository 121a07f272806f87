"""What fields of several kinds offer."""

from __future__ import annotations

from visiohub.storage.uow import UnitOfWork
from visiohub.web.pages.kinds.description import Options


def venues(uow: UnitOfWork) -> Options:
    """Venues in use, by town and name."""
    return [
        (v.id, v.name if v.town in v.name else f"{v.town}, {v.name}")
        for v in uow.venues.list(active=True)
    ]


def partners(uow: UnitOfWork) -> Options:
    """Partners in use, by short name."""
    return [(p.id, p.short_name) for p in uow.partners.list(active=True)]
