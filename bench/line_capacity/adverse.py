"""Everything at once, with both processors loaded: how many results are wrong but confident."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from bench.line_capacity.ends import WAYS, WayName, both_processors_loaded, ends, ip_kbit_s
from bench.line_capacity.troubles import WRONG, troubled

LINES_AT_ONCE = 4
"""Each with its own laboratory: trains on thin lines are mostly waited for."""


@dataclass(frozen=True)
class Outcome:
    """One train on one troubled line."""

    seed: int
    way: WayName
    kbit_s: float
    error: float | None
    """Relative, with its sign; None: inconclusive."""
    doubt: str | None

    @property
    def wrong(self) -> bool:
        """A number, and off by more than 5 %."""
        return self.error is not None and abs(self.error) > WRONG


def measured(seeds: range, done: Callable[[Outcome], None]) -> list[Outcome]:
    """A train for each seed, upwards for odd ones; `done` is told of each."""
    with both_processors_loaded(), ThreadPoolExecutor(LINES_AT_ONCE) as pool:
        shares = [seeds[first::LINES_AT_ONCE] for first in range(LINES_AT_ONCE)]
        found = pool.map(lambda share: _share(share, done), [one for one in shares if one])
        return [outcome for share in found for outcome in share]


def raw(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """For the JSON: enough to repeat each."""
    return [
        asdict(one) | {"line": asdict(troubled(one.seed).direction), "wrong": one.wrong}
        for one in outcomes
    ]


def _share(seeds: range, done: Callable[[Outcome], None]) -> list[Outcome]:
    found = []
    with ends() as line:
        for seed in seeds:
            case, way = troubled(seed), WAYS[seed % 2]
            line.set_line(case.direction, case.direction)
            true = ip_kbit_s(case.direction)
            verdict = line.train(way, case.expected * true, None).verdict
            if verdict is None:
                raise RuntimeError("an idle line has a train")
            error = None if verdict.kbit_s is None else verdict.kbit_s / true - 1
            doubt = verdict.doubt.value if verdict.doubt else None
            found.append(Outcome(seed, way, case.direction.kbit_s or 0.0, error, doubt))
            done(found[-1])
    return found
