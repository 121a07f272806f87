"""Trains while a call is on, and what the call's voice feels of them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.line_capacity.ends import WAYS, Ends, WayName, ip_kbit_s
from bench.line_capacity.troubles import ordinary
from bench.results import percentile

RATES_KBIT_S = (1_000.0, 2_000.0, 8_000.0, 18_000.0)
"""Below, four packets hold the line up for more than 40 ms: the prober sends none."""
_PICTURE_SHARE, _MOST_PICTURE_KBIT_S = 0.4, 1_500.0
_BEGIN_S = 2.0
_FELT_NS = 1_000_000_000
"""The second after a train was asked for: fifty packets of the voice."""
_REST_S = 1.2
"""So that each train is followed by some voice that met none."""


@dataclass(frozen=True)
class LineInCall:
    """One rate in one direction."""

    kbit_s: float
    way: WayName
    errors: list[float]
    unknown: int
    felt_ms: list[float]
    """One-way delays of voice packets in the seconds with a train in their direction."""
    usual_ms: list[float]
    """Of those in seconds without any."""

    @property
    def p95(self) -> float | None:
        """Of the errors; None where no train was conclusive."""
        return percentile(self.errors, 0.95) if self.errors else None

    @property
    def added_p95_ms(self) -> float:
        """What trains add to the voice's p95 in their seconds."""
        return percentile(self.felt_ms, 0.95) - percentile(self.usual_ms, 0.95)

    @property
    def added_most_ms(self) -> float:
        """What the packet that fared worst waited above the usual p95."""
        return max(self.felt_ms) - percentile(self.usual_ms, 0.95)


def measured(ends: Ends, kbit_s: float, trains: int) -> list[LineInCall]:
    """Both directions of a line of this rate with a call on it."""
    line = ordinary(kbit_s)
    ends.set_line(line, line)
    picture_kbit_s = min(_MOST_PICTURE_KBIT_S, _PICTURE_SHARE * kbit_s)
    true = ip_kbit_s(line)
    voices: dict[WayName, list[tuple[int, float]]] = {}
    errors: dict[WayName, list[float]] = {way: [] for way in WAYS}
    begun: dict[WayName, list[int]] = {way: [] for way in WAYS}
    with ends.call(picture_kbit_s, voices):
        time.sleep(_BEGIN_S)
        for _ in range(trains):
            for way in WAYS:
                sent = ends.train(way, true, 0, in_call=True)
                begun[way].append(sent.began_ns)
                if sent.verdict is not None and sent.verdict.kbit_s is not None:
                    errors[way].append(abs(sent.verdict.kbit_s / true - 1))
                time.sleep(_FELT_NS / 1e9 + _REST_S)
    every = sorted(at for one in begun.values() for at in one)
    return [
        LineInCall(
            kbit_s,
            way,
            errors[way],
            trains - len(errors[way]),
            [delay for at, delay in voices[way] if _within(at, begun[way])],
            [delay for at, delay in voices[way] if at > every[0] and not _within(at, every)],
        )
        for way in WAYS
    ]


def _within(sent_ns: int, begun: list[int]) -> bool:
    return any(0 <= sent_ns - at < _FELT_NS for at in begun)
