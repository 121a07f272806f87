"""A sender's numbers and times, unwrapped; another clock is believed after some packets. Pure."""

from __future__ import annotations

from kiosk.rtc.hearing.toc import CLOCK
from kiosk.rtc.wrap import nearest

FAR_S = 5.0
"""A timestamp that far away is another clock or garbage."""
_PROBATION = 3
"""Packets in a row of such a clock before it is believed (RFC 3550 appendix A.1: 2)."""


class SenderClock:
    """Where each packet of one sound belongs."""

    def __init__(self) -> None:
        self.newest = 0
        """RTP time, unwrapped, of the packet that came last and was believed."""
        self.restarts = 0
        """Times that the sender began another clock."""
        self._newest_sequence = 0
        self._begun = False
        self._strange = 0

    def place(
        self, sequence: int, timestamp: int, position: int | None, *, stands: bool
    ) -> tuple[int, int] | None:
        """RTP time and sequence number of a packet, unwrapped; None: it is not believed.

        `position` is the RTP time that is played next, None before the first; `stands`: nothing is
        there to be played.
        """
        full, number = timestamp, sequence
        if self._begun:
            full = nearest(timestamp, 32, self.newest)
            number = nearest(sequence, 16, self._newest_sequence)
        if position is not None and not self._believable(full, position, stands=stands):
            self._strange += 1
            if self._strange < _PROBATION:
                return None
            self.restarts += 1
            full, number = timestamp, sequence
        self._begun, self._strange = True, 0
        self.newest, self._newest_sequence = full, number
        return full, number

    def _believable(self, full: int, position: int, *, stands: bool) -> bool:
        """After a long hole any later time will do: the line was away, the sender's clock not.

        Far before what is played is another clock, however near to the packet before: else one
        stray time, believed after a hole, would leave all that follows out as too late.
        """
        if abs(full - position) < FAR_S * CLOCK:
            return True
        return full > position and (stands or abs(full - self.newest) < FAR_S * CLOCK)
