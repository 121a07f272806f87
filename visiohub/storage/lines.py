"""What use cases ask of the lines' states, alerts, maintenances and checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, delete, func, or_, select
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.booking import HOLDS_ITS_ROOM
from visiohub.domain.line import (
    LineAlert,
    LineCheck,
    LineHabits,
    LineMaintenance,
    LineNote,
    LineState,
    LineTerms,
    LineTest,
    PictureChoice,
)
from visiohub.domain.line_contract import LineContract
from visiohub.domain.line_orders import LineAlertMail, LineModem, LineSpeed
from visiohub.domain.model import Line
from visiohub.storage import line_contracts as contracts
from visiohub.storage import line_orders as orders
from visiohub.storage import line_tables as t
from visiohub.storage.among import among
from visiohub.storage.call_minutes import CallMinutes
from visiohub.storage.line_series import LineSeries
from visiohub.storage.repository import Repository
from visiohub.storage.room_tables import booked_rooms, bookings
from visiohub.storage.tables import appointments, kiosks, lines, rooms


class Lines(Repository[Line]):
    """Lines, and whose they are."""

    def of_venue(self, venue_id: str) -> Line | None:
        """The line that the venue's kiosks hang on: its active one, the first if several."""
        query = select(Line).where(lines.c.venue_id == venue_id, lines.c.active)
        return self._session.scalars(query.order_by(lines.c.id)).first()

    def of_venues(self, venue_ids: Collection[str]) -> dict[str, Line]:
        """As `of_venue`, by venue; those without a line are left out. One read."""
        query = select(Line).where(lines.c.active, among(lines.c.venue_id, venue_ids))
        found: dict[str, Line] = {}
        for line in self._session.scalars(query.order_by(lines.c.id)):
            found.setdefault(line.venue_id, line)
        return found

    def of_kiosk(self, kiosk_id: str) -> Line | None:
        """The line of the kiosk's venue."""
        query = select(rooms.c.venue_id).join_from(kiosks, rooms, rooms.c.id == kiosks.c.room_id)
        venue_id = self._session.scalar(query.where(kiosks.c.id == kiosk_id))
        return None if venue_id is None else self.of_venue(venue_id)


class LineTermsKept(Repository[LineTerms]):
    """Terms by line."""

    def of(self, line: Line) -> LineTerms:
        """Those written down, else the usual ones of its kind, which are not kept."""
        return self.find(line.id) or LineTerms.usual(line.id, line.kind)

    def of_lines(self, lines: Collection[Line]) -> dict[str, LineTerms]:
        """The same of many, by line. One read."""
        kept = self.by_ids([line.id for line in lines])
        return {one.id: kept.get(one.id) or LineTerms.usual(one.id, one.kind) for one in lines}


class LineStates(Repository[LineState]):
    """States by line."""

    def of(self, line_id: str) -> LineState:
        """The line's; made, with a number of its own, when it has none yet."""
        state = self.find(line_id)
        if state is None:
            last = self._session.scalar(select(func.max(t.line_states.c.number))) or 0
            state = LineState(line_id, number=last + 1)
            self.add(state)
            self._session.flush()
        return state

    def numbers(self, *, active: bool = False) -> Sequence[int]:
        """Of all lines that were measured, or of those that are in use, in order."""
        query = select(t.line_states.c.number).order_by(t.line_states.c.number)
        if active:
            query = query.join(lines, lines.c.id == t.line_states.c.id).where(lines.c.active)
        return self._session.scalars(query).all()

    def of_active_lines(self) -> Sequence[LineState]:
        """Of all lines that are in use and were measured, by number."""
        query = (
            select(LineState)
            .join(lines, lines.c.id == t.line_states.c.id)
            .where(lines.c.active)
            .order_by(t.line_states.c.number)
        )
        return self._session.scalars(query).all()


