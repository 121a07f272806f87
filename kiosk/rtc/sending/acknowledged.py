"""What really arrives, in bit/s. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from kiosk.rtc.sending.ledger import Sent

QUICK_S = 0.3
SLOW_S = 1.0
_FEWEST_PACKETS = 4
_SHORTEST_S = 0.05
_MOST_HELD = 4_000
"""Packets; more do not come in a second, unless the far end's clock stands still."""


class AcknowledgedRate:
    """Octets that arrived over the receiver's time, in a quick and in a slow window."""

    def __init__(self) -> None:
        self._arrived: deque[tuple[float, int]] = deque(maxlen=_MOST_HELD)

    def add(self, packets: Sequence[Sent]) -> None:
        """Packets that arrived, in the order of sending."""
        for packet in packets:
            if packet.arrived_at is not None:
                self._arrived.append((packet.arrived_at, packet.octets))
        if not self._arrived:
            return
        newest = self._arrived[-1][0]
        while abs(newest - self._arrived[0][0]) > SLOW_S:
            self._arrived.popleft()

    def restart(self) -> None:
        """Forget everything: after an outage what was before is no measure."""
        self._arrived.clear()

    def bit_s(self, window_s: float) -> float | None:
        """Arrived in the window before the newest arrival; None while too few have come."""
        if not self._arrived:
            return None
        end = self._arrived[-1][0]
        window = [(at, octets) for at, octets in self._arrived if at >= end - window_s]
        begin = min(at for at, _ in window)
        if len(window) < _FEWEST_PACKETS or end - begin < min(_SHORTEST_S, window_s):
            return None
        # The first packet's time on the wire lies before the window.
        return 8 * (sum(octets for _, octets in window) - window[0][1]) / (end - begin)
