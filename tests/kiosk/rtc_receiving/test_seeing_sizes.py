"""A picture that names millions of pixels takes no memory."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from kiosk.rtc.attach.decoding import Undecoded, picture_decoder
from kiosk.rtc.av1 import payload, svt
from kiosk.rtc.coding import x264
from kiosk.rtc.coding.payloads import h264
from kiosk.rtc.coding.vpx import Encoder
from kiosk.rtc.seeing.sizes import TooLarge, check_vp8

LARGE, USUAL = (2576, 1456), (1280, 720)


def grey(width: int, height: int) -> np.ndarray:
    return np.full((height * 3 // 2, width), 128, np.uint8)


def coded(name: str, width: int, height: int) -> Undecoded:
    if name == "H264":
        encoder = x264.Encoder(width, height, 500_000)
        picture = encoder.encode(grey(width, height), whole=True)
        # what aiortc's depacketiser makes of single units: start codes before each
        payloads = [b"\0\0\0\1" + unit for unit in h264(x264.units(picture.data), 1 << 20)]
    elif name == "AV1":
        av1 = svt.Encoder(width, height, 500_000, preset=12)
        payloads = payload.packetize(av1.encode(grey(width, height), whole=True), 1 << 16)
        av1.close()
    else:
        vp8 = Encoder(width, height, 500_000)
        payloads = [vp8.encode(grey(width, height), whole=True).data]
        vp8.close()
    return Undecoded(RTCRtpCodecParameters(f"video/{name}", 90_000, payloadType=96), payloads, 0)


@pytest.mark.parametrize("name", ["VP8", "H264", "AV1"])
def test_a_camera_is_never_too_large_and_more_is_refused(name: str) -> None:
    decoder = picture_decoder(coded(name, *USUAL).codec)
    (frame,) = decoder.decode(coded(name, *USUAL))
    assert (frame.width, frame.height) == USUAL
    with pytest.raises((TooLarge, av.FFmpegError)):
        decoder.decode(coded(name, *LARGE))


def test_the_size_of_a_vp8_picture_is_read_from_whole_ones_alone() -> None:
    whole = b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 16383 | 0xC000, 16383)
    with pytest.raises(TooLarge, match="16383x16383"):
        check_vp8(whole)
    check_vp8(whole[:9])
    check_vp8(b"\x11" + whole[1:])
    check_vp8(whole[:6] + struct.pack("<HH", 640 | 0x4000, 480))
