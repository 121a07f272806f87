"""What a run of calls leaves: its JSON is enough to draw its curves and to write its page anew."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import bench.__main__ as benches
import bench.call
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
def result() -> Result:
    """As `python -m bench call` gives it; on `step` no call could be measured."""
    calls = [
        call(line.name, kind, latency)
        for line in LINES[:2]
        for kind, latency in (("kiosk", 90.0), ("Chromium", 180.0))
    ] + [failure("step", kind, OSError("no")) for kind in ("kiosk", "Chromium")]
    asked = Asked({line.name: line.what for line in LINES}, 1, 30.0, "face.mp4")
    raw = {"asked": asdict(asked), "calls": [asdict(one) for one in calls]}
    return Result("call", tuple(judged(calls, LINES, 1)), raw)


@pytest.fixture
def file(result: Result, tmp_path: Path) -> Path:
    """Its JSON."""
    return result.write(tmp_path)


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


@pytest.fixture
def measured(result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`python -m bench call --draw FOLDER` has just measured this result; its JSON's place."""
    monkeypatch.setattr(benches, "_obstacle", lambda _name: "")
    monkeypatch.setattr(benches, "OUT", tmp_path / "out")
    monkeypatch.setattr(bench.call, "run", lambda _arguments: result)
    monkeypatch.setattr(sys, "argv", ["bench", "call", "--draw", str(tmp_path / "drawn")])
    return tmp_path / "out" / "call.json"


def test_a_run_leaves_its_json_and_is_drawn(
    measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    benches.main()
    assert json.loads(measured.read_text("utf-8"))["bench"] == "call"
    assert "![village]" in (tmp_path / "drawn" / "call.md").read_text("utf-8")
    assert "not drawn" not in capsys.readouterr().out


def test_a_fault_while_drawing_costs_nothing_that_was_measured(
    measured: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "drawn"
    (folder / "call.md").mkdir(parents=True)  # in the page's way
    assert benches.main() == 1
    told = capsys.readouterr().out
    assert "not drawn: call\n" in told
    assert "adsl256 up: latency p95" in told
    assert f"    python -m bench.call {measured} {folder}\n" in told
    (folder / "call.md").rmdir()
    monkeypatch.setattr(sys, "argv", ["bench.call", str(measured), str(folder)])
    assert anew.main() == 0
    assert "![village]" in (folder / "call.md").read_text("utf-8")


def test_figures_that_cannot_be_kept_are_shown(
    measured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured.mkdir(parents=True)  # in the JSON's way
    assert benches.main() == 1
    told = capsys.readouterr().out
    assert f"call: {measured}: Is a directory\n" in told
    assert "not kept: call\n" in told
    assert "adsl256 up: latency p95" in told


@pytest.fixture
def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path, Path], str]:
    """What is said, in one line, of a file or folder that nothing is drawn from or into."""

    def told_of(file: Path, folder: Path) -> str:
        monkeypatch.setattr(sys, "argv", ["bench.call", str(file), str(folder)])
        with pytest.raises(SystemExit) as ended:
            anew.main()
        assert ended.value.code == 2
        told = " ".join(capsys.readouterr().err.split())
        assert "Traceback" not in told
        return told

    return told_of


OTHER = Result("codecs", (), {"runs": []}).told()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"bench": "call"}', json.dumps(OTHER), "\x00"])
def test_what_no_run_left_is_refused_in_a_sentence(
    text: str, tmp_path: Path, refused: Callable[[Path, Path], str]
) -> None:
    file = tmp_path / "call.json"
    file.write_text(text, "utf-8")
    told = refused(file, tmp_path / "anew")
    assert f"{file} is no run of calls" in told
    assert told.endswith("`python -m bench call` leaves bench/out/call.json")
    assert not (tmp_path / "anew").exists()


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, refused: Callable[[Path, Path], str]
) -> None:
    file = tmp_path / "call.json"
    assert f"{file}: No such file" in refused(file, tmp_path / "anew")


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (["raw", "asked"], 3, "raw.asked"),
        (["raw", "asked", "lines"], ["adsl256"], "raw.asked.lines"),
        (["raw", "asked", "lines"], {"far": "up=9"}, "down=KBIT is missing"),
        (["raw", "asked", "lines"], {"../far": "up=99, down=99"}, "a name in small letters"),
        (["raw", "asked", "seconds"], "long", "raw.asked.seconds"),
        (["raw", "calls", 0, "figures"], {"up": {}}, "no figures or curves of both ways"),
        (["raw", "calls", 0, "course"], {}, "no figures or curves of both ways"),
        (["raw", "calls", 1, "course", "down"], {}, "other curves than"),
        (["figures", 0, "ours"], "many", "figures.0.ours"),
        (["taken_at"], "today", "taken_at"),
    ],
)
def test_what_a_run_left_that_lacks_a_part_is_refused_in_a_sentence(
    keys: list[str | int],
    value: Any,
    said: str,
    file: Path,
    tmp_path: Path,
    refused: Callable[[Path, Path], str],
) -> None:
    whole = json.loads(file.read_text("utf-8"))
    part = whole
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    file.write_text(json.dumps(whole), "utf-8")
    assert said in refused(file, tmp_path / "anew")
    assert not (tmp_path / "anew").exists()


def test_a_folder_that_cannot_be_written_is_named(
    file: Path, refused: Callable[[Path, Path], str]
) -> None:
    folder = file / "anew"  # below a file
    assert f"{folder}: Not a directory" in refused(file, folder)
