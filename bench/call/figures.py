"""One call's figures, and its course second by second, from what both ends noted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any, Literal

import numpy as np

from bench.call import sound
from bench.call.clip import RATE, Clip
from bench.call.course import Ages, Course, course
from bench.call.measure import (
    Shown,
    Window,
    first_after,
    frames_per_second,
    frozen_share,
    latencies,
    new_pictures,
    settled_after,
)
from bench.call.noted import Noted, sound_totals
from bench.call.ssim import ssim
from bench.call.take import LineSample, Taken
from bench.lines import SETTLED_S
from bench.results import percentile

Direction = Literal["up", "down"]
DIRECTIONS: tuple[Direction, ...] = ("up", "down")
"""up: the kiosk's side sends, the office shows; down: the other way."""
BACK_BELOW_S = 0.4
"""After a rate step latency is back when it stays below this."""
LONG_GAP_S = 0.4
LAST_S = 5.0
"""A call that brings no new picture, or little sound, in its last seconds is dead."""

AT_ONCE = "frozen between the event and the window, s"
AV1_SHARE = "received as AV1, %"
STAYS_UP = "new pictures and sound in the last 5 s"
"""1 or 0."""

Figures = dict[str, float | None]


@dataclass
class Measured:
    """One call in figures."""

    scenario: str
    kind: str
    figures: dict[Direction, Figures]
    """None: it never came. Empty for a call that could not be measured."""
    course: dict[Direction, Course] = field(default_factory=dict)
    cpu: Mapping[str, float] = field(default_factory=dict)
    failed: str = ""
    """Why it could not be measured to its end."""

    @property
    def held(self) -> bool:
        """Picture and sound still came both ways when it was hung up."""
        return not self.failed and all(self.figures[way].get(STAYS_UP) for way in DIRECTIONS)


def failure(scenario: str, kind: str, error: Exception) -> Measured:
    """A call that could not be measured: in it nothing ever came."""
    why = f"{type(error).__name__}: {error}".partition("\n")[0]
    return Measured(scenario, kind, {way: {} for way in DIRECTIONS}, failed=why)


def measure(taken: Taken, clip: Clip, source: sound.Source) -> Measured:
    """Both directions of a call."""
    start, end = taken.scenario.window_s or (SETTLED_S, taken.ended - taken.pressed)
    window = Window(taken.pressed + start, min(taken.pressed + end, taken.ended))
    whole = Window(taken.pressed, taken.ended)
    sides = {"up": (taken.venue, taken.office), "down": (taken.office, taken.venue)}
    figures: dict[Direction, Figures] = {}
    courses: dict[Direction, Course] = {}
    for way in DIRECTIONS:
        sends, receives = sides[way]
        ages = sound.latencies(receives.heard, sends.microphone, source, whole)
        figures[way] = {
            **_picture(taken, sends, receives, window, clip),
            **_sound(taken, receives, window, ages),
            STAYS_UP: float(_stays_up(receives, Window(taken.ended - LAST_S, taken.ended))),
            **_line(taken.line, way, window),
            AV1_SHARE: _av1_percent(receives.stats),
            **(_cost(taken) if way == "up" else {}),
        }
        courses[way] = course(taken, sends, receives, way, ages)
    return Measured(taken.scenario.name, taken.kind, figures, courses, taken.cpu)


def _cost(taken: Taken) -> Figures:
    seconds = taken.ended - taken.pressed
    return {
        "CPU, share of a core": sum(taken.cpu.values()) / seconds,
        "of it the kiosk's agent, share of a core": taken.cpu.get("kiosk", 0.0) / seconds,
        "machine idle, %": taken.idle * 100,
    }


