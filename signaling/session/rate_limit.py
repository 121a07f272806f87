"""Token buckets: what one peer or one address may send (PROTOCOL.md §2.4)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """`per_s` messages a second in the long run, `burst` at once."""

    per_s: float
    burst: float


class Bucket:
    """One token bucket. Times are seconds of one monotonic clock."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._at = now

    def take(self, now: float) -> float:
        """Take one token: 0.0, or the seconds until there will be one (then nothing is taken)."""
        self._tokens = min(
            self._rate.burst, self._tokens + max(0.0, now - self._at) * self._rate.per_s
        )
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate.per_s


class PeerLimits:
    """The buckets of one connection: one for all frames, one a class of messages."""

    def __init__(
        self, every_frame: Rate, classes: Mapping[str, Rate], refusals: Rate, now: float
    ) -> None:
        self._all = Bucket(every_frame, now)
        self._classes = {name: Bucket(rate, now) for name, rate in classes.items()}
        self._refusals = Bucket(refusals, now)

    def frame(self, now: float) -> float:
        """Before a frame is even read: 0.0, or the seconds to wait."""
        return self._all.take(now)

    def message(self, name: str, now: float) -> float:
        """Once the class is known: 0.0, or the seconds to wait."""
        return self._classes[name].take(now)

    def refused(self, now: float) -> bool:
        """Count one refusal. True: it is a flood, the connection should go."""
        return self._refusals.take(now) > 0


class AddressLimits:
    """One bucket an address for connections that have proved nothing yet; forgets the oldest."""

    def __init__(self, rate: Rate, *, remember: int = 10_000) -> None:
        self._rate = rate
        self._remember = remember
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str, now: float) -> float:
        """0.0, or the seconds until this address may try again."""
        bucket = self._buckets.pop(address, None) or Bucket(self._rate, now)
        self._buckets[address] = bucket
        if len(self._buckets) > self._remember:
            self._buckets.popitem(last=False)
        return bucket.take(now)
