"""Modems as snmpsim plays them back: recordings of our own, made after the MIBs' texts, with
what real agents do otherwise (docs/decisions/0021).

A recording is a file of lines OID|TAG|VALUE, in order of OID; its name is the community.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from threading import Event, Thread

INTEGER, OCTETS, IDENTIFIER, COUNTER, GAUGE, TICKS = "2", "4", "6", "65", "66", "67"
COUNTER64 = "70"
T = "1.3.6.1.2.1.10"
UNAVAILABLE = 2_147_483_646

Objects = Mapping[str, tuple[str, object]]

SYSTEM: Objects = {
    "1.3.6.1.2.1.1.1.0": (OCTETS, "a modem"),
    "1.3.6.1.2.1.1.3.0": (TICKS, 8_640_000),
}


def interface(index: int, *, up: bool = True) -> Objects:
    """One interface: its state, since one hour before now, and its octets."""
    return {
        f"1.3.6.1.2.1.2.2.1.8.{index}": (INTEGER, 1 if up else 2),
        f"1.3.6.1.2.1.2.2.1.9.{index}": (TICKS, 8_280_000),
        f"1.3.6.1.2.1.2.2.1.10.{index}": (COUNTER, 4_000_000_000),
        f"1.3.6.1.2.1.2.2.1.16.{index}": (COUNTER, 200_000_000),
    }


ADSL: Objects = SYSTEM | interface(5) | {
    f"{T}.94.1.1.2.1.4.5": (INTEGER, 115),
    f"{T}.94.1.1.2.1.5.5": (GAUGE, 182),
    f"{T}.94.1.1.2.1.8.5": (GAUGE, 9_216_000),
    f"{T}.94.1.1.3.1.4.5": (INTEGER, 62),
    f"{T}.94.1.1.3.1.5.5": (GAUGE, 415),
    f"{T}.94.1.1.3.1.8.5": (GAUGE, 1_024_000),
    f"{T}.94.1.1.4.1.2.3": (GAUGE, 8_128_000),  # the channel's own interface number, and the
    f"{T}.94.1.1.4.1.2.4": (GAUGE, 0),  # latency path that is not used
    f"{T}.94.1.1.5.1.2.3": (GAUGE, 864_000),
    f"{T}.94.1.1.5.1.2.4": (GAUGE, 0),
    f"{T}.94.1.1.6.1.5.5": (COUNTER, 31),
    f"{T}.94.1.1.6.1.6.5": (COUNTER, 4),
    f"{T}.94.1.1.7.1.4.5": (COUNTER, 212),
    f"{T}.94.3.1.18.1.3.5": (COUNTER, 2),
    f"{T}.94.3.1.20.1.1.5": (COUNTER, 17),
}  # fmt: skip

ADSL2: Objects = SYSTEM | interface(2) | {
    f"{T}.238.1.1.1.1.14.2": (GAUGE, 305),
    f"{T}.238.1.1.1.1.15.2": (GAUGE, 160),
    f"{T}.238.1.1.1.1.18.2": (INTEGER, 71),
    f"{T}.238.1.1.1.1.19.2": (INTEGER, UNAVAILABLE),
    f"{T}.238.1.1.1.1.20.2": (GAUGE, 14_800_000),
    f"{T}.238.1.1.1.1.21.2": (GAUGE, 1_100_000),
    f"{T}.238.1.2.1.1.3.2.1": (GAUGE, 1_021_000),
    f"{T}.238.1.2.1.1.3.2.2": (GAUGE, 13_312_000),
    f"{T}.238.1.4.1.1.1.12.2.1": (INTEGER, 40_000),
    f"{T}.238.1.4.1.1.1.12.2.2": (INTEGER, 40_000),
    f"{T}.238.1.4.1.1.1.14.2.1": (COUNTER, 3),
    f"{T}.238.1.4.1.1.1.14.2.2": (COUNTER, 9),
    f"{T}.238.1.4.1.1.1.15.2.2": (COUNTER, 1),
    f"{T}.238.1.4.1.2.1.10.2": (INTEGER, 40_000),
    f"{T}.238.1.4.1.2.1.11.2": (GAUGE, 1),
}  # fmt: skip

SHDSL: Objects = SYSTEM | interface(7) | {
    f"{T}.48.1.2.1.2.7": (GAUGE, 5_696_000),
    f"{T}.48.1.2.1.3.7": (GAUGE, 4_096_000),
    # two pairs of wires at the venue's end: unit 2, network side
    f"{T}.48.1.5.1.1.7.2.1.1": (INTEGER, 18),
    f"{T}.48.1.5.1.1.7.2.1.2": (INTEGER, 21),
    f"{T}.48.1.5.1.2.7.2.1.1": (INTEGER, 12),
    f"{T}.48.1.5.1.2.7.2.1.2": (INTEGER, 9),
    f"{T}.48.1.5.1.15.7.2.1.1": (INTEGER, 3_600),
    f"{T}.48.1.5.1.15.7.2.1.2": (INTEGER, 3_600),
    f"{T}.48.1.5.1.16.7.2.1.1": (GAUGE, 1),
    f"{T}.48.1.5.1.16.7.2.1.2": (GAUGE, 6),
    f"{T}.48.1.5.1.17.7.2.1.1": (GAUGE, 0),
    f"{T}.48.1.5.1.17.7.2.1.2": (GAUGE, 2),
}  # fmt: skip

VDSL2: Objects = SYSTEM | interface(11) | {
    "1.3.6.1.2.1.31.1.1.1.6.11": (COUNTER64, 9_000_000_000),
    "1.3.6.1.2.1.31.1.1.1.10.11": (COUNTER64, 700_000_000),
    f"{T}.251.1.1.1.1.20.11": (GAUGE, 78_000_000),
    f"{T}.251.1.1.1.1.21.11": (GAUGE, 24_000_000),
    f"{T}.251.1.1.2.1.2.11.1": (GAUGE, 92),
    f"{T}.251.1.1.2.1.2.11.2": (GAUGE, 131),
    f"{T}.251.1.1.2.1.4.11.1": (INTEGER, 95),
    f"{T}.251.1.1.2.1.4.11.2": (INTEGER, 84),
    f"{T}.251.1.1.2.1.4.11.4": (INTEGER, UNAVAILABLE + 1),
    f"{T}.251.1.2.2.1.2.11.1": (GAUGE, 52_000_000),  # unit and direction as some modems have it
    f"{T}.251.1.2.2.1.2.11.2": (GAUGE, 20_000_000),
    f"{T}.251.1.4.1.1.1.12.11.1": (INTEGER, 7_200),
    f"{T}.251.1.4.1.1.1.12.11.2": (INTEGER, 7_200),
    f"{T}.251.1.4.1.1.1.14.11.1": (COUNTER, 0),
    f"{T}.251.1.4.1.1.1.14.11.2": (COUNTER, 5),
    f"{T}.251.1.4.1.1.1.15.11.2": (COUNTER, 1),
    f"{T}.251.1.4.1.2.1.10.11": (INTEGER, 7_200),
    f"{T}.251.1.4.1.2.1.11.11": (GAUGE, 2),
}  # fmt: skip

VIGOR: Objects = SYSTEM | interface(4) | {
    # a VDSL2 line whose rates alone are in its MIB, the rest in ADSL's, in whole dB
    "1.3.6.1.2.1.1.2.0": (IDENTIFIER, "1.3.6.1.4.1.7367"),
    f"{T}.94.1.1.2.1.4.4": (INTEGER, 9),
    f"{T}.94.1.1.2.1.5.4": (GAUGE, 17),
    f"{T}.94.1.1.2.1.6.4": (OCTETS, "SHOWTIME"),
    f"{T}.94.1.1.2.1.8.4": (GAUGE, 61_000_000),
    f"{T}.94.1.1.3.1.4.4": (INTEGER, 7),
    f"{T}.94.1.1.3.1.5.4": (GAUGE, 12),
    f"{T}.94.1.1.3.1.8.4": (GAUGE, 15_500_000),
    f"{T}.251.1.2.2.1.2.4.1": (GAUGE, 50_300_000),
    f"{T}.251.1.2.2.1.2.4.2": (GAUGE, 11_200_000),
}  # fmt: skip

NONSENSE: Objects = {
    "1.3.6.1.2.1.1.3.0": (TICKS, 8_640_000),
    f"{T}.94.1.1.2.1.4.5": (OCTETS, "eleven and a half"),
    f"{T}.94.1.1.3.1.4.5": (INTEGER, 30_000),
    f"{T}.94.1.1.3.1.5.5": (INTEGER, -3),
    f"{T}.94.1.1.4.1.2.5": (INTEGER, -8_128_000),
    f"{T}.94.1.1.5.1.2.5": (OCTETS, "fast"),
}

WITHOUT_LINE: Objects = SYSTEM | interface(1)

RECORDED: Mapping[str, Objects] = {
    "adsl": ADSL, "adsl2": ADSL2, "shdsl": SHDSL, "vdsl2": VDSL2, "vigor": VIGOR,
    "nonsense": NONSENSE, "without-line": WITHOUT_LINE,
    "adsl-off": {oid: v for oid, v in ADSL.items() if ".94." not in oid}
    | interface(5, up=False)
    | {f"{T}.94.1.1.4.1.2.3": (GAUGE, 0), f"{T}.94.1.1.6.1.6.5": (COUNTER, 4)},
}  # fmt: skip
USER, KEY, OTHER_KEY = "visiohub", "clé d’authentification", "privacy-key"
_KEY_AS_OCTETS = KEY.encode().decode("latin-1")
"""The simulator takes one octet a character."""


def numbers(objects: Objects) -> dict[tuple[int, ...], int]:
    """The recording as the pure part takes it."""
    return {
        tuple(map(int, oid.split("."))): value
        for oid, (_, value) in objects.items()
        if isinstance(value, int)
    }


def write(folder: Path) -> None:
    """All recordings as snmpsim's files; SNMPv3's default context plays the ADSL one."""
    for name, objects in RECORDED.items():
        ordered = sorted(objects.items(), key=lambda item: [int(n) for n in item[0].split(".")])
        text = "".join(f"{oid}|{tag}|{value}\n" for oid, (tag, value) in ordered)
        (folder / f"{name}.snmprec").write_text(text, "ascii")
        if name == "adsl":
            (folder / "self.snmprec").write_text(text, "ascii")


@contextmanager
def playing(folder: Path) -> Iterator[int]:
    """snmpsim as a process of its own; the UDP port that it answers on, on 127.0.0.1."""
    data, cache = folder / "recordings", folder / "cache"
    data.mkdir()
    cache.mkdir()
    write(data)
    with socket(AF_INET, SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = Path(sys.executable).with_name("snmpsim-command-responder")
    with subprocess.Popen(
        [command, f"--data-dir={data}", f"--cache-dir={cache}",
         f"--agent-udpv4-endpoint=127.0.0.1:{port}", "--logging-method=stdout",
         "--process-user=root", "--process-group=root",
         f"--v3-user={USER}", f"--v3-auth-key={_KEY_AS_OCTETS}", "--v3-auth-proto=SHA",
         f"--v3-priv-key={OTHER_KEY}", "--v3-priv-proto=AES"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder,
    ) as simulator:  # fmt: skip
        said, ready = list[str](), Event()

        def listen() -> None:  # to its end, or a full pipe would stop the simulator
            assert simulator.stdout is not None
            for line in simulator.stdout:
                said.append(line)
                if "Listening at UDP/IPv4 endpoint" in line:
                    ready.set()

        reader = Thread(target=listen)
        reader.start()
        try:
            if not ready.wait(60):
                raise AssertionError("snmpsim does not start:\n" + "".join(said))
            yield port
        finally:
            simulator.terminate()
            reader.join()
