"""An end that is cut off: the venue's line dead, or the office's network unplugged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from bench.linelab.namespaces import Lab


@contextmanager
def dead_line(lab: Lab) -> Iterator[None]:
    """The line between hub and venue carries nothing."""
    lab.line.cut()
    try:
        yield
    finally:
        lab.line.restore()


@contextmanager
def unplugged_office(lab: Lab) -> Iterator[None]:
    """The office's network takes and gives nothing. Needs iptables."""
    rules = [("INPUT", "-i"), ("OUTPUT", "-o")]
    for chain, side in rules:
        lab.office.run("iptables", "-I", chain, side, "eth0", "-j", "DROP")
    try:
        yield
    finally:
        for chain, side in rules:
            lab.office.run("iptables", "-D", chain, side, "eth0", "-j", "DROP")


OUTAGES: dict[str, Callable[[Lab], AbstractContextManager[None]]] = {
    "kiosk": dead_line,
    "agent": unplugged_office,
}
"""By the end of the call that is cut off."""
