"""The call benchmark's table, goals and curves."""

from __future__ import annotations

import argparse
from xml.etree import ElementTree

import pytest

from bench.call.course import Course
from bench.call.curves import draw
from bench.call.figures import AV1_SHARE, STAYS_UP, Figures, Measured, failure
from bench.call.goals import judged, medians
from bench.call.markdown import goals_table
from bench.call.table import table
from bench.call_options import add_to, lines_asked
from bench.line_words import line_in_words
from bench.lines import SCENARIOS
from bench.results import Figure


def call(
    kind: str,
    latency: float | None,
    scenario: str = "adsl256",
    ssim: float | None = 0.9,
    stays_up: float = 1.0,
) -> Measured:
    figures: Figures = {
        "latency p95, ms": latency, "SSIM": ssim, "frozen, %": 0.0, STAYS_UP: stays_up,
    }  # fmt: skip
    course: Course = {"rate, kbit/s": [100.0, None, 300.0], "pictures/s": [0.0, 25.0, 24.0]}
    return Measured(
        scenario, kind, {"up": figures, "down": figures}, {"up": course, "down": course}
    )


CALLS = [
    call("kiosk", 120), call("Chromium", 200), call("Chromium", 220, ssim=0.92),
    call("kiosk", 90, ssim=0.95), call("kiosk", None), call("Chromium", 900),
]  # fmt: skip
LINE = SCENARIOS["adsl256"]
LINES = [LINE]


def test_what_never_came_is_the_worst_in_a_median() -> None:
    assert medians(CALLS, "adsl256", "kiosk", "up")["latency p95, ms"] == 120
    assert medians(CALLS, "adsl256", "Chromium", "up")["latency p95, ms"] == 220
    assert medians(CALLS, "sdsl2", "kiosk", "up") == {}


@pytest.mark.parametrize(
    ("latencies", "told"),
    [((90, 120), 105), ((90, None), None), ((90, None, None), None), ((90, None, 100), 100)],
)
def test_a_median_that_never_came_is_none(
    latencies: tuple[float | None, ...], told: float | None
) -> None:
    calls = [call("kiosk", latency, ssim=latency) for latency in latencies]
    figures = medians(calls, "adsl256", "kiosk", "up")
    assert figures["latency p95, ms"] == told
    # of SSIM the low ones are bad
    assert figures["SSIM"] == (90 if latencies == (90, None, 100) else told)


def test_a_call_that_failed_counts_in_every_median() -> None:
    gone = failure("adsl256", "kiosk", RuntimeError("the kiosk ended\nlong log"))
    assert gone.failed == "RuntimeError: the kiosk ended"
    one, other = call("kiosk", 120), call("kiosk", 90)
    assert medians([one, gone, other], "adsl256", "kiosk", "up")["latency p95, ms"] == 120
    assert medians([one, gone, gone], "adsl256", "kiosk", "up")["latency p95, ms"] is None
    root = ElementTree.fromstring(draw([gone, one], LINE))
    assert root.find("{http://www.w3.org/2000/svg}title") is not None


def test_goals_are_missed_where_calls_failed_or_died() -> None:
    gone = [failure("adsl256", kind, OSError("no")) for kind in ("kiosk", "Chromium")]
    for calls in ([], gone):
        figures = list(judged(calls, LINES, 1))
        assert [one.what for one in figures if one.holds] == []
    both = [call("kiosk", 100), call("Chromium", 200)]
    dead = [call("kiosk", 100, stays_up=0.0), call("Chromium", 200, stays_up=0.0)]
    counts = {one.what: (one.ours, one.peers) for one in judged([*both, *dead], LINES, 2)}
    assert counts["adsl256: calls measured"] == (4, None)
    assert counts["adsl256: calls held to the end"] == (1, 1)
    assert [one.holds for one in judged([*both, *dead], LINES, 2)][:2] == [True, False]
    assert [one.holds for one in judged([*both, *both], LINES, 2)][:2] == [True, True]


