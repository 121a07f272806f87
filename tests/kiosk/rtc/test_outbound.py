"""What was sent is counted as W3C webrtc-stats has it: all that left, however often it had left."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from two_ends import Call

from kiosk.rtc import attach
from kiosk.rtc.attach.transport import KioskDtlsTransport
from kiosk.rtc.sending.framing import ATM, PLAIN, Framing
from kiosk.rtc.sending.sharing import Sharer


async def test_packets_and_octets_are_those_of_the_line_copies_and_padding_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kiosk.rtc.sending.copies.CopyRule.update", lambda *_: None)
    left: Counter[int] = Counter()
    octets: Counter[int] = Counter()
    send_sealed = KioskDtlsTransport.send_sealed

    async def seen(self: KioskDtlsTransport, sealed: bytes) -> None:
        await send_sealed(self, sealed)
        source = int.from_bytes(sealed[8:12], "big")
        left[source] += 1
        octets[source] += len(sealed)

    monkeypatch.setattr(KioskDtlsTransport, "send_sealed", seen)
    call = Call()
    try:
        await call.connect(1)
        # media may come before the kiosk's own end is told that it is connected
        await call.far.until(lambda: call.far.numbers and call.session._current)
        current = call.session._current
        assert current is not None
        (transport,) = attach._transports(current.connection)
        transport.uplink.control._copies.copies = 2
        senders: list[Any] = current.connection.getSenders()
        await call.far.until(lambda: sum(s.counts.resent_packets for s in senders) > 100)
        for sender in senders:
            report = await sender.getStats()
            own, rtx = sender._ssrc, sender._rtx_ssrc
            told = vars(report[f"outbound-rtp_{id(sender)}"])
            assert told["ssrc"] == own
            assert told["packetsSent"] == left[own] + left[rtx] > 0
            seals = told["packetsSent"] * transport.uplink._seal_octets
            sent = told["bytesSent"] + told["headerBytesSent"]
            assert sent + seals == octets[own] + octets[rtx]
            assert told["retransmittedBytesSent"] <= told["bytesSent"]
            # a sender report is about its own source alone (RFC 3550 §6.4.1)
            assert sender._RTCRtpSender__packet_count == left[own]
            first = told["packetsSent"] - told["retransmittedPacketsSent"]
            assert sender.kind == "audio" or first >= left[own]
    finally:
        await call.close()


@pytest.mark.parametrize("framing", [PLAIN, ATM, Framing(relay_octets=52)])
@pytest.mark.parametrize("total_bit_s", [100_000, 600_000])
def test_what_is_available_is_no_less_for_copies_or_a_small_picture(
    framing: Framing, total_bit_s: int
) -> None:
    alone, copied, small = (
        Sharer(framing).share(total_bit_s, 0.02, total_bit_s, 0.0, copies, picture_most_bit_s=most)
        for copies, most in ((0, 1e9), (2, 1e9), (2, 40_000.0))
    )
    assert alone.available_bit_s == copied.available_bit_s == small.available_bit_s
    assert alone.sound.bit_s + alone.video_encoder_bit_s < alone.available_bit_s < total_bit_s
