"""The media of the call that is on: its session, its reports, what the citizen gets of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import av
import structlog

from kiosk.devices import DeviceSet
from kiosk.quality import Glimpse
from kiosk.rtc.decoding_screen import DecodingScreen
from kiosk.rtc.errors import SdpRefused
from kiosk.rtc.events import MediaEvent
from kiosk.rtc.line import Line
from kiosk.rtc.report import Entry
from kiosk.rtc.session import MediaSession
from signaling.protocol.cards import IceServer
from signaling.protocol.messages import Report

log = structlog.get_logger(__name__)

REPORT_EVERY_S = 10.0
FIRST_REPORT_AFTER_S = 2.0
"""Of flowing media, so that a short call leaves figures, too."""
GLIMPSE_EVERY_S = 2.0


class CallMedia:
    """One call after the other; `now` is in seconds of `time.monotonic()`."""

    def __init__(
        self,
        devices: DeviceSet,
        line: Line,
        *,
        show: Callable[[av.VideoFrame], None],
        screen: DecodingScreen,
        on_event: Callable[[MediaEvent], None],
    ) -> None:
        self._devices = devices
        self._line = line
        self._show = show
        self._screen = screen
        self._on_event = on_event
        self._session: MediaSession | None = None
        self._call_id = ""
        self._reported_at = 0.0
        self._glimpsed_at = 0.0

    @property
    def on(self) -> bool:
        """There is a call."""
        return self._session is not None

    def begins(self, call_id: str) -> bool:
        """Whether this call is another one than the one that is on, if any."""
        return self._session is None or self._call_id != call_id

    async def answer(
        self, call_id: str, generation: int, sdp: str, ice_servers: Sequence[IceServer], now: float
    ) -> str | None:
        """The answer to an offer, None when it is refused; a call that `begins` gets a session."""
        if self._session is None or self._call_id != call_id:
            self._session = MediaSession(
                self._devices,
                show=self._show,
                screen=self._screen,
                on_event=self._on_event,
                line=self._line,
            )
            self._call_id, self._reported_at = call_id, now
        try:
            return await self._session.answer(generation, sdp, ice_servers)
        except SdpRefused as error:
            log.warning("offer refused", generation=generation, error=str(error))
            return None  # the hub orders the next one in its time (PROTOCOL.md §8.10)

    async def add_candidate(
        self, generation: int, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> None:
        """One ICE candidate of the far end."""
        if self._session is not None:
            await self._session.add_candidate(generation, candidate, sdp_mid, sdp_m_line_index)

    def mute(self, muted: bool) -> None:
        """Send silence instead of the microphone's sound."""
        if self._session is not None:
            self._session.mute(muted)

    def line_changed(self) -> None:
        """The line knows another budget."""
        if self._session is not None:
            self._session.line_changed()

    def flows(self, now: float) -> None:
        """Media came: the next report is due soon."""
        soon = now - REPORT_EVERY_S + FIRST_REPORT_AFTER_S
        self._reported_at = min(self._reported_at, soon)

    async def look(self) -> tuple[str, Mapping[str, Entry]]:
        """Once a second: the call's id, and its connection as W3C webrtc-stats by id.

        Reports and glimpses are made of what was looked at last.
        """
        if self._session is None:
            return "", {}
        return self._call_id, await self._session.look()

    def report_due(self, now: float) -> bool:
        """The last one was some time ago."""
        return self.on and now >= self._reported_at + REPORT_EVERY_S

    def report(self, now: float) -> Report | None:
        """What became of the media since the last report, for the call's record; None before any
        flowed."""
        if self._session is None:
            return None
        self._reported_at = now
        figures = self._session.report()
        return Report(call_id=self._call_id, **figures) if figures["generation"] else None

    def glimpse(self, now: float, *, picture: bool) -> Glimpse | None:
        """Every two seconds of flowing media: what the citizen gets; `picture`: one is shown."""
        if self._session is None or now < self._glimpsed_at + GLIMPSE_EVERY_S:
            return None
        self._glimpsed_at = now
        seen = self._session.glance()
        if not self._session.flowing:
            return None
        return Glimpse(
            picture_high=self._session.picture_height if picture else 0,
            loss_ratio=seen["loss_ratio"],
            concealed_ratio=seen["concealed_ratio"],
            freezes_per_minute=seen["freezes_per_minute"],
            rtt_ms=seen["rtt_ms"],
        )

    def stop(self) -> Coroutine[Any, Any, None] | None:
        """End the call's media; what is to be awaited is how its connections close."""
        if self._session is None:
            return None
        session, self._session = self._session, None
        session.mute(False)
        self._line.share(None)
        return session.close()
