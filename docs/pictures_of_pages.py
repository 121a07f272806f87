"""The hub's pages: everyday, with mistakes in forms, crowded, empty and broken."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import Page

from bench.stack import Stack
from docs.camera import Camera
from docs.deeds import (
    CANCEL,
    FIRST_BOOKING,
    FIRST_KIOSK,
    FIRST_LINE,
    FIRST_ROW,
    LIVE_PARTS_MS,
    MOVE,
    NOT_INSTALLED,
    OPEN_APPOINTMENT,
    STATEMENT,
    VISIO_BOOKING,
    Shot,
    booked_alone,
    booking_without_hour,
    chosen_slot,
    click,
    compare_lines,
    data_of_a_person,
    day_that_is_none,
    enrolment_code,
    first_slots,
    free_times,
    given_password,
    joins,
    lost_update,
    modem_with_mistakes,
    negative_price,
    of_a_line,
    offline,
    print_last,
    room_price,
    room_series,
    room_times,
    room_without_hour,
    sign_in_wrongly,
    table_with_mistakes,
    too_much,
    too_often,
    venue_with_mistakes,
    waits,
    works_with_mistakes,
)

TABLES = ("calls", "trail", "admin-venues", "accounts", "lines", "waiting", "agent-day")
"""Beginnings of the names of pages with wide tables."""

PAGES: dict[str, tuple[Shot, ...]] = {
    "": (
        Shot("public", "/"),
        Shot("sign-in", "/sign-in"),
        Shot("sign-in-wrong", "/sign-in", sign_in_wrongly),
        Shot("not-found", "/no-such-page"),
        Shot("public-nothing-found", "/?word=Paris"),
        Shot("near", "/near", first_slots),
        Shot("near-unknown", "/near?place=Paris"),
        Shot("near-rooms", "/near?what=room&place=Serres"),
        Shot("needs", "/near", chosen_slot),
        Shot("own-appointment", "/near", booked_alone),
        Shot("my", "/my"),
        Shot("wait", "/near", waits),
        Shot("waiting-citizen", "/near", joins),
    ),
    "caf1": (
        Shot("agent-day", "/agent"),
        Shot("agent-check", "/agent/check"),
        Shot("permanences", "/permanences"),
        Shot("waiting", "/waiting"),
        Shot("waiting-one", "/waiting", click("main .rows .act a")),
        Shot("permanence-new", "/permanences/new"),
        Shot("appointments", "/appointments"),
        Shot("account", "/account"),
        Shot("calendars", "/calendars"),
        Shot("help", "/help"),
        Shot("forbidden", "/admin"),
        Shot("too-large", "/account", too_much),
        Shot("appointments-no-day", "/appointments", day_that_is_none),
        Shot("agent-day-offline", "/agent", offline),
    ),
    "accueil-gap": (
        Shot("reception", "/reception"),
        Shot("appointment-new", "/appointments/new"),
        Shot("appointment-new-times", "/appointments/new", free_times),
        Shot("appointment-new-mistake", "/appointments/new", booking_without_hour),
        Shot("appointment", "/appointments", click(OPEN_APPOINTMENT)),
        Shot("appointment-cancel", "/appointments", click(OPEN_APPOINTMENT, CANCEL)),
        Shot("appointment-move", "/appointments", click(OPEN_APPOINTMENT, MOVE)),
    ),
    "admin": (
        Shot("admin", "/admin"),
        Shot("connections", "/connections"),
        *(
            Shot(f"admin-{kind}", f"/admin/{kind}")
            for kind in ("venues", "lines", "rooms", "kiosks", "partners", "services", "people")
        ),
        *(
            Shot(f"admin-{kind}-one", f"/admin/{kind}", click(FIRST_ROW))
            for kind in ("venues", "lines", "rooms", "kiosks", "partners", "services", "people")
        ),
        Shot("admin-venue-new", "/admin/venues/new"),
        Shot("admin-line-terms", "/admin/lines", click(FIRST_ROW, "aside a[href$='/terms']")),
        Shot("line-modem", "/admin/lines", of_a_line("modem")),
        Shot("line-modem-mistakes", "/admin/lines", modem_with_mistakes),
        Shot("line-speed", "/admin/lines", of_a_line("speed")),
        Shot("admin-venue-mistakes", "/admin/venues/new", venue_with_mistakes),
        Shot("admin-venue-meanwhile", "/admin/venues", lost_update),
        Shot("admin-kiosk-code", "/admin/kiosks", enrolment_code),
        Shot("admin-password", "/admin/people", given_password),
        Shot("admin-imports", "/admin/imports"),
        Shot("admin-import-mistakes", "/admin/imports", table_with_mistakes),
        Shot("admin-data", "/admin/data"),
        Shot("admin-data-person", "/admin/people", data_of_a_person),
    ),
    "coordination": (
        Shot("use", "/usage"),
        Shot("use-by-week", "/usage?by=week"),
        Shot("calls", "/calls"),
        Shot("accounts", "/accounts"),
        Shot("room-account", "/accounts", click("main .things a.at")),
        Shot("organisation", "/organisations/new"),
        Shot("prices", "/prices"),
        Shot("prices-mistake", "/prices", negative_price),
        Shot("places", "/places"),
        Shot("place-rules", "/places", click("main a:has-text('Embrun')")),
        Shot("desk-rules", "/places", click("main a[href^='/places/desk-']")),
        Shot("school-holidays", "/school-holidays"),
    ),
    "technique": (
        Shot("kiosks", "/kiosks"),
        Shot("kiosk", "/kiosks", click(FIRST_KIOSK)),
        Shot("kiosk-not-installed", "/kiosks", click(NOT_INSTALLED)),
        Shot("kiosks-offline", "/kiosks", offline),
        Shot("lines", "/lines"),
        Shot("line-out", "/lines", click(FIRST_LINE)),
        Shot("line-week", "/lines?word=Rosans", click(FIRST_LINE, "a[data-window='span=week']")),
        Shot("line-not-measured", "/lines?grade=never", click(FIRST_LINE)),
        Shot("lines-nothing-found", "/lines?word=Paris"),
        Shot("lines-compare", "/lines", compare_lines),
        Shot("line-works-mistake", "/lines", works_with_mistakes),
    ),
    "professionnel": (
        Shot("venues", "/venues"),
        Shot("help-professional", "/help"),
        Shot("bookings", "/bookings"),
        Shot("booking", "/bookings", click(FIRST_BOOKING)),
        Shot("booking-cancel", "/bookings", click(FIRST_BOOKING, CANCEL)),
        Shot("booking-move", "/bookings", click(FIRST_BOOKING, MOVE)),
        Shot("booking-visio", "/bookings", click(VISIO_BOOKING, "main a[href$='/visio']")),
        Shot("booking-new", "/bookings/new"),
        Shot("booking-times", "/bookings/new", room_times),
        Shot("booking-price", "/bookings/new", room_price),
        Shot("booking-series", "/bookings/new", room_series),
        Shot("booking-mistake", "/bookings/new", room_without_hour),
        Shot("statement", "/bookings", click(STATEMENT)),
    ),
}  # fmt: skip

CROWDED: dict[str, tuple[Shot, ...]] = {
    "": (Shot("crowded-public", "/"),),
    "caf1": (Shot("crowded-agent-day", "/agent"), Shot("crowded-appointments", "/appointments")),
    "technique": (
        Shot("crowded-kiosks", "/kiosks"),
        Shot("crowded-kiosks-word", "/kiosks?word=commune+18"),
        Shot("crowded-lines", "/lines"),
    ),
    "accueil-gap": (Shot("crowded-appointment-new", "/appointments/new", free_times),),
    "admin": (Shot("crowded-admin-venues", "/admin/venues"),),
    "professionnel": (Shot("crowded-venues", "/venues"),),
}

EMPTY = (
    ("empty-admin", "/admin"), ("empty-admin-venues", "/admin/venues"), ("empty-kiosks", "/kiosks"),
    ("empty-lines", "/lines"),
    ("empty-appointments", "/appointments"), ("empty-calls", "/calls"), ("empty-use", "/usage"),
    ("empty-venues", "/venues"),
)  # fmt: skip


def password_of(running: Stack) -> str:
    """The demo's one password."""
    return str(running.territory["sign_ins"][0]["password"])


