"""What the hub writes to a log that is no terminal."""

from __future__ import annotations

import subprocess
import sys

EVENT = """
import structlog
from visiohub.logs import configure_logs
configure_logs(as_json=False)
structlog.get_logger().warning("line_slow", line="l1")
"""


def test_a_file_gets_no_colours() -> None:
    done = subprocess.run([sys.executable, "-c", EVENT], capture_output=True, text=True, check=True)
    assert "line_slow" in done.stderr
    assert "line=l1" in done.stderr
    assert "\x1b" not in done.stderr
