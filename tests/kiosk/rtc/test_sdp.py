from __future__ import annotations

import math
import random
import re

import pytest
from aiortc import RTCPeerConnection, RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpParameters

from kiosk.devices import DeviceSet
from kiosk.rtc import MediaSession, SdpRefused, sdp
from kiosk.rtc.attach.codecs import answers_transport_wide
from kiosk.rtc.generation import Generation
from kiosk.rtc.line import Line
from kiosk.rtc.sending.twcc import EXTENSION_URI
from signaling.protocol.line_cards import BudgetCard

SECTION = """m=audio 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 {fingerprint}
a=setup:actpass
a=rtcp-mux
a=rtpmap:96 opus/48000/2
"""
GOOD = "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n" + SECTION.format(
    fingerprint=":".join(["AB"] * 32)
)


def test_a_good_one_passes() -> None:
    sdp.check(GOOD)
    sdp.check(GOOD.replace("\n", "\r\n"))
    assert sdp.kinds(GOOD) == {"audio"}
    assert sdp.sends(GOOD)
    assert not sdp.sends(GOOD + "a=recvonly\n")


def test_the_far_end_is_told_its_share_of_the_way_down() -> None:
    video = SECTION.replace("m=audio", "m=video").replace("a=mid:0", "a=mid:1")
    ours = GOOD + "a=fmtp:96 stereo=0;maxaveragebitrate=28000\n" + video
    assert sdp.with_share(ours, Line()) == ours, "nothing is known of it"
    told = sdp.with_share(ours, Line.of_kbit(down=512)).splitlines()
    (most,) = [int(line[7:]) for line in told if line.startswith("b=TIAS:")]
    assert 350_000 < most < 0.9 * 512_000, "speech and headroom are left out of it"
    (with_headers,) = [int(line[5:]) for line in told if line.startswith("b=AS:")]
    assert 1.04 * most < with_headers * 1000 < 1.08 * most, "headers as far as IP's"
    assert told.index(f"b=TIAS:{most}") > told.index("a=mid:0"), "it is the video's"
    assert "a=fmtp:96 stereo=0;maxaveragebitrate=24000" in told
    assert "a=ptime:20" in told
    thin = sdp.with_share(ours, Line.of_kbit(down=128))
    assert "maxaveragebitrate=16000" in thin
    assert "a=ptime:60" in thin


@pytest.mark.parametrize(
    ("video_down", "packet_ms", "down"),
    [(600, 20, None), (150, 40, None), (60, 60, None), (60, 60, 4000), (600, 60, 128)],
)
def test_the_length_of_far_packets_of_speech_goes_by_the_least_that_is_known(
    video_down: int, packet_ms: int, down: int | None
) -> None:
    line = Line.of_kbit(down=down)
    line.share(
        BudgetCard(
            picture="small", audio_kbit_s=24, video_up_kbit_s=60, video_down_kbit_s=video_down
        )
    )
    told = sdp.with_share(GOOD + "a=fmtp:96 maxaveragebitrate=28000\n", line)
    assert f"a=ptime:{packet_ms}\r\n" in told
    thin = down == 128
    assert f"maxaveragebitrate={16_000 if thin else 24_000}" in told, (
        "the hub's part of speech stays"
    )
    assert "b=" not in told, "what may rise is no word of the description's"


def share_told(line: Line) -> tuple[int, int, int]:
    """Bits a second of picture and of speech, and milliseconds of a packet of speech."""
    video = SECTION.replace("m=audio", "m=video").replace("a=mid:0", "a=mid:1")
    told = sdp.with_share(GOOD + "a=fmtp:96 maxaveragebitrate=28000\n" + video, line)
    found = [re.search(rf"{name}[:=](\d+)", told) for name in ("TIAS", "bitrate", "ptime")]
    picture, speech, packet_ms = (int(match[1]) for match in found if match)
    return picture, speech, packet_ms


