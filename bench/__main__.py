"""`python -m bench [NAME...]`: run the benchmarks, print the table, write the JSON."""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
import time
from pathlib import Path

from rich.console import Console

from bench import call_options, line_capacity_options, line_results_options
from bench.linelab.tun import obstacle
from bench.results import OUT, Result, show

BENCHES = {
    "call": "a call on each access line, beside Chromium in the kiosk's place (needs root, 1 h)",
    "admit": "from the agent's press to the first pictures, beside Chromium to Chromium",
    "cuts": "cuts in mid-call at either end: until both say so, until media is back (needs root)",
    "codecs": "AV1 beside VP8 and H.264 at the rates of thin lines: looks, pictures a second, cost",
    "far_picture": "the far picture, from received to shown by the page that decodes, and its cost",
    "kiosk": "the kiosk from start to ready, and what it costs while nobody is there",
    "search": "free slots within 30 km, and of 15 rooms together, among 500,000 bookings",
    "week": "the planning of a venue's week over HTTP, among 500,000 bookings",
    "line_results": "results of 300 kiosks kept and read beside a year of 300 lines (10 min, 6 GB)",
    "line_capacity": "what trains find of a line beside iperf3 and NDT7 (needs root, 20 min)",
    "line": "the emulated access line at 18 Mbit/s: rate, lateness, cost (needs root)",
}
"""Each a module of this package with `run(arguments) -> Result`."""
ON_A_LINE = frozenset({"call", "cuts", "line_capacity", "line"})
"""Those behind an emulated line."""
IN_CHROMIUM = frozenset({"call", "admit", "cuts", "far_picture", "kiosk"})
"""Those whose pages are opened in it."""
DRAWN = frozenset({"call"})
"""Those that `draw(file, folder)` from their JSON; anew: `python -m bench.NAME FILE FOLDER`."""


def main() -> int:
    """Status 1 when a figure is above its limit, or could not be taken, kept or drawn."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--list", action="store_true", help="only say what there is")
    call_options.add_to(parser)
    line_capacity_options.add_to(parser)
    line_results_options.add_to(parser)
    arguments = parser.parse_args()
    # a pipe or a log has no width of its own
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
    if arguments.list:
        for name, what in BENCHES.items():
            console.print(f"{name:14} {what}")
        return 0
    if unknown := set(arguments.names) - set(BENCHES):
        parser.error(f"no benchmark named {min(unknown)}; there are: {', '.join(BENCHES)}")
    results: list[Result] = []
    failed: list[str] = []
    for name in arguments.names or BENCHES:
        if why := _obstacle(name):
            failed.append(f"not measured: {name}")
            console.print(f"{name}: {why}")
            continue
        console.print(f"{name}: {BENCHES[name]} ...")
        began = time.monotonic()
        try:
            result: Result = importlib.import_module(f"bench.{name}").run(arguments)
        except Exception:  # noqa: BLE001 - the other benchmarks are wanted all the same
            failed.append(f"not measured: {name}")
            console.print_exception()
            continue
        results.append(result)
        console.print(f"{name}: {time.monotonic() - began:.0f} s")
        if lacks := _leave(result, arguments.draw or OUT, console):
            failed.append(lacks)
    show(results, console)
    missed = [figure for result in results for figure in result.figures if not figure.holds]
    for what in failed:
        console.print(what)
    goals = sum(bool(figure.limit) for result in results for figure in result.figures)
    console.print(f"goals met: {goals - len(missed)} of {goals}; load {os.getloadavg()[0]:.1f}")
    return 1 if missed or failed else 0


def _obstacle(name: str) -> str:
    """Why it cannot be measured here, and what to do about it; empty where it can."""
    why = obstacle() if name in ON_A_LINE else ""
    if not why and name in IN_CHROMIUM and shutil.which("chromium") is None:
        return "Chromium is missing: make system-packages build"
    return why


def _leave(result: Result, folder: Path, console: Console) -> str:
    """Write the JSON, then draw from it: no fault while drawing costs what was measured.

    Gives what could not be left, in words; empty where all is there.
    """
    name = result.bench
    try:
        file = result.write(OUT)
    except OSError as error:
        console.print(f"{name}: {error.filename}: {error.strerror}", soft_wrap=True)
        return f"not kept: {name}"
    if name in DRAWN:
        try:
            importlib.import_module(f"bench.{name}").draw(file, folder)
        except Exception:  # noqa: BLE001 - drawn anew once it is mended
            console.print_exception()
            console.print(
                f"{name}: all that was measured is in {file}. Once that is mended, it is drawn by\n"
                f"    python -m bench.{name} {file} {folder}",
                soft_wrap=True,
            )
            return f"not drawn: {name}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
