"""Enrolment and the key file, against a scripted hub."""

from __future__ import annotations

import asyncio
import base64
import errno
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from kiosk import identity
from kiosk.cli import app
from kiosk.errors import (
    AlreadyEnrolledError,
    EnrolmentRefusedError,
    HubBusyError,
    HubNotTrustedError,
    HubUnreachableError,
    KeyUnreadableError,
    NotAHubError,
    NotEnrolledError,
)
from signaling.protocol.messages import proof_text


class EnrolmentHub:
    """Answers enrolments as it is told, on a thread of its own: `enrol` blocks."""

    def __init__(self) -> None:
        self.status, self.answer = 201, {"kiosk_id": "k7", "hub_origin": "https://hub.test"}
        self.headers: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.address = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        return web.json_response(self.answer, status=self.status, headers=self.headers)


@pytest.fixture
def hub() -> Iterator[EnrolmentHub]:
    with serving(EnrolmentHub()) as hub:
        yield hub


@contextmanager
def serving(hub: EnrolmentHub, tls: ssl.SSLContext | None = None) -> Iterator[EnrolmentHub]:
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/api/v1/enrolments", hub.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        hub.address = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def run() -> None:
        runner = loop.run_until_complete(serve())
        loop.call_soon(ready.set)  # not before: a stop must find the loop that it is meant for
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(5)
    yield hub
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def test_enrolling_keeps_a_key_that_proves(hub: EnrolmentHub, tmp_path: Path) -> None:
    state = tmp_path / "state"
    identity.enrol(hub.address, "BCDF GHJK", state, "test", replace=False)
    kept = identity.load(state)
    assert (kept.kiosk_id, kept.hub_origin) == ("k7", "https://hub.test")
    assert (state / "identity.json").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in state.iterdir()] == ["identity.json"]
    sent = hub.asked[0]
    assert sent["code"] == "BCDF GHJK"
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(sent["public_key"] + "="))
    signature = base64.urlsafe_b64decode(kept.sign("n" * 43) + "==")
    public.verify(signature, proof_text("https://hub.test", "k7", "n" * 43))


def test_a_second_key_must_be_asked_for(hub: EnrolmentHub, tmp_path: Path) -> None:
    identity.enrol(hub.address, "A", tmp_path, "test", replace=False)
    with pytest.raises(AlreadyEnrolledError):
        identity.enrol(hub.address, "B", tmp_path, "test", replace=False)
    assert len(hub.asked) == 1, "the second code was not spent"
    hub.answer = {"kiosk_id": "k8"}
    identity.enrol(hub.address, "B", tmp_path, "test", replace=True)
    assert identity.load(tmp_path).kiosk_id == "k8"
    assert identity.load(tmp_path).hub_origin == hub.address


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (403, {"code": "enrolment_refused", "detail": "no"}, EnrolmentRefusedError),
        (422, {"code": "invalid_form", "detail": "code"}, EnrolmentRefusedError),
        (429, {"code": "too_many_attempts", "detail": "slow down"}, HubBusyError),
        (429, [], HubBusyError),
        (404, {"code": "not_found"}, NotAHubError),
        (405, {"code": "method_not_allowed"}, NotAHubError),
        (200, {"hello": "world"}, NotAHubError),
        (308, {}, NotAHubError),
        (500, {"code": "internal"}, HubUnreachableError),
        (502, [], HubUnreachableError),
    ],
)
def test_a_refusal_leaves_nothing_and_the_old_key_stays(
    hub: EnrolmentHub, tmp_path: Path, status: int, answer: Any, error: type[Exception]
) -> None:
    hub.status, hub.answer = status, answer
    with pytest.raises(error):
        identity.enrol(hub.address, "A", tmp_path, "test", replace=False)
    assert list(tmp_path.iterdir()) == []


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(HubUnreachableError, match="Connection refused"):
        identity.enrol("http://127.0.0.1:1", "A", tmp_path, "test", replace=False)


def test_no_such_name(tmp_path: Path) -> None:
    with pytest.raises(HubUnreachableError, match="no such name"):
        identity.enrol("https://hub.invalid", "A", tmp_path, "test", replace=False)