def go(page: Page, origin: str, shot: Shot) -> None:
    """To the page of a shot."""
    page.goto(origin + shot.path)
    if shot.then:
        shot.then(page)
    page.wait_for_load_state()
    page.wait_for_timeout(LIVE_PARTS_MS)


def everyday(camera: Camera, running: Stack) -> None:
    """Every page of every role, and the convocation as a page and on paper."""
    _take(camera, running, PAGES)
    if camera.wants("convocation"):
        with camera.signed_in(running.origin, "accueil-gap", password_of(running)) as page:
            shot = Shot(
                "convocation", "/appointments",
                print_last,
            )  # fmt: skip
            camera.attempt("convocation", partial(go, page, running.origin, shot), page)
            if camera.size == "desktop":
                camera.print_out(page, "convocation-paper")


def troubled(camera: Camera, running: Stack) -> None:
    """Within `extremes.trouble_at`."""
    _take(camera, running, {"accueil-gap": (Shot("reception-trouble", "/reception"),)})


def new_here(camera: Camera, running: Stack, password: str) -> None:
    """The day of an agent who has no appointment yet."""
    with camera.signed_in(running.origin, "nouveau", password) as page:
        shot = Shot("agent-day-empty", "/agent")
        camera.attempt(shot.name, partial(go, page, running.origin, shot), page)


def crowded(camera: Camera, running: Stack) -> None:
    """After `crowd`."""
    _take(camera, running, CROWDED)


def _take(camera: Camera, running: Stack, pages: dict[str, tuple[Shot, ...]]) -> None:
    for login, shots in pages.items():
        if not any(camera.wants(shot.name) for shot in shots):
            continue
        with camera.signed_in(running.origin, login, password_of(running)) as page:
            for shot in shots:
                if camera.wants(shot.name):
                    camera.attempt(shot.name, partial(go, page, running.origin, shot), page)


def empty(camera: Camera, origin: str, password: str) -> None:
    """What a newcomer's administrator and the public see."""
    with camera.page() as page:
        camera.attempt("empty-public", lambda: go(page, origin, Shot("", "/")), page)
    with camera.signed_in(origin, "admin", password) as page:
        for name, path in EMPTY:
            camera.attempt(name, partial(go, page, origin, Shot("", path)), page)


def guessed(camera: Camera, origin: str) -> None:
    """Too many wrong passwords; nobody signs in with that account for a while."""
    with camera.signed_in(origin, "", "") as page:
        shot = Shot("too-often", "/sign-in", too_often)
        camera.attempt(shot.name, partial(go, page, origin, shot), page)


def broken(camera: Camera, origin: str) -> None:
    """The page of an unexpected fault, with its number."""
    with camera.page() as page:
        camera.attempt("fault", lambda: go(page, origin, Shot("", "/")), page)
