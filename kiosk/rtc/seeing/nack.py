"""Which packets to ask for again, and when (generic NACK, RFC 4585 §6.2.1). Pure.

aiortc asks once, when a gap opens: a request or an answer that is lost leaves the picture
standing. Here every gap is asked for again each round trip until it is filled or too old. Where a
round trip is long a request is said twice: it is short, and far ends answer once a round trip
(kiosk/rtc/sending/retransmit.py; WebRTC's RtpPacketHistory).
After WebRTC's nack_requester, with a wait for mere reordering that is learnt from the line.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.rtc.wrap import nearest

FAR_AHEAD = 128
"""Packets; after a longer hole a whole picture is cheaper (and senders forget, order.py)."""
MOST_MISSING = 256
"""Packets; beyond, the oldest are given up."""
MOST_TRIES = 10
GIVE_UP_S = 1.0
"""A packet that is older than this and than three round trips does not help any more."""

_START_RTT_S = 0.100
_LEAST_EVERY_S = 0.020
_SLACK = 1.25
"""Round trips between two requests: the answer has jitter too."""
_TWICE_FROM_S, _TWICE_AFTER_S = 0.3, 0.1
"""On round trips from this on, every request is said again after so long."""
_QUICK_REORDERING_S = 0.030
"""Learnt at once; beyond, each packet that comes later still adds a little, so that one alone does
not hold every repair back."""
_REORDERING_STEP_S, _MOST_REORDERING_S = 0.010, 0.150
_REORDERING_KEEPS = 0.98
_CLOSE_S = 0.003


@dataclass
class _Missing:
    since: float
    ask_at: float
    tries: int = 0
    said_once: bool = False
    """And is to be said again in this round trip."""


class NackList:
    """The gaps of one stream; `due` says what to ask for, `deadline` when to look again."""

    def __init__(self, useful_s: float | None = None) -> None:
        """`useful_s`: after so long an answer comes too late, as for sound that is played."""
        self._useful_s = useful_s
        self._missing: dict[int, _Missing] = {}  # by unwrapped sequence number, ascending
        self._newest: int | None = None
        self._reordering_s = 0.0
        self.rtt_s = _START_RTT_S
        """To be kept up to date by the owner: from RTCP, or STUN."""
        self.requests = 0
        """W3C `nackCount`."""
        self.given_up = 0
        """Packets that nobody will ask for again; each is a reason to watch the picture."""

    @property
    def missing(self) -> int:
        """Packets still hoped for; never above MOST_MISSING."""
        return len(self._missing)

    def hopes_for(self, sequence: int) -> bool:
        """Whether the packet with this 16 bit number is missing, and not given up."""
        return self._newest is not None and nearest(sequence, 16, self._newest) in self._missing

    def restart(self) -> None:
        """The sender began another numbering."""
        self._missing.clear()
        self._newest = None

    def received(self, sequence: int, now: float) -> int:
        """A packet with this 16 bit number; how many are missing between it and the one before.

        Above FAR_AHEAD none of them is asked for.
        """
        if self._newest is None:
            self._newest = sequence
            return 0
        full = nearest(sequence, 16, self._newest)
        if full <= self._newest:
            self._filled(full, now)
            return 0
        hole, first = full - self._newest - 1, self._newest + 1
        self._newest = full
        if hole > FAR_AHEAD:
            self.given_up += len(self._missing) + hole
            self._missing.clear()
            return hole
        for lost in range(first, full):
            self._missing[lost] = _Missing(now, now + self._reordering_s)
        while len(self._missing) > MOST_MISSING:
            del self._missing[next(iter(self._missing))]
            self.given_up += 1
        return hole

    def _filled(self, full: int, now: float) -> None:
        found = self._missing.pop(full, None)
        if found is None:
            return
        came_after = now - found.since
        if found.tries == 0 or came_after < self.rtt_s / 2:  # too soon to be an answer
            needed_s = min(_MOST_REORDERING_S, came_after + _CLOSE_S)
            at_once_s = max(_QUICK_REORDERING_S, self._reordering_s + _REORDERING_STEP_S)
            self._reordering_s = max(self._reordering_s, min(needed_s, at_once_s))
        else:
            self._reordering_s *= _REORDERING_KEEPS

    def forget_before(self, sequence: int) -> None:
        """A whole picture begins at this number: what came before is not needed."""
        if self._newest is not None:
            first = nearest(sequence, 16, self._newest)
            self._missing = {n: m for n, m in self._missing.items() if n >= first}

    def due(self, now: float) -> list[int]:
        """16 bit numbers to ask for in one message now, ascending; empty when none is."""
        asking = []
        if self._useful_s is None:
            too_old = max(GIVE_UP_S, 3 * self.rtt_s)
        else:
            too_old = self._useful_s - self.rtt_s
        for number, missing in list(self._missing.items()):
            if missing.tries >= MOST_TRIES or now - missing.since > too_old:
                del self._missing[number]
                self.given_up += 1
            elif now >= missing.ask_at:
                self._asked(missing, now)
                asking.append(number & 0xFFFF)
        self.requests += bool(asking)
        return asking

    def _asked(self, missing: _Missing, now: float) -> None:
        every_s = max(_LEAST_EVERY_S, _SLACK * self.rtt_s)
        missing.said_once = self.rtt_s >= _TWICE_FROM_S and not missing.said_once
        if missing.said_once:
            missing.ask_at = now + _TWICE_AFTER_S
            return
        missing.tries += 1
        twice = self.rtt_s >= _TWICE_FROM_S
        missing.ask_at = now + every_s - (_TWICE_AFTER_S if twice else 0.0)

    def deadline(self) -> float | None:
        """When `due` should be called next, in seconds; None while nothing is missing."""
        return min((missing.ask_at for missing in self._missing.values()), default=None)
