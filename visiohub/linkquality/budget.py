"""How much of a line each use may take: the rule of calls and of the booking. Pure.

All rates here are on the wire of the line's last link, so that uses with packets of different
sizes can be added up: an audio packet of 100 octets costs 159 on ADSL with PPPoE.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from visiohub.linkquality.cells import Framing

_USABLE = 0.85
"""The rest is for what nobody counted: acknowledgements, updates, the probes."""
_AUDIO_PACKETS_S = 50
_HEADERS_OCTETS = 28 + 12 + 10 + 8
"""UDP/IPv4, RTP, SRTP's tag, header extensions."""
_VIDEO_OCTETS = 1_100
"""IP octets of a full video packet."""


class Picture(StrEnum):
    """What a call shows; each with the least rates that make it worth showing."""

    NONE = "none"
    SMALL = "small"
    STANDARD = "standard"
    LARGE = "large"


AUDIO_KBIT_S = 24.0
VIDEO_KBIT_S = {
    Picture.NONE: 0.0, Picture.SMALL: 60.0, Picture.STANDARD: 250.0, Picture.LARGE: 900.0,
}  # fmt: skip


@dataclass(frozen=True)
class Both:
    """One figure per direction in kbit/s: `down` towards the venue."""

    down: float
    up: float

    def __add__(self, other: Both) -> Both:
        return Both(self.down + other.down, self.up + other.up)

    def __sub__(self, other: Both) -> Both:
        return Both(self.down - other.down, self.up - other.up)

    def holds(self, other: Both) -> bool:
        """Whether the other fits in both directions."""
        return other.down <= self.down and other.up <= self.up


@dataclass(frozen=True)
class CallBudget:
    """What the engine at the venue may send (`up`) and ask for (`down`), headers not included."""

    audio: Both
    video: Both
    """Each direction by what it carries itself: without a picture up, one may still come down."""
    picture: Picture
    """Of the way up, the thinner one of nearly every line: how the citizen is seen."""


def usable(daily: Both, last: Both | None, reserved: Both, used_by_others: Both) -> Both:
    """What is left for calls and bookings; all of it on the wire (`Framing.wire_kbit_s`).

    `daily` is the tenth percentile of a week's capacity, `last` the newest train's; `reserved` is
    for telephone and room, `used_by_others` what counters saw beside our own. Never below zero.
    """
    capacity = daily if last is None else Both(min(daily.down, last.down), min(daily.up, last.up))
    left = Both(_USABLE * capacity.down, _USABLE * capacity.up) - reserved - used_by_others
    return Both(max(0.0, left.down), max(0.0, left.up))


def cost(picture: Picture, framing: Framing) -> Both:
    """What such a call takes of the line in each direction, on the wire."""
    return cost_of(AUDIO_KBIT_S, VIDEO_KBIT_S[picture], framing)


def cost_of(audio_kbit_s: float, video_kbit_s: float, framing: Framing) -> Both:
    """The same of any codec rates."""
    audio = _AUDIO_PACKETS_S * _wire_octets(audio_kbit_s, framing) * 8 / 1000
    each = audio + framing.wire_kbit_s(_ip_video(video_kbit_s), _VIDEO_OCTETS)
    return Both(each, each)


def fits(left: Both, uses: Iterable[Both]) -> bool:
    """Whether all uses at one time go on the line together, in both directions."""
    return left.holds(sum(uses, Both(0, 0)))


def largest(left: Both, framing: Framing, most: Picture = Picture.LARGE) -> Picture | None:
    """The best picture that fits, not above `most`; None where not even sound does."""
    order = list(Picture)
    for picture in reversed(order[: order.index(most) + 1]):
        if left.holds(cost(picture, framing)):
            return picture
    return None


def alternatives(left: Both, framing: Framing, wanted: Picture) -> Sequence[Picture]:
    """What would fit where `wanted` does not, best first; empty: nothing at this time."""
    best = largest(left, framing, wanted)
    if best is None or best is wanted:
        return ()
    order = list(Picture)
    return tuple(reversed(order[: order.index(best) + 1]))


def call_budget(left: Both, framing: Framing, most: Picture = Picture.LARGE) -> CallBudget | None:
    """A call's share of what is left: sound first, the rest for the picture, each direction for
    itself, and up to twice what its picture needs; None: sound does not fit in both."""
    down = largest(Both(left.down, left.down), framing, most)
    up = largest(Both(left.up, left.up), framing, most)
    if down is None or up is None:
        return None
    for_video = left - cost(Picture.NONE, framing)
    video = Both(
        down=min(2 * VIDEO_KBIT_S[down], _video_kbit_s(for_video.down, framing)),
        up=min(2 * VIDEO_KBIT_S[up], _video_kbit_s(for_video.up, framing)),
    )
    return CallBudget(Both(AUDIO_KBIT_S, AUDIO_KBIT_S), video, up)


def _wire_octets(audio_kbit_s: float, framing: Framing) -> int:
    payload = math.ceil(audio_kbit_s * 1000 / 8 / _AUDIO_PACKETS_S)
    return framing.wire_octets(payload + _HEADERS_OCTETS)


def _ip_video(video_kbit_s: float) -> float:
    return video_kbit_s * _VIDEO_OCTETS / (_VIDEO_OCTETS - _HEADERS_OCTETS)


def _video_kbit_s(wire_kbit_s: float, framing: Framing) -> float:
    ip_kbit_s = framing.ip_kbit_s(max(0.0, wire_kbit_s), _VIDEO_OCTETS)
    return ip_kbit_s * (_VIDEO_OCTETS - _HEADERS_OCTETS) / _VIDEO_OCTETS