def test_what_chromium_never_reached_ours_has_to_reach_at_all() -> None:
    calls = [call("kiosk", 100), call("Chromium", None)]
    told = {one.what: one.holds for one in judged(calls, LINES, 1)}
    assert told["adsl256 up: latency p95"]
    calls = [call("kiosk", None), call("Chromium", None)]
    assert not {one.what: one.holds for one in judged(calls, LINES, 1)}["adsl256 up: latency p95"]


def test_what_no_call_of_chromiums_measured_is_not_judged() -> None:
    broke = failure("adsl256", "Chromium", OSError("no"))
    figures = {one.what: one for one in judged([call("kiosk", 100), broke], LINES, 1)}
    assert not figures["adsl256: calls measured"].holds
    assert figures["adsl256 up: latency p95"].limit == ""
    assert not figures["adsl256 up: first picture"].holds  # the kiosk's never came
    assert figures["adsl256 up: frozen"].holds  # a bound of its own
    page = goals_table(figures.values())
    assert "| adsl256 up | latency p95 | - | 100 ms | never |  | not judged |" in page
    assert "not judged.\n" in page


def test_chromium_is_what_its_measured_calls_are() -> None:
    broke = failure("adsl256", "Chromium", OSError("no"))
    calls = [call("kiosk", 100), call("Chromium", 90), broke, broke]
    assert medians(calls, "adsl256", "Chromium", "up")["latency p95, ms"] == 90
    told = {one.what: one for one in judged(calls, LINES, 3)}
    assert told["adsl256 up: latency p95"].at_most == 90


def test_goals_are_measured_by_chromium_or_by_their_own_bound() -> None:
    figures = {one.what: one for one in judged(CALLS, LINES, 3)}
    assert figures["adsl256 up: latency p95"] == Figure(
        "adsl256 up: latency p95", 120, "ms", 220, "Chromium", 220, None
    )
    assert figures["adsl256 up: latency p95"].holds
    with_bound = [one for one in judged(CALLS, LINES, 3) if one.what == "adsl256 up: SSIM"]
    assert [(one.at_least, one.holds) for one in with_bound] == [(0.9, True), (0.94, False)]
    assert not figures["adsl256 down: first picture"].holds  # nobody showed one


@pytest.mark.parametrize(("av1", "share", "holds"), [(0, 0.6, False), (90, 0.9, True)])
def test_with_av1_the_processor_may_do_as_much_as_chromiums(
    av1: float, share: float, holds: bool
) -> None:
    calls = [call("kiosk", 1), call("Chromium", 1)]
    for one, used in zip(calls, (share, 1.0), strict=True):
        one.figures["up"] |= {"CPU, share of a core": used, AV1_SHARE: av1}
    told = {one.what: one.holds for one in judged(calls, LINES, 1)}
    assert told["adsl256 up: CPU"] == holds


def test_what_never_came_is_within_no_limit() -> None:
    assert not Figure("", None, "", at_most=3).holds
    assert not Figure("", None, "", at_least=3).holds
    assert Figure("", 3, "", at_least=3).holds
    assert Figure("", None, "").holds


def test_the_table_has_a_row_for_each_figure() -> None:
    made = table(CALLS, LINE)
    assert made.row_count == 4
    assert next(iter(made.columns[3].cells)) == "0.55"
    assert "held to the end: 3 of 3 and 3 of 3" in str(made.title)


def test_the_curves_are_well_formed_and_broken_where_nothing_was() -> None:
    root = ElementTree.fromstring(draw(CALLS, LINE))
    paths = [path.get("d") or "" for path in root.iter("{http://www.w3.org/2000/svg}path")]
    assert sum(path.count("M") == 2 for path in paths) == 4  # both kinds' rate, both ways


def test_each_way_has_plots_of_its_own() -> None:
    one = call("kiosk", 1)
    one.course["up"] = {**one.course["up"], "processor, share of a core": [0.1, 0.2, 0.3]}
    root = ElementTree.fromstring(draw([one], LINE))
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("pictures/s") == 2
    assert texts.count("processor, share of a core") == 1


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_line_is_drawn_with_its_events(name: str) -> None:
    root = ElementTree.fromstring(draw([call("kiosk", 1, name)], SCENARIOS[name]))
    grey = [r for r in root.iter("{http://www.w3.org/2000/svg}rect") if r.get("class") == "event"]
    assert bool(grey) == (name in {"cut", "step", "upload"})


