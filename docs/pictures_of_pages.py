"""The hub's pages: everyday, with mistakes in forms, crowded, empty and broken."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from bench.stack import BIN, Stack, _answers, _running, free_port
from docs.camera import Camera
from visiohub.booking import appointments, territory
from visiohub.booking.forms import AppointmentForm, KioskForm, RoomForm, VenueForm, read_form
from visiohub.bootstrap import Hub
from visiohub.settings import Settings

LIVE_PARTS_MS = 300  # live parts arrive; a picture taken early would show them loading


@dataclass(frozen=True)
class Shot:
    """A page of the hub: its name, its address, what is done there before the picture."""

    name: str
    path: str
    then: Callable[[Page], object] | None = None


def click(*selectors: str) -> Callable[[Page], object]:
    """Click one after another; each may lead to a page."""

    def do(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()
            page.wait_for_load_state()

    return do


def sign_in_wrongly(page: Page) -> None:
    """A name and a password that nobody has."""
    page.fill("#f-login", "personne")
    page.fill("#f-password", "un mot de passe inexact")
    page.click("main form button.go")


def venue_with_mistakes(page: Page) -> None:
    """A form sent with some fields empty and others wrong."""
    page.fill("#f-name", "Mairie d’un village")
    page.fill("#f-postcode", "5")
    page.fill("#f-latitude", "beaucoup")
    page.click("main form.sheet-form button.go")
    page.wait_for_load_state()


def lost_update(page: Page) -> None:
    """Two tabs with one form; this one comes second."""
    click(FIRST_ROW)(page)
    other = page.context.new_page()
    other.goto(page.url)
    for tab, street in ((other, "4 bis rue du Relais"), (page, "6 rue du Relais")):
        tab.fill("#f-street", street)
        tab.click("main form.sheet-form button.go")
        tab.wait_for_load_state()
    other.close()


def free_times(page: Page) -> None:
    """Service and kiosk chosen: days and hours are shown."""
    page.select_option("#f-service_id", index=1)
    page.select_option("#f-kiosk_id", index=2)
    click("button[name=show]")(page)


def booking_without_hour(page: Page) -> None:
    """Everything but the hour."""
    free_times(page)
    click("button[name=book]")(page)


def enrolment_code(page: Page) -> None:
    """A code for a kiosk that is not the one in use."""
    page.locator("main .things a").nth(3).click()
    page.wait_for_load_state()
    click("main form[action$='/code'] button")(page)


def print_last(page: Page) -> None:
    """The convocation of the last one on the page."""
    page.locator(OPEN_APPOINTMENT).last.click()
    page.wait_for_load_state()
    click("main form[action$='/convocation'] button")(page)


FIRST_ROW = "main .rows a.at"
OPEN_APPOINTMENT = "main li:has-text('Prévu') a, main li:has-text('Planned') a"
CANCEL = "main details summary"
MOVE = "main a[href$='/move']"
FIRST_KIOSK = "main a[href^='/kiosks/']"

PAGES: dict[str, tuple[Shot, ...]] = {
    "": (
        Shot("public", "/"),
        Shot("sign-in", "/sign-in"),
        Shot("sign-in-wrong", "/sign-in", sign_in_wrongly),
        Shot("not-found", "/no-such-page"),
    ),
    "caf1": (
        Shot("agent-day", "/agent"),
        Shot("agent-check", "/agent/check"),
        Shot("appointments", "/appointments"),
        Shot("account", "/account"),
        Shot("help", "/help"),
        Shot("forbidden", "/admin"),
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
        *(
            Shot(f"admin-{kind}", f"/admin/{kind}")
            for kind in ("venues", "lines", "rooms", "kiosks", "partners", "services", "people")
        ),
        *(
            Shot(f"admin-{kind}-one", f"/admin/{kind}", click(FIRST_ROW))
            for kind in ("venues", "lines", "rooms", "kiosks", "partners", "services", "people")
        ),
        Shot("admin-venue-new", "/admin/venues/new"),
        Shot("admin-venue-mistakes", "/admin/venues/new", venue_with_mistakes),
        Shot("admin-venue-meanwhile", "/admin/venues", lost_update),
        Shot("admin-kiosk-code", "/admin/kiosks", enrolment_code),
    ),
    "coordination": (Shot("use", "/usage"), Shot("calls", "/calls")),
    "technique": (Shot("kiosks", "/kiosks"), Shot("kiosk", "/kiosks", click(FIRST_KIOSK))),
    "professionnel": (Shot("venues", "/venues"), Shot("help-professional", "/help")),
}  # fmt: skip

CROWDED: dict[str, tuple[Shot, ...]] = {
    "": (Shot("crowded-public", "/"),),
    "caf1": (Shot("crowded-agent-day", "/agent"), Shot("crowded-appointments", "/appointments")),
    "technique": (Shot("crowded-kiosks", "/kiosks"),),
    "admin": (Shot("crowded-admin-venues", "/admin/venues"),),
    "professionnel": (Shot("crowded-venues", "/venues"),),
}

EMPTY = (
    ("empty-admin", "/admin"), ("empty-admin-venues", "/admin/venues"), ("empty-kiosks", "/kiosks"),
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


def crowd(running: Stack) -> None:
    """A venue with long names, and more appointments than a list shows at once."""
    hub = Hub(Settings(data_dir=running.folder / "hub"))
    now = hub.clock()
    with hub.uow() as uow:
        venue = territory.create(uow, read_form(VenueForm, {
            "name": "Maison intercommunale de services au public du Champsaur et du Valgaudemar",
            "kind": "Maison de services", "street": "128 route départementale du Col-Saint-Jean",
            "postcode": "05260", "town": "Saint-Jean-Saint-Nicolas-en-Champsaur",
            "phone": "04 65 71 20 68", "latitude": 44.67, "longitude": 6.11,
            "access": "Entrée par la cour, derrière la médiathèque. "
            "Sonnez deux fois, la porte est lourde. Arrêt de car à 400 m.",
            "opening": [{"weekday": day, "opens": "07:30", "closes": "19:30"} for day in range(7)],
        }), None, now)  # fmt: skip
        room = territory.create(uow, read_form(RoomForm, {
            "venue_id": venue.id, "name": "Bureau des permanences administratives et sociales",
            "capacity": 4, "door": "Porte 14, deuxième couloir",
        }), None, now)  # fmt: skip
        kiosk = territory.create(uow, read_form(KioskForm, {
            "room_id": room.id, "name": "Borne Saint-Jean-Saint-Nicolas, permanences",
        }), None, now)  # fmt: skip
        partner = next(p for p in uow.partners.list() if p.short_name == "CAF")
        service = next(
            s for s in uow.services.list() if s.partner_id == partner.id and not s.walk_in
        )
        agent = next(p for p in uow.persons.list() if p.login == "caf1")
        for ahead in range(1, 9):
            day = (now + timedelta(days=ahead)).date()
            for hour in range(8, 18):
                appointments.book(uow, read_form(AppointmentForm, {
                    "service_id": service.id, "kiosk_id": kiosk.id, "day": day.isoformat(),
                    "time": f"{hour:02}:00", "initials": "W. W.",
                }), agent, now)  # fmt: skip
        uow.commit()
    hub.close()


@contextmanager
def empty_hub() -> Iterator[tuple[str, str, Path]]:
    """A hub with nobody but its administrator: its origin, the password, its database."""
    with tempfile.TemporaryDirectory(prefix="visiohub-empty-") as name:
        folder, port = Path(name), free_port()
        origin = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "VISIOHUB_PORT": str(port),
            "VISIOHUB_PUBLIC_ORIGINS": origin,
            "VISIOHUB_DATA_DIR": str(folder),
        }
        made = subprocess.run(  # noqa: S603 (our own command)
            [str(BIN / "visiohub"), "admin", "create", "admin", "--no-ask"],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        password = re.search(r"once: (\S+)", made.stdout)
        if password is None:
            raise RuntimeError(f"no password in {made.stdout!r}")
        with _running([str(BIN / "visiohub"), "serve"], environment, folder / "hub.log"):
            _answers(f"{origin}/readyz", folder / "hub.log")
            yield origin, password[1], folder / "visiohub.sqlite3"


def empty(camera: Camera, origin: str, password: str) -> None:
    """What a newcomer's administrator and the public see."""
    with camera.page() as page:
        camera.attempt("empty-public", lambda: go(page, origin, Shot("", "/")), page)
    with camera.signed_in(origin, "admin", password) as page:
        for name, path in EMPTY:
            camera.attempt(name, partial(go, page, origin, Shot("", path)), page)


def break_database(database: Path) -> None:
    """Take a table away under the running hub: nothing less makes it stumble."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("ALTER TABLE venues RENAME TO venues_away")
        connection.commit()


def broken(camera: Camera, origin: str) -> None:
    """The page of an unexpected fault, with its number."""
    with camera.page() as page:
        camera.attempt("fault", lambda: go(page, origin, Shot("", "/")), page)
