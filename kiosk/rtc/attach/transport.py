"""DTLS that one bad packet cannot end, with the transport's own congestion control."""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import structlog
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport, State
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtp import RtpPacket
from aiortc.stats import RTCStatsReport
from OpenSSL import SSL

from kiosk.rtc.attach.connection import KioskConnection
from kiosk.rtc.attach.pair import pair_statistics
from kiosk.rtc.attach.sources import BoundedSession
from kiosk.rtc.attach.uplink import Uplink
from kiosk.rtc.line import Line
from kiosk.rtc.sending import twcc

log = structlog.get_logger(__name__)

_FINISHED_SAID = b"SSLv3/TLS write finished"
"""OpenSSL's state of a client that waits for the server's Finished, and for nothing else."""


class KioskDtlsTransport(RTCDtlsTransport):
    """A transport that one bad packet cannot end, and that says when media arrives.

    aiortc closes DTLS for good on any exception while a packet is handled, an empty datagram
    included. Media leaves by `uplink`; transport-wide feedback is split off before aiortc parses
    RTCP, because its parser refuses the padding that browsers write.
    """

    on_rtp: Callable[[], None] | None = None
    rtp_octets = 0

    def __init__(self, transport: RTCIceTransport, certificates: list[RTCCertificate]) -> None:
        super().__init__(transport, certificates)
        self._private = cast("Any", self)  # for aiortc's mangled names, which have no types
        self.uplink = Uplink(self, Line())
        self._passed_over = 0

    def use(self, line: Line) -> None:
        """Before anything is sent: what is known of the line."""
        self.uplink = Uplink(self, line)

    async def _do_handshake(self) -> None:
        """As aiortc's, but a client's media begin with its Finished, not a round trip later.

        All that keys are made of is there, and the server's certificate has signed it. aiortc takes
        nothing but ECDHE with authenticated ciphers, as RFC 7918 asks of who does not wait for the
        server's Finished. It is read like any later packet. Were what was said before it not what
        the server has heard, its keys would be others (RFC 7627), and its media be nothing here.
        """
        connection = cast("SSL.Connection", self._ssl)  # `start` has made it
        try:
            while not self.encrypted:
                try:
                    connection.do_handshake()
                except SSL.WantReadError:
                    await self._write_ssl()
                    if connection.get_state_string() == _FINISHED_SAID:
                        self.encrypted = True
                    else:
                        await self._recv_next()
                else:
                    self.encrypted = True
        except (ConnectionError, SSL.Error) as error:
            log.info("handshake failed", error=repr(error))
            self._set_state(State.FAILED)

    async def stop(self) -> None:
        """Stop sending, then close."""
        self.uplink.close()
        await super().stop()

    @property
    def relay_octets(self) -> int:
        """What the way in use adds to each datagram."""
        return cast("KioskConnection", self.transport._connection).relay_octets

    # --- out -----------------------------------------------------------------------------------

    def sealed(self, packet: bytes) -> bytes:
        """An RTP packet encrypted; ConnectionError when it cannot leave."""
        if self._state != State.CONNECTED:
            raise ConnectionError("Cannot send encrypted RTP, not connected")
        sealed: bytes = self._tx_srtp.protect(packet)
        return sealed

    async def send_sealed(self, sealed: bytes) -> None:
        """Give an encrypted packet to the socket."""
        await self.transport._send(sealed)
        self._private._RTCDtlsTransport__tx_bytes += len(sealed)
        self._private._RTCDtlsTransport__tx_packets += 1

    async def send_control(self, packet: bytes) -> None:
        """An RTCP packet, at once."""
        await self._send_rtp(packet)

    async def _send_rtp(self, data: bytes) -> None:
        """RTCP, aiortc's own too: media leaves by the uplink."""
        await super()._send_rtp(data)
        self.uplink.sent_report(len(data))

    # --- in ------------------------------------------------------------------------------------

    def _setup_srtp(self) -> None:
        super()._setup_srtp()
        if self._rx_srtp is not None:
            self._private._rx_srtp = BoundedSession(self._rx_srtp)

    async def _recv_next(self) -> None:
        try:
            await super()._recv_next()
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one packet breaks, the call goes on
            self._passed_over += 1
            if self._passed_over.bit_count() == 1:  # 1, 2, 4, ...: a flood fills no disk
                log.info("packet passed over", error=repr(error), count=self._passed_over)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        feedbacks, rest = twcc.split(data)
        for feedback in feedbacks:
            self.uplink.feedback(feedback)
        if rest:
            await super()._handle_rtcp_data(rest)

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self.rtp_octets += len(data)
        if self.on_rtp is not None:
            self.on_rtp()
        try:
            packet = RtpPacket.parse(data, self._rtp_header_extensions_map)
        except ValueError:
            return
        number = packet.extensions.transport_sequence_number
        if number is not None:
            connection = cast("KioskConnection", self.transport._connection)
            self.uplink.arrived(number, packet.ssrc, connection.arrived_at)
        receiver = self._rtp_router.route_rtp(packet)
        if receiver is not None:
            await receiver._handle_rtp_packet(packet, arrival_time_ms=arrival_time_ms)

    def _get_stats(self) -> RTCStatsReport:
        report = super()._get_stats()
        connection = cast("KioskConnection", self.transport._connection)
        for entry in pair_statistics(self._stats_id, connection, self.uplink):
            report.add(entry)
        return report
