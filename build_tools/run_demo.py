"""`make run`: the demo territory, a hub and one kiosk on this machine, until Ctrl-C.

VISIOHUB_PORT (8080) and KIOSK_SCREEN_PORT (8090) move the two addresses; DEMO_FOLDER (.run) is
where database, key and logs lie: one running demo has it to itself. The territory is made anew at
every start, so that there are always appointments that begin about now.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

BIN = Path(sys.executable).parent
HOST = "127.0.0.1"
READY_WITHIN_S = 40.0
RESTART_AFTER_S = 1.0
TOO_SHORT_A_LIFE_S = 3.0
SHORT_LIVES_ALLOWED = 4
GOODBYE_S = 8.0
MISUSED = 2
"""Exit code of our programs: a setting or a device makes no sense; started again it would not."""

# a pipe or a log has no width of its own
console = Console(highlight=False, width=None if sys.stdout.isatty() else 80)


class DemoError(Exception):
    """What failed, and the remedy; both are shown."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


@dataclass
class Child:
    """A program of ours, its surroundings and its log."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    log_began_at: int = 0
    """Octets in the log when this life began."""

    async def start(self) -> asyncio.subprocess.Process:
        """Start it; what it says goes to the end of its log."""
        with self.log.open("ab") as log:
            self.log_began_at = log.tell()
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us alone: we stop our children in order
                preexec_fn=partial(_die_with, os.getpid()),
            )
        return self.process

    async def keep_running(self) -> None:
        """Start it again whenever it ends.

        Raises:
            DemoError: it ends at once, repeatedly, or says that its settings make no sense.
        """
        short_lives = 0
        while True:
            started = time.monotonic()
            process = self.process or await self.start()
            status = await process.wait()
            self.process = None
            if status == MISUSED:
                raise DemoError(f"{self.name} cannot work as it is set up.", self.last_words())
            short = time.monotonic() - started < TOO_SHORT_A_LIFE_S
            short_lives = short_lives + 1 if short else 0
            if short_lives > SHORT_LIVES_ALLOWED:
                raise DemoError(f"{self.name} ends as soon as it starts.", self.last_words())
            console.print(f"  {self.name} ended ({_ending(status)}): it is started again")
            await asyncio.sleep(RESTART_AFTER_S)

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL after a few seconds."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), GOODBYE_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    def last_words(self) -> str:
        """The end of what this life of it logged, for the one who must understand."""
        logged = self.log.read_bytes()[self.log_began_at :].decode(errors="replace")
        lines = logged.splitlines()[-12:]
        return f"its last words, from {self.log}:\n    " + "\n    ".join(lines)


def main() -> int:
    """Run the demo; 0 after Ctrl-C, 1 when something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    status = 0
    try:
        folder = Path(os.environ.get("DEMO_FOLDER") or ".run").resolve()
        asyncio.run(demo(folder, os.environ))
    except* DemoError as failures:
        for error in _leaves(failures):
            console.print(
                f"\nvisiohub: {error}\n  remedy: {error.remedy}\n", markup=False, soft_wrap=True
            )
        status = 1
    return status


async def demo(folder: Path, environ: Mapping[str, str]) -> None:
    """Everything, until a signal to stop or a failure."""
    hub_port, screen_port = _ports(environ)
    with _alone_in(folder):
        await _supervised(folder, environ, hub_port, screen_port)
    console.print("\nStopped.")


async def _supervised(
    folder: Path, environ: Mapping[str, str], hub_port: int, screen_port: int
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    hub, kiosk, lines = _children(folder, environ, hub_port, screen_port)
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait())]
    try:
        everything = _run_all(folder, hub, kiosk, lines, hub_port, screen_port)
        tasks.append(asyncio.create_task(everything))
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(kiosk.stop(), lines.stop(), hub.stop())


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Nobody else's demo lies in this folder: its territory would be made anew under its hub."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise DemoError(
            f"{folder} cannot be written: {error.strerror}.",
            "give another folder: make run DEMO_FOLDER=.run-2",
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                f"another `make run` is at work in {folder}.",
                "stop it with Ctrl-C, or give this one a folder and ports of its own: "
                "make run DEMO_FOLDER=.run-2 VISIOHUB_PORT=9080 KIOSK_SCREEN_PORT=9090",
            ) from None
        yield


async def _run_all(
    folder: Path, hub: Child, kiosk: Child, lines: Child, hub_port: int, screen_port: int
) -> None:
    console.print("[bold]1/4[/] the demo territory is loaded")
    territory = json.loads(await _output(hub.environment, "visiohub", "demo", "--reset", "--json"))
    async with asyncio.TaskGroup() as supervised:
        console.print("[bold]2/4[/] the hub starts")
        await hub.start()
        supervised.create_task(hub.keep_running())
        await _ready(f"http://{HOST}:{hub_port}/readyz", hub)
        console.print("[bold]3/4[/] the kiosk is enrolled")
        await _output(kiosk.environment, "kiosk", "enrol", "--replace",
                      f"http://{HOST}:{hub_port}", territory["enrolment_code"])  # fmt: skip
        console.print("[bold]4/4[/] the kiosk starts")
        if "KIOSK_SPEAKER" not in kiosk.environment:
            kiosk.environment["KIOSK_SPEAKER"] = await _speaker(kiosk.environment)
        await kiosk.start()
        supervised.create_task(kiosk.keep_running())
        await _ready(f"http://{HOST}:{screen_port}/", kiosk)
        _show(territory, hub_port, screen_port, folder)
        supervised.create_task(lines.keep_running())


