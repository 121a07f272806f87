"""How a voice would sound on a line, from ten seconds of traffic like it. Pure.

Before an appointment a session of STAMP sends packets of a voice's size and rhythm both ways. The
delay heard is half of the two-way delay, the playout buffer's, and the codec's; the buffer is taken
to be as long as 99 of 100 packets need. Where that is longer than buffers become, the hundredth
counts as lost (ITU-T G.107 §7.5 wants the loss behind the buffer); else it is stretched over: on a
DSL line that is well each packet but a few is within a millisecond or five of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from visiohub.linkquality.delays import DelaySummary, Spread
from visiohub.linkquality.emodel import OPUS_WIDE, Codec, Rating, rate
from visiohub.linkquality.stamp import SEALED_OCTETS

EVERY_S = 0.02
SECONDS = 10.0
IP_OCTETS = 188
"""Of a packet with 160 octets of UDP payload, as those of a narrowband telephone."""
PADDING = IP_OCTETS - 28 - SEALED_OCTETS
COST_OCTETS = int(SECONDS / EVERY_S) * IP_OCTETS
"""In each direction."""

_CODEC_MS = 46.5
"""A packet of 20 ms and Opus' look-ahead of 6.5 (RFC 6716 §2.1.4), played by blocks of 20 ms."""
_LONGEST_BUFFER_MS = 300.0
_BEYOND_BUFFER = 0.01


@dataclass(frozen=True)
class Heard:
    """Estimates of both directions; None where nothing came back."""

    forward: Rating | None
    backward: Rating | None

    @property
    def worse(self) -> Rating | None:
        """The direction that decides; None where either is unknown."""
        if self.forward is None or self.backward is None:
            return None
        return min(self.forward, self.backward, key=lambda one: one.r)


def heard(summary: DelaySummary, codec: Codec = OPUS_WIDE) -> Heard:
    """From the probes of such a session.

    Losses whose direction is not known count in both.
    """
    unknown = summary.lost - summary.lost_forward - summary.lost_backward
    forward = summary.lost_forward + unknown
    backward = summary.lost_backward + unknown
    return Heard(
        _rating(summary, summary.forward_variation_ms, forward, codec),
        _rating(summary, summary.backward_variation_ms, backward, codec),
    )


def _rating(
    summary: DelaySummary, variation: Spread | None, lost: int, codec: Codec
) -> Rating | None:
    if variation is None or summary.two_way_ms is None:
        return None
    buffer_ms = min(variation.p99, _LONGEST_BUFFER_MS)
    # Half of the two-way delay at its calmest: the buffer evens out what comes on top.
    delay_ms = summary.two_way_ms.p5 / 2 + buffer_ms + _CODEC_MS
    late = _BEYOND_BUFFER if variation.p99 > _LONGEST_BUFFER_MS else 0.0
    return rate(codec, delay_ms, min(1.0, lost / summary.sent + late), summary.burst_ratio or 1.0)
