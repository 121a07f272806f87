"""The kiosk's end of a call on plain aiortc: real media, and a line that can be cut."""

from __future__ import annotations

import asyncio
import fractions
import time
from collections.abc import Awaitable, Callable

import av
import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp

TONE_HZ = 440
RATE = 48_000
SAMPLES = 960


class Picture(VideoStreamTrack):
    """A moving bar on a plain ground; the ground's hue tells cameras apart."""

    def __init__(self, red: int) -> None:
        super().__init__()
        self._red = red
        self._n = 0

    async def recv(self) -> av.VideoFrame:
        pts, time_base = await self.next_timestamp()
        image = np.full((360, 640, 3), (self._red, 120, 60), dtype=np.uint8)
        at = self._n * 8 % 600
        image[:, at : at + 40] = 255
        self._n += 1
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(AudioStreamTrack):
    """A steady sine."""

    def __init__(self) -> None:
        super().__init__()
        self._sent = 0
        self._begun: float | None = None

    async def recv(self) -> av.AudioFrame:
        self._begun = self._begun or time.monotonic()
        due = self._begun + self._sent / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        t = (np.arange(SAMPLES) + self._sent) / RATE
        wave = (np.sin(2 * np.pi * TONE_HZ * t) * 8000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self._sent
        frame.time_base = fractions.Fraction(1, RATE)
        self._sent += SAMPLES
        return frame


class FakeKiosk:
    """Answers each generation with a new RTCPeerConnection and looks at what it receives."""

    def __init__(self) -> None:
        self.peers: dict[int, RTCPeerConnection] = {}
        self.pictures = 0
        """Decoded since the start, of any generation."""
        self.brightness = 0.0
        self.loudness = 0.0
        """Root mean square of the last 20 ms, 0 to 1."""
        self.camera = True
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, generation: int, offer: str) -> str:
        """The SDP answer."""
        peer = self.peers[generation] = RTCPeerConnection()
        peer.on("track", self._watch)
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        peer.addTrack(Tone())
        if self.camera:
            peer.addTrack(Picture(red=(generation * 90) % 256))
        await peer.setLocalDescription(await peer.createAnswer())
        return peer.localDescription.sdp

    async def candidate(
        self, generation: int, text: str, mid: str | None, line: int | None
    ) -> None:
        """One of the browser's candidates."""
        if not text or generation not in self.peers:
            return
        candidate = candidate_from_sdp(text.removeprefix("candidate:"))
        candidate.sdpMid, candidate.sdpMLineIndex = mid, line
        await self.peers[generation].addIceCandidate(candidate)

    def cut(self, generation: int) -> Callable[[], None]:
        """Nothing leaves any more on this generation; the result mends it."""
        transports = {
            t.receiver.transport.transport for t in self.peers[generation].getTransceivers()
        }
        kept = {transport: transport._send for transport in transports}

        async def nowhere(_data: bytes) -> None:
            return None

        for transport in transports:
            transport._send = nowhere

        def mend() -> None:
            for transport, send in kept.items():
                transport._send = send

        return mend

    async def close(self) -> None:
        """Drop every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(peer.close() for peer in self.peers.values()))

    def _watch(self, track: MediaStreamTrack) -> None:
        looks: dict[str, Callable[[MediaStreamTrack], Awaitable[None]]] = {
            "video": self._look,
            "audio": self._listen,
        }
        self._tasks.add(asyncio.ensure_future(looks[track.kind](track)))

    async def _look(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            self.pictures += 1
            self.brightness = float(frame.to_ndarray(format="gray").mean())

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            wave = frame.to_ndarray().astype(np.float64) / 32768
            self.loudness = float(np.sqrt((wave**2).mean()))
