"""How long the far end may hold a picture back to show all of them evenly. Pure.

A browser's jitter buffer waits for minutes for what the largest picture took of the line
(libwebrtc, jitter_estimator.cc): one of three times the mean, where the scene changes at once,
makes all that follow come 60 to 100 ms later on 256 kbit/s. In a conversation a picture that is
late now and then costs less than all of them late. The sender may bound that wait by the header
extension playout-delay, which browsers offer (libwebrtc, docs/native-code/rtp-hdrext).
"""

from __future__ import annotations

PLAYOUT_URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

_STEP_S = 0.01
_LEAST_STEPS, _MOST_STEPS = 1, 50
"""From zero to half a second would mean "show at once" (libwebrtc, VCMTiming), without any evenness
and without waiting for the sound."""
_EVEN_S = 0.03
"""Hides what an ordinary picture takes of a thin line more than the one before."""
_JITTERS = 3
"""Of a jitter as RFC 3550 §6.4.1 means it, the smoothed mean deviation: that much hides nearly all
of it."""


def playout_delay(jitter_s: float) -> bytes:
    """The extension's three octets for a far end that sees this interarrival jitter: at least 10 ms
    and at most 30 ms and three times the jitter."""
    steps = round((_EVEN_S + _JITTERS * max(0.0, jitter_s)) / _STEP_S)
    return (_LEAST_STEPS << 12 | max(_LEAST_STEPS, min(_MOST_STEPS, steps))).to_bytes(3, "big")
