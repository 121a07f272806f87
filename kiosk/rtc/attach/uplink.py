"""All that one transport sends: numbered, paced, and held to what the line carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog
from aiortc.rtp import RtpPacket

from kiosk.rtc.attach.stream import Outgoing, Stream
from kiosk.rtc.line import Line
from kiosk.rtc.sending.control import SendControl
from kiosk.rtc.sending.pacer import MOST_AGE_S, REPAIRS, Kind, Leaving, Pacer
from kiosk.rtc.sending.recorder import FeedbackRecorder
from kiosk.rtc.sending.retransmit import RepairBudget
from kiosk.rtc.sending.sharing import Target
from kiosk.rtc.sending.twcc import Feedback

if TYPE_CHECKING:
    from kiosk.rtc.attach.transport import KioskDtlsTransport

log = structlog.get_logger(__name__)

_HEADERS_OCTETS = 12 + 12
"""RTP header and one-byte extensions: transport sequence number, and playout delay or mid."""
_INDEX_OCTETS = 4
"""SRTCP's, beside its tag (RFC 3711 §3.4)."""
_HEARTBEAT_S, _HEARTBEAT_OCTETS = 0.2, 64
"""While the line is silent something numbered asks it so often whether it is back."""
_UNNUMBERED_S = 0.5
"""So long without anything numbered, and something is sent for feedback's sake: where sound has no
numbers (Firefox) and the picture waits, nothing else would ever say that the line is free again."""
_FIRST_S = 0.05
"""So much of the start rate leaves at once: the first picture is awaited."""
_FEEDBACK_SSRC = 1
"""Of our transport-wide feedback; far ends look at the transport alone."""


