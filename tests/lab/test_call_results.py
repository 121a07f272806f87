"""The call benchmark's table, goals and curves."""

from __future__ import annotations

import argparse
from xml.etree import ElementTree

import pytest

from bench.call.curves import draw
from bench.call.figures import Course, Figures, Measured
from bench.call.goals import judged, medians
from bench.call.table import table
from bench.call_options import add_to
from bench.lines import SCENARIOS
from bench.results import Figure


def call(
    kind: str, latency: float | None, scenario: str = "adsl256", ssim: float = 0.9
) -> Measured:
    figures: Figures = {"latency p95, ms": latency, "SSIM": ssim, "frozen, %": 0.0}
    course: Course = {"rate, kbit/s": [100.0, None, 300.0], "pictures/s": [0.0, 25.0, 24.0]}
    return Measured(
        scenario, kind, {"up": figures, "down": figures}, {"up": course, "down": course}
    )


CALLS = [
    call("kiosk", 120), call("Chromium", 200), call("Chromium", 220, ssim=0.92),
    call("kiosk", 90, ssim=0.95), call("kiosk", None), call("Chromium", 900),
]  # fmt: skip


def test_medians_leave_out_what_never_came() -> None:
    assert medians(CALLS, "adsl256", "kiosk", "up")["latency p95, ms"] == 105
    assert medians(CALLS, "adsl256", "Chromium", "up")["latency p95, ms"] == 220
    assert medians(CALLS, "sdsl2", "kiosk", "up") == {}


def test_goals_are_measured_by_chromium_or_by_their_own_bound() -> None:
    figures = {one.what: one for one in judged(CALLS)}
    assert figures["adsl256 up: latency p95"] == Figure(
        "adsl256 up: latency p95", 105, "ms", 220, "Chromium", 220, None
    )
    assert figures["adsl256 up: latency p95"].holds
    with_bound = [one for one in judged(CALLS) if one.what == "adsl256 up: SSIM"]
    assert [(one.at_least, one.holds) for one in with_bound] == [(0.9, True), (0.94, False)]
    assert not figures["adsl256 down: first picture"].limit  # nobody showed one


def test_what_never_came_is_within_no_limit() -> None:
    assert not Figure("", None, "", at_most=3).holds
    assert not Figure("", None, "", at_least=3).holds
    assert Figure("", 3, "", at_least=3).holds
    assert Figure("", None, "").holds


def test_the_table_has_a_row_for_each_figure() -> None:
    made = table(CALLS, "adsl256")
    assert made.row_count == 3
    assert next(iter(made.columns[3].cells)) == "0.48"


def test_the_curves_are_well_formed_and_broken_where_nothing_was() -> None:
    root = ElementTree.fromstring(draw(CALLS, "adsl256"))
    paths = [path.get("d") or "" for path in root.iter("{http://www.w3.org/2000/svg}path")]
    assert sum(path.count("M") == 2 for path in paths) == 4  # both kinds' rate, both ways


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_line_is_drawn_with_its_events(name: str) -> None:
    root = ElementTree.fromstring(draw([call("kiosk", 1, name)], name))
    grey = [r for r in root.iter("{http://www.w3.org/2000/svg}rect") if r.get("class") == "event"]
    assert bool(grey) == (name in {"cut", "step", "upload"})


@pytest.mark.parametrize("words", [["--lines", "moon"], ["--pairs", "0"], ["--seconds", "3"]])
def test_wrong_options_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_to(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(words)
    assert words[0] in capsys.readouterr().err
