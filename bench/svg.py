"""What the benchmarks' pictures have in common: colours by day and by night, texts, curves. Pure.

A plotting library would be a large dependency for a few plots, and could not follow the reader's
dark mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

_STYLE = """
  svg { color: #16191b; background: #fff; font: 12px sans-serif; }
  .one { stroke: #b45f00; } .two { stroke: #1f5fa8; stroke-dasharray: 5 4; }
  .three { stroke: #4f6b16; stroke-dasharray: 1 5; }
  .curve { fill: none; stroke-width: 2; stroke-linecap: round; }
  .axis { fill: none; stroke: currentColor; stroke-opacity: .35; }
  .grid { fill: none; stroke: currentColor; stroke-opacity: .12; }
  .event { fill: currentColor; fill-opacity: .1; }
  text { fill: currentColor; } .title { font-size: 15px; } .title, .head { font-weight: bold; }
  .before { text-anchor: end; } .below { text-anchor: middle; }
  @media (prefers-color-scheme: dark) {
    svg { color: #f2f2ee; background: #16191b; }
    .one { stroke: #ffb454; } .two { stroke: #7db7ff; } .three { stroke: #b5d86a; }
  }
"""
LEFT = 56
"""Room for the numbers of an axis."""


def picture(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    """All of it, the title above."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        label(LEFT, 20, title, "title"),
        *parts,
        "</svg>\n",
    ])  # fmt: skip


def label(x: float, y: float, text: str, style: str = "") -> str:
    """A text that begins there; `before`: it ends there, `below`: its middle is there."""
    css = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{css}>{escape(text)}</text>'


def line(x: float, y: float, onward: str, style: str) -> str:
    """`onward` is the rest of an SVG path."""
    return f'<path class="{style}" d="M{x:.1f} {y:.1f}{onward}"/>'


def legend(y: int, names: Mapping[str, str]) -> Iterator[str]:
    """Which curve is whose: its style (one, two, three) and its name."""
    for index, (style, name) in enumerate(names.items()):
        x = LEFT + index * 100
        yield line(x, y - 4, "h22", f"curve {style}")
        yield label(x + 28, y, name)


def curve(style: str, points: Iterable[tuple[float, float] | None]) -> str:
    """Through all points, broken where one is None; a point between two breaks is a dot."""
    path, pen = "", "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        path += f"{pen}{point[0]:.1f} {point[1]:.1f}{'h0' if pen == 'M' else ''}"
        pen = "L"
    return f'<path class="curve {style}" d="{path}"/>'


def round_up(value: float, factors: Iterable[float] = (1, 2, 5, 10)) -> float:
    """The next of these times a power of ten, from 1 on; the last of them is 10."""
    step = 1.0
    while step < value:
        for factor in factors:
            if step * factor >= value:
                return step * factor
        step *= 10
    return step