class LineAlerts(Repository[LineAlert]):
    """Alerts by line."""

    def standing(self, line_id: str | None = None) -> Sequence[LineAlert]:
        """Those that are not over, of one line or of all, the newest first."""
        a = t.line_alerts.c
        query = select(LineAlert).where(a.cleared_at.is_(None))
        if line_id is not None:
            query = query.where(a.line_id == line_id)
        return self._all(query.order_by(a.raised_at.desc(), a.id))

    def standing_of(self, line_id: str, rule: str, kiosk_id: str | None = None) -> LineAlert | None:
        """The rule's, of this kiosk or of none, if it is not over."""
        of_rule = (a for a in self.standing(line_id) if a.rule == rule)
        return next((a for a in of_rule if a.kiosk_id == kiosk_id), None)

    def between(self, line_id: str, start: datetime, end: datetime) -> Sequence[LineAlert]:
        """Those that stood at some time from `start` to `end`, the newest first."""
        a = t.line_alerts.c
        over = or_(a.cleared_at.is_(None), a.cleared_at > start)
        query = select(LineAlert).where(a.line_id == line_id, a.raised_at < end, over)
        return self._all(query.order_by(a.raised_at.desc(), a.id))

    def forget(self, cleared_before: datetime) -> None:
        """Erase those that were over by then."""
        self._session.execute(
            delete(t.line_alerts).where(t.line_alerts.c.cleared_at < cleared_before)
        )


class LineMaintenances(Repository[LineMaintenance]):
    """Maintenances by line and time."""

    def between(
        self, line_ids: Collection[str], start: datetime, end: datetime
    ) -> Sequence[LineMaintenance]:
        """Those that touch the time from `start` to `end`, in order of time."""
        m = t.line_maintenances.c
        query = select(LineMaintenance).where(
            m.line_id.in_(line_ids), m.starts_at < end, m.ends_at > start
        )
        return self._all(query.order_by(m.starts_at, m.id))


class LineNotes(Repository[LineNote]):
    """Notes by line and time."""

    def between(self, line_id: str, start: datetime, end: datetime) -> Sequence[LineNote]:
        """In order of time."""
        n = t.line_notes.c
        query = select(LineNote).where(n.line_id == line_id, n.at >= start, n.at < end)
        return self._all(query.order_by(n.at, n.id))


class LineChecks(Repository[LineCheck]):
    """Checks before visios."""

    def of_visios(self, ids: Collection[str]) -> Sequence[LineCheck]:
        """Of these appointments and bookings, in order of time."""
        c = t.line_checks.c
        query = select(LineCheck).where(or_(c.appointment_id.in_(ids), c.booking_id.in_(ids)))
        return self._all(query.order_by(c.asked_at, c.id))

    def between(self, line_id: str, start: datetime, end: datetime) -> Sequence[LineCheck]:
        """Of this line, asked for from `start` up to `end`, in order of time."""
        c = t.line_checks.c
        query = select(LineCheck).where(c.line_id == line_id, c.asked_at >= start, c.asked_at < end)
        return self._all(query.order_by(c.asked_at, c.id))

    def answered(self, line_id: str, since: datetime) -> bool:
        """Whether one of this line was answered, or given up, from then on."""
        c = t.line_checks.c
        query = select(c.id).where(c.line_id == line_id, c.answered_at >= since)
        return self._session.scalar(query.limit(1)) is not None

    def forget(self, asked_before: datetime) -> None:
        """Erase older ones whose visio was moved: the others go with it."""
        c = t.line_checks.c
        moved = c.appointment_id.is_(None) & c.booking_id.is_(None)
        self._session.execute(delete(t.line_checks).where(moved, c.asked_at < asked_before))

    def unanswered(self, asked_before: datetime) -> Sequence[LineCheck]:
        """Those that nobody answered or gave up."""
        c = t.line_checks.c
        return self._all(
            select(LineCheck).where(c.answered_at.is_(None), c.asked_at < asked_before)
        )


class LineTests(Repository[LineTest]):
    """Tests that technicians order."""

    def waiting(self, line_id: str) -> Sequence[LineTest]:
        """Those of a line that have not begun, in order of time."""
        c = t.line_tests.c
        query = select(LineTest).where(
            c.line_id == line_id, c.asked_at.is_(None), c.answered_at.is_(None)
        )
        return self._all(query.order_by(c.due_at, c.id))

    def due(self, now: datetime) -> Sequence[LineTest]:
        """Those of all lines that are to begin, in order of time."""
        c = t.line_tests.c
        query = select(LineTest).where(
            c.due_at <= now, c.asked_at.is_(None), c.answered_at.is_(None)
        )
        return self._all(query.order_by(c.due_at, c.id))

    def unanswered(self, asked_before: datetime) -> Sequence[LineTest]:
        """Those that were begun and that nobody answered or gave up."""
        c = t.line_tests.c
        return self._all(select(LineTest).where(c.answered_at.is_(None), c.asked_at < asked_before))

    def newest(self, line_id: str, count: int) -> Sequence[LineTest]:
        """Of a line, those that are over or go on, the newest first."""
        c = t.line_tests.c
        begun = or_(c.asked_at.is_not(None), c.answered_at.is_not(None))
        query = select(LineTest).where(c.line_id == line_id, begun)
        return self._all(query.order_by(c.due_at.desc(), c.id).limit(count))

    def forget(self, due_before: datetime) -> None:
        """Erase older ones."""
        self._session.execute(delete(t.line_tests).where(t.line_tests.c.due_at < due_before))


