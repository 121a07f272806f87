"""Cameras and microphones as files: frame numbers, marks in picture and sound, a QR.

The picture's sync square and the sound's other tone come in the same 100 ms of each second
(kiosk/devices/frame_number.py, kiosk/devices/tone.py).
"""

from __future__ import annotations

import wave
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices import tone
from kiosk.devices.test_picture import HEIGHT, RATE, WIDTH, Painter

FIRST_SECOND = 1_700_000_000
"""What the clock in the picture begins with; whole, so that the marks begin with each second."""
I420 = npt.NDArray[np.uint8]


def numbered(path: Path, seconds: int = 8) -> None:
    """A looping clip for a kiosk: numbers 0, 1, 2, ..., marks in picture and sound."""
    painter = Painter()
    pictures = [painter.paint(n, FIRST_SECOND + n / RATE) for n in range(seconds * RATE)]
    _film(path, pictures)


def showing(path: Path, png: Path, seconds: int = 2) -> None:
    """The same with a still picture, such as a paper held before the camera."""
    seen = cv2.imread(str(png))
    assert seen is not None, png
    side = HEIGHT - 40
    scale = side / max(seen.shape[:2])
    small = cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    height, width = small.shape[:2]
    top, left = (HEIGHT - height) // 2, (WIDTH - width) // 2
    frame[top : top + height, left : left + width] = small
    still = cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420)
    _film(path, [still.astype(np.uint8)] * (seconds * RATE))


def _film(path: Path, pictures: list[I420]) -> None:
    part = path.with_suffix(".part")
    with av.open(str(part), "w", format="matroska") as film:
        picture = film.add_stream(
            "libx264", rate=RATE, options={"preset": "ultrafast", "crf": "18", "g": "25"}
        )
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = film.add_stream("pcm_s16le", rate=tone.SAMPLE_RATE, layout="mono")
        per_picture = tone.SAMPLE_RATE // RATE
        for n, i420 in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
            frame.pts = n
            film.mux(picture.encode(frame))
            for piece in range(per_picture // tone.CHUNK):
                at = n * per_picture + piece * tone.CHUNK
                pcm = tone.chunk(at / tone.SAMPLE_RATE).reshape(1, -1)
                heard = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
                heard.sample_rate, heard.pts = tone.SAMPLE_RATE, at
                film.mux(sound.encode(heard))
        film.mux(picture.encode())
        film.mux(sound.encode())
    part.replace(path)


def numbered_y4m(path: Path, seconds: int = 2) -> None:
    """A camera for Chromium, which reads raw pictures."""
    painter = Painter(640, 360)
    with path.open("wb") as out:
        out.write(b"YUV4MPEG2 W640 H360 F25:1 Ip A1:1 C420jpeg\n")
        for n in range(seconds * RATE):
            out.write(b"FRAME\n" + painter.paint(n, FIRST_SECOND + n / RATE).tobytes())


def toned_wav(path: Path, seconds: int = 4) -> None:
    """A microphone for Chromium."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(tone.SAMPLE_RATE)
        for at in range(0, seconds * tone.SAMPLE_RATE, tone.CHUNK):
            out.writeframes(tone.chunk(at / tone.SAMPLE_RATE).tobytes())
