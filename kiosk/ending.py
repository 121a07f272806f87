"""The end of a program beside a device that hangs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

_hanging: list[Callable[[], bool]] = []


def heed(hangs: Callable[[], bool]) -> None:
    """`hangs()`, asked at the end, says whether something keeps Python from ending by itself."""
    _hanging.append(hangs)


def end_process(code: str | int | None) -> NoReturn:
    """The last that a program does, its devices closed: it ends as by `sys.exit(code)`.

    At once where one of them hangs: PortAudio would end with Python, and beside a stream that is
    still being stopped it hangs, too, or crashes.
    """
    if any(hangs() for hangs in _hanging):
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)
    sys.exit(code)
