"""Real PortAudio on a sound server: what its speaker plays, its microphone hears, if need be one
that came later."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.sound


@pytest.fixture
def room(tmp_path: Path) -> Iterator[dict[str, str]]:
    """PulseAudio's null sink is the loudspeaker, its monitor the microphone; ALSA leads there."""
    socket, alsa = tmp_path / "pulse", tmp_path / "asound.conf"
    alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    with (tmp_path / "pulse.log").open("wb") as log:
        server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
             "--load=module-null-sink sink_name=room rate=48000",
             "--load=module-remap-source master=room.monitor source_name=microphone",
             f"--load=module-native-protocol-unix auth-anonymous=1 socket={socket}"],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        while not socket.exists():
            assert server.poll() is None, (tmp_path / "pulse.log").read_text()
            time.sleep(0.02)
        yield {
            **os.environ,
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{alsa}",
        }
    finally:
        server.terminate()
        server.wait(10)


def said(room: dict[str, str], program: str, *words: str) -> list[str]:
    """The lines that one of the programs beside this file prints."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(program)), *words],
        capture_output=True, text=True, timeout=180, env=room, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def level(how: str, room: dict[str, str]) -> float:
    return float(said(room, "open_loudspeaker.py", how)[-1])


def test_the_agent_does_not_hear_himself_through_the_kiosks_open_loudspeaker(
    room: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    plain, clean = level("plain", room), level("clean", room)
    with capsys.disabled():
        print(f"\nechoed voice: {plain:.1f} dBFS as it comes, {clean:.1f} dBFS as it is sent")
    assert plain > -45
    assert plain - clean >= 30


def test_a_microphone_that_is_plugged_in_later_is_found_while_the_speaker_plays(
    room: dict[str, str], tmp_path: Path
) -> None:
    nodes = tmp_path / "snd"
    nodes.mkdir()
    states = said(room, "plugged_in_later.py", str(tmp_path / "asound.conf"), str(nodes))
    assert states[0] == "absent"
    assert "ok" in states  # it may stall and come again after that
    assert states[-1] == "the speaker plays"
