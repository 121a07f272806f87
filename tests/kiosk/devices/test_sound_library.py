"""PortAudio's list of devices follows what is plugged in, as the kernel's nodes tell."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from kiosk.devices import microphone, portaudio
from kiosk.devices.errors import DeviceError
from kiosk.devices.listing import Listing
from kiosk.devices.specs import parse_spec
from kiosk.devices.tone import CHUNK


class NotReadyError(Exception):
    """PortAudio's error."""


class Library:
    """sounddevice; its PortAudio lists the cards once, when it begins. Notes what is called."""

    PortAudioError = NotReadyError

    def __init__(self) -> None:
        self.cards: dict[str, str] = {}
        self.begins = 1
        self.broken = False
        self.calls: list[str] = []
        self.met = 0
        self.stopping, self.let_stop = threading.Event(), threading.Event()
        self.let_stop.set()
        self._listed: list[str] | None = []
        self._inside = threading.Lock()

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """PortAudio does something that takes a moment; counts whom it meets in there."""
        alone = self._inside.acquire(blocking=False)
        self.met += not alone
        self.calls.append(name)
        threading.Event().wait(0.001)
        try:
            yield
        finally:
            if alone:
                self._inside.release()

    def query_devices(self) -> list[dict[str, Any]]:
        with self.call("query"):
            assert self._listed is not None
            return [{"name": name, "max_input_channels": 1} for name in self._listed]

    def RawInputStream(self, callback: Callable[..., None], **_: Any) -> Stream:  # noqa: N802
        with self.call("open"):
            return Stream(self, callback)

    def _terminate(self) -> None:
        with self.call("terminate"):
            if self._listed is None:
                raise NotReadyError("not initialised")
            self._listed = None

    def _initialize(self) -> None:
        with self.call("initialize"):
            assert self._listed is None
            if self.broken:
                raise NotReadyError("host error")
            self.begins += 1
            self._listed = [f"{name} (hw:{number},0)" for number, name in self.cards.items()]


class Stream:
    """Of a microphone: gives one piece of sound, then nothing."""

    def __init__(self, library: Library, callback: Callable[..., None]) -> None:
        self._library, self._callback = library, callback

    def start(self) -> None:
        with self._library.call("start"):
            if self._library.broken:
                raise NotReadyError("host error")
        when = SimpleNamespace(inputBufferAdcTime=0.0, currentTime=0.0)
        self._callback(bytes(2 * CHUNK), CHUNK, when, SimpleNamespace(input_overflow=False))

    def stop(self) -> None:
        self._library.calls.append("stop")
        self._library.stopping.set()
        assert self._library.let_stop.wait(30)

    def close(self) -> None:
        with self._library.call("close"):
            pass


class Machine:
    """Its sockets, and /dev/snd."""

    def __init__(self, nodes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._nodes, self._newest = nodes, 0
        self.now = 1000.0
        self.library = Library()
        monkeypatch.setattr(portaudio, "_NODES", nodes)
        monkeypatch.setattr(portaudio, "_sounddevice", lambda: self.library)
        monkeypatch.setattr(
            portaudio,
            "_listing",
            Listing(portaudio._nodes, portaudio._begin_anew, now=lambda: self.now),
        )

    def plug_in(self, number: str, name: str) -> None:
        self._nodes.mkdir(exist_ok=True)
        self._node(number).touch()
        self.hand_over(number)
        self.library.cards[number] = name

    def hand_over(self, number: str) -> None:
        """The node is given to another group, later than all that was before: clocks of files tick
        every few milliseconds."""
        node = self._node(number)
        while node.stat().st_ctime_ns <= self._newest:
            node.chmod(0o660)
        self._newest = node.stat().st_ctime_ns

    def pull_out(self, number: str) -> None:
        self._node(number).unlink()
        del self.library.cards[number]

    def _node(self, number: str) -> Path:
        return self._nodes / f"pcmC{number}D0c"

    def has(self, name: str) -> str | None:
        with portaudio.held():
            return portaudio.find(name, "input", "microphone")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path / "snd", monkeypatch)


def test_a_card_that_comes_later_is_found_and_one_that_went_is_not(machine: Machine) -> None:
    lack = "there is no microphone"
    assert portaudio.lack("", "input", "microphone") == lack
    machine.plug_in("1", "Speakerphone")
    assert portaudio.lack("", "input", "microphone") is None
    assert machine.has("speakerphone") == "Speakerphone (hw:1,0)"
    machine.pull_out("1")
    assert portaudio.lack("", "input", "microphone") == lack


def test_cards_that_come_back_in_another_order_are_told_apart(machine: Machine) -> None:
    machine.plug_in("1", "Left")
    machine.plug_in("2", "Right")
    assert machine.has("left") == "Left (hw:1,0)"
    machine.pull_out("1")
    machine.pull_out("2")
    machine.plug_in("1", "Right")
    machine.plug_in("2", "Left")
    assert machine.has("left") == "Left (hw:2,0)"


def test_as_long_as_the_kernel_has_the_same_nodes_portaudio_is_left_alone(
    machine: Machine,
) -> None:
    machine.plug_in("1", "Left")
    for _ in range(3):
        assert machine.has("left")
        assert portaudio.lack("right", "input", "microphone") == "there is no microphone 'right'"
    assert machine.library.begins == 2


