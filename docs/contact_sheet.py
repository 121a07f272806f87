"""What becomes of the pictures: a page that shows them all, and small ones for the README."""

from __future__ import annotations

import struct
import zlib
from html import escape
from pathlib import Path

import cv2
import numpy as np

COLOURS = 48


def write_index(folder: Path) -> int:
    """folder/index.html with every picture in it, by language and size; how many there are."""
    found = 0
    lines = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>visiohub: every page</title>",
        "<style>body{font:16px sans-serif;margin:24px}img{width:100%;border:1px solid}",
        "figure{display:inline-block;margin:8px;vertical-align:top;width:300px}</style>",
        "<h1>Every page and state</h1>",
    ]
    for group in sorted({path.parent for path in folder.rglob("*.png")}):
        lines.append(f"<h2>{escape(str(group.relative_to(folder)))}</h2>")
        for path in sorted(group.glob("*.png")):
            name = escape(str(path.relative_to(folder)))
            lines.append(
                f'<figure><a href="{name}"><img loading=lazy src="{name}" alt=""></a>'
                f"<figcaption>{escape(path.stem)}</figcaption></figure>"
            )
            found += 1
    (folder / "index.html").write_text("\n".join(lines) + "\n", "utf-8")
    return found


def shrink(source: Path, target: Path, width: int) -> None:
    """At most `width` pixels wide and an indexed palette: small enough for the repository."""
    picture = cv2.imread(str(source))
    if picture is None:
        raise FileNotFoundError(source)
    picture = picture[: round(picture.shape[1] * 1.42)]  # no longer than a sheet of paper
    scale = min(1.0, width / picture.shape[1])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    pixels = small.reshape(-1, 3).astype(np.float32)
    cv2.setRNGSeed(1)
    enough = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    _, labels, centres = cv2.kmeans(
        pixels, COLOURS, np.empty((0,), np.int32), enough, 1, cv2.KMEANS_PP_CENTERS
    )
    rows = labels.reshape(small.shape[:2]).astype(np.uint8)
    # the mean of many whites may round to 256
    palette = centres[:, ::-1].round().clip(0, 255).astype(np.uint8)
    target.write_bytes(_indexed_png(rows, palette))


def _indexed_png(rows: np.ndarray, palette: np.ndarray) -> bytes:
    """A PNG of colour type 3 (W3C PNG, §11.2): one octet a pixel into a palette."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    height, width = rows.shape
    lines = b"".join(b"\0" + line.tobytes() for line in rows)
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        chunk(b"PLTE", palette.tobytes()),
        chunk(b"IDAT", zlib.compress(lines, 9)),
        chunk(b"IEND", b""),
    ))  # fmt: skip
