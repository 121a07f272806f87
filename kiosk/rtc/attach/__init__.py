"""The one place that reaches into private parts of aiortc, aioice and av.

They are pinned to a minor version in pyproject.toml, and `self_check` compares what is relied on
here with what is installed, so that a change is found at start and not in a call. What is
attached, and why, is said at each class.
"""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

import asyncio
import functools
import threading
import types
from collections.abc import Callable, Sequence
from typing import Any, cast

import aioice.ice
import aiortc.codecs
import aiortc.rtcdtlstransport
import aiortc.rtcicetransport
import aiortc.rtcpeerconnection
import aiortc.rtcrtpreceiver
from aiortc import RTCPeerConnection, RTCRtpCodecCapability
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpHeaderExtensionParameters

from kiosk.rtc.attach.arrivals import KioskStreamStatistics
from kiosk.rtc.attach.checks import self_check
from kiosk.rtc.attach.codecs import add_codecs, codec_entries, redundant_types
from kiosk.rtc.attach.connection import KioskConnection
from kiosk.rtc.attach.decoding import decode
from kiosk.rtc.attach.newest import NewestTrack
from kiosk.rtc.attach.receiving import KioskReceiver
from kiosk.rtc.attach.sender import KioskSender
from kiosk.rtc.attach.stamping import KioskStunProtocol
from kiosk.rtc.attach.transport import KioskDtlsTransport
from kiosk.rtc.coding import av1
from kiosk.rtc.errors import AttachError
from kiosk.rtc.far import FarEnd
from kiosk.rtc.ice import choose
from kiosk.rtc.line import Line
from kiosk.rtc.sending.playout import PLAYOUT_URI
from kiosk.rtc.sending.twcc import EXTENSION_URI
from signaling.protocol.cards import IceServer

__all__ = [
    "codec_preferences",
    "codecs",
    "inbound",
    "install",
    "prepare",
    "ready",
    "refresh",
    "round_trip_s",
    "self_check",
]

_FAR_SPEECH_BIT_S = 28_000
"""What the far end's speech may take where nothing is known of the line."""
_NUMBER_ID = 5
"""Of the transport-wide number's header extension, where we offer."""
_FAR_WAITS_S = 0.3
"""With its transport-wide feedback, at most."""
_PLAYOUT_ID = 6
"""Of the playout delay's, there."""


@functools.cache
def install() -> None:
    """Check the libraries, then put the kiosk's parts in their place; once per process.

    Raises:
        AttachError: see `self_check`.
    """
    self_check()
    _replace(aiortc.rtcicetransport, "Connection", KioskConnection)
    _replace(aioice.ice, "StunProtocol", KioskStunProtocol)
    _replace(aiortc.rtcpeerconnection, "RTCDtlsTransport", KioskDtlsTransport)
    _replace(aiortc.rtcpeerconnection, "RTCRtpReceiver", KioskReceiver)
    _replace(aiortc.rtcpeerconnection, "RTCRtpSender", KioskSender)
    _replace(aiortc.rtcpeerconnection, "RemoteStreamTrack", NewestTrack)
    _replace(aiortc.rtcrtpreceiver, "StreamStatistics", KioskStreamStatistics)
    _replace(aiortc.rtcrtpreceiver, "decoder_worker", decode)
    # A decoder thread that is not a daemon keeps a crashed kiosk from ending.
    daemon = functools.partial(threading.Thread, daemon=True)
    _replace(
        aiortc.rtcrtpreceiver,
        "threading",
        types.SimpleNamespace(Thread=daemon, Event=threading.Event),
    )
    # Opus alone: every WebRTC endpoint has it (RFC 7874 §3), our sound buffer knows no other but
    # several of its packets in one.
    opus = aiortc.codecs.CODECS["audio"][0]
    aiortc.codecs.CODECS["audio"][:] = [opus]
    # Ask the far end for speech in mono: a thin line has no room for its 96 kbit/s stereo. Spare
    # copies (RFC 7587 §6.1) and packets sent again mend what is lost.
    opus.parameters.update({
        "stereo": "0", "maxaveragebitrate": str(_FAR_SPEECH_BIT_S), "minptime": "10",
        "useinbandfec": "1",
    })  # fmt: skip
    opus.rtcpFeedback.append(RTCRtcpFeedback(type="nack"))
    add_codecs()
    _negotiate_feedback()
    playout = RTCRtpHeaderExtensionParameters(id=_PLAYOUT_ID, uri=PLAYOUT_URI)
    aiortc.codecs.HEADER_EXTENSIONS["video"].append(playout)
    # The first certificate loads the cryptography (10 ms); a call must not wait for that.
    aiortc.rtcdtlstransport.RTCCertificate.generateCertificate()
    av1.unavailable()  # the same: its encoder is tried once


