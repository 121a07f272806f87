"""Rating R and MOS of a voice path by ITU-T's E-model: estimates, not opinions. Pure.

R = R0 - Idd - Ie,eff, with all else at the recommendations' defaults and echo cancelled:
ITU-T G.107 (narrowband, R0 93.2), G.107.1 (wideband, 129), G.107.2 (fullband, 148). The formulas
of Idd, Ie,eff and MOS are G.107's (7-27 to 7-29, Annex B). Fullband's Idd is 1.48 times that, its
Ie,eff takes 132 for 95, and its R is divided by 1.48 before MOS; wideband's Idd is scaled by 1.29
likewise. Ie and Bpl of the ITU's codecs are G.113's Appendix I.

ITU-T publishes no figures of Opus. Those here are of an unofficial table (Alahmadi's), whose
scale is not stated and is taken to be wideband's: good enough to order lines, and called
estimates wherever they are shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

_AUDIBLE_DELAY_MS = 100.0


class Band(Enum):
    """R0, the scale against narrowband's, and the most that equipment can take of R."""

    NARROW = (93.2, 1.0, 95.0)
    WIDE = (129.0, 1.29, 95.0)
    FULL = (148.0, 1.48, 132.0)

    def __init__(self, best: float, scale: float, most: float) -> None:
        self.best = best
        self.scale = scale
        self.most = most


@dataclass(frozen=True)
class Codec:
    """Equipment impairment `ie` and robustness to loss `bpl` of a codec, on its band's scale."""

    band: Band
    ie: float
    bpl: float
    official: bool = True
    """Whether ITU-T published the figures."""

    @property
    def best_r(self) -> float:
        """R on narrowband's scale with neither loss nor audible delay: no line has more."""
        return (self.band.best - self.ie) / self.band.scale


G711 = Codec(Band.NARROW, ie=0, bpl=4.3)
G711_PLC = Codec(Band.NARROW, ie=0, bpl=25.1)
G729A = Codec(Band.NARROW, ie=11, bpl=19.0)
OPUS_WIDE = Codec(Band.WIDE, ie=23.3, bpl=22.2, official=False)
"""12 kbit/s, wideband."""
OPUS_SUPERWIDE = Codec(Band.WIDE, ie=18.5, bpl=10.6, official=False)
"""28 kbit/s, superwideband, rated as wideband."""


@dataclass(frozen=True)
class Rating:
    """`r` on the band's own scale, `r_narrow` on narrowband's (0 to 100), `mos` from 1 to 4.5."""

    r: float
    r_narrow: float
    mos: float


def rate(codec: Codec, delay_ms: float, loss_ratio: float, burst_ratio: float = 1.0) -> Rating:
    """The estimate for a mouth-to-ear delay one way, with the playout buffer's loss counted in.

    `loss_ratio` is from 0 to 1; `burst_ratio` is 1 for independent losses and above for runs.
    ValueError for what cannot be.
    """
    if delay_ms < 0 or not 0 <= loss_ratio <= 1 or burst_ratio < 1:
        raise ValueError("delay_ms >= 0, loss_ratio in [0, 1] and burst_ratio >= 1 are needed")
    band = codec.band
    equipment = equipment_impairment(codec, loss_ratio, burst_ratio)
    r = max(0.0, band.best - band.scale * delay_impairment(delay_ms) - equipment)
    r_narrow = r / band.scale
    return Rating(r, r_narrow, mos(r_narrow))


def delay_impairment(delay_ms: float) -> float:
    """Idd of G.107 (7-27) on narrowband's scale, for its default users (sT 1, mT 100 ms)."""
    if delay_ms <= _AUDIBLE_DELAY_MS:
        return 0.0
    x = math.log2(delay_ms / _AUDIBLE_DELAY_MS)
    return float(25 * ((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2))


def equipment_impairment(codec: Codec, loss_ratio: float, burst_ratio: float = 1.0) -> float:
    """Ie,eff of G.107 (7-29) on the codec's own scale."""
    percent = 100 * loss_ratio
    return codec.ie + (codec.band.most - codec.ie) * percent / (percent / burst_ratio + codec.bpl)


def mos(r: float) -> float:
    """Mean opinion score of a rating on narrowband's scale (G.107 Annex B)."""
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    # The cubic dips below 1 for ratings under 6.5.
    return max(1.0, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r))
