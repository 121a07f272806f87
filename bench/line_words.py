"""A line of one's own for `python -m bench call`, in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite

from bench.lines import (
    MOST_HELD_S,
    SCENARIOS,
    SETTLED_S,
    Scenario,
    cut_between,
    falls_to,
    line,
    with_upload,
)

EXAMPLE = "village:up=700,down=3000,delay=25,jitter=5,loss=0.5,buffer=48000,cells,cut=15-25"
WORDS = (
    "NAME:up=KBIT,down=KBIT, then as wanted delay=MS (one way), jitter=MS, loss=PERCENT, "
    "burst=PACKETS (lost in a row, on average), buffer=OCTETS, cells (rates are of ATM cells), "
    "reorder (jitter changes the order), and one of cut=S-S, step=S:KBIT (the uplink falls), "
    "upload=S-S"
)
_NUMBERS = {
    "up": (16.0, 100_000.0), "down": (16.0, 100_000.0), "delay": (0.0, 5000.0),
    "jitter": (0.0, 5000.0), "loss": (0.0, 90.0), "burst": (1.0, 1000.0),
    "buffer": (1500.0, 10_000_000.0),
}  # fmt: skip
"""Least and most of each."""
_FLAGS = frozenset({"cells", "reorder"})
_EVENTS = {"cut": "-", "step": ":", "upload": "-"}
"""What stands between the two numbers of each."""
_LATEST_S = 600.0
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")


def line_in_words(text: str) -> Scenario:
    """The line, under its own name. ValueError says in a sentence what is wrong."""
    name, _, words = text.partition(":")
    if not _NAME.fullmatch(name):
        raise ValueError(f"a name in small letters comes first, as in {EXAMPLE}")
    if name in SCENARIOS:
        raise ValueError(f"{name} is the name of a line in the list; choose another")
    given = _given(words)
    if missing := {"up", "down"} - set(given):
        raise ValueError(f"{max(missing)}=KBIT is missing, as in {EXAMPLE}")
    numbers = {"delay": 20.0, "jitter": 0.0, "loss": 0.0, "burst": 1.0, "buffer": 64_000.0} | {
        key: _number(key, given[key], *_NUMBERS[key]) for key in _NUMBERS if key in given
    }
    _check_burst(numbers["loss"] / 100, numbers["burst"])
    profile = line(
        numbers["up"], numbers["down"], numbers["delay"], numbers["jitter"], numbers["loss"],
        int(numbers["buffer"]), burst=numbers["burst"],
        cells="cells" in given, reorder="reorder" in given,
    )  # fmt: skip
    one = _eventful(Scenario(name, words.replace(",", ", "), profile), given)
    if one.held_s > MOST_HELD_S:
        raise ValueError(
            f"a packet may be {one.held_s:.1f} s under way; late pictures are told from early ones "
            f"up to {MOST_HELD_S:g} s only: give a smaller buffer= or delay="
        )
    return one


def _check_burst(lost: float, burst: float) -> None:
    """`lost`, of 1, may come in so long bursts only."""
    if burst == 1:
        return
    if not lost:
        raise ValueError("burst: nothing is lost; loss=PERCENT is missing")
    if burst < (least := round(lost / (1 - lost), 3)):
        raise ValueError(f"burst: {lost * 100:g} % of loss come in bursts of {least:g} at least")


def _given(words: str) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for word in words.split(","):
        key, equals, value = word.partition("=")
        if key not in (*_NUMBERS, *_FLAGS, *_EVENTS):
            known = ", ".join((*_NUMBERS, *sorted(_FLAGS), *_EVENTS))
            raise ValueError(f"{key or 'nothing'} is no word for a line; there are: {known}")
        if key in given:
            raise ValueError(f"{key} stands there twice")
        if bool(equals) is (key in _FLAGS):
            raise ValueError(f"{key} takes no value" if equals else f"{key} needs a value")
        given[key] = value
    if len(events := [key for key in _EVENTS if key in given]) > 1:
        raise ValueError(f"one event for each line: {' or '.join(events)}")
    return given


def _eventful(calm: Scenario, given: Mapping[str, str]) -> Scenario:
    for key, mark in _EVENTS.items():
        if key not in given:
            continue
        first, _, second = given[key].partition(mark)
        at = _number(key, first, SETTLED_S, _LATEST_S)
        if key == "step":
            return falls_to(calm, at, _number(key, second, *_NUMBERS["up"]))
        # a second at least, or there is nothing to measure
        end = _number(key, second, at + 1, _LATEST_S)
        return cut_between(calm, at, end) if key == "cut" else with_upload(calm, at, end)
    return calm


def _number(key: str, text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{key}: {text or 'nothing'} is no number") from None
    if not isfinite(value) or not least <= value <= most:
        raise ValueError(f"{key}: from {least:g} to {most:g}, not {text}")
    return value
