"""A film as a camera would give it: as many pictures a second, at the film's own pace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

LEAST_S = 2.0
"""Of less, the same few pictures would come again and again."""
_ROUNDED_S = 0.02
"""Containers round times, and a film that calls itself 2 s long may lack so much."""

Bgr = npt.NDArray[np.uint8]


class FilmError(ValueError):
    """A file that cannot be played before a camera, in a sentence."""


def check(source: Path) -> None:
    """Raise FilmError unless `pictures` will give at least LEAST_S of it."""
    for _, end in _timed(source):
        if end >= LEAST_S - _ROUNDED_S:
            return
    raise _too_short(source)


def pictures(source: Path, rate: int, longest_s: float) -> Iterator[Bgr]:
    """So many for each second of the film, up to `longest_s` of it; each is the one that the film
    shows at that instant, so that a slow film's come more than once and a fast one's are left out.

    Raises:
        FilmError: it is no film, or shorter than LEAST_S.
    """
    count, end = 0, 0.0
    for frame, end in _timed(source):
        # half a tick early: a film of the same rate is taken picture by picture
        while (count + 0.5) / rate < end and count < longest_s * rate:
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            count += 1
        if count >= longest_s * rate:
            return
    if end < LEAST_S - _ROUNDED_S:
        raise _too_short(source)


def _timed(source: Path) -> Iterator[tuple[av.VideoFrame, float]]:
    """Each picture, and how many seconds after the first one it is to be seen no longer."""
    if not source.is_file():
        raise FilmError(f"{source}: there is no such file")
    try:
        with av.open(str(source)) as film:
            if not film.streams.video:
                raise FilmError(f"{source}: there is no picture in it")
            each_s = float(1 / (film.streams.video[0].average_rate or 25))
            first = at = 0.0
            held: av.VideoFrame | None = None
            for number, frame in enumerate(film.decode(video=0)):
                at = number * each_s if frame.time is None else frame.time
                if held is None:
                    first = at
                else:
                    yield held, round(at - first, 6)
                held = frame
            if held is not None:
                yield held, round(at + each_s - first, 6)
    except av.FFmpegError as error:
        raise FilmError(f"{source}: it cannot be played as a film ({error.strerror})") from None


def _too_short(source: Path) -> FilmError:
    return FilmError(f"{source}: shorter than {LEAST_S:g} s; so short a film is no talking head")
