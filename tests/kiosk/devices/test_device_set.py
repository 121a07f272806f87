from __future__ import annotations

import asyncio
import threading
import wave
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from kiosk.devices import DeviceError, DeviceSet, frame_number, portaudio, tone, worker
from kiosk.devices.test_picture import Painter, to_frame
from signaling.protocol.cards import DeviceCard

Open = Callable[..., DeviceSet]


@pytest.fixture
async def open_set() -> AsyncIterator[Open]:
    opened: list[DeviceSet] = []

    def open_one(
        camera: str = "none",
        microphone: str = "none",
        speaker: str = "none",
        on_change: Callable[[list[DeviceCard]], None] = lambda _cards: None,
    ) -> DeviceSet:
        opened.append(DeviceSet.open(camera, microphone, speaker, on_change))
        return opened[-1]

    yield open_one
    for devices in opened:
        devices.close()
        await asyncio.to_thread(devices.join)


def make_clip(path: Path, numbers: range) -> None:
    """A short clip whose pictures are numbered, with the test tone beside them."""
    painter = Painter(320, 240)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libvpx", rate=25)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        video.bit_rate = 400_000
        sound = out.add_stream("libopus", rate=48_000, layout="mono")
        for i, number in enumerate(numbers):
            frame = to_frame(painter.paint(number, i / 25))
            frame.pts = i
            out.mux(video.encode(frame))
            for piece in range(2):
                start = i * 2 + piece
                pcm = tone.chunk(start * 0.02).reshape(1, -1)
                audio = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
                audio.sample_rate, audio.pts = 48_000, start * tone.CHUNK
                out.mux(sound.encode(audio))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))


async def test_synthetic_pictures_are_numbered_in_sequence(open_set: Open) -> None:
    devices = open_set(camera="synthetic")
    reader = devices.pictures.subscribe()
    numbers = []
    for _ in range(5):
        picture = await reader.next(2)
        assert picture is not None
        numbers.append(frame_number.read(picture.frame.to_ndarray()[:480]))
    assert None not in numbers
    first = numbers[0]
    assert first is not None
    assert all(0 < (b - a) % 65536 < 10 for a, b in pairwise(numbers))
    assert devices.latest_picture() is not None


async def test_a_file_is_looped_in_its_own_pace(open_set: Open, tmp_path: Path) -> None:
    clip = tmp_path / "clip.webm"
    make_clip(clip, range(100, 115))  # 0.6 s
    devices = open_set(camera=f"file:{clip}", microphone=f"file:{clip}")
    pictures, sounds = devices.pictures.subscribe(), devices.sounds.subscribe()
    numbers, instants = [], []
    while len(numbers) < 25:
        devices.want_camera()
        picture = await pictures.next(2)
        assert picture is not None
        numbers.append(frame_number.read(picture.frame.to_ndarray()[:240]))
        instants.append(picture.at)
    assert set(numbers) <= set(range(100, 115))
    assert max(b - a for a, b in pairwise(instants)) < 0.2
    assert 100 in numbers[2:], "it came round"
    heard = [await sounds.next(2) for _ in range(5)]
    pcm = np.concatenate([sound.pcm for sound in heard if sound is not None])
    assert tone.power_share(pcm, tone.TONE_HZ) + tone.power_share(pcm, tone.SYNC_HZ) > 0.5


async def test_a_file_without_sound_is_a_failed_microphone(open_set: Open, tmp_path: Path) -> None:
    silent = tmp_path / "silent.webm"
    with av.open(str(silent), "w") as out:
        stream = out.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        out.mux(stream.encode(None))
    told: asyncio.Queue[list[DeviceCard]] = asyncio.Queue()
    open_set(microphone=f"file:{silent}", on_change=told.put_nowait)
    cards = await asyncio.wait_for(told.get(), 3)
    assert cards[1].status == "failed"
    assert "holds no sound" in cards[1].detail


async def test_without_portaudio_the_card_names_the_package(
    open_set: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "_sounddevice", lambda: None)
    told: asyncio.Queue[list[DeviceCard]] = asyncio.Queue()
    devices = open_set("synthetic", "device", "none", told.put_nowait)
    cards = await asyncio.wait_for(told.get(), 3)
    assert cards[1].status == "failed"
    assert "apt-get install libportaudio2" in cards[1].detail
    reader = devices.pictures.subscribe()
    assert await reader.next(2) is not None, "the rest works on"


