"""Who changed what: the audit trail with the names of what it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from visiohub.domain.model import AuditEntry
from visiohub.errors import NotFound
from visiohub.storage.uow import UnitOfWork

_INNER = frozenset({"id", "version"})
"""Fields that say nothing to a reader."""


@dataclass(frozen=True)
class Change:
    """One field of an entry; either value None: it was not there."""

    name: str
    before: object
    after: object


@dataclass(frozen=True)
class TrailRow:
    """One entry."""

    entry: AuditEntry
    who: str
    """Label of the person; empty: the citizen, or the hub by itself."""
    what: str
    """Name of the thing, where it still has one."""
    changes: tuple[Change, ...]


def trail(
    uow: UnitOfWork,
    *,
    subject: str = "",
    person_id: str = "",
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> list[TrailRow]:
    """The newest first, from the one after `before`. Ids in it are told by their names."""
    entries = uow.audit.newest(subject=subject, person_id=person_id, before=before, limit=limit)
    people = uow.persons.by_ids([e.person_id for e in entries])
    names = _Names(uow)
    return [
        TrailRow(
            entry,
            people[entry.person_id].label if entry.person_id in people else "",
            names.of_subject(entry),
            tuple(
                Change(
                    name,
                    names.value(name, entry.before.get(name)),
                    names.value(name, entry.after.get(name)),
                )
                for name in sorted((entry.before.keys() | entry.after.keys()) - _INNER)
            ),
        )
        for entry in entries
    ]


class _Names:
    """Each name is looked up once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._find: Mapping[str, Callable[[str], object]] = {
            "venue": uow.venues.get,
            "room": uow.rooms.get,
            "kiosk": uow.kiosks.get,
            "partner": uow.partners.get,
            "service": uow.services.get,
            "person": uow.persons.get,
            "agent": uow.persons.get,
            "organisation": uow.organisations.get,
            "permanence": uow.permanences.get,
        }
        self._known: dict[tuple[str, str], str] = {}

    def of_subject(self, entry: AuditEntry) -> str:
        """The thing's own name; empty for those that have none, as appointments."""
        kind = entry.action.partition(".")[0]
        return self._name(kind, entry.subject) if kind in self._find else ""

    def value(self, field: str, value: object) -> object:
        """A value of a field, or of several by id: `room_id`, `rooms`, `venue_ids`."""
        kind = field.removesuffix("_ids").removesuffix("_id").removesuffix("s")
        match value:
            case str() if field == "seat_id":  # the counter's id, then the seat's number
                return self._name("permanence", value.partition("/")[0]) or value
            case str() if kind in self._find:
                return self._name(kind, value) or value
            case list() if kind in self._find:
                return [self.value(field, one) for one in value]
            case dict() if kind in self._find or field in {"totals", "charged"}:
                return {self._name("room", k) or k: v for k, v in value.items()}
            case _:
                return value

    def _name(self, kind: str, entity_id: str) -> str:
        if (kind, entity_id) not in self._known:
            try:
                found = self._find[kind](entity_id)
            except NotFound:
                name = ""
            else:
                name = str(getattr(found, "name", "") or getattr(found, "label", ""))
            self._known[kind, entity_id] = name
        return self._known[kind, entity_id]
