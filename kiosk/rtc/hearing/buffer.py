"""Which sound comes next: a packet, its spare copy, or something made up. Pure.

A timeline of RTP time is played. It stands still while nothing is there (what comes late is then
played late, and the wait shrinks again by playing faster), and goes on over a hole as soon as
something beyond the hole is there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.rtc.hearing.decisions import Act, Decision
from kiosk.rtc.hearing.delay_estimate import DelayEstimate
from kiosk.rtc.hearing.redundancy import Spare
from kiosk.rtc.hearing.sender_clock import FAR_S, SenderClock
from kiosk.rtc.hearing.statistics import HearingTotals
from kiosk.rtc.hearing.toc import CLOCK, duration, has_spare, is_silence

MOST_HELD = 150
"""Packets: 3 s of 20 ms."""

_MARGIN_S = 0.010
"""Beyond the wait, before playing faster."""
_LOW_SHARE = 0.75
"""Of the wait, before playing slower (NetEQ decision_logic)."""
_FAST_S = 0.100
"""Beyond the wait, before playing much faster."""
_SKIP_S = 1.0
"""Beyond the wait, before leaving sound out."""
_FADE_S = 0.120
"""Made up sound after which silence follows."""
_QUIET_S = 1.0
"""A silent sender shows itself more often than that (libopus: every 400 ms)."""
_ODD = CLOCK * 25 // 10000
"""Samples; a hole shorter than the shortest frame is a sender's rounding."""


@dataclass(frozen=True)
class _Held:
    sequence: int
    payload: bytes
    samples: int
    came: float


