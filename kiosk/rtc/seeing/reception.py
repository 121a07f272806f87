"""One far picture, from packets to what is decoded when, and what is asked of the sender. Pure.

Joins `order.py` (pictures out of packets), `nack.py` (what to ask for again), `picture_requests.py`
(when to ask for a whole picture) and the wait of `sync.py`. A picture waits before it is decoded,
so that it is shown as soon as it is decoded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kiosk.rtc.order import Packet, Picture, VideoOrder
from kiosk.rtc.seeing.due import Due
from kiosk.rtc.seeing.nack import FAR_AHEAD, NackList
from kiosk.rtc.seeing.picture_requests import PictureRequests
from kiosk.rtc.source import SourceGuard

MOST_WAITING = 30
"""Pictures that wait for their sound; with more, the oldest waits no longer."""

WhenToShow = Callable[[int, float], float]
"""32 bit RTP time and `now` to when that picture should be shown (sync.py)."""


@dataclass
class SeeingTotals:
    """Since the beginning."""

    received: int = 0
    """Pictures that were complete."""
    buffered_s: float = 0.0
    """Sum over those handed to the decoder of the time since their first packet."""
    emitted: int = 0
    """Pictures that the sum is over."""


class PictureReception:
    """Packets in, pictures and wishes out; `now` in seconds never runs backwards."""

    def __init__(
        self,
        is_key_start: Callable[[Packet], bool],
        when_to_show: WhenToShow = lambda _rtp, now: now,
    ) -> None:
        self._is_key_start = is_key_start
        self._when_to_show = when_to_show
        self._guard = SourceGuard()
        self._order = VideoOrder(is_key_start)
        self._nacks = NackList()
        self._requests = PictureRequests()
        self._key_timestamp: int | None = None
        self._waiting: deque[tuple[float, Picture]] = deque()
        self._given_up = 0
        self.totals = SeeingTotals()

    @property
    def ssrc(self) -> int | None:
        """The source that is seen; None before the first packet."""
        return self._guard.ssrc

    def statistics(self) -> dict[str, Any]:
        """W3C webrtc-stats' members of an `inbound-rtp` entry that are about the packets."""
        return {
            "nackCount": self._nacks.requests,
            "pliCount": self._requests.sent,
            "framesReceived": self.totals.received,
            "jitterBufferDelay": round(self.totals.buffered_s, 3),
            "jitterBufferEmittedCount": self.totals.emitted,
        }

    def round_trip(self, seconds: float) -> None:
        """As measured of late."""
        self._nacks.rtt_s = self._requests.rtt_s = seconds

    def packet(self, packet: Packet, now: float, *, again: bool = False) -> None:
        """One packet as it arrives; `again`: in the stream for what is sent again (RFC 4588)."""
        number = packet.sequence_number
        again = again or (packet.ssrc == self.ssrc and self._nacks.hopes_for(number))
        standing = self._guard.judge(packet.ssrc, number, again=again)
        if standing == "strange":
            return
        if standing == "new":
            self._nacks.restart()
            self._order.restart()
            self._requests.broken(now)
        hole = self._nacks.received(number, now)
        if hole > FAR_AHEAD:
            self._order.restart()
        if packet.payload:  # padding shows nothing
            if self._is_key_start(packet):
                self._key_timestamp = packet.timestamp
            self._requests.packet(
                now,
                hole=hole,
                missing=self._nacks.missing,
                of_key=packet.timestamp == self._key_timestamp,
            )
        for picture in self._order.add(packet, now):
            self._complete(picture, now)

    def broken(self, now: float) -> None:
        """The decoder failed, or fell behind: only a whole picture helps."""
        self._order.restart()
        self._waiting.clear()
        self._requests.broken(now)

    def due(self, now: float) -> Due:
        """What to do now; counts as done."""
        nack = tuple(self._nacks.due(now))
        if self._nacks.given_up != self._given_up:
            self._given_up = self._nacks.given_up
            if self._order.stands:
                self._requests.broken(now)
        pictures = []
        while self._waiting and (self._waiting[0][0] <= now or len(self._waiting) > MOST_WAITING):
            _, picture = self._waiting.popleft()
            self.totals.emitted += 1
            self.totals.buffered_s += now - picture.began_at
            pictures.append(picture)
        return Due(nack, self._requests.due(now), tuple(pictures))

    def deadline(self) -> float | None:
        """When `due` must be called next, in seconds; None: with the next packet."""
        times = [self._nacks.deadline(), self._requests.deadline()]
        if self._waiting:
            times.append(self._waiting[0][0])
        return min((time for time in times if time is not None), default=None)

    def _complete(self, picture: Picture, now: float) -> None:
        self.totals.received += 1
        self._requests.decoded()
        if self._order.next is not None:
            self._nacks.forget_before(self._order.next)
        at = self._when_to_show(picture.timestamp, now)
        if self._waiting:
            at = max(at, self._waiting[-1][0])
        self._waiting.append((at, picture))
