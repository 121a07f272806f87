"""What AV1, VP8 and H.264 make of the talking head at the rates of thin lines, and its cost.

No line: the encoder alone, as a call runs it, at a constant rate, with the ladder's size and frame
rate for that codec. SSIM is against the same picture of the camera, and is drawn by rate.
"""

from __future__ import annotations

import tempfile
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from bench.call.clip import HEIGHT, RATE, Clip, make, talking_head
from bench.call.ssim import ssim
from bench.codec_curves import draw
from bench.results import OUT, Figure, Result, percentile
from kiosk.rtc.attach.decoding import Undecoded, picture_decoder
from kiosk.rtc.coding import CODERS, PictureCoder, av1
from kiosk.rtc.sending.codec_choice import FINE_PRESET
from kiosk.rtc.sending.ladder import STEPS, Codec, Moving
from kiosk.rtc.sending.pictures import Order

KBIT = 60, 100, 150, 250
CODECS: Mapping[Codec, str] = {"av1": "AV1", "vp8": "VP8", "h264": "H.264"}
SECONDS, SETTLED_S = 20, 5
_EVERY = 5
"""SSIM of every so many pictures."""
_PAYLOAD_OCTETS = 900


@dataclass(frozen=True)
class Run:
    """One codec at one rate."""

    codec: str
    kbit_s: int
    got_kbit_s: float
    height: int
    frames_per_s: int
    ssim: float
    encode_ms: float
    encode_ms_p95: float
    largest_octets: int


def run(arguments: Namespace) -> Result:
    """Each codec at each rate."""
    with tempfile.TemporaryDirectory(prefix="visiohub-codecs-") as folder:
        clip = make(arguments.clip or talking_head(), Path(folder))
        runs = [encode(clip, codec, kbit) for kbit in KBIT for codec in CODECS]
    drawn: Path = arguments.draw or OUT
    drawn.mkdir(parents=True, exist_ok=True)
    (drawn / "codecs.svg").write_text(draw(_curves(runs)), "utf-8")
    figures = []
    for kbit in KBIT:
        ours, peer, other = (one for one in runs if one.kbit_s == kbit)
        at = f"AV1 at {ours.kbit_s} kbit/s"
        figures += [
            Figure(f"{at}: SSIM", ours.ssim, "", peer="VP8", peers=peer.ssim, at_least=peer.ssim),
            Figure(
                f"{at}: pictures a second", ours.frames_per_s, "/s",
                peer="VP8", peers=peer.frames_per_s, at_least=peer.frames_per_s,
            ),
            Figure(f"{at}: rate", ours.got_kbit_s, "kbit/s", peer="VP8", peers=peer.got_kbit_s),
            Figure(f"{at}: encoding", ours.encode_ms, "ms", peer="VP8", peers=peer.encode_ms),
            Figure(f"H.264 at {kbit} kbit/s: SSIM", other.ssim, "", peer="VP8", peers=peer.ssim),
        ]  # fmt: skip
    return Result("codecs", tuple(figures), {"runs": [asdict(one) for one in runs]})


def _curves(runs: Sequence[Run]) -> Mapping[str, Sequence[tuple[float, float]]]:
    return {
        name: [(one.got_kbit_s, one.ssim) for one in runs if one.codec == codec]
        for codec, name in CODECS.items()
    }


def encode(clip: Clip, codec: Codec, kbit_s: int) -> Run:
    """Twenty seconds of the clip."""
    step = _step(STEPS["face"][codec], kbit_s * 1000)
    coder: PictureCoder = av1.Av1Coder(FINE_PRESET) if codec == "av1" else CODERS[codec.upper()]()
    agreed = RTCRtpCodecParameters(f"video/{codec.upper()}", 90_000, payloadType=97)
    decoder = picture_decoder(agreed)
    sizes, costs, scores, height = list[int](), list[float](), list[float](), 0
    for index in range(SECONDS * step.frames_per_s):
        number = index * RATE // step.frames_per_s
        order = Order(
            step.width * step.height, kbit_s * 1000, step.frames_per_s, not index,
            _PAYLOAD_OCTETS, 1.0,
        )  # fmt: skip
        picture = clip.i420(number % clip.pictures)
        began = time.perf_counter()
        coded = coder.encode(picture, order)
        seconds = time.perf_counter() - began
        if coded is None:
            continue
        payloads = [depayload(agreed, payload) for payload in coded.payloads]
        (shown,) = decoder.decode(Undecoded(agreed, payloads, index))
        if index < SETTLED_S * step.frames_per_s:
            continue
        sizes.append(coded.octets)
        costs.append(seconds * 1000)
        height = coded.height
        if index % _EVERY == 0:
            luma = shown.to_ndarray(format="yuv420p")[: shown.height]
            scores.append(ssim(picture[:HEIGHT], luma))
    coder.close()
    return Run(
        codec, kbit_s, sum(sizes) * 8 / 1000 / (SECONDS - SETTLED_S), height,
        round(len(sizes) / (SECONDS - SETTLED_S)), round(fmean(scores), 4), fmean(costs),
        percentile(costs, 0.95), max(sizes),
    )  # fmt: skip


def _step(steps: Sequence[Moving], bit_s: float) -> Moving:
    return next((step for step in steps if bit_s >= step.least_bit_s), steps[-1])
