"""Whose permanences and absences a request may touch; for pages and the API alike."""

from __future__ import annotations

from visiohub.domain.model import Partner, Person
from visiohub.errors import NotFound
from visiohub.storage.uow import UnitOfWork
from visiohub.web.scope import OVERSEERS


def own_partners(uow: UnitOfWork, person: Person) -> list[Partner]:
    """All for coordination, an agent's own."""
    everything = not OVERSEERS.isdisjoint(person.roles)
    found = uow.partners.list(active=True)
    return [p for p in found if everything or p.id == person.partner_id]


def require_partner(uow: UnitOfWork, person: Person, partner_id: str) -> Partner:
    """Raises NotFound when its permanences are not the person’s to see."""
    found = next((p for p in own_partners(uow, person) if p.id == partner_id), None)
    if found is None:
        raise NotFound(f"not of partner {partner_id!r}", about=partner_id)
    return found
