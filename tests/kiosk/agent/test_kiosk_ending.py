"""The command ends as Python would end it, also where a device that hangs keeps Python from it."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMAND = """
import atexit, sys
from kiosk import cli, ending
def app():
    {last}
cli.app = app
ending.heed(lambda: {hangs})
atexit.register(print, "Python ended by itself")
cli.main()
"""


@pytest.mark.parametrize("hangs", [False, True])
@pytest.mark.parametrize(
    ("last", "code", "told"),
    [
        ("sys.exit()", 0, []),
        ("sys.exit(3)", 3, []),
        ("sys.exit('It cannot go on.')", 1, ["It cannot go on."]),
        ("raise LookupError('not foreseen')", 1, ["LookupError: not foreseen"]),
    ],
)
def test_it_ends_with_its_code_and_its_reason(
    last: str, code: int, told: list[str], *, hangs: bool
) -> None:
    program = COMMAND.format(last=last, hangs=hangs)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (code, told)
    assert done.stdout == ("" if hangs else "Python ended by itself\n")
