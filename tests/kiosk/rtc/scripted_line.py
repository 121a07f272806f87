"""A line between two ends on loopback: datagrams pass, are dropped by a list, delayed, cut."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Container
from typing import cast

_CANDIDATE = re.compile(r"a=candidate:\S+ \d+ udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host.*")


class _End(asyncio.DatagramProtocol):
    def __init__(self, forward: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._forward = forward
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._forward(data, addr)


class ScriptedLine:
    """Stands between the offering end (A) and the answering end (B)."""

    def __init__(self) -> None:
        self.cut = False
        self.delay_s = 0.0
        self.drop_to_a: Container[int] = ()
        self.drop_to_b: Container[int] = ()
        self.passed_to_a = 0
        self.passed_to_b = 0
        self._a: tuple[str, int] | None = None
        self._b: tuple[str, int] | None = None
        self._front = _End(self._from_a)
        self._back = _End(self._from_b)

    async def join(self, answer: str) -> str:
        """The answer with this line's address in place of the answering end's."""
        found = _CANDIDATE.search(answer)
        assert found is not None
        self._b = (found[1], int(found[2]))
        loop = asyncio.get_running_loop()
        for end in (self._front, self._back):
            await loop.create_datagram_endpoint(lambda end=end: end, local_addr=(found[1], 0))
        host, port = self._front.transport.get_extra_info("sockname")
        kept = [line for line in answer.splitlines() if not line.startswith("a=candidate:")]
        index = max(i for i, line in enumerate(kept) if line.startswith("a=mid:0"))
        kept.insert(index, f"a=candidate:1 1 udp 2130706431 {host} {port} typ host")
        return "\r\n".join(kept) + "\r\n"

    def close(self) -> None:
        self._front.transport.close()
        self._back.transport.close()

    def _from_a(self, data: bytes, addr: tuple[str, int]) -> None:
        self._a = addr
        self.passed_to_b += 1
        if not self.cut and self.passed_to_b not in self.drop_to_b:
            self._later(self._back, data, self._b)

    def _from_b(self, data: bytes, _addr: tuple[str, int]) -> None:
        self.passed_to_a += 1
        if not self.cut and self.passed_to_a not in self.drop_to_a:
            self._later(self._front, data, self._a)

    def _later(self, end: _End, data: bytes, to: tuple[str, int] | None) -> None:
        if to is None:
            return
        if self.delay_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self.delay_s, end.transport.sendto, data, to)
        else:
            end.transport.sendto(data, to)


def without_candidates(sdp: str) -> str:
    """So that an end can be reached by the line alone."""
    return "".join(
        f"{line}\r\n"
        for line in sdp.splitlines()
        if not line.startswith(("a=candidate:", "a=end-of-candidates"))
    )
