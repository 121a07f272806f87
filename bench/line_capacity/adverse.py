"""Everything at once, with both processors loaded: how many results are wrong but confident."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from bench.line_capacity.ends import WAYS, WayName, both_processors_loaded, ends, ip_kbit_s
from bench.line_capacity.troubles import WRONG, troubled
from kiosk.probes.schedule import TrainSchedule

LINES_AT_ONCE = 4
"""Each with its own laboratory: trains on thin lines are mostly waited for."""


@dataclass(frozen=True)
class Outcome:
    """What a kiosk tells of one troubled line."""

    seed: int
    way: WayName
    kbit_s: float
    error: float | None
    """Relative, with its sign; None: inconclusive."""
    doubt: str | None
    long: bool
    """Behind a train whose number was not to be believed a long one was sent."""

    @property
    def wrong(self) -> bool:
        """A number, and off by more than 5 %."""
        return self.error is not None and abs(self.error) > WRONG


def measured(seeds: range, done: Callable[[Outcome], None]) -> list[Outcome]:
    """A train for each seed, upwards for odd ones, and on a fourth of the lines the long one that
    it asks for: it takes up to a minute. `done` is told of each."""
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
            chance = Random(seed)  # noqa: S311 - no secret
            schedule = TrainSchedule(case.expected * true, case.known_octets, chance.random, 0.0)
            long = False
            for _ in range(2 if seed // 2 % 4 == 0 else 1):
                plan = schedule.due(schedule.next_at, in_call=False)
                long = plan is not None and plan.lead > 0
                seen = line.train(way, schedule.expected_kbit_s, schedule.burst_octets, long=long)
                if plan is None or seen.verdict is None:
                    raise RuntimeError("an idle line has a train")
                verdict = schedule.judged(plan, seen.verdict, schedule.next_at)
                if verdict.kbit_s is not None:
                    break
            error = None if verdict.kbit_s is None else verdict.kbit_s / true - 1
            doubt = verdict.doubt.value if verdict.doubt else None
            found.append(Outcome(seed, way, case.direction.kbit_s or 0.0, error, doubt, long))
            done(found[-1])
    return found
