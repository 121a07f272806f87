"""Enrolment and the key file, against a scripted hub."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk import identity
from kiosk.errors import (
    AlreadyEnrolledError,
    EnrolmentRefusedError,
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
        self.asked: list[dict[str, Any]] = []
        self.address = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
def hub() -> Iterator[EnrolmentHub]:
    hub, ready, loop = EnrolmentHub(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/api/v1/enrolments", hub.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hub.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        return runner

    def run() -> None:
        runner = loop.run_until_complete(serve())
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
        (429, {"code": "too_many_attempts", "detail": "slow down"}, EnrolmentRefusedError),
        (404, {"code": "not_found"}, NotAHubError),
        (200, {"hello": "world"}, NotAHubError),
        (500, [], NotAHubError),
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
    with pytest.raises(HubUnreachableError):
        identity.enrol("http://127.0.0.1:1", "A", tmp_path, "test", replace=False)


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
