"""Sound without end from packets that come when they like. Pure: `now` and a decoder come in.

`put` what arrives, `pull` what the loudspeaker needs: always exactly as many samples as asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kiosk.rtc.hearing import stretch
from kiosk.rtc.hearing.buffer import SoundBuffer
from kiosk.rtc.hearing.decisions import Act, Decision
from kiosk.rtc.hearing.decoding import Sound, SoundDecoder, Undecodable
from kiosk.rtc.hearing.drift import ClockDrift, Resampler
from kiosk.rtc.hearing.redundancy import Spare
from kiosk.rtc.hearing.statistics import HearingTotals
from kiosk.rtc.hearing.toc import CLOCK

_FADE_IN = CLOCK // 200
_MUCH_SHARE = 0.35
"""Of a block, the most that is left out when much too late: speech at 1.5 times its pace."""
_PIECE_S = 0.010


class Player:
    """One far sound."""

    def __init__(self, decoder: SoundDecoder, channels: int = 1) -> None:
        self._decoder = decoder
        self._buffer = SoundBuffer()
        self._channels = channels
        self._ready = self._zeros(0)
        self._before = self._zeros(0)  # the last that was played, to find pitch periods
        self._sender = ClockDrift()
        self._speaker = ClockDrift()
        self._resampler = Resampler()
        self._lip_sync = (0.0, 0.0)  # (seconds, until when)
        self._concealing = False
        self._silent = True

    @property
    def totals(self) -> HearingTotals:
        """Counters of this sound."""
        return self._buffer.totals

    @property
    def held(self) -> int:
        """Packets that wait; bounded."""
        return self._buffer.held

    @property
    def target_s(self) -> float:
        """How long sound waits at present, by plan."""
        return self._buffer.estimate.target_s

    def wait_more(self, seconds: float, until: float) -> None:
        """For lip sync (sync.py): until then wait that much longer than the line asks for."""
        self._lip_sync = seconds, until

    @property
    def drift_ppm(self) -> float:
        """How much faster the sender's clock runs than the loudspeaker's."""
        return self._sender.ppm - self._speaker.ppm

    def position(self) -> int | None:
        """RTP time (32 bits) of the next sample that `pull` gives; None before the first packet.

        Exact but for what is being stretched at the moment.
        """
        position = self._buffer.position
        return None if position is None else (position - len(self._ready)) & 0xFFFFFFFF

    def delay_s(self, now: float) -> float:
        """How long after its earliest possible arrival sound plays now, in seconds."""
        return self._buffer.delay_s(now, len(self._ready))

    def put(
        self,
        sequence: int,
        timestamp: int,
        payload: bytes,
        now: float,
        spares: Iterable[Spare] = (),
    ) -> None:
        """One RTP packet as it arrives, and what came along with it; never raises."""
        restarts = self._buffer.restarts
        if not self._buffer.put(sequence, timestamp, payload, now, spares):
            return
        if self._buffer.restarts != restarts:
            self._sender.restart()
        self._sender.note(self._buffer.newest / CLOCK, now)

    def pull(self, samples: int, now: float) -> Sound:
        """The next `samples` for the loudspeaker; 10 ms at a time keep the wait shortest."""
        # the end of a large piece must be here before its time has come
        ahead_s = max(0.0, samples / CLOCK - _PIECE_S)
        lip_sync_s, until = self._lip_sync
        self._buffer.estimate.extra_s = ahead_s + (lip_sync_s if now < until else 0.0)
        while len(self._ready) < samples:
            self._extend(now)
        self.totals.samples += samples
        self._speaker.note(self.totals.samples / CLOCK, now)
        out, self._ready = self._ready[:samples], self._ready[samples:]
        self._before = np.concatenate([self._before, out])[-stretch.LONGEST :]
        return out

    def _extend(self, now: float) -> None:
        decision = self._buffer.decide(now, len(self._ready))
        self._append(decision)
        match decision.act:
            case Act.FASTER | Act.MUCH_FASTER:
                while len(self._ready) < stretch.BLOCK and self._buffer.next_is_here:
                    self._append(self._buffer.decide(now, len(self._ready)))
                self._play_faster(now, urgent=decision.act is Act.MUCH_FASTER)
            case Act.SLOWER:
                self._play_slower(now)
            case _:
                pass

    def _append(self, decision: Decision) -> None:
        sound = self._sound(decision)
        if self._silent and decision.act is not Act.SILENCE and len(sound) >= _FADE_IN:
            sound = sound.copy()
            sound[:_FADE_IN] *= self._ramp(0, 1, _FADE_IN)
            self._silent = False
        # always, and be it by 0 ppm: to begin or to end it in the midst of sound is a click
        sound = self._resampler.process(sound, self.drift_ppm)
        self._ready = np.concatenate([self._ready, sound])

    def _sound(self, decision: Decision) -> Sound:
        act = decision.act
        try:
            match act:
                case Act.SILENCE:
                    sound = self._silence(decision.samples)
                case Act.RECOVER:
                    sound = self._decoder.decode_spare(decision.payload, decision.samples)
                case Act.CONCEAL | Act.COMFORT:
                    sound = self._decoder.conceal(decision.samples)
                case _:
                    sound = self._decoder.decode(decision.payload)
        except Undecodable:
            act, sound = Act.CONCEAL, self._concealed_or_silence(decision.samples)
        self._count(act, decision.samples)
        return sound

    def _concealed_or_silence(self, samples: int) -> Sound:
        try:
            return self._decoder.conceal(samples)
        except Undecodable:
            return self._zeros(samples)

    def _silence(self, samples: int) -> Sound:
        if self._silent:
            return self._zeros(samples)
        self._silent = True
        last = self._concealed_or_silence(samples).copy()
        fade = min(_FADE_IN, samples)  # the shortest packets are shorter
        last[:fade] *= self._ramp(1, 0, fade)
        last[fade:] = 0
        return last

    def _count(self, act: Act, samples: int) -> None:
        if act is Act.SILENCE and self._buffer.position is None:
            return  # nothing was ever heard: nothing is missing
        concealing = act in (Act.CONCEAL, Act.SILENCE)
        if concealing:
            self.totals.concealed += samples
            self.totals.silent_concealed += samples * (act is Act.SILENCE)
            self.totals.concealments += not self._concealing
        self._concealing = concealing

    def _play_faster(self, now: float, *, urgent: bool) -> None:
        excess = int((self.delay_s(now) - self.target_s) * CLOCK)
        most = min(excess, int(len(self._ready) * _MUCH_SHARE)) if urgent else excess
        shorter = stretch.faster(self._ready, most, urgent=urgent)
        self.totals.removed += len(self._ready) - len(shorter)
        self._ready = shorter

    def _play_slower(self, now: float) -> None:
        wanted = int((self.target_s - self.delay_s(now)) * CLOCK)
        played = len(self._before)
        longer = stretch.slower(np.concatenate([self._before, self._ready]), wanted, played)
        self.totals.added += len(longer) - played - len(self._ready)
        self._ready = longer[played:]

    def _zeros(self, samples: int) -> Sound:
        shape = samples if self._channels == 1 else (samples, self._channels)
        return np.zeros(shape, np.float32)

    def _ramp(self, start: float, end: float, samples: int) -> Sound:
        ramp = np.linspace(start, end, samples, endpoint=False, dtype=np.float32)
        return ramp if self._channels == 1 else ramp[:, None]