async def test_a_microphone_that_falls_silent_is_reported_at_once_and_opened_again(
    open_set: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    stops = threading.Event()

    class Stream:
        def __init__(self, callback: Callable[..., None], **_options: Any) -> None:
            opened.append(self)
            self._callback = callback

        def start(self) -> None:
            when = SimpleNamespace(inputBufferAdcTime=0.0, currentTime=0.0)
            status = SimpleNamespace(input_overflow=False)
            self._callback(np.full(960, 900, np.int16).tobytes(), 960, when, status)

        def stop(self) -> None:
            assert stops.wait(10)

        def close(self) -> None: ...

    fake = SimpleNamespace(
        RawInputStream=Stream,
        PortAudioError=RuntimeError,
        query_devices=lambda: [{"name": "Table mic", "max_input_channels": 1}],
    )
    monkeypatch.setattr(portaudio, "_sounddevice", lambda: fake)
    monkeypatch.setattr("kiosk.devices.microphone._STALLED_S", 0.05)
    told: asyncio.Queue[list[DeviceCard]] = asyncio.Queue()
    devices = open_set(microphone="device:table", on_change=told.put_nowait)
    reader = devices.sounds.subscribe()
    assert (await asyncio.wait_for(told.get(), 3))[1].status == "ok"
    cards = await asyncio.wait_for(told.get(), 3)
    assert (cards[1].status, cards[1].detail) == (
        "failed",
        "microphone: the microphone gives no sound",
    )
    assert devices.microphone_level == 0
    assert not stops.is_set()
    stops.set()
    sound = await reader.next(1)
    assert sound is not None
    assert sound.pcm[0] == 900


async def test_a_camera_that_is_not_there_is_said_and_nothing_breaks(open_set: Open) -> None:
    told: asyncio.Queue[list[DeviceCard]] = asyncio.Queue()
    devices = open_set(camera="device:/dev/video97", on_change=told.put_nowait)
    cards = await asyncio.wait_for(told.get(), 3)
    assert cards[0].status == "absent"
    assert "there is no camera '/dev/video97'" in cards[0].detail
    assert devices.latest_picture() is None


async def test_what_is_not_configured_is_not_fitted_and_a_synthetic_speaker_works(
    open_set: Open,
) -> None:
    assert {card.status for card in open_set().cards()} == {"not_fitted"}
    devices = open_set(speaker="synthetic")
    taken = asyncio.Event()
    loop = asyncio.get_running_loop()

    def source(samples: int, heard_at: float) -> tone.Pcm:
        loop.call_soon_threadsafe(taken.set)
        return np.zeros(samples, np.int16)

    devices.play_from(source)
    await asyncio.wait_for(taken.wait(), 3)
    assert devices.cards()[2].status == "ok"


async def test_nonsense_is_refused_at_once() -> None:
    with pytest.raises(DeviceError):
        DeviceSet.open("camera", "none", "none", lambda _cards: None)


async def test_muting_shows_on_the_card(open_set: Open) -> None:
    told: asyncio.Queue[list[DeviceCard]] = asyncio.Queue()
    devices = open_set(microphone="synthetic", on_change=told.put_nowait)
    devices.muted = True
    assert told.get_nowait()[1].status == "muted"
    devices.muted = False
    assert told.get_nowait()[1].status == "ok"


async def test_the_level_meter_hears_the_tone(open_set: Open) -> None:
    devices = open_set(microphone="synthetic")
    reader = devices.sounds.subscribe()
    await reader.next(2)
    assert devices.microphone_level > 0.4


async def test_nothing_is_kept_of_what_a_device_gave_before_it_rested(
    open_set: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.devices.worker.LINGER_S", 0.2)
    devices = open_set(camera="synthetic", microphone="synthetic")
    async with asyncio.timeout(20):
        while devices.latest_picture() is None or devices.microphone_level == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        while devices.pictures.latest or devices.sounds.latest:  # noqa: ASYNC110 - from outside
            await asyncio.sleep(0.01)
    assert {card.status for card in devices.cards()[:2]} == {"ok"}
    assert (devices.pictures.latest, devices.sounds.latest) == (None, None)


async def test_a_speaker_file_gets_the_sound(open_set: Open, tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    devices = open_set(speaker=f"file:{path}")
    heard: list[float] = []
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()

    def source(samples: int, heard_at: float) -> tone.Pcm:
        heard.append(heard_at)
        if len(heard) == 60:
            loop.call_soon_threadsafe(enough.set)
        return tone.chunk(heard_at)[:samples]

    devices.play_from(source)
    await asyncio.wait_for(enough.wait(), 5)
    devices.close()
    await asyncio.to_thread(devices.join)
    with wave.open(str(path)) as recording:
        assert (recording.getframerate(), recording.getnchannels()) == (48_000, 1)
        pcm = np.frombuffer(recording.readframes(recording.getnframes()), np.int16)
    share = tone.power_share(pcm, tone.TONE_HZ) + tone.power_share(pcm, tone.SYNC_HZ)
    assert share > 0.6


async def test_a_speaker_file_that_vanishes_is_a_failed_speaker(
    open_set: Open, tmp_path: Path
) -> None:
    path = tmp_path / "heard.wav"
    told: asyncio.Queue[str] = asyncio.Queue()
    devices = open_set(
        speaker=f"file:{path}", on_change=lambda cards: told.put_nowait(cards[2].status)
    )
    plays, loop = asyncio.Event(), asyncio.get_running_loop()

    def source(samples: int, heard_at: float) -> tone.Pcm:
        loop.call_soon_threadsafe(plays.set)
        return tone.chunk(heard_at)[:samples]

    devices.play_from(source)
    async with asyncio.timeout(20):
        await plays.wait()
        path.unlink()
        path.mkdir()
        while await told.get() != "failed":
            pass
        path.rmdir()


async def test_the_speaker_is_wanted_for_as_long_as_something_plays(
    open_set: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that is slow to open or to close calls for no sound meanwhile."""
    monkeypatch.setattr(worker, "LINGER_S", 0.0)
    played: asyncio.Queue[float] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def source(samples: int, heard_at: float) -> tone.Pcm:
        loop.call_soon_threadsafe(played.put_nowait, heard_at)
        return np.zeros(samples, np.int16)

    devices = open_set()
    devices.play_from(source)
    async with asyncio.timeout(20):
        for _ in range(3):
            await played.get()


async def test_the_speaker_volume_keeps_its_bounds(open_set: Open) -> None:
    devices = open_set()
    devices.speaker_volume = 99
    assert devices.speaker_volume == 10
    devices.speaker_volume = -3
    assert devices.speaker_volume == 0
