"""`make run` as a newcomer meets it: up, healed, stopped clean, up again, and explained."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import answers, free_port

from build_tools.run_demo import Child, DemoError

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, str(ROOT / "build_tools" / "run_demo.py")]


class Demo:
    """A running `make run` on free ports."""

    def __init__(self, folder: Path, hub_port: int, screen_port: int) -> None:
        self.hub, self.screen = hub_port, screen_port
        self.output = folder / "output"
        environment = {
            **os.environ, "VISIOHUB_PORT": str(hub_port), "KIOSK_SCREEN_PORT": str(screen_port),
            "DEMO_FOLDER": str(folder / "run"),
        }  # fmt: skip
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                COMMAND, env=environment, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return self.output.read_text("utf-8")

    def wait(self, happened: Callable[[], bool], within_s: float = 60.0) -> None:
        limit = time.monotonic() + within_s
        while not happened():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < limit, self.said()
            time.sleep(0.05)

    def children(self) -> dict[str, int]:
        """Process id by program: `visiohub`, `kiosk`."""
        found = {}
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in task.read_text("ascii").split():
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if len(command) > 1:  # else it is between its start and its program
                found[Path(command[1].decode()).name] = int(pid)
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@contextmanager
def running(folder: Path, hub_port: int, screen_port: int) -> Iterator[Demo]:
    """A demo that said it is running."""
    demo = Demo(folder, hub_port, screen_port)
    try:
        demo.wait(lambda: "Ctrl-C stops all" in demo.said())
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.stop()


def kiosk_is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return bool(json.load(answer)["status"] == "ok")
    except OSError:
        return False


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_up_healed_down_and_up_again(tmp_path: Path) -> None:
    hub_port, screen_port = free_port(), free_port()
    with running(tmp_path, hub_port, screen_port) as demo:
        code = re.search(r"type the code (\d{4} \d{4})", demo.said())
        assert code, demo.said()
        assert f"http://127.0.0.1:{hub_port}/" in demo.said()
        second = {"VISIOHUB_PORT": free_port(), "KIOSK_SCREEN_PORT": free_port()}
        assert "make run DEMO_FOLDER=" in refused(tmp_path, second)
        killed = demo.children()
        surroundings = Path(f"/proc/{killed['kiosk']}/environ").read_bytes().split(b"\0")
        assert {b"KIOSK_SPEAKER=device", b"KIOSK_SPEAKER=synthetic"} & set(surroundings)
        for program in ("kiosk", "visiohub"):
            os.kill(killed[program], signal.SIGKILL)
        demo.wait(lambda: {"kiosk", "visiohub"} <= set(demo.children()), within_s=15)
        demo.wait(lambda: kiosk_is_up(screen_port) and answers("127.0.0.1", hub_port), within_s=15)
        children = demo.children()
        assert all(children[program] != killed[program] for program in ("kiosk", "visiohub"))
        assert demo.stop() == 0
        assert all(gone(pid) for pid in children.values())
    with running(tmp_path, hub_port, screen_port) as again:
        anew = re.search(r"type the code (\d{4} \d{4})", again.said())
        assert anew, again.said()
        assert anew[1] != code[1]


def test_a_killed_demo_leaves_no_children(tmp_path: Path) -> None:
    with running(tmp_path, free_port(), free_port()) as demo:
        children = demo.children()
        demo.process.kill()
        demo.process.wait()
        limit = time.monotonic() + 15
        while not all(gone(pid) for pid in children.values()):
            assert time.monotonic() < limit
            time.sleep(0.05)


@pytest.mark.parametrize("taken", ["VISIOHUB_PORT", "KIOSK_SCREEN_PORT"])
def test_a_port_that_is_taken_is_named_with_the_remedy(tmp_path: Path, taken: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        other = {"VISIOHUB_PORT", "KIOSK_SCREEN_PORT"} - {taken}
        said = refused(tmp_path, {taken: port, other.pop(): free_port()})
    assert f"port {port} of 127.0.0.1 cannot be used" in said
    assert f"make run {taken}=" in said


def test_one_port_for_both_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, {"VISIOHUB_PORT": 65000, "KIOSK_SCREEN_PORT": 65000})
    assert "make run VISIOHUB_PORT=65000 KIOSK_SCREEN_PORT=64000" in said


def refused(folder: Path, ports: dict[str, int]) -> str:
    """What a demo says that does not start."""
    environment = {**os.environ, "DEMO_FOLDER": str(folder / "run")}
    environment |= {name: str(port) for name, port in ports.items()}
    run = subprocess.run(
        COMMAND, env=environment, capture_output=True, text=True, timeout=30, check=False, cwd=ROOT
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stdout + run.stderr
    return run.stdout


async def test_settings_that_make_no_sense_end_it_with_the_program_s_own_words(
    tmp_path: Path,
) -> None:
    log = tmp_path / "kiosk.log"
    log.write_text("what an earlier run said\n", "utf-8")
    settings = {**os.environ, "KIOSK_CAMERA": "file:/no/such", "KIOSK_STATE_DIR": str(tmp_path)}
    program = str(Path(sys.executable).parent / "kiosk")
    kiosk = Child("the kiosk", [program, "run"], settings, log)
    with pytest.raises(DemoError) as told:
        await kiosk.keep_running()
    assert "camera" in told.value.remedy
    assert "/no/such" in told.value.remedy
    assert "an earlier run" not in told.value.remedy
