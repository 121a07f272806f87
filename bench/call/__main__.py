"""`python -m bench.call FILE FOLDER`: a run's curves and tables anew, from its JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench.call.left import leave_curves, leave_page
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
    run: Run = arguments.run
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for line in run.lines:
        leave_curves(run.calls, line, arguments.folder)
    leave_page(run, arguments.folder)
    return 0


def _run(text: str) -> Run:
    try:
        return run_told(json.loads(Path(text).read_text("utf-8")))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise argparse.ArgumentTypeError(f"{text} is nothing that `bench call` left") from None


if __name__ == "__main__":
    sys.exit(main())
