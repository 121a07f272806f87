"""Calendars put into a real CalDAV server and read back."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from calendars import event, lines, read, series, wall
from hub_world import NOW, World

from visiohub.booking import connections, feeds
from visiohub.domain.connections import FeedKind
from visiohub.notify.ics import calendar

KIND = (
    b'<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set>'
    b"<prop><resourcetype><collection/><C:calendar/></resourcetype></prop></set></mkcol>"
)


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[str]:
    """The address of a calendar on a server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "radicale.conf"
    folder = tmp_path / "collections"
    config.write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = none\n[rights]\ntype = authenticated\n"
        f"[storage]\nfilesystem_folder = {folder}\n[logging]\nlevel = info\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-m", "radicale", "--config", str(config)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if "Listening on" in line:
                break
        yield f"http://127.0.0.1:{port}/agent/visio"
    finally:
        server.terminate()
        server.communicate()


def ask(method: str, url: str, body: bytes | None = None, **headers: str) -> bytes:
    headers |= {"Authorization": "Basic YWdlbnQ6eA=="}  # agent:x
    request = Request(url, body, headers, method=method)
    try:
        with urlopen(request, timeout=30) as answer:
            found: bytes = answer.read()
            return found
    except URLError as error:
        pytest.fail(f"{method} {url}: {error} {getattr(error, 'fp', None)}")


def test_calendars_come_back_unchanged(radicale: str) -> None:
    ask("MKCOL", f"{radicale}/", KIND)
    odd = event(wall(24), uid="b2@x", location="Mairie, « Le Four »; 1\nx\\n" * 9)
    for name, one in (("series", series()), ("odd", odd)):
        put = calendar([one])
        # a stored object has no METHOD (RFC 4791 section 4.1)
        stored = put.replace(b"METHOD:PUBLISH\r\n", b"")
        ask("PUT", f"{radicale}/{name}.ics", stored, **{"Content-Type": "text/calendar"})
        got = ask("GET", f"{radicale}/{name}.ics")
        assert sorted(lines(read(got))) == sorted(lines(read(stored)))


def test_a_feed_comes_back_unchanged(radicale: str, world: World) -> None:
    """As its reader keeps it: one object for each UID (RFC 4791 section 4.1)."""
    for at in ("09:00", "10:30"):
        world.book(at, agent_id=world.agent.id)
    made = world.do(connections.make_feed, FeedKind.VENUE, world.venue.id, world.admin, NOW)
    words = feeds.Words("Visio-rendez-vous", "Réservation de salle")
    view = world.see(feeds.feed_view, made.secret, words, NOW)
    assert len(view.events) == 2
    ask("MKCOL", f"{radicale}/", KIND)
    for number, one in enumerate(view.events):
        stored = calendar([one]).replace(b"METHOD:PUBLISH\r\n", b"")
        address = f"{radicale}/{number}.ics"
        ask("PUT", address, stored, **{"Content-Type": "text/calendar"})
        assert sorted(lines(read(ask("GET", address)))) == sorted(lines(read(stored)))
