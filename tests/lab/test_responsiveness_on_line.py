"""Round trips a minute while the line is full, on a line whose queues are known."""

from __future__ import annotations

import pytest

from bench.line_capacity.ends import ends
from bench.linelab.profile import Direction

EMPTY_MS = 16.0
"""There and back, without a queue."""
OWN_MS = 60.0
"""What may wait at the sender: two messages of ten milliseconds, and a PC that is late."""
DOWN = Direction(kbit_s=4_000, buffer_octets=20_000, delay_ms=EMPTY_MS / 2)
UP = Direction(kbit_s=512, buffer_octets=20_000, delay_ms=EMPTY_MS / 2)
"""Its queue is a third of a second long: then the figure matters."""


@pytest.mark.root
def test_a_full_line_answers_as_often_as_its_queue_lets_it() -> None:
    with ends() as line:
        line.set_line(DOWN, UP)
        found = line.ndt7(4_000)
    print(found)
    for way, direction in (("down", DOWN), ("up", UP)):
        speed = found[way]  # type: ignore[index]  # a way's name
        assert direction.kbit_s is not None
        assert speed.kbit_s == pytest.approx(direction.kbit_s, rel=0.2)
        assert speed.quick is not None, way
        queue_ms = 8 * direction.buffer_octets / direction.kbit_s
        most = 60_000 / (EMPTY_MS + 0.3 * queue_ms)
        least = 60_000 / (EMPTY_MS + queue_ms + OWN_MS)
        assert least <= speed.quick.loaded_rpm <= most, way
        assert least <= speed.quick.foreign_rpm <= most, way
