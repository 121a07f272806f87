"""When to ask for a whole picture (PLI, RFC 4585 §6.3.1). Pure: `now` in seconds comes in.

aiortc waits until 512 packets lie behind a gap: 8.5 s after an outage of 3 s. Here it is time that
counts: a picture that cannot be decoded for 300 ms while packets arrive is asked for.
"""

from __future__ import annotations

from kiosk.rtc.seeing.nack import FAR_AHEAD

PATIENCE_S = 0.300
LARGE_PATIENCE_S = 1.0
"""When nothing is missing: a large picture takes its time on a thin line."""
MOST_PATIENCE_S = 2.0
"""On long round trips packets sent again need more than 300 ms; no longer than this, though: a
whole picture has the most packets, and on a line that loses many it is the last to come whole."""
OUTAGE_S = 0.500
"""Silence with losses after which a picture is asked for with the first packet. Without losses
it was a sender that had nothing to show."""

_EVERY_S = 0.500
_MOST_EVERY_S = 2.0
_SLACK = 1.25


class PictureRequests:
    """Watches one far picture; `due` says when to send a PLI."""

    def __init__(self) -> None:
        self.rtt_s = 0.100
        """To be kept up to date by the owner."""
        self.sent = 0
        """W3C `pliCount`."""
        self._waiting_since: float | None = None
        self._urgent = False
        self._missing = False
        self._asked_at: float | None = None
        self._tries = 0
        self._packet_at: float | None = None
        self._key_at: float | None = None

    def packet(self, now: float, *, hole: int = 0, missing: int = 0, of_key: bool = False) -> None:
        """A packet of the stream arrived.

        `hole`: what `NackList.received` said of it. `missing`: `NackList.missing` thereafter.
        `of_key`: it belongs to a whole picture.
        """
        silent = self._packet_at is not None and now - self._packet_at > OUTAGE_S
        if self._packet_at is None or hole > FAR_AHEAD or (hole and silent):
            self.broken(now)
        self._missing = missing > 0
        if self._waiting_since is None:
            self._waiting_since = now
        self._packet_at = now
        if of_key:
            self._key_at = now

    def decoded(self) -> None:
        """A picture can be decoded; the next packet begins the wait for the next one."""
        self._waiting_since = None
        self._urgent = False
        self._tries = 0
        self._key_at = None

    def broken(self, now: float) -> None:
        """Only a whole picture can help: nothing was decoded ever, a hole is too long to mend,
        a packet was given up, or the decoder failed."""
        if self._waiting_since is None:
            self._waiting_since = now
        self._urgent = True

    def due(self, now: float) -> bool:
        """Whether to send a PLI now; counts as sent."""
        at = self.deadline()
        if at is None or now < at:
            return False
        self._asked_at = now
        self._tries += 1
        self.sent += 1
        return True

    def deadline(self) -> float | None:
        """When `due` may become true, in seconds; None while all is well or nothing arrives."""
        if self._waiting_since is None or self._packet_at is None:
            return None
        at = self._waiting_since
        if not self._urgent:
            at += self._patience()
        if self._asked_at is not None and self._tries:
            at = max(at, self._asked_at + self._every())
        elif self._asked_at is not None:
            at = max(at, self._asked_at + _EVERY_S)
        if self._key_at is not None:  # it is coming: asking again would only double it
            at = max(at, self._key_at + PATIENCE_S)
        if at > self._packet_at + OUTAGE_S:
            return None  # nothing arrives: the first packet that does will tell
        return at

    def _patience(self) -> float:
        if not self._missing:
            return LARGE_PATIENCE_S
        return min(MOST_PATIENCE_S, max(PATIENCE_S, 2 * _SLACK * self.rtt_s))

    def _every(self) -> float:
        """One try a round trip, then more slowly: a whole picture may fill a thin line."""
        first = max(_EVERY_S, _SLACK * self.rtt_s)
        return min(max(_MOST_EVERY_S, first), first * 1.5 ** (self._tries - 1))
