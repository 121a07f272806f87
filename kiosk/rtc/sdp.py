"""Session descriptions from the network: what is wrong with them, in a sentence. Pure."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from kiosk.rtc.errors import SdpRefused
from kiosk.rtc.line import MOST_BIT_S, Line
from kiosk.rtc.sending.framing import PLAIN
from kiosk.rtc.sending.sharing import Sharer, Target
from signaling.protocol.descriptions import Nonsense, check_description, sections_of

_LEAST_PICTURE_BIT_S = 22_000
"""A smaller share is none: browsers' encoders make 30 kbit/s at the least (libwebrtc,
kEncoderMinBitrateKbps), and from this share on even that and speech fit the whole way down."""
_REDUNDANT_FROM_BIT_S = 400_000
"""Of the far end's share: from here on its speech once more, 26 kbit/s, is within what settings (a
tenth, line.py) and the hub (15 %, visiohub.linkquality.budget) leave of the line for what nobody
counts. That stays so when the share falls for a second call's sake."""
_SPEECH_RATE = re.compile(r"maxaveragebitrate=\d+")
_FORMAT = re.compile(r"^a=rtpmap:(\d+) (opus|red)/48000/2", re.MULTILINE | re.IGNORECASE)


def check(sdp: str) -> None:
    """Refuse what cannot become a call with this kiosk.

    Raises:
        SdpRefused: with one sentence about the first thing found.
    """
    try:
        check_description(sdp)
    except Nonsense as error:
        raise SdpRefused(str(error)) from error


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Whatever a parser trips over inside becomes SdpRefused: aiortc's raise what comes."""
    try:
        yield
    except Exception as error:
        raise SdpRefused(f"the session description was not understood ({error})") from error


def without_candidates(sdp: str) -> tuple[str, list[tuple[int, str]]]:
    """The description without its candidates, and these with their section's index.

    They are added afterwards, one by one: a name that does not resolve must not delay the answer.
    """
    kept: list[str] = []
    candidates: list[tuple[int, str]] = []
    index = -1
    for line in sdp.splitlines():
        if line.startswith("m="):
            index += 1
        if line.startswith("a=candidate:"):
            candidates.append((index, line.removeprefix("a=")))
        elif line != "a=end-of-candidates":
            kept.append(line)
    return "\r\n".join(kept) + "\r\n", candidates


def sends(sdp: str) -> bool:
    """Whether the describer means to send sound or picture."""
    _, sections = sections_of(sdp.splitlines())
    return any(
        section[0].startswith(("m=audio ", "m=video "))
        and not {"a=recvonly", "a=inactive"} & set(section)
        for section in sections
    )


def with_share(sdp: str, line: Line) -> str:
    """Our description with what the far end may send us (RFC 8866 §5.8, RFC 7587 §6.1).

    A browser keeps to it for as long as the connection lives, whatever it is told later. So of the
    picture it says what settings leave, which nothing raises; what the hub shares out, which rises
    and falls, its `call_budget` tells the page (PROTOCOL.md §10.4). Of speech the hub's part is in
    it too: that one stays the same for a whole call. How long its packets are goes by the least
    that is known: nothing else tells a page, and should the share rise, 40 ms are all it costs.

    b=TIAS leaves lower layers out (RFC 3890 §6.2), and browsers take it for what their encoder may
    make, so it is the payload alone; 0: no room for a picture, the call page sends sound alone.
    b=AS counts RTP, UDP and IP (RFC 3550 §6.2), but not cells. Unchanged where nothing is known of
    the way down.
    """
    if line.far_most_bit_s is None:
        return sdp
    far = far_share(line, line.far_fixed_bit_s or MOST_BIT_S)
    packet_ms = far_share(line, line.far_most_bit_s).sound.packet_ms
    told: list[str] = []
    kind = ""
    for text in sdp.splitlines():
        if text.startswith("m="):
            kind = text[2:].split(" ", 1)[0]
        elif kind == "audio" and text.startswith("a=fmtp:"):
            text = _SPEECH_RATE.sub(f"maxaveragebitrate={far.sound.bit_s}", text)
        told.append(text)
        if text.startswith("c=") and kind == "video" and line.far_fixed_bit_s is not None:
            told += _picture_bounds(far)
        elif text.startswith("c=") and kind == "audio":
            told.append(f"a=ptime:{packet_ms}")
    return "\r\n".join(told) + "\r\n"


def far_share(line: Line, most_bit_s: float) -> Target:
    """How the far end should split `most_bit_s` of the way down."""
    most_bit_s = min(MOST_BIT_S, most_bit_s)
    return Sharer(line.framing).share(
        most_bit_s, 0.0, most_bit_s, 0.0, speech_most_bit_s=line.speech_most_bit_s
    )


def _picture_bounds(far: Target) -> list[str]:
    bit_s = round(far.video_encoder_bit_s)
    if bit_s < _LEAST_PICTURE_BIT_S:
        bit_s = 0
    with_headers = bit_s * PLAIN.media_octets(far.payload_octets) / far.payload_octets
    return [f"b=AS:{round(with_headers / 1000)}", f"b=TIAS:{bit_s}"]


def with_redundancy(sdp: str, *, wanted: bool) -> str:
    """Our description, by which the far end's packets of speech carry the one before, or do not.

    The first format is what the far end sends (RFC 3264 §6.1); "111/111" says of what (RFC 2198
    §5). Unchanged where it was not agreed upon.
    """
    formats = {name.lower(): number for number, name in _FORMAT.findall(sdp)[::-1]}
    red, opus = formats.get("red"), formats.get("opus")
    if red is None:
        return sdp
    kept = []
    for text in sdp.splitlines():
        if text.startswith("m=audio "):
            media = [word for index, word in enumerate(text.split()) if index < 3 or word != red]
            text = " ".join([*media[:3], *[red] * wanted, *media[3:]])
        if wanted or not re.match(rf"a=(rtpmap|fmtp|rtcp-fb):{red} ", text):
            kept.append(text)
        if wanted and text.startswith(f"a=rtpmap:{red} "):
            kept.append(f"a=fmtp:{red} {opus}/{opus}")
    return "\r\n".join(kept) + "\r\n"


def takes_redundancy(line: Line) -> bool:
    """Whether the way down has room for the far end's speech twice."""
    return (line.far_most_bit_s or 0.0) >= _REDUNDANT_FROM_BIT_S


def kinds(sdp: str) -> set[str]:
    """The kinds of media described: `audio`, `video`, `application`."""
    return {line[2:].split(" ", 1)[0] for line in sdp.splitlines() if line.startswith("m=")}
