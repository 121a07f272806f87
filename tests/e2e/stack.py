"""The whole program as processes of its own: one hub, one kiosk, on free ports, in one folder.

    async with running(folder) as stack:
        print(stack.hub_url, stack.screen_url, stack.password)

Hub and kiosk may stand on hosts of the line laboratory (`Site`). Nothing is imported from the
program under test but the supervisor of `make run`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.linelab.tun import inside
from build_tools.run_demo import Child

BIN = Path(sys.executable).parent
READY_WITHIN_S = 30.0
LOG_LINES = 40
SCREEN_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Site:
    """Where the two programs run; without namespaces both are on this machine's loopback."""

    hub_netns: str = ""
    kiosk_netns: str = ""
    hub_address: str = "127.0.0.1"


@dataclass(frozen=True)
class Parts:
    """What the programs are started with."""

    site: Site = Site()
    hub: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the hub beyond the needful."""
    kiosk: Mapping[str, str] = field(default_factory=dict)
    """KIOSK_* variables and others."""


class Stack:
    """The running programs. Made by `running`."""

    def __init__(self, folder: Path, parts: Parts) -> None:
        self.folder, self.site = folder, parts.site
        self._hub_port, self._screen_port = _free_ports(2)
        self.hub_url = f"http://{parts.site.hub_address}:{self._hub_port}"
        self.screen_url = f"http://{SCREEN_HOST}:{self._screen_port}/"
        self.territory: dict[str, Any] = {}
        for name in ("hub", "kiosk"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._hub_settings = dict(parts.hub)
        self._write_settings(self._hub_settings)
        hub_environment = {**os.environ, "VISIOHUB_CONFIG": str(folder / "hub.toml")}
        kiosk_environment = {
            **os.environ,
            "KIOSK_CAMERA": "synthetic",
            "KIOSK_MICROPHONE": "synthetic",
            "KIOSK_SPEAKER": "none",
            "KIOSK_STATE_DIR": str(folder / "kiosk"),
            "KIOSK_SCREEN_PORT": str(self._screen_port),
            **parts.kiosk,
        }
        self.hub = self._child("hub", [str(BIN / "visiohub"), "serve"], hub_environment)
        self.kiosk = self._child("kiosk", [str(BIN / "kiosk"), "run"], kiosk_environment)

    @property
    def password(self) -> str:
        """Of every sign-in of the demo."""
        return str(self.territory["sign_ins"][0]["password"])

    @property
    def kiosk_id(self) -> str:
        """Of the kiosk that runs."""
        return str(self.territory["kiosk_id"])

    async def start(self) -> None:
        """Territory, hub, enrolment, kiosk; back when all of it is ready."""
        loaded = await self.command(self.hub, "visiohub", "demo", "--reset", "--json")
        self.territory = json.loads(loaded)
        await self.start_hub()
        await self.command(
            self.kiosk, "kiosk", "enrol", "--replace", self.hub_url,
            self.territory["enrolment_code"],
        )  # fmt: skip
        await self.start_kiosk()

    async def start_hub(self) -> float:
        """Start the hub; seconds until it was ready."""
        return await self._start(self.hub, f"{self.hub_url}/readyz", self.site.hub_netns)

    async def restart_hub(self, **settings: Any) -> None:
        """End it in order and start it with other settings over those of the beginning.

        Back when the kiosk is in touch with it again.
        """
        await self.hub.stop()
        self.hub.process = None
        self._write_settings({**self._hub_settings, **settings})
        before = self._meetings()
        await self.start_hub()
        await self._meets(before)

    async def _meets(self, before: int) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while self._meetings() == before:
            assert time.monotonic() < deadline, self.last_words()
            await asyncio.sleep(0.05)

    def _meetings(self) -> int:
        return self.kiosk.log.read_text("utf-8", errors="replace").count("hub connected")

    async def start_kiosk(self) -> float:
        """Start the kiosk; seconds until its screen was served."""
        return await self._start(self.kiosk, f"{self.screen_url}healthz", self.site.kiosk_netns)

    async def restart_kiosk(self, **changes: str) -> None:
        """End it in order and start it with these variables over those of the beginning.

        Back when it is in touch with the hub.
        """
        await self.kiosk.stop()
        plain = self.kiosk.environment
        self.kiosk.process = None
        self.kiosk.environment = {**plain, **changes}
        before = self._meetings()
        await self.start_kiosk()
        self.kiosk.environment = plain
        await self._meets(before)

    async def kill(self, child: Child) -> None:
        """SIGKILL: no goodbye, no clean-up."""
        assert child.process is not None
        child.process.send_signal(signal.SIGKILL)
        await child.process.wait()
        child.process = None

    async def stop(self) -> None:
        """End both in order."""
        await self.kiosk.stop()
        await self.hub.stop()

    async def command(self, like: Child, program: str, *arguments: str) -> str:
        """Run one of our commands to its end, where and as `like` runs; its output."""
        prefix = like.command[:-2]
        done = await asyncio.to_thread(
            subprocess.run, [*prefix, str(BIN / program), *arguments], env=like.environment,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{program} {arguments[0]}: {done.stderr or done.stdout}"
        return done.stdout

    def last_words(self) -> str:
        """The ends of both logs."""
        parts = []
        for child in (self.hub, self.kiosk):
            lines = child.log.read_text("utf-8", errors="replace").splitlines()
            parts.append(f"--- {child.log.name}\n" + "\n".join(lines[-LOG_LINES:]))
        return "\n".join(parts)

    def _child(self, name: str, command: Sequence[str], environment: dict[str, str]) -> Child:
        netns = self.site.hub_netns if name == "hub" else self.site.kiosk_netns
        prefix = ["ip", "netns", "exec", netns] if netns else []
        log = self.folder / f"{name}.log"
        log.touch()
        return Child(name, [*prefix, *command], environment, log)

    def _write_settings(self, more: Mapping[str, Any]) -> None:
        settings = {
            "host": "0.0.0.0" if self.site.hub_netns else self.site.hub_address,
            "port": self._hub_port,
            "probe_port": 0,
            "public_origins": [self.hub_url],
            "data_dir": str(self.folder / "hub"),
            **more,
        }
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
        (self.folder / "hub.toml").write_text("".join(lines), "utf-8")

    async def _start(self, child: Child, address: str, netns: str) -> float:
        began = time.monotonic()
        process = await child.start()
        while not await asyncio.to_thread(_answers, address, netns):
            assert process.returncode is None, f"{child.name} ended\n{self.last_words()}"
            late = time.monotonic() > began + READY_WITHIN_S
            assert not late, f"{child.name} does not answer\n{self.last_words()}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began


@asynccontextmanager
async def running(folder: Path, parts: Parts | None = None) -> AsyncIterator[Stack]:
    """Both programs, ready; ended afterwards."""
    stack = Stack(folder, parts or Parts())
    try:
        await stack.start()
        yield stack
    finally:
        await stack.stop()


def _answers(address: str, netns: str) -> bool:
    try:
        with (
            inside(netns) if netns else nullcontext(),
            urllib.request.urlopen(address, timeout=2) as answer,
        ):
            return bool(answer.status == 200)
    except OSError:
        return False


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