def _negotiate_feedback() -> None:
    """Transport-wide numbers and feedback for all that is sent either way.

    aiortc's REMB stays offered for far ends that know nothing newer; where the other is agreed upon
    none is sent (`KioskReceiver.receive`).
    """
    number = RTCRtpHeaderExtensionParameters(id=_NUMBER_ID, uri=EXTENSION_URI)
    for kind, codecs in aiortc.codecs.CODECS.items():
        aiortc.codecs.HEADER_EXTENSIONS[kind].append(number)
        for codec in codecs:
            if codec.name.lower() != "rtx":
                codec.rtcpFeedback.append(RTCRtcpFeedback(type="transport-cc"))


def _replace(module: types.ModuleType, name: str, value: object) -> None:
    if not hasattr(module, name):
        raise AttachError(f"{module.__name__} no longer has {name}")
    setattr(module, name, value)


def prepare(
    pc: RTCPeerConnection,
    servers: Sequence[IceServer],
    *,
    relay_only: bool,
    on_candidate: Callable[[str], None],
    on_rtp: Callable[[], None],
    line: Line,
    far: FarEnd,
) -> None:
    """Before the local description is set: servers, policy, and who gets and is told what."""
    for receiver in pc.getReceivers():
        if isinstance(receiver, KioskReceiver):
            receiver.connect(far, functools.partial(round_trip_s, pc), line)
    far.sound.redundant = redundant_types(c for t in pc.getTransceivers() for c in t._codecs)
    stun_servers, turn_servers = choose(servers)
    for transport in _transports(pc):
        transport.on_rtp = on_rtp
        transport.use(line)
        connection = _connection(transport)
        connection.stun_servers = stun_servers
        connection.turn_servers = turn_servers
        connection.on_candidate = on_candidate
        if relay_only:
            connection.relay_only()


def ready(pc: RTCPeerConnection) -> None:
    """Both descriptions are known: what sending needs is opened while the connection is made."""
    for transceiver in pc.getTransceivers():
        if transceiver.currentDirection in ("sendonly", "sendrecv"):
            names = [codec.name for codec in transceiver._codecs if not is_rtx(codec)]
            cast("KioskSender", transceiver.sender).ready(names)


def refresh(pc: RTCPeerConnection) -> None:
    """After a silence: send a whole picture. The receivers ask for theirs by themselves."""
    for transceiver in pc.getTransceivers():
        if transceiver.kind == "video":
            transceiver.sender._send_keyframe()


def inbound(pc: RTCPeerConnection) -> list[dict[str, Any]]:
    """RTCInboundRtpStreamStats of what arrives; nothing before the first packet."""
    receivers = [r for r in pc.getReceivers() if isinstance(r, KioskReceiver)]
    return [entry for entry in (receiver.statistics() for receiver in receivers) if entry]


def round_trip_s(pc: RTCPeerConnection) -> float | None:
    """The round trip now, in seconds; None before it was measured.

    Feedback's, which is of now, without what the far end waited with it: so STUN's where it is a
    little less. That one may be 6 s old, of a line that was busy then, or was not yet.
    """
    for transport in _transports(pc):
        told, asked = transport.uplink.control.round_trip_s, _connection(transport).round_trip_s
        if told is None or asked is None:
            return asked if told is None else told
        return asked if 0 <= told - asked <= _FAR_WAITS_S else told
    return None


def codecs(pc: RTCPeerConnection) -> list[dict[str, Any]]:
    """RTCCodecStats of all that were agreed upon."""
    return codec_entries(c for t in pc.getTransceivers() if t.mid is not None for c in t._codecs)


def codec_preferences(kind: str, names: Sequence[str]) -> list[RTCRtpCodecCapability]:
    """aiortc's capabilities for these codec names (`VP8`, `H264`), resending included."""
    capabilities = aiortc.codecs.get_capabilities(kind).codecs
    wanted = [name.lower() for name in names]
    chosen = [c for c in capabilities if c.name.lower() in wanted]
    chosen.sort(key=lambda c: wanted.index(c.name.lower()))
    return chosen + [c for c in capabilities if c.name.lower() == "rtx"]


def rebudget(pc: RTCPeerConnection, line: Line) -> None:
    """What the line gives this connection has changed."""
    budget = line.budget(asyncio.get_running_loop().time())
    for transport in _transports(pc):
        transport.uplink.control.budget(budget)


def _transports(pc: RTCPeerConnection) -> list[KioskDtlsTransport]:
    found = {id(t.receiver.transport): t.receiver.transport for t in pc.getTransceivers()}
    return [transport for transport in found.values() if isinstance(transport, KioskDtlsTransport)]


def _connection(transport: KioskDtlsTransport) -> KioskConnection:
    connection = transport.transport.iceGatherer._connection
    if not isinstance(connection, KioskConnection):
        raise AttachError("the connection was made before install()")
    return connection
