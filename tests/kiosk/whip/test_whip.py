from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import typer
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from kiosk.devices import DeviceSet, frame_number, tone
from kiosk.rtc import Failed, MediaEvent, MediaSession, SdpRefused, attach, sdp
from kiosk.rtc.coding import av1
from kiosk.rtc.errors import AttachError
from kiosk.rtc.generation import Generation
from kiosk.rtc.line import Line
from kiosk.whip.command import call
from kiosk.whip.exchange import EndpointError
from kiosk.whip.holding import NoMediaError, hold
from kiosk.whip.options import OptionError, Options

pytestmark = pytest.mark.realtime

Handler = Callable[[web.Request], Any]


class Endpoint:
    """A WHIP-style endpoint that answers with the synthetic devices and keeps what it saw."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._shown = asyncio.Event()
        self.sounds: list[np.ndarray] = []
        self.deleted: list[str] = []
        self.gone: asyncio.Event | None = None
        """At the goodbye: close, and answer when the kiosk has seen that."""
        self.offers: list[str] = []
        self.devices = DeviceSet.open("synthetic", "synthetic", "none", lambda _cards: None)
        pull = self.devices._playout.pull

        def heard(samples: int, heard_at: float) -> np.ndarray:
            self.sounds.append(pull(samples, heard_at))
            return self.sounds[-1]

        self.devices._playout.pull = heard  # type: ignore[method-assign]
        self.session = MediaSession(self.devices, show=self._show, on_event=lambda _event: None)
        app = web.Application()
        app.router.add_post("/whip", self._post)
        app.router.add_delete("/resource/{n}", self._delete)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return str(self.server.make_url("/whip"))

    def _show(self, frame: av.VideoFrame) -> None:
        number = frame_number.read(frame.to_ndarray()[: frame.height])
        if number is not None:
            self.numbers.append(number)
        self._shown.set()

    async def until(self, met: Callable[[], bool]) -> None:
        """Asked at each picture that comes, for as long as a busy machine may take."""
        async with asyncio.timeout(30):
            while not met():
                self._shown.clear()
                await self._shown.wait()

    async def _post(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/sdp"
        self.offers.append(await request.text())
        try:
            answer = await self.session.answer(len(self.offers), self.offers[-1], [])
        except SdpRefused as refusal:
            return web.Response(status=406, text=str(refusal))
        return web.Response(
            status=201,
            text=answer,
            content_type="application/sdp",
            headers={"Location": f"/resource/{len(self.offers)}"},
        )

    async def _delete(self, request: web.Request) -> web.Response:
        self.deleted.append(request.path)
        if self.gone is not None:
            await self.session.close()
            await self.gone.wait()
        return web.Response()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    made = Endpoint()
    await made.server.start_server()
    yield made
    await made.session.close()
    made.devices.close()
    await made.server.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Any]]:
    servers: list[TestServer] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_post("/whip", handler)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return str(servers[-1].make_url("/whip"))

    yield start
    for server in servers:
        await server.close()


def options(url: str, **others: Any) -> Options:
    return Options(url, camera="synthetic", microphone="synthetic", speaker="none", **others)


async def test_a_call_sends_receives_and_says_goodbye(endpoint: Endpoint, tmp_path: Path) -> None:
    heard, seen, stats = tmp_path / "heard.wav", tmp_path / "seen.webm", tmp_path / "stats.json"

    def seconds() -> list[dict[str, Any]]:
        samples: list[dict[str, Any]] = json.loads(stats.read_text())["samples"]
        return samples

    def received() -> int:
        entries = seconds()[-1]["stats"].values()
        return max(entry.get("framesDecoded", 0) for entry in entries)

    call = asyncio.create_task(
        hold(
            Options(
                endpoint.url,
                camera="synthetic",
                microphone="synthetic",
                speaker=f"file:{heard}",
                video_out=f"file:{seen}",
                stats=stats,
            )
        )
    )
    await endpoint.until(lambda: len(endpoint.numbers) > 30 and len(seconds()) >= 3)
    await endpoint.until(lambda: received() > 40)
    assert not call.done()
    os.kill(os.getpid(), signal.SIGINT)  # Ctrl-C
    course = await call
    assert course.first_picture_s is not None
    assert course.first_picture_s < 2
    assert endpoint.deleted == ["/resource/1"], "the Location was relative and is deleted"
    assert len(endpoint.numbers) > 30, "the endpoint reads the kiosk's frame numbers"
    # after the goodbye the endpoint's speaker conceals for a while, then goes on with silence
    loud = [piece for piece in endpoint.sounds if np.abs(piece).max() > 100]
    sent = np.concatenate(loud)[-2 * tone.SAMPLE_RATE : -tone.SAMPLE_RATE]
    assert tone.heard_share(sent) > 0.6
    with wave.open(str(heard)) as recording:
        pcm = np.frombuffer(recording.readframes(recording.getnframes()), np.int16)
    late = pcm[-2 * tone.SAMPLE_RATE : -tone.SAMPLE_RATE]
    assert tone.heard_share(late) > 0.6
    with av.open(str(seen)) as film:
        read = [
            frame_number.read(frame.to_ndarray(format="yuv420p")[: frame.height])
            for frame in film.decode(video=0)
        ]
    assert len([n for n in read if n is not None]) > 30
    written = json.loads(stats.read_text())
    assert len(written["samples"]) >= 3
    assert written["samples"][-1]["report"]["video_codec"] == "VP8"
    types = {entry["type"] for entry in written["samples"][-1]["stats"].values()}
    assert {"inbound-rtp", "outbound-rtp", "transport"} <= types


@pytest.mark.parametrize(("codec", "name"), [("h264", "H264"), ("av1", "AV1")])
async def test_the_codec_asked_for_is_the_one_offered(
    endpoint: Endpoint, codec: str, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "stats.json"
    await hold(options(endpoint.url, seconds=1.5, codec=codec, stats=file))
    assert f"{name}/90000" in endpoint.offers[0]
    assert "VP8/90000" not in endpoint.offers[0]
    assert endpoint.numbers, "the far end saw it"
    stats = json.loads(file.read_text())["samples"][-1]["stats"]
    video = [one for one in stats.values() if one.get("kind") == "video" and "codecId" in one]
    assert {stats[one["codecId"]]["mimeType"] for one in video} == {f"video/{name}"}
    assert {one["type"] for one in video} == {"inbound-rtp", "outbound-rtp"}


async def test_av1_is_refused_where_it_cannot_be_encoded(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(av1, "unavailable", lambda: "libSvtAv1Enc.so is v5.0, not v4.1.x")
    with pytest.raises(OptionError) as refused:
        await hold(options(endpoint.url, codec="av1"))
    assert str(refused.value) == (
        "--codec: AV1 cannot be encoded here (libSvtAv1Enc.so is v5.0, not v4.1.x)."
        " Choose auto, vp8 or h264."
    )


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"codec": "vp9"}, "--codec: 'vp9' is no codec that is known. Choose: auto, vp8, h264"),
        ({"seconds": 0}, "--seconds: give more than 0."),
        ({"seconds": float("nan")}, "--seconds: give more than 0."),
        ({"max_kbit": 35}, "--max-kbit: give 36 or more; speech alone takes as much."),
        (
            {"stats": Path("/no/such/s.json")},
            "--stats: /no/such/s.json cannot be written (No such file or directory).",
        ),
        ({"stats": Path("/proc")}, "--stats: /proc cannot be written (Is a directory)."),
    ],
)
async def test_a_wrong_option_is_named_with_its_remedy(
    others: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        await hold(options("http://127.0.0.1:9/", **others))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("address", ["ftp://x/", "http://[x", "x", ""])
async def test_a_wrong_address_is_named(address: str) -> None:
    with pytest.raises(OptionError, match="is no http or https address"):
        await hold(options(address))


async def test_a_refusal_is_told_with_its_status(serve: Callable[[Handler], Any]) -> None:
    async def busy(_request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "7"})

    with pytest.raises(EndpointError, match=r"answered 503, not 201. It is busy. Try again in 7 s"):
        await hold(options(await serve(busy)))


async def test_what_is_no_endpoint_is_said_with_its_own_words(
    serve: Callable[[Handler], Any],
) -> None:
    async def form(_request: web.Request) -> web.Response:
        return web.Response(status=415, text="415:\nUnsupported Media Type")

    with pytest.raises(EndpointError) as refused:
        await hold(options(await serve(form)))
    assert str(refused.value).endswith(
        " answered 415, not 201 (415: Unsupported Media Type). "
        "It is no WHIP endpoint. Check the whole address, its path too."
    )


async def test_an_answer_of_another_type_is_refused(serve: Callable[[Handler], Any]) -> None:
    async def html(_request: web.Request) -> web.Response:
        return web.Response(status=201, text="<p>", content_type="text/html")

    with pytest.raises(EndpointError, match="text/html, not application/sdp"):
        await hold(options(await serve(html)))


async def test_an_answer_is_read_whole_in_however_many_pieces_it_comes(
    endpoint: Endpoint, serve: Callable[[Handler], Any]
) -> None:
    async def in_pieces(request: web.Request) -> web.StreamResponse:
        answer = (await endpoint.session.answer(1, await request.text(), [])).encode()
        response = web.StreamResponse(status=201, headers={"Content-Type": "application/sdp"})
        await response.prepare(request)
        for start in range(0, len(answer), 600):
            await response.write(answer[start : start + 600])
            await asyncio.sleep(0.005)  # a segment of its own for each
        return response

    course = await hold(options(await serve(in_pieces), seconds=1.0))
    assert course.first_media_s is not None


async def test_an_answer_without_end_is_refused_and_not_kept(
    serve: Callable[[Handler], Any],
) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=201, headers={"Content-Type": "application/sdp"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"a=x\r\n" * 1000)
        return response

    with pytest.raises(EndpointError, match="answered with more than 64 kB"):
        await hold(options(await serve(endless)))


async def test_the_most_that_a_call_may_take_holds_for_both_ways(
    serve: Callable[[Handler], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    offers: list[str] = []
    lines: list[Line] = []

    async def full(request: web.Request) -> web.Response:
        offers.append(await request.text())
        return web.Response(status=503)

    def opened(*arguments: Any, line: Line, **others: Any) -> Generation:
        lines.append(line)
        return Generation(*arguments, line=line, **others)

    monkeypatch.setattr("kiosk.whip.holding.Generation", opened)
    with pytest.raises(EndpointError):
        await hold(options(await serve(full), max_kbit=100))
    assert lines[0].budget(0.0).most_bit_s == 100_000
    (picture,) = [int(text[7:]) for text in offers[0].splitlines() if text.startswith("b=TIAS:")]
    assert 40_000 < picture < 90_000, "speech, headers and reports are within the 100, too"


async def test_an_answer_that_makes_no_sense_is_refused(serve: Callable[[Handler], Any]) -> None:
    async def nonsense(_request: web.Request) -> web.Response:
        return web.Response(status=201, text="v=0\r\n", content_type="application/sdp")

    with pytest.raises(SdpRefused, match="no media section"):
        await hold(options(await serve(nonsense)))


async def test_an_endpoint_that_only_receives_is_served(endpoint: Endpoint) -> None:
    mute = DeviceSet.open("none", "none", "none", lambda _cards: None)
    seen: list[av.VideoFrame] = []
    endpoint.session = MediaSession(mute, show=seen.append, on_event=lambda _event: None)
    await hold(options(endpoint.url, seconds=1.0))
    assert len(seen) > 10
    mute.close()


async def test_an_endpoint_that_closes_before_it_answers_the_goodbye_has_not_failed(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = endpoint.gone = asyncio.Event()

    def opened(*given: Any, on_event: Callable[[MediaEvent], None], **more: Any) -> Generation:
        def told(event: MediaEvent) -> None:
            on_event(event)
            if isinstance(event, Failed):
                gone.set()

        return Generation(*given, on_event=told, **more)

    monkeypatch.setattr("kiosk.whip.holding.Generation", opened)
    course = await hold(options(endpoint.url, seconds=1.0))
    assert course.first_media_s is not None
    assert gone.is_set()


async def test_a_call_that_never_connects_is_told(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = endpoint.session.answer

    async def unreachable(*arguments: Any) -> str:
        return sdp.without_candidates(await answer(*arguments))[0]

    monkeypatch.setattr(endpoint.session, "answer", unreachable)
    monkeypatch.setattr("kiosk.rtc.generation.Generation.add_candidate", lambda *_args: None)
    with pytest.raises(NoMediaError, match="nothing was received"):
        await hold(options(endpoint.url, seconds=0.5))
    assert endpoint.deleted == ["/resource/1"]


def test_exit_codes_tell_what_went_wrong(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(call)
    run = CliRunner().invoke
    assert run(app, ["http://127.0.0.1:9/", "--camera", "file:/no/such"]).exit_code == 2
    assert run(app, ["http://127.0.0.1:9/", "--codec", "vp9"]).exit_code == 2
    refused = ["http://127.0.0.1:9/", *("--camera", "none", "--microphone", "none")]
    result = run(app, [*refused, "--speaker", "none", "--stats", str(tmp_path / "s.json")])
    assert result.exit_code == 3
    said = " ".join(result.stderr.split())
    assert "cannot be reached: Connection refused. Check the address" in said
    assert json.loads((tmp_path / "s.json").read_text())["first_media_s"] is None


def test_libraries_that_changed_are_a_sentence_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def changed() -> None:
        raise AttachError("aiortc is 1.17.0, not 1.16.*")

    monkeypatch.setattr(attach, "install", changed)
    app = typer.Typer()
    app.command()(call)
    result = CliRunner().invoke(app, ["http://127.0.0.1:9/"])
    assert (result.exit_code, result.exception.__class__) == (2, SystemExit)
    said = " ".join(result.stderr.split())
    assert said.startswith("its media libraries are not those it was written for (aiortc is 1.17")
    assert said.endswith("Install the kiosk anew, with its own versions of them.")
