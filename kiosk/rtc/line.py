"""What is known of the venue's line, for all connections of one kiosk. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from kiosk.rtc.sending.budget import LEAST_BIT_S, Budget
from kiosk.rtc.sending.framing import ATM, PLAIN, Framing
from signaling.protocol.line_cards import BudgetCard

MOST_BIT_S = 1_700_000.0
"""A call takes no more than this either way, whatever the line carries."""
_SOUND_PACKETS_S = 50
_PICTURE_OCTETS = 1_042
"""Of a full video packet's 1,100 of IP, as the hub reckons (visiohub.linkquality.budget)."""
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
    _carried_at: float = field(default=0.0, init=False)
    _shared: BudgetCard | None = field(default=None, init=False)

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

    def share(self, budget: BudgetCard | None) -> None:
        """What the hub gives this call of the line (PROTOCOL.md §10.4); None: as it was without."""
        self._shared = budget

    def carried(self, bit_s: float, now: float) -> None:
        """A connection of this kiosk holds this rate without a queue; `now` in seconds. A rate that
        the call's share ends says nothing of the line."""
        if bit_s < self.budget(now).most_bit_s:
            self._carried, self._carried_at = bit_s, now

    def budget(self, now: float) -> Budget:
        """For a connection that begins now: near what the last one held, or what is known."""
        shared, picture = None, math.inf
        if self._shared is not None:
            shared = self._shared_bit_s(self._shared.video_up_kbit_s)
            picture = shared - self._shared_bit_s(0)
        known = [rate for rate in (self.up_known_bit_s, shared) if rate is not None]
        return Budget(
            most_bit_s=max(LEAST_BIT_S, min([self.most_bit_s, *known])),
            known_bit_s=min(known, default=None),
            held_bit_s=self._carried,
            held_ago_s=max(0.0, now - self._carried_at),
            picture_most_bit_s=picture,
            speech_most_bit_s=self.speech_most_bit_s,
        )

    @property
    def speech_most_bit_s(self) -> float:
        """What either end's encoder may make of sound, headers not included."""
        return math.inf if self._shared is None else self._shared.audio_kbit_s * 1000

    @property
    def far_most_bit_s(self) -> float | None:
        """What the far end may send; None: nothing is known."""
        shared = self._shared_bit_s(self._shared.video_down_kbit_s) if self._shared else None
        rates = [rate for rate in (self.far_fixed_bit_s, shared) if rate is not None]
        return min(MOST_BIT_S, *rates) if rates else None

    @property
    def far_fixed_bit_s(self) -> float | None:
        """What settings leave the far end, which no message of the hub raises; None: they say
        nothing."""
        return None if self.down_known_bit_s is None else _FAR_SHARE * self.down_known_bit_s

    def _shared_bit_s(self, video_kbit_s: float) -> float:
        """What sound and this much picture take of the line, headers included."""
        sound_bit_s = self._shared.audio_kbit_s * 1000 if self._shared else 0.0
        sound = self.framing.media_octets(round(sound_bit_s / 8 / _SOUND_PACKETS_S))
        picture = self.framing.media_octets(_PICTURE_OCTETS) / _PICTURE_OCTETS
        return sound * 8 * _SOUND_PACKETS_S + video_kbit_s * 1000 * picture
