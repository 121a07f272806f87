"""Options of `python -m bench line_results`."""

from __future__ import annotations

import argparse

LINES = 300


def add_to(parser: argparse.ArgumentParser) -> None:
    """All of them, in a group of their own."""
    group = parser.add_argument_group("line_results")
    group.add_argument(
        "--year-lines", type=_at_least_one, default=LINES, metavar="N",
        help="lines with a year of figures, each with a kiosk that tells (%(default)s)",
    )  # fmt: skip


def _at_least_one(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value
