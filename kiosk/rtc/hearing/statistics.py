"""What became of the sound received. Pure: totals alone.

Names and meanings: W3C webrtc-stats, RTCInboundRtpStreamStats; times in seconds there, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.rtc.hearing.toc import CLOCK


@dataclass
class HearingTotals:
    """Totals since the beginning: samples per channel at 48 kHz, packets, events."""

    samples: int = 0
    """All that were played, made up ones included."""
    concealed: int = 0
    """Made up, because nothing was there in time."""
    silent_concealed: int = 0
    """Those of the made up ones that were silence."""
    concealments: int = 0
    """Times that making up began after real sound."""
    added: int = 0
    """By playing slower."""
    removed: int = 0
    """By playing faster."""
    packets: int = 0
    discarded: int = 0
    """Packets that came too late, twice, or were skipped to catch up."""
    spares: int = 0
    """Copies of an earlier packet that came along: in-band FEC."""
    spares_used: int = 0
    buffered_s: float = 0.0
    """Sum over samples played of the time from arrival to playing."""
    wanted_s: float = 0.0
    """Sum over samples played of the target delay then."""
    emitted: int = 0
    """Samples that the two sums are over."""

    def w3c(self) -> dict[str, int | float]:
        """The members of an `inbound-rtp` entry that are about the sound."""
        return {
            "totalSamplesReceived": self.samples,
            "totalSamplesDuration": round(self.samples / CLOCK, 3),
            "concealedSamples": self.concealed,
            "silentConcealedSamples": self.silent_concealed,
            "concealmentEvents": self.concealments,
            "insertedSamplesForDeceleration": self.added,
            "removedSamplesForAcceleration": self.removed,
            "packetsDiscarded": self.discarded,
            "fecPacketsReceived": self.spares,
            "fecPacketsDiscarded": self.spares - self.spares_used,
            "jitterBufferDelay": round(self.buffered_s, 3),
            "jitterBufferTargetDelay": round(self.wanted_s, 3),
            "jitterBufferEmittedCount": self.emitted,
        }
