"""Session descriptions from the network: what is wrong with them, in a sentence. Pure."""

from __future__ import annotations

import re

from kiosk.rtc.errors import SdpRefused
from kiosk.rtc.line import Line
from kiosk.rtc.sending.sharing import Sharer

MOST_OCTETS = 40_000
_LINE = re.compile(r"^[a-z]=[^\x00-\x08\x0e-\x1f]*$")
_FINGERPRINT = re.compile(r"^sha-(256|384|512) ([0-9A-Fa-f]{2})(:[0-9A-Fa-f]{2}){31,63}$")
_UFRAG = re.compile(r"^[A-Za-z0-9+/]{4,256}$")
_PASSWORD = re.compile(r"^[A-Za-z0-9+/]{22,256}$")
_MOST_SECTIONS = 8
_SPEECH_RATE = re.compile(r"maxaveragebitrate=\d+")


def check(sdp: str) -> None:
    """Refuse what cannot become a call with this kiosk (RFC 8866, RFC 9429).

    Raises:
        SdpRefused: with one sentence about the first thing found.
    """
    if not sdp.strip():
        raise SdpRefused("the session description is empty")
    if len(sdp.encode("utf-8", "replace")) > MOST_OCTETS:
        raise SdpRefused(f"the session description is longer than {MOST_OCTETS} octets")
    lines = sdp.replace("\r\n", "\n").rstrip("\n").split("\n")
    for number, line in enumerate(lines, 1):
        if not _LINE.match(line):
            raise SdpRefused(f"line {number} is not of the form x=value")
    if not lines[0].startswith("v=0"):
        raise SdpRefused("the session description does not begin with v=0")
    session, sections = _sections(lines)
    if not sections:
        raise SdpRefused("the session description has no media section")
    if len(sections) > _MOST_SECTIONS:
        raise SdpRefused(f"the session description has more than {_MOST_SECTIONS} media sections")
    if not any(section[0].startswith(("m=audio ", "m=video ")) for section in sections):
        raise SdpRefused("the session description has neither audio nor video")
    for section in sections:
        _check_section(session, section)
    _check_bundle(session, sections)


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
    _, sections = _sections(sdp.splitlines())
    return any(
        section[0].startswith(("m=audio ", "m=video "))
        and not {"a=recvonly", "a=inactive"} & set(section)
        for section in sections
    )


def with_share(sdp: str, line: Line) -> str:
    """Our description with what the far end may send us (RFC 8866 §5.8, RFC 3890, RFC 7587 §6.1).

    Unchanged where nothing is known of the way down.
    """
    if line.far_most_bit_s is None:
        return sdp
    far = Sharer(line.framing).share(line.far_most_bit_s, 0.0, line.far_most_bit_s, 0.0)
    told: list[str] = []
    kind = ""
    for text in sdp.splitlines():
        if text.startswith("m="):
            kind = text[2:].split(" ", 1)[0]
        elif kind == "audio" and text.startswith("a=fmtp:"):
            text = _SPEECH_RATE.sub(f"maxaveragebitrate={far.sound.bit_s}", text)
        told.append(text)
        if text.startswith("c=") and kind == "video":
            bit_s = round(far.video_bit_s)
            told += [f"b=AS:{max(1, bit_s // 1000)}", f"b=TIAS:{bit_s}"]
        elif text.startswith("c=") and kind == "audio":
            told.append(f"a=ptime:{far.sound.packet_ms}")
    return "\r\n".join(told) + "\r\n"


def kinds(sdp: str) -> set[str]:
    """The kinds of media described: `audio`, `video`, `application`."""
    return {line[2:].split(" ", 1)[0] for line in sdp.splitlines() if line.startswith("m=")}


def _sections(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    session: list[str] = []
    sections: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        (sections[-1] if sections else session).append(line)
    return session, sections


def _check_section(session: list[str], section: list[str]) -> None:
    kind = section[0][2:].split(" ", 1)[0]
    parts = section[0].split(" ")
    if kind not in ("audio", "video", "application"):
        raise SdpRefused(f"media of kind {kind[:20]!r} is not known")
    if len(parts) < 4 or not parts[1].isdecimal() or int(parts[1]) > 65535:
        raise SdpRefused(f"the {kind} section has no valid port and format")
    if parts[1] == "0" and "a=bundle-only" not in section:
        raise SdpRefused(f"the {kind} section is switched off (port 0)")
    if not _UFRAG.match(_value(session, section, "ice-ufrag")):
        raise SdpRefused(f"the {kind} section has no valid a=ice-ufrag")
    if not _PASSWORD.match(_value(session, section, "ice-pwd")):
        raise SdpRefused(f"the {kind} section has no valid a=ice-pwd")
    if not _FINGERPRINT.match(_value(session, section, "fingerprint")):
        raise SdpRefused(f"the {kind} section has no a=fingerprint of SHA-256 or better")
    if _value(session, section, "setup") not in ("actpass", "active", "passive"):
        raise SdpRefused(f"the {kind} section has no valid a=setup")
    if kind != "application" and "a=rtcp-mux" not in section:
        raise SdpRefused(f"the {kind} section does not multiplex RTCP (a=rtcp-mux)")


def _check_bundle(session: list[str], sections: list[list[str]]) -> None:
    mids = [_value([], section, "mid") for section in sections]
    if "" in mids or len(set(mids)) < len(mids):
        raise SdpRefused("a media section has no a=mid of its own")
    group = next((line for line in session if line.startswith("a=group:BUNDLE")), None)
    if group is not None and not set(group.split()[1:]) <= set(mids):
        raise SdpRefused("a=group:BUNDLE names a media section that is not there")


def _value(session: list[str], section: list[str], name: str) -> str:
    start = f"a={name}:"
    for line in (*section, *session):
        if line.startswith(start):
            return line.removeprefix(start).strip()
    return ""