def _picture(taken: Taken, sends: Noted, receives: Noted, window: Window, clip: Clip) -> Figures:
    shown = receives.shown
    delays = latencies(shown, sends.camera, window, RATE)
    values = [delay for _, delay in delays]
    widths = [one.width for one in shown if one.at in window]
    scores = [ssim(clip.luma(number), luma) for at, number, luma in receives.stills if at in window]
    first = receives.first_picture
    figures: Figures = {
        "first picture, ms": None if first is None else (first - taken.pressed) * 1000,
        "latency p50, ms": _ms(_share(values, 0.5)),
        "latency p95, ms": _ms(_share(values, 0.95)),
        "pictures/s": frames_per_second(shown, sends.camera, window, RATE),
        "frozen, %": frozen_share(shown, window) * 100,
        "SSIM": float(np.mean(scores)) if scores else None,
        "picture's width, px": median(widths) if widths else None,
    }
    if taken.scenario.step_s is not None:
        since = taken.pressed + taken.scenario.step_s
        later = latencies(shown, sends.camera, Window(since, taken.ended), RATE)
        figures["latency back under 400 ms after, s"] = settled_after(later, since, BACK_BELOW_S)
        figures[AT_ONCE] = _frozen_s(shown, since, window.start)
    if taken.scenario.cut_s is not None:
        back = taken.pressed + taken.scenario.cut_s[1]
        fresh = [one.at for one in shown if one.number is not None]
        figures["picture back after, s"] = first_after(fresh, back)
        figures[AT_ONCE] = _frozen_s(shown, back, window.start)
    return figures


def _sound(taken: Taken, receives: Noted, window: Window, ages: Ages) -> Figures:
    """`ages` are those of the whole call."""
    inside = [age for at, age in ages if at in window]
    values = [age for age in inside if age is not None]
    quiet = sound.silences(receives.heard, window)
    silent = sum(seconds for _, seconds in quiet) / window.seconds * 100
    concealed = _concealed(receives.stats, window)
    figures: Figures = {
        "sound concealed or silent, %": None if concealed is None else max(silent, concealed),
        "sound silent, %": silent,
        "sound not recognised, %": 100 * sum(age is None for age in inside) / len(inside)
        if inside
        else None,
        "gaps over 400 ms a minute": sum(seconds > LONG_GAP_S for _, seconds in quiet)
        * 60
        / window.seconds,
        "longest gap, s": max((seconds for _, seconds in quiet), default=0.0),
        "mouth to ear p50, ms": _ms(_share(values, 0.5)),
        "mouth to ear p95, ms": _ms(_share(values, 0.95)),
    }
    if taken.scenario.cut_s is not None:
        back = taken.pressed + taken.scenario.cut_s[1]
        heard = [at for at, age in ages if at >= back and age is not None]
        figures["sound back after, s"] = first_after(heard, back)
    return figures


def _av1_percent(
    stats: Sequence[tuple[float, Sequence[Mapping[str, Any]]]],
) -> float | None:
    """Of the seconds in which a picture was received (webrtc-stats `codecId`); None: untold."""
    used = []
    for _, entries in stats:
        names = {one["id"]: one["mimeType"] for one in entries if one["type"] == "codec"}
        used += [
            names.get(one.get("codecId"), "").lower() == "video/av1"
            for one in entries
            if one["type"] == "inbound-rtp" and one.get("kind") == "video"
        ]
    return 100 * sum(used) / len(used) if used else None


def _stays_up(receives: Noted, last: Window) -> bool:
    silent_s = sum(seconds for _, seconds in sound.silences(receives.heard, last))
    return bool(new_pictures(receives.shown, last)) and silent_s < LAST_S / 2


def _line(line: Sequence[LineSample], way: Direction, window: Window) -> Figures:
    inside = [one for one in line if one.at in window]
    if len(inside) < 2:
        return {}
    octets = inside[-1].octets[way] - inside[0].octets[way]
    return {
        "on the line, kbit/s": octets * 8 / 1000 / (inside[-1].at - inside[0].at),
        "modem queue p50, ms": percentile([one.queue_ms[way] for one in inside], 0.5),
        "modem queue p95, ms": percentile([one.queue_ms[way] for one in inside], 0.95),
        "dropped by the modem": inside[-1].dropped[way] - inside[0].dropped[way],
    }


def _concealed(
    stats: Sequence[tuple[float, Sequence[Mapping[str, Any]]]], window: Window
) -> float | None:
    """Percent of samples that were concealed (webrtc-stats `concealedSamples`); None: untold."""
    totals = [one for one in sound_totals(stats) if one.at in window]
    if len(totals) < 2:
        return None
    # another connection counts anew
    played = sum(max(0, b.played - a.played) for a, b in pairwise(totals))
    made_up = sum(max(0, b.concealed - a.concealed) for a, b in pairwise(totals))
    return 100 * made_up / played if played else None


def _frozen_s(shown: Sequence[Shown], start: float, end: float) -> float:
    stretch = Window(start, end)
    return frozen_share(shown, stretch) * stretch.seconds


def _share(values: list[float], share: float) -> float | None:
    return percentile(values, share) if values else None


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
