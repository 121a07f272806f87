"""What a run leaves in a folder: the curves of each line as `call-LINE.svg`, and `call.md`."""

from __future__ import annotations

from pathlib import Path

from bench.call.curves import draw, measured_on
from bench.call.markdown import page
from bench.call.told import Run


def leave(run: Run, folder: Path) -> None:
    """Curves of each line that has a call, then goals and medians.

    Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for line in run.lines:
        if measured_on(run.calls, line):
            (folder / f"call-{line.name}.svg").write_text(draw(run.calls, line), "utf-8")
    (folder / "call.md").write_text(page(run), "utf-8")
