"""`kiosk call` with a media server at its far end: Janus sends back its own sound and picture."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from janus_server import EchoEndpoint, JanusServer, Lost, codec_of, running_janus
from scripted_line import ScriptedLine

from kiosk.devices import frame_number, tone
from kiosk.rtc.attach.uplink import Uplink
from kiosk.rtc.generation import Generation
from kiosk.rtc.sending.budget import START_UNKNOWN_BIT_S as START_BIT_S
from kiosk.whip.course import Course
from kiosk.whip.holding import hold
from kiosk.whip.options import Options

pytestmark = pytest.mark.realtime

SEED = 20261122
PATIENCE_S = 20.0
LIMIT_BIT_S = 200_000


class Held:
    """A call of `kiosk call`, looked into while it goes on."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self.numbers: list[int] = []
        """Of its own pictures, as they came back."""
        self.courses: list[Course] = []
        self.generations: list[Generation] = []
        self._changed = asyncio.Event()
        monkeypatch.setattr("kiosk.whip.holding.Course", self._course)
        monkeypatch.setattr("kiosk.whip.holding.Generation", self._generation)

    @asynccontextmanager
    async def calling(self, url: str, codec: str = "auto") -> AsyncIterator[None]:
        """It must go on all the while, and end well."""
        options = Options(
            url, camera="synthetic", microphone="synthetic", codec=codec,
            speaker=f"file:{self._folder / 'heard.wav'}", stats=self._folder / "stats.json",
        )  # fmt: skip
        self._call = asyncio.create_task(hold(options))
        self._call.add_done_callback(lambda _: self._changed.set())
        try:
            yield
        finally:
            self.courses[0].over.set()  # as Ctrl-C does
            await self._call

    def _course(self) -> Course:
        self.courses.append(Course())
        return self.courses[-1]

    def _generation(self, *given: Any, show: Callable[[Any], None], **more: Any) -> Generation:
        def shown(frame: av.VideoFrame) -> None:
            number = frame_number.read(frame.to_ndarray()[: frame.height])
            if number is not None:
                self.numbers.append(number)
            self._changed.set()
            show(frame)

        self.generations.append(Generation(*given, show=shown, **more))
        return self.generations[-1]

    @property
    def sender(self) -> Any:
        """Of the picture."""
        senders = self.generations[0].connection.getSenders()
        return next(sender for sender in senders if sender.kind == "video")

    @property
    def receiver(self) -> Any:
        """Of the picture."""
        receivers = self.generations[0].connection.getReceivers()
        return next(receiver for receiver in receivers if receiver._kind == "video")

    @property
    def uplink(self) -> Uplink:
        uplink: Uplink = self.sender.uplink
        return uplink

    async def until(self, met: Callable[[], object]) -> None:
        """Asked at each picture that comes back."""
        async with asyncio.timeout(PATIENCE_S):
            while not met():
                assert not self._call.done(), self._call
                self._changed.clear()
                await self._changed.wait()

    async def more_pictures(self, count: int) -> None:
        seen = len(self.numbers)
        await self.until(lambda: len(self.numbers) >= seen + count)

    def statistics(self) -> list[dict[str, Any]]:
        """Each second's entries."""
        written = json.loads((self._folder / "stats.json").read_text())
        return [sample["stats"] for sample in written["samples"]]

    def heard(self) -> np.ndarray:
        with wave.open(str(self._folder / "heard.wav")) as recording:
            return np.frombuffer(recording.readframes(recording.getnframes()), np.int16)


def entry(stats: dict[str, Any], kind: str, media: str | None = "video") -> dict[str, Any]:
    found = [
        one for one in stats.values() if one["type"] == kind and one.get("kind") in (media, None)
    ]
    assert len(found) == 1, (kind, list(stats))
    return found[0]


def available(samples: list[dict[str, Any]]) -> list[float]:
    """For sound and picture, each second; less than the rate of the line, which has headers."""
    return [entry(each, "candidate-pair", None)["availableOutgoingBitrate"] for each in samples]


@pytest.fixture
async def janus(tmp_path: Path) -> AsyncIterator[JanusServer]:
    folder = tmp_path / "janus"
    folder.mkdir()
    async with running_janus(folder) as server:
        yield server


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(tmp_path, monkeypatch)


async def test_a_media_servers_feedback_requests_and_limit_are_followed(
    janus: JanusServer, held: Held
) -> None:
    async with EchoEndpoint(janus, ScriptedLine()) as endpoint:
        async with held.calling(endpoint.url):
            await held.more_pictures(30)
            await held.until(lambda: max(available(held.statistics()), default=0) > START_BIT_S)
            assert held.sender.numbered
            assert held.uplink.control.fed, "by transport-wide feedback, not by reports"

            requests = held.sender.counts.requests
            await endpoint.ask({"video": False})
            await endpoint.ask({"video": True})  # Janus asks for a whole picture
            await held.until(lambda: held.sender.counts.requests > requests)
            await held.more_pictures(10)

            await endpoint.ask({"bitrate": LIMIT_BIT_S})  # said by REMB
            await held.until(lambda: held.uplink.target().total_bit_s <= LIMIT_BIT_S)
            await held.more_pictures(20)
        assert endpoint.deleted == ["/echo"]
        assert [event["reason"] for event in endpoint.told("hangup")] == ["Janus API"]
    assert all(a < b for a, b in pairwise(held.numbers)), "its own pictures, once each, in order"
    assert tone.heard_share(held.heard()[-2 * tone.SAMPLE_RATE : -tone.SAMPLE_RATE]) > 0.6
    samples = held.statistics()
    assert available(samples)[-1] <= LIMIT_BIT_S
    sent = entry(samples[-1], "outbound-rtp")
    assert sent["pliCount"] > 0
    assert sent["keyFramesEncoded"] >= 2


@pytest.mark.parametrize(("codec", "name"), [("vp8", "VP8"), ("h264", "H264"), ("av1", "AV1")])
async def test_what_a_line_loses_on_the_way_to_a_media_server_and_back_is_sent_again(
    janus: JanusServer, held: Held, codec: str, name: str
) -> None:
    print("seed", SEED)
    line = ScriptedLine()
    line.drop_to_a, line.drop_to_b = Lost(5, SEED), Lost(5, SEED + 1)
    async with EchoEndpoint(janus, line) as endpoint:
        async with held.calling(endpoint.url, codec):
            await held.more_pictures(25)
            await held.until(lambda: held.sender.counts.resent_packets >= 3)
            streams = await endpoint.streams()
            await held.until(lambda: held.receiver.pictures.statistics()["nackCount"] >= 3)
        assert codec_of(endpoint.answer) == name
    print(streams["video"]["stats"])
    assert streams["video"]["stats"]["out"]["nacks"] >= 3, "Janus asked the kiosk"
    last = held.statistics()[-1]
    came = entry(last, "inbound-rtp")
    assert last[came["codecId"]]["mimeType"] == f"video/{name}"
    assert came["framesDecoded"] >= 20
