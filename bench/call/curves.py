"""The course of the calls on one line as an SVG: rate, latency, queue, pictures a second. Pure.

A plotting library would be a large dependency for four plots, and could not follow the reader's
dark mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bench.call.figures import DIRECTIONS, Measured
from bench.call.goals import PEER
from bench.call.measure import middle
from bench.lines import Scenario

_WIDE, _HIGH = 360, 110
_LEFT, _TOP, _GAP_X, _GAP_Y = 56, 64, 70, 44
_STYLE = """
  svg { color: #16191b; background: #fff; font: 12px sans-serif; }
  .kiosk { stroke: #b45f00; } .peer { stroke: #1f5fa8; stroke-dasharray: 5 3; }
  .curve { fill: none; stroke-width: 2; } .axis { stroke: currentColor; stroke-opacity: .35; }
  .event { fill: currentColor; fill-opacity: .1; } text { fill: currentColor; }
  @media (prefers-color-scheme: dark) {
    svg { color: #f2f2ee; background: #16191b; }
    .kiosk { stroke: #ffb454; } .peer { stroke: #7db7ff; }
  }
"""
_WAYS = {"up": "kiosk sends, office shows", "down": "office sends, kiosk shows"}


def draw(calls: Sequence[Measured], scenario: Scenario) -> str:
    """The SVG of one line that has a call; each curve is the median over them, second by second."""
    those = [one for one in calls if one.scenario == scenario.name and not one.failed]
    plots = list(those[0].course["up"])
    width = _LEFT + 2 * _WIDE + _GAP_X + 16
    height = _TOP + len(plots) * (_HIGH + _GAP_Y)
    title = f"{scenario.name}: {scenario.what}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text x="{_LEFT}" y="20" font-size="15" font-weight="bold">{escape(title)}</text>',
        *_legend(width),
    ]
    for column, way in enumerate(DIRECTIONS):
        x = _LEFT + column * (_WIDE + _GAP_X)
        parts.append(f'<text x="{x}" y="44" font-weight="bold">{_WAYS[way]}</text>')
        for row, plot in enumerate(plots):
            curves = {
                kind: _median([one.course[way][plot] for one in those if one.kind == kind])
                for kind in ("kiosk", PEER)
            }
            y = _TOP + row * (_HIGH + _GAP_Y)
            parts += _plot(x, y, plot, curves, scenario)
    return "\n".join([*parts, "</svg>\n"])


def _legend(width: int) -> list[str]:
    parts = []
    for index, (kind, css) in enumerate((("kiosk", "kiosk"), (PEER, "peer"))):
        x = width - 210 + index * 95
        parts.append(f'<path class="curve {css}" d="M{x} 16h22"/>')
        parts.append(f'<text x="{x + 28}" y="20">{kind}</text>')
    return parts


def _plot(
    x: int, y: int, name: str, curves: dict[str, list[float | None]], scenario: Scenario
) -> list[str]:
    seconds = max((len(curve) for curve in curves.values()), default=0)
    values = [value for curve in curves.values() for value in curve if value is not None]
    top = _round_up(max(values, default=1.0))
    across, down = _WIDE / max(1, seconds - 1), _HIGH / top
    parts = [
        f'<text x="{x}" y="{y + 8}">{escape(name)}</text>',
        f'<path class="axis" fill="none" d="M{x} {y + 14}V{y + 14 + _HIGH}H{x + _WIDE}"/>',
        *_events(x, y + 14, across, scenario),
        f'<text x="{x - 6}" y="{y + 22}" text-anchor="end">{top:g}</text>',
        f'<text x="{x - 6}" y="{y + 14 + _HIGH}" text-anchor="end">0</text>',
        f'<text x="{x + _WIDE}" y="{y + 27 + _HIGH}" text-anchor="end">{seconds} s</text>',
    ]
    for kind, css in (("kiosk", "kiosk"), (PEER, "peer")):
        path, pen = "", "M"
        for second, value in enumerate(curves[kind]):
            if value is None:
                pen = "M"
                continue
            path += f"{pen}{x + second * across:.1f} {y + 14 + _HIGH - value * down:.1f}"
            pen = "L"
        parts.append(f'<path class="curve {css}" d="{path}"/>')
    return parts


def _events(x: int, y: int, across: float, scenario: Scenario) -> list[str]:
    span = scenario.cut_s or scenario.upload_s
    if scenario.step_s is not None and scenario.seconds is not None:
        span = scenario.step_s, scenario.seconds - 1
    if span is None:
        return []
    left, wide = x + span[0] * across, (span[1] - span[0]) * across
    return [
        f'<rect class="event" x="{left:.1f}" y="{y}" width="{wide:.1f}" height="{_HIGH}"/>',
    ]


def _median(courses: Sequence[Sequence[float | None]]) -> list[float | None]:
    longest = max((len(course) for course in courses), default=0)
    return [
        middle([course[second] for course in courses if second < len(course)])
        for second in range(longest)
    ]


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    step = 1.0
    while step < value:
        for factor in (1, 2, 5, 10):
            if step * factor >= value:
                return step * factor
        step *= 10
    return step
