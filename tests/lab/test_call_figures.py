"""A call's figures from what its ends noted: does it last, what was concealed, what was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.call.clip import RATE, Clip
from bench.call.figures import AT_ONCE, AV1_SHARE, STAYS_UP, Measured, measure
from bench.call.measure import Loop, Shown
from bench.call.noted import Noted, kiosk_stats
from bench.call.sound import RATE as SOUND_RATE
from bench.call.sound import Pcm, Recording, Source
from bench.call.take import Taken
from bench.lines import SCENARIOS
from kiosk.call_statistics import StatisticsFile

BEGIN, SECONDS, LOOP_S = 1000.0, 24.0, 2.0


@pytest.fixture(scope="module")
def said() -> Pcm:
    """Noise, by a fixed seed: the same nowhere twice."""
    chance = np.random.default_rng(5)
    return np.asarray(chance.normal(0, 4000, int(LOOP_S * SOUND_RATE)), np.int16)


def noted(
    said: Pcm,
    *,
    pictures_until: float = SECONDS,
    sound_until: float = SECONDS,
    stats: list[tuple[float, list[dict[str, Any]]]] | None = None,
) -> Noted:
    """An end that shows and hears all of it 0.1 s late, until so many seconds after the press."""
    shown = [Shown(BEGIN + n / RATE + 0.1, n % 50) for n in range(int(pictures_until * RATE))]
    samples = np.resize(said, int(sound_until * SOUND_RATE))
    marks = [(BEGIN + 0.1 + n / 50, n * SOUND_RATE // 50) for n in range(int(sound_until * 50))]
    own = Loop([(BEGIN, 0.0)], LOOP_S)
    return Noted(shown[0].at, shown, [], Recording(samples, marks), own, own, stats or [])


def measured(office: Noted, venue: Noted, said: Pcm, line: str = "harsh") -> Measured:
    taken = Taken(SCENARIOS[line], "kiosk", BEGIN, BEGIN + SECONDS, office, venue)
    return measure(taken, Clip(Path("unused"), Path("unused"), 50), Source(said))


def test_a_call_that_lasts_is_held(said: Pcm) -> None:
    one = measured(noted(said), noted(said), said)
    assert one.held
    assert one.figures["up"]["longest gap, s"] == 0
    assert one.figures["up"]["latency p95, ms"] == pytest.approx(100, abs=1)


@pytest.mark.parametrize("ends", [{"pictures_until": 18.0}, {"sound_until": 18.0}])
def test_a_call_that_dies_on_the_way_is_not(said: Pcm, ends: dict[str, float]) -> None:
    one = measured(noted(said, **ends), noted(said), said)
    assert one.figures["up"][STAYS_UP] == 0
    assert one.figures["down"][STAYS_UP] == 1
    assert not one.held
    gap = one.figures["up"]["longest gap, s"]
    assert gap == pytest.approx(6 if "sound_until" in ends else 0, abs=0.3)


def test_what_the_event_itself_freezes_is_told(said: Pcm) -> None:
    office = noted(said)
    office.shown = [one for one in office.shown if not 1016.0 < one.at < 1017.0]
    figures = measured(office, noted(said), said, "step").figures
    assert figures["up"][AT_ONCE] == pytest.approx(1, abs=0.05)
    assert figures["down"][AT_ONCE] == 0
    assert figures["up"]["frozen, %"] == 0
    assert AT_ONCE not in measured(office, noted(said), said).figures["up"]


def told(at: float, played_s: float, concealed_s: float) -> tuple[float, list[dict[str, Any]]]:
    """An inbound-rtp entry of sound, as either end gives it."""
    entry = {
        "type": "inbound-rtp", "kind": "audio",
        "totalSamplesReceived": round(played_s * 48_000),
        "concealedSamples": round(concealed_s * 48_000),
    }  # fmt: skip
    return at, [entry, {"type": "transport"}]


def test_what_either_end_concealed_is_counted(said: Pcm) -> None:
    venue = noted(said, stats=[told(BEGIN + s, s, s / 5) for s in range(1, 24)])
    office = noted(said, stats=[told(BEGIN + s, s, 0) for s in range(1, 24)])
    figures = measured(office, venue, said).figures
    assert figures["down"]["sound concealed or silent, %"] == pytest.approx(20, abs=0.1)
    assert figures["down"]["sound silent, %"] == pytest.approx(0, abs=2)
    assert figures["up"]["sound concealed or silent, %"] == figures["up"]["sound silent, %"]


def test_an_end_that_tells_nothing_is_not_taken_for_a_good_one(said: Pcm) -> None:
    figures = measured(noted(said), noted(said), said).figures
    assert figures["down"]["sound concealed or silent, %"] is None


def test_the_kiosks_statistics_are_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "statistics.jsonl"
    assert kiosk_stats(file) == []
    kept = StatisticsFile(file)
    kept.add("c1", {"inbound-rtp_audio": told(0, 1, 0)[1][0]})
    at = kiosk_stats(file)[0][0]
    with file.open("a") as half:
        half.write('{"unix_s": 3, "sta')
    assert kiosk_stats(file) == [(at, told(0, 1, 0)[1][:1])]


def test_a_file_that_cannot_be_written_ends_no_call(tmp_path: Path) -> None:
    file = tmp_path / "statistics.jsonl"
    kept = StatisticsFile(file)
    file.unlink()
    file.mkdir()  # as a disk that is gone: what could be written cannot be any more
    kept.add("c1", {})
    file.rmdir()
    kept.add("c1", {})
    assert len(kiosk_stats(file)) == 1


def seen(codec: str) -> list[dict[str, Any]]:
    """Entries of an end that receives a picture in this codec."""
    return [
        {"type": "codec", "id": "c1", "mimeType": f"video/{codec}"},
        {"type": "inbound-rtp", "kind": "video", "codecId": "c1"},
        {"type": "inbound-rtp", "kind": "audio", "totalSamplesReceived": 1, "concealedSamples": 0},
    ]


def test_how_much_of_a_call_was_av1_is_told(said: Pcm) -> None:
    stats = [(BEGIN + s, seen("VP8" if s < 8 else "AV1")) for s in range(24)]
    figures = measured(noted(said, stats=stats), noted(said), said).figures
    assert figures["up"][AV1_SHARE] == pytest.approx(100 * 16 / 24)
    assert figures["down"][AV1_SHARE] is None


def test_the_course_has_freezes_sound_and_processor_second_by_second(said: Pcm) -> None:
    venue = noted(said, stats=[told(BEGIN + s, s, max(0, s - 20) / 2) for s in range(1, 25)])
    office = noted(said, sound_until=20.0)
    office.shown = [one for one in office.shown if not 1010.0 < one.at < 1012.0]
    taken = Taken(
        SCENARIOS["harsh"], "kiosk", BEGIN, BEGIN + SECONDS, office, venue,
        spent=[(BEGIN - 0.5, 7.0), (BEGIN + 11.5, 13.0), (BEGIN + SECONDS, 25.5)],
    )  # fmt: skip
    up, down = measure(
        taken, Clip(Path("unused"), Path("unused"), 50), Source(said)
    ).course.values()
    assert up["frozen, %"][10:12] == pytest.approx([100, 100], abs=8)
    assert sum(value or 0 for value in up["frozen, %"][1:]) == pytest.approx(200, abs=8)
    assert up["sound concealed or silent, %"][21:] == pytest.approx([100] * 3, abs=3)
    assert down["sound concealed or silent, %"][20:] == pytest.approx([50] * 4, abs=3)
    assert up["sound concealed or silent, %"][5] == down["sound concealed or silent, %"][5] == 0
    assert up["mouth to ear, ms"][5] == pytest.approx(100, abs=2)
    assert up["mouth to ear, ms"][22] is None
    assert up["processor, share of a core"][3] == pytest.approx(0.5)
    assert up["processor, share of a core"][-1] == pytest.approx(1.0)
    assert "processor, share of a core" not in down
    assert all(len(curve) == SECONDS for curve in (*up.values(), *down.values()))
