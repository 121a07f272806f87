"""One JSON object a line, an order and its answer: how the bench speaks to its ends in namespaces.

An end is a module run with `-m` on one of the laboratory's hosts; it answers in the order in which
it is asked, on its standard output.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.linelab.namespaces import Host

Order = dict[str, Any]
Answer = dict[str, Any]


class Talk:
    """The bench's side of one end."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def ask(self, do: str, **fields: Any) -> Answer:
        """Order and wait for the answer. Raises RuntimeError: the end failed, or is gone."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("an end without pipes")
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the end is gone, status {self._process.poll()}")
        answer: Answer = json.loads(line)
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer


@contextmanager
def talking(host: Host, module: str) -> Iterator[Talk]:
    """An end on this host, ended and reaped afterwards."""
    process = host.start(
        sys.executable, "-m", module, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield Talk(process)
    finally:
        process.terminate()
        process.communicate(timeout=10)


async def obey(handle: Callable[[Order], Awaitable[Answer]]) -> None:
    """An end's side: carry out orders until the bench is gone; what fails is told."""
    loop = asyncio.get_running_loop()
    orders: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(orders.put_nowait, line)
        loop.call_soon_threadsafe(orders.put_nowait, b"")

    threading.Thread(target=read, daemon=True).start()
    while line := await orders.get():
        try:
            answer = await handle(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever it is, the bench waits for an answer
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
