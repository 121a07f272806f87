"""What was freed between pieces that stay goes back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

PIECES, MIB = 60, 1 << 20
SCRIPT = f"""
import ctypes, sys
from kiosk.heap import keep_small

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]


def piece(size):
    address = libc.malloc(size)
    libc.memset(address, 1, size)
    return address


def resident_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


if sys.argv[1] == "small":
    assert keep_small()
libc.free(piece(16 * {MIB}))  # by itself malloc now takes the like from its heap
before = resident_kib()
large = []
for _ in range({PIECES}):
    large.append(piece(2 * {MIB}))
    piece(1000)
for address in large:
    libc.free(address)
print(resident_kib() - before)
"""


@pytest.mark.parametrize(("how", "least", "most"), [("small", -1, 10), ("as it comes", 100, 200)])
def test_holes_between_what_stays_go_back(how: str, least: int, most: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True, timeout=60
    )
    assert least <= int(done.stdout) / 1024 <= most, "MiB"
