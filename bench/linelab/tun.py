"""TUN devices and network namespaces by system call: what Python 3.11 has no function for."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NETNS_FOLDER = "/run/netns"
_TUN = "/dev/net/tun"

# linux/if_tun.h
_TUNSETIFF = 0x400454CA
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
# linux/sched.h, linux/prctl.h
_CLONE_NEWNET = 0x40000000
_PR_SET_TIMERSLACK = 29

_libc = ctypes.CDLL(None, use_errno=True)


def obstacle() -> str:
    """Why no line can be made here, and what to do about it; empty where one can."""
    if os.geteuid() != 0:
        return "network namespaces and TUN devices are made by root alone: run it as root"
    if not Path(_TUN).exists():
        return f"there is no {_TUN}: modprobe tun; a container needs --device {_TUN}"
    if shutil.which("ip") is None:
        return "the program ip is missing: apt install iproute2"
    return ""


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """This thread in a named network namespace, back in its own afterwards; OSError if none."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        other = os.open(f"{NETNS_FOLDER}/{namespace}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _setns(other)
        finally:
            os.close(other)
        try:
            yield
        finally:
            _setns(own)
    finally:
        os.close(own)


def open_tun(name: str) -> int:
    """A non-blocking descriptor of a new TUN device (whole IP packets) in this namespace."""
    descriptor = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(
            descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI)
        )
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def wake_punctually() -> str:
    """Ask for exact timers and, where allowed, for real-time scheduling; says what was got.

    The kernel may lengthen an ordinary thread's sleep by 50 µs to save power; 1 ns asks it not to.
    """
    _libc.prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    except OSError:
        return "ordinary scheduling"
    return "real-time scheduling"


def _setns(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