class SoundBuffer:
    """Packets in as they come, decisions out as sound is needed."""

    def __init__(self, estimate: DelayEstimate | None = None) -> None:
        self.estimate = estimate or DelayEstimate()
        self.totals = HearingTotals()
        self._held: dict[int, _Held] = {}  # by unwrapped timestamp
        self._next: int | None = None
        """RTP time that is played next, unwrapped."""
        self._clock = SenderClock()
        self._last_sequence: int | None = None
        self._packet = CLOCK // 50
        self._made_up = 0  # samples since the timeline stood still
        self._quiet = False  # the sender said that it will be silent
        self._waiting = True  # filling up: at the start, and after silence
        self._recovered: deque[int] = deque(maxlen=50)

    @property
    def position(self) -> int | None:
        """RTP time, unwrapped, of what the next decision plays; None before the first."""
        return self._next

    @property
    def newest(self) -> int:
        """RTP time, unwrapped, of the packet that came last and was believed."""
        return self._clock.newest

    @property
    def restarts(self) -> int:
        """Times that the sender began another clock."""
        return self._clock.restarts

    @property
    def next_is_here(self) -> bool:
        """Whether the next decision has a packet of its own."""
        return self._next in self._held

    @property
    def held(self) -> int:
        """Packets held; never above MOST_HELD."""
        return len(self._held)

    def delay_s(self, now: float, ready: int) -> float:
        """How much later than possible the timeline's next sample plays, in seconds.

        `ready` samples are decoded and wait to be played before it.
        """
        fastest = self.estimate.fastest_transit_s
        if fastest is None or self._next is None:
            return 0.0
        return now + ready / CLOCK - self._next / CLOCK - fastest

    # --- packets in -----------------------------------------------------------------------------

    def put(
        self,
        sequence: int,
        timestamp: int,
        payload: bytes,
        now: float,
        spares: Iterable[Spare] = (),
    ) -> bool:
        """One RTP packet: 16 bit sequence number, 32 bit timestamp; never raises. `spares` came
        along with it, of packets before it.

        False when it is garbage: it says nothing of the sender's clock.
        """
        samples = duration(payload)
        if not samples:
            self.totals.discarded += 1
            return False
        self.totals.packets += 1
        before, stands = self.restarts, not self._held and self._made_up > 0
        placed = self._clock.place(sequence, timestamp, self._next, stands=stands)
        if placed is None:
            self.totals.discarded += 1
            return False
        if self.restarts != before:
            self._restart()
        full, number = placed
        self._fill(full, number, spares, now)
        if full not in self._recovered:  # what came again for nothing is not worth waiting for
            self.estimate.arrived(full, samples, now)
        self._bound()
        if full in self._held or (self._next is not None and full < self._next):
            self.totals.discarded += 1
            return True
        self._packet = samples
        self.totals.spares += has_spare(payload)
        self._held[full] = _Held(number, payload, samples, now)
        self._bound()
        return True

    def _bound(self) -> None:
        """Nobody plays what is held."""
        if len(self._held) > MOST_HELD:
            self._skip_to(sorted(self._held)[len(self._held) - MOST_HELD])

    def _fill(self, full: int, number: int, spares: Iterable[Spare], now: float) -> None:
        """What is missing before this packet, of what it carries; the wait has room for that."""
        for spare in spares:
            self.totals.spares += 1
            at, samples = full - spare.earlier, duration(spare.payload)
            if not samples or self._next is None or not self._next <= at < full or at in self._held:
                continue
            self.totals.spares_used += 1
            self._recovered.append(at)
            self._held[at] = _Held(number - spare.back, spare.payload, samples, now)

    def _restart(self) -> None:
        self.totals.discarded += len(self._held)
        self._held.clear()
        self._recovered.clear()
        self._next = None
        self._last_sequence = None
        self._waiting = True
        self._quiet = False
        self.estimate.restart()

    def _skip_to(self, timestamp: int) -> None:
        for early in [at for at in self._held if at < timestamp]:
            del self._held[early]
            self.totals.discarded += 1
        self._next = timestamp
        self._last_sequence = None

    # --- decisions out --------------------------------------------------------------------------

    def decide(self, now: float, ready: int = 0) -> Decision:
        """What to play after the `ready` samples that are decoded already; the timeline moves."""
        if not self._held:
            return self._stand_still()
        first = min(self._held)
        if self._waiting and self._should_wait(first, now, ready):
            return self._stand_still()
        self._waiting = False
        if self._next is None:
            self._next = first
        self._catch_up(now, ready)
        first = min(self._held)
        hole = first - self._next
        if hole > _ODD:
            return self._over_hole(first, hole, now, ready)
        return self._play(first, now, ready)

    def _should_wait(self, first: int, now: float, ready: int) -> bool:
        """Fill up before beginning, so that playing does not stop again at once."""
        fastest = self.estimate.fastest_transit_s
        assert fastest is not None  # noqa: S101 - a packet is held, so it has arrived
        plays_late_by = now + ready / CLOCK - first / CLOCK - fastest
        return plays_late_by < self.estimate.target_s - self._packet / CLOCK / 2

    def _stand_still(self) -> Decision:
        samples = min(self._packet, CLOCK // 50)
        if self._next is None:
            return Decision(Act.SILENCE, samples)
        self._made_up += samples
        self._quiet = self._quiet and self._made_up < _QUIET_S * CLOCK
        if self._quiet:
            return Decision(Act.COMFORT, samples)
        if self._waiting or self._made_up > _FADE_S * CLOCK:
            self._waiting = True
            return Decision(Act.SILENCE, samples)
        return Decision(Act.CONCEAL, samples)

    def _catch_up(self, now: float, ready: int) -> None:
        """Far too late: leave the oldest out at once instead of running for a long time."""
        excess = self.delay_s(now, ready) - self.estimate.target_s
        if excess > _SKIP_S and len(self._held) > 1:
            assert self._next is not None  # noqa: S101 - set by decide
            later = [at for at in self._held if at <= self._next + (excess - _FAST_S) * CLOCK]
            if later:
                self._skip_to(max(later))

    def _over_hole(self, first: int, hole: int, now: float, ready: int) -> Decision:
        assert self._next is not None  # noqa: S101 - set by decide
        packet = self._held[first]
        left = hole - self._made_up
        silence = self._quiet or packet.sequence - 1 == self._last_sequence
        if silence:  # nobody spoke: what is too much of waiting goes unheard
            excess = self.delay_s(now, ready) - self._made_up / CLOCK - self.estimate.target_s
            left -= max(0, int(excess * CLOCK))
        if left <= _ODD:  # made up sound has filled it
            self._move(first)
            return self._play(first, now, ready)
        if silence:
            self._move(self._next + min(left, self._packet) + self._made_up)
            return Decision(Act.COMFORT, _whole(min(left, self._packet)))
        if left > FAR_S * CLOCK:
            self._skip_to(first)
            return Decision(Act.CONCEAL, self._packet)
        if left == packet.samples and has_spare(packet.payload):  # libopus spares all or nothing
            self._recovered.append(self._next)
            self._move(first)
            self.totals.spares_used += 1
            return Decision(Act.RECOVER, _whole(left), packet.payload)
        self._move(self._next + self._made_up + min(left, self._packet))
        return Decision(Act.CONCEAL, _whole(min(left, self._packet)))

    def _play(self, first: int, now: float, ready: int) -> Decision:
        act = self._pace(now, ready)
        packet = self._held.pop(first)
        self._move(first + packet.samples)
        for late in [at for at in self._held if at < first + packet.samples - _ODD]:
            del self._held[late]  # overlaps what was just played: a strange sender
            self.totals.discarded += 1
        self._last_sequence = packet.sequence
        self._quiet = is_silence(packet.payload)
        self.totals.buffered_s += (now + ready / CLOCK - packet.came) * packet.samples
        self.totals.wanted_s += self.estimate.target_s * packet.samples
        self.totals.emitted += packet.samples
        return Decision(act, packet.samples, packet.payload)

    def _pace(self, now: float, ready: int) -> Act:
        delay, target = self.delay_s(now, ready), self.estimate.target_s
        if delay > target + _FAST_S:
            return Act.MUCH_FASTER
        if delay > target + _MARGIN_S:
            return Act.FASTER
        if delay < target * _LOW_SHARE:
            return Act.SLOWER
        return Act.NORMAL

    def _move(self, timestamp: int) -> None:
        self._next = timestamp
        self._made_up = 0


def _whole(samples: int) -> int:
    """A multiple of 2.5 ms, which is what Opus can make up."""
    return max(_ODD, samples // _ODD * _ODD)
