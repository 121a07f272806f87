"""What a WebRTC session description must have (PROTOCOL.md §8.3), for hub and kiosk. Pure."""

from __future__ import annotations

import re
from typing import Final

MAX_SDP_OCTETS: Final = 60_000
"""UTF-8 octets of a description: leaves room in the frame for what the hub adds to it."""

_LINE = re.compile(r"^[a-z]=[^\x00-\x08\x0e-\x1f]*$")
_FINGERPRINT = re.compile(r"^sha-(256|384|512) ([0-9A-Fa-f]{2})(:[0-9A-Fa-f]{2}){31,63}$")
_UFRAG = re.compile(r"^[A-Za-z0-9+/]{4,256}$")
_PASSWORD = re.compile(r"^[A-Za-z0-9+/]{22,256}$")
_MOST_SECTIONS = 8


class Nonsense(ValueError):  # noqa: N818 - what it is; both programs give it an error of their own
    """A description that cannot become a call; the text is one sentence about the first fault."""


def check_description(sdp: str) -> None:
    """Refuse what cannot become a call (RFC 8866 §5, RFC 8839 §5, RFC 8122 §5, RFC 9429 §5).

    Raises:
        Nonsense: with one sentence about the first thing found.
    """
    if not sdp.strip():
        raise Nonsense("the session description is empty")
    if len(sdp.encode("utf-8", "replace")) > MAX_SDP_OCTETS:
        raise Nonsense(f"the session description is longer than {MAX_SDP_OCTETS} octets")
    lines = sdp.replace("\r\n", "\n").rstrip("\n").split("\n")
    for number, line in enumerate(lines, 1):
        if not _LINE.match(line):
            raise Nonsense(f"line {number} is not of the form x=value")
    if not lines[0].startswith("v=0"):
        raise Nonsense("the session description does not begin with v=0")
    session, sections = sections_of(lines)
    if not sections:
        raise Nonsense("the session description has no media section")
    if len(sections) > _MOST_SECTIONS:
        raise Nonsense(f"the session description has more than {_MOST_SECTIONS} media sections")
    if not any(section[0].startswith(("m=audio ", "m=video ")) for section in sections):
        raise Nonsense("the session description has neither audio nor video")
    for section in sections:
        _check_section(session, section)
    _check_bundle(session, sections)


def sections_of(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    """The lines of the session, and those of each media section."""
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
        raise Nonsense(f"media of kind {kind[:20]!r} is not known")
    if len(parts) < 4 or not parts[1].isdecimal() or int(parts[1]) > 65535:
        raise Nonsense(f"the {kind} section has no valid port and format")
    if not parts[2].endswith("DTLS/SCTP" if kind == "application" else "RTP/SAVPF"):
        raise Nonsense(f"the {kind} section has a transport that is not WebRTC's")
    if kind != "application" and not any(
        line.startswith(f"a=rtpmap:{format_} ") for line in section for format_ in parts[3:]
    ):
        raise Nonsense(f"the {kind} section names no codec (a=rtpmap)")
    if parts[1] == "0" and "a=bundle-only" not in section:
        raise Nonsense(f"the {kind} section is switched off (port 0)")
    if not _UFRAG.match(_value(session, section, "ice-ufrag")):
        raise Nonsense(f"the {kind} section has no valid a=ice-ufrag")
    if not _PASSWORD.match(_value(session, section, "ice-pwd")):
        raise Nonsense(f"the {kind} section has no valid a=ice-pwd")
    if not _FINGERPRINT.match(_value(session, section, "fingerprint")):
        raise Nonsense(f"the {kind} section has no a=fingerprint of SHA-256 or better")
    if _value(session, section, "setup") not in ("actpass", "active", "passive"):
        raise Nonsense(f"the {kind} section has no valid a=setup")
    if kind != "application" and "a=rtcp-mux" not in section:
        raise Nonsense(f"the {kind} section does not multiplex RTCP (a=rtcp-mux)")


def _check_bundle(session: list[str], sections: list[list[str]]) -> None:
    mids = [_value([], section, "mid") for section in sections]
    if "" in mids or len(set(mids)) < len(mids):
        raise Nonsense("a media section has no a=mid of its own")
    group = next((line for line in session if line.startswith("a=group:BUNDLE")), None)
    if group is not None and not set(group.split()[1:]) <= set(mids):
        raise Nonsense("a=group:BUNDLE names a media section that is not there")


def _value(session: list[str], section: list[str], name: str) -> str:
    start = f"a={name}:"
    for line in (*section, *session):
        if line.startswith(start):
            return line.removeprefix(start).strip()
    return ""
