"""`kiosk call URL`: a call without the hub, by the WHIP exchange (RFC 9725), both ways.

The kiosk POSTs its offer, takes the answer from the 201, and DELETEs the `Location` at the end.
Exit codes: 0 the call was held; 2 an option is wrong; 3 the endpoint refused or did not answer;
4 the connection failed or no media came.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import av
import typer

from kiosk.devices import DeviceError, DeviceSet
from kiosk.devices.specs import parse_spec
from kiosk.errors import KioskError
from kiosk.rtc import Failed, Flowing, MediaEvent, SdpRefused, Silent
from kiosk.rtc.coding import av1
from kiosk.rtc.generation import Generation
from kiosk.rtc.line import Line
from kiosk.rtc.picture_file import PictureFile
from kiosk.rtc.report import Reporter
from kiosk.rtc.statistics import snapshot

USAGE, REFUSED, NO_MEDIA = 2, 3, 4
_CODECS: dict[str, tuple[str, ...]] = {
    "auto": (), "vp8": ("VP8",), "h264": ("H264",), "av1": ("AV1",),
}  # fmt: skip
_EXCHANGE_WITHIN_S = 10.0
_GOODBYE_WITHIN_S = 2.0
_LONGEST_ANSWER = 65_536
"""Octets; a description of sound and picture has 3,000 to 6,000."""
_LONGEST_REASON = 120
_SAY_EVERY = 5


class EndpointError(KioskError):
    """The endpoint refused, or answered what is no answer."""

    code = "endpoint_refused"


class NoMediaError(KioskError):
    """The connection failed, or nothing ever came."""

    code = "no_media"


class OptionError(KioskError):
    """An option that makes no sense; `detail` names it and says what to write."""

    code = "bad_option"


@dataclass(frozen=True)
class Options:
    """What `kiosk call` was asked."""

    url: str
    camera: str = "device"
    microphone: str = "device"
    speaker: str = "device"
    video_out: str = "none"
    seconds: float | None = None
    max_kbit: int | None = None
    codec: str = "auto"
    stats: Path | None = None


@dataclass
class Course:
    """How the call went."""

    began: float = field(default_factory=time.monotonic)
    first_media_s: float | None = None
    first_picture_s: float | None = None
    silences: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    failed: bool = False
    samples: list[dict[str, Any]] = field(default_factory=list)

    def elapsed(self) -> float:
        """Seconds since the offer was made."""
        return round(time.monotonic() - self.began, 3)


def call(
    url: Annotated[str, typer.Argument(help="WHIP endpoint, http or https")],
    camera: Annotated[
        str, typer.Option(help="device:NAME, file:PATH, url:URL, synthetic, none")
    ] = "device",
    microphone: Annotated[str, typer.Option(help="as --camera")] = "device",
    speaker: Annotated[str, typer.Option(help="device:NAME, file:PATH.wav, none")] = "device",
    video_out: Annotated[str, typer.Option(help="far picture: file:PATH or none")] = "none",
    seconds: Annotated[float | None, typer.Option(help="hang up after so long")] = None,
    max_kbit: Annotated[int | None, typer.Option(help="most that the call may take")] = None,
    codec: Annotated[str, typer.Option(help="auto, vp8, h264 or av1")] = "auto",
    stats: Annotated[Path | None, typer.Option(help="statistics, once a second, as JSON")] = None,
) -> None:
    """Call a WHIP endpoint without the hub, sending and receiving."""
    options = Options(url, camera, microphone, speaker, video_out, seconds, max_kbit, codec, stats)
    try:
        asyncio.run(hold(options))
    except (OptionError, DeviceError) as error:
        _say(str(error))
        raise typer.Exit(USAGE) from error
    except (EndpointError, SdpRefused) as error:
        _say(str(error))
        raise typer.Exit(REFUSED) from error
    except NoMediaError as error:
        _say(str(error))
        raise typer.Exit(NO_MEDIA) from error


async def hold(options: Options) -> Course:
    """Hold the call to its end.

    Raises:
        OptionError, DeviceError: an option is wrong.
        EndpointError, SdpRefused: the endpoint did not agree.
        NoMediaError: the connection failed, or nothing ever came.
    """
    codecs = _check(options)
    sink = parse_spec("video_out", options.video_out)
    devices = DeviceSet.open(options.camera, options.microphone, options.speaker, _tell_devices)
    picture_file = PictureFile(sink) if sink.form == "file" else None
    course = Course()

    def show(frame: av.VideoFrame) -> None:
        if course.first_picture_s is None:
            course.first_picture_s = course.elapsed()
            _say(f"first picture after {course.first_picture_s * 1000:.0f} ms")
        if picture_file is not None:
            picture_file.show(frame)

    generation = Generation(
        1,
        devices,
        show=show,
        on_event=lambda event: _follow(course, event),
        line=Line.of_kbit(most=options.max_kbit),
    )
    devices.play_from(generation.far.sound.pull)
    try:
        async with aiohttp.ClientSession() as http:
            await _exchange(http, options, generation, codecs, course)
    finally:
        await generation.close()
        devices.close()
        await asyncio.to_thread(devices.join)
        if picture_file is not None:
            await asyncio.to_thread(picture_file.close)
        _write_stats(options, course)
    if course.first_media_s is None:
        raise NoMediaError("nothing was received. Check that the endpoint sends back.")
    if course.failed:
        raise NoMediaError("the connection was lost")
    return course


def _check(options: Options) -> tuple[str, ...]:
    try:
        parts = urlsplit(options.url)
    except ValueError:  # such as a bracket that is not closed
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OptionError(f"URL: {options.url!r} is no http or https address.")
    if options.codec not in _CODECS:
        known = ", ".join(_CODECS)
        raise OptionError(f"--codec: {options.codec!r} is no codec that is known. Choose: {known}.")
    if options.codec == "av1" and (reason := av1.unavailable()) is not None:
        raise OptionError(
            f"--codec: AV1 cannot be encoded here ({reason}). Choose auto, vp8 or h264."
        )
    if options.seconds is not None and options.seconds <= 0:
        raise OptionError("--seconds: give more than 0.")
    least = 60
    if options.max_kbit is not None and options.max_kbit < least:
        raise OptionError(f"--max-kbit: give {least} or more.")
    if options.stats is not None and not options.stats.resolve().parent.is_dir():
        raise OptionError(f"--stats: folder {options.stats.parent} does not exist. Create it.")
    return _CODECS[options.codec]


async def _exchange(
    http: aiohttp.ClientSession,
    options: Options,
    generation: Generation,
    codecs: tuple[str, ...],
    course: Course,
) -> None:
    location = None
    try:
        answer, location = await _post(http, options.url, await generation.offer(codecs))
        await generation.accept(answer)
        with _interruptible(course.over):
            await _last(options, generation, course)
    finally:
        if location is not None:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                limit = aiohttp.ClientTimeout(total=_GOODBYE_WITHIN_S)
                async with http.delete(location, timeout=limit):
                    pass


async def _post(http: aiohttp.ClientSession, url: str, offer: str) -> tuple[str, str | None]:
    """Offer for answer and resource (RFC 9725 §4.2); 307 and 308 are followed by aiohttp."""
    try:
        async with http.post(
            url,
            data=offer.encode(),
            headers={"Content-Type": "application/sdp", "Accept": "application/sdp"},
            timeout=aiohttp.ClientTimeout(total=_EXCHANGE_WITHIN_S),
        ) as response:
            body = await _whole(response)
            if response.status != 201:
                raise EndpointError(_refusal(url, response, body))
            if response.content_type != "application/sdp":
                raise EndpointError(f"{url} answered {response.content_type}, not application/sdp")
            if len(body) > _LONGEST_ANSWER:
                raise EndpointError(
                    f"{url} answered with more than {_LONGEST_ANSWER // 1024} kB. That is no "
                    "session description: check the whole address, its path too"
                )
            header = response.headers.get("Location")
            location = urljoin(str(response.url), header) if header else None
            return body, location
    except TimeoutError as error:
        raise EndpointError(f"{url} did not answer within {_EXCHANGE_WITHIN_S:.0f} s") from error
    except aiohttp.ClientError as error:
        raise EndpointError(
            f"{url} cannot be reached: {_reason(error)}. Check the address and its "
            "port, and that the endpoint is running"
        ) from error


async def _whole(response: aiohttp.ClientResponse) -> str:
    """The body in however many pieces it comes; of a longer one than any answer not the rest."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _LONGEST_ANSWER:
            break
    return body.decode("utf-8", "replace")