def _children(
    folder: Path, environ: Mapping[str, str], hub_port: int, screen_port: int
) -> tuple[Child, Child, Child]:
    for name in ("hub", "kiosk"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    origins = [f"http://{HOST}:{hub_port}", f"http://localhost:{hub_port}"]
    (folder / "hub.toml").write_text(
        "# Written by `make run` at every start.\n"
        f"port = {hub_port}\n"
        f"probe_port = {hub_port}\n"  # UDP, so a second demo has its own
        f"public_origins = {json.dumps(origins)}\n"
        f"data_dir = {json.dumps(str(folder / 'hub'))}\n",
        "utf-8",
    )
    hub_environment = {**environ, "VISIOHUB_CONFIG": str(folder / "hub.toml")}
    kiosk_environment = {
        "KIOSK_CAMERA": "synthetic",
        "KIOSK_MICROPHONE": "synthetic",
        **environ,
        "KIOSK_STATE_DIR": str(folder / "kiosk"),
        "KIOSK_SCREEN_PORT": str(screen_port),
    }
    goes_on = [sys.executable, "-m", "visiohub.demo_goes_on"]
    return (
        Child("the hub", [str(BIN / "visiohub"), "serve"], hub_environment, folder / "hub.log"),
        Child("the kiosk", [str(BIN / "kiosk"), "run"], kiosk_environment, folder / "kiosk.log"),
        Child("the demo's lines", goes_on, hub_environment, folder / "lines.log"),
    )


def _ports(environ: Mapping[str, str]) -> tuple[int, int]:
    hub = _port(environ, "VISIOHUB_PORT", 8080)
    screen = _port(environ, "KIOSK_SCREEN_PORT", 8090)
    if hub == screen:
        raise DemoError(
            f"hub and kiosk screen cannot both have port {hub}.",
            f"give them two: make run VISIOHUB_PORT={hub} KIOSK_SCREEN_PORT={_another(hub)}",
        )
    return hub, screen


def _another(port: int) -> int:
    return port + 1000 if port + 1000 <= 65535 else port - 1000


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise DemoError(f"{name}={text} is no port.", f"a number from 1 to 65535: {name}={default}")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise DemoError(
                f"port {port} of {HOST} cannot be used: {error.strerror}.",
                f"stop the program that holds it (`ss -tlnp sport = :{port}` names it), "
                f"or take another: make run {name}={_another(port)}",
            ) from None
    return port


async def _output(environment: Mapping[str, str], program: str, *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        str(BIN / program), *arguments, env=dict(environment), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        preexec_fn=partial(_die_with, os.getpid()),
    )  # fmt: skip
    output, errors = await process.communicate()
    if process.returncode:
        why = errors.decode(errors="replace").strip() or output.decode(errors="replace").strip()
        raise DemoError(
            f"`{program} {arguments[0]}` failed: {why[-1500:]}",
            "set that right and type make run again; to begin afresh, remove its folder first "
            "(.run, or DEMO_FOLDER)",
        )
    return output


async def _speaker(environment: Mapping[str, str]) -> str:
    """This machine's speaker if it can play, else one that takes the sound for nobody to hear."""
    process = await asyncio.create_subprocess_exec(
        str(BIN / "kiosk"), "doctor", "--camera", "none", "--microphone", "none", "--json",
        env=dict(environment), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=partial(_die_with, os.getpid()),
    )  # fmt: skip
    output, _ = await process.communicate()
    findings = json.loads(output or "[]")  # nothing: the sound library took the doctor along
    can_play = {"kind": "speaker", "name": "device", "works": True}.items()
    return "device" if any(can_play <= each.items() for each in findings) else "synthetic"


async def _ready(address: str, child: Child) -> None:
    """Ask until it answers 200. Raises DemoError after a while."""
    limit = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < limit:
        if await asyncio.to_thread(_answers, address):
            return
        await asyncio.sleep(0.1)
    raise DemoError(f"{child.name} does not answer at {address}.", child.last_words())


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 (our own http address)
            return bool(answer.status == 200)
    except OSError:
        return False


def _show(territory: Mapping[str, Any], hub_port: int, screen_port: int, folder: Path) -> None:
    hub, screen = f"http://{HOST}:{hub_port}/", f"http://{HOST}:{screen_port}/"
    people = Table("Sign-in", "Role", "Who", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for row in territory["sign_ins"]:
        people.add_row(row["login"], ", ".join(row["roles"]), row["label"])
    password = territory["sign_ins"][0]["password"]
    starts = datetime.fromisoformat(territory["convocation_starts_at"])
    code = territory["convocation"]["code"]
    console.print(f"\n[bold]visiohub is running.[/] Logs: {folder}/*.log\n")
    console.print(people)
    console.print(f"\nEvery sign-in has the password [bold]{password}[/].")
    console.print(
        f"\n  1. The agent's tab: [bold]{hub}[/]\n"
        f"     sign in as [bold]{territory['convocation_agent']}[/]\n"
        f"  2. The citizen's tab: [bold]{screen}[/] ({territory['kiosk_name']})\n"
        f"     touch the yellow sign, type the code [bold]{code}[/] "
        f"(appointment at {starts:%H:%M})\n"
        '  3. In the agent\'s tab, admit the citizen: « Faire entrer » ("Let in").\n'
        "\nCtrl-C stops all.\n",
        soft_wrap=True,
    )


def _leaves(group: BaseExceptionGroup[DemoError]) -> list[DemoError]:
    found = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def _die_with(parent: int) -> None:
    """Linux sends us SIGTERM when the one who started us is killed (prctl(2), PR_SET_PDEATHSIG);
    one who was killed before we asked for that is not our parent any more."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _ending(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"status {status}"


if __name__ == "__main__":
    sys.exit(main())
