"""How speech is coded for a line: bit rate, packet time, spare copies. Pure.

A packet costs 58 octets besides its payload (IPv4 20, UDP 8, RTP 12 and 8 of header extensions,
SRTP tag 10): 23 kbit/s at 50 packets a second, 8 kbit/s at 17. On thin lines long packets buy
more speech than they cost in delay.
"""

from __future__ import annotations

from dataclasses import dataclass

HEADERS = 58
"""Octets a packet."""


@dataclass(frozen=True)
class SoundPlan:
    """What the encoder is told."""

    bitrate: int
    """bit/s of Opus payload."""
    packet_ms: int
    loss_ratio: float
    """What `opus.Encoder.tune` gets: 0, or enough for spare copies to be sent."""

    @property
    def wire_bit_s(self) -> int:
        """bit/s with headers."""
        return self.bitrate + HEADERS * 8 * 1000 // self.packet_ms


_STEPS = (
    # from this line rate on (kbit/s), bit/s, ms, loss to claim at the least
    (400.0, 32000, 20, 0.02),
    (220.0, 24000, 20, 0.06),
    (110.0, 20000, 40, 0.15),
    (0.0, 16000, 60, 0.25),
)
"""libopus 1.6.1 sends spare copies only where the rate allows for the loss it is told of
(opus_encoder.c, decide_fec); below these claims it sends none, measured on a synthetic voice. The
copies cost band width: full at 32 kbit/s, wide (8 kHz) at 24 and 20, medium (6 kHz) at 16."""
_UP = 1.15
"""A line must be that much better than a step asks, before the step is taken upwards."""
_MEMORY_S = 30.0
_CLEAN = 0.002
"""Losses below this need no spare copies."""
_MOST_LOSS = 0.25
"""Beyond, libopus would spend most on copies."""


class SoundPlanner:
    """Follows the line; goes down at once and up with hysteresis."""

    def __init__(self, line_kbit_s: float) -> None:
        self._step = self._fitting(line_kbit_s)
        self._loss = 0.0
        self._lossy_at: float | None = None

    def lost(self, ratio: float, now: float) -> None:
        """A receiver report's fraction lost, 0 to 1 (RFC 3550 §6.4.1)."""
        if self._lossy_at is None:
            self._lossy_at = now  # before the first report losses are assumed
        self._loss += (ratio - self._loss) * (0.5 if ratio > self._loss else 0.1)
        if ratio > _CLEAN:
            self._lossy_at = now

    def plan(self, line_kbit_s: float, now: float) -> SoundPlan:
        """For a line that carries this much at present, sound and picture together."""
        fitting = self._fitting(line_kbit_s)
        if fitting > self._step or line_kbit_s >= _STEPS[fitting][0] * _UP:
            self._step = fitting
        elif fitting < self._step - 1:
            self._step = fitting + 1
        recent = self._lossy_at is None or now - self._lossy_at < _MEMORY_S
        _, bitrate, packet_ms, claim = _STEPS[self._step]
        loss = min(_MOST_LOSS, max(claim, self._loss)) if recent else 0.0
        return SoundPlan(bitrate, packet_ms, loss)

    @staticmethod
    def _fitting(line_kbit_s: float) -> int:
        """The best step that the line carries, 0 being the richest."""
        for step, (least, *_) in enumerate(_STEPS):
            if line_kbit_s >= least:
                return step
        return len(_STEPS) - 1
