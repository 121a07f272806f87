"""Options of `python -m bench line_capacity`."""

from __future__ import annotations

import argparse

PARTS = ("idle", "call", "troubled")
TRAINS = 10
TROUBLED = 40
SEED = 1


def add_to(parser: argparse.ArgumentParser) -> None:
    """All of them, in a group of their own."""
    group = parser.add_argument_group("line_capacity")
    group.add_argument(
        "--parts", type=_parts, default=PARTS, metavar="NAME,NAME", help="of: " + ", ".join(PARTS)
    )
    group.add_argument(
        "--trains", type=_at_least_one, default=TRAINS,
        help="on each line in each direction, idle and in a call (%(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--troubled", type=_at_least_one, default=TROUBLED,
        help="trains on lines with everything that spoils a measurement (%(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--first-seed", type=int, default=SEED, help="of these lines (%(default)s)"
    )  # fmt: skip


def _parts(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no part {min(unknown)}; of: {', '.join(PARTS)}")
    return names


def _at_least_one(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value
