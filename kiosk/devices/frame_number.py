"""A frame number in the picture that machines read back after a real encoding.

Layout, in fractions of the picture so that it survives scaling:

- a strip along the bottom edge, the whole width, 1/12 of the height, is cut into 20 equal cells;
- cell 0 is white and cell 1 is black: the reader's reference levels;
- cells 2 to 17 are the 16 bits of the number, most significant first, white = 1;
- cell 18 is the even parity of the 16 bits (white when their count of ones is odd);
- cell 19 is the inverse of cell 18.

Cell `i` covers x from `round(i * width / 20)` to `round((i + 1) * width / 20)` and y from
`height - round(height / 12)` to `height`. The reader takes the mean luma of the middle half of
each cell in both directions. White is luma 235, black 16 (ITU-R BT.601, limited range). A number
is read only when white and black differ by at least 60, every cell lies nearer to its level than
30 % of the difference, parity holds and cell 19 is not cell 18; otherwise there is none.

Beside it, the sync square: the top left corner, 1/10 of the width and 1/10 of the height, is
white during the first 100 ms of each second of the source's clock and black otherwise. The
synthetic microphone changes its tone during the same 100 ms (see `tone.py`): the distance of both
at the receiver is the lip-sync error.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]

CELLS = 20
BITS = 16
MODULUS = 1 << BITS
WHITE, BLACK = 235, 16
SYNC_S = 0.1
"""How long per second the sync square is white, in seconds."""
_LEAST_CONTRAST = 60
_TOLERANCE = 0.3


def cells_of(number: int) -> list[bool]:
    """The 20 cells of a number, True for white; the number is taken modulo 65536."""
    bits = [bool(number >> i & 1) for i in reversed(range(BITS))]
    parity = sum(bits) % 2 == 1
    return [True, False, *bits, parity, not parity]


def draw(luma: Luma, number: int) -> None:
    """Write the number into a luma plane (height x width), in place."""
    height, width = luma.shape
    top = height - round(height / 12)
    for i, white in enumerate(cells_of(number)):
        luma[top:, round(i * width / CELLS) : round((i + 1) * width / CELLS)] = (
            WHITE if white else BLACK
        )


def read(luma: Luma) -> int | None:
    """Read the number back from a luma plane of any size; None when there is none for sure."""
    height, width = luma.shape
    strip = round(height / 12)
    if strip < 4 or width < CELLS * 4:
        return None
    rows = luma[height - strip + strip // 4 : height - strip // 4]
    levels = []
    for i in range(CELLS):
        left, right = round(i * width / CELLS), round((i + 1) * width / CELLS)
        quarter = (right - left) // 4
        levels.append(float(rows[:, left + quarter : right - quarter].mean()))
    white, black = levels[0], levels[1]
    contrast = white - black
    if contrast < _LEAST_CONTRAST:
        return None
    shares = [(level - black) / contrast for level in levels]
    if any(_TOLERANCE < share < 1 - _TOLERANCE for share in shares):
        return None
    cells = [share > 0.5 for share in shares]
    bits = cells[2 : 2 + BITS]
    parity = sum(bits) % 2 == 1
    if cells[18] != parity or cells[19] == parity:
        return None
    return sum(1 << i for i, bit in enumerate(reversed(bits)) if bit)


def draw_sync(luma: Luma, on: bool) -> None:
    """Draw the sync square, white when `on`."""
    height, width = luma.shape
    luma[: round(height / 10), : round(width / 10)] = WHITE if on else BLACK
