"""What the kiosk finds of a line's capacity, beside TCP and NDT7, on the emulated access line.

`idle.py` measures lines that nobody uses, `in_call.py` lines with a call on them, `adverse.py`
lines with everything that spoils a measurement; `ends.py` holds the two ends, of which
`hub_end.py` and `venue_end.py` run the hub's and the kiosk's own code. Needs root and iperf3.
"""

from __future__ import annotations

import signal
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.line_capacity import adverse, idle, in_call
from bench.line_capacity.ends import Ends, ends
from bench.line_capacity.idle import IdleLine
from bench.line_capacity.in_call import LineInCall
from bench.line_capacity.peers import needed
from bench.line_capacity.troubles import RATES_KBIT_S
from bench.results import Figure, Result
from visiohub.linkquality.train import MOST_OCTETS

IDLE_PERCENT, CALL_PERCENT, CALL_MS = 2.0, 5.0, 20.0


def run(arguments: Namespace) -> Result:
    """The parts asked for; tables on the way."""
    console = Console(highlight=False, width=150)
    # ended from outside, hosts and programs go too
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    figures: list[Figure] = []
    raw: dict[str, Any] = {}
    if "idle" in arguments.parts:
        needed("iperf3")
        with ends() as line:
            idles = _idle(line, arguments.trains, console)
            raw["emulator"] = line.hosts.line.stats()["lateness"]
        console.print(_idle_table(idles))
        figures += _idle_figures(idles)
        figures.append(Figure("emulator's wake-ups later than 1 ms", _late(raw["emulator"]), "%"))
        raw["idle"] = [asdict(one) for one in idles]
    if "call" in arguments.parts:
        with ends() as line:
            calls = [
                one
                for kbit_s in in_call.RATES_KBIT_S
                for one in in_call.measured(line, kbit_s, arguments.trains)
            ]
        console.print(_call_table(calls))
        figures += _call_figures(calls)
        raw["call"] = [asdict(one) for one in calls]
    if "troubled" in arguments.parts:
        seeds = range(arguments.first_seed, arguments.first_seed + arguments.troubled)
        outcomes = adverse.measured(seeds, lambda one: _tell(console, one))
        figures += _troubled_figures(outcomes)
        raw["troubled"] = adverse.raw(outcomes)
        raw["doubts"] = dict(Counter(one.doubt or "none" for one in outcomes))
    return Result("line_capacity", tuple(figures), raw)


def _idle(line: Ends, trains: int, console: Console) -> list[IdleLine]:
    def done(one: IdleLine) -> None:
        console.print(f"  {_name(one)}: {_percent(one.p95)} (p95), {max(one.octets)} octets")

    return [one for kbit_s in RATES_KBIT_S for one in idle.measured(line, kbit_s, trains, done)]


def _idle_table(lines: list[IdleLine]) -> Table:
    table = Table(
        "idle line", "error p50", "p95", "virtual p95", "known", "kB",
        "iperf3 10 s", "kB", "NDT7 10 s", "kB both ways",
    )  # fmt: skip
    for one in lines:
        known = f"{len(one.errors)} of {len(one.errors) + one.unknown}"
        table.add_row(
            _name(one), _percent(one.median), _percent(one.p95), _percent(one.model_p95), known,
            f"{max(one.octets) / 1000:.1f}", _percent(one.tcp_error),
            f"{one.tcp.octets / 1000:.0f}", _percent(one.ndt7_error),
            f"{one.ndt7_octets / 1000:.0f}",
        )  # fmt: skip
    return table


def _idle_figures(lines: list[IdleLine]) -> Iterator[Figure]:
    for one in lines:
        error = None if one.p95 is None else 100 * one.p95
        yield Figure(
            f"idle {_name(one)}: error p95", error, "%", at_most=IDLE_PERCENT,
            peer="iperf3, 10 s", peers=100 * one.tcp_error,
        )  # fmt: skip
        yield Figure(
            f"idle {_name(one)}: cost at most", max(one.octets) / 1000, "kB",
            at_most=MOST_OCTETS / 1000, peer="iperf3, 10 s", peers=one.tcp.octets / 1000,
        )  # fmt: skip
        yield Figure(
            f"idle {_name(one)}: a long train, once a week",
            max(one.long_octets, default=0) / 1000, "kB",
        )  # fmt: skip
    trains = sum(len(one.errors) + one.unknown for one in lines)
    known = 100 * sum(len(one.errors) for one in lines) / trains
    yield Figure("idle trains with a number", known, "%")


def _call_table(lines: list[LineInCall]) -> Table:
    table = Table("line with a call", "error p95", "known", "added to its p95", "worst packet")
    for one in lines:
        known = f"{len(one.errors)} of {len(one.errors) + one.unknown}"
        added, most = f"{one.added_p95_ms:.1f} ms", f"+{one.added_most_ms:.1f} ms"
        table.add_row(_name(one), _percent(one.p95), known, added, most)
    return table


def _call_figures(lines: list[LineInCall]) -> Iterator[Figure]:
    for one in lines:
        error = None if one.p95 is None else 100 * one.p95
        name = f"call {_name(one)}"
        yield Figure(f"{name}: error p95", error, "%", at_most=CALL_PERCENT)
        yield Figure(f"{name}: added to its delay, p95", one.added_p95_ms, "ms", at_most=CALL_MS)


def _troubled_figures(outcomes: list[adverse.Outcome]) -> Iterator[Figure]:
    wrong = sum(one.wrong for one in outcomes)
    name = f"wrong but confident of {len(outcomes)} troubled lines"
    yield Figure(name, wrong, "", at_most=0)
    known = [abs(one.error) for one in outcomes if one.error is not None]
    yield Figure("of them with a number", 100 * len(known) / len(outcomes), "%")
    long = sum(one.long for one in outcomes)
    yield Figure("of them with a long train", 100 * long / len(outcomes), "%")
    if known:
        yield Figure("their widest error", 100 * max(known), "%")


def _tell(console: Console, one: adverse.Outcome) -> None:
    if one.wrong:
        console.print(
            f"  wrong: seed {one.seed}, {one.kbit_s:g} kbit/s {one.way}: {one.error:+.1%}"
        )


def _late(lateness: dict[str, int]) -> float:
    late = sum(lateness[label] for label in ("<=2000 us", "<=5000 us", "<=20000 us", ">20000 us"))
    return 100 * late / max(1, sum(lateness.values()))


def _name(one: IdleLine | LineInCall) -> str:
    rate = f"{one.kbit_s:g} kbit/s" if one.kbit_s < 1000 else f"{one.kbit_s / 1000:g} Mbit/s"
    return f"{rate} {one.way}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"
