"""A far end that beside its sound and picture sends a kiosk whatever is wrong."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import fuzz_victim
import pylibsrtp
from aiortc.rtp import RtpPacket
from fuzz_mutations import Kind, Mutator, Shot, Streams
from fuzz_victim import Look
from two_ends import Watched

from kiosk.devices import DeviceSet
from kiosk.devices.test_picture import Painter
from kiosk.rtc.coding import CODERS, PictureCoder
from kiosk.rtc.coding.av1 import Av1Coder
from kiosk.rtc.generation import Generation
from kiosk.rtc.sending.pictures import Order

BURST = 48
"""Packets; then the kiosk's loop must have turned, or its socket's buffer would lose them."""
LOOKS = 40
_GAPS, _MOST_GAP = 0.05, 200
_SHUFFLED, _DOUBLED = 0.2, 0.03
_STRANGERS_FORGOTTEN_AFTER = 2_000
_NEW_PICTURES = 10
_TONE = 0.3
"""Of a second of sound, at the least: a busy machine leaves holes in it."""
_WELL_WITHIN_S = 60.0
_ANSWER_WITHIN_S = 300.0
"""Other programs may have the processor for minutes."""


@dataclass(frozen=True)
class Outcome:
    """What became of the kiosk."""

    sent: int
    encrypted: int
    """Of those, the ones encrypted with the far end's keys."""
    seconds: float
    looks: Sequence[tuple[int, Look]]
    """All the way, each with the packets that were sent before it."""
    longest_turn_s: float
    recovered_s: float | None
    """From the last packet until new pictures and sound were there; None: they never were."""
    far_pictures: int
    """That the far end got from the kiosk afterwards."""
    exceptions: Sequence[str]
    """That nobody caught in the kiosk's process."""

    @property
    def last(self) -> Look:
        """After the last packet."""
        return self.looks[-1][1]

    @property
    def by_screen(self) -> int:
        """Pictures that the screen had to decode since the first look."""
        return self.last.by_screen - self.looks[0][1].by_screen

    @property
    def by_kiosk(self) -> int:
        """Those that the kiosk had to decode itself."""
        return self.last.by_kiosk - self.looks[0][1].by_kiosk

    def after(self, packets: int) -> Sequence[tuple[int, Look]]:
        """The looks once so many packets had been sent."""
        return [entry for entry in self.looks if entry[0] >= packets]


