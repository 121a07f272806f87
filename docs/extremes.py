"""The hub's data as they seldom are: crowded, with somebody new, in trouble, empty, broken."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np

from bench.stack import BIN, Stack, _answers, _running, free_port
from visiohub.booking import accounts, appointments, presence, territory
from visiohub.booking.forms import (
    AppointmentForm,
    KioskForm,
    PartnerForm,
    PersonForm,
    RoomForm,
    VenueForm,
    read_form,
)
from visiohub.booking.limits import TYPED_CODE
from visiohub.booking.secrets import new_id
from visiohub.bootstrap import Hub
from visiohub.domain.model import Attempt, Kiosk
from visiohub.settings import Settings
from visiohub.storage.uow import UnitOfWork

VENUES = 190
ROOMS_OF_A_DAY = 8
APPOINTMENTS_A_DAY = 60
DAY_AND_NIGHT = [{"weekday": day, "opens": "00:00", "closes": "00:00"} for day in range(7)]


@contextmanager
def hub_of(running: Stack) -> Iterator[Hub]:
    """The running hub's database, in this process."""
    hub = Hub(Settings(data_dir=running.folder / "hub"))
    try:
        yield hub
    finally:
        hub.close()


def crowd(running: Stack) -> None:
    """Two hundred venues and kiosks, one with long names, and sixty appointments a day."""
    with hub_of(running) as hub, hub.uow() as uow:
        now = hub.clock()
        long = _kiosk(
            uow, now,
            "Maison intercommunale de services au public du Champsaur et du Valgaudemar",
            "Saint-Jean-Saint-Nicolas-en-Champsaur", "128 route départementale du Col-Saint-Jean",
            "Bureau des permanences administratives et sociales",
            "Borne Saint-Jean-Saint-Nicolas, permanences",
        )  # fmt: skip
        kiosks = [
            _kiosk(uow, now, f"Mairie annexe {n}", f"Commune {n:03}", f"{n} Grande Rue",
                   "Salle du conseil", f"Borne {n:03}")
            for n in range(1, VENUES + 1)
        ]  # fmt: skip
        partner = next(p for p in uow.partners.list() if p.short_name == "CAF")
        service = next(
            s for s in uow.services.list() if s.partner_id == partner.id and not s.walk_in
        )
        by = next(p for p in uow.persons.list() if p.login == "caf1")
        here = now.astimezone(ZoneInfo("Europe/Paris")).replace(second=0, microsecond=0)
        first = here + timedelta(minutes=15 - here.minute % 15)
        rooms = [long, *kiosks[: ROOMS_OF_A_DAY - 1]]
        for ahead in range(2):
            for n in range(APPOINTMENTS_A_DAY):
                at = first + timedelta(days=ahead, minutes=45 * (n // ROOMS_OF_A_DAY))
                appointments.book(uow, read_form(AppointmentForm, {
                    "service_id": service.id, "kiosk_id": rooms[n % ROOMS_OF_A_DAY].id,
                    "day": at.date().isoformat(), "time": f"{at:%H:%M}", "initials": "W. W.",
                    "despite_calendar": "urgent",  # the agents are fewer than the rooms
                }), by, now)  # fmt: skip
        uow.commit()


def _kiosk(
    uow: UnitOfWork, now: datetime, name: str, town: str, street: str, room: str, kiosk: str
) -> Kiosk:
    venue = territory.create(uow, read_form(VenueForm, {
        "name": name, "kind": "Mairie", "street": street, "postcode": "05260", "town": town,
        "phone": "04 65 71 20 68", "latitude": 44.67, "longitude": 6.11, "opening": DAY_AND_NIGHT,
        "access": "Entrée par la cour, derrière la médiathèque. Sonnez deux fois.",
    }), None, now)  # fmt: skip
    place = territory.create(uow, read_form(RoomForm, {
        "venue_id": venue.id, "name": room, "capacity": 4, "door": "Porte 14, deuxième couloir",
    }), None, now)  # fmt: skip
    form = read_form(KioskForm, {"room_id": place.id, "name": kiosk})
    made: Kiosk = territory.create(uow, form, None, now)
    return made


def plug_in(film: Path) -> None:
    """A grey film of ten seconds, for a kiosk whose camera is this file; one that is in stays.

    It is larger than what FFmpeg keeps in memory, so that its reader misses it when it is gone.
    """
    if film.exists():  # its reader would go on with the file that this one takes the name of
        return
    part = film.with_name(f"part-{film.name}")
    writer = cv2.VideoWriter(str(part), cv2.VideoWriter.fourcc(*"MJPG"), 25, (640, 360))
    weave = np.indices((360, 640)).sum(axis=0)[..., None] % 7 * 6
    for level in range(250):
        writer.write(np.broadcast_to(90 + level // 5 + weave, (360, 640, 3)).astype(np.uint8))
    writer.release()
    part.replace(film)


def unplug(film: Path) -> None:
    """Whoever reads it finds its end; nobody can open it any more."""
    film.write_bytes(b"")
    film.unlink()


def newcomer(running: Stack) -> str:
    """An agent whose partner has no appointment yet signs in as `nouveau`; the password."""
    with hub_of(running) as hub, hub.uow() as uow:
        now = hub.clock()
        partner = territory.create(uow, read_form(PartnerForm, {
            "name": "Assurance maladie", "short_name": "CPAM", "phone": "04 65 71 20 40",
        }), None, now)  # fmt: skip
        person = territory.create(uow, read_form(PersonForm, {
            "login": "nouveau", "label": "Agent CPAM", "roles": ["agent"], "partner_id": partner.id,
        }), None, now)  # fmt: skip
        password = accounts.set_password(uow, person.id, None, now)
        uow.commit()
    return password


@contextmanager
def trouble_at(running: Stack, town: str) -> Iterator[None]:
    """Somebody asks for help at a venue, and its typed codes are locked; then no longer."""
    with hub_of(running) as hub:
        now = hub.clock()
        with hub.uow() as uow:
            venue = next(v for v in uow.venues.list() if v.town == town)
            kiosks = uow.kiosks.at_venue(venue.id)
            presence.help_wanted(uow, kiosks[0].id, True, now - timedelta(minutes=2))
            for _ in range(uow.settings.wrong_codes_before_lock):
                uow.attempts.add(Attempt(id=new_id(), kind=TYPED_CODE, key=venue.id, at=now))
            uow.commit()
        yield
        with hub.uow() as uow:
            presence.help_wanted(uow, kiosks[0].id, False, hub.clock())
            by = next(p for p in uow.persons.list() if p.login == "admin")
            presence.unlock_codes(uow, kiosks[0].id, by, hub.clock())
            uow.commit()


@contextmanager
def empty_hub() -> Iterator[tuple[str, str, Path]]:
    """A hub with nobody but its administrator: its origin, the password, its database."""
    with tempfile.TemporaryDirectory(prefix="visiohub-empty-") as name:
        folder, port = Path(name), free_port()
        origin = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "VISIOHUB_PORT": str(port),
            "VISIOHUB_PROBE_PORT": "0",
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


def break_database(database: Path) -> None:
    """Take a table away under the running hub: nothing less makes it stumble."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("ALTER TABLE venues RENAME TO venues_away")
        connection.commit()
