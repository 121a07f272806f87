"""The pages' own variable font at the weights that paper needs, as files that fpdf2 can embed."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

BUILT = Path(__file__).parent / "static" / "built"
SUBSETS = ("latin", "latin-ext")
WEIGHTS = {"": 400.0, "B": 700.0}
"""By the style that fpdf2 knows them by."""


@cache
def paper_fonts() -> dict[tuple[str, str], Path]:
    """The font files by subset and style; made once a process, gone with it."""
    folder = Path(mkdtemp(prefix="visiohub-fonts-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    return {
        (subset, style): _static(subset, weight, folder)
        for subset in SUBSETS
        for style, weight in WEIGHTS.items()
    }


def _static(subset: str, weight: float, folder: Path) -> Path:
    with TTFont(BUILT / f"atkinson-hyperlegible-next-{subset}-wght-normal.woff2") as font:
        for kerning in ("GPOS", "GSUB"):  # fpdf2 reads neither, and they are slow to pin
            if kerning in font:
                del font[kerning]
        instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
        font.flavor = None
        made = folder / f"{subset}-{weight:.0f}.ttf"
        font.save(made)
    return made
