"""Mouth and voice together: RTCP sender reports put both on one clock. Pure: `now` comes in.

RFC 3550 §6.4.1: a report pairs the sender's wall clock (NTP) with a stream's RTP time. ITU-R
BT.1359: noticed from sound 45 ms early or 125 ms late on; hence the dead band.
"""

from __future__ import annotations

from kiosk.rtc.wrap import nearest

MOST_PICTURE_WAIT_S = 0.200
"""A picture is not kept longer for the sound's sake."""
MOST_SOUND_WAIT_S = 0.200
"""Nor is sound for the picture's."""

_EARLY_S = 0.030
_STEP_S = 0.020
"""The sound's wait changes by no more than this from one adjustment to the next."""
_EVERY_S = 0.5
_SMOOTHING = 0.25
_PLAUSIBLE_S = 10.0
"""Streams that seem further apart have reports of different clocks."""
_MOST_OFF = 0.02
"""A sender's clock that runs so much slower or faster than its wall clock loses samples, as on a
busy machine: between reports nobody knows where it is."""
_LEAST_OFF_S = 0.050
PICTURE_GONE_S = 10.0
"""Without a picture for so long, stills come more often, the sound waits for none: a line that is
too thin for pictures leaves speech alone, which should not be late."""
_STALE_S = 2.0
"""What was heard longer ago says nothing: there is no sound, so nothing to wait for."""


class ClockMap:
    """RTP time of one stream to the sender's wall clock."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._last: tuple[float, int] | None = None
        self._early: tuple[float, int] | None = None
        self._even = True

    def report(self, ntp: int, rtp: int) -> None:
        """A sender report: 64 bit NTP time (32.32 fixed point) and 32 bit RTP time."""
        wall = ntp / 2**32
        if self._last is None:
            self._last = wall, rtp
            return
        last_wall, last = self._last
        passed = wall - last_wall
        if passed <= 0:
            self._take_early(wall, rtp)
            return
        self._early = None
        full = nearest(rtp, 32, last)
        off = abs((full - last) / self._rate - passed)
        # off by half and more: another clock begins, and may be a good one
        self._even = off > passed / 2 or off <= max(_LEAST_OFF_S, _MOST_OFF * passed)
        self._last = wall, full

    def _take_early(self, wall: float, rtp: int) -> None:
        """Twice, or out of order; two that go on from each other show that the last was wrong."""
        before, self._early = self._early, (wall, rtp)
        if before is None or wall <= before[0]:
            return
        passed = wall - before[0]
        off = abs((nearest(rtp, 32, before[1]) - before[1]) / self._rate - passed)
        if off <= max(_LEAST_OFF_S, _MOST_OFF * passed):
            self._last, self._early, self._even = (wall, rtp), None, True

    def wall(self, rtp: int) -> float | None:
        """Sender's seconds at a 32 bit RTP time; None while it cannot be told.

        From the newest report on, at the rate that the codec promises: reports are seconds apart
        and their jitter would cost more than 200 ppm do in that time.
        """
        if self._last is None or not self._even:
            return None
        wall, last = self._last
        return wall + (nearest(rtp, 32, last) - last) / self._rate


class LipSync:
    """How long to keep a picture, or to let sound wait, so that they belong together.

    The side that is early waits: pictures one by one, sound by its buffer's least wait.
    """

    def __init__(self, sound: ClockMap, picture: ClockMap) -> None:
        self._sound = sound
        self._picture = picture
        self._heard: tuple[float, float] | None = None  # (wall, when it is heard)
        self._picture_lag: float | None = None
        self._adjusted_at: float | None = None
        self._seen_at: float | None = None
        self.sound_wait_s = 0.0
        """What sound should be held back besides its own needs: the picture is slower. Holds for
        PICTURE_GONE_S."""

    def hears(self, rtp: int, at: float) -> None:
        """The sample of this RTP time leaves the loudspeaker at `at`, in seconds."""
        wall = self._sound.wall(rtp)
        self._heard = None if wall is None else (wall, at)

    def when_to_show(self, rtp: int, now: float) -> float:
        """When to show a picture that is ready `now`: `now`, or up to 200 ms later."""
        if self._seen_at is not None and now - self._seen_at > PICTURE_GONE_S:
            self._picture_lag, self.sound_wait_s = None, 0.0
        self._seen_at = now
        wall = self._picture.wall(rtp)
        if wall is None or self._heard is None:
            return now
        heard_wall, heard_at = self._heard
        if now - heard_at > _STALE_S:
            return now
        together = heard_at + (wall - heard_wall)  # when the sound of this picture is heard
        skew = now - together
        if abs(skew) > _PLAUSIBLE_S:
            return now
        self._note(skew, now)
        return min(max(now, together - _EARLY_S), now + MOST_PICTURE_WAIT_S)

    def _note(self, skew: float, now: float) -> None:
        lag = skew if self._picture_lag is None else self._picture_lag
        self._picture_lag = lag + (skew - lag) * _SMOOTHING
        if self._adjusted_at is not None and now - self._adjusted_at < _EVERY_S:
            return
        self._adjusted_at = now
        late = self._picture_lag
        if late > _EARLY_S:
            change = min(_STEP_S, late - _EARLY_S)
        elif late < 0:  # sound waits for nothing: give some back
            change = max(-_STEP_S, late)
        else:
            return
        self.sound_wait_s = min(MOST_SOUND_WAIT_S, max(0.0, self.sound_wait_s + change))
