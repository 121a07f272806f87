"""What aiortc's codecs lack, AV1 and redundant speech, and what statistics call them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import aiortc.codecs
import aiortc.rtcpeerconnection
import aiortc.rtp
import av
from aiortc import RTCRtpCodecParameters
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpParameters

from kiosk.rtc.coding import av1
from kiosk.rtc.sending.twcc import EXTENSION_URI

_AV1, _AV1_RTX = 103, 104
"""Payload types that aiortc's own codecs leave free."""
_RED, _RED_TYPE = "audio/red", 63
"""Numbered as libwebrtc does; who offers it may number it otherwise."""
_FORMAT = {"level-idx": "5", "profile": "0", "tier": "0"}
"""8 or 10 bits, 4:2:0, up to level 3.1 (RTP Payload Format for AV1, section 7.2.1)."""
_DYNAMIC = frozenset({*range(35, 64), *range(96, 128)})
"""Payload types that a description may give any meaning; aiortc knows the upper ones alone, and
Chromium gives AV1 one of the lower (RFC 5761 section 4)."""

_is_compatible = aiortc.rtcpeerconnection.is_codec_compatible


def add_codecs() -> None:
    """From now on these are agreed upon where both ends know them; once per process."""
    aiortc.rtp.DYNAMIC_PAYLOAD_TYPES = _DYNAMIC  # type: ignore[assignment]  # only asked for members
    _add_redundancy()
    _add_av1()


def _add_redundancy() -> None:
    """A packet of speech may carry those before it (RFC 2198).

    Which description says so, and where it stands there, is `kiosk.rtc.sdp.with_redundancy`'s; it
    is never what is sent.
    """
    aiortc.codecs.CODECS["audio"].append(
        RTCRtpCodecParameters(mimeType=_RED, clockRate=48_000, channels=2, payloadType=_RED_TYPE)
    )


def _add_av1() -> None:
    """Whether it can be sent too is found out here, and not when a call begins."""
    if "libdav1d" not in av.codecs_available:
        return
    av1.unavailable()
    aiortc.rtcpeerconnection.is_codec_compatible = _compatible
    video = aiortc.codecs.CODECS["video"]
    vp8 = next(codec for codec in video if codec.name == "VP8")
    video += [
        RTCRtpCodecParameters(
            mimeType="video/AV1",
            clockRate=vp8.clockRate,
            payloadType=_AV1,
            rtcpFeedback=copy.deepcopy(vp8.rtcpFeedback),
            parameters=dict(_FORMAT),
        ),
        RTCRtpCodecParameters(
            mimeType="video/rtx",
            clockRate=vp8.clockRate,
            payloadType=_AV1_RTX,
            parameters={"apt": _AV1},
        ),
    ]


def redundant_types(agreed: Iterable[RTCRtpCodecParameters]) -> frozenset[int]:
    """Payload types of such packets."""
    return frozenset(codec.payloadType or 0 for codec in agreed if codec.mimeType == _RED)


def _compatible(a: RTCRtpCodecParameters, b: RTCRtpCodecParameters) -> bool:
    """aiortc's rule; two profiles of AV1 are two codecs (section 7.2.1: 0 where none is named)."""
    if a.name.upper() == b.name.upper() == "AV1":
        return str(a.parameters.get("profile", "0")) == str(b.parameters.get("profile", "0"))
    return _is_compatible(a, b)


def answers_transport_wide(parameters: RTCRtpParameters) -> bool:
    """Whether packets so agreed upon carry transport-wide numbers that the other side reports."""
    return any(extension.uri == EXTENSION_URI for extension in parameters.headerExtensions) and any(
        feedback.type == "transport-cc"
        for codec in [codec for codec in parameters.codecs if codec.mimeType != _RED][:1]
        for feedback in codec.rtcpFeedback
    )


def codec_id(name: str) -> str:
    """Id of a codec's entry in the statistics."""
    return f"codec_{name}"


def codec_entries(agreed: Iterable[RTCRtpCodecParameters]) -> list[dict[str, Any]]:
    """RTCCodecStats of W3C webrtc-stats, one for each name."""
    entries: dict[str, dict[str, Any]] = {}
    for codec in agreed:
        if not is_rtx(codec):
            entry = {
                "type": "codec",
                "id": codec_id(codec.name),
                "payloadType": codec.payloadType,
                "mimeType": codec.mimeType,
                "clockRate": codec.clockRate,
            }
            entries.setdefault(codec.name, entry)
    return list(entries.values())
