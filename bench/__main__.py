"""`python -m bench [NAME...]`: run the benchmarks, print the table, write the JSON."""

from __future__ import annotations

import argparse
import importlib
import sys

from rich.console import Console

from bench.results import Result, show

BENCHES = {
    "admit": "from the agent's press to the first pictures, beside Chromium to Chromium",
    "far_picture": "the far picture, from decoded to received by the screen's page",
    "kiosk": "the kiosk from start to ready, and what it costs while nobody is there",
    "line": "the emulated access line at 18 Mbit/s: rate, lateness, cost (needs root)",
}
"""Each a module of this package with `run() -> Result`."""


def main() -> int:
    """Status 1 when a figure is above its limit."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--list", action="store_true", help="only say what there is")
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
    for name in arguments.names or BENCHES:
        console.print(f"{name}: {BENCHES[name]} ...")
        result: Result = importlib.import_module(f"bench.{name}").run()
        result.write()
        results.append(result)
    show(results, console)
    return 0 if all(figure.holds for result in results for figure in result.figures) else 1


if __name__ == "__main__":
    sys.exit(main())