def test_where_tls_is_expected_and_there_is_none(hub: EnrolmentHub, tmp_path: Path) -> None:
    address = hub.address.replace("http:", "https:")
    with pytest.raises(HubNotTrustedError, match="no TLS at this port"):
        identity.enrol(address, "A", tmp_path, "test", replace=False)


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "hub.pem"
    pem.write_bytes(
        certificate.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    with serving(EnrolmentHub(), context) as hub, pytest.raises(HubNotTrustedError, match="self"):
        identity.enrol(hub.address, "A", tmp_path / "state", "test", replace=False)
    assert hub.asked == []


@pytest.mark.parametrize(
    ("status", "answer", "headers", "said"),
    [
        (429, {}, {"Retry-After": "5"}, "Wait 5 s, then try again"),
        (429, {}, {"Retry-After": "3001"}, "Wait 51 minutes, then try again"),
        (429, {}, {"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}, "Wait 60 s"),
        (502, {}, {}, "502 Bad Gateway. Check the address, the network and that the hub runs"),
        (301, {}, {"Location": "https://hub.test/x"}, "sends on to https://hub.test/x). Check"),
        (404, {}, {}, "answered 404). Check the address."),
        (
            403,
            {"code": "enrolment_refused"},
            {},
            "used, or too old. Ask for a new one on the hub's page.",
        ),
        (422, {"code": "bad_public_key"}, {}, "Install the kiosk's software of the hub's version"),
    ],
)
def test_the_command_says_what_happened_and_what_to_do(
    hub: EnrolmentHub,
    tmp_path: Path,
    status: int,
    answer: Any,
    headers: dict[str, str],
    said: str,
) -> None:
    hub.status, hub.answer, hub.headers = status, answer, headers
    config = tmp_path / "kiosk.toml"
    config.touch()
    arguments = ["--state-dir", str(tmp_path / "state"), "--config", str(config)]
    result = CliRunner().invoke(app, ["enrol", hub.address, "BCDFGHJK", *arguments])
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("code", ["", "AAAA", "BCDF GHJK L"])
def test_a_code_of_another_length_is_not_asked_for(hub: EnrolmentHub, code: str) -> None:
    result = CliRunner().invoke(app, ["enrol", hub.address, code])
    assert result.exit_code == 2
    assert "the code has eight characters" in result.output
    assert hub.asked == []


def test_a_folder_that_cannot_be_written_is_named_before_the_code_is_spent(
    hub: EnrolmentHub, tmp_path: Path
) -> None:
    config = tmp_path / "kiosk.toml"
    config.touch()
    arguments = ["--state-dir", "/proc/x", "--config", str(config)]
    result = CliRunner().invoke(app, ["enrol", hub.address, "BCDFGHJK", *arguments])
    assert result.exit_code == 1
    assert "the key cannot be written to /proc/x" in result.output
    assert "with --state-dir, then try again with the same code" in result.output
    assert hub.asked == []


def test_a_disk_that_does_not_keep_the_key_is_found_before_the_code_is_spent(
    hub: EnrolmentHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full(lambda: True))
    with pytest.raises(OSError, match="No space"):
        identity.enrol(hub.address, "A", tmp_path, "test", replace=False)
    assert (hub.asked, list(tmp_path.iterdir())) == ([], [])


def test_a_key_that_is_lost_after_the_code_was_spent_is_not_kept_by_halves(
    hub: EnrolmentHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity.enrol(hub.address, "A", tmp_path, "test", replace=False)
    before = (tmp_path / "identity.json").read_bytes()
    monkeypatch.setattr(os, "fsync", full(lambda: len(hub.asked) == 2))
    arguments = ["--state-dir", str(tmp_path), "--replace"]
    result = CliRunner().invoke(app, ["enrol", hub.address, "BCDFGHJK", *arguments])
    assert result.exit_code == 1
    assert "the hub took the code, but the key cannot be written" in result.output
    assert "ask for a new code" in result.output
    assert (tmp_path / "identity.json").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["identity.json"]


def test_a_directory_that_cannot_be_synced_at_last_does_not_undo_an_enrolment(
    hub: EnrolmentHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full((tmp_path / "identity.json").exists))
    identity.enrol(hub.address, "A", tmp_path, "test", replace=False)
    assert identity.load(tmp_path).kiosk_id == "k7"


def full(when: Callable[[], bool]) -> Callable[[int], None]:
    """An `os.fsync` of a disk that is full when it is so."""
    sync = os.fsync

    def fsync(handle: int) -> None:
        if when():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    return fsync


@pytest.mark.parametrize("text", ["", "ftp://hub", "https://", "https://hub/path", "a b"])
def test_no_address(text: str) -> None:
    with pytest.raises(NotAHubError):
        identity.hub_address(text)


def test_addresses_as_people_type_them() -> None:
    assert identity.hub_address("hub.example.org/ ") == "https://hub.example.org"
    assert identity.hub_address("127.0.0.1:8080") == "http://127.0.0.1:8080"


def test_keys_that_are_missing_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolledError):
        identity.load(tmp_path)
    for content in (
        "",
        "[]",
        '{"kiosk_id": "k"}',
        '{"kiosk_id":"k","hub_origin":"o","private_key":"AA"}',
    ):
        (tmp_path / "identity.json").write_text(content)
        with pytest.raises(KeyUnreadableError):
            identity.load(tmp_path)
