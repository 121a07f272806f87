"""The line laboratory by hand: who cannot make a line is told so; who gives up ends no line."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bench.__main__ as benches
from bench.linelab import __main__ as by_hand
from bench.linelab import tun
from bench.linelab.profile import Profile
from bench.linelab.runner import Runner, bound


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command line, to be added to."""
    given = ["bench"]
    monkeypatch.setattr(sys, "argv", given)
    return given


def test_a_user_is_told_to_be_root(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    words += ["up", "lan"]
    assert by_hand.main() == os.EX_NOPERM
    assert capsys.readouterr().err.endswith("run it as root\n")


@pytest.fixture
def left_out(words: list[str], capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """What `python -m bench NAME` tells where that cannot be measured."""

    def run(name: str) -> str:
        words.append(name)
        assert benches.main() == 1
        told = capsys.readouterr().out
        assert f"not measured: {name}\n" in told
        assert "Traceback" not in told
        return told

    return run


@pytest.mark.parametrize("name", sorted(benches.ON_A_LINE))
def test_no_bench_begins_what_only_root_can_end(
    name: str, left_out: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "run it as root" in left_out(name)


@pytest.mark.parametrize("name", sorted(benches.IN_CHROMIUM))
def test_no_bench_begins_what_needs_a_browser_without_one(
    name: str,
    left_out: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(benches, "obstacle", str)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert f"{name}: Chromium is missing: make system-packages build" in left_out(name)


def test_what_needs_root_says_so() -> None:
    said = {name for name, what in benches.BENCHES.items() if "needs root" in what}
    assert said == benches.ON_A_LINE


def test_a_machine_without_tun_or_ip_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(tun, "_TUN", str(tmp_path / "tun"))
    assert "modprobe tun" in tun.obstacle()
    (tmp_path / "tun").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt install iproute2" in tun.obstacle()


def test_a_line_that_is_not_there_is_named(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words += ["tell", str(tmp_path / "line.sock"), "stats"]
    assert by_hand.main() == 1
    assert capsys.readouterr().err.startswith("linelab: ")


def test_who_asks_and_does_not_wait_ends_no_line(tmp_path: Path) -> None:
    path = str(tmp_path / "line.sock")
    runner = Runner(Profile(), 1001, 1002, path)
    with bound(path) as control:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as caller:
            caller.bind("")
            caller.sendto(b'{"do": "stats"}', path)
        runner._obey(control)