def test_a_node_that_is_given_to_this_user_later_counts_as_new(machine: Machine) -> None:
    machine.plug_in("1", "Left")
    assert machine.has("left")
    machine.hand_over("1")
    assert machine.has("left")
    assert machine.library.begins == 3


def test_a_card_that_another_program_had_open_just_then_is_found_later(machine: Machine) -> None:
    machine.plug_in("1", "Left")
    name = machine.library.cards.pop("1")  # PortAudio opens each one, and leaves out what is busy
    assert portaudio.lack("left", "input", "microphone") == "there is no microphone"
    machine.library.cards["1"] = name
    assert portaudio.lack("left", "input", "microphone") == "there is no microphone"
    machine.now += 30
    assert portaudio.lack("left", "input", "microphone") is None


def test_a_portaudio_that_cannot_begin_is_asked_again(machine: Machine) -> None:
    machine.library.broken = True
    machine.plug_in("1", "Left")
    for _ in range(2):
        with pytest.raises(NotReadyError):
            machine.has("left")
    machine.library.broken = False
    assert machine.has("left")


def test_a_sounddevice_without_what_is_used_of_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", SimpleNamespace(_initialize=print))  # type: ignore[arg-type]
    with pytest.raises(DeviceError, match="sounddevice has no _terminate any more"):
        portaudio._sounddevice.__wrapped__()


def test_two_devices_never_call_portaudio_at_once(machine: Machine) -> None:
    machine.plug_in("1", "Left")
    machine.plug_in("2", "Right")

    def use(name: str) -> None:
        for _ in range(20):
            spec = parse_spec("microphone", f"device:{name}")
            sounds: Any = microphone.sounds(spec, threading.Event())
            next(sounds, None)
            sounds.close()
            portaudio.lack(name, "input", "microphone")

    users = [threading.Thread(target=use, args=(name,), daemon=True) for name in ("left", "right")]
    for user in users:
        user.start()
    machine.hand_over("1")
    for user in users:
        user.join(30)
    assert not any(user.is_alive() for user in users)
    assert machine.library.calls.count("close") == 40
    assert machine.library.met == 0


def test_a_microphone_that_hangs_when_it_is_to_stop_keeps_nobody_waiting(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone, "_STALLED_S", 0.05)
    machine.plug_in("1", "Left")
    machine.plug_in("2", "Right")

    def leave() -> None:
        sounds = microphone.sounds(parse_spec("microphone", "device:left"), threading.Event())
        with pytest.raises(DeviceError, match="gives no sound"):
            list(sounds)

    hung = threading.Thread(target=leave, daemon=True)
    machine.library.let_stop.clear()
    hung.start()
    assert machine.library.stopping.wait(10)
    with capture_logs() as logs:
        assert portaudio.lack("right", "input", "microphone") is None
    assert (logs, machine.library.calls[-1]) == ([], "query")
    machine.library.let_stop.set()
    hung.join(10)
    assert machine.library.calls[-2:] == ["query", "close"]


def test_what_opens_and_cannot_start_is_closed(machine: Machine) -> None:
    machine.plug_in("1", "Left")
    assert machine.has("left")
    machine.library.broken = True
    with pytest.raises(DeviceError, match="host error"):
        next(microphone.sounds(parse_spec("microphone", "device:left"), threading.Event()))
    assert machine.library.calls[-2:] == ["start", "close"]


@pytest.mark.parametrize(
    ("pulled_out", "calls"),
    [(False, ["start", "told", "stop", "close"]), (True, ["start", "stop", "close"])],
)
def test_what_stalls_is_told_before_it_is_closed_unless_it_was_pulled_out(
    machine: Machine, calls: list[str], *, pulled_out: bool
) -> None:
    """What was pulled out closes at once, and is found to lack then."""
    machine.plug_in("1", "Left")

    def stall() -> None:
        with portaudio.streaming(
            "left", "input", "microphone", blocksize=CHUNK, callback=lambda *_: None,
            failing=lambda _error: machine.library.calls.append("told"),
        ):  # fmt: skip
            if pulled_out:
                machine.pull_out("1")
            raise DeviceError("stopped", "no sound comes")

    with pytest.raises(DeviceError, match="no sound comes"):
        stall()
    assert machine.library.calls[-len(calls) :] == calls


ENDS = """
import atexit, sys, threading, types
from kiosk import ending
from kiosk.devices import portaudio
sys.modules["sounddevice"] = types.SimpleNamespace(_initialize=None, _terminate=None)
portaudio.load()
atexit.register(print, "Python ended, and PortAudio with it")
closed = threading.Event()
def stop():
    with portaudio.held():
        held.set()
        closed.wait()
held = threading.Event()
device = threading.Thread(target=stop, daemon=True)
device.start()
held.wait()
print("told to stop")
"""


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (
            "closed.set(); device.join()",
            ["told to stop", "Python ended, and PortAudio with it"],
        ),
        ("pass  # it hangs", ["told to stop"]),
    ],
)
def test_a_program_ends_although_a_device_hangs(device: str, said: list[str]) -> None:
    program = f"{ENDS}{device}\nending.end_process(3)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (3, said, "")
