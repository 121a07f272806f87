"""How long sound has to wait so that late packets are in time. Pure: `now` comes in.

After WebRTC's NetEQ (modules/audio_coding/neteq: delay_manager, underrun_optimizer,
reorder_optimizer; its older delay_peak_detector), with finer bins and a faster way down.
"""

from __future__ import annotations

from collections import deque

from kiosk.rtc.hearing.toc import CLOCK

LEAST_S = 0.040
MOST_S = 0.200
START_S = 0.060
"""Before anything is known."""

_BIN_S = 0.005
_BINS = 100
"""500 ms; what is later counts as that late."""
_ROUND_S = 0.5
"""Of each such round the latest packet counts: a burst is one event however many it delays."""
_COVERED = 0.95
"""Share of rounds in which every packet must be in time."""
_FADE_PER_S = 0.95
"""What a second leaves of the histogram's weight: half of it is of the last 14 s."""
_WINDOW_S = 2.0
"""The fastest packet of this window is the measure for the others (NetEQ's too): short enough
that a clock off by 200 ppm moves it by less than half a millisecond."""
_PEAK_S = 0.060
"""Beyond the wait, that much is a peak."""
_PEAK_MEMORY_S = 10.0
_REPEATS_FEWEST = 2
_LOSS_WORTH_S = 0.150
"""Waiting this much longer is worth one percent of packets; what a spare copy mended is not among
them. NetEQ waits 20 ms. At 2 % loss a third of the losses has no spare copy: 150 ms make it worth
while to wait for those to be sent again over round trips of up to 80 ms."""
_FALL_S_PER_S = 0.100
"""How fast the wait may shrink; it grows at once."""


class _Histogram:
    """Shares of delays, the old ones fading."""

    def __init__(self) -> None:
        self._weights = [0.0] * _BINS
        self._weight = 0.0
        self._unit = 1.0  # grows instead of fading every bin at every packet

    def add(self, delay_s: float, passed_s: float) -> None:
        self._unit /= _FADE_PER_S ** min(passed_s, 1.0)
        self._weights[min(_BINS - 1, max(0, int(delay_s / _BIN_S)))] += self._unit
        self._weight += self._unit
        if self._unit > 1e6:
            self._weights = [weight / self._unit for weight in self._weights]
            self._weight /= self._unit
            self._unit = 1.0

    def covering(self, share: float) -> float:
        """The shortest wait, in seconds, that is enough for that share."""
        left = self._weight * (1 - share)
        for index in range(_BINS - 1, 0, -1):
            left -= self._weights[index]
            if left < 0:
                return (index + 1) * _BIN_S
        return _BIN_S

    def cheapest(self) -> float:
        """The wait, in seconds, after which waiting costs more than the packets still missing."""
        best, best_cost, late = 0.0, float("inf"), self._weight
        for index, weight in enumerate(self._weights):
            late -= weight
            wait = (index + 1) * _BIN_S if index else 0.0
            cost = wait + _LOSS_WORTH_S * 100 * max(0.0, late) / max(self._weight, 1e-9)
            if cost < best_cost - 1e-9:
                best, best_cost = wait, cost
        return best


class DelayEstimate:
    """The wait, "target delay": from the fastest packet's arrival to its playing, in seconds."""

    def __init__(self, least_s: float = LEAST_S, most_s: float = MOST_S) -> None:
        self.least_s = least_s
        self.most_s = most_s
        self.extra_s = 0.0
        """Added to what the line asks for: lip sync, large pieces at a time."""
        self._fastest: deque[tuple[float, float]] = deque()  # (at, transit), transit ascending
        self._delays = _Histogram()
        self._disorder = _Histogram()
        self._peaks: deque[tuple[float, float]] = deque()  # (at, delay)
        self._in_peak = False
        self._round_began = 0.0
        self._round_latest = 0.0
        self._newest: int | None = None
        self._at = 0.0
        self._packet_s = 0.020
        self.target_s = min(most_s, max(least_s, START_S))

    @property
    def fastest_transit_s(self) -> float | None:
        """Arrival minus RTP time of the fastest packet of late, in seconds of two clocks."""
        return self._fastest[0][1] if self._fastest else None

    def restart(self) -> None:
        """The sender began another clock: old transits mean nothing; the histograms stay."""
        self._fastest.clear()
        self._newest = None
        self._in_peak = False

    def arrived(self, timestamp: int, samples: int, now: float) -> None:
        """One packet: its unwrapped RTP time and length in samples, and when it came, seconds."""
        transit = now - timestamp / CLOCK
        passed = now - self._at if self._newest is not None else 0.0
        self._at = now
        self._packet_s = samples / CLOCK
        self._note_transit(transit, now)
        delay = transit - self._fastest[0][1]
        if self._newest is not None and timestamp < self._newest:
            # out of order or sent again: worth a wait of its own, no sign of a slow line
            self._disorder.add(delay, passed)
        else:
            self._newest = timestamp
            self._disorder.add(0.0, passed)
            self._note_delay(delay, now)
        self._set_target(now, passed)

    def _note_transit(self, transit: float, now: float) -> None:
        while self._fastest and self._fastest[-1][1] >= transit:
            self._fastest.pop()
        self._fastest.append((now, transit))
        while self._fastest[0][0] < now - _WINDOW_S:
            self._fastest.popleft()

    def _note_delay(self, delay: float, now: float) -> None:
        """A peak lasts until packets are in time again; the histogram knows nothing of it."""
        if delay > self.target_s + _PEAK_S:
            if not self._in_peak:
                self._peaks.append((now, delay))
            self._in_peak = True
            return
        if delay <= self.target_s:
            self._in_peak = False
        if self._in_peak:
            return
        self._round_latest = max(self._round_latest, delay)
        if now - self._round_began >= _ROUND_S:
            self._delays.add(self._round_latest, now - self._round_began)
            self._round_began, self._round_latest = now, 0.0

    def _set_target(self, now: float, passed: float) -> None:
        while self._peaks and self._peaks[0][0] < now - _PEAK_MEMORY_S:
            self._peaks.popleft()
        wanted = max(self._delays.covering(_COVERED), self._disorder.cheapest())
        if len(self._peaks) >= _REPEATS_FEWEST:  # once is chance, twice is this line's way
            wanted = max(wanted, max(height for _, height in self._peaks))
        # one packet more: the spare copy of a lost one comes with its successor
        wanted = min(self.most_s, max(self.least_s, wanted + self._packet_s)) + self.extra_s
        if wanted < self.target_s:
            wanted = max(wanted, self.target_s - _FALL_S_PER_S * max(0.0, passed))
        self.target_s = wanted
