"""The kiosk's sender in aiortc's place: sources in, RTCP in, packets to the transport's uplink."""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import structlog
from aiortc import MediaStreamTrack, clock
from aiortc.codecs import is_rtx
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtcrtpsender import RTCRtpSender, random_sequence_number
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    unpack_remb_fci,
)
from aiortc.stats import RTCStatsReport
from aiortc.utils import random32, uint16_add, uint32_add

from kiosk.rtc.attach.capture import CaptureClocks
from kiosk.rtc.attach.codecs import answers_transport_wide, codec_id
from kiosk.rtc.attach.extensions import ExtensionsMap, PictureExtensions
from kiosk.rtc.attach.outbound import Outbound
from kiosk.rtc.attach.resending import Resending
from kiosk.rtc.attach.sending import PictureSource, Source, SpeechSource
from kiosk.rtc.attach.uplink import Uplink
from kiosk.rtc.sending.pacer import Kind
from kiosk.rtc.sending.playout import playout_delay
from kiosk.rtc.sending.round_trips import ReportedTrips
from kiosk.rtc.tracks import VIDEO_CLOCK, CameraTrack

log = structlog.get_logger(__name__)

_NO_TRACK_S = 0.02
_NAMED_PACKETS = 100
"""So many packets carry the mid (RFC 9143 §9.1); the SSRC is in the description too."""


