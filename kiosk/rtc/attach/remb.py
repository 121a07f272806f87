"""What a far end without transport-wide feedback is told that it may send, by REMB."""

from __future__ import annotations

from aiortc.rate import RemoteBitrateEstimator

from kiosk.rtc.line import Line
from kiosk.rtc.sdp import far_share


class HeldEstimate(RemoteBitrateEstimator):
    """aiortc's estimate from what arrives, held to the far end's share of the line.

    Media servers may pass over what the description says of it. The share is looked up each time:
    the hub changes it in mid-call.
    """

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def add(
        self, arrival_time_ms: int, abs_send_time: int, payload_size: int, ssrc: int
    ) -> tuple[int, list[int]] | None:
        """See aiortc. What is told is bit/s of all that the far end sends, sound included, without
        packets' overhead (draft-alvestrand-rmcat-remb-03 §2.2), and the sources that are heard."""
        told = super().add(arrival_time_ms, abs_send_time, payload_size, ssrc)
        most_bit_s = self._line.far_most_bit_s
        if told is None or most_bit_s is None:
            return told
        bit_s, sources = told
        return min(bit_s, int(far_share(self._line, most_bit_s).available_bit_s)), sources
