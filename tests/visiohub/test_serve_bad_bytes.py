"""Bytes that are no HTTP: 400, one line in the log, no traceback, nothing of what was sent."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from test_serve import serving

HOST = b"Host: 127.0.0.1\r\n"
FORM = HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST /sign-in HTTP/1.1\r\n" + FORM
GET = b"GET / HTTP/1.1\r\n" + HOST
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
SECRET = b"hunter2"
"""Stands in each of these, and nowhere in the log."""

REFUSED = {
    "no request line": SECRET + b"\r\n\r\n",
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + SECRET,
    "an unknown version": b"GET /" + SECRET + b" HTTP/9.9\r\n" + HOST + b"\r\n",
    "a URL that is none": b"GET http://[" + SECRET + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a header without colon": GET + SECRET + b" Bad\r\n\r\n",
    "a header with a control character": GET + b"X: " + SECRET + b"\x00\r\n\r\n",
    "no host": b"GET /" + SECRET + b" HTTP/1.1\r\n\r\n",
    "two hosts": GET + HOST + b"X: " + SECRET + b"\r\n\r\n",
    "a header too long": GET + b"X: " + SECRET * 3000 + b"\r\n\r\n",
    "too many headers": (
        GET + b"".join(b"X%d: %b\r\n" % (i, SECRET) for i in range(500)) + b"\r\n"
    ),
    "an address too long": b"GET /" + SECRET * 3000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a length below zero": POST + b"Content-Length: -1\r\n\r\n" + SECRET,
    "two lengths": POST + b"Content-Length: 7\r\n" + CHUNKED + SECRET,
    "chunks without a length": POST + CHUNKED + SECRET + b"\r\n",
    "compression that is none": (
        POST + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\n" + SECRET
    ),
}
HARMLESS = {
    "a cookie that is no text": GET + b"Cookie: visiohub=\xe9\xff" + SECRET + b"\r\n\r\n",
    "languages that are none": GET + b"Accept-Language: \xff;q=nan\r\n\r\n",
    "a browser that is no text": (
        POST + b"User-Agent: \xff\xfe\r\nContent-Length: 23\r\n\r\nlogin=a&password=" + SECRET
    )[:-1],
}


@contextmanager
def listening(folder: Path) -> Iterator[tuple[int, Path]]:
    """A hub's port, and the file where its log goes."""
    log = folder / "log"
    with log.open("w") as stderr, serving(folder, stderr=stderr, VISIOHUB_LOG_JSON="1") as hub:
        assert hub.stdout is not None
        address = re.fullmatch(r"visiohub listens on (\S+)\n", hub.stdout.readline())
        assert address
        yield urlsplit(address[1]).port or 0, log


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    with listening(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="module")
def quiet_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Another: the other one may write about a connection after its answer."""
    with listening(tmp_path_factory.mktemp("quiet")) as running:
        yield running


def answer_to(port: int, octets: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(octets)
        return wire.recv(65536)


def warnings(said: str) -> int:
    """How many lines of the log; each must be a warning that repeats nothing of what was sent."""
    assert "Traceback" not in said
    assert SECRET.decode() not in said
    lines = [json.loads(line) for line in said.splitlines()]
    assert all(line["level"] == "warning" for line in lines), said
    return len(lines)


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_http_is_refused_in_one_line(what: str, hub: tuple[int, Path]) -> None:
    port, log = hub
    before = log.stat().st_size
    assert answer_to(port, REFUSED[what]).split(b" ")[1] == b"400"
    assert warnings(log.read_text()[before:]) <= 2


@pytest.mark.parametrize("what", HARMLESS)
def test_headers_that_are_no_text_are_no_fault(what: str, quiet_hub: tuple[int, Path]) -> None:
    port, log = quiet_hub
    before = log.stat().st_size
    assert answer_to(port, HARMLESS[what]).split(b" ")[1] in {b"200", b"401"}
    assert log.read_text()[before:] == ""


CUT = [
    POST + b"Content-Length: 100\r\n\r\nlogin=" + SECRET,
    POST + CHUNKED + b"7\r\n" + SECRET,
    POST + CHUNKED + b"7\r\n" + SECRET + b"\r\n" + SECRET + b"\r\n",
    GET + b"X: " + SECRET,
]


def test_who_leaves_in_the_middle_is_no_fault_either(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stderr, serving(tmp_path, stderr=stderr, VISIOHUB_LOG_JSON="1") as hub:
        assert hub.stdout is not None
        port = int(hub.stdout.readline().rstrip().rpartition(":")[2])
        for octets in CUT:
            with socket.create_connection(("127.0.0.1", port)) as wire:
                wire.sendall(octets)
        assert answer_to(port, GET + b"\r\n").split(b" ")[1] == b"200"
        hub.send_signal(signal.SIGTERM)
        assert hub.wait(20) == 0
    assert warnings(log.read_text()) <= len(CUT)
