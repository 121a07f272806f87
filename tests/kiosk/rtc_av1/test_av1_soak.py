"""A picture that SVT-AV1 never answers: a race, met once in some 5,000 with no temporal level."""

import multiprocessing
import time

import numpy as np
import pytest

from kiosk.rtc.av1 import svt
from kiosk.rtc.sending.codec_choice import FAST_PRESET, FINE_PRESET

PROGRAMS, SECONDS = 4, 60


def pictures(number: int, seconds: float) -> None:
    """Many short encoders; every picture follows at once, which no camera's does."""
    chance = np.random.default_rng(number)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        preset = int(chance.choice((FINE_PRESET, FAST_PRESET)))
        encoder = svt.Encoder(160, 90, 150_000, preset=preset)
        for _ in range(6):
            noise = chance.integers(0, 256, (135, 160), dtype=np.uint8)
            assert encoder.encode(noise if chance.random() < 0.5 else np.full_like(noise, 128))
        encoder.close()


@pytest.mark.slow
def test_every_picture_is_answered_however_soon_it_follows() -> None:
    programs = multiprocessing.get_context("spawn")
    beside = [
        programs.Process(target=pictures, args=(number, SECONDS)) for number in range(PROGRAMS)
    ]
    for program in beside:
        program.start()
    latest = time.monotonic() + SECONDS + 30
    for program in beside:
        program.join(max(0.0, latest - time.monotonic()))
    ended = [program.exitcode for program in beside]
    for program in beside:
        program.kill()
    assert ended == [0] * PROGRAMS
