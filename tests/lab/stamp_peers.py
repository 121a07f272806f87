"""Both ends of STAMP, ours and scapy's, as programs for the laboratory's hosts.

stamp_peers.py reflect PORT               our reflector, unauthenticated, until it is ended
stamp_peers.py send HOST PORT COUNT       our sender; the summary of its probes as JSON
stamp_peers.py scapy-reflect PORT DEVICE  captures with scapy, answers what it decodes, tells each
stamp_peers.py scapy-send HOST PORT COUNT scapy's probes; what scapy decodes of each answer as JSON
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from dataclasses import asdict
from random import Random

from scapy.contrib.stamp import (
    STAMPSessionReflectorTestUnauthenticated,
    STAMPSessionSenderTestUnauthenticated,
)
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from scapy.sendrecv import sniff

from visiohub.linkquality.reflector import Reflector
from visiohub.linkquality.sender import LOST_AFTER_S, SessionSender
from visiohub.linkquality.sockets import Datagram, UdpSocket

SESSION = 4711
NTP_EPOCH = 2_208_988_800
SEED = 20_261_121


async def reflect(port: int) -> None:
    reflector = Reflector({SESSION: None}, sealed=False)

    def take(datagram: Datagram) -> None:
        came = datagram.at_ns / 1e9
        answer = reflector.answer(
            datagram.octets, time.monotonic(), received_at=came, reflected_at=time.time(),
            ttl=datagram.ttl,
        )  # fmt: skip
        wire.send(answer, datagram.address)

    wire = UdpSocket("0.0.0.0", port, take)
    print("ready", flush=True)
    await asyncio.Event().wait()


async def send(host: str, port: int, count: int) -> None:
    sender = SessionSender(SESSION, Random(SEED).random, time.monotonic(), every_s=0.05)
    wire = UdpSocket(
        "", 0, lambda came: sender.receive(came.octets, time.monotonic()) and None,
        peer=(host, port),
    )  # fmt: skip
    while sender.next_number < count:
        await asyncio.sleep(max(0.0, sender.deadline - time.monotonic()))
        octets = sender.send(time.monotonic(), time.time())
        if octets is not None:
            wire.send(octets)
    await asyncio.sleep(0.5)
    print(json.dumps(asdict(sender.collect(time.monotonic() + LOST_AFTER_S))))
    wire.close()


def scapy_reflect(port: int, device: str) -> None:
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("", port))

    def take(captured: object) -> None:
        packet = IP(bytes(captured))  # type: ignore[call-overload]  # a packet of a TUN device
        if UDP not in packet or packet[UDP].dport != port:
            return
        probe = STAMPSessionSenderTestUnauthenticated(bytes(packet[UDP].payload))
        now = time.time() + NTP_EPOCH
        answer = STAMPSessionReflectorTestUnauthenticated(
            seq=probe.seq, ts=now, ssid=probe.ssid, ts_rx=float(captured.time) + NTP_EPOCH,  # type: ignore[attr-defined]
            seq_sender=probe.seq, ts_sender=probe.ts, ttl_sender=packet.ttl,
        )  # fmt: skip
        wire.sendto(bytes(answer), (packet.src, packet[UDP].sport))
        told = {"seq": probe.seq, "ssid": probe.ssid, "ttl": packet.ttl,
                "ago_s": now - float(probe.ts), "octets": len(packet[UDP].payload)}  # fmt: skip
        print(json.dumps(told), flush=True)

    sniff(iface=device, prn=take, store=False, started_callback=lambda: print("ready", flush=True))


def scapy_send(host: str, port: int, count: int) -> None:
    answers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(1.0)
        wire.connect((host, port))
        for number in range(count):
            began = time.time()
            probe = STAMPSessionSenderTestUnauthenticated(
                seq=number, ssid=SESSION, ts=began + NTP_EPOCH
            )
            wire.send(bytes(probe))
            octets = wire.recv(2048)
            back = STAMPSessionReflectorTestUnauthenticated(octets)
            answers.append({
                "seq": back.seq, "seq_sender": back.seq_sender, "ssid": back.ssid,
                "ttl_sender": back.ttl_sender, "octets": len(octets), "sent": len(bytes(probe)),
                "whole_s": time.time() - began, "held_s": float(back.ts) - float(back.ts_rx),
                "echoed_s": float(back.ts_sender) - began - NTP_EPOCH,
                "rest": Raw in back,
            })  # fmt: skip
    print(json.dumps(answers))


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    match what:
        case "reflect":
            asyncio.run(reflect(int(rest[0])))
        case "send":
            asyncio.run(send(rest[0], int(rest[1]), int(rest[2])))
        case "scapy-reflect":
            scapy_reflect(int(rest[0]), rest[1])
        case "scapy-send":
            scapy_send(rest[0], int(rest[1]), int(rest[2]))
