"""A visio that goes to another time or place leaves the looks that were made for it behind."""

from __future__ import annotations

from visiohub.storage.uow import UnitOfWork


def leave_looks(uow: UnitOfWork, visio_id: str) -> None:
    """Of an appointment or a booking: it is looked at anew before its new time. What was found
    stays the line's: an alert of that does not end because somebody moved."""
    for check in uow.linkquality.checks.of_visios([visio_id]):
        check.appointment_id = check.booking_id = None
