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
