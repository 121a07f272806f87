"""The unit of work: one transaction over all repositories."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.exc import StaleDataError

from visiohub.domain import booking, connections, door, model, permanence, upload, waiting_list
from visiohub.errors import EditedMeanwhile, NameTaken
from visiohub.settings import Settings
from visiohub.storage import conflicts, doors, permanences, room_tables, tables, uploads, waiting
from visiohub.storage.appointments import Appointments
from visiohub.storage.availability import Availability
from visiohub.storage.bookings import BookedRooms, Bookings, Charges, KeyLoans, PriceLists, Rooms
from visiohub.storage.communes import Communes
from visiohub.storage.connections import ApiKeys, Feeds, OutsideCalendars, api_keys, feeds, webhooks
from visiohub.storage.connections import outside_calendars as outside
from visiohub.storage.engine import reading as only_reading
from visiohub.storage.holding import hold_what_changed
from visiohub.storage.lines import Lines, LinkQuality
from visiohub.storage.mapping import map_entities
from visiohub.storage.occupancies import Occupancies
from visiohub.storage.outbox import Outbox
from visiohub.storage.permanences import Absences, Permanences
from visiohub.storage.personal import PersonalData
from visiohub.storage.purge import Purge
from visiohub.storage.repository import Attempts, Calls, Kiosks, Repository, Sessions
from visiohub.storage.trail import Trail
from visiohub.storage.usage import Happened
from visiohub.storage.waiting import WaitingList


class UnitOfWork:
    """`with UnitOfWork(engine) as uow: ...; uow.commit()`. Without a commit nothing is kept.

    On SQLite, a writing unit takes the write lock at its first statement and gives it back at
    `commit`; a use case that computes a slow hash commits before it, and checks again after it.
    On PostgreSQL any statement may find that another transaction was in the way (storage/retry.py).
    `topics` collects what changed; the hub tells the pages once it is committed.
    """

    def __init__(self, engine: Engine, settings: Settings, *, reading: bool = False) -> None:
        map_entities()
        self.settings = settings
        bind = only_reading(engine) if reading else engine
        self._reads = reading
        self._session = OrmSession(bind, expire_on_commit=False, autoflush=False)
        self._pending: set[str] = set()
        self.topics: set[str] = set()
        """Changed and committed."""
        self.kept = False
        """Something was committed."""
        s = self._session
        self.venues = Repository(s, model.Venue, tables.venues)
        self.lines = Lines(s, model.Line, tables.lines)
        self.linkquality = LinkQuality(s)
        self.rooms = Rooms(s, model.Room, tables.rooms)
        self.kiosks = Kiosks(s, model.Kiosk, tables.kiosks)
        self.enrolment_codes = Repository(s, model.EnrolmentCode, tables.enrolment_codes)
        self.partners = Repository(s, model.Partner, tables.partners)
        self.services = Repository(s, model.Service, tables.services)
        self.persons = Repository(s, model.Person, tables.persons)
        self.sessions = Sessions(s, model.Session, tables.sessions)
        self.attempts = Attempts(s, model.Attempt, tables.attempts)
        self.appointments = Appointments(s, model.Appointment, tables.appointments)
        self.occupancies = Occupancies(s)
        self.availability = Availability(s)
        self.communes = Communes(s)
        self.permanences = Permanences(s, permanence.Permanence, permanences.permanences)
        self.absences = Absences(s, permanence.Absence, permanences.absences)
        self.waiting_list = WaitingList(s, waiting_list.WaitingEntry, waiting.waiting_entries)
        self.school_holidays = Repository(s, booking.SchoolHolidays, room_tables.school_holidays)
        self.place_rules = Repository(s, booking.PlaceRules, room_tables.place_rules)
        self.price_lists = PriceLists(s, booking.PriceList, room_tables.price_lists)
        self.organisations = Repository(s, booking.Organisation, room_tables.organisations)
        self.memberships = Repository(s, booking.Membership, room_tables.memberships)
        self.bookings = Bookings(s, booking.RoomBooking, room_tables.bookings)
        self.booked_rooms = BookedRooms(s, booking.BookedRoom, room_tables.booked_rooms)
        self.charges = Charges(s, booking.Charged, room_tables.charges)
        self.key_loans = KeyLoans(s, booking.KeyLoan, room_tables.key_loans)
        self.doors = Repository(s, door.Door, doors.doors)
        self.calls = Calls(s, model.Call, tables.calls)
        self.audit = Trail(s, model.AuditEntry, tables.audit)
        self.outbox = Outbox(s)
        self.feeds = Feeds(s, connections.Feed, feeds)
        self.api_keys = ApiKeys(s, connections.ApiKey, api_keys)
        self.webhooks = Repository(s, connections.Webhook, webhooks)
        self.outside_calendars = OutsideCalendars(s, connections.OutsideCalendar, outside)
        self.uploads = Repository(s, upload.Upload, uploads.uploads)
        self.purge = Purge(s)
        self.personal = PersonalData(s)
        self.happened = Happened(s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._reads and kind is None:
            # nothing is kept: at each ROLLBACK psycopg would forget its prepared statements
            self._session.expunge_all()
            self._session.commit()
        self._session.close()  # rolls back what was not committed

    def changed(self, *topics: str) -> None:
        """Pages that show these topics are to be told, if this is committed."""
        self._pending.update(topics)

    def flush(self) -> None:
        """Write now, so that a conflict shows here; appointments' occupancies follow them.

        Raises SlotTaken, RoomTaken, AgentBusy (kiosk, room or agent are held by another),
        NameTaken (a unique column), EditedMeanwhile (a row changed under us).
        """
        try:
            hold_what_changed(self._session, self.occupancies)
            self._session.flush()
        except IntegrityError as error:
            taken = conflicts.column_taken(error)
            if taken is None:
                raise
            raise NameTaken(f"another row has this {taken}", field=taken) from error
        except StaleDataError as error:
            raise EditedMeanwhile(str(error)) from error

    def commit(self) -> None:
        """Keep all of it. Raises what `flush` raises."""
        self.flush()
        self._session.commit()
        self.kept = True
        self.topics |= self._pending
        self._pending.clear()
