"""What a media session tells its owner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Flowing:
    """Media from the far end arrives, for the first time or again after a silence."""

    generation: int


@dataclass(frozen=True)
class Silent:
    """Nothing has arrived for 1.5 s; the connection may still come back by itself."""

    generation: int


@dataclass(frozen=True)
class Failed:
    """This connection will not come back; only a new generation helps."""

    generation: int


@dataclass(frozen=True)
class Gathered:
    """A local ICE candidate found after the answer was given (trickle, RFC 8838).

    Send it to the far end as a `candidate` message (PROTOCOL.md §8.4).
    """

    generation: int
    candidate: str
    sdp_mid: str | None
    sdp_m_line_index: int


MediaEvent = Flowing | Silent | Failed | Gathered
