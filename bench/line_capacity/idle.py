"""Idle lines: trains as the kiosk sends them hour after hour, TCP and NDT7 beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import median

from bench.line_capacity import model, peers
from bench.line_capacity.ends import WAYS, Ends, WayName, ip_kbit_s
from bench.line_capacity.troubles import ordinary
from bench.linelab.profile import Direction
from bench.results import percentile
from kiosk.probes.schedule import TrainSchedule
from visiohub.linkquality.train import Train

SEED = 20_261_121


@dataclass(frozen=True)
class IdleLine:
    """One rate in one direction; errors are relative, without sign, of the line's rate of IP."""

    kbit_s: float
    way: WayName
    errors: list[float]
    unknown: int
    """Trains that said "inconclusive"."""
    octets: list[int]
    """Of each train in its direction, with what was said about it."""
    long_octets: list[int]
    """Of those that prove, once a week, that no faster link is measured."""
    model_errors: list[float]
    """Of the same trains in virtual time: what they differ by is the emulator's and the PC's."""
    tcp: peers.TcpTransfer
    ndt7_kbit_s: float | None
    ndt7_octets: int
    """Of both directions together, with the small requests beside them."""

    @property
    def median(self) -> float | None:
        """Of the errors; None where no train was conclusive."""
        return median(self.errors) if self.errors else None

    @property
    def p95(self) -> float | None:
        """Of the errors."""
        return percentile(self.errors, 0.95) if self.errors else None

    @property
    def model_p95(self) -> float | None:
        """In virtual time."""
        return percentile(self.model_errors, 0.95) if self.model_errors else None

    @property
    def tcp_error(self) -> float:
        """TCP's, of payload."""
        return abs(self.tcp.kbit_s / self.kbit_s - 1)

    @property
    def ndt7_error(self) -> float | None:
        """NDT7's, of payload; None: it counted nothing."""
        return None if self.ndt7_kbit_s is None else abs(self.ndt7_kbit_s / self.kbit_s - 1)


def measured(
    ends: Ends, kbit_s: float, trains: int, done: Callable[[IdleLine], None]
) -> list[IdleLine]:
    """Both directions of a line of this rate; `done` is told of each."""
    line = ordinary(kbit_s)
    ends.set_line(line, line)
    before = ends.carried()
    ndt7 = ends.ndt7(kbit_s)
    ndt7_octets = ends.carried() - before
    found = []
    for way in WAYS:
        errors, unknown, octets, long_octets = _trains(ends, way, line, trains)
        one = IdleLine(
            kbit_s,
            way,
            errors,
            unknown,
            octets,
            long_octets,
            _model(line, trains),
            peers.iperf3(ends, way),
            ndt7[way].kbit_s,
            ndt7_octets,
        )
        done(one)
        found.append(one)
    return found


def _trains(
    ends: Ends, way: WayName, line: Direction, trains: int
) -> tuple[list[float], int, list[int], list[int]]:
    true, errors, unknown = ip_kbit_s(line), [], 0
    octets: list[int] = []
    long_octets: list[int] = []
    schedule = _schedule(true)
    while len(octets) < trains:
        plan = _next(schedule)
        sent = ends.train(way, schedule.expected_kbit_s, schedule.burst_octets, long=plan.lead > 0)
        if sent.verdict is None:
            raise RuntimeError("an idle line has a train")
        (long_octets if plan.lead else octets).append(sent.octets)
        first = not long_octets
        told = schedule.judged(plan, sent.verdict, schedule.next_at)
        if told.kbit_s is not None:
            errors.append(abs(told.kbit_s / true - 1))
        elif not first:  # the first one's number is for the long one to prove
            unknown += 1
    return errors, unknown, octets, long_octets


def _model(line: Direction, trains: int) -> list[float]:
    true, errors = ip_kbit_s(line), []
    schedule = _schedule(true)
    for seed in range(trains + 1):
        plan = _next(schedule)
        verdict = model.judged(line, plan, seed, schedule.burst_octets)
        told = schedule.judged(plan, verdict, schedule.next_at)
        if told.kbit_s is not None:
            errors.append(abs(told.kbit_s / true - 1))
    return errors


def _schedule(true: float) -> TrainSchedule:
    """Of a kiosk on a new line."""
    return TrainSchedule(true, None, Random(SEED).random, 0.0)  # noqa: S311 - no secret


def _next(schedule: TrainSchedule) -> Train:
    plan = schedule.due(schedule.next_at, in_call=False)
    if plan is None:
        raise RuntimeError("an idle line has a train")
    return plan
