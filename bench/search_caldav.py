"""The same bookings in a Radicale of the benchmark's own, asked for its free-busy reports."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, cycle, islice
from pathlib import Path

from sqlalchemy import Engine

from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.settings import Settings
from visiohub.storage.uow import UnitOfWork

HEADERS = {"Authorization": "Basic YWdlbnQ6eA==", "Content-Type": "text/calendar"}  # agent:x
REPORT = (
    '<?xml version="1.0"?><C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
    '<C:time-range start="{start}" end="{end}"/></C:free-busy-query>'
)
"""RFC 4791, section 7.10."""


def asked(
    engine: Engine, sets: Sequence[Sequence[str]], start: datetime, end: datetime, times: int
) -> list[float]:
    """Milliseconds of each of so many times that the free-busy reports of a set of rooms, by id,
    were asked for in a row; the sets come by turns."""
    rooms = {i: Resource(ResourceKind.ROOM, i) for i in dict.fromkeys(chain.from_iterable(sets))}
    with UnitOfWork(engine, Settings(), reading=True) as uow:
        taken = uow.availability.taken(rooms.values(), start, end)
    with _server() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for room in rooms.values():
            spans = taken.get(room, [])
            _ask(connection, "PUT", room.id, _calendar(room.id, spans), {201})
        report = REPORT.format(start=_utc(start), end=_utc(end))
        took = []
        for n, room_ids in enumerate(islice(cycle(sets), len(sets) + times)):
            began = time.perf_counter()
            for room_id in room_ids:
                said = _ask(connection, "REPORT", room_id, report, {200})
                if said.count("FREEBUSY") < bool(taken.get(rooms[room_id])):
                    raise RuntimeError(f"Radicale knows nothing of {room_id}")
            if n >= len(sets):  # the first time of each fills its cache
                took.append(1000 * (time.perf_counter() - began))
        connection.close()
    return took


def _ask(
    connection: http.client.HTTPConnection, method: str, room_id: str, body: str, wanted: set[int]
) -> str:
    connection.request(method, f"/agent/{room_id}/", body.encode(), HEADERS)
    answer = connection.getresponse()
    said = answer.read().decode()
    if answer.status not in wanted:
        raise RuntimeError(f"{method} {room_id}: {answer.status} {said}")
    return said


def _calendar(name: str, spans: Sequence[tuple[datetime, datetime]]) -> str:
    events = (
        f"BEGIN:VEVENT\r\nUID:{name}-{n}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{_utc(start)}\r\n"
        f"DTEND:{_utc(end)}\r\nSUMMARY:{name}\r\nEND:VEVENT\r\n"
        for n, (start, end) in enumerate(spans)
    )
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//visiohub//bench//EN\r\n"
    return head + "".join(events) + "END:VCALENDAR\r\n"


def _utc(instant: datetime) -> str:
    return f"{instant:%Y%m%dT%H%M%SZ}"


@contextmanager
def _server() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "radicale.conf"
        config.write_text(
            f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = none\n"
            f"[rights]\ntype = authenticated\n[storage]\nfilesystem_folder = {folder}/kept\n"
            "[reporting]\nmax_freebusy_occurrence = 100000\n[logging]\nlevel = info\n"
        )
        server = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", str(config)],
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("Radicale does not answer")
