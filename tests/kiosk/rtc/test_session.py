from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from aiortc import clock
from scripted_line import ScriptedLine
from two_ends import Call

from kiosk.devices import tone
from kiosk.rtc import Failed, Flowing, MediaSession, SdpRefused, Silent, coding
from kiosk.rtc.attach import sender
from signaling.protocol.messages import Report

pytestmark = pytest.mark.realtime


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    made = Call()
    yield made
    await made.close()


INBOUND = {
    "audio": {
        "jitterBufferDelay", "concealedSamples", "silentConcealedSamples", "concealmentEvents",
        "insertedSamplesForDeceleration", "removedSamplesForAcceleration",
    },
    "video": {
        "jitterBufferDelay", "framesDecoded", "framesDropped", "freezeCount",
        "totalFreezesDuration", "pliCount",
    },
}  # fmt: skip
"""Names of W3C webrtc-stats beside those of both kinds."""


KINDS = {
    "inbound-rtp", "outbound-rtp", "transport", "codec",
    "candidate-pair", "local-candidate", "remote-candidate",
}  # fmt: skip


def rises(numbers: list[int]) -> bool:
    steps = [(b - a) % 65536 for a, b in pairwise(numbers)]
    return all(0 < step < 1000 for step in steps)  # the synthetic camera counts on in a cut


@pytest.mark.parametrize("codec", ["VP8", "H264", "AV1"])
async def test_pictures_and_tones_reach_both_ends(call: Call, codec: str) -> None:
    began = time.monotonic()
    await call.connect(1, codecs=[codec])
    await call.kiosk.until(lambda: len(call.kiosk.numbers) >= 30 and len(call.kiosk.sounds) >= 150)
    await call.far.until(lambda: len(call.far.numbers) >= 30 and len(call.far.sounds) >= 150)
    for end in (call.kiosk, call.far):
        assert rises(end.numbers)
        assert len(end.numbers) >= 0.9 * len(end.pictures), "the numbers are read back"
        assert tone.heard_share(end.heard()[-tone.SAMPLE_RATE :]) > 0.6
        assert end.pictures[0][0] - began < 2
    entries = (await call.session.look()).values()
    fields = call.session.report()
    report = Report.model_validate({"call_id": "c", **fields})
    assert (report.video_codec, report.audio_codec, report.relayed) == (codec, "opus", False)
    assert report.sent_kbit_s > 50
    assert report.received_kbit_s > 50
    assert report.rtt_ms is None or report.rtt_ms < 500
    assert {entry["type"] for entry in entries} >= KINDS
    dated = [entry["timestamp"] for entry in entries if "timestamp" in entry]
    assert {entry["type"] for entry in entries if "timestamp" in entry} >= KINDS
    assert all(abs(at - time.time() * 1000) < 10_000 for at in dated), "milliseconds"
    inbound = {entry["kind"]: entry for entry in entries if entry["type"] == "inbound-rtp"}
    for kind, more in INBOUND.items():
        assert {"ssrc", "packetsReceived", "packetsLost", "jitter", "nackCount", *more} <= set(
            inbound[kind]
        )
        assert inbound[kind]["jitterBufferEmittedCount"] > 0
        assert inbound[kind]["jitter"] < 1, "seconds"
    sent = {entry["ssrc"] for entry in entries if entry["type"] == "outbound-rtp"}
    for entry in entries:
        if entry["type"] == "remote-inbound-rtp":
            assert (entry["ssrc"] in sent, entry["jitter"] < 1) == (True, True)
            assert 0 <= entry["fractionLost"] <= 1
    assert inbound["video"]["framesDecoded"] >= 30
    assert inbound["audio"]["totalSamplesReceived"] >= 60 * 960


def reported(sender: Any) -> int:
    """The NTP time that the next sender report pairs with RTP time."""
    return sender._RTCRtpSender__ntp_timestamp


