"""What one sender is to the transport that its packets share with others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aiortc.rtp import RtpPacket

from kiosk.rtc.sending.pacer import Kind


class Stream(Protocol):
    """Whose packets leave here."""

    numbered: bool
    """The far end gives transport-wide feedback about them."""

    @property
    def pads(self) -> bool:
        """There is a place for padding."""

    def written(self, packet: RtpPacket, number: int | None) -> bytes:
        """The packet on the wire, before encryption."""

    def left(self, packet: RtpPacket, kind: Kind, octets: int, now: float) -> None:
        """It was given to the socket; octets of the line."""

    def repeated(self, packet: RtpPacket, octets: int) -> None:
        """It was given to the socket once more, as it was; octets before encryption."""

    def padding(self, octets: int) -> RtpPacket:
        """A packet without media, of about so many octets of the line."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A packet on its way out."""

    stream: Stream
    packet: RtpPacket
