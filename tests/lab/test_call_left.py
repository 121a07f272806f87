"""What a run of calls leaves: its JSON is enough to draw its curves and to write its page anew."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.call import __main__ as anew
from bench.call.course import Course
from bench.call.figures import STAYS_UP, Figures, Measured, failure
from bench.call.goals import judged
from bench.call.told import Asked
from bench.line_words import line_in_words
from bench.lines import SCENARIOS
from bench.results import Result

OWN = line_in_words(
    "village:up=700,down=3000,delay=25,jitter=5,loss=0.5,buffer=48000,cells,cut=15-25"
)
LINES = [SCENARIOS["adsl256"], OWN, SCENARIOS["step"]]


def call(line: str, kind: str, latency: float) -> Measured:
    course: Course = {"latency, ms": [None, latency, latency]}
    figures: Figures = {
        "latency p95, ms": latency, "mouth to ear p95, ms": 2 * latency, STAYS_UP: 1.0,
    }  # fmt: skip
    return Measured(line, kind, {"up": figures, "down": figures}, {"up": course, "down": course})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """As `python -m bench call` writes it; on `step` no call could be measured."""
    calls = [
        call(line.name, kind, latency)
        for line in LINES[:2]
        for kind, latency in (("kiosk", 90.0), ("Chromium", 180.0))
    ] + [failure("step", kind, OSError("no")) for kind in ("kiosk", "Chromium")]
    asked = Asked({line.name: line.what for line in LINES}, 1, 30.0, "face.mp4")
    raw = {"asked": asdict(asked), "calls": [asdict(one) for one in calls]}
    return Result("call", tuple(judged(calls, LINES, 1)), raw).write(tmp_path)


def test_a_run_is_drawn_and_told_from_its_json(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "anew"
    monkeypatch.setattr(sys, "argv", ["bench.call", str(file), str(folder)])
    assert anew.main() == 0
    assert sorted(one.name for one in folder.iterdir()) == [
        "call-adsl256.svg", "call-village.svg", "call.md",
    ]  # fmt: skip
    drawn = ElementTree.parse(folder / "call-village.svg").getroot()
    titles = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == [f"village: {OWN.what}"]
    assert any(one.get("class") == "event" for one in drawn.iter())  # its cut
    page = (folder / "call.md").read_text("utf-8")
    day = json.loads(file.read_text("utf-8"))["taken_at"][:4]
    assert page.startswith("# ")
    assert day in page.splitlines()[0]
    for words in (
        "[calls.md](../calls.md)",
        "- Clip: face.mp4.\n",
        "- Pairs on each: 1, of",
        "| adsl256 up | latency p95 | <= 180 ms | 90 ms | 180 ms | 0.50 | kept |\n",
        "### village\nup=700, down=3000,",
        "| mouth to ear p95, ms | 180 | 360 | 0.50 | 180 | 360 | 0.50 |\n",
        "![village](call-village.svg)\n",
        "calls held to the end: 0 of 1 and 0 of 1",
    ):
        assert words in page
    assert "call-step.svg" not in page


@pytest.mark.parametrize("text", [None, "", "{}", '{"raw": {"asked": 3}}', "[]"])
def test_what_no_run_left_is_refused_in_a_sentence(
    text: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "call.json"
    if text is not None:
        file.write_text(text, "utf-8")
    monkeypatch.setattr(sys, "argv", ["bench.call", str(file), str(tmp_path / "anew")])
    with pytest.raises(SystemExit):
        anew.main()
    told = capsys.readouterr().err
    assert str(file) in " ".join(told.split())
    assert "Traceback" not in told
    assert not (tmp_path / "anew").exists()
