"""Options of `python -m bench call`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from bench.lines import SCENARIOS

PAIRS = 3
SECONDS = 30.0


def add_to(parser: argparse.ArgumentParser) -> None:
    """All of them, in a group of their own."""
    group = parser.add_argument_group("call")
    group.add_argument(
        "--lines", type=_lines, default=tuple(SCENARIOS), metavar="NAME,NAME",
        help="of: " + ", ".join(SCENARIOS),
    )  # fmt: skip
    group.add_argument(
        "--pairs", type=_at_least(int, 1), default=PAIRS,
        help="calls of the kiosk and of Chromium on each line, in turn (%(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--seconds", type=_at_least(float, 12), default=SECONDS,
        help="length of a call where nothing happens to the line (%(default)s)",
    )  # fmt: skip
    group.add_argument("--clip", type=Path, help="any film of a face, instead of the default")
    group.add_argument(
        "--draw", type=Path, metavar="FOLDER",
        help="draw the curves of each line there as SVG (bench/out)",
    )  # fmt: skip


def _lines(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(SCENARIOS):
        raise argparse.ArgumentTypeError(f"no line {min(unknown)}; of: {', '.join(SCENARIOS)}")
    return names


def _at_least(kind: type[int | float], least: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = kind(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"at least {least}")
        return value

    return read
