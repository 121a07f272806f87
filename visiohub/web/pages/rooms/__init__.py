"""Pages of rooms to be booked: choose and book, one's own bookings, statements."""

from __future__ import annotations

from visiohub.web.pages.rooms import new, own, statements

routes = [*new.routes, *own.routes, *statements.routes]
"""What make_app mounts; /bookings/new comes before /bookings/{booking_id}."""
