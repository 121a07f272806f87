"""STAMP's octets: against the RFCs' figures, against scapy, and against what is none of it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.contrib.stamp import (
    STAMPSessionReflectorTestUnauthenticated,
    STAMPSessionSenderTestUnauthenticated,
)

from visiohub.linkquality import stamp, tlv
from visiohub.linkquality.reflector import Reflector, Replayed, TooMany, UnknownSession
from visiohub.linkquality.stamp import (
    ErrorEstimate,
    Forged,
    Malformed,
    Probe,
    Reflection,
    StampRefused,
    WrongSize,
    pack_probe,
    pack_reflection,
    unpack_probe,
    unpack_reflection,
)

KEY = b"the key of a kiosk, 32 octets...."
AT = 1_795_000_000.5
OPEN_SESSIONS = dict.fromkeys(range(65_536))
SEALED_SESSIONS = dict.fromkeys(range(65_536), KEY)
PROBE = Probe(7, 0x1234, AT, ErrorEstimate(True, 10, 3))
REFLECTION = Reflection(
    number=5, session=0x1234, received_at=AT + 1, reflected_at=AT + 2,
    error=ErrorEstimate(), probe_number=7, probe_sent_at=AT,
    probe_error=ErrorEstimate(True, 10, 3), probe_ttl=61,
)  # fmt: skip


def ntp(seconds: float) -> bytes:
    return (int(seconds) + 2_208_988_800).to_bytes(4) + int(seconds % 1 * 2**32).to_bytes(4)


def test_a_probe_is_laid_out_as_in_rfc_8972_figure_1() -> None:
    assert pack_probe(PROBE) == (
        bytes([0, 0, 0, 7]) + ntp(AT) + b"\x8a\x03" + b"\x12\x34" + bytes(28)
    )


def test_a_sealed_probe_is_laid_out_as_in_rfc_8972_figure_3() -> None:
    body = bytes([0, 0, 0, 7]) + bytes(12) + ntp(AT) + b"\x8a\x03\x12\x34" + bytes(68)
    assert len(body) == 96
    assert pack_probe(PROBE, KEY) == body + hmac.digest(KEY, body, hashlib.sha256)[:16]


def test_a_reflection_is_laid_out_as_in_rfc_8972_figure_2() -> None:
    assert pack_reflection(REFLECTION) == (
        bytes([0, 0, 0, 5]) + ntp(AT + 2) + b"\x18\xff" + b"\x12\x34" + ntp(AT + 1)
        + bytes([0, 0, 0, 7]) + ntp(AT) + b"\x8a\x03" + bytes(2) + bytes([61]) + bytes(3)
    )  # fmt: skip


def test_a_sealed_reflection_is_laid_out_as_in_rfc_8972_figure_4() -> None:
    body = (
        bytes([0, 0, 0, 5]) + bytes(12) + ntp(AT + 2) + b"\x18\xff\x12\x34" + bytes(4)
        + ntp(AT + 1) + bytes(8) + bytes([0, 0, 0, 7]) + bytes(12) + ntp(AT) + b"\x8a\x03"
        + bytes(6) + bytes([61]) + bytes(15)
    )  # fmt: skip
    assert len(body) == 96
    octets = pack_reflection(REFLECTION, KEY)
    assert octets == body + hmac.digest(KEY, body, hashlib.sha256)[:16]


def test_scapy_reads_what_we_write() -> None:
    seen = STAMPSessionSenderTestUnauthenticated(pack_probe(PROBE))
    assert (seen.seq, seen.ssid, seen.err_estimate.S, seen.err_estimate.scale) == (7, 0x1234, 1, 10)
    assert float(seen.ts) == pytest.approx(AT + 2_208_988_800)
    back = STAMPSessionReflectorTestUnauthenticated(pack_reflection(REFLECTION))
    assert (back.seq, back.seq_sender, back.ssid, back.ttl_sender) == (5, 7, 0x1234, 61)
    assert float(back.ts_rx) == pytest.approx(AT + 1 + 2_208_988_800)
    assert float(back.ts) == pytest.approx(AT + 2 + 2_208_988_800)


def test_we_answer_what_scapy_writes_with_its_extensions_too() -> None:
    from_scapy = bytes(
        STAMPSessionSenderTestUnauthenticated(seq=9, ssid=3, ts=AT + 2_208_988_800)
    ) + bytes([0x80, 1, 0, 4, 1, 2, 3, 4])
    answer = Reflector({3: None}, sealed=False).answer(
        from_scapy, 0, received_at=AT, reflected_at=AT
    )
    assert len(answer) == len(from_scapy)
    seen = STAMPSessionReflectorTestUnauthenticated(answer)
    assert (seen.seq_sender, seen.ssid, int(seen.tlv_objects[0].flags)) == (9, 3, tlv.UNRECOGNIZED)


@pytest.mark.parametrize("key", [None, KEY])
def test_there_and_back(key: bytes | None) -> None:
    assert unpack_probe(pack_probe(PROBE, key), key) == PROBE
    assert unpack_reflection(pack_reflection(REFLECTION, key), key) == REFLECTION


def test_what_is_no_packet_is_refused() -> None:
    with pytest.raises(WrongSize):
        unpack_probe(pack_probe(PROBE)[:-1])
    with pytest.raises(WrongSize):
        unpack_probe(pack_probe(PROBE), KEY)
    with pytest.raises(WrongSize):
        unpack_reflection(bytes(1473))
    with pytest.raises(Malformed, match="zero"):
        unpack_probe(bytes(44))
    with pytest.raises(Malformed, match="PTP"):
        unpack_probe(bytes(12) + b"\x40\x01" + bytes(30))


@given(st.integers(0, 95), st.integers(1, 255))
def test_no_covered_octet_can_be_changed(at: int, by: int) -> None:
    octets = bytearray(pack_probe(PROBE, KEY))
    octets[at] ^= by
    with pytest.raises(Forged):
        unpack_probe(bytes(octets), KEY)
    with pytest.raises(Forged):
        unpack_probe(pack_probe(PROBE, b"another key"), KEY)


@given(st.binary(max_size=1600), st.booleans())
def test_nonsense_is_refused_or_read_and_never_amplified(octets: bytes, sealed: bool) -> None:
    reflector = Reflector(SEALED_SESSIONS if sealed else OPEN_SESSIONS, sealed=sealed)
    answer = b""
    with contextlib.suppress(StampRefused):
        answer = reflector.answer(octets, 0, received_at=AT, reflected_at=AT)
    assert len(answer) in (0, len(octets))


@given(st.floats(0, 2**33))
def test_times_pass_the_era_of_2036(unix_s: float) -> None:
    if unix_s < 2**32 - 2_208_988_800 + 2**31:
        assert stamp.unix(stamp.ntp(unix_s)) == pytest.approx(unix_s, abs=1e-6)


def test_an_error_estimate_in_seconds() -> None:
    assert ErrorEstimate(scale=32, multiplier=2).seconds == 2
    assert 0.9 < ErrorEstimate().seconds < 1.1
    assert ErrorEstimate.unpacked(ErrorEstimate(True, 63, 1).packed()) == ErrorEstimate(True, 63, 1)


@pytest.mark.parametrize("key", [None, KEY])
def test_the_reflector_numbers_its_own_answers(key: bytes | None) -> None:
    reflector = Reflector({1: key}, sealed=bool(key))
    numbers = []
    for number in (0, 3, 4):
        octets = pack_probe(Probe(number, 1, AT), key)
        answer = reflector.answer(octets, 0, received_at=AT, reflected_at=AT + 0.001, ttl=60)
        seen = unpack_reflection(answer, key)
        numbers.append((seen.number, seen.probe_number, seen.probe_ttl))
    assert numbers == [(0, 0, 60), (1, 3, 60), (2, 4, 60)]


def test_strangers_replays_and_floods_get_silence() -> None:
    reflector = Reflector({1: KEY}, sealed=True)

    def send(number: int, now: float = 0.0, session: int = 1, key: bytes = KEY) -> bytes:
        octets = pack_probe(Probe(number, session, AT), key)
        return reflector.answer(octets, now, received_at=AT, reflected_at=AT)

    send(0)
    with pytest.raises(Replayed):
        send(0)
    with pytest.raises(UnknownSession):
        send(1, session=2)
    with pytest.raises(Forged):
        send(1, key=b"guessed")
    answered = 0
    for number in range(1, 1_000):
        try:
            send(number, now=number / 1000)
            answered += 1
        except TooMany:
            pass
    assert 150 <= answered <= 200
    send(1_000, now=10)
    with pytest.raises(Replayed):
        send(0, now=10)
    reflector.forget(1)
    send(0, now=11)


def test_an_unauthenticated_reflector_has_no_sealed_sessions() -> None:
    reflector = Reflector({1: KEY}, sealed=False)
    with pytest.raises(UnknownSession):
        reflector.answer(pack_probe(Probe(0, 1, AT)), 0, received_at=AT, reflected_at=AT)


def test_extensions_are_read_with_tolerance() -> None:
    whole = bytes([0x80, 3, 0, 2, 7, 8])
    cut = bytes([0x80, 4, 0, 9, 1])
    first, last = tlv.extensions(whole + cut)
    assert (first.kind, first.value, first.malformed) == (3, b"\x07\x08", False)
    assert (last.kind, last.value, last.malformed) == (4, b"\x01", True)
    assert tlv.not_understood(whole + cut) == (
        bytes([0x80, 3, 0, 2, 7, 8]) + bytes([0xC0, 4, 0, 9, 1])
    )
    assert tlv.not_understood(b"\x01\x02\x03") == b"\x01\x02\x03"
