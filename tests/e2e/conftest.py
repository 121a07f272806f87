"""Makes the modules here importable for every end-to-end test; what they all share."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def sound_output(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A sound card that plays to nobody: without one, Firefox has no WebAudio."""
    folder = tmp_path_factory.mktemp("sound")
    socket = folder / "pulse"
    with (folder / "pulse.log").open("wb") as log:
        server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
             "--load=module-null-sink",
             f"--load=module-native-protocol-unix auth-anonymous=1 socket={socket}"],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        while not socket.exists():
            assert server.poll() is None, (folder / "pulse.log").read_text()
            time.sleep(0.02)
        os.environ["PULSE_SERVER"] = f"unix:{socket}"
        yield
    finally:
        os.environ.pop("PULSE_SERVER", None)
        server.terminate()
        server.wait(10)