class PictureChoices(Repository[PictureChoice]):
    """Pictures other than the usual one, by appointment or booking."""

    def forget_orphans(self) -> None:
        """Erase those whose appointment or booking is no more."""
        c = t.picture_choices.c
        kept = select(appointments.c.id).union(select(bookings.c.id))
        self._session.execute(delete(t.picture_choices).where(c.id.not_in(kept)))


class VisioBookings:
    """Rooms booked for a visio, on the line that they hang on."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def at_venue(self, venue_id: str, start: datetime, end: datetime) -> Sequence[str]:
        """Ids of bookings with a visio that hold a room of this venue at some moment."""
        query = _visios(bookings.c.id).where(
            bookings.c.starts_at < end,
            bookings.c.ends_at > start,
            booked_rooms.c.venue_id == venue_id,
        )
        return self._session.scalars(query).all()

    def venues(self, start: datetime, end: datetime) -> Sequence[str]:
        """Ids of venues that have a visio in a room at some moment."""
        query = _visios(booked_rooms.c.venue_id).where(
            bookings.c.starts_at < end, bookings.c.ends_at > start
        )
        return self._session.scalars(query.order_by(booked_rooms.c.venue_id)).all()

    def beginning(self, after: datetime, until: datetime) -> Sequence[tuple[str, str]]:
        """(booking id, venue id) of visios that begin after the one time, up to the other."""
        columns = (bookings.c.id, booked_rooms.c.venue_id)
        query = _visios(*columns).where(bookings.c.starts_at > after, bookings.c.starts_at <= until)
        rows = self._session.execute(query.order_by(*columns))
        return [(booking_id, venue_id) for booking_id, venue_id in rows]


def _visios(*columns: Column[Any]) -> Select[Any]:
    """These columns, each once, of booked rooms that are held for a visio."""
    return (
        select(*columns)
        .distinct()
        .join_from(booked_rooms, bookings, bookings.c.id == booked_rooms.c.booking_id)
        .where(bookings.c.visio, booked_rooms.c.state.in_(HOLDS_ITS_ROOM))
    )


ENTITIES = {
    LineTerms: t.line_terms,
    LineState: t.line_states,
    LineHabits: t.line_habits,
    LineAlert: t.line_alerts,
    LineMaintenance: t.line_maintenances,
    LineNote: t.line_notes,
    LineCheck: t.line_checks,
    LineTest: t.line_tests,
    PictureChoice: t.picture_choices,
    **contracts.ENTITIES,
    **orders.ENTITIES,
}


class LinkQuality:
    """All that is known of lines beside their contract's rates."""

    def __init__(self, session: OrmSession) -> None:
        self.terms = LineTermsKept(session, LineTerms, t.line_terms)
        self.contracts = contracts.LineContracts(session, LineContract, contracts.line_contracts)
        self.states = LineStates(session, LineState, t.line_states)
        self.habits = Repository(session, LineHabits, t.line_habits)
        self.alerts = LineAlerts(session, LineAlert, t.line_alerts)
        self.maintenances = LineMaintenances(session, LineMaintenance, t.line_maintenances)
        self.notes = LineNotes(session, LineNote, t.line_notes)
        self.checks = LineChecks(session, LineCheck, t.line_checks)
        self.tests = LineTests(session, LineTest, t.line_tests)
        self.pictures = PictureChoices(session, PictureChoice, t.picture_choices)
        self.modems = Repository(session, LineModem, orders.line_modems)
        self.speeds = orders.LineSpeeds(session, LineSpeed, orders.line_speeds)
        self.alert_mails = orders.LineAlertMails(session, LineAlertMail, orders.line_alert_mails)
        self.series = LineSeries(session)
        self.call_minutes = CallMinutes(session)
        self.visio_bookings = VisioBookings(session)
