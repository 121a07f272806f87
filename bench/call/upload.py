"""The TCP upload beside a call: what somebody else at the venue sends to the office's host."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.linelab import tcp_upload
from bench.linelab.namespaces import Host, Lab

_PORT = "5201"
_LEAST_SHARE, _LEAST_KBIT_S = 0.02, 10.0
"""Of what the line could have carried; and on wide lines, for losses and distance limit TCP, too:
at 300 ms with every tenth packet lost, Linux's Reno took 190 kbit/s of 10 Mbit/s, its BBR 5700."""


async def upload(hosts: Lab, span_s: tuple[float, float], kbit_s: float, pressed: float) -> None:
    """From `span_s[0]` to `span_s[1]` after `pressed`, on a line of `kbit_s` upwards.

    Raises RuntimeError when it did not take place.
    """
    start, end = span_s
    async with _running(hosts.office, "receive", _PORT) as receiver:
        await _told(receiver)
        await asyncio.sleep(max(0.0, pressed + start - time.time()))
        to = hosts.office.address
        async with _running(hosts.venue, "send", to, _PORT, str(end - start)) as sender:
            octets = int(await _told(sender))
    took_kbit_s = octets * 8 / 1000 / (end - start)
    if took_kbit_s < min(_LEAST_SHARE * kbit_s, _LEAST_KBIT_S):
        raise RuntimeError(
            f"the upload beside the call took {took_kbit_s:.1f} of {kbit_s:g} kbit/s"
        )


async def _told(process: Process) -> bytes:
    """Its first line. RuntimeError when it ends without one."""
    if process.stdout and (line := await process.stdout.readline()):
        return line
    raise RuntimeError(f"the upload beside the call ended with status {await process.wait()}")


@asynccontextmanager
async def _running(host: Host, *words: str) -> AsyncIterator[Process]:
    """`tcp_upload.py` on a host, over when it is left."""
    command = host.command(sys.executable, tcp_upload.__file__, *words)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