def _reason(error: aiohttp.ClientError) -> str:
    """The system's words, without aiohttp's dump of the connection."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)


def _refusal(url: str, response: aiohttp.ClientResponse, body: str) -> str:
    """What its status means (RFC 9725 §4), its own words if they are short, and what to do."""
    match response.status:
        case 401 | 403:
            means = "It lets nobody in without a token. Ask for an endpoint that is open to you."
        case 406 | 422:
            means = "It cannot take this offer. Try another --codec."
        case 429 | 503:
            means = f"It is busy. Try again in {response.headers.get('Retry-After', '10')} s."
        case status if status >= 500:
            means = "It has a fault of its own. Look at its log."
        case _:
            means = "It is no WHIP endpoint. Check the whole address, its path too."
    words = " ".join(body.split()) if response.content_type == "text/plain" else ""
    reason = f" ({words[:_LONGEST_REASON]})" if words else ""
    return f"{url} answered {response.status}, not 201{reason}. {means}"


async def _last(options: Options, generation: Generation, course: Course) -> None:
    """Until the time is over, somebody interrupts, or the connection fails."""
    reporter = Reporter(time.monotonic())
    loop = asyncio.get_running_loop()
    start = loop.time()
    tick = 0
    while not course.over.is_set():
        tick += 1
        wait = start + tick - loop.time()
        if options.seconds is not None:
            wait = min(wait, start + options.seconds - loop.time())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(course.over.wait(), max(0.0, wait))
        seen = await snapshot(generation)
        report = reporter.report(seen)
        course.samples.append({"at_s": course.elapsed(), "report": report, "stats": seen.entries})
        if tick % _SAY_EVERY == 0:
            _say(_line(course, report))
        if options.seconds is not None and loop.time() >= start + options.seconds:
            return


def _follow(course: Course, event: MediaEvent) -> None:
    match event:
        case Flowing():
            if course.first_media_s is None:
                course.first_media_s = course.elapsed()
                _say(f"media flows after {course.first_media_s * 1000:.0f} ms")
            else:
                _say("media flows again")
        case Silent():
            course.silences += 1
            _say("nothing comes any more; waiting")
        case Failed():
            course.failed = True
            course.over.set()


@contextlib.contextmanager
def _interruptible(over: asyncio.Event) -> Any:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, over.set)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _write_stats(options: Options, course: Course) -> None:
    if options.stats is None:
        return
    content = {
        "url": options.url,
        "codec": options.codec,
        "first_media_s": course.first_media_s,
        "first_picture_s": course.first_picture_s,
        "silences": course.silences,
        "samples": course.samples,
    }
    try:
        options.stats.write_text(json.dumps(content, indent=1, default=str) + "\n")
    except OSError as error:
        _say(f"--stats: {options.stats} cannot be written ({error.strerror})")


def _line(course: Course, report: dict[str, Any]) -> str:
    rtt = "-" if report["rtt_ms"] is None else f"{report['rtt_ms']:.0f} ms"
    return (
        f"{course.elapsed():.0f} s: sends {report['sent_kbit_s']:.0f} kbit/s,"
        f" receives {report['received_kbit_s']:.0f} kbit/s,"
        f" loss {report['loss_ratio'] * 100:.1f} %, round trip {rtt}"
    )


def _tell_devices(cards: list[Any]) -> None:
    for card in cards:
        if card.status in ("failed", "unplugged"):
            _say(f"{card.kind}: {card.status}: {card.detail}")


def _say(text: str) -> None:
    typer.echo(text, file=sys.stderr)
