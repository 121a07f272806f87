"""Sends or receives numbered UDP packets with their time of sending; one JSON line at the end.

    udp_train.py receive PORT SECONDS      prints "ready", then the arrivals' summary
    udp_train.py send HOST PORT OCTETS KBIT SECONDS
    udp_train.py echo PORT
    udp_train.py ping HOST PORT COUNT      round trips in ms

Both ends read one clock, as they are on one machine.
"""

from __future__ import annotations

import json
import socket
import sys
import time


def receive(port: int, seconds: float) -> None:
    """Until nothing has come for `seconds`, once the first has come."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        wire.bind(("", port))
        print("ready", flush=True)
        wire.settimeout(20)
        arrivals = []
        try:
            while True:
                data = wire.recv(2048)
                arrivals.append((time.monotonic_ns(), int.from_bytes(data[:8], "big"),
                                 int.from_bytes(data[8:16], "big"), len(data)))  # fmt: skip
                wire.settimeout(seconds)
        except TimeoutError:
            pass
    span_s = (arrivals[-1][0] - arrivals[0][0]) / 1e9 if len(arrivals) > 1 else 0.0
    delays = sorted((at - sent) / 1e6 for at, _, sent, _ in arrivals)
    numbers = [number for _, number, _, _ in arrivals]
    octets = sum(size + 28 for *_, size in arrivals[1:])
    print(json.dumps({
        "packets": len(arrivals),
        "ip_kbit_s": octets * 8 / span_s / 1000 if span_s else 0,
        "in_order": numbers == sorted(numbers),
        "delay_ms": {"min": delays[0], "p50": delays[len(delays) // 2],
                     "p95": delays[int(len(delays) * 0.95)], "max": delays[-1]} if delays else {},
    }))  # fmt: skip


def send(host: str, port: int, octets: int, kbit_s: float, seconds: float) -> None:
    """Packets of `octets` (IP size) at a rate."""
    spacing = octets * 8 / (kbit_s * 1000)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        started = time.monotonic()
        count = int(seconds / spacing)
        for number in range(count):
            wait = started + number * spacing - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            head = number.to_bytes(8, "big") + time.monotonic_ns().to_bytes(8, "big")
            wire.sendto(head.ljust(octets - 28, b"\0"), (host, port))
    print(json.dumps({"packets": count}))


def echo(port: int) -> None:
    """Send everything back, until killed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("", port))
        print("ready", flush=True)
        while True:
            data, sender = wire.recvfrom(2048)
            wire.sendto(data, sender)


def ping(host: str, port: int, count: int) -> None:
    """Round trips, one after the other; a missing answer counts as lost after 0.5 s."""
    trips, lost = [], 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(0.5)
        for _ in range(count):
            sent = time.monotonic()
            wire.sendto(b"0" * 36, (host, port))
            try:
                wire.recv(2048)
                trips.append((time.monotonic() - sent) * 1000)
            except TimeoutError:
                lost += 1
    print(json.dumps({"lost": lost, "min_ms": min(trips, default=None), "trips": len(trips)}))


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    {
        "receive": lambda: receive(int(rest[0]), float(rest[1])),
        "send": lambda: send(rest[0], int(rest[1]), int(rest[2]), float(rest[3]), float(rest[4])),
        "echo": lambda: echo(int(rest[0])),
        "ping": lambda: ping(rest[0], int(rest[1]), int(rest[2])),
    }[what]()
