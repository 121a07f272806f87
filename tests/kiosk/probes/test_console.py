"""`kiosk probe HUB` against a whole hub on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.probes import console
from kiosk.probes.measured import Measured, plain, table
from kiosk.probes.results import ResultStore
from signaling.protocol.messages import ProbeSession
from visiohub.booking import territory
from visiohub.booking.forms import KioskForm, LineForm, RoomForm, VenueForm
from visiohub.bootstrap import Hub
from visiohub.domain.model import LineKind
from visiohub.linkquality.delays import Answer, summary
from visiohub.linkquality.ledger import Ledger
from visiohub.linkquality.verdict import Doubt, Verdict
from visiohub.settings import Settings
from visiohub.web.app import make_app


def kiosk_on_a_line(hub: Hub, key: Ed25519PrivateKey) -> str:
    now = datetime.now(UTC)
    with hub.uow() as uow:

        def make(form: Any) -> Any:
            return territory.create(uow, form, None, now)

        address = {"street": "1 place du Four", "postcode": "05600", "town": "Guillestre"}
        where = {"latitude": 44.6, "longitude": 6.6, "phone": "04 65 71 20 05"}
        venue = make(VenueForm(name="Guillestre", kind="Mairie", **address, **where))
        make(LineForm(venue_id=venue.id, kind=LineKind.ADSL, up_kbit_s=900, down_kbit_s=9000))
        room = make(RoomForm(venue_id=venue.id, name="Salle", capacity=3))
        kiosk = make(KioskForm(room_id=room.id, name="Borne"))
        kiosk.public_key = key.public_key().public_bytes_raw()
        kiosk.enrolled_at = now
        uow.commit()
        return str(kiosk.id)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The hub's address, and the state folder of a kiosk that it knows."""
    folder = tmp_path_factory.mktemp("probe")
    key, ready, stop = Ed25519PrivateKey.generate(), threading.Event(), threading.Event()
    told: list[str] = []

    async def serve() -> None:
        settings = Settings(data_dir=folder / "hub", port=0, probe_port=0)
        hub = Hub(settings)
        kiosk_id = kiosk_on_a_line(hub, key)
        runner = web.AppRunner(make_app(hub))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        raw = identity_text(kiosk_id, settings.public_origins[0], key)
        (folder / "kiosk").mkdir()
        (folder / "kiosk" / "identity.json").write_text(raw, "ascii")
        told.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        ready.set()
        await asyncio.to_thread(stop.wait)
        await runner.cleanup()
        hub.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30)
    yield told[0], folder / "kiosk"
    stop.set()
    thread.join()


def identity_text(kiosk_id: str, origin: str, key: Ed25519PrivateKey) -> str:
    from kiosk.identity import _b64

    return json.dumps(
        {"kiosk_id": kiosk_id, "hub_origin": origin, "private_key": _b64(key.private_bytes_raw())}
    )


def probe(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["probe", *arguments])


def test_it_measures_and_says_what_stays_unknown(served: tuple[str, Path]) -> None:
    address, folder = served
    store = ResultStore(folder)
    run = probe(address, "--json", "--seconds", "1", "--state-dir", str(folder))
    assert run.exit_code in {0, 3}, run.output
    owed = dict(store.take_owed())
    store.close()
    assert "measuring" in run.stderr  # the bar; on a terminal it fills
    told = json.loads(run.stdout)
    assert told["delay"]["lost"] == 0
    assert told["delay"]["sent"] > 30
    assert told["voice_estimate"]["mos_up"] > 3
    # the loopback is faster than any train: it must not be given a rate that is a guess
    for way in ("up", "down"):
        assert (told[way]["kbit_s"] is None) == (told[way]["doubt"] is not None)
    assert told["octets_up"] > 49_000
    assert owed == {"up": told["octets_up"], "down": told["octets_down"]}
    assert run.exit_code == (3 if None in (told["up"]["kbit_s"], told["down"]["kbit_s"]) else 0)


