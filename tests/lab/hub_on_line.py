"""A whole hub with one line and one kiosk that it knows, as a program for the laboratory's hub.

hub_on_line.py FOLDER HOST DOWN_KBIT UP_KBIT   tells its address and the kiosk's folder, then serves
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from visiohub.booking import territory
from visiohub.booking.forms import KioskForm, LineForm, RoomForm, VenueForm
from visiohub.bootstrap import Hub
from visiohub.domain.model import LineKind
from visiohub.settings import Settings
from visiohub.web.app import make_app


def kiosk_on_a_line(hub: Hub, key: Ed25519PrivateKey, down: int, up: int) -> str:
    now = datetime.now(UTC)
    with hub.uow() as uow:

        def make(form: Any) -> Any:
            return territory.create(uow, form, None, now)

        place = {"street": "1 place du Four", "postcode": "05600", "town": "Guillestre"}
        where = {"latitude": 44.6, "longitude": 6.6, "phone": "04 65 71 20 05"}
        venue = make(VenueForm(name="Guillestre", kind="Mairie", **place, **where))
        make(LineForm(venue_id=venue.id, kind=LineKind.ADSL, up_kbit_s=up, down_kbit_s=down))
        room = make(RoomForm(venue_id=venue.id, name="Salle", capacity=3))
        kiosk = make(KioskForm(room_id=room.id, name="Borne"))
        kiosk.public_key = key.public_key().public_bytes_raw()
        kiosk.enrolled_at = now
        uow.commit()
        return str(kiosk.id)


async def serve(folder: Path, host: str, down: int, up: int) -> None:
    key = Ed25519PrivateKey.generate()
    settings = Settings(data_dir=folder / "hub", host=host, port=8081, probe_port=8862)
    hub = Hub(settings)
    identity = {
        "kiosk_id": kiosk_on_a_line(hub, key, down, up),
        "hub_origin": settings.public_origins[0],
        "private_key": base64.urlsafe_b64encode(key.private_bytes_raw()).rstrip(b"=").decode(),
    }
    (folder / "kiosk").mkdir()
    (folder / "kiosk" / "identity.json").write_text(json.dumps(identity), "ascii")
    runner = web.AppRunner(make_app(hub))
    await runner.setup()
    await web.TCPSite(runner, host, settings.port).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
