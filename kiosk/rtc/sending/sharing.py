"""How the rate in force is shared: sound first, resending its budget, video the rest. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from kiosk.rtc.sending.framing import Framing

LEAST_SPEECH_BIT_S = 6_000
"""Opus makes no less (RFC 6716 §2.1.1), and sound is never off."""


@dataclass(frozen=True)
class Sound:
    """How Opus is run (RFC 6716 §2.1)."""

    bit_s: int
    """Of the codec, without packets' overhead."""
    packet_ms: int
    claim: float
    """Loss to tell the encoder of at the least, that it sends spare copies (in-band FEC)."""

    def within(self, most_bit_s: float) -> Sound:
        """The same, of so much at most."""
        if self.bit_s <= most_bit_s:  # as nearly always: a target is asked for with every packet
            return self
        return replace(self, bit_s=int(max(LEAST_SPEECH_BIT_S, most_bit_s)))

    def line_bit_s(self, framing: Framing) -> float:
        """What it takes of the line."""
        payload = self.bit_s * self.packet_ms / 8000
        return framing.media_octets(round(payload)) * 8000 / self.packet_ms


SOUNDS = (
    (600_000, Sound(32_000, 20, 0.02)),
    (300_000, Sound(24_000, 20, 0.06)),
    (160_000, Sound(20_000, 40, 0.15)),
    (0, Sound(16_000, 60, 0.25)),
)
"""From this rate in force, in bit/s of the line. On thin lines long packets buy more speech than
they cost in delay: 58 octets of headers are 23 kbit/s at 50 packets a second, 8 at 17.

libopus 1.6.1 sends spare copies only where the rate allows for the loss it is told of
(opus_encoder.c, decide_fec); below these claims it sends none, measured on a synthetic voice. The
copies cost band width: full at 32 kbit/s, wide (8 kHz) at 24 and 20, medium (6 kHz) at 16."""
_RISE = 1.1
"""Hysteresis: back to richer sound only with a tenth more than its step."""
_THINNEST = SOUNDS[-1][1]
_RTX_LEAST, _RTX_MOST = 0.05, 0.20
_RTX_PER_LOSS = 1.5
_PACKET_S = 0.022
"""A video packet's time on the line at most: sound waits behind one."""
_SMALLEST_OCTETS, _LARGEST_OCTETS = 300, 1200
_PACE = 1.15
_HEADROOM = 0.93


@dataclass(frozen=True)
class Target:
    """What to send from now on; everything together stays within `total_bit_s`."""

    total_bit_s: float
    """Of the line, everything included."""
    available_bit_s: float
    """The same without packets' overhead (as TIAS, RFC 3890): for sound, picture, what is sent
    again, and copies."""
    sound: Sound
    sound_bit_s: float
    """Of the line."""
    video_bit_s: float
    """Of the line, packets' overhead included; 0: no room for video."""
    video_encoder_bit_s: float
    """What the encoder may make."""
    resend_bit_s: float
    """Of the line, the most that retransmissions may take; video keeps clear of what they do."""
    copies: int
    """Of each packet of the picture, sent unasked; the encoder makes so much less."""
    pace_bit_s: float
    """At most this leaves in any short while."""
    payload_octets: int
    """Largest RTP payload that does not make sound wait."""


class Sharer:
    """Splits a rate; holds the sound's step with hysteresis."""

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self._step = len(SOUNDS) - 1
        self._begun = False

    def share(
        self,
        total_bit_s: float,
        loss_ratio: float,
        most_bit_s: float,
        resent_bit_s: float,
        copies: int = 0,
        picture_most_bit_s: float = math.inf,
        speech_most_bit_s: float = math.inf,
    ) -> Target:
        """The split of `total_bit_s`; `loss_ratio` of packets with all their copies, 0 to 1.

        `most_bit_s` caps the pace as well; `resent_bit_s` was spent on resending in the last
        second: what exceeds the share kept for it is taken from video, never added. Where there is
        to be no picture, sound takes what it can; its encoder makes `speech_most_bit_s` at most.
        """
        pace = min(_PACE * total_bit_s, max(most_bit_s, total_bit_s))
        sound = self._sound(total_bit_s, speech_most_bit_s, alone=not picture_most_bit_s)
        sound_bit_s = min(total_bit_s, sound.line_bit_s(self.framing))
        # At the cap the pace has no headroom: media leaves it some, or whole pictures pile up.
        spare = max(0.0, min(total_bit_s, _HEADROOM * pace) - sound_bit_s)
        left = min(spare, picture_most_bit_s)
        resend = spare * min(_RTX_MOST, max(_RTX_LEAST, 2 * _RTX_PER_LOSS * loss_ratio))
        resend = max(resend, _RTX_LEAST * sound_bit_s)  # sound is mended without a picture, too
        reserved = left * min(_RTX_MOST, _RTX_PER_LOSS * loss_ratio)
        video = max(0.0, left - min(max(reserved, resent_bit_s), left * _RTX_MOST))
        octets = int(min(_LARGEST_OCTETS, max(_SMALLEST_OCTETS, total_bit_s / 8 * _PACKET_S)))
        worth = octets / self.framing.media_octets(octets)
        return Target(
            total_bit_s=total_bit_s,
            available_bit_s=sound.bit_s + worth * (total_bit_s - sound_bit_s),
            sound=sound,
            sound_bit_s=sound_bit_s,
            video_bit_s=video,
            video_encoder_bit_s=video * worth / (1 + copies),
            resend_bit_s=resend,
            copies=copies,
            pace_bit_s=pace,
            payload_octets=octets,
        )

    def _sound(self, total_bit_s: float, most_bit_s: float, *, alone: bool) -> Sound:
        for step, (beside_picture, sound) in enumerate(SOUNDS):
            if sound.bit_s > most_bit_s and sound is not _THINNEST:
                continue
            least = sound.line_bit_s(self.framing) if alone and beside_picture else beside_picture
            needed = least * _RISE if self._begun and step < self._step else least
            if total_bit_s >= needed:
                self._step = step
                self._begun = True
                return sound.within(most_bit_s)
        raise AssertionError("the last step needs nothing")
