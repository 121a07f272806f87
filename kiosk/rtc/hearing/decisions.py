"""What to play next. Pure: the words between buffer.py and player.py."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Act(Enum):
    """What to do for the next stretch of sound."""

    NORMAL = auto()
    FASTER = auto()
    MUCH_FASTER = auto()
    SLOWER = auto()
    RECOVER = auto()
    """Decode the spare copy in `payload`; the packet itself stays for the next turn."""
    CONCEAL = auto()
    COMFORT = auto()
    """The sender is silent: let the decoder make background noise; not a fault."""
    SILENCE = auto()
    """Nothing came for so long that made up sound has faded."""


@dataclass(frozen=True)
class Decision:
    """The next stretch: `samples` long before any stretching, from `payload` if there is one."""

    act: Act
    samples: int
    payload: bytes = b""
