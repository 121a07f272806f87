"""Arrival times are the kernel's, whatever the event loop does meanwhile."""

from __future__ import annotations

import asyncio
import socket
import time

import aioice
import pytest

from kiosk.rtc.attach.gathering import RelayedProtocol
from kiosk.rtc.attach.stamping import Datagram, KioskStunProtocol


class Inbox:
    """Stands for the connection behind a protocol."""

    def __init__(self) -> None:
        self.media: list[bytes] = []
        self.other: list[bytes] = []
        self._changed = asyncio.Event()

    def data_received(self, data: bytes, _component: int) -> None:
        (self.media if isinstance(data, Datagram) else self.other).append(data)
        self._changed.set()

    async def holds(self, media: int, other: int) -> None:
        """Wait until so many have come."""
        while (len(self.media), len(self.other)) != (media, other):
            self._changed.clear()
            await self._changed.wait()


async def test_a_busy_loop_does_not_make_packets_late() -> None:
    inbox = Inbox()
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: KioskStunProtocol(inbox), local_addr=("127.0.0.1", 0)
    )
    host, port = transport.get_extra_info("sockname")
    protocol.local_candidate = aioice.Candidate("1", 1, "udp", 1, host, port, "host")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.sendto(b"\x80first", (host, port))  # the first one switches the stamps on
        far.sendto(b"\x16dtls", (host, port))
        await inbox.holds(media=1, other=1)
        sent = []
        for number in range(3):
            sent.append(time.monotonic())
            far.sendto(b"\x80" + bytes([number]), (host, port))
            time.sleep(0.05)  # noqa: ASYNC251 - the loop is busy, that is what is tested
        await inbox.holds(media=4, other=1)
    stamped = [packet for packet in inbox.media[1:] if isinstance(packet, Datagram)]
    assert [packet[1] for packet in stamped] == [0, 1, 2]
    for packet, at in zip(stamped, sent, strict=True):
        assert packet.arrived_at == pytest.approx(at, abs=0.02)
    transport.close()


async def test_media_that_come_by_a_relay_know_their_arrival_too() -> None:
    inbox = Inbox()
    protocol = RelayedProtocol(inbox, "tcp")
    protocol.local_candidate = aioice.Candidate("1", 1, "udp", 1, "127.0.0.1", 9, "relay")
    before = time.monotonic()
    for data in (b"\x80media", b"\x16dtls"):
        protocol.datagram_received(data, ("127.0.0.1", 9))
    (packet,) = inbox.media
    assert isinstance(packet, Datagram)
    assert before <= packet.arrived_at <= time.monotonic()
    assert inbox.other == [b"\x16dtls"]
