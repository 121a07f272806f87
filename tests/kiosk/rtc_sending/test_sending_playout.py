"""What the far end is told of how long it may hold a picture back."""

from __future__ import annotations

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpSendParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, unpack_header_extensions

from kiosk.rtc.attach.extensions import ExtensionsMap, PictureExtensions
from kiosk.rtc.sending.playout import PLAYOUT_URI, playout_delay
from kiosk.rtc.sending.twcc import EXTENSION_URI


def bounds_ms(octets: bytes) -> tuple[int, int]:
    """Twelve bits each, in steps of 10 ms."""
    both = int.from_bytes(octets, "big")
    return (both >> 12) * 10, (both & 0xFFF) * 10


@pytest.mark.parametrize(
    ("jitter_s", "most_ms"), [(0.0, 30), (0.01, 60), (0.05, 180), (9.0, 500), (-0.2, 30)]
)
def test_a_way_that_jitters_is_given_more(jitter_s: float, most_ms: int) -> None:
    assert len(playout_delay(jitter_s)) == 3
    assert bounds_ms(playout_delay(jitter_s)) == (10, most_ms)


def configured(*uris: str) -> ExtensionsMap:
    extensions = [
        RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in enumerate(uris, 3)
    ]
    made = ExtensionsMap()
    made.configure(RTCRtpSendParameters(headerExtensions=extensions))
    return made


def test_it_stands_beside_aiortcs_own_in_a_pictures_first_packet() -> None:
    told = PictureExtensions(transport_sequence_number=7, playout_delay=playout_delay(0.02))
    profile, octets = configured(EXTENSION_URI, PLAYOUT_URI).set(told)
    assert unpack_header_extensions(profile, octets) == [(3, b"\x00\x07"), (4, playout_delay(0.02))]
    assert len(octets) == 8


@pytest.mark.parametrize(
    ("uris", "values"),
    [
        ((EXTENSION_URI,), PictureExtensions(playout_delay=playout_delay(0.0))),
        ((EXTENSION_URI, PLAYOUT_URI), HeaderExtensions(transport_sequence_number=1)),
    ],
    ids=["not agreed upon", "another packet"],
)
def test_elsewhere_nothing_of_it_is_written(
    uris: tuple[str, ...], values: HeaderExtensions
) -> None:
    plain = HeaderExtensionsMap()
    plain.configure(
        RTCRtpSendParameters(
            headerExtensions=[RTCRtpHeaderExtensionParameters(id=3, uri=EXTENSION_URI)]
        )
    )
    assert configured(*uris).set(values) == plain.set(values)