class KioskSender(RTCRtpSender):
    """aiortc's sender with its media plane replaced.

    - Encoders follow the transport's rate in place (attach.sending); packets wait their turn in
      the transport's pacer (attach.uplink) with transport-wide numbers.
    - What is asked for again leaves within bounds (attach.resending).
    - RTP time is paired with the capture's NTP time (RFC 3550 section 6.4.1), where aiortc takes
      the instant of sending: whatever picture and sound spend in encoders and queues would differ,
      and the far end would show them that much apart.
    """

    def __init__(self, trackOrKind: MediaStreamTrack | str, transport: RTCDtlsTransport) -> None:  # noqa: N803 - aiortc's signature
        super().__init__(trackOrKind, transport)
        self._private = cast("Any", self)  # for aiortc's mangled names, which have no types
        self._private._RTCRtpSender__rtp_header_extensions_map = ExtensionsMap()
        self.counts = Outbound()
        self.numbered = False
        self._source: Source | None = None
        self._ready: PictureSource | None = None
        self._payload_types: dict[str, int] = {}
        self._clocks = CaptureClocks()
        self._sequence_number = random_sequence_number()
        self._origin = random32()
        self._last_timestamp = 0
        self._far_jitter = 0
        """Interarrival jitter by the newest report, in units of RTP time."""
        self._trips = ReportedTrips()
        self._resending = Resending(self)

    @property
    def uplink(self) -> Uplink:
        """The transport's."""
        uplink: Uplink = cast("Any", self.transport).uplink
        return uplink

    def ready(self, codecs: Sequence[str]) -> None:
        """The far end takes these, by their names in SDP: what sending needs is opened already."""
        picture = self.track.newest if isinstance(self.track, CameraTrack) else None
        if picture is not None and self._ready is None and self._source is None:
            self._ready = PictureSource(codecs, self.uplink, self.counts, self._emit)
            self._ready.ready(picture.width, picture.height)

    async def stop(self) -> None:
        """Irreversibly."""
        await super().stop()
        if self.track is not None:  # nothing was ever sent: `_run_rtp` lets go of it otherwise
            self.track.stop()
        if self._ready is not None:
            self._ready.close()
            self._ready = None

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """See aiortc; notes whether the far end gives transport-wide feedback about this stream."""
        self.numbered = answers_transport_wide(parameters)
        for codec in parameters.codecs:
            if not is_rtx(codec):
                self._payload_types.setdefault(codec.name, codec.payloadType or 0)
        self._resending.agree(parameters)
        await super().send(parameters)

    @property
    def codec(self) -> str:
        """In force; its name in SDP. Empty before anything is sent."""
        return "" if self._source is None else self._source.codec

    async def _run_rtp(self, codec: RTCRtpCodecParameters) -> None:  # noqa: ARG002 - aiortc's signature
        self._private._RTCRtpSender__rtp_started.set()
        uplink = self.uplink
        try:
            source = self._source = self._made_source(uplink)
            uplink.join(self)
            while True:
                if self.track is None:
                    await asyncio.sleep(_NO_TRACK_S)
                    continue
                frame = await self.track.recv()
                clock = self._clocks.of(self.track)
                if self._enabled:
                    await source.take(frame, clock.timestamp if clock else frame.pts or 0)
        except (asyncio.CancelledError, ConnectionError, MediaStreamError):
            pass
        except Exception as error:  # `stop` would wait for ever if the lines below were not reached
            log.exception("sender ended", kind=self.kind, error=repr(error))
        uplink.leave(self)
        if self._source is not None:
            self._source.close()
        if self.track is not None:
            self.track.stop()
            self._private._RTCRtpSender__track = None
        self._private._RTCRtpSender__rtp_exited.set()

    def _made_source(self, uplink: Uplink) -> Source:
        ready, self._ready = self._ready, None
        if ready is not None:
            return ready
        if self.kind == "video":
            return PictureSource([*self._payload_types], uplink, self.counts, self._emit)
        return SpeechSource(uplink, self._emit)

    # --- out -----------------------------------------------------------------------------------

    def _emit(
        self, kind: Kind, codec: str, payloads: list[bytes], pts: int, patience_s: float
    ) -> None:
        timestamp = uint32_add(self._origin, pts)
        payload_type = self._payload_types[codec]
        packets = []
        for index, payload in enumerate(payloads):
            last = kind is Kind.VIDEO and index == len(payloads) - 1
            packets.append(
                RtpPacket(
                    payload_type, int(last), self._sequence_number, timestamp,
                    self._ssrc, payload,
                )
            )  # fmt: skip
            self._sequence_number = uint16_add(self._sequence_number, 1)
        self._last_timestamp = timestamp
        if kind is Kind.VIDEO:  # the far end reads it of a picture's first packet
            told = playout_delay(self._far_jitter / VIDEO_CLOCK)
            packets[0].extensions = PictureExtensions(playout_delay=told)
        age_s = self._clocks.age_s(self.track, pts)
        # the two together: a sender report pairs them
        self._private._RTCRtpSender__ntp_timestamp = clock.current_ntp_time() - round(age_s * 2**32)
        self._private._RTCRtpSender__rtp_timestamp = timestamp
        self.uplink.put(kind, self, packets, patience_s)
        if kind is Kind.VIDEO and (count := self.uplink.target().copies):
            self.uplink.put(Kind.COPY, self, self._resending.copies(packets, count), patience_s)

    def written(self, packet: RtpPacket, number: int | None) -> bytes:
        """The packet on the wire, before encryption."""
        packet.extensions.transport_sequence_number = number
        if number is None:  # such a far end estimates from this, where it was agreed upon
            packet.extensions.abs_send_time = clock.current_ntp_time() >> 14 & 0xFFFFFF
        if self.counts.packets < _NAMED_PACKETS:
            packet.extensions.mid = self._private._RTCRtpSender__mid
        else:
            packet.extensions.mid = None
        written = packet.serialize(self._private._RTCRtpSender__rtp_header_extensions_map)
        self.counts.header_octets += len(written) - len(packet.payload)
        return written

    def left(self, packet: RtpPacket, kind: Kind, octets: int, now: float) -> None:
        """It was given to the socket."""
        self.counts.left(kind, len(packet.payload))
        if packet.ssrc == self._ssrc:
            self._private._RTCRtpSender__packet_count += 1
            self._private._RTCRtpSender__octet_count += len(packet.payload)
            if not kind.repeats:
                self._resending.left(packet, octets, now)
        if kind is Kind.COPY:
            self._resending.copied(packet, now)

    def repeated(self, packet: RtpPacket, octets: int) -> None:
        """It was given to the socket once more: to a sender report it is the same packet."""
        self.counts.left(Kind.COPY, len(packet.payload))
        self.counts.header_octets += octets - len(packet.payload)

    @property
    def pads(self) -> bool:
        """There is a place for padding."""
        return self._resending.pads

    def padding(self, octets: int) -> RtpPacket:
        """Nothing but padding, of about so many octets of the line."""
        return self._resending.padding(octets, self._last_timestamp)

    # --- in ------------------------------------------------------------------------------------

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, (RtcpRrPacket, RtcpSrPacket)):
            measured_s = self._measure(packet.reports)
            await super()._handle_rtcp_packet(packet)
            self._take_reports(packet, measured_s)
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._resend(packet.lost)
        elif isinstance(packet, RtcpPsfbPacket):
            self._take_picture_feedback(packet)

    def _measure(self, reports: Sequence[RtcpReceiverInfo]) -> float | None:
        """The round trip in aiortc's place, which for a report without a delay measures none."""
        now, measured_s = asyncio.get_running_loop().time(), None
        for report in reports:
            if report.ssrc != self._ssrc:
                continue
            seconds = self._trips.answered(report.lsr, report.dlsr, now)
            if seconds is not None:
                measured_s = self._private._RTCRtpSender__rtt = seconds
            report.dlsr = 0
        return measured_s

    def _take_reports(self, packet: RtcpRrPacket | RtcpSrPacket, measured_s: float | None) -> None:
        for report in packet.reports:
            if report.ssrc in (self._ssrc, self._rtx_ssrc):
                self.uplink.reached(report.ssrc, report.highest_sequence)
            if report.ssrc != self._ssrc:
                continue
            lost = report.fraction_lost / 256
            self._far_jitter = report.jitter
            if isinstance(self._source, SpeechSource):
                self._source.copies.lost(lost, asyncio.get_running_loop().time())
            self.uplink.report(lost, measured_s)

    def _take_picture_feedback(self, packet: RtcpPsfbPacket) -> None:
        if packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            self.counts.requests += packet.fmt == RTCP_PSFB_PLI
            self.counts.full_requests += packet.fmt == RTCP_PSFB_FIR
            self._send_keyframe()
        elif packet.fmt == RTCP_PSFB_APP:
            try:
                bit_s, sources = unpack_remb_fci(packet.fci)
            except ValueError:
                return
            if self._ssrc in sources:
                self.uplink.remb(bit_s)

    def _send_keyframe(self) -> None:
        if not isinstance(self._source, PictureSource):
            return
        now = asyncio.get_running_loop().time()
        # Whoever gets a whole picture has no use for parts of older ones: after a cut a browser
        # asks for hundreds of them, which would fill the modem's buffer before it. Of the whole
        # picture that answers already, every part may be asked for again.
        video_bit_s = self.uplink.target().video_bit_s
        if self._source.course.request(now, self.uplink.control.round_trip_s, video_bit_s):
            self._resending.forget()

    def _resend(self, numbers: Sequence[int]) -> None:
        now = asyncio.get_running_loop().time()
        self.counts.nacks += 1
        kind = Kind.SOUND_AGAIN if self.kind == "audio" else Kind.RESENT
        round_trip_s = self.uplink.control.round_trip_s
        may_spend = self.uplink.repairing(kind, now)
        packets = self._resending.asked_for(numbers, may_spend, round_trip_s, now)
        if packets and not self.uplink.closed:
            self.uplink.put(kind, self, packets)

    async def _send_rtcp(self, packets: list[AnyRtcpPacket]) -> None:
        now = asyncio.get_running_loop().time()
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                self._trips.left(packet.sender_info.ntp_timestamp, now)
        await super()._send_rtcp(packets)

    async def getStats(self) -> RTCStatsReport:  # noqa: N802 - aiortc's name
        """aiortc's, with what of webrtc-stats it lacks or counts otherwise."""
        report = await super().getStats()
        target = self.uplink.target()
        limited_by = "none"
        bit_s = float(target.sound.bit_s)
        if isinstance(self._source, PictureSource):
            bit_s, limited_by = target.video_encoder_bit_s, self._source.course.limited_by
        vars(report[f"outbound-rtp_{id(self)}"]).update(
            self.counts.entries(self.kind, bit_s, limited_by) | {"codecId": codec_id(self.codec)}
        )
        return report
