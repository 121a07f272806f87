"""What comes from the far end: its picture for the screen, its sound for the speaker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from typing import Any

import av
import numpy as np
import structlog
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from kiosk.devices.tone import Pcm
from kiosk.rtc.decoding_screen import DecodingScreen, Seen
from kiosk.rtc.freezes import FreezeMeter
from kiosk.rtc.hearing import opus
from kiosk.rtc.hearing.delay_estimate import MOST_S
from kiosk.rtc.hearing.player import Player
from kiosk.rtc.hearing.redundancy import split
from kiosk.rtc.order import Packet
from kiosk.rtc.seeing.due import Due
from kiosk.rtc.seeing.evenness import EvenWait
from kiosk.rtc.seeing.nack import NackList
from kiosk.rtc.source import SourceGuard
from kiosk.rtc.sync import PICTURE_GONE_S, ClockMap, LipSync

log = structlog.get_logger(__name__)


class FarPicture:
    """Hands each picture decoded here to `show` on the event loop; notes each that is seen."""

    def __init__(self, show: Callable[[av.VideoFrame], None]) -> None:
        self._show = show
        self._width = 0
        self.height = 0
        """Of the last one; 0 before the first."""
        self.freezes = FreezeMeter()

    def statistics(self) -> dict[str, Any]:
        """W3C webrtc-stats' members of an `inbound-rtp` entry that are about what is shown."""
        return {
            "frameWidth": self._width,
            "frameHeight": self.height,
            "freezeCount": self.freezes.count,
            "totalFreezesDuration": round(self.freezes.total_s, 3),
        }

    async def run(self, track: MediaStreamTrack) -> None:
        """Until the track ends; `show` may fail without ending it."""
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if not isinstance(frame, av.VideoFrame):
                continue
            decoded_at = frame.opaque if isinstance(frame.opaque, float) else time.monotonic()
            self._note(decoded_at, frame.width, frame.height)
            try:
                self._show(frame)
            except Exception as error:  # noqa: BLE001 - one bad picture must not end the picture
                log.warning("picture not shown", error=repr(error))

    def seen(self, picture: Seen, now: float) -> None:
        """A screen that decodes shows this one."""
        self._note(now, picture.width, picture.height)

    def _note(self, at: float, width: int, height: int) -> None:
        self.freezes.frame(at)
        self._width, self.height = width, height


class FarSound:
    """Packets in on the event loop; the speaker's thread pulls sound at its own pace.

    Lost packets are asked for again (RFC 4585 §6.2.1) whether or not that was negotiated: Chromium
    156 and Firefox 153 offer no NACK for sound and answer it all the same; who does not loses
    16 octets a loss.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._player = Player(opus.Decoder())
        self._guard = SourceGuard()
        self._nacks = NackList(useful_s=MOST_S)
        self.redundant: Collection[int] = ()
        """Payload types of packets that carry those before them (RFC 2198)."""
        self.heard: tuple[int, float] | None = None
        """32 bit RTP time of a sample, and when it leaves the speaker."""

    @property
    def ssrc(self) -> int | None:
        """The source that is heard; None before the first packet."""
        return self._guard.ssrc

    def packet(self, packet: Packet, now: float) -> None:
        """One RTP packet with Opus, sent again or not."""
        standing = self._guard.judge(packet.ssrc, packet.sequence_number)
        if standing == "strange":
            return
        if standing == "new":
            self._nacks.restart()
        redundant = packet.payload_type in self.redundant
        payload, spares = split(packet.payload) if redundant else (packet.payload, ())
        for spare in spares:  # nobody needs to send that again
            self._nacks.received((packet.sequence_number - spare.back) & 0xFFFF, now)
        self._nacks.received(packet.sequence_number, now)
        with self._lock:
            self._player.put(packet.sequence_number, packet.timestamp, payload, now, spares)

    def due(self, now: float) -> Due:
        """What to ask for again now."""
        return Due(tuple(self._nacks.due(now)))

    def deadline(self) -> float | None:
        """When `due` must be called next, in seconds; None: with the next packet."""
        return self._nacks.deadline()

    def round_trip(self, seconds: float) -> None:
        """As measured of late."""
        self._nacks.rtt_s = seconds

    def wait_more(self, seconds: float, until: float) -> None:
        """For lip sync: be so much later than the line asks for, until then."""
        self._player.wait_more(seconds, until)

    def pull(self, samples: int, heard_at: float) -> Pcm:
        """The next sound, whose first sample leaves the speaker at `heard_at`.

        From the speaker's thread; always exactly so many samples.
        """
        with self._lock:
            before = self._player.position()
            sound = self._player.pull(samples, time.monotonic())
            if before is not None and self._player.position() != before:
                self.heard = before, heard_at
        return (np.clip(sound, -1.0, 1.0) * 32767).astype(np.int16)

    def statistics(self) -> dict[str, Any]:
        """The members of an `inbound-rtp` entry that are about the sound."""
        with self._lock:
            return self._player.totals.w3c() | {"nackCount": self._nacks.requests}


class FarEnd:
    """Picture and sound of one connection, kept together by the sender's reports.

    Pictures that `screen` decodes go there, all others decoded to `show`.
    """

    def __init__(
        self, show: Callable[[av.VideoFrame], None], screen: DecodingScreen | None = None
    ) -> None:
        self.screen = screen
        self.picture = FarPicture(show)
        self.sound = FarSound()
        self.clocks = {"audio": ClockMap(48_000), "video": ClockMap(90_000)}
        self._even = EvenWait()
        self._sync = LipSync(self.clocks["audio"], self.clocks["video"])

    def when_to_show(self, rtp: int, now: float) -> float:
        """When to show a picture of this RTP time that is ready `now`."""
        if self.sound.heard is not None:
            self._sync.hears(*self.sound.heard)
        at = self._sync.when_to_show(rtp, self._even.when(rtp, now))
        self.sound.wait_more(self._sync.sound_wait_s, now + PICTURE_GONE_S)
        return at
