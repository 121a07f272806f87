"""The sender's congestion control as one machine: packets and reports in, targets out. Pure.

Who sends calls `sent` for every packet and gives every RTCP report that comes; who encodes and
paces follows `target`. With transport-wide feedback everything is used, and REMB is the most that
the far end wants; without it REMB and receiver reports bound the rate.
"""

from __future__ import annotations

import math

from kiosk.rtc.sending.acknowledged import QUICK_S, SLOW_S, AcknowledgedRate
from kiosk.rtc.sending.aimd import RateController, Signals
from kiosk.rtc.sending.answers import Answers
from kiosk.rtc.sending.budget import Budget
from kiosk.rtc.sending.copies import CopyRule
from kiosk.rtc.sending.delay import OveruseDetector
from kiosk.rtc.sending.fallback import ReportedBound
from kiosk.rtc.sending.framing import PLAIN, Framing
from kiosk.rtc.sending.ledger import Outcome, SentLedger
from kiosk.rtc.sending.limit import Limit
from kiosk.rtc.sending.loss import LossController
from kiosk.rtc.sending.probe_plan import ProbePlan
from kiosk.rtc.sending.queueing import QueueMeter
from kiosk.rtc.sending.sharing import Sharer, Target
from kiosk.rtc.sending.speech_twice import SpeechTwice
from kiosk.rtc.sending.traffic import LeastTrip, Traffic
from kiosk.rtc.sending.twcc import Feedback

_WINDOW_S = 0.15
"""What may be on its way beyond the empty line's round trip and the time between two feedbacks, in
seconds of the line."""
_ASSUMED_ROUND_TRIP_S = 0.3
_LONG_S, _LONG_SHARE = 0.2, 0.15
"""On a way longer than this a share of the excess may stand: it is little beside the way, and the
answer to it comes late."""


