"""What one sender sends again, and the stream that it travels in (RFC 4588)."""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import RtpPacket, wrap_rtx
from aiortc.utils import uint16_add

from kiosk.rtc.sending.retransmit import Retransmitter

_PADDING_OVERHEAD = 28 + 12 + 4 + 16
"""IP and UDP, RTP, extension, SRTP tag: what a packet of padding costs without the padding."""
_MOST_PADDING = 224


class Resending:
    """Packets that left, for as long as they may be asked for; and padding, which goes there too.

    What is asked for again leaves once a round trip at most and within the call's budget; nothing
    older than a whole picture leaves again.
    """

    def __init__(self, sender: Any) -> None:
        """`sender` is aiortc's, which numbers the stream."""
        self._sender = sender
        self._types: dict[int, int] = {}
        self._history: Retransmitter[RtpPacket] = Retransmitter()

    def agree(self, parameters: RTCRtpSendParameters) -> None:
        """What was negotiated."""
        for codec in parameters.codecs:
            if is_rtx(codec):
                self._types[int(codec.parameters["apt"] or 0)] = codec.payloadType or 0

    def left(self, packet: RtpPacket, octets: int, now: float) -> None:
        """A packet left for the first time; octets of the line."""
        self._history.sent(packet.sequence_number, packet, octets, now)

    def copied(self, packet: RtpPacket, now: float) -> None:
        """A copy of what `copies` gave left."""
        own = packet.ssrc == self._sender._ssrc
        number = packet.sequence_number if own else int.from_bytes(packet.payload[:2])
        self._history.copied(number, now)

    def copies(self, packets: Sequence[RtpPacket], count: int) -> list[RtpPacket]:
        """These packets so many times more, to follow them unasked."""
        return [self._again(packet) for _ in range(count) for packet in packets]

    def forget(self) -> None:
        """Nothing that left until now is of use any more."""
        self._history.forget()

    def asked_for(
        self,
        numbers: Sequence[int],
        may_spend: Callable[[int], bool],
        round_trip_s: float | None,
        now: float,
    ) -> list[RtpPacket]:
        """What to send again of these numbers, as packets of the stream for it; `may_spend` takes
        octets from the call's budget."""
        found = self._history.nack(numbers, now, round_trip_s, may_spend)
        return [self._again(packet) for packet, _ in found]

    @property
    def pads(self) -> bool:
        """There is a place for padding."""
        return self._sender._RTCRtpSender__rtx_payload_type is not None

    def padding(self, octets: int, timestamp: int) -> RtpPacket:
        """Nothing but padding, of about so many octets of the line."""
        packet = RtpPacket(
            self._sender._RTCRtpSender__rtx_payload_type, 0, self._next_number(), timestamp,
            self._sender._rtx_ssrc,
        )  # fmt: skip
        packet.padding_size = min(_MOST_PADDING, max(1, octets - _PADDING_OVERHEAD))
        return packet

    def _again(self, packet: RtpPacket) -> RtpPacket:
        """Where its codec has a stream for it, in that one."""
        payload_type = self._types.get(packet.payload_type)
        if payload_type is None:
            return packet
        return wrap_rtx(packet, payload_type, self._next_number(), self._sender._rtx_ssrc)

    def _next_number(self) -> int:
        number: int = self._sender._RTCRtpSender__rtx_sequence_number
        self._sender._RTCRtpSender__rtx_sequence_number = uint16_add(number, 1)
        return number
