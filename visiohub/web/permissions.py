"""Who may ask what: the one table of every route by role. A route that is not here cannot be
mounted, and a test asks every route as every role.

Which venue's or partner's data somebody sees is decided by the use cases; here it is doors only.
"""

from __future__ import annotations

from aiohttp import web

from visiohub.domain.model import Role

Roles = frozenset[Role] | None

ANYONE: Roles = None
SIGNED_IN: Roles = frozenset(Role)
A, C, R, G, P, T, W = (
    Role.ADMINISTRATOR,
    Role.COORDINATOR,
    Role.RECEPTION,
    Role.AGENT,
    Role.PROFESSIONAL,
    Role.TECHNICIAN,
    Role.SOCIAL_WORKER,
)
ADMINISTRATORS: Roles = frozenset({A})
AGENTS: Roles = frozenset({G})
DESKS: Roles = frozenset({R})
BOOKERS: Roles = frozenset({R, G})
APPOINTMENT_MAKERS: Roles = frozenset({R, G, W})
APPOINTMENT_READERS: Roles = frozenset({A, C, R, G, W})
READERS: Roles = frozenset({A, C, R, G})
MANAGERS: Roles = frozenset({A, C, R})
COORDINATION: Roles = frozenset({A, C})
PLANNERS: Roles = frozenset({A, C, G})
WATCHERS: Roles = frozenset({A, C, R, G, T})
KIOSK_SEEKERS: Roles = frozenset({A, C, R, G, T, W})
TECHNICIANS: Roles = frozenset({A, T})
ROOM_SEEKERS: Roles = frozenset({A, C, R, P})
VENUE_MANAGERS: Roles = frozenset({A, C, R})
ROOM_BOOKERS: Roles = frozenset({A, C, R, G, P})
"""Who may have an account; whose it is the use cases decide (booking/rooms/scope.py)."""

