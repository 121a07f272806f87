"""The most that sound and picture may take of the line. Pure."""

from __future__ import annotations

import math

from kiosk.rtc.sending.budget import LEAST_BIT_S, Budget
from kiosk.rtc.sending.framing import Framing
from kiosk.rtc.sending.traffic import Traffic

_REPORTS_S = 3.0
"""Over which our own reports are reckoned: their sizes and times differ."""


class Limit:
    """The call's budget without our own reports about what arrives, and what the far end wants."""

    def __init__(self, budget: Budget, framing: Framing) -> None:
        self.budget = budget
        self.framing = framing
        self._reports = Traffic()
        self._wanted_bit_s = math.inf

    def reported(self, now: float, datagram_octets: int) -> None:
        """RTCP of ours left; octets of the UDP payload."""
        self._reports.add(now, self.framing.octets(datagram_octets))

    def reports_bit_s(self, now: float) -> float:
        """What they take of the line."""
        return self._reports.bit_s(now, _REPORTS_S)

    def wanted(self, bit_s: float) -> None:
        """The far end's REMB; infinite: no limit.

        Who gives transport-wide feedback estimates nothing, but media servers set their limits by
        it (Janus' `bitrate`); libwebrtc keeps to it, too (GoogCcNetworkController).
        """
        self._wanted_bit_s = bit_s

    def bit_s(self, now: float, *, fed: bool) -> float:
        """In force now; `fed`: transport-wide feedback comes."""
        left_bit_s = self.budget.most_bit_s - self.reports_bit_s(now)
        if fed:
            left_bit_s = min(left_bit_s, self._wanted_bit_s)
        return max(min(LEAST_BIT_S, self.budget.most_bit_s), left_bit_s)
