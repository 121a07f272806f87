"""What a fault writes to the journal."""

from __future__ import annotations

import subprocess
import sys

FAULT = """
import structlog
from kiosk.logs import configure_logs
configure_logs()
log = structlog.get_logger()
log.debug("attempt failed")
def check(code):
    raise RuntimeError("the database is away")
try:
    check("1234" + "5678")
except RuntimeError:
    log.exception("check_failed")
"""


def test_a_traceback_shows_no_values_and_debug_lines_stay_out() -> None:
    done = subprocess.run([sys.executable, "-c", FAULT], capture_output=True, text=True, check=True)
    assert "check_failed" in done.stderr
    assert "the database is away" in done.stderr
    assert "12345678" not in done.stderr
    assert "attempt failed" not in done.stderr
    assert "\x1b" not in done.stderr, "colours are for terminals"


ELSEWHERE = """
import logging
import os
import structlog
from kiosk.logs import configure_logs
configure_logs()
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
structlog.get_logger().warning("the hub is away")
logging.getLogger("library").warning("something is odd")
"""


def test_nothing_is_lost_while_a_library_leads_stderr_elsewhere() -> None:
    """sounddevice does so while PortAudio begins anew, to be spared what ALSA says."""
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=True
    )
    assert "the hub is away" in done.stderr
    assert "something is odd" in done.stderr
