"""Options of `python -m bench call`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from bench.film import FilmError, check
from bench.line_words import EXAMPLE, WORDS, line_in_words
from bench.lines import SCENARIOS, Scenario

PAIRS = 3
SECONDS = 30.0
_MOST_PAIRS, _MOST_SECONDS = 100, 3600


def add_to(parser: argparse.ArgumentParser) -> None:
    """All of them, in a group of their own."""
    group = parser.add_argument_group("call")
    group.add_argument(
        "--lines", type=_lines, default=(), metavar="NAME,NAME",
        help="of: " + ", ".join(SCENARIOS) + " (all, where no --line is given either)",
    )  # fmt: skip
    group.add_argument(
        "--line", action=_Another, type=_other_line, default=[], metavar="WORDS", dest="others",
        help=f"a line of your own, as often as wanted: {WORDS}; for instance {EXAMPLE}",
    )  # fmt: skip
    group.add_argument(
        "--pairs", type=_from_to(int, 1, _MOST_PAIRS), default=PAIRS,
        help="calls of the kiosk and of Chromium on each line, in turn (%(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--seconds", type=_from_to(float, 12, _MOST_SECONDS), default=SECONDS,
        help="length of a call where nothing happens to the line (%(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--clip", type=_film, metavar="FILM",
        help="any film of a face, 2 s at least, instead of the default",
    )  # fmt: skip
    group.add_argument(
        "--draw", type=folder, metavar="FOLDER",
        help="there call.md (goals, medians) and the curves, call-LINE.svg and codecs.svg, are "
        "written anew (bench/out)",
    )  # fmt: skip


def lines_asked(arguments: argparse.Namespace) -> Sequence[Scenario]:
    """In the order of the options; all of the list where none is named."""
    asked = [*(SCENARIOS[name] for name in arguments.lines), *arguments.others]
    return asked or list(SCENARIOS.values())


class _Another(argparse.Action):
    """One more line, of a name that no other has."""

    def __call__(
        self, _parser: Any, to: argparse.Namespace, line: Any, _option: Any = None
    ) -> None:
        if line.name in [one.name for one in to.others]:
            raise argparse.ArgumentError(self, f"two lines are named {line.name}")
        to.others = [*to.others, line]


def _lines(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    if unknown := set(names) - set(SCENARIOS):
        raise argparse.ArgumentTypeError(
            f"no line {min(unknown)}; of: {', '.join(SCENARIOS)}; one of your own is told by --line"
        )
    return names


def _other_line(text: str) -> Scenario:
    try:
        return line_in_words(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def folder(text: str) -> Path:
    """One that is there or can be made. Raises argparse.ArgumentTypeError."""
    if Path(text).exists() and not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder")
    return Path(text)


def _film(text: str) -> Path:
    try:
        check(Path(text))
    except FilmError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return Path(text)


def _from_to(kind: type[int | float], least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            whole = "whole " if kind is int else ""
            raise argparse.ArgumentTypeError(f"{text} is no {whole}number") from None
        if not isfinite(value) or not least <= value <= most:
            raise argparse.ArgumentTypeError(f"from {least} to {most}, not {text}")
        return value

    return read
