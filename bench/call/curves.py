"""The course of the calls on one line as an SVG: each figure second by second. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench import svg
from bench.call.figures import DIRECTIONS, Measured
from bench.call.goals import PEER
from bench.call.measure import middle
from bench.lines import Scenario

_WIDE, _HIGH = 360, 110
_TOP, _GAP_X, _GAP_Y = 88, 70, 44
_TOPS = 1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10
"""Round numbers whose half is one, too, times a power of ten."""
_TICKS = 6
"""About so many along the time."""
_WAYS = {"up": "kiosk sends, office shows", "down": "office sends, kiosk shows"}
_KINDS = {"one": "kiosk", "two": PEER}


def measured_on(calls: Sequence[Measured], scenario: Scenario) -> list[Measured]:
    """The calls of one line that could be measured."""
    return [one for one in calls if one.scenario == scenario.name and not one.failed]


def draw(calls: Sequence[Measured], scenario: Scenario) -> str:
    """The SVG of one line that has a call; each curve is the median over them, second by second."""
    those = measured_on(calls, scenario)
    parts = [*svg.legend(42, _KINDS)]
    rows = 0
    for column, way in enumerate(DIRECTIONS):
        x = svg.LEFT + column * (_WIDE + _GAP_X)
        parts.append(svg.label(x, 68, _WAYS[way], "head"))
        plots = list(those[0].course[way])
        rows = max(rows, len(plots))
        for row, plot in enumerate(plots):
            curves = {
                style: _median([one.course[way][plot] for one in those if one.kind == kind])
                for style, kind in _KINDS.items()
            }
            y = _TOP + row * (_HIGH + _GAP_Y)
            parts += _plot(x, y, plot, curves, scenario)
    width = svg.LEFT + 2 * _WIDE + _GAP_X + 16
    height = _TOP + rows * (_HIGH + _GAP_Y)
    return svg.picture(width, height, f"{scenario.name}: {scenario.what}", parts)


def _plot(
    x: int, y: int, name: str, curves: dict[str, list[float | None]], scenario: Scenario
) -> Iterator[str]:
    seconds = max(1, *(len(each) for each in curves.values()))
    values = [value for each in curves.values() for value in each if value is not None]
    most = svg.round_up(max(values, default=1.0), _TOPS)
    across, down = _WIDE / seconds, _HIGH / most
    top, bottom = y + 14, y + 14 + _HIGH
    yield svg.label(x, y + 8, name)
    yield from _events(x, top, across, scenario)
    for value in (most, most / 2, 0):
        level = bottom - value * down
        yield svg.line(x, level, f"h{_WIDE}", "grid")
        yield svg.label(x - 6, level + 4, f"{value:g}", "before")
    every = int(svg.round_up(seconds / _TICKS))
    for second in range(0, seconds + 1, every):
        unit = " s" if second + every > seconds else ""
        yield svg.line(x + second * across, bottom, "v4", "axis")
        yield svg.label(x + second * across, bottom + 16, f"{second}{unit}", "below")
    yield svg.line(x, top, f"V{bottom}h{_WIDE}", "axis")
    for style, each in curves.items():
        yield svg.curve(
            style,
            [
                None if value is None else (x + (second + 0.5) * across, bottom - value * down)
                for second, value in enumerate(each)
            ],
        )


def _events(x: int, y: int, across: float, scenario: Scenario) -> Iterator[str]:
    span = scenario.cut_s or scenario.upload_s
    if scenario.step_s is not None and scenario.seconds is not None:
        span = scenario.step_s, scenario.seconds
    if span is not None:
        left, wide = x + span[0] * across, (span[1] - span[0]) * across
        yield f'<rect class="event" x="{left:.1f}" y="{y}" width="{wide:.1f}" height="{_HIGH}"/>'


def _median(courses: Sequence[Sequence[float | None]]) -> list[float | None]:
    longest = max((len(course) for course in courses), default=0)
    return [
        middle([course[second] for course in courses if second < len(course)])
        for second in range(longest)
    ]