async def test_sender_reports_tell_the_capture_not_the_sending(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = coding.Vp8Coder.encode

    def slowly(self: Any, *order: Any) -> Any:
        time.sleep(0.08)
        return encode(self, *order)

    monkeypatch.setattr(coding.Vp8Coder, "encode", slowly)
    await call.connect(1, codecs=["VP8"])
    await call.far.until(lambda: len(call.far.pictures) >= 5)
    senders = {sender.kind: sender for sender in call.session._current._pc.getSenders()}
    ages_s: dict[str, list[float]] = {"audio": [], "video": []}
    for wanted in range(6, 20):
        await call.far.until(lambda n=wanted: len(call.far.pictures) >= n)
        for kind, ages in ages_s.items():
            ages.append((clock.current_ntp_time() - reported(senders[kind])) / 2**32)
    assert min(ages_s["video"]) > 0.08
    assert min(ages_s["audio"]) < 0.08


async def test_the_far_picture_is_shown_at_once(call: Call) -> None:
    await call.connect(1)
    await call.kiosk.until(lambda: len(call.kiosk.pictures) >= 40)
    ages = sorted(call.kiosk.ages_s)
    assert len(ages) >= 40
    assert ages[len(ages) // 2] < 0.030


async def test_a_screen_that_fails_once_gets_the_next_picture(call: Call) -> None:
    failures = iter([ValueError("screen gone")])
    show = call.kiosk.show

    def failing(frame: av.VideoFrame) -> None:
        for failure in failures:
            raise failure
        show(frame)

    call.session._show = failing
    await call.connect(1)
    await call.kiosk.until(lambda: len(call.kiosk.pictures) >= 3)


async def test_a_new_generation_takes_over_when_its_media_flows(call: Call) -> None:
    await call.connect(1)
    await call.kiosk.until(lambda: call.kiosk.pictures)
    old = call.session._generations[1]
    await call.connect(2)
    assert call.session.generation == 1, "the old one holds until the new one flows"
    await call.kiosk.until(lambda: call.session.generation == 2)
    seen = len(call.kiosk.pictures)
    await call.kiosk.until(lambda: len(call.kiosk.pictures) > seen + 5)
    assert list(call.session._generations) == [2]
    async with asyncio.timeout(20):
        while old.connection.connectionState != "closed":  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
    flowing = [e.generation for _, e in call.kiosk.events if isinstance(e, Flowing)]
    assert flowing == [1, 2]


async def test_a_generation_that_is_not_new_is_refused(call: Call) -> None:
    await call.connect(3)
    with pytest.raises(SdpRefused, match="generation 3 is not new"):
        await call.connect(3)
    with pytest.raises(SdpRefused, match="generation 2 is not new"):
        await call.connect(2)
    await call.session.close()
    with pytest.raises(SdpRefused, match="over"):
        await call.connect(4)


async def test_nonsense_candidates_change_nothing(call: Call) -> None:
    end = await call.connect(1)
    for text in ("", "candidate:", "candidate:1 1 udp x y z typ host", "\x00", "a" * 900):
        await call.session.add_candidate(1, text, "0", 0)
        await call.session.add_candidate(77, text, None, None)
        end.add_candidate(text, "nowhere", 9)
    await call.session.add_candidate(
        1, "candidate:1 1 udp 1 unresolvable-name.local 9 typ host", "0", 0
    )
    await call.kiosk.until(lambda: call.kiosk.numbers)


async def test_a_muted_microphone_sends_silence(call: Call) -> None:
    call.session.mute(True)
    await call.connect(1)
    await call.far.until(lambda: len(call.far.sounds) >= 100)
    assert abs(call.far.heard()).max() < 50
    call.session.mute(False)
    call.far.sounds.clear()
    await call.far.until(lambda: len(call.far.sounds) >= 100)
    assert abs(call.far.heard()).max() > 1000


async def test_a_camera_that_disappears_in_mid_call_leaves_sound_and_a_plain_picture(
    tmp_path: Path,
) -> None:
    pipe = tmp_path / "camera.mjpeg"
    call = Call(camera=f"url:{pipe}")  # an address that cannot be opened
    try:
        await call.connect(1)
        await call.far.until(lambda: len(call.far.pictures) >= 2 and len(call.far.sounds) >= 100)
        assert "failed" in call.cards
        assert call.far.numbers == [], "the plain picture carries no number"
        assert tone.level(call.far.heard()[-960:]) > 0.3
    finally:
        await call.close()


async def test_an_end_without_camera_and_microphone_only_receives() -> None:
    call = Call(camera="none", microphone="none")
    try:
        await call.connect(1)
        await call.kiosk.until(lambda: call.kiosk.numbers and call.kiosk.heard().any())
        assert not call.far.pictures
    finally:
        await call.close()


async def test_a_cut_is_said_within_two_seconds_and_media_is_back_within_one(call: Call) -> None:
    line = ScriptedLine()
    await call.connect(1, line)
    await call.kiosk.until(lambda: len(call.kiosk.numbers) >= 10)
    line.cut = True
    cut_at = time.monotonic()
    await call.kiosk.until(lambda: isinstance(call.kiosk.events[-1][1], Silent))
    assert call.kiosk.events[-1][0] - cut_at < 2.0
    await asyncio.sleep(3)  # the cut goes on
    line.cut = False
    back_at = time.monotonic()
    for end in (call.kiosk, call.far):
        await end.until(lambda end=end: [n for at, n in end.pictures if at > back_at and n])
        first = next(at for at, number in end.pictures if at > back_at and number)
        assert first - back_at < 1.0
        assert isinstance(end.events[-1][1], Flowing)
    assert rises(call.kiosk.numbers[-5:])


async def test_steady_loss_freezes_the_picture_for_less_than_a_second(call: Call) -> None:
    line = ScriptedLine()
    line.delay_s = 0.02
    await call.connect(1, line)
    await call.kiosk.until(lambda: len(call.kiosk.numbers) >= 10)
    line.drop_to_a = line.drop_to_b = range(0, 100_000, 50)  # 2 %
    seen = len(call.kiosk.pictures)
    await call.kiosk.until(lambda: len(call.kiosk.pictures) >= seen + 100, 15)
    instants = [at for at, _ in call.kiosk.pictures[seen:]]
    assert max(b - a for a, b in pairwise(instants)) < 1.0
    readable = len(call.kiosk.numbers) / len(call.kiosk.pictures)
    assert readable > 0.9, "no smeared pictures are shown"


async def test_a_dead_connection_fails_and_a_new_one_replaces_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.1)
    monkeypatch.setattr("kiosk.rtc.attach.connection.CONSENT_LASTS_S", 2.0)
    line = ScriptedLine()
    await call.connect(1, line)
    await call.kiosk.until(lambda: call.kiosk.numbers)
    line.cut = True
    await call.kiosk.until(lambda: any(e == Failed(1) for _, e in call.kiosk.events))
    began = time.monotonic()
    await call.connect(2)
    await call.kiosk.until(lambda: call.session.generation == 2)
    await call.kiosk.until(lambda: call.kiosk.pictures[-1][0] > began)
    assert next(at for at, _ in call.kiosk.pictures if at > began) - began < 2.0


async def test_an_offer_that_nobody_follows_up_fails_in_time(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.rtc.generation.CONNECT_WITHIN_S", 0.2)
    line = ScriptedLine()
    line.cut = True
    await call.connect(1, line)
    await call.kiosk.until(lambda: any(e == Failed(1) for _, e in call.kiosk.events))
    assert call.session._generations == {}


async def test_closing_takes_no_longer_than_two_seconds_with_the_line_cut(call: Call) -> None:
    line = ScriptedLine()
    await call.connect(1, line)
    await call.kiosk.until(lambda: call.kiosk.numbers)
    line.cut = True
    began = time.monotonic()
    await call.session.close()
    assert time.monotonic() - began < 2.5


async def test_a_closed_call_leaves_no_task_and_no_thread_of_a_decoder() -> None:
    call = Call(camera="none", microphone="none")
    await call.connect(1)
    await call.kiosk.until(lambda: call.kiosk.pictures)
    await call.close()
    await asyncio.sleep(0)  # what was cancelled ends
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not [thread for thread in threading.enumerate() if "decoder" in thread.name]


async def test_a_session_that_never_began_has_an_empty_report(call: Call) -> None:
    assert isinstance(call.session, MediaSession)
    assert call.session.report() == {"generation": 0}
    assert await call.session.look() == {}


async def test_numbers_and_times_that_begin_anew_are_neither_seen_nor_heard(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sequence numbers do within minutes, RTP time in most calls of a working day."""
    monkeypatch.setattr(sender, "random_sequence_number", lambda: 0xFFFF - 40)
    monkeypatch.setattr(sender, "random32", lambda: 0xFFFFFFFF - 4 * 90_000)
    await call.connect(1)
    await call.kiosk.until(lambda: call.kiosk.numbers)
    began = time.monotonic()
    # the picture's time wraps after 4 s, the sound's after 7.5
    await call.kiosk.until(lambda: call.kiosk.pictures[-1][0] > began + 10)
    for end in (call.kiosk, call.far):
        instants = [at for at, _ in end.pictures]
        assert max(b - a for a, b in pairwise(instants)) < 1
        assert rises(end.numbers)
    entries = (await call.session.look()).values()
    sound = next(e for e in entries if e["type"] == "inbound-rtp" and e["kind"] == "audio")
    assert sound["concealedSamples"] < 0.2 * sound["totalSamplesReceived"]