class Uplink:
    """Congestion control, pacer and arrival feedback of one transport, and the task that runs them.

    `put`, `feedback` and the other calls are for the event loop's thread.
    """

    def __init__(self, transport: KioskDtlsTransport, line: Line) -> None:
        self._transport = transport
        self._line = line
        self._framing = line.framing
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        budget = line.budget(now)
        self.rate_is_known = budget.is_known
        """The first target is what the line or the budget gives, not a guess."""
        self.control = SendControl(budget, line.framing, now)
        self.pacer: Pacer[Outgoing] = Pacer(budget.start_bit_s, budget.start_bit_s / 8 * _FIRST_S)
        self._recorder = FeedbackRecorder(_FEEDBACK_SSRC, budget.start_bit_s)
        self._repairs = RepairBudget()
        self._streams: list[Stream] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._numbered_at = now
        self._seal_octets = 16
        self._spoken: tuple[Outgoing, bytes, int] | None = None
        """The piece of speech before, encrypted, and its octets before."""
        self.closed = False

    # --- from the senders ----------------------------------------------------------------------

    def join(self, stream: Stream) -> None:
        """This stream's packets will come."""
        self._streams.append(stream)
        self._start()

    def leave(self, stream: Stream) -> None:
        """No more of them."""
        if stream in self._streams:
            self._streams.remove(stream)

    def target(self) -> Target:
        """What to send from now on."""
        return self.control.target(self._loop.time())

    def has_room(self) -> bool:
        """One more picture would leave soon, and the line answers."""
        now = self._loop.time()
        return self.pacer.may_encode() and self.control.window_open(now)

    def put(
        self,
        kind: Kind,
        stream: Stream,
        packets: Iterable[RtpPacket],
        patience_s: float = MOST_AGE_S,
    ) -> None:
        """Packets to send when their turn comes; ConnectionError when none will any more."""
        if self.closed:
            raise ConnectionError("the transport is closed")
        now = self._loop.time()
        for packet in packets:
            octets = self._framing.octets(_HEADERS_OCTETS + len(packet.payload) + self._seal_octets)
            self.pacer.put(kind, Outgoing(stream, packet), octets, now, patience_s)
        self._wake.set()

    def repairing(self, kind: Kind, now: float) -> Callable[[int], bool]:
        """Takes so many octets of the line from what all streams may send again now; False: too
        many."""
        self._repairs.allow(self.control.target(now).resend_bit_s, now)
        return partial(self._repairs.take, now=now, sound=kind is Kind.SOUND_AGAIN)

    def sent_report(self, octets: int) -> None:
        """RTCP of ours, of so many octets before encryption, was given to the socket."""
        self.control.sent_report(self._loop.time(), octets + self._seal_octets + _INDEX_OCTETS)

    # --- from the far end ----------------------------------------------------------------------

    def feedback(self, feedback: Feedback) -> None:
        """Transport-wide feedback about what we sent."""
        self.control.feedback(feedback, self._loop.time())
        if self.control.state == "increase":
            self._line.carried(self.control.uncontested_bit_s, self._loop.time())
        self._wake.set()

    def remb(self, bit_s: float) -> None:
        """The far end's REMB."""
        self.control.remb(bit_s, self._loop.time())

    def report(self, fraction_lost: float, round_trip_s: float | None) -> None:
        """A receiver report about one of our streams; loss 0 to 1."""
        self.control.receiver_report(fraction_lost, round_trip_s, self._loop.time())

    def reached(self, ssrc: int, number: int) -> None:
        """The same report: how far one of our streams has come, an extended sequence number."""
        self.control.reached(ssrc, number, self._loop.time())

    def arrived(self, number: int, ssrc: int, at: float) -> None:
        """A packet of the far end's with this transport-wide number."""
        if self._recorder.deadline() is None:
            self._wake.set()
        self._recorder.received(number, ssrc, at)
        self._start()

    # --- the task ------------------------------------------------------------------------------

    def close(self) -> None:
        """Nothing leaves any more."""
        self.closed = True
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        if self._task is None and not self.closed:
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            while True:
                await self._send_due()
                await self._until(self._deadline())
        except ConnectionError:
            self.closed = True
        except Exception as error:  # the senders must learn that nothing leaves any more
            self.closed = True
            log.exception("sending ended", error=repr(error))

    async def _until(self, deadline: float | None) -> None:
        timer = None if deadline is None else self._loop.call_at(deadline, self._wake.set)
        await self._wake.wait()
        self._wake.clear()
        if timer is not None:
            timer.cancel()

    def _deadline(self) -> float | None:
        now = self._loop.time()
        times = [
            self.pacer.deadline(now, window_open=self.control.window_open(now)),
            self._recorder.deadline(),
            self._heartbeat_at(now),
        ]
        return min((time for time in times if time is not None), default=None)

    async def _send_due(self) -> None:
        now = self._loop.time()
        self._follow_way()
        target = self.control.target(now)
        self.pacer.pace(target.pace_bit_s, now)
        if self._may_probe():
            octets = self._framing.media_octets(target.payload_octets)
            probe = self.control.prober.take(now, octets)
            if probe is not None:
                self.pacer.probe(probe, now)
        if not self.control.prober.awaits:
            self.pacer.probe_over(now)
        for leaving in self.pacer.take(now, window_open=self.control.window_open(now)):
            await self._leave(leaving)
        beat = self._heartbeat_at(now)
        if beat is not None and beat <= now:
            await self._leave(Leaving(Kind.VIDEO, None, _HEARTBEAT_OCTETS, None))
        self._recorder.back(target.total_bit_s)
        for packet in self._recorder.take(now):
            await self._transport.send_control(packet)

    async def _leave(self, leaving: Leaving[Outgoing]) -> None:
        outgoing = leaving.packet or self._padding(leaving.octets)
        if outgoing is None:
            return
        stream, packet = outgoing.stream, outgoing.packet
        number = self.control.next_number if stream.numbered else None
        clear = stream.written(packet, number)
        sealed = self._transport.sealed(clear)
        self._seal_octets = len(sealed) - len(clear)
        now = self._loop.time()
        self.control.sent(
            now,
            len(sealed),
            probe=leaving.probe,
            resent=leaving.kind in REPAIRS,
            numbered=stream.numbered,
        )
        if stream.numbered:
            self._numbered_at = now
        await self._transport.send_sealed(sealed)
        stream.left(packet, leaving.kind, self._framing.octets(len(sealed)), now)
        if leaving.kind is Kind.SOUND:
            before, self._spoken = self._spoken, (outgoing, sealed, len(clear))
            if before is not None and self.control.speech_twice(now):
                await self._repeat(*before)

    async def _repeat(self, outgoing: Outgoing, sealed: bytes, octets: int) -> None:
        """The same piece of speech once more."""
        self.control.sent_report(self._loop.time(), len(sealed))
        await self._transport.send_sealed(sealed)
        outgoing.stream.repeated(outgoing.packet, octets)

    def _follow_way(self) -> None:
        """A relay's overhead is of the call's budget, too."""
        octets = self._transport.relay_octets
        if octets != self._framing.relay_octets:
            self._framing = replace(self._framing, relay_octets=octets)
            self.control.reframe(self._framing)

    def _padding(self, octets: int) -> Outgoing | None:
        stream = self._padded()
        return None if stream is None else Outgoing(stream, stream.padding(octets))

    def _padded(self) -> Stream | None:
        return next((s for s in self._streams if s.numbered and s.pads), None)

    def _may_probe(self) -> bool:
        """Bursts need padding, and somebody who says how they arrived; the first is a picture."""
        answered = self.control.fed or self.pacer.queue_s() > 0
        return answered and self._padded() is not None

    def _heartbeat_at(self, now: float) -> float | None:
        silent = self.control.silent(now)
        if not (silent or self.control.fed) or self._padded() is None:
            return None
        return self._numbered_at + (_HEARTBEAT_S if silent else _UNNUMBERED_S)