def test_the_goals_table_says_line_by_line_what_was_kept() -> None:
    calls = [call("kiosk", 100), call("Chromium", 200)]
    rows = goals_table(judged(calls, LINES, 1)).splitlines()
    assert rows[0].count("|") == rows[1].count("|") == 8
    assert "| adsl256 up | latency p95 | <= 200 ms | 100 ms | 200 ms | 0.50 | kept |" in rows
    assert "| adsl256 up | SSIM | >= 0.94 | 0.9 | 0.9 | 1.00 | **missed** |" in rows
    assert "| adsl256 up | first picture | >= 0 ms | never | never |  | **missed** |" in rows
    assert all(row.count("|") == 8 for row in rows[:-2])
    kept = sum("| kept |" in row for row in rows)
    assert rows[-1] == f"{kept} of {len(rows) - 4} goals kept."


@pytest.mark.parametrize(
    ("words", "bounds"),
    [
        ("up=300,down=1000", {"SSIM": 0.94, "pictures/s": 20}),
        ("up=200,down=1000", {"SSIM": 0.92, "pictures/s": 12}),
        ("up=700,down=1000", {"pictures/s": 25}),
        ("up=700,down=1000,loss=2", {"pictures/s": 25}),
        ("up=700,down=1000,loss=2,burst=3", {"pictures/s": 25}),
        ("up=700,down=1000,cells", {}),
        ("up=700,down=1000,delay=300", {}),
        ("up=1000,down=9000,upload=12-20", {"pictures/s": 15}),
    ],
)
def test_goals_go_by_what_a_line_is_like(words: str, bounds: dict[str, float]) -> None:
    other = line_in_words(f"other:{words}")
    calls = [call("kiosk", 100, "other"), call("Chromium", None, "other", ssim=None)]
    told = list(judged(calls, [other], 1))
    own = {
        one.what.partition(": ")[2]: one.at_least
        for one in told
        if one.what.startswith("other up") and one.at_least
    }
    assert own == bounds
    assert bool([one for one in told if one.limit == "<= 0.5 %"]) == (words.endswith("loss=2"))
    gaps = [one for one in told if "gaps over 400 ms" in one.what]
    assert bool(gaps) == ("delay=300" in words)
    assert draw(calls, other)
    assert table(calls, other).row_count


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lines", "moon"], "no line moon"),
        (["--pairs", "0"], "from 1 to 100"),
        (["--pairs", "1e3"], "no whole number"),
        (["--seconds", "3"], "from 12 to"),
        (["--seconds", "nan"], "not nan"),
        (["--seconds", "inf"], "not inf"),
        (["--seconds", "long"], "no number"),
        (["--clip", "/none/film.mp4"], "no such file"),
        (["--draw", __file__], "is no folder"),
        (["--line", "up=100"], "a name"),
        (["--line", "a:up=1000,down=1000", "--line", "a:up=99,down=99"], "two lines are named a"),
    ],
)
def test_wrong_options_are_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    add_to(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(words)
    error = " ".join(capsys.readouterr().err.split())
    assert words[0] in error
    assert said in error


def test_lines_are_those_of_the_list_and_ones_own() -> None:
    parser = argparse.ArgumentParser()
    add_to(parser)

    def asked(*words: str) -> list[str]:
        return [one.name for one in lines_asked(parser.parse_args(words))]

    assert asked() == list(SCENARIOS)
    assert asked("--lines", "cut,sdsl2,cut") == ["cut", "sdsl2"]
    own = "--line", "a:up=900,down=5000", "--line", "b:up=90,down=500"
    assert asked(*own) == ["a", "b"]
    assert asked("--lines", "adsl1", *own) == ["adsl1", "a", "b"]
    assert asked() == list(SCENARIOS)