def test_it_takes_no_more_than_the_day_s_octets_unless_it_is_told_to(
    served: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, folder = served
    (tmp_path / "identity.json").write_bytes((folder / "identity.json").read_bytes())
    store = ResultStore(tmp_path)
    ledger = Ledger(7_000_000, datetime.now().astimezone().date())
    ledger.charge_by_hand(datetime.now().astimezone(), 7_000_000)
    for way in ("up", "down"):
        store.save_ledger(way, ledger)
    store.owe({"up": 1_900_000, "down": 1_900_000})
    asked = (address, "--json", "--seconds", "1", "--state-dir", str(tmp_path))
    run = probe(*asked)
    assert run.exit_code == 1
    assert "0.00 MB more on this line today" in run.stderr
    assert "--beyond-budget" in run.stderr
    later = time.time() + 5  # the hub takes one proof a second
    monkeypatch.setattr(console, "time", SimpleNamespace(time=lambda: later))
    assert probe(*asked, "--beyond-budget").exit_code in {0, 3}
    assert dict(store.take_owed()).keys() == {"up", "down"}
    store.close()


def test_a_port_that_nothing_comes_back_from_is_named_soon(
    served: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall: the hub gives a session, and no packet of it arrives."""
    address, folder = served
    (tmp_path / "identity.json").write_bytes((folder / "identity.json").read_bytes())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        order = ProbeSession(
            session=1, key="A" * 43, port=port, up_kbit_s=900, down_kbit_s=8000,
            octets_a_day_up=9_000_000, octets_a_day_down=9_000_000,
        )  # fmt: skip

        async def session(*_: object) -> ProbeSession:
            return order

        monkeypatch.setattr(console, "_session", session)
        store = ResultStore(tmp_path)
        run = probe(address, "--state-dir", str(tmp_path))
        owed = dict(store.take_owed())
        store.close()
    assert run.exit_code == 1
    assert f"UDP port {port}" in run.stderr
    assert not run.stdout
    assert owed["up"] > owed["down"] == 0, "what was asked with is spent all the same"


def test_the_table_has_the_figures_of_the_json() -> None:
    answers = [Answer(n, n, 0.040 + 0.001 * (n % 5), 0.02, 0.02) for n in range(99)]
    found = Measured(
        Verdict(761.4, None, 0.004, 0, 60, 0), Verdict(None, Doubt.UNSTEADY, None, 0, 60, 0),
        summary(range(100), answers), 120_000, 130_000,
    )  # fmt: skip
    told, shown = plain(found), table(found)
    assert "761 kbit/s +-0.4 %" in shown
    assert "not known: others use the line" in shown
    two_way = told["delay"]["two_way_ms"]
    assert f"{two_way['p50']:.1f} ms, 95 %: {two_way['p95']:.1f} ms" in shown
    assert "1.0 % of 100" in shown
    assert f"MOS {told['voice_estimate']['mos_up']} (estimate)" in shown
    assert "250 kB" in shown


def test_a_hub_that_is_not_there_and_a_kiosk_that_it_does_not_know(
    served: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = served
    gone = probe("http://127.0.0.1:9", "--state-dir", str(folder))
    assert gone.exit_code == 1
    assert "no answer" in gone.stderr
    stranger = identity_text("nobody", "http://127.0.0.1:8080", Ed25519PrivateKey.generate())
    (tmp_path / "identity.json").write_text(stranger, "ascii")
    run = probe(address, "--state-dir", str(tmp_path))
    assert run.exit_code == 1
    assert "does not know this kiosk" in run.stderr
    assert probe(address, "--state-dir", str(tmp_path / "empty")).exit_code == 1


def test_an_option_that_makes_no_sense_is_misuse(served: tuple[str, Path]) -> None:
    address, folder = served
    assert probe(address, "--seconds", "0", "--state-dir", str(folder)).exit_code == 2


def test_without_a_key_the_way_to_one_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["probe", "--state-dir", str(tmp_path), "http://127.0.0.1:9"])
    assert done.exit_code == 1
    assert "kiosk enrol HUB CODE" in done.output


def test_the_list_of_commands_cuts_no_sentence() -> None:
    assert "..." not in CliRunner().invoke(app, ["--help"]).output.replace("[ARGS]...", "")
