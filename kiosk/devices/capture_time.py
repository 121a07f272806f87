"""When sound reached the microphone, by what the sound library says of it. Pure: `now` comes in."""

from __future__ import annotations

from collections import deque
from statistics import median

from kiosk.devices.tone import SAMPLE_RATE

MOST_WAITED_S = 0.5
"""No device holds sound back for longer; what says so gives nonsense."""
_REMEMBERED = 25
"""Pieces, half a second: fewer than half of them, late or with a wrong word, move nothing."""


class CaptureTimes:
    """Of the pieces of one open microphone, in the order in which they come.

    The samples are the clock. Where its zero lies each piece tells anew, off by how late its
    callback ran and by what the device says wrongly; the median of the last pieces is believed.
    """

    def __init__(self) -> None:
        self._zeros: deque[float] = deque(maxlen=_REMEMBERED)
        self._samples = 0

    def of(self, samples: int, now: float, adc_s: float, current_s: float) -> float:
        """When the first of these `samples` was captured, in seconds of `now`.

        `adc_s` and `current_s` are PortAudio's inputBufferAdcTime and currentTime: seconds of a
        clock of its own, of which only the difference means something.
        """
        self._zeros.append(now - waited_s(samples, adc_s, current_s) - self._samples / SAMPLE_RATE)
        at = median(self._zeros) + self._samples / SAMPLE_RATE
        self._samples += samples
        return at

    def lost(self) -> None:
        """Samples were left out: the clock's zero is another from here on."""
        self._zeros.clear()


def waited_s(samples: int, adc_s: float, current_s: float) -> float:
    """How long ago the first of `samples` was captured, in seconds, by these two times.

    Never less than the samples last. So much it is where the device gives no times (0), or times
    that cannot be: ahead of now, long past, no numbers.
    """
    lasts_s = samples / SAMPLE_RATE
    told_s = current_s - adc_s
    return told_s if adc_s > 0 and lasts_s <= told_s <= MOST_WAITED_S else lasts_s
