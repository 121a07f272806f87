"""The unit of work: one transaction over all repositories."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.exc import StaleDataError

from visiohub.domain import model
from visiohub.errors import AgentBusy, EditedMeanwhile, NameTaken, SlotTaken
from visiohub.settings import Settings
from visiohub.storage import tables
from visiohub.storage.engine import READING
from visiohub.storage.mapping import map_entities
from visiohub.storage.purge import Purge
from visiohub.storage.repository import (
    Appointments,
    Attempts,
    Calls,
    Kiosks,
    Repository,
    Sessions,
)


class UnitOfWork:
    """`with UnitOfWork(engine) as uow: ...; uow.commit()`. Without a commit nothing is kept.

    A writing unit takes the write lock at its first statement and gives it back at `commit`;
    a use case that computes a slow hash commits before it, and checks again after it.
    `topics` collects what changed; the hub tells the pages once it is committed.
    """

    def __init__(self, engine: Engine, settings: Settings, *, reading: bool = False) -> None:
        map_entities()
        self.settings = settings
        bind = engine.execution_options(**{READING: True}) if reading else engine
        self._session = OrmSession(bind, expire_on_commit=False, autoflush=False)
        self._pending: set[str] = set()
        self.topics: set[str] = set()
        """Changed and committed."""
        s = self._session
        self.venues = Repository(s, model.Venue, tables.venues)
        self.lines = Repository(s, model.Line, tables.lines)
        self.rooms = Repository(s, model.Room, tables.rooms)
        self.kiosks = Kiosks(s, model.Kiosk, tables.kiosks)
        self.enrolment_codes = Repository(s, model.EnrolmentCode, tables.enrolment_codes)
        self.partners = Repository(s, model.Partner, tables.partners)
        self.services = Repository(s, model.Service, tables.services)
        self.persons = Repository(s, model.Person, tables.persons)
        self.sessions = Sessions(s, model.Session, tables.sessions)
        self.attempts = Attempts(s, model.Attempt, tables.attempts)
        self.appointments = Appointments(s, model.Appointment, tables.appointments)
        self.calls = Calls(s, model.Call, tables.calls)
        self.audit = Repository(s, model.AuditEntry, tables.audit)
        self.purge = Purge(s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.close()  # rolls back what was not committed

    def changed(self, *topics: str) -> None:
        """Pages that show these topics are to be told, if this is committed."""
        self._pending.update(topics)

    def flush(self) -> None:
        """Write now, so that a conflict shows here.

        Raises SlotTaken, AgentBusy (the overlap triggers), NameTaken (a unique column),
        EditedMeanwhile (a row changed under us).
        """
        try:
            self._session.flush()
        except IntegrityError as error:
            raise _conflict(error) from error
        except StaleDataError as error:
            raise EditedMeanwhile(str(error)) from error

    def commit(self) -> None:
        """Keep all of it. Raises what `flush` raises."""
        self.flush()
        self._session.commit()
        self.topics |= self._pending
        self._pending.clear()


def _conflict(error: IntegrityError) -> Exception:
    text = str(error.orig)
    if "overlap_kiosk" in text:
        return SlotTaken("the kiosk is held at that time")
    if "overlap_agent" in text:
        return AgentBusy("the agent is held at that time")
    if "UNIQUE" in text:
        return NameTaken(text, field=text.rpartition(".")[2])
    return error
