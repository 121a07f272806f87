"""`kiosk call` begins by what the settings say of the line, as `kiosk run` does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.rtc.generation import Generation
from kiosk.rtc.line import MOST_BIT_S, Line
from kiosk.rtc.sending.budget import KEEP_OF_KNOWN, START_UNKNOWN_BIT_S
from kiosk.settings import PREFIX

NOBODY = "http://127.0.0.1:9/"
NO_DEVICES = ("--camera", "none", "--microphone", "none", "--speaker", "none")
FAR_SHARE = 0.9
MISUSED, REFUSED = 2, 3


@pytest.fixture(autouse=True)
def this_pc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PC without settings; where its file would be."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    file = tmp_path / "etc" / "kiosk.toml"
    file.parent.mkdir()
    monkeypatch.setattr("kiosk.settings.DEFAULT_FILE", file)
    return file


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """Those of the calls that were begun."""
    seen: list[Line] = []

    def opened(*given: Any, line: Line, **more: Any) -> Generation:
        seen.append(line)
        return Generation(*given, line=line, **more)

    monkeypatch.setattr("kiosk.whip.holding.Generation", opened)
    return seen


def call(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["call", NOBODY, *NO_DEVICES, *options])
    return result.exit_code, result.stderr


def begun(lines: list[Line], *options: str) -> Line:
    code, said = call(*options)
    assert code == REFUSED, said
    (line,) = lines
    return line


def ways(line: Line) -> tuple[float, float, float | None]:
    """kbit/s: where sending begins, the most up, the most of the far end."""
    budget, far = line.budget(0.0), line.far_most_bit_s
    return (
        round(budget.start_bit_s / 1000, 3),
        round(budget.most_bit_s / 1000, 3),
        None if far is None else round(far / 1000, 3),
    )


def test_without_settings_a_call_begins_as_ever(lines: list[Line]) -> None:
    line = begun(lines)
    assert ways(line) == (START_UNKNOWN_BIT_S / 1000, MOST_BIT_S / 1000, None)
    assert not line.framing.cells


def test_the_line_of_this_pcs_file_is_known(lines: list[Line], this_pc: Path) -> None:
    this_pc.write_text("line_up_kbit = 128\nline_down_kbit = 512\nline_cells = true\n")
    line = begun(lines)
    assert ways(line) == (KEEP_OF_KNOWN * 128, 128, FAR_SHARE * 512)
    assert line.budget(0.0).is_known
    assert line.framing.cells


def test_the_file_that_is_named_goes_before_this_pcs(
    lines: list[Line], this_pc: Path, tmp_path: Path
) -> None:
    this_pc.write_text("line_up_kbit = 1000\n")
    named = tmp_path / "other.toml"
    named.write_text("line_up_kbit = 128\n")
    assert ways(begun(lines, "--config", str(named))) == (KEEP_OF_KNOWN * 128, 128, None)


def test_variables_go_over_the_file(
    lines: list[Line], this_pc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this_pc.write_text("line_up_kbit = 1000\nline_down_kbit = 8000\n")
    monkeypatch.setenv("KIOSK_LINE_UP_KBIT", "128")
    monkeypatch.setenv("KIOSK_LINE_DOWN_KBIT", "256")
    monkeypatch.setenv("KIOSK_LINE_CELLS", "true")
    line = begun(lines)
    assert ways(line) == (KEEP_OF_KNOWN * 128, 128, FAR_SHARE * 256)
    assert line.framing.cells


@pytest.mark.parametrize(
    ("text", "max_kbit", "expected"),
    [
        ("", 200, (200, 200, FAR_SHARE * 200)),
        ("", 3000, (300, 3000, MOST_BIT_S / 1000)),
        ("line_up_kbit = 128\nline_down_kbit = 512", 100, (100, 100, FAR_SHARE * 100)),
        ("line_up_kbit = 128\nline_down_kbit = 200", 500, (KEEP_OF_KNOWN * 128, 128, 180)),
        ("line_up_kbit = 128", 500, (KEEP_OF_KNOWN * 128, 128, FAR_SHARE * 500)),
        ("line_down_kbit = 200", 150, (150, 150, FAR_SHARE * 150)),
        ("call_most_kbit = 250", None, (250, 250, None)),
        ("call_most_kbit = 250", 400, (300, 400, FAR_SHARE * 400)),
    ],
)
def test_the_less_of_the_line_and_the_option_holds_each_way(
    lines: list[Line],
    this_pc: Path,
    text: str,
    max_kbit: int | None,
    expected: tuple[float, float, float | None],
) -> None:
    this_pc.write_text(text)
    options = [] if max_kbit is None else ["--max-kbit", str(max_kbit)]
    assert ways(begun(lines, *options)) == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("line_up_kbit = 20", "line_up_kbit in {file}: 20 kbit/s is less than speech alone"),
        ("line_up = 128", "line_up in {file}: there is no such setting."),
        ("line_up_kbit = ", "{file} is no TOML"),
    ],
)
def test_a_wrong_file_is_named_before_anything_is_opened(
    lines: list[Line], this_pc: Path, text: str, named: str
) -> None:
    this_pc.write_text(text)
    refused(call(), named.format(file=this_pc), lines)


def test_a_wrong_variable_is_named(lines: list[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_LINE_CELLS", "some")
    refused(call(), "KIOSK_LINE_CELLS: ", lines)


def test_a_file_that_is_named_must_be_there(
    lines: list[Line], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = str(tmp_path / "none.toml")
    refused(call("--config", missing), f"{missing}: there is no such file.", lines)
    monkeypatch.setenv("KIOSK_CONFIG", missing)
    refused(call(), f"{missing}: there is no such file.", lines)


def refused(result: tuple[int, str], sentence: str, lines: list[Line]) -> None:
    code, said = result
    assert code == MISUSED, said
    assert said.startswith(sentence)
    assert not lines