class SendControl:
    """Congestion control of one transport."""

    def __init__(self, budget: Budget, framing: Framing = PLAIN, now: float = 0.0) -> None:
        self._limit = Limit(budget, framing)
        self._framing = framing
        self._ledger = SentLedger()
        self._detector = OveruseDetector()
        self._queue = QueueMeter()
        self._acknowledged = AcknowledgedRate()
        self._loss = LossController(2 * budget.start_bit_s)
        self._copies = CopyRule()
        self._twice = SpeechTwice()
        self._rate = RateController(budget)
        self._reported = ReportedBound(budget)
        self._sharer = Sharer(framing)
        self._probes = ProbePlan(budget, self._rate)
        self.prober = self._probes.prober
        self._sent, self._resent, self._unnumbered = Traffic(), Traffic(), Traffic()
        self._answers = Answers(now)
        self._least_trip = LeastTrip(_ASSUMED_ROUND_TRIP_S)
        self.round_trip_s: float | None = None
        """Of the newest answered packet, the receiver's waiting time included."""

    # --- what happens --------------------------------------------------------------------------

    @property
    def next_number(self) -> int:
        """The transport-wide number of the next numbered packet, for its header extension."""
        return self._ledger.next_number

    def sent(
        self,
        now: float,
        datagram_octets: int,
        *,
        probe: int | None = None,
        resent: bool = False,
        numbered: bool = True,
    ) -> int | None:
        """A packet leaves; its transport-wide number.

        `datagram_octets` is the UDP payload, SRTP's tag included. `numbered`: the far end gives
        transport-wide feedback about it (Firefox gives none about sound).
        """
        octets = self._framing.octets(datagram_octets)
        self._sent.add(now, octets)
        if resent:
            self._resent.add(now, octets)
        if not numbered:
            self._unnumbered.add(now, octets)
            return None
        self._answers.asked(now)
        return self._ledger.sent(now, octets, probe)

    def sent_report(self, now: float, datagram_octets: int) -> None:
        """RTCP of ours leaves, or speech for the second time: it takes its part of the budget.
        Octets as those of `sent`."""
        self._limit.reported(now, datagram_octets)

    def feedback(self, feedback: Feedback, now: float) -> Outcome:
        """Transport-wide feedback came."""
        outcome = self._ledger.feedback(feedback, now)
        if not outcome.arrived:
            return outcome
        was_dead = self.silent(now)
        self._answers.feedback(now)
        if outcome.round_trip_s is not None:
            self.round_trip_s = outcome.round_trip_s
            self._least_trip.add(now, outcome.round_trip_s)
        if was_dead:
            self._break_off()
            return outcome
        self._learn(outcome, now)
        return outcome

    def remb(self, bit_s: float, now: float) -> None:
        """The far end's REMB (draft-alvestrand-rmcat-remb-03 §2.2); 0: no limit."""
        wanted_bit_s = bit_s or math.inf
        self._limit.wanted(wanted_bit_s)
        self._reported.remb(wanted_bit_s, self._sent.bit_s(now), now)
        self._follow_reports()

    def receiver_report(self, fraction_lost: float, round_trip_s: float | None, now: float) -> None:
        """An RTCP receiver report about our packets (RFC 3550 §6.4.1); loss 0 to 1."""
        self._reported.report(fraction_lost, round_trip_s, self._sent.bit_s(now), now)
        if not self.fed and round_trip_s is not None:
            self.round_trip_s = round_trip_s
        self._follow_reports()

    def reached(self, ssrc: int, number: int, now: float) -> None:
        """The same report: how far one of our streams has come, an extended sequence number."""
        self._answers.reached(ssrc, number, now)

    def budget(self, budget: Budget) -> None:
        """The call's share of the line was changed in mid-call."""
        grown = budget.probe_bit_s > self._limit.budget.probe_bit_s
        self._limit.budget = budget
        self._rate.budget(budget)
        self._reported.budget(budget)
        self._probes.limit(budget.probe_bit_s, grown=grown)

    def reframe(self, framing: Framing) -> None:
        """Packets take another way, which wraps them otherwise."""
        self._framing = self._limit.framing = self._sharer.framing = framing

    # --- what follows from it ------------------------------------------------------------------

    def target(self, now: float) -> Target:
        """What to send from now on; with our reports never above the budget."""
        most_bit_s = self._limit.bit_s(now, fed=self.fed)
        return self._sharer.share(
            min(self._rate.bit_s, most_bit_s),
            self._copies.residual(self.loss_ratio),
            most_bit_s,
            self._resent.bit_s(now),
            self._copies.copies,
            self._limit.budget.picture_most_bit_s,
            self._limit.budget.speech_most_bit_s,
        )

    def speech_twice(self, now: float) -> bool:
        """Each piece of speech is to leave once more, behind the next: not into a dead line, and
        not where nobody tells any more what the line loses."""
        return self._twice.on and self.fed and not self.silent(now)

    def window_open(self, now: float) -> bool:
        """Whether more video may leave: what is under way is bounded, so that a line that died
        or thinned does not fill its modem with seconds of old pictures. Sound always may."""
        if not self.fed:
            return True  # reports alone cannot tell
        if self.silent(now) or self._rate.leaves_to_speech:
            return False
        bit_s = max(self._rate.bit_s, self._rate.capacity or 0.0)
        # Answers that come late, a download fills their way back, are no queue on this way.
        empty_trip_s = (self.round_trip_s or 0.0) - max(0.0, self.queue_s or 0.0)
        trip_s = max(self._least_trip.seconds, empty_trip_s)
        if self._rate.state in ("compete", "trial"):
            trip_s = max(trip_s, self.round_trip_s or 0.0)
        window_s = trip_s + self._answers.interval_s + _WINDOW_S
        return self._ledger.in_flight_octets * 8 < bit_s * window_s

    @property
    def fed(self) -> bool:
        """Transport-wide feedback comes, or came before the line fell silent."""
        return self._answers.fed

    def silent(self, now: float) -> bool:
        """The line counts as dead."""
        return self._answers.silent(now)

    @property
    def uncontested_bit_s(self) -> float:
        """The rate in force before a queue last stood."""
        return self._rate.uncontested

    @property
    def state(self) -> str:
        """`increase`, `drain`, `compete` or `trial`, for statistics."""
        return self._rate.state

    @property
    def queue_s(self) -> float | None:
        """Standing queue at the bottleneck, for statistics and for the far side's page."""
        return self._queue.standing_s

    @property
    def loss_ratio(self) -> float:
        """Share of packets lost lately, 0 to 1."""
        return self._loss.ratio if self.fed else self._reported.loss_ratio

    # --- inner -----------------------------------------------------------------------------------

    def _learn(self, outcome: Outcome, now: float) -> None:
        usage = self._detector.add(outcome.arrived)
        self._queue.add(outcome.arrived, self._rate.bit_s)
        self._acknowledged.add(outcome.arrived)
        queue_s = self._queue.standing_s
        before = self._rate.state
        trip_s = self.round_trip_s or _ASSUMED_ROUND_TRIP_S
        lost = len(outcome.lost) - outcome.found
        self._loss.update(now, len(outcome.arrived), lost, queue_s, trip_s)
        proven = self.prober.feedback(outcome.arrived, outcome.lost)
        signals = Signals(
            usage,
            queue_s,
            self._queue.slack_s + _LONG_SHARE * max(0.0, self._least_trip.seconds - _LONG_S),
            self._carried(QUICK_S, now),
            self._carried(SLOW_S, now),
            self._sent.bit_s(now - trip_s),
            trip_s,
        )
        if not (self.prober.busy and usage == "over" and (queue_s or 0.0) < 0.1):
            self._rate.update(now, signals)
        if self._rate.way_is_longer:
            self._rate.way_is_longer = False
            self._queue.rebase()
        if proven is not None:
            self._loss.raise_to(proven)
            self._rate.proven(proven)
            self._probes.found()
        self._rate.bound(self._loss.bit_s)
        self._loss.follow(self._rate.bit_s)
        empty_trip_s = self._least_trip.seconds
        target = self.target(now)
        self._copies.update(now, self._loss.ratio, queue_s, empty_trip_s, target.video_bit_s)
        self._twice.update(self._loss.inherent, target.total_bit_s)
        self._probes.update(now, before, self._sent.bit_s(now))

    def _carried(self, window_s: float, now: float) -> float | None:
        """What the bottleneck passed on: what arrived and what the line then lost by itself.

        What is not numbered counts as it was sent: sound never waits for the rate.
        """
        arrived = self._acknowledged.bit_s(window_s)
        if arrived is None:
            return None
        return arrived / (1 - self._loss.inherent) + self._unnumbered.bit_s(now)

    def _break_off(self) -> None:
        self._twice = SpeechTwice()
        self._detector = OveruseDetector()
        self._queue.break_off()
        self._acknowledged.restart()
        self._loss.break_off()
        self.prober.cancel()
        self._rate.after_outage()

    def _follow_reports(self) -> None:
        if self.fed:  # what transport-wide feedback says is better and newer
            self._reported.follow(self._rate.bit_s)
            return
        self._rate.follow(self._reported.bit_s)
