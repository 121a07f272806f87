"""The whole agent in a call: a scripted hub, a real peer, a page that watches."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import identity
from kiosk.agent import Agent
from kiosk.settings import Settings

VENUE = {"venue_name": "V", "room_name": "R", "time_zone": "Europe/Paris", "phone": "0492"}
CALL = {
    "call_id": "c1", "generation": 1, "kiosk_id": "k1", "venue_name": "V", "room_name": "R",
    "partner": "CAF", "service": "Aide", "arrived_at": "2026-11-20T09:00:00Z",
}  # fmt: skip

SOUND_ONLY = {"picture": "none", "audio_kbit_s": 24, "video_up_kbit_s": 0, "video_down_kbit_s": 0}


class Hub:
    """Welcomes without looking at the proof, then says what the test says."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.socket = web.WebSocketResponse()
        self.here = asyncio.Event()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        self.socket = web.WebSocketResponse()
        await self.socket.prepare(request)
        await self.say(type="challenge", version=1, oldest_version=1, nonce="n" * 43)
        await self.socket.receive()
        await self.say(
            type="welcome_kiosk", connection_id="x", ping_every_s=4, dead_after_s=8, venue=VENUE,
            now=datetime.now(UTC).isoformat(), services=[], call=None,
        )  # fmt: skip
        self.here.set()
        async for frame in self.socket:
            self.heard.put_nowait(json.loads(frame.data))
        return self.socket

    async def say(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def call_state(self, state: str) -> None:
        await self.say(type="call_state", call={**CALL, "state": state})

    async def until(self, type_: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                message = await self.heard.get()
                if message["type"] == type_:
                    return message


@asynccontextmanager
async def served(hub: Hub) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/signaling/v1/kiosk", hub.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def enrolled(state_dir: Path, hub: str) -> None:
    key = identity._b64(Ed25519PrivateKey.generate().private_bytes_raw())
    kept = {"kiosk_id": "k1", "hub_origin": hub, "private_key": key}
    (state_dir / identity.FILE_NAME).write_text(json.dumps(kept))


async def offer(peer: RTCPeerConnection) -> str:
    peer.addTrack(AudioStreamTrack())
    peer.addTrack(VideoStreamTrack())
    await peer.setLocalDescription(await peer.createOffer())
    return peer.localDescription.sdp


def target_bit_s(statistics: Path) -> float:
    """What the picture that is sent aimed at when it was looked at last."""
    last = json.loads(statistics.read_text("utf-8").rpartition("\n")[0].rpartition("\n")[2])
    (sent,) = (
        entry for entry in last["stats"].values()
        if (entry["type"], entry.get("kind")) == ("outbound-rtp", "video")
    )  # fmt: skip
    return float(sent["targetBitrate"])


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_call_from_waiting_to_the_end(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    statistics = tmp_path_factory.mktemp("told") / "calls.jsonl"
    hub, peer, ready = Hub(), RTCPeerConnection(), asyncio.Event()
    async with served(hub) as address, aiohttp.ClientSession() as session:
        enrolled(tmp_path, address)
        settings = Settings(
            state_dir=tmp_path, camera="synthetic", microphone="synthetic", speaker="none",
            screen_port=0, stats=str(statistics),
        )  # fmt: skip
        agent = Agent(settings)
        running = asyncio.create_task(agent.run(ready))
        try:
            async with asyncio.timeout(10):
                await ready.wait()
                await hub.here.wait()
            origin = f"http://127.0.0.1:{agent.screen_port}"
            page = await session.ws_connect(origin + "/screen", headers={"Origin": origin})
            await hub.call_state("waiting")
            await hub.call_state("admitted")
            await hub.say(type="offer", call_id="c1", generation=1, sdp=await offer(peer))
            answer = await hub.until("answer")
            await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
            assert (await hub.until("media"))["flowing"] is True
            await hub.call_state("connected")
            width, height = await far_picture(page)  # as large as the line seems to take so early
            assert abs(width / height - 4 / 3) < 0.02
            async with asyncio.timeout(10):
                while not statistics.stat().st_size:  # noqa: ASYNC110 - the agent tells nobody
                    await asyncio.sleep(0.05)
            assert target_bit_s(statistics) > 0
            await hub.say(type="call_budget", call_id="c1", budget=SOUND_ONLY)
            async with asyncio.timeout(20):
                while target_bit_s(statistics):  # noqa: ASYNC110 - the agent tells nobody
                    await asyncio.sleep(0.1)
            await page.send_json({"do": "leave_yes"})
            assert (await hub.until("report"))["video_codec"]
            assert (await hub.until("hang_up"))["call_id"] == "c1"
        finally:
            await peer.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    told = json.loads(statistics.read_text("utf-8").splitlines()[0])
    assert told["call_id"] == "c1"
    kinds = {entry["type"] for entry in told["stats"].values()}
    assert {"inbound-rtp", "outbound-rtp", "codec"} <= kinds
    assert files(tmp_path) == ["identity.json", "line-results.sqlite3", "venue.json"]


async def far_picture(page: aiohttp.ClientWebSocketResponse) -> tuple[int, int]:
    """Width and height of the first far picture that the page gets, with the screen in the call."""
    async with asyncio.timeout(10):
        while True:
            frame = await page.receive()
            if frame.type is aiohttp.WSMsgType.BINARY and frame.data[0] == 1:
                width, height = struct.unpack_from("<HH", frame.data, 1)
                assert len(frame.data) == 5 + width * height * 3 // 2
                return width, height
