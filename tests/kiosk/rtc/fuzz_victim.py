"""A kiosk's media session in a process of its own, which says how it is."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import structlog
from fuzz_screen import FickleScreen
from two_ends import Watched

from kiosk import heap
from kiosk.devices import DeviceSet, tone
from kiosk.rtc import Failed, MediaSession
from kiosk.rtc.far import FarSound
from kiosk.rtc.line import Line
from kiosk.rtc.order import Packet

WAY_DOWN_KBIT = 18_000
"""Wide enough for speech that comes twice."""


@dataclass(frozen=True)
class Look:
    """How the session is at one instant."""

    longest_turn_s: float
    """Of the event loop since the last look, in seconds of this thread's processor time: what
    other programs take of the processor says nothing."""
    processor_s: float
    """Of the whole process, since it began."""
    rss_kib: int
    blocks: int
    """Of memory, that Python's objects hold after a collection."""
    descriptors: int
    threads: int
    packets: int
    """Datagrams received, STUN aside."""
    authentic: int
    """Of those, the ones that got past SRTP."""
    pictures: int
    """Shown since the last look."""
    numbers: list[int]
    """Those of them whose number could be read."""
    by_screen: int
    by_kiosk: int
    """Pictures that each of them had to decode, since the beginning."""
    screened: int
    """Shown by the screen, since the beginning."""
    redundant: int
    """Packets of redundant speech, since the beginning."""
    tone_share: float
    """Of the last second of sound."""
    connected: bool
    failed: bool
    exceptions: list[str]
    """That nobody caught, since the last look."""


class TurnMeter:
    """The longest turn of an event loop: between two visits to its selector."""

    def __init__(self, loop: Any) -> None:
        self._select: Callable[[float | None], Any] = loop._selector.select
        self._left_at = time.thread_time()
        self._longest_s = 0.0
        loop._selector.select = self._timed

    def longest_s(self) -> float:
        """Since the last call of this."""
        longest, self._longest_s = self._longest_s, 0.0
        return longest

    def _timed(self, timeout: float | None = None) -> Any:
        self._longest_s = max(self._longest_s, time.thread_time() - self._left_at)
        try:
            return self._select(timeout)
        finally:
            self._left_at = time.thread_time()


class Victim:
    """Answers an offer, then tells how it is whenever it is asked."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._loop = asyncio.get_running_loop()
        self._meter = TurnMeter(self._loop)
        self._exceptions: list[str] = []
        self._watched = Watched()
        self._devices = DeviceSet.open("synthetic", "synthetic", "none", lambda _cards: None)
        self._watched.tap(self._devices)
        self._screen = FickleScreen()
        self._session = MediaSession(
            self._devices,
            show=self._watched.show,
            screen=self._screen,
            on_event=self._watched.told,
            line=Line.of_kbit(down=WAY_DOWN_KBIT),
        )
        self._answering: asyncio.Task[None] | None = None
        self._failed = False
        self._authentic = 0
        self._redundant = 0
        self._over = asyncio.Event()

    async def live(self) -> None:
        """Until told to end."""
        self._loop.set_exception_handler(
            lambda _loop, context: self._exceptions.append(repr(context))
        )
        self._loop.add_reader(self._pipe.fileno(), self._told)
        await self._over.wait()
        self._loop.remove_reader(self._pipe.fileno())
        await self._session.close()
        self._devices.close()
        await asyncio.to_thread(self._devices.join)
        self._pipe.send(self._exceptions)

    def _told(self) -> None:
        match self._pipe.recv():
            case ("offer", sdp):
                self._answering = self._loop.create_task(self._answer(sdp))
            case "look":
                self._pipe.send(self._look())
            case "turn":
                self._pipe.send(None)
            case "end":
                self._over.set()

    async def _answer(self, offer: str) -> None:
        answer = await self._session.answer(1, offer, [])
        transport = self._transport()
        for name in ("_handle_rtp_data", "_handle_rtcp_data"):
            setattr(transport, name, self._counted(getattr(transport, name)))
        sound = self._session._generations[1].far.sound
        sound.packet = self._noted(sound)  # type: ignore[method-assign]
        self._pipe.send(answer)

    def _counted(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self._authentic += 1
            return handle(*arguments, **named)

        return counted

    def _noted(self, sound: FarSound) -> Callable[[Packet, float], None]:
        take = sound.packet

        def noted(packet: Packet, now: float) -> None:
            self._redundant += packet.payload_type in sound.redundant
            take(packet, now)

        return noted

    def _transport(self) -> Any:
        pc: Any = self._session._generations[1].connection
        return pc.getReceivers()[0].transport

    def _look(self) -> Look:
        transport = self._transport()
        pictures, self._watched.pictures = self._watched.pictures, []
        exceptions, self._exceptions = self._exceptions, []
        self._failed |= any(isinstance(event, Failed) for _, event in self._watched.events)
        self._watched.events.clear()
        self._watched.ages_s.clear()
        status = dict(
            line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines()
        )
        longest_turn_s = self._meter.longest_s()
        gc.collect()
        return Look(
            longest_turn_s=longest_turn_s,
            processor_s=time.process_time(),
            rss_kib=int(status["VmRSS"].split()[0]),
            blocks=sys.getallocatedblocks(),
            descriptors=len(os.listdir("/proc/self/fd")),
            threads=int(status["Threads"]),
            packets=transport._RTCDtlsTransport__rx_packets,
            authentic=self._authentic,
            pictures=len(pictures),
            numbers=[number for _, number in pictures if number is not None],
            by_screen=self._screen.given,
            by_kiosk=self._screen.left,
            screened=self._screen.shown,
            redundant=self._redundant,
            tone_share=tone.heard_share(self._watched.heard()[-tone.SAMPLE_RATE :]),
            connected=transport.state == "connected",
            failed=self._failed,
            exceptions=exceptions,
        )


def run(pipe: Connection) -> None:
    """The process; its memory is kept as a kiosk's is (kiosk.agent)."""
    heap.keep_small()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    async def live() -> None:
        await Victim(pipe).live()

    asyncio.run(live())
