"""DTLS that one bad packet cannot end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from aiortc.rtcdtlstransport import RTCDtlsTransport

log = structlog.get_logger(__name__)


class KioskDtlsTransport(RTCDtlsTransport):
    """A transport that one bad packet cannot end, and that says when media arrives.

    aiortc closes DTLS for good on any exception while a packet is handled, an empty datagram
    included.
    """

    on_rtp: Callable[[], None] | None = None
    rtp_octets = 0

    async def _recv_next(self) -> None:
        try:
            await super()._recv_next()
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one packet breaks, the call goes on
            log.info("packet passed over", error=repr(error))

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self.rtp_octets += len(data)
        if self.on_rtp is not None:
            self.on_rtp()
        await super()._handle_rtp_data(data, arrival_time_ms=arrival_time_ms)
