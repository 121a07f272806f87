"""A call from the offer to the goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Iterator
from typing import Any

import av

from kiosk.devices import DeviceSet
from kiosk.devices.specs import parse_spec
from kiosk.errors import KioskError
from kiosk.rtc import attach
from kiosk.rtc.generation import Generation
from kiosk.rtc.picture_file import PictureFile
from kiosk.rtc.report import Reporter
from kiosk.rtc.statistics import snapshot
from kiosk.whip.course import Course, say
from kiosk.whip.document import Document
from kiosk.whip.exchange import exchanged
from kiosk.whip.options import OptionError, Options

_SAY_EVERY = 5


class NoMediaError(KioskError):
    """The connection failed, or nothing ever came."""

    code = "no_media"


async def hold(options: Options) -> Course:
    """Hold the call to its end.

    Raises:
        OptionError, DeviceError: an option is wrong.
        AttachError: the libraries are not those that the media engine was written for.
        EndpointError, SdpRefused: the endpoint did not agree.
        NoMediaError: the connection failed, or nothing ever came.
    """
    options.check()
    sink = parse_spec("video_out", options.video_out)
    attach.install()
    course = Course()
    with _statistics(options, course) as statistics:
        devices = DeviceSet.open(options.camera, options.microphone, options.speaker, _tell_devices)
        picture_file = PictureFile(sink) if sink.form == "file" else None

        def show(frame: av.VideoFrame) -> None:
            course.picture()
            if picture_file is not None:
                picture_file.show(frame)

        generation = Generation(1, devices, show=show, on_event=course.follow, line=options.line())
        devices.play_from(generation.far.sound.pull)
        try:
            offer = await generation.offer(options.codecs)
            async with exchanged(options.url, offer) as answer:
                await generation.accept(answer)
                with _interruptible(course.over):
                    await _last(options, generation, course, statistics)
                lost = course.failed  # at the goodbye the endpoint may close before we do
        finally:
            await generation.close()
            devices.close()
            await asyncio.to_thread(devices.join)
            if picture_file is not None:
                await asyncio.to_thread(picture_file.close)
    if course.first_media_s is None:
        raise NoMediaError("nothing was received. Check that the endpoint sends back.")
    if lost:
        raise NoMediaError("the connection was lost")
    return course


class _Statistics:
    """The file of `--stats`, or none; what fails is said once."""

    def __init__(self, document: Document | None) -> None:
        self._document = document
        self._fails = False

    def add(self, sample: dict[str, Any], course: Course) -> None:
        if self._document is None:
            return
        try:
            self._document.add(sample, course.summary())
            self._fails = False
        except OSError as error:
            if not self._fails:
                say(f"--stats: a second is not in the file ({error.strerror}). The call goes on.")
            self._fails = True


@contextlib.contextmanager
def _statistics(options: Options, course: Course) -> Iterator[_Statistics]:
    if options.stats is None:
        yield _Statistics(None)
        return
    head = {"url": options.url, "codec": options.codec}
    try:
        document = Document(options.stats, head, course.summary())
    except OSError as error:
        raise OptionError(
            f"--stats: {options.stats} cannot be written ({error.strerror}). Give another file."
        ) from error
    with contextlib.closing(document):
        yield _Statistics(document)


async def _last(
    options: Options, generation: Generation, course: Course, statistics: _Statistics
) -> None:
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
            async with asyncio.timeout(max(0.0, wait)):
                await course.over.wait()
        seen = await snapshot(generation)
        report = reporter.report(seen)
        statistics.add({"at_s": course.elapsed(), "report": report, "stats": seen.entries}, course)
        if tick % _SAY_EVERY == 0:
            course.tell(report)
        if options.seconds is not None and loop.time() >= start + options.seconds:
            return


@contextlib.contextmanager
def _interruptible(over: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, over.set)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _tell_devices(cards: list[Any]) -> None:
    for card in cards:
        if card.status in ("absent", "failed", "unplugged") and card.detail:
            say(f"{card.kind}: {card.status}: {card.detail}")
