"""Receiving: aiortc's receiver with the kiosk's own sound and picture in place of its buffers."""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

import asyncio
import queue
import time
import types
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, cast

from aiortc.codecs import is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import AnyRtcpPacket, RtcpByePacket, RtcpSrPacket, RtpPacket

from kiosk.rtc.attach.by_screen import ByScreen
from kiosk.rtc.attach.codecs import answers_transport_wide, codec_id
from kiosk.rtc.attach.decoding import DecoderWatch, Undecoded
from kiosk.rtc.attach.remb import HeldEstimate
from kiosk.rtc.av1.payload import key_start as av1_key_start
from kiosk.rtc.backlog import Backlog
from kiosk.rtc.decoding_screen import DecodingScreen
from kiosk.rtc.far import FarEnd, FarSound
from kiosk.rtc.line import Line
from kiosk.rtc.order import Picture, h264_key_start, vp8_key_start
from kiosk.rtc.seeing.reception import PictureReception

_MOST_SOURCES = 8
"""Of packets, with those sent again: with more, the one heard least lately is forgotten, so that
neither a far end's new beginnings nor a stranger's numbers fill the memory."""
_ROUND_TRIP_EVERY_S = 1.0


class KioskReceiver(RTCRtpReceiver):
    """aiortc parses, checks and counts; what the packets mean is decided here.

    Sound goes to `FarSound`, from which the speaker pulls. Pictures go to `PictureReception`, and
    from there to a screen that decodes them, or to aiortc's decoder thread. Both are asked by one
    timer what is due.
    """

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self._kind = kind
        self._private = cast("Any", self)  # for aiortc's mangled names, which have no types
        self._private._RTCRtpReceiver__jitter_buffer = types.SimpleNamespace(add=self._take)
        self._private._RTCRtpReceiver__nack_generator = None
        self.codec = "opus" if kind == "audio" else ""
        """Of what came last; its name in SDP."""
        self.decoding = DecoderWatch(self._undecodable)
        self._private._RTCRtpReceiver__decoder_error = self.decoding
        self._by_screen = ByScreen(self.decoding)
        self._decoded_by: DecodingScreen | None = None
        """None: aiortc's decoder thread."""
        self._backlog = Backlog()
        self._far: FarEnd | None = None
        self.pictures = PictureReception(self._is_key_start, self._when_to_show)
        self._round_trip_s: Callable[[], float | None] = lambda: None
        self._measured_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._payload_octets = 0
        self._again = False
        """What is handled was sent again: once it is unwrapped nothing tells."""

    def connect(self, far: FarEnd, round_trip_s: Callable[[], float | None], line: Line) -> None:
        """Where sound and picture go, who knows the round trip, and what is known of the line."""
        self._far, self._round_trip_s = far, round_trip_s
        self._by_screen.far = far
        if self._kind == "video":
            self._private._RTCRtpReceiver__remote_bitrate_estimator = HeldEstimate(line)

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """See aiortc. Its REMB is for far ends without transport-wide feedback alone: the estimate
        begins after 3 s, rises by 8 % a second, and browsers keep below the lower of the two."""
        if answers_transport_wide(parameters):
            self._private._RTCRtpReceiver__remote_bitrate_estimator = None
        await super().receive(parameters)

    async def stop(self) -> None:
        """Irreversibly."""
        self._stopped = True
        self._by_screen.far = None
        if self._timer is not None:
            self._timer.cancel()
        self._forget_undecoded()  # aiortc holds the loop until the decoder is through
        await super().stop()

    def statistics(self) -> dict[str, Any]:
        """W3C webrtc-stats' RTCInboundRtpStreamStats; empty before the first packet."""
        heard = self._heard
        stream = self._private._RTCRtpReceiver__remote_streams.get(heard and heard.ssrc)
        if heard is None or stream is None:
            return {}
        clock = 48_000 if self._kind == "audio" else 90_000
        return {
            "type": "inbound-rtp",
            "id": f"inbound-rtp_{self._kind}",
            "timestamp": time.time() * 1000,
            "kind": self._kind,
            "ssrc": heard.ssrc,
            "transportId": self.transport._stats_id,
            "codecId": codec_id(self.codec),
            "packetsReceived": stream.packets_received,
            "packetsLost": stream.packets_lost,
            "jitter": round(stream.jitter / clock, 6),
            "bytesReceived": self._payload_octets,
            **heard.statistics(),
            **(self.decoding.statistics() if self._kind == "video" else {}),
        }

    @property
    def _heard(self) -> FarSound | PictureReception | None:
        """Who gets the packets."""
        if self._kind == "video":
            return self.pictures
        return None if self._far is None else self._far.sound

    # --- from the network -----------------------------------------------------------------------

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        streams = self._private._RTCRtpReceiver__remote_streams
        if packet.ssrc not in streams and len(streams) >= _MOST_SOURCES:
            self._forget_one(streams)
        codec = self._private._RTCRtpReceiver__codecs.get(packet.payload_type)
        self._again = codec is not None and is_rtx(codec)
        await super()._handle_rtp_packet(packet, arrival_time_ms)

    def _forget_one(self, streams: dict[int, Any]) -> None:
        """The source heard least lately, but never the one that is followed."""
        heard_at = self._private._RTCRtpReceiver__active_ssrc
        followed = self._heard and self._heard.ssrc
        oldest = min((source for source in streams if source != followed), key=heard_at.__getitem__)
        del streams[oldest]

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        # Who says BYE may send again, as Chromium does whose camera rested; aiortc ends the track.
        if isinstance(packet, RtcpByePacket):
            return
        await super()._handle_rtcp_packet(packet)
        heard = self._heard
        if self._far is None or heard is None or not isinstance(packet, RtcpSrPacket):
            return
        if packet.ssrc == heard.ssrc:
            info = packet.sender_info
            self._far.clocks[self._kind].report(info.ntp_timestamp, info.rtp_timestamp)

    def _take(self, packet: RtpPacket) -> tuple[bool, None]:
        """aiortc hands over each packet of a known codec; it has nothing more to do for it."""
        now = time.monotonic()
        self._payload_octets += len(packet.payload)
        if now >= self._measured_at + _ROUND_TRIP_EVERY_S:
            self._measure(now)
        heard = self._heard
        if isinstance(heard, PictureReception):
            heard.packet(packet, now, again=self._again)
        elif heard is not None:
            heard.packet(packet, now)
        self._serve(now)
        return False, None

    def _measure(self, now: float) -> None:
        self._measured_at = now
        seconds, heard = self._round_trip_s(), self._heard
        if seconds is not None and heard is not None:
            heard.round_trip(seconds)

    # --- what is due ----------------------------------------------------------------------------

    def _serve(self, now: float) -> None:
        heard = self._heard
        if heard is None:
            return
        due = heard.due(now)
        self._decode(due.pictures, now)
        self._ask_again(heard.ssrc, due.nack)
        if due.pli and heard.ssrc is not None:
            self._send(self._send_rtcp_pli(heard.ssrc))
        self._arm(heard.deadline())

    def _arm(self, deadline: float | None) -> None:
        if deadline is None or self._stopped:
            return
        if self._timer is not None and self._timer.when() > deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:  # the loop's clock is time.monotonic
            self._timer = asyncio.get_running_loop().call_at(deadline, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        self._serve(time.monotonic())

    def _decode(self, pictures: Iterable[Picture], now: float) -> None:
        waiting: queue.Queue[Any] = self._private._RTCRtpReceiver__decoder_queue
        if self._backlog.too_long(waiting.qsize(), now):
            self._forget_undecoded()
            self._undecodable()
            return
        for picture in pictures:
            codec = self._private._RTCRtpReceiver__codecs[picture.packets[0].payload_type]
            self.codec = codec.name
            at = self._private._RTCRtpReceiver__timestamp_mapper.map(picture.timestamp)
            screen = self._by_screen.screen_for(codec.name)
            changed, self._decoded_by = screen is not self._decoded_by, screen
            if changed and not picture.whole:  # who begins to decode needs a whole one
                self._undecodable()
                return
            undecoded = Undecoded(codec, [packet._data for packet in picture.packets], at)
            if screen is None:
                waiting.put(undecoded)
            else:
                self._by_screen.give(screen, undecoded, whole=picture.whole)

    def _forget_undecoded(self) -> None:
        waiting: queue.Queue[Any] = self._private._RTCRtpReceiver__decoder_queue
        with waiting.mutex:
            waiting.queue.clear()

    def _undecodable(self) -> None:
        now = time.monotonic()
        self.pictures.broken(now)
        self._serve(now)

    def _ask_again(self, ssrc: int | None, numbers: Iterable[int]) -> None:
        """Generic NACK (RFC 4585 §6.2.1); aiortc's packing wants numbers that do not wrap."""
        run: list[int] = []
        for number in numbers:
            if run and number < run[-1]:
                self._nack(ssrc, run)
                run = []
            run.append(number)
        self._nack(ssrc, run)

    def _nack(self, ssrc: int | None, numbers: list[int]) -> None:
        if numbers and ssrc is not None:
            self._send(self._send_rtcp_nack(ssrc, numbers))

    def _send(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    # --- what the pure parts ask ----------------------------------------------------------------

    def _is_key_start(self, packet: RtpPacket) -> bool:
        codec = self._private._RTCRtpReceiver__codecs.get(packet.payload_type)
        match codec.name if codec else "":
            case "VP8":
                return vp8_key_start(packet.payload)
            case "H264":
                return h264_key_start(packet.payload)
            case "AV1":
                return av1_key_start(packet.payload)
        return True

    def _when_to_show(self, rtp: int, now: float) -> float:
        return now if self._far is None else self._far.when_to_show(rtp, now)
