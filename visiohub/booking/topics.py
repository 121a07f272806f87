"""Topics that pages subscribe to, and who may.

`day:<partner id>` an agent's day; `reception:<venue id>` a venue's day; `planning:<venue id>` the
same for those who only see what is taken; `booking:<id>` the calls of its rooms; `kiosks`; `calls`;
`lines`; `line:<line id>` a measurement of it.
"""

from __future__ import annotations

from visiohub.booking.rooms.visio import is_host
from visiohub.domain.model import Person, Role
from visiohub.storage.uow import UnitOfWork

_SEES_ALL = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})


def may_subscribe(uow: UnitOfWork, person_id: str, topic: str) -> bool:
    """May this person be told when the topic changes?"""
    person = uow.persons.find(person_id)
    if person is None or not person.active:
        return False
    kind, _, subject = topic.partition(":")
    return is_host(uow, person, subject) if kind == "booking" else allows(person, topic)


def allows(person: Person, topic: str) -> bool:
    """The rule by role, partner and venue."""
    if person.roles & _SEES_ALL:
        return True
    kind, _, subject = topic.partition(":")
    match kind:
        case "day":
            return Role.AGENT in person.roles and subject == person.partner_id
        case "reception":
            return Role.RECEPTION in person.roles and subject in person.venue_ids
        case "planning":
            here = Role.RECEPTION in person.roles and subject in person.venue_ids
            return here or Role.AGENT in person.roles
        case "kiosks":
            staff = {Role.TECHNICIAN, Role.RECEPTION, Role.AGENT}
            return not subject and bool(person.roles & staff)
        case "line":
            return bool(subject) and Role.TECHNICIAN in person.roles
        case "calls" | "lines":
            return not subject and Role.TECHNICIAN in person.roles
        case _:
            return False
