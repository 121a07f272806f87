"""What a run leaves in a folder: the curves of each line as `call-LINE.svg`, and `call.md`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.call.curves import draw, measured_on
from bench.call.figures import Measured
from bench.call.markdown import page
from bench.call.told import Run
from bench.lines import Scenario


def leave_curves(calls: Sequence[Measured], line: Scenario, folder: Path) -> None:
    """Of a line that has a call."""
    if measured_on(calls, line):
        (folder / f"call-{line.name}.svg").write_text(draw(calls, line), "utf-8")


def leave_page(run: Run, folder: Path) -> None:
    """The goals and the medians."""
    (folder / "call.md").write_text(page(run), "utf-8")
