"""The session sender: when to send a STAMP probe, and what its answer says. Pure.

Probes leave at exponential distances (a Poisson process sees the line as it is on average,
RFC 2330 §11.1), every 3 s, and every 5 s while a call is on; or evenly, padded, like a voice.
Delays are taken on the caller's monotonic clock, so that setting this machine's clock changes
nothing. While answers fail to come,
probes follow each other sooner: an outage is seen within 30 s.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from visiohub.linkquality import tlv
from visiohub.linkquality.delays import Answer, DelaySummary, summary
from visiohub.linkquality.stamp import (
    ErrorEstimate,
    Probe,
    StampRefused,
    pack_probe,
    unpack_reflection,
)

IDLE_MEAN_S = 3.0
CALL_MEAN_S = 5.0
LOST_AFTER_S = 5.0
OUTAGE_PROBES = 3
"""So many lost in a row, with nothing since, are an outage."""
_LONGEST_MEANS = 3.0
_ASK_AGAIN_S = 4.0
_FORGOTTEN_AFTER_S = 60.0


class Unsolicited(StampRefused):
    """Answers a number or a session that is not waited for: forged, or much too late."""

    code = "stamp_unsolicited"


class Duplicate(StampRefused):
    """This probe was answered before."""

    code = "stamp_duplicate"


class Late(StampRefused):
    """The probe was given up already."""

    code = "stamp_late"


@dataclass
class _Sent:
    number: int
    at: float
    wall: float
    answer: Answer | None = None


class SessionSender:
    """One session. `now` is a monotonic clock in seconds, `uniform` gives numbers in [0, 1).

    `every_s` sends evenly at this distance; `padding` adds so many octets, four at least.
    """

    def __init__(
        self,
        session: int,
        uniform: Callable[[], float],
        now: float,
        key: bytes | None = None,
        *,
        every_s: float | None = None,
        padding: int = 0,
    ) -> None:
        self._every_s = every_s
        self._padding = tlv.padding(padding) if padding else b""
        self._session = session
        self._uniform = uniform
        self._key = key
        self.next_number = 0
        """Of the next probe. Another sender of the session may go on from it, and this one after
        that: the reflector answers no number twice."""
        self._waiting: dict[int, _Sent] = {}
        self._given_up: dict[int, float] = {}
        self._late = self._duplicates = 0
        self._unanswered: deque[tuple[int, float]] = deque(maxlen=100)
        self._before: Answer | None = None
        self.in_call = False
        self._next_at = now + self._distance()

    @property
    def deadline(self) -> float:
        """When to call `send` next."""
        if self._unanswered:
            return min(self._next_at, self._unanswered[-1][1] + _ASK_AGAIN_S)
        return self._next_at

    def send(self, now: float, wall: float, error: ErrorEstimate | None = None) -> bytes | None:
        """The probe that is due, or None. `wall`: Unix seconds, for the packet alone."""
        if now < self.deadline:
            return None
        # A sleeping machine does not catch up: what was missed stays unsent.
        behind = now - self._next_at if self._every_s and now - self._next_at < 1 else 0.0
        self._next_at = now + self._distance() - behind
        probe = Probe(self.next_number, self._session, wall, error or ErrorEstimate())
        self._waiting[self.next_number] = _Sent(self.next_number, now, wall)
        self._unanswered.append((self.next_number, now))
        self.next_number = self.next_number + 1 & 0xFFFF_FFFF
        return pack_probe(probe, self._key) + self._padding

    def receive(self, octets: bytes, now: float) -> Answer:
        """An answer; raises a StampRefused, and then nothing has changed but a count. `now` may lie
        before the probe where a clock that was set said how long the answer had waited."""
        reflection = unpack_reflection(octets, self._key)
        number = reflection.probe_number
        if reflection.session != self._session:
            raise Unsolicited(f"session {reflection.session}")
        if number in self._given_up:
            self._late += 1
            del self._given_up[number]
            raise Late(f"number {number}")
        sent = self._waiting.get(number)
        if sent is None or abs(reflection.probe_sent_at - sent.wall) > 1e-6:
            raise Unsolicited(f"number {number}")
        if sent.answer:
            self._duplicates += 1
            raise Duplicate(f"number {number}")
        if now - sent.at > LOST_AFTER_S:
            self._late += 1
            raise Late(f"number {number}")
        while self._unanswered and self._unanswered[0][0] <= number:
            self._unanswered.popleft()
        held = reflection.reflected_at - reflection.received_at
        whole = max(0.0, now - sent.at)
        sent.answer = Answer(
            number=number,
            reflector_number=reflection.number,
            # A reflector whose clock was set meanwhile held the probe for no time that can be.
            two_way_s=whole - held if 0 <= held <= whole else whole,
            forward_s=reflection.received_at - sent.at,
            backward_s=now - reflection.reflected_at,
        )
        return sent.answer

    @property
    def is_answered(self) -> bool:
        """Whether nothing later than the newest answered probe is waited for."""
        return not self._unanswered

    def is_out(self, now: float) -> bool:
        """Whether the line, or the reflector, has been silent for long enough to call it out."""
        lost = sum(now - at > LOST_AFTER_S for _, at in self._unanswered)
        return lost >= OUTAGE_PROBES

    def collect(self, now: float) -> DelaySummary:
        """The probes whose fate is known, oldest first; each is in one summary only."""
        decided = []
        for sent in list(self._waiting.values()):
            if not sent.answer and now - sent.at <= LOST_AFTER_S:
                break
            decided.append(self._waiting.pop(sent.number))
        answers = [sent.answer for sent in decided if sent.answer]
        result = summary(
            [sent.number for sent in decided],
            answers,
            self._before,
            late=self._late,
            duplicates=self._duplicates,
        )
        self._late = self._duplicates = 0
        self._before = answers[-1] if answers else self._before
        self._given_up |= {sent.number: sent.at for sent in decided if not sent.answer}
        for number, at in list(self._given_up.items()):
            if now - at > _FORGOTTEN_AFTER_S:
                del self._given_up[number]
        return result

    def _distance(self) -> float:
        if self._every_s is not None:
            return self._every_s
        mean = CALL_MEAN_S if self.in_call else IDLE_MEAN_S
        return min(-mean * math.log(1 - self._uniform()), _LONGEST_MEANS * mean)
