"""Imperative mapping of the domain's dataclasses; the domain knows nothing of it."""

from __future__ import annotations

from functools import cache

from sqlalchemy.orm import registry

from visiohub.domain import booking, connections, door, model, permanence, upload, waiting_list
from visiohub.storage import connections as connection_tables
from visiohub.storage import doors, permanences, room_tables, tables, uploads, waiting
from visiohub.storage import lines as line_records

ENTITIES = {
    model.Venue: tables.venues,
    model.Line: tables.lines,
    model.Room: tables.rooms,
    model.Kiosk: tables.kiosks,
    model.KioskAbsence: tables.kiosk_absences,
    model.EnrolmentCode: tables.enrolment_codes,
    model.Partner: tables.partners,
    model.Service: tables.services,
    model.Person: tables.persons,
    model.Session: tables.sessions,
    model.Attempt: tables.attempts,
    model.Appointment: tables.appointments,
    model.Call: tables.calls,
    model.AuditEntry: tables.audit,
    connections.Feed: connection_tables.feeds,
    connections.ApiKey: connection_tables.api_keys,
    connections.Webhook: connection_tables.webhooks,
    connections.OutsideCalendar: connection_tables.outside_calendars,
    permanence.Permanence: permanences.permanences,
    permanence.Absence: permanences.absences,
    waiting_list.WaitingEntry: waiting.waiting_entries,
    upload.Upload: uploads.uploads,
    booking.SchoolHolidays: room_tables.school_holidays,
    booking.PlaceRules: room_tables.place_rules,
    booking.PriceList: room_tables.price_lists,
    booking.Organisation: room_tables.organisations,
    booking.Membership: room_tables.memberships,
    booking.RoomBooking: room_tables.bookings,
    booking.BookedRoom: room_tables.booked_rooms,
    booking.Charged: room_tables.charges,
    booking.KeyLoan: room_tables.key_loans,
    door.Door: doors.doors,
    **line_records.ENTITIES,
}


@cache
def map_entities() -> registry:
    """Map once in a process."""
    mappers = registry()
    for entity, table in ENTITIES.items():
        if "version" in table.c:
            # the use cases raise the version: a kiosk that comes and goes is not an edit
            mappers.map_imperatively(
                entity, table, version_id_col=table.c.version, version_id_generator=False
            )
        else:
            mappers.map_imperatively(entity, table)
    return mappers
