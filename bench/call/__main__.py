"""`python -m bench.call FILE FOLDER`: a run's curves and tables anew, from its JSON."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.call.left import leave
from bench.call.told import Run, run_told
from bench.call_options import folder


def main() -> int:
    """Draw; nothing is measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.call", description=__doc__)
    parser.add_argument("run", type=_run, metavar="FILE", help="bench/out/call.json")
    parser.add_argument(
        "folder", type=folder, metavar="FOLDER",
        help="call-LINE.svg and call.md are written anew there",
    )  # fmt: skip
    arguments = parser.parse_args()
    try:
        leave(arguments.run, arguments.folder)
    except OSError as error:
        parser.error(f"{error.filename or arguments.folder}: {error.strerror}")
    return 0


def _run(text: str) -> Run:
    try:
        return run_told(Path(text).read_bytes())
    except OSError as error:
        why = f"{text}: {error.strerror}"
    except ValueError as error:
        why = f"{text} is no run of calls ({error})"
    raise argparse.ArgumentTypeError(f"{why}; `python -m bench call` leaves bench/out/call.json")


if __name__ == "__main__":
    sys.exit(main())
