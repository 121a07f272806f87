"""A flow like a call's: a voice of 50 packets a second, and a picture's packets at even distances.

    flow.py receive PORT                     until its input ends; then JSON: [[sent_ns, delay_ms]]
                                             of the voice's packets
    flow.py send HOST PORT PICTURE_KBIT      until it is ended

Both ends read one monotonic clock, as they are on one machine.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time

VOICE_EVERY_S = 0.02
VOICE_OCTETS, PICTURE_OCTETS = 110, 1_100
"""IP octets of a packet."""
_HEAD = struct.Struct(">?Q")


def receive(port: int) -> None:
    """Delays of the voice, which are the call's."""
    seen: list[tuple[int, float]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("", port))
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([wire, sys.stdin], [], [])
            if wire in ready:
                voice, sent_ns = _HEAD.unpack_from(wire.recv(2048))
                if voice:
                    seen.append((sent_ns, (time.monotonic_ns() - sent_ns) / 1e6))
            elif ready:
                break
    print(json.dumps(seen))


def send(host: str, port: int, picture_kbit_s: float) -> None:
    """Each kind at its own even distances, until somebody ends this process."""
    every = {True: VOICE_EVERY_S, False: PICTURE_OCTETS * 8 / (picture_kbit_s * 1000)}
    octets = {True: VOICE_OCTETS, False: PICTURE_OCTETS}
    begun = time.monotonic()
    due = dict.fromkeys(every, begun)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        while True:
            voice = min(due, key=lambda kind: due[kind])
            wait = due[voice] - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            head = _HEAD.pack(voice, time.monotonic_ns())
            wire.sendto(head.ljust(octets[voice] - 28, b"\0"), (host, port))
            due[voice] += every[voice]


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "receive":
        receive(int(rest[0]))
    else:
        send(rest[0], int(rest[1]), float(rest[2]))