class Attacker:
    """The far end of one call, and the kiosk's process."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._watched = Watched()
        self._devices = DeviceSet.open("synthetic", "synthetic", "none", lambda _cards: None)
        self._end = Generation(
            1, self._devices, show=self._watched.show, on_event=self._watched.told
        )
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=fuzz_victim.run, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._exceptions: list[str] = []
        self._longest_turn_s = 0.0
        self._strangers: Any = None
        self._strangers_left = 0
        self._encrypted = 0
        self._newest: dict[int, int] = {}
        """By own source, the last number that left."""
        self._shift: dict[int, int] = {}
        """By own source, how many numbers wrong packets took of it."""

    async def call(self) -> None:
        """Until picture and sound go both ways."""
        await self._end.offer()  # which leaves redundant speech out; Chromium offers it
        self._pipe.send(("offer", self._end.connection.localDescription.sdp))
        await self._end.accept(await self._answer())
        await self._watched.until(lambda: len(self._watched.pictures) > 25, _ANSWER_WITHIN_S)
        assert await self._is_well(), "the call stands before anything is wrong"
        self._transport: Any = self._end.connection.getSenders()[0].transport
        self._streams = self._overheard()
        await asyncio.sleep(1)  # so that there is something to bend
        self._longest_turn_s = 0.0

    async def attack(self, count: int) -> Outcome:
        """Send so many wrong packets; then see how the kiosk is."""
        mutator = Mutator(self._streams, self._chance)
        began, sent = time.monotonic(), 0
        looks: list[tuple[int, Look]] = []
        while sent < count:
            for datagram in self._disordered([self._sealed(s) for s in mutator.shots(BURST)]):
                await self._transport.transport._send(datagram)
                sent += 1
            self._pipe.send("turn")
            await self._answer()
            if sent >= (len(looks) + 1) * count / LOOKS:
                looks.append((sent, await self._look()))
        seconds = time.monotonic() - began
        far = len(self._watched.pictures)
        recovered_s = await self._recovery()
        return Outcome(
            sent,
            self._encrypted,
            seconds,
            looks,
            self._longest_turn_s,
            recovered_s,
            len(self._watched.pictures) - far,
            self._exceptions,
        )

    async def close(self) -> None:
        """End the call and the process."""
        await self._end.close()
        self._devices.close()
        await asyncio.to_thread(self._devices.join)
        self._pipe.send("end")
        self._exceptions += await self._answer()
        await asyncio.to_thread(self._process.join, _ANSWER_WITHIN_S)
        self._pipe.close()

    # --- how it is ------------------------------------------------------------------------------

    async def _answer(self) -> Any:
        if not await asyncio.to_thread(self._pipe.poll, _ANSWER_WITHIN_S):
            raise TimeoutError("the kiosk's loop does not turn")
        return self._pipe.recv()

    async def _look(self) -> Look:
        self._pipe.send("look")
        look: Look = await self._answer()
        self._longest_turn_s = max(self._longest_turn_s, look.longest_turn_s)
        self._exceptions += look.exceptions
        return look

    async def _is_well(self) -> bool:
        """New pictures and sound in both directions, within some seconds."""
        return await self._recovery() is not None

    async def _recovery(self) -> float | None:
        """Seconds until new pictures, in order, were shown by the kiosk and by its screen, sound
        came, and pictures left; else None."""
        began, far = time.monotonic(), len(self._watched.pictures)
        screened = (await self._look()).screened + _NEW_PICTURES
        numbers: list[int] = []
        while time.monotonic() - began < _WELL_WITHIN_S:
            await asyncio.sleep(0.5)
            look = await self._look()
            numbers = [*numbers, *look.numbers][-_NEW_PICTURES:]
            shown = len(numbers) == _NEW_PICTURES and numbers == sorted(numbers)
            shown &= look.screened >= screened
            if shown and look.tone_share > _TONE and len(self._watched.pictures) > far + 2:
                return time.monotonic() - began
        return None

    # --- what leaves ----------------------------------------------------------------------------

    def _disordered(self, datagrams: list[bytes]) -> list[bytes]:
        """Some of them twice, some out of order."""
        datagrams += [d for d in datagrams if self._chance.random() < _DOUBLED]
        if self._chance.random() < _SHUFFLED:
            self._chance.shuffle(datagrams)
        return datagrams

    def _sealed(self, shot: Shot) -> bytes:
        """Encrypted, where libsrtp takes it at all: else it goes as it is."""
        if shot.kind is Kind.BARE:
            return shot.data
        try:
            if shot.kind is Kind.CONTROL:
                sealed = self._session(shot.data[4:8]).protect_rtcp(shot.data)
            else:
                data = self._numbered(shot.data)
                sealed = self._session(data[8:12]).protect(data)
        except pylibsrtp.Error:
            return shot.data or b"\x80"
        self._encrypted += 1
        return bytes(sealed)

    def _numbered(self, packet: bytes) -> bytes:
        """An own source's packet takes its next number, with a gap before it now and then.

        SRTP takes no number twice, and after a jump none of before it (RFC 3711 §3.3.2).
        """
        source = int.from_bytes(packet[8:12], "big")
        if source not in self._newest or len(packet) < 12:
            return packet
        gap = self._chance.randint(1, _MOST_GAP) if self._chance.random() < _GAPS else 0
        self._newest[source] += 1 + gap
        self._shift[source] = self._shift.get(source, 0) + 1 + gap
        return _renumbered(packet, self._newest[source])

    def _shifted(self, packet: bytes) -> bytes:
        """An honest packet takes the number after those."""
        source, number = int.from_bytes(packet[8:12], "big"), int.from_bytes(packet[2:4], "big")
        self._newest[source] = number + self._shift.get(source, 0)
        return _renumbered(packet, self._newest[source])

    def _session(self, source: bytes) -> Any:
        """The call's own encryption for its sources; for strangers one that is soon forgotten."""
        if int.from_bytes(source, "big") in self._streams.own:
            return self._transport._tx_srtp
        if not self._strangers_left:
            self._strangers_left = _STRANGERS_FORGOTTEN_AFTER
            kept = self._transport._rx_srtp, self._transport._tx_srtp
            self._transport._setup_srtp()
            self._strangers = self._transport._tx_srtp
            self._transport._rx_srtp, self._transport._tx_srtp = kept
        self._strangers_left -= 1
        return self._strangers

    def _overheard(self) -> Streams:
        """Its own packets from now on, and pictures of each codec."""
        senders: dict[str, Any] = {s.kind: s for s in self._end.connection.getSenders()}
        receivers: list[Any] = self._end.connection.getReceivers()
        video = senders["video"]
        types = dict(video._payload_types)
        speech = dict(senders["audio"]._payload_types)
        streams = Streams(
            own=[senders["audio"]._ssrc, video._ssrc, video._rtx_ssrc],
            others=[receiver._heard.ssrc for receiver in receivers],
            pictures={number: coded(name) for name, number in types.items()},
            payload_types=[
                *types.values(),
                *video._resending._types.values(),
                *speech.values(),
            ],
            opus=speech["opus"],
            red=speech["red"],
        )
        self._newest[video._rtx_ssrc] = video._RTCRtpSender__rtx_sequence_number - 1
        spoken = streams.own[0].to_bytes(4, "big")
        seal, send = self._transport.sealed, self._transport._send_rtp

        def sealed(packet: bytes) -> bytes:
            streams.rtp.append(packet)
            if packet[8:12] == spoken:
                streams.speech.append(RtpPacket.parse(packet))
            streams.sealed.append(out := seal(self._shifted(packet)))
            return out

        async def sent(packet: bytes) -> None:
            streams.control.append(packet)
            await send(packet)

        self._transport.sealed, self._transport._send_rtp = sealed, sent
        return streams


def _renumbered(packet: bytes, number: int) -> bytes:
    return packet[:2] + (number & 0xFFFF).to_bytes(2, "big") + packet[4:]


def coded(name: str) -> list[list[bytes]]:
    """Payloads of some pictures, each tenth a whole one."""
    coder: PictureCoder = Av1Coder(10) if name == "AV1" else CODERS[name]()
    painter = Painter(320, 180)
    pictures = []
    for number in range(30):
        order = Order(320 * 180, 300_000, 25, number % 10 == 0, 500, 0.6)
        picture = coder.encode(painter.paint(number, number / 25), order)
        if picture is not None:
            pictures.append(picture.payloads)
    coder.close()
    return pictures