TABLE: dict[tuple[str, str], Roles] = {
    # everybody
    ("GET", "/"): ANYONE,
    ("GET", "/sign-in"): ANYONE,
    ("POST", "/sign-in"): ANYONE,
    ("POST", "/language"): ANYONE,
    ("GET", "/static/{fingerprint}/{name}"): ANYONE,
    ("GET", "/favicon.ico"): ANYONE,
    # citizens: what opens an appointment or a place on the list is its key or code
    ("GET", "/near"): ANYONE,
    ("GET", "/near/{venue_id}"): ANYONE,
    ("GET", "/book"): ANYONE,
    ("POST", "/book"): ANYONE,
    ("GET", "/my"): ANYONE,
    ("POST", "/my"): ANYONE,
    ("GET", "/my/{appointment_id}"): ANYONE,
    ("POST", "/my/{appointment_id}/confirm"): ANYONE,
    ("POST", "/my/{appointment_id}/move"): ANYONE,
    ("POST", "/my/{appointment_id}/cancel"): ANYONE,
    ("GET", "/wait"): ANYONE,
    ("POST", "/wait"): ANYONE,
    ("GET", "/wait/{entry_id}"): ANYONE,
    ("POST", "/wait/{entry_id}"): ANYONE,
    ("GET", "/door/{token}"): ANYONE,
    ("POST", "/door/{token}/check-in"): ANYONE,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("GET", "/api/openapi.json"): ANYONE,
    # the wire: each end proves who it is inside (PROTOCOL.md section 3)
    ("GET", "/signaling/v1/staff"): ANYONE,
    ("GET", "/signaling/v1/kiosk"): ANYONE,
    # NDT7: the ticket is the door; a kiosk's key gets it one
    ("GET", "/ndt/v7/download"): ANYONE,
    ("GET", "/ndt/v7/upload"): ANYONE,
    ("GET", "/ndt/v7/small"): ANYONE,
    ("POST", "/ndt/v7/kiosk-ticket"): ANYONE,
    ("GET", "/lines/{line_id}/speed-ticket"): TECHNICIANS,
    ("POST", "/lines/{line_id}/speed-ticket"): TECHNICIANS,
    ("GET", "/lines"): TECHNICIANS,
    ("GET", "/lines/states"): TECHNICIANS,
    ("GET", "/lines/compare"): TECHNICIANS,
    ("GET", "/lines/{line_id}"): TECHNICIANS,
    ("GET", "/lines/{line_id}/state"): TECHNICIANS,
    ("GET", "/lines/{line_id}/window"): TECHNICIANS,
    ("GET", "/lines/{line_id}/figures.json"): TECHNICIANS,
    ("GET", "/lines/{line_id}/{form}"): TECHNICIANS,
    ("POST", "/lines/{line_id}/{form}"): TECHNICIANS,
    ("POST", "/lines/{line_id}/alerts/{alert_id}"): TECHNICIANS,
    ("POST", "/lines/{line_id}/works/{works_id}/end"): TECHNICIANS,
    ("POST", "/lines/{line_id}/tests/{test_id}/drop"): TECHNICIANS,
    ("GET", "/lines/{line_id}/trail"): TECHNICIANS,
    ("GET", "/lines/{line_id}/{series}.csv"): TECHNICIANS,
    ("GET", "/lines/{line_id}/{series}.json"): TECHNICIANS,
    ("GET", "/lines/{line_id}/terms"): ADMINISTRATORS,
    ("POST", "/lines/{line_id}/terms"): ADMINISTRATORS,
    ("GET", "/lines/{line_id}/modem"): TECHNICIANS,
    ("POST", "/lines/{line_id}/modem"): TECHNICIANS,
    ("POST", "/lines/{line_id}/modem/forget"): TECHNICIANS,
    ("GET", "/lines/{line_id}/speed"): TECHNICIANS,
    ("GET", "/lines/{line_id}/speed/part"): TECHNICIANS,
    ("POST", "/lines/{line_id}/speed"): TECHNICIANS,
    ("GET", "/lines/{line_id}/report/{month}.pdf"): TECHNICIANS,
    ("GET", "/lines/{line_id}/report/{month}.csv"): TECHNICIANS,
    # whoever is signed in
    ("POST", "/sign-out"): SIGNED_IN,
    ("GET", "/home"): SIGNED_IN,
    ("GET", "/help"): SIGNED_IN,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("POST", "/account/sessions/{session_id}/revoke"): SIGNED_IN,
    # agents
    ("GET", "/agent"): AGENTS,
    ("GET", "/agent/day"): AGENTS,
    ("POST", "/agent/walk-ins"): AGENTS,
    ("GET", "/agent/call/{call_id}"): AGENTS,
    ("GET", "/agent/call/{call_id}/card"): AGENTS,
    ("GET", "/agent/check"): AGENTS,
    ("GET", "/agent/check/servers"): AGENTS,
    # appointments
    ("POST", "/appointments/{appointment_id}/assign"): BOOKERS,
    ("GET", "/permanences"): PLANNERS,
    ("GET", "/permanences/new"): PLANNERS,
    ("POST", "/permanences/new"): PLANNERS,
    ("GET", "/permanences/{permanence_id}"): PLANNERS,
    ("POST", "/permanences/{permanence_id}"): PLANNERS,
    ("POST", "/absences"): PLANNERS,
    ("POST", "/absences/{absence_id}/end"): PLANNERS,
    ("GET", "/appointments"): APPOINTMENT_READERS,
    ("GET", "/appointments/new"): APPOINTMENT_MAKERS,
    ("POST", "/appointments/new"): APPOINTMENT_MAKERS,
    ("GET", "/appointments/{appointment_id}"): APPOINTMENT_READERS,
    ("GET", "/appointments/{appointment_id}/move"): APPOINTMENT_MAKERS,
    ("POST", "/appointments/{appointment_id}/move"): APPOINTMENT_MAKERS,
    ("POST", "/appointments/{appointment_id}/cancel"): APPOINTMENT_MAKERS,
    ("POST", "/appointments/{appointment_id}/confirm"): APPOINTMENT_MAKERS,
    ("POST", "/appointments/{appointment_id}/convocation"): APPOINTMENT_MAKERS,
    ("POST", "/appointments/{appointment_id}/check-in"): DESKS,
    ("GET", "/waiting"): BOOKERS,
    ("GET", "/waiting/{entry_id}"): BOOKERS,
    ("POST", "/waiting/{entry_id}"): BOOKERS,
    # reception
    ("GET", "/reception"): DESKS,
    ("GET", "/reception/{venue_id}"): DESKS,
    ("GET", "/reception/{venue_id}/day"): DESKS,
    ("POST", "/reception/{venue_id}/kiosks/{kiosk_id}/coming"): DESKS,
    ("POST", "/reception/{venue_id}/kiosks/{kiosk_id}/unlock"): DESKS,
    # rooms by day and by week
    ("GET", "/planning"): READERS,
    ("GET", "/planning/part"): READERS,
    ("GET", "/planning/move"): READERS,
    ("POST", "/planning/move"): READERS,
    ("GET", "/planning/sheet"): READERS,
    ("GET", "/planning/bookings/{booked_room_id}"): MANAGERS,
    ("POST", "/planning/bookings/{booked_room_id}/{step}"): MANAGERS,
    ("POST", "/planning/bookings/{booked_room_id}/pages"): MANAGERS,
    ("POST", "/planning/bookings/{booked_room_id}/keys/out"): MANAGERS,
    ("POST", "/planning/bookings/{booked_room_id}/keys/back"): MANAGERS,
    ("GET", "/planning/bookings/{booked_room_id}/trail"): MANAGERS,
    ("GET", "/planning/doors/{venue_id}"): MANAGERS,
    ("POST", "/planning/doors/{venue_id}"): MANAGERS,
    ("POST", "/planning/doors/{venue_id}/remove"): MANAGERS,
    ("GET", "/appointments/{appointment_id}/trail"): APPOINTMENT_READERS,
    ("GET", "/trail"): COORDINATION,
    # kiosks, calls, rooms
    ("GET", "/kiosks"): WATCHERS,
    ("GET", "/kiosks/states"): WATCHERS,
    ("GET", "/kiosks/{kiosk_id}"): TECHNICIANS,
    ("GET", "/kiosks/{kiosk_id}/state"): TECHNICIANS,
    ("GET", "/calls"): COORDINATION,
    ("GET", "/calls.csv"): COORDINATION,
    ("GET", "/usage"): COORDINATION,
    ("GET", "/usage.csv"): COORDINATION,
    ("GET", "/venues"): ROOM_SEEKERS,
    # rooms to be booked
    ("GET", "/bookings"): ROOM_BOOKERS,
    ("GET", "/bookings/new"): ROOM_BOOKERS,
    ("POST", "/bookings/new"): ROOM_BOOKERS,
    ("GET", "/bookings/{booking_id}"): ROOM_BOOKERS,
    ("GET", "/bookings/{booking_id}/visio"): ROOM_BOOKERS,
    ("GET", "/bookings/{booking_id}/visio/part"): ROOM_BOOKERS,
    ("GET", "/bookings/call/{call_id}"): ROOM_BOOKERS,
    ("GET", "/bookings/call/{call_id}/card"): ROOM_BOOKERS,
    ("GET", "/bookings/{booking_id}/move"): ROOM_BOOKERS,
    ("POST", "/bookings/{booking_id}/move"): ROOM_BOOKERS,
    ("POST", "/bookings/{booking_id}/cancel"): ROOM_BOOKERS,
    ("POST", "/bookings/{booking_id}/here"): ROOM_BOOKERS,
    ("GET", "/statements.csv"): COORDINATION,
    ("GET", "/accounts"): COORDINATION,
    ("GET", "/accounts/new"): COORDINATION,
    ("POST", "/accounts/new"): COORDINATION,
    ("GET", "/accounts/{membership_id}"): COORDINATION,
    ("POST", "/accounts/{membership_id}"): COORDINATION,
    ("POST", "/accounts/{membership_id}/passes"): COORDINATION,
    ("GET", "/organisations/new"): COORDINATION,
    ("POST", "/organisations/new"): COORDINATION,
    ("GET", "/organisations/{organisation_id}"): COORDINATION,
    ("POST", "/organisations/{organisation_id}"): COORDINATION,
    ("GET", "/prices"): COORDINATION,
    ("POST", "/prices"): COORDINATION,
    ("GET", "/places"): VENUE_MANAGERS,
    ("GET", "/places/{place_id}"): VENUE_MANAGERS,
    ("POST", "/places/{place_id}"): VENUE_MANAGERS,
    ("GET", "/school-holidays"): COORDINATION,
    ("POST", "/school-holidays"): COORDINATION,
    ("GET", "/statements/{payer_id}/{month}"): ROOM_BOOKERS,
    ("GET", "/statements/{payer_id}/{month}/pdf"): ROOM_BOOKERS,
    # other programs: the address or the key is the door
    ("GET", "/feeds/{token}.ics"): ANYONE,
    ("GET", "/calendars"): SIGNED_IN,
    ("POST", "/calendars/feeds"): SIGNED_IN,
    ("POST", "/calendars/feeds/{feed_id}/revoke"): SIGNED_IN,
    ("POST", "/calendars/outside"): AGENTS,
    ("GET", "/connections"): ADMINISTRATORS,
    ("GET", "/connections/api"): ADMINISTRATORS,
    ("POST", "/connections/keys"): ADMINISTRATORS,
    ("POST", "/connections/keys/{key_id}/revoke"): ADMINISTRATORS,
    ("POST", "/connections/webhooks"): ADMINISTRATORS,
    ("POST", "/connections/webhooks/{webhook_id}/remove"): ADMINISTRATORS,
    ("POST", "/connections/messages/{message_id}/retry"): ADMINISTRATORS,
    # administration
    ("GET", "/admin"): ADMINISTRATORS,
    ("GET", "/admin/{kind}"): ADMINISTRATORS,
    ("GET", "/admin/{kind}/new"): ADMINISTRATORS,
    ("POST", "/admin/{kind}/new"): ADMINISTRATORS,
    ("GET", "/admin/{kind}/{subject_id}"): ADMINISTRATORS,
    ("POST", "/admin/{kind}/{subject_id}"): ADMINISTRATORS,
    ("POST", "/admin/{kind}/{subject_id}/retire"): ADMINISTRATORS,
    ("GET", "/admin/imports"): ADMINISTRATORS,
    ("POST", "/admin/imports"): ADMINISTRATORS,
    ("GET", "/admin/imports/sample/{kind}"): ADMINISTRATORS,
    ("GET", "/admin/imports/{upload_id}"): ADMINISTRATORS,
    ("POST", "/admin/imports/{upload_id}"): ADMINISTRATORS,
    ("POST", "/admin/imports/{upload_id}/load"): ADMINISTRATORS,
    ("POST", "/admin/imports/{upload_id}/drop"): ADMINISTRATORS,
    ("GET", "/admin/data"): ADMINISTRATORS,
    ("POST", "/admin/data"): ADMINISTRATORS,
    ("GET", "/admin/data/{who}/{subject_id}"): ADMINISTRATORS,
    ("GET", "/admin/data/{who}/{subject_id}/export.json"): ADMINISTRATORS,
    ("POST", "/admin/data/{who}/{subject_id}/erase"): ADMINISTRATORS,
    ("POST", "/admin/kiosks/{kiosk_id}/code"): ADMINISTRATORS,
    ("POST", "/admin/kiosks/{kiosk_id}/revoke"): ADMINISTRATORS,
    # the API
    ("POST", "/api/v1/enrolments"): ANYONE,
    ("POST", "/api/v1/probe-sessions"): ANYONE,
    ("GET", "/api/v1/venues"): SIGNED_IN,
    ("GET", "/api/v1/services"): SIGNED_IN,
    ("GET", "/api/v1/kiosks"): KIOSK_SEEKERS,
    ("GET", "/api/v1/appointments"): APPOINTMENT_READERS,
    ("POST", "/api/v1/appointments"): APPOINTMENT_MAKERS,
    ("GET", "/api/v1/appointments/{appointment_id}"): APPOINTMENT_READERS,
    ("POST", "/api/v1/appointments/{appointment_id}/move"): APPOINTMENT_MAKERS,
    ("POST", "/api/v1/appointments/{appointment_id}/cancel"): APPOINTMENT_MAKERS,
    ("POST", "/api/v1/appointments/{appointment_id}/confirm"): APPOINTMENT_MAKERS,
    ("POST", "/api/v1/appointments/{appointment_id}/check-in"): DESKS,
    ("POST", "/api/v1/appointments/{appointment_id}/assign"): BOOKERS,
    ("GET", "/api/v1/permanences"): PLANNERS,
    ("POST", "/api/v1/permanences"): PLANNERS,
    ("GET", "/api/v1/permanences/{permanence_id}"): PLANNERS,
    ("POST", "/api/v1/permanences/{permanence_id}/change"): PLANNERS,
    ("POST", "/api/v1/permanences/{permanence_id}/end"): PLANNERS,
    ("GET", "/api/v1/absences"): PLANNERS,
    ("POST", "/api/v1/absences"): PLANNERS,
    ("POST", "/api/v1/absences/{absence_id}/end"): PLANNERS,
    ("GET", "/api/v1/slots"): SIGNED_IN,
    ("GET", "/api/v1/waiting"): BOOKERS,
    ("POST", "/api/v1/waiting"): BOOKERS,
    ("GET", "/api/v1/waiting/{entry_id}"): BOOKERS,
    ("POST", "/api/v1/waiting/{entry_id}/offer"): BOOKERS,
    ("POST", "/api/v1/waiting/{entry_id}/accept"): BOOKERS,
    ("POST", "/api/v1/waiting/{entry_id}/decline"): BOOKERS,
    ("POST", "/api/v1/waiting/{entry_id}/leave"): BOOKERS,
    ("GET", "/api/v1/booked-rooms"): VENUE_MANAGERS,
    ("GET", "/api/v1/booked-rooms/{booked_room_id}"): VENUE_MANAGERS,
    ("POST", "/api/v1/booked-rooms/{booked_room_id}/keys"): VENUE_MANAGERS,
    ("POST", "/api/v1/booked-rooms/{booked_room_id}/keys/{loan_id}/back"): VENUE_MANAGERS,
    ("POST", "/api/v1/booked-rooms/{booked_room_id}/pages"): VENUE_MANAGERS,
    ("POST", "/api/v1/booked-rooms/{booked_room_id}/approve"): VENUE_MANAGERS,
    ("POST", "/api/v1/booked-rooms/{booked_room_id}/refuse"): VENUE_MANAGERS,
    ("POST", "/api/v1/booked-rooms/{booked_room_id}/check-in"): VENUE_MANAGERS,
    ("GET", "/api/v1/calls"): COORDINATION,
    ("GET", "/api/v1/rooms"): ROOM_BOOKERS,
    ("GET", "/api/v1/accounts"): ROOM_BOOKERS,
    ("POST", "/api/v1/free-times"): ROOM_BOOKERS,
    ("POST", "/api/v1/quotes"): ROOM_BOOKERS,
    ("POST", "/api/v1/series-quotes"): ROOM_BOOKERS,
    ("GET", "/api/v1/bookings"): ROOM_BOOKERS,
    ("POST", "/api/v1/bookings"): ROOM_BOOKERS,
    ("POST", "/api/v1/booking-series"): ROOM_BOOKERS,
    ("GET", "/api/v1/bookings/{booking_id}"): ROOM_BOOKERS,
    ("POST", "/api/v1/bookings/{booking_id}/move"): ROOM_BOOKERS,
    ("POST", "/api/v1/bookings/{booking_id}/cancel"): ROOM_BOOKERS,
}


def roles_for(request: web.Request) -> Roles:
    """Roles that may have what this request asks; for an unknown address: everybody (a 404)."""
    resource = request.match_info.route.resource
    if resource is None:
        return ANYONE
    method = "GET" if request.method == "HEAD" else request.method
    return TABLE[method, resource.canonical]


def check_table(app: web.Application) -> None:
    """Raise LookupError when a mounted route has no line in the table."""
    for route in app.router.routes():
        if route.method == "HEAD" or route.resource is None:
            continue
        if (route.method, route.resource.canonical) not in TABLE:
            raise LookupError(f"no roles for {route.method} {route.resource.canonical}")


def allowed(roles: Roles, held: frozenset[Role] | None) -> bool:
    """Whether somebody with these roles (None: nobody signed in) passes."""
    if roles is None:
        return True
    return held is not None and not roles.isdisjoint(held)
