"""What is known of the venue's line, for all connections of one kiosk. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.rtc.sending.aimd import Budget
from kiosk.rtc.sending.framing import ATM, PLAIN, Framing

MOST_BIT_S = 1_700_000.0
"""A call takes no more than this either way, whatever the line carries."""
_FAR_SHARE = 0.9
"""Of the way down for the far end's sound and picture: the rest is reports, signaling, the page."""


@dataclass
class Line:
    """The line as settings and calls before tell it; rates in bit/s of the line."""

    up_known_bit_s: float | None = None
    """Measured upwards; None: unknown."""
    down_known_bit_s: float | None = None
    """Measured downwards; None: unknown."""
    most_bit_s: float = MOST_BIT_S
    """Budget of a call upwards."""
    framing: Framing = PLAIN
    _carried: float | None = field(default=None, init=False)

    @classmethod
    def of_kbit(
        cls,
        up: float | None = None,
        down: float | None = None,
        most: float | None = None,
        *,
        cells: bool = False,
    ) -> Line:
        """From settings, in kbit/s; `cells`: the rates count ATM cells."""
        return cls(
            up_known_bit_s=None if up is None else up * 1000,
            down_known_bit_s=None if down is None else down * 1000,
            most_bit_s=MOST_BIT_S if most is None else most * 1000,
            framing=ATM if cells else PLAIN,
        )

    def carried(self, bit_s: float) -> None:
        """A connection of this kiosk has held this rate without a queue."""
        self._carried = bit_s

    def budget(self) -> Budget:
        """For a connection that begins now: near what the last one held, or what is known."""
        known = [rate for rate in (self.up_known_bit_s, self._carried) if rate is not None]
        return Budget(
            most_bit_s=min(self.most_bit_s, self.up_known_bit_s or self.most_bit_s),
            known_bit_s=min(known, default=None),
        )

    @property
    def far_most_bit_s(self) -> float | None:
        """What the far end may send; None: nothing is known."""
        if self.down_known_bit_s is None:
            return None
        return min(MOST_BIT_S, _FAR_SHARE * self.down_known_bit_s)
