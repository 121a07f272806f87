"""One RTCPeerConnection of a call: a generation (PROTOCOL.md §8.3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import av
import structlog
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)

from kiosk.devices import DeviceSet
from kiosk.rtc import attach, sdp
from kiosk.rtc.candidates import FarCandidates
from kiosk.rtc.decoding_screen import DecodingScreen
from kiosk.rtc.errors import SdpRefused
from kiosk.rtc.events import Failed, Flowing, Gathered, MediaEvent, Silent
from kiosk.rtc.far import FarEnd
from kiosk.rtc.line import Line
from kiosk.rtc.sending.codec_choice import wished
from kiosk.rtc.tracks import CameraTrack, MicrophoneTrack
from kiosk.rtc.watchdog import Watchdog
from signaling.protocol.cards import IceServer

log = structlog.get_logger(__name__)

CONNECT_WITHIN_S = 12.0
"""A generation that is not connected so long after its descriptions were exchanged has failed."""
_CLOSE_WITHIN_S = 2.0
_CLOSING: set[asyncio.Task[None]] = set()
"""Nobody else may hold them."""
_TRICKLE_AFTER_S = 0.05
"""Late candidates wait this long, so that the answer is on its way before them."""


class Generation:
    """A connection with its tracks, its watchdog and its far end."""

    def __init__(
        self,
        number: int,
        devices: DeviceSet,
        *,
        show: Callable[[av.VideoFrame], None],
        screen: DecodingScreen | None = None,
        on_event: Callable[[MediaEvent], None],
        relay_only: bool = False,
        line: Line | None = None,
    ) -> None:
        attach.install()
        self.number = number
        self._devices = devices
        self._on_event = on_event
        self._relay_only = relay_only
        self._line = line or Line()
        self._loop = asyncio.get_running_loop()
        self._pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._pc.on("track", self._far_track)
        self._pc.on("connectionstatechange", self._state_changed)
        self._watchdog = Watchdog()
        self._timer: asyncio.TimerHandle | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._candidates = FarCandidates(self._pc, self._spawn)
        self._describing = asyncio.Lock()
        """Closed in between, aiortc would go on gathering, and its sockets stay open for ever."""
        self._far_sends = True
        self._has_flowed = False
        self._over = False
        self.far = FarEnd(show, screen)

    @property
    def flowing(self) -> bool:
        """Media arrives now."""
        return self._watchdog.flowing

    @property
    def connection(self) -> RTCPeerConnection:
        """aiortc's connection, for statistics."""
        return self._pc

    def line_changed(self) -> None:
        """The line knows another budget."""
        attach.rebudget(self._pc, self._line)

    async def answer(self, offer: str, ice_servers: Sequence[IceServer]) -> str:
        """Answer the far end's offer; its candidates are tried in the background.

        Raises:
            SdpRefused: the offer makes no sense or has nothing this kiosk can agree to.
        """
        sdp.check(offer)
        bare, candidates = sdp.without_candidates(offer)
        self._far_sends = sdp.sends(offer)
        async with self._describing:
            if self._over:
                raise SdpRefused("the connection is over")
            self._add_tracks(sdp.kinds(offer), wished(self._line.far_most_bit_s))
            with sdp.refusing():
                await self._pc.setRemoteDescription(RTCSessionDescription(bare, "offer"))
                self._prepare_ice(ice_servers)
                await self._pc.setLocalDescription()
            self._remote_described(candidates)
            return self._described_here()

    async def offer(self, codecs: Sequence[str] = ()) -> str:
        """Offer sound and picture both ways; `codecs` names the video codecs in order.

        Without them all are offered, in the order that suits the line.
        """
        async with self._describing:
            self._add_tracks({"audio", "video"}, codecs or wished(self._line.far_most_bit_s))
            self._prepare_ice(())
            await self._pc.setLocalDescription()
            return self._described_here()

    async def accept(self, answer: str) -> None:
        """Take the far end's answer to our offer.

        Raises:
            SdpRefused: it makes no sense.
        """
        sdp.check(answer)
        bare, candidates = sdp.without_candidates(answer)
        self._far_sends = sdp.sends(answer)
        async with self._describing:
            with sdp.refusing():
                await self._pc.setRemoteDescription(RTCSessionDescription(bare, "answer"))
            self._remote_described(candidates)

    def add_candidate(self, candidate: str, sdp_mid: str | None, index: int | None) -> None:
        """One more candidate of the far end; what cannot be read is passed over."""
        self._candidates.add(candidate, sdp_mid, index)

    def refresh(self) -> None:
        """Ask both ends for a whole picture: after a silence the decoders have lost the thread."""
        attach.refresh(self._pc)

    async def close(self) -> None:
        """End the connection; after two seconds the rest of it goes on by itself."""
        self._over = True
        # never cancelled: what it had not closed by then would stay open for ever
        closing = self._loop.create_task(self._end())
        _CLOSING.add(closing)
        closing.add_done_callback(_CLOSING.discard)
        await asyncio.wait({closing}, timeout=_CLOSE_WITHIN_S)

    async def _end(self) -> None:
        async with self._describing:
            for handle in (self._timer, self._limit):
                if handle is not None:
                    handle.cancel()
            for task in self._tasks:
                task.cancel()
            await self._pc.close()

    def _add_tracks(self, kinds: set[str], codecs: Sequence[str]) -> None:
        if "audio" in kinds:
            sound = MicrophoneTrack(self._devices) if self._devices.has_microphone else None
            self._add("audio", sound)
        if "video" in kinds:
            picture = CameraTrack(self._devices) if self._devices.has_camera else None
            self._add("video", picture, codecs)

    def _add(self, kind: str, track: MediaStreamTrack | None, codecs: Sequence[str] = ()) -> None:
        transceiver = self._pc.addTransceiver(
            track or kind, direction="sendrecv" if track else "recvonly"
        )
        if codecs:
            transceiver.setCodecPreferences(attach.codec_preferences(kind, codecs))

    def _prepare_ice(self, ice_servers: Sequence[IceServer]) -> None:
        attach.prepare(
            self._pc,
            ice_servers,
            relay_only=self._relay_only,
            on_candidate=self._gathered,
            on_rtp=self._packet,
            line=self._line,
            far=self.far,
        )

    def _described_here(self) -> str:
        """Our description, with the far end's share of the line."""
        ours = self._pc.localDescription
        wanted = ours.type == "answer" and sdp.takes_redundancy(self._line)
        return sdp.with_share(sdp.with_redundancy(ours.sdp, wanted=wanted), self._line)

    def _remote_described(self, candidates: list[tuple[int, str]]) -> None:
        self._candidates.described()
        for index, candidate in candidates:
            self.add_candidate(candidate, None, index)
        attach.ready(self._pc)
        self._limit = self._loop.call_later(CONNECT_WITHIN_S, self._too_late)

    def _gathered(self, candidate: str) -> None:
        self._loop.call_later(
            _TRICKLE_AFTER_S, self._emit, Gathered(self.number, candidate, None, 0)
        )

    def _far_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":  # sound is pulled by the speaker
            self._spawn(self.far.picture.run(track))

    def _state_changed(self) -> None:
        state = self._pc.connectionState
        log.info("connection", generation=self.number, state=state)
        if state == "connected":
            if self._limit is not None:
                self._limit.cancel()
            if not self._far_sends:
                self._emit(Flowing(self.number))
        elif state in ("failed", "closed"):
            self._fail()

    def _too_late(self) -> None:
        if self._pc.connectionState != "connected":
            self._fail()

    def _fail(self) -> None:
        if not self._over:
            self._over = True
            self._on_event(Failed(self.number))

    def _packet(self) -> None:
        if self._watchdog.packet(self._loop.time()) is not None:
            if self._has_flowed:  # a connection begins with whole pictures by itself
                self.refresh()
            self._has_flowed = True
            self._emit(Flowing(self.number))
            self._arm()

    def _arm(self) -> None:
        deadline = self._watchdog.deadline()
        if deadline is not None and not self._over:
            self._timer = self._loop.call_at(deadline, self._check)

    def _check(self) -> None:
        if self._watchdog.check(self._loop.time()) is not None:
            self._emit(Silent(self.number))
        else:
            self._arm()

    def _emit(self, event: MediaEvent) -> None:
        if not self._over:
            self._on_event(event)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("media task ended", generation=self.number, error=repr(task.exception()))
