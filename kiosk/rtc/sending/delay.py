"""Does the queue at the bottleneck grow? From packets' times of leaving and arriving. Pure.

Source: draft-ietf-rmcat-gcc-02 §5.2 to §5.4; the trendline in place of the Kalman filter, and the
adaptive threshold's gains, after Carlucci et al., "Congestion Control for Web Real-Time
Communication" (IEEE/ACM ToN 2017) and its successor in libwebrtc. Times are milliseconds inside
this module, as in the sources, and seconds at its doors.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kiosk.rtc.sending.ledger import Sent

Usage = Literal["under", "normal", "over"]

BURST_S = 0.005
"""Packets sent, or piled up on the way, within this are one group (§5.2)."""
_MOST_BURST_S = 0.1
_RESTART_S = 3.0
"""A clock that jumps by more than this begins anew."""


@dataclass
class _Group:
    """Packets that left as one burst."""

    first_sent: float
    last_sent: float
    first_arrived: float
    last_arrived: float


@dataclass(frozen=True)
class Variation:
    """How two neighbouring groups differ, in seconds."""

    sent_s: float
    arrived_s: float
    at: float
    """Arrival of the later one."""


class Groups:
    """Inter-group arrival (§5.2): bursts into groups, groups into delay variations."""

    def __init__(self) -> None:
        self._current: _Group | None = None
        self._previous: _Group | None = None

    def add(self, packet: Sent) -> Variation | None:
        """A packet that arrived, in the order of sending; a variation when it opens a group."""
        if packet.arrived_at is None:
            return None
        group = self._current
        if group is None or packet.at < group.first_sent:
            if group is None:
                self._current = _started(packet)
            return None
        if self._belongs(group, packet):
            group.last_sent = max(group.last_sent, packet.at)
            group.last_arrived = max(group.last_arrived, packet.arrived_at)
            return None
        variation = self._variation(self._previous, group)
        self._previous, self._current = group, _started(packet)
        return variation

    @staticmethod
    def _belongs(group: _Group, packet: Sent) -> bool:
        if packet.at - group.first_sent <= BURST_S:
            return True
        arrived_s = (packet.arrived_at or 0.0) - group.last_arrived
        # What the way held back and then let go at once says nothing about the bottleneck.
        catching_up = arrived_s < packet.at - group.last_sent
        within = (packet.arrived_at or 0.0) - group.first_arrived < _MOST_BURST_S
        return catching_up and arrived_s <= BURST_S and within

    def _variation(self, before: _Group | None, after: _Group) -> Variation | None:
        if before is None:
            return None
        arrived_s = after.last_arrived - before.last_arrived
        sent_s = after.last_sent - before.last_sent
        if arrived_s < 0 or abs(arrived_s - sent_s) > _RESTART_S:
            return None
        return Variation(sent_s, arrived_s, after.last_arrived)


def _started(packet: Sent) -> _Group:
    arrived_at = packet.arrived_at or 0.0
    return _Group(packet.at, packet.at, arrived_at, arrived_at)


class Trendline:
    """Slope of the smoothed one-way delay over the last 20 groups, by least squares."""

    WINDOW = 20
    SMOOTHING = 0.9
    GAIN = 4.0
    _MOST_COUNTED = 60

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque(maxlen=self.WINDOW)
        self._delay_ms = 0.0
        self._smoothed_ms = 0.0
        self._count = 0
        self._first_at: float | None = None

    def update(self, variation: Variation) -> float:
        """Slope times its weight: 0 until the window is full."""
        if self._first_at is None:
            self._first_at = variation.at
        self._count = min(self._count + 1, self._MOST_COUNTED)
        self._delay_ms += (variation.arrived_s - variation.sent_s) * 1000
        self._smoothed_ms += (1 - self.SMOOTHING) * (self._delay_ms - self._smoothed_ms)
        self._points.append(((variation.at - self._first_at) * 1000, self._smoothed_ms))
        if len(self._points) < self.WINDOW:
            return 0.0
        return _slope(self._points) * self._count * self.GAIN


def _slope(points: Sequence[tuple[float, float]]) -> float:
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return 0.0
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


class OveruseDetector:
    """Compares the slope with a threshold that adapts, so that TCP beside it does not starve it
    (§5.4)."""

    _RISE, _FALL = 0.0087, 0.039
    _START_MS, _LEAST_MS, _MOST_MS = 12.5, 6.0, 600.0
    _OVER_FOR_S = 0.010
    _OUTLIER_MS = 15.0

    def __init__(self) -> None:
        self._trendline = Trendline()
        self._groups = Groups()
        self.threshold_ms = self._START_MS
        self.usage: Usage = "normal"
        self.slope_ms = 0.0
        self._over_s = 0.0
        self._over_count = 0
        self._last_at: float | None = None

    def add(self, packets: Sequence[Sent]) -> Usage:
        """Packets that arrived, in the order of sending; what they say about the bottleneck."""
        for packet in packets:
            variation = self._groups.add(packet)
            if variation is not None:
                self._detect(variation)
        return self.usage

    def _detect(self, variation: Variation) -> None:
        before, self.slope_ms = self.slope_ms, self._trendline.update(variation)
        if self.slope_ms > self.threshold_ms:
            self._over_s += variation.sent_s
            self._over_count += 1
            if self._over_s > self._OVER_FOR_S and self._over_count > 1 and self.slope_ms >= before:
                self._over_s = 0.0
                self._over_count = 0
                self.usage = "over"
        else:
            self._over_s = 0.0
            self._over_count = 0
            self.usage = "under" if self.slope_ms < -self.threshold_ms else "normal"
        self._adapt(variation.at)

    def _adapt(self, at: float) -> None:
        elapsed_ms = 0.0 if self._last_at is None else min(100.0, (at - self._last_at) * 1000)
        self._last_at = at
        beyond = abs(self.slope_ms) - self.threshold_ms
        if beyond > self._OUTLIER_MS:
            return
        gain = self._FALL if beyond < 0 else self._RISE
        self.threshold_ms += gain * beyond * max(0.0, elapsed_ms)
        self.threshold_ms = min(self._MOST_MS, max(self._LEAST_MS, self.threshold_ms))
