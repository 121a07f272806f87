"""SSIM by rate as an SVG, a curve for each codec, beside what is asked of calls. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil, floor

from bench import svg
from bench.call.goals import GOALS
from bench.lines import SCENARIOS

_TOP, _WIDE, _HIGH, _BESIDE = 60, 480, 280, 170
_EACH_KBIT, _EACH_SSIM = 50, 0.02
_STYLES = "one", "two", "three"
_ASKED = {
    goal.at_least: ", ".join(name for name, line in SCENARIOS.items() if goal.on(line))
    for goal in GOALS
    if goal.figure == "SSIM" and goal.at_least is not None
}
"""Where SSIM has a bound of its own: of which lines."""
Place = Callable[[float, float], tuple[float, float]]


def draw(curves: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """The SVG; points are (kbit/s that the encoder took, SSIM), by the codec's name."""
    points = [point for each in curves.values() for point in each]
    scores = [*_ASKED, *(score for _, score in points)]
    right = ceil(max(kbit for kbit, _ in points) / _EACH_KBIT)
    low, high = floor(min(scores) / _EACH_SSIM), ceil(max(scores) / _EACH_SSIM)

    def place(kbit: float, score: float) -> tuple[float, float]:
        share = (score / _EACH_SSIM - low) / (high - low)
        return svg.LEFT + kbit / _EACH_KBIT / right * _WIDE, _TOP + (1 - share) * _HIGH

    styled = dict(zip(_STYLES, curves, strict=False))
    parts = [
        *svg.legend(42, styled),
        *_rates(place, range(right + 1), low * _EACH_SSIM),
        *_scores(place, range(low, high + 1)),
        *_asked(place),
        *(
            svg.curve(style, [place(*one) for one in curves[name]])
            for style, name in styled.items()
        ),
    ]
    title = "SSIM of the clip by what its encoder took"
    return svg.picture(svg.LEFT + _WIDE + _BESIDE, _TOP + _HIGH + 32, title, parts)


def _rates(place: Place, ticks: Sequence[int], lowest: float) -> Iterator[str]:
    for tick in ticks:
        x, y = place(tick * _EACH_KBIT, lowest)
        unit = " kbit/s" if tick == ticks[-1] else ""
        yield svg.line(x, y, "v4", "axis")
        yield svg.label(x, y + 17, f"{tick * _EACH_KBIT}{unit}", "below")


def _scores(place: Place, ticks: Sequence[int]) -> Iterator[str]:
    for tick in ticks:
        x, y = place(0, tick * _EACH_SSIM)
        yield svg.line(x, y, f"h{_WIDE}", "grid")
        yield svg.label(x - 6, y + 4, f"{tick * _EACH_SSIM:.2f}", "before")


def _asked(place: Place) -> Iterator[str]:
    for score, lines in _ASKED.items():
        x, y = place(0, score)
        yield svg.line(x, y, f"h{_WIDE}", "axis")
        yield svg.label(x + _WIDE + 6, y + 4, f"{score:g} asked of {lines}")