@pytest.mark.parametrize("cells", [False, True])
@pytest.mark.parametrize("down", [64, 84, 128, 256, 512, 1000])
@pytest.mark.parametrize("pictures_a_second", [10, 15, 25])
def test_who_sends_all_of_its_share_fits_the_way_down(
    cells: bool, down: int, pictures_a_second: int
) -> None:
    line = Line.of_kbit(down=down, cells=cells)
    picture, speech, packet_ms = share_told(line)
    octets = picture / 8 / pictures_a_second
    packets = max(1, math.ceil(octets / 1100))
    spent = packets * line.framing.media_octets(round(octets / packets)) * 8 * pictures_a_second
    spent *= picture > 0
    spent += line.framing.media_octets(round(speech * packet_ms / 8000)) * 8000 / packet_ms
    assert spent <= down * 1000


@pytest.mark.parametrize(("down", "cells"), [(1, False), (36, False), (58, False), (80, True)])
def test_a_share_that_no_browser_can_keep_is_none(down: int, cells: bool) -> None:
    assert share_told(Line.of_kbit(down=down, cells=cells))[0] == 0


@pytest.mark.parametrize(("down", "cells"), [(64, False), (90, True)])
def test_the_least_that_a_browser_makes_has_its_share(down: int, cells: bool) -> None:
    assert 22_000 <= share_told(Line.of_kbit(down=down, cells=cells))[0] < 30_000


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (GOOD, " \n", "is empty"),
        (GOOD, "hello", "line 1 is not of the form"),
        (GOOD, "a=b\n", "does not begin with v=0"),
        (GOOD, "v=0\ns=-\n", "has no media section"),
        ("m=audio 9", "m=application 9", "neither audio nor video"),
        ("m=audio 9", "m=text 9", "neither audio nor video"),
        ("m=audio 9", "m=audio 99999", "no valid port"),
        ("m=audio 9", "m=audio 0", "switched off"),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP", "transport"),
        ("a=rtpmap:96 opus/48000/2\n", "", "names no codec"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:é", "ice-ufrag"),
        ("a=ice-pwd:abcdefghijklmnopqrstuv", "a=ice-pwd:short", "ice-pwd"),
        ("sha-256", "sha-1", "fingerprint"),
        ("a=setup:actpass", "a=setup:holdconn", "setup"),
        ("a=rtcp-mux\n", "", "rtcp-mux"),
        ("a=mid:0\n", "", "no a=mid"),
        ("s=-\n", "s=-\na=group:BUNDLE 1\n", "a=group:BUNDLE names"),
        ("a=mid:0", "a=mid:0\n" + "a=x:" + "y" * 60_000, "longer than"),
        ("a=mid:0", "a=mid:\x00", "not of the form"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(old: str, new: str, sentence: str) -> None:
    with pytest.raises(SdpRefused, match=sentence) as caught:
        sdp.check(GOOD.replace(old, new))
    assert caught.value.code == "sdp_refused"


def test_too_many_sections_are_refused() -> None:
    with pytest.raises(SdpRefused, match="more than 8 media sections"):
        sdp.check(GOOD + SECTION.format(fingerprint=":".join(["AB"] * 32)) * 8)


def test_candidates_are_taken_out_with_their_section() -> None:
    text = GOOD + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\na=end-of-candidates\n"
    bare, candidates = sdp.without_candidates(text)
    assert candidates == [(0, "candidate:1 1 udp 1 192.0.2.1 9 typ host")]
    assert "candidate" not in bare


AUDIO = re.compile(r"^m=audio \d+ \S+ (.+)$", re.MULTILINE)


@pytest.mark.parametrize(
    ("down", "red_first"), [(None, False), (384, False), (512, True), (18_000, True)]
)
async def test_a_wide_way_down_is_to_bring_speech_twice(down: int | None, red_first: bool) -> None:
    devices = DeviceSet.open("none", "none", "none", lambda _cards: None)
    line = Line.of_kbit(down=down)
    session = MediaSession(
        devices, show=lambda _frame: None, on_event=lambda _event: None, line=line
    )
    far = RTCPeerConnection()
    far.addTransceiver("audio")
    await far.setLocalDescription()
    offer = far.localDescription.sdp.replace("a=rtpmap:63 red", "a=rtpmap:121 red")
    offer = AUDIO.sub(lambda found: found[0].replace(" 63", " 121"), offer)
    answer = await session.answer(1, offer, [])
    match = AUDIO.search(answer)
    assert match is not None
    (opus,) = re.findall(r"a=rtpmap:(\d+) opus/48000/2", answer)
    assert match[1].split() == (["121", opus] if red_first else [opus])
    assert (f"a=fmtp:121 {opus}/{opus}" in answer.splitlines()) == red_first
    assert (":121 " in answer) == red_first
    assert await session.answer(2, offer.replace("a=rtpmap:121 red", "a=rtpmap:121 pcm"), [])
    await session.close()
    await far.close()
    devices.close()


async def test_our_offers_leave_it_out() -> None:
    devices = DeviceSet.open("none", "synthetic", "none", lambda _cards: None)
    end = Generation(
        1, devices, show=lambda _frame: None, on_event=lambda _event: None,
        line=Line.of_kbit(down=18_000),
    )  # fmt: skip
    offer = await end.offer()
    assert "a=rtpmap:96 opus" in offer
    assert "red/48000" not in offer
    match = AUDIO.search(offer)
    assert match is not None
    assert match[1].split() == ["96"]
    await end.close()
    devices.close()


def test_who_offers_it_first_still_gets_numbered_speech() -> None:
    number = RTCRtpHeaderExtensionParameters(id=5, uri=EXTENSION_URI)
    red, opus = (
        RTCRtpCodecParameters(mimeType=f"audio/{name}", clockRate=48_000, channels=2, payloadType=n)
        for name, n in (("red", 63), ("opus", 111))
    )
    opus.rtcpFeedback = [RTCRtcpFeedback(type="transport-cc")]
    for codecs in ([red, opus], [opus, red]):
        assert answers_transport_wide(RTCRtpParameters(codecs=codecs, headerExtensions=[number]))
    assert not answers_transport_wide(RTCRtpParameters(codecs=[red], headerExtensions=[number]))


def test_what_was_not_agreed_upon_stays_out() -> None:
    assert sdp.with_redundancy(GOOD, wanted=True) == GOOD


async def test_mutated_offers_are_answered_or_refused_and_never_break_anything() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)  # shown when the test fails
    dice = random.Random(seed)
    devices = DeviceSet.open("none", "none", "none", lambda _cards: None)
    session = MediaSession(devices, show=lambda _frame: None, on_event=lambda _event: None)
    far = RTCPeerConnection()
    far.addTransceiver("audio")
    far.addTransceiver("video")
    await far.setLocalDescription()
    offer = far.localDescription.sdp
    sentences: set[str] = set()
    outcomes = {"answered": 0, "refused": 0}
    for generation in range(1, 151):
        try:
            await session.answer(generation, mutated(offer, dice), [])
            outcomes["answered"] += 1
        except SdpRefused as refusal:
            sentences.add(refusal.detail)
            outcomes["refused"] += 1
    assert "" not in sentences
    assert all(outcomes.values()), outcomes
    assert "m=audio" in await session.answer(151, offer, []), "still able to work"
    await session.close()
    await far.close()
    devices.close()


def mutated(text: str, dice: random.Random) -> str:
    lines = text.splitlines()
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(lines))
        match dice.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[dice.randrange(len(lines))])
            case 2:
                lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
            case 3:
                place = dice.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:place] + dice.choice("0 9:-=\t;é\x7f~") + lines[at][place:]
            case 4:
                other = dice.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 5:
                words = lines[at].split(" ")
                words[dice.randrange(len(words))] = str(dice.randrange(-1, 2**40))
                lines[at] = " ".join(words)
    return "\r\n".join(lines) + "\r\n"
