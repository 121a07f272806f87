"""`python -m signaling`: the command's messages, and a call through what it serves."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import aiohttp
import pytest
import typer
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from signaling_lab import VENUE, Client
from typer.testing import CliRunner

from signaling.__main__ import serve
from signaling.protocol.messages import proof_text
from signaling.server import KIOSK_PATH, STAFF_PATH

ORIGIN = "http://127.0.0.1:8081"
COMMAND = typer.Typer()
COMMAND.command()(serve)
KEY = Ed25519PrivateKey.generate()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "signaling.json"
    kiosk = {
        "kiosk_id": "k1",
        "public_key": b64(KEY.public_key().public_bytes_raw()),
        "venue": VENUE.model_dump(),
    }
    staff = {"person_id": "ana", "token": "a-token-of-the-test"}
    path.write_text(json.dumps({"kiosks": [kiosk], "staff": [staff], "codes": ["1"]}), "utf-8")
    return path


async def test_a_call_through_the_server_on_its_own(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps: list[web.Application] = []
    monkeypatch.setattr(web, "run_app", lambda app, **_: apps.append(app))
    assert CliRunner().invoke(COMMAND, [str(file)]).exit_code == 0
    async with TestServer(apps[0]) as server, aiohttp.ClientSession() as session:
        kiosk = Client(await session.ws_connect(server.make_url(KIOSK_PATH)))
        nonce = (await kiosk.next())["nonce"]
        signature = b64(KEY.sign(proof_text(ORIGIN, "k1", nonce)))
        await kiosk.send("prove", version=1, kiosk_id="k1", signature=signature)
        await kiosk.until("welcome_kiosk")
        address = server.make_url(STAFF_PATH).with_query(token="a-token-of-the-test")
        page = Client(await session.ws_connect(address, headers={"Origin": ORIGIN}))
        await page.send("hello", version=1, tab_id="t1")
        await kiosk.send("present_code", code="1")
        waiting = await page.until("call_state")
        await page.send("admit", call_id=waiting["call"]["call_id"])
        assert (await page.until("negotiate"))["ice_servers"] == []
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address.with_query(token="x"), headers={"Origin": ORIGIN})


def test_a_file_that_is_wrong_is_named(tmp_path: Path, file: Path) -> None:
    def said(*arguments: str) -> str:
        result = CliRunner().invoke(COMMAND, list(arguments), env={"COLUMNS": "200"})
        assert result.exit_code == 2
        return " ".join(result.output.split())

    assert "No such file" in said(str(tmp_path / "none.json"))
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"kiosks": [], "staff": [{"person_id": "ana", "token": "x"}]}', "utf-8")
    assert "staff.0.token" in said(str(wrong))
    assert "--turn-secret" in said(str(file), "--turn", "turn:t.example")
