"""What a shaper lets through at once, as a week of trains saw it. Pure.

Not by the newest train alone: one that meets a bucket which other traffic has emptied sees no
tokens, and shorter trains that trust it would measure the link before the shaper from then on.
"""

from __future__ import annotations

from collections.abc import Sequence

REMEMBERED_S = 7 * 86_400.0
_ENOUGH = 3


def greatest(seen: Sequence[int]) -> int | None:
    """Octets, of those that conclusive trains on the idle line saw in that time; None where they
    are too few to say, and the next one has to outlast the worst."""
    return max(seen) if len(seen) >= _ENOUGH else None
