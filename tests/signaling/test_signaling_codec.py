"""Frames: what is sent is read, whatever else comes is refused with a code."""

from __future__ import annotations

import json
import random
import time
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signaling_lab import SDP

from signaling.errors import ErrorCode, ProtocolError
from signaling.protocol import codec, messages
from signaling.protocol.limits import check_sdp

CODES = set(get_args(ErrorCode))
READERS = (codec.from_kiosk, codec.from_browser, codec.from_hub)

VALID = [
    {"type": "prove", "version": 1, "kiosk_id": "k1", "signature": "A" * 86},
    {"type": "hello", "version": 1, "tab_id": "t1"},
    {"type": "ping", "n": 7},
    {"type": "present_code", "code": "48291357", "language": "fr"},
    {"type": "devices", "devices": [{"kind": "camera", "status": "ok", "name": "C920"}]},
    {"type": "admit", "call_id": "c1"},
    {"type": "agent_devices", "call_id": "c1", "devices": [{"kind": "camera", "status": "ok"}]},
    {"type": "refuse", "call_id": "c1", "reason": "by_phone", "text": "Nous vous appelons."},
    {"type": "offer", "call_id": "c1", "generation": 1, "sdp": SDP},
    {"type": "answer", "call_id": "c1", "generation": 1, "sdp": SDP},
    {"type": "candidate", "call_id": "c1", "generation": 1, "candidate": "", "sdp_mid": "0"},
    {"type": "media", "call_id": "c1", "generation": 1, "flowing": True},
    {"type": "report", "call_id": "c1", "generation": 1, "loss_ratio": 0.01, "rtt_ms": 40.5},
    {"type": "subscribe", "topics": ["day:caf", "calls"]},
]


def refusal(frame: str, reader=codec.from_kiosk) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        reader(frame)
    return caught.value


@pytest.mark.parametrize(
    ("frame", "code", "field", "about"),
    [
        ("", "malformed", "", ""),
        ("[]", "malformed", "", ""),
        ("nonsense", "malformed", "", ""),
        ('{"type":', "malformed", "", ""),
        ("{}", "unknown_type", "type", ""),
        ('{"type": 3}', "unknown_type", "type", ""),
        ('{"type": "admit", "call_id": "c1"}', "unknown_type", "type", ""),
        ('{"type": "ping"}', "invalid_field", "n", "ping"),
        ('{"type": "ping", "n": "1"}', "invalid_field", "n", "ping"),
        ('{"type": "ping", "n": true}', "invalid_field", "n", "ping"),
        ('{"type": "ping", "n": 1, "m": 2}', "invalid_field", "m", "ping"),
        ('{"type": "devices", "devices": [{}]}', "invalid_field", "devices.0.kind", "devices"),
        ('{"type": "present_code", "code": "\\ud800"}', "malformed", "", ""),
        ("[" * 60_000, "malformed", "", ""),
        ('{"type": "ping", "n": 9007199254740993}', "invalid_field", "n", "ping"),
        ('{"type": "ping", "n": ' + "9" * 60_000 + "}", "malformed", "", ""),
        ('{"type": "ping", "n": ' + "9" * 70_000 + "}", "too_large", "", ""),
    ],
    ids=range(17),
)
def test_what_is_wrong_is_named(frame: str, code: str, field: str, about: str) -> None:
    error = refusal(frame)
    assert (error.code, error.field, error.about) == (code, field, about)


def test_infinity_is_no_measurement() -> None:
    frame = '{"type": "report", "call_id": "c", "generation": 1, "rtt_ms": NaN}'
    assert refusal(frame).code in {"malformed", "invalid_field"}


def test_what_a_citizen_typed_is_not_echoed() -> None:
    error = refusal(json.dumps({"type": "present_code", "code": "4829" * 100}))
    assert error.field == "code"
    assert "4829" not in error.detail


@given(st.sampled_from(VALID))
def test_what_is_written_is_read_again(fields: dict[str, object]) -> None:
    for reader, types in (
        (codec.from_kiosk, codec.TYPES_FROM_KIOSK),
        (codec.from_browser, codec.TYPES_FROM_BROWSER),
    ):
        if fields["type"] in types:
            message = reader(json.dumps(fields))
            assert reader(codec.encode(message)) == message


def test_the_version_of_an_unreadable_opening_is_known() -> None:
    assert codec.version_of('{"type": "prove", "version": 0, "old_field": 1}') == 0
    for frame in ("", "[]", '{"version": "1"}', '{"version": true}', "[" * 60_000):
        assert codec.version_of(frame) is None


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(frame: str) -> None:
    for reader in READERS:
        read_or_refused(reader, frame)


def read_or_refused(reader, frame: str) -> bool:
    refused = None
    try:
        reader(frame)
    except ProtocolError as error:
        refused = error
    if refused is None:
        return True
    assert refused.code in CODES
    # the answer to it is itself a valid message
    messages.Error(
        code=refused.code, detail=refused.detail, field=refused.field, about=refused.about
    ).model_dump_json()
    return False


def test_a_hundred_thousand_damaged_frames() -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    chance = random.Random(seed)
    originals = [json.dumps(fields) for fields in VALID]
    pieces = ['"', "{", "}", "[", "]", "\\u0000", "\\ud800", "é", "\0", "1e999", "-1", "null", ","]
    pieces += [str(2**64), '"type"', '"x":1,', "\U0001f600", "NaN", "true", " " * 50]
    read = 0
    for i in range(100_000):
        frame = chance.choice(originals)
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(frame) + 1), chance.choice([0, 0, 1, 1, 8])
            middle = chance.choice(pieces) if chance.random() < 0.7 else ""
            frame = frame[:at] + middle + frame[at + length :]
        read += read_or_refused(READERS[i % 3], frame)
    assert read < 50_000


@pytest.mark.parametrize(
    "sdp",
    [
        "x",
        "v=0\r\n",
        SDP.replace("a=ice-pwd:", "a=ice-pw:"),
        SDP + "\0",
        SDP + "a=x\n" * 16_000,
        SDP.replace("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m="),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(sdp: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        check_sdp(sdp, about="offer")
    assert (caught.value.code, caught.value.field) == ("sdp_refused", "sdp")
    check_sdp(SDP, about="offer")
