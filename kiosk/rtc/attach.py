"""The one place that reaches into private parts of aiortc, aioice and av.

They are pinned to a minor version in pyproject.toml, and `self_check` compares what is relied on
here with what is installed, so that a change is found at start and not in a call. What is
attached, and why, is said at each class below; research figures stand beside the rules.
"""
# ruff: noqa: SLF001 - reaching into private parts is what this module is for

from __future__ import annotations

import asyncio
import functools
import importlib.metadata
import inspect
import queue
import random
import threading
import time
import types
from collections.abc import Callable, Sequence
from typing import Any

import aioice.ice
import aiortc.codecs
import aiortc.rtcdtlstransport
import aiortc.rtcicetransport
import aiortc.rtcpeerconnection
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import av
import structlog
from aioice import stun
from aiortc import RTCPeerConnection, RTCRtpCodecCapability
from aiortc.codecs import h264, opus, vpx
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtp import RtpPacket
from aiortc.sdp import candidate_to_sdp

from kiosk.rtc.errors import AttachError
from kiosk.rtc.ice import StunServer, TurnServer, choose
from kiosk.rtc.order import (
    FAR_AHEAD,
    AudioOrder,
    VideoOrder,
    h264_key_start,
    vp8_key_start,
)
from kiosk.rtc.rate import Aim, Limits
from signaling.protocol.cards import IceServer

log = structlog.get_logger(__name__)

CONSENT_LASTS_S = 30.0
"""RFC 7675 §5.1: consent ends 30 s after the last valid answer, however late that came."""
RELAY_WAIT_S = 3.0
"""How long an answer waits for a relay when nothing but a relay may be used."""
TURN_STEP_S = 1.0
"""How long one way to a TURN server is tried alone before the next joins in."""
OPUS_BIT_S = 28_000
_MOST_UNDECODED = 30
_VERSIONS = {"aiortc": "1.16", "aioice": "0.13", "av": "18.1"}

# --- what must be as it was ------------------------------------------------------------------

_SIGNATURES: list[tuple[Any, str, str]] = [
    (aioice.ice.Connection, "query_consent", "self"),
    (aioice.ice.Connection, "get_component_candidates", "self component addresses timeout"),
    (aioice.ice.Connection, "_remote_candidates_expected", "self"),
    (aioice.ice.Connection, "_check_list_maybe_fail", "self"),
    (aioice.ice.Connection, "_find_pair", "self protocol remote_candidate"),
    (aioice.ice.Connection, "build_request", "self pair nominate"),
    (aioice.ice.Connection, "check_start_task", "self pair"),
    (aioice.ice.Connection, "sort_check_list", "self"),
    (aioice.ice.Connection, "close", "self"),
    (aioice.ice.StunProtocol, "send_stun", "self message addr"),
    (aioice.ice, "server_reflexive_candidate", "protocol stun_server"),
    (
        aioice.ice,
        "relayed_candidate",
        "component hide_related_address protocol_factory turn_server turn_username turn_password"
        " turn_ssl turn_transport",
    ),
    (aiortc.rtcicetransport, "candidate_from_aioice", "x"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_recv_next", "self"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_handle_rtp_data", "self data arrival_time_ms"),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver, "__init__", "self kind transport"),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver, "_send_rtcp_pli", "self media_ssrc"),
    (aiortc.rtcrtpreceiver.NackGenerator, "add", "self packet"),
    (aiortc.rtcrtpreceiver.TimestampMapper, "map", "self timestamp"),
    (aiortc.rtcrtpreceiver.RemoteStreamTrack, "__init__", "self kind id"),
    (aiortc.rtcrtpreceiver, "get_decoder", "codec"),
    (aiortc.rtcrtpsender, "get_encoder", "codec"),
    (aiortc.rtcrtpsender.RTCRtpSender, "_send_keyframe", "self"),
    (vpx.Vp8Encoder, "encode", "self frame force_keyframe"),
    (h264.H264Encoder, "encode", "self frame force_keyframe"),
    (opus.OpusEncoder, "encode", "self frame force_keyframe"),
    (JitterFrame, "__init__", "self data timestamp"),
]
_NAMES_USED: list[tuple[Any, tuple[str, ...]]] = [
    (
        aiortc.rtcrtpreceiver.RTCRtpReceiver._handle_rtp_packet,
        (
            "_RTCRtpReceiver__jitter_buffer",
            "_RTCRtpReceiver__nack_generator",
            "_RTCRtpReceiver__decoder_queue",
            "_RTCRtpReceiver__timestamp_mapper",
            "_RTCRtpReceiver__codecs",
        ),
    ),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver.getStats, ("_RTCRtpReceiver__remote_streams",)),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver.receive, ("threading", "Thread", "_track", "_queue")),
    (aiortc.rtcrtpsender.RTCRtpSender._next_encoded_frame, ("get_encoder",)),
    (aiortc.rtcrtpsender.RTCRtpSender._handle_rtcp_packet, ("_RTCRtpSender__rtt",)),
    (vpx.Vp8Encoder.encode, ("target_bitrate", "_Vp8Encoder__target_bitrate")),
    (h264.H264Encoder._encode_frame, ("target_bitrate",)),
    (opus.OpusEncoder.__init__, ("codec", "resampler", "first_packet_pts")),
    (aioice.ice.Connection.connect, ("_query_consent_task", "query_consent")),
    (
        aioice.ice.Connection.__init__,
        (
            "_check_list",
            "_early_checks_done",
            "_local_candidates",
            "_nominated",
            "_protocols",
            "_remote_candidates",
            "_transport_policy",
        ),
    ),
    (aiortc.rtcicetransport.RTCIceGatherer.__init__, ("Connection", "_connection")),
    (
        RTCPeerConnection._RTCPeerConnection__createTransceiver,
        ("RTCRtpReceiver", "_set_rtcp_ssrc"),
    ),
    (RTCPeerConnection._RTCPeerConnection__createDtlsTransport, ("RTCDtlsTransport",)),
    (RTCPeerConnection.setRemoteDescription, ("RemoteStreamTrack", "CODECS")),
]


def self_check() -> None:
    """Compare the installed libraries with what this module relies on.

    Raises:
        AttachError: naming everything that has changed.
    """
    changed = []
    for name, minor in _VERSIONS.items():
        version = importlib.metadata.version(name)
        if not version.startswith(minor + "."):
            changed.append(f"{name} is {version}, not {minor}.*")
    for owner, name, expected in _SIGNATURES:
        found = getattr(owner, name, None)
        where = f"{owner.__name__}.{name}"
        if found is None:
            changed.append(f"{where} is gone")
        elif " ".join(inspect.signature(found).parameters) != expected:
            changed.append(f"{where} takes {' '.join(inspect.signature(found).parameters)}")
    for function, names in _NAMES_USED:
        known = {*_code_names(function.__code__)}
        changed += [f"{function.__qualname__} no longer uses {n}" for n in names if n not in known]
    if changed:
        raise AttachError("; ".join(changed))


def _code_names(code: types.CodeType) -> set[str]:
    names = {*code.co_names, *code.co_freevars, *code.co_varnames}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _code_names(constant)
    return names


@functools.cache
def install() -> None:
    """Check the libraries, then put the kiosk's parts in their place; once per process.

    Raises:
        AttachError: see `self_check`.
    """
    self_check()
    aiortc.rtcicetransport.Connection = KioskConnection  # type: ignore[misc]
    aiortc.rtcpeerconnection.RTCDtlsTransport = KioskDtlsTransport  # type: ignore[misc]
    aiortc.rtcpeerconnection.RTCRtpReceiver = KioskReceiver  # type: ignore[misc]
    aiortc.rtcpeerconnection.RemoteStreamTrack = NewestTrack  # type: ignore[misc]
    aiortc.rtcrtpreceiver.get_decoder = _stamping_decoder  # type: ignore[assignment]
    aiortc.rtcrtpsender.get_encoder = _encoder
    # A decoder thread that is not a daemon keeps a crashed kiosk from ending.
    aiortc.rtcrtpreceiver.threading = types.SimpleNamespace(  # type: ignore[assignment]
        Thread=functools.partial(threading.Thread, daemon=True), Event=threading.Event
    )
    vpx.MIN_BITRATE = h264.MIN_BITRATE = Limits().least
    # Ask the far end for speech in mono: a thin line has no room for its 96 kbit/s stereo.
    aiortc.codecs.CODECS["audio"][0].parameters.update(
        {"stereo": "0", "maxaveragebitrate": str(OPUS_BIT_S), "minptime": "10"}
    )
    # The first certificate loads the cryptography (10 ms); the call must not wait for that.
    aiortc.rtcdtlstransport.RTCCertificate.generateCertificate()


# --- ICE -------------------------------------------------------------------------------------


class _ConsentCheck:
    """A consent request that is still waited for; aioice alone forgets it after 0.5 s."""

    def __init__(self, connection: KioskConnection, sent_at: float) -> None:
        self._connection = connection
        self.sent_at = sent_at

    def response_received(self, message: stun.Message, _addr: tuple[str, int]) -> None:
        key = (self._connection.remote_password or "").encode()
        if message.message_class == stun.Class.RESPONSE and message.check_message_integrity(key):
            self._connection.consented_at = asyncio.get_running_loop().time()


class KioskConnection(aioice.ice.Connection):
    """aioice's connection with patience, and with gathering that delays nothing.

    - Consent lasts 30 s from the last valid answer. aioice gives an answer 0.5 s and closes after
      six misses: at 600 ms of round trip a healthy call ends after 33 s.
    - Host candidates are ready at once; STUN and TURN follow in the background and are handed out
      one by one. aioice waits 5 s for a server that does not answer.
    - TURN by UDP, then TCP, then TLS; aiortc knows the first server alone.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stun_servers: list[StunServer] = []
        self.turn_servers: list[TurnServer] = []
        self.on_candidate: Callable[[str], None] = lambda _candidate: None
        self.consented_at = 0.0
        self._late: asyncio.Task[None] | None = None

    def relay_only(self) -> None:
        """Use relays alone (RFC 8828, mode 4)."""
        self._transport_policy = aioice.ice.TransportPolicy.RELAY

    @property
    def relayed(self) -> bool | None:
        """Whether the pair in use goes by a relay on either side; None before there is one."""
        for pair in self._nominated.values():
            return "relay" in (pair.local_candidate.type, pair.remote_candidate.type)
        return None

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109 - aioice's signature
    ) -> list[aioice.Candidate]:
        candidates = await super().get_component_candidates(component, addresses, timeout)
        if self.stun_servers or self.turn_servers:
            self._late = asyncio.create_task(self._gather_late(component))
            if self._transport_policy == aioice.ice.TransportPolicy.RELAY:
                # Without any candidate there is nothing to answer with.
                await asyncio.wait({self._late}, timeout=RELAY_WAIT_S)
        return candidates

    async def query_consent(self) -> None:
        loop = asyncio.get_running_loop()
        self.consented_at = loop.time()
        pending: list[tuple[aioice.ice.StunProtocol, bytes, _ConsentCheck]] = []
        try:
            while loop.time() < self.consented_at + CONSENT_LASTS_S:
                await asyncio.sleep(aioice.ice.CONSENT_INTERVAL * random.uniform(0.8, 1.2))  # noqa: S311 - RFC 7675 §5.1 wants jitter, not secrecy
                now = loop.time()
                for protocol, identifier, check in pending:
                    if check.sent_at < now - CONSENT_LASTS_S:
                        protocol.transactions.pop(identifier, None)
                for pair in self._nominated.values():
                    request = self.build_request(pair, nominate=False)
                    request.add_message_integrity((self.remote_password or "").encode())
                    check = _ConsentCheck(self, now)
                    pair.protocol.transactions[request.transaction_id] = check  # type: ignore[assignment]
                    pending.append((pair.protocol, request.transaction_id, check))
                    pair.protocol.send_stun(request, pair.remote_addr)
                pending = [entry for entry in pending if entry[2].sent_at >= now - CONSENT_LASTS_S]
        finally:
            for protocol, identifier, _check in pending:
                protocol.transactions.pop(identifier, None)
        self._query_consent_task = None
        await self.close()

    async def close(self) -> None:
        if self._late is not None:
            self._late.cancel()
        await super().close()

    def _remote_candidates_expected(self) -> bool:
        # A local candidate that is still to come makes new pairs just as a remote one does.
        gathering = self._late is not None and not self._late.done()
        return gathering or super()._remote_candidates_expected()

    async def _gather_late(self, component: int) -> None:
        work: list[Any] = []
        if self.stun_servers and self._transport_policy == aioice.ice.TransportPolicy.ALL:
            hosts = [p for p in self._protocols if "." in p.local_candidate.host]
            work += [
                self._reflexive(protocol, server)
                for protocol in hosts
                for server in self.stun_servers[:2]
            ]
        if self.turn_servers:
            work.append(self._relay(component))
        await asyncio.gather(*work, return_exceptions=True)
        if self._early_checks_done:
            asyncio.get_running_loop().call_soon(self._check_list_maybe_fail)

    async def _reflexive(self, protocol: aioice.ice.StunProtocol, server: StunServer) -> None:
        candidate, _ = await aioice.ice.server_reflexive_candidate(
            protocol, (server.host, server.port)
        )
        self._announce(candidate)

    async def _relay(self, component: int) -> None:
        """The first way that works; the next joins in when one fails or lets wait."""
        waiting = list(self.turn_servers)
        trials: set[asyncio.Task[Any]] = set()
        try:
            while waiting or trials:
                if waiting:
                    trials.add(asyncio.create_task(self._allocate(component, waiting.pop(0))))
                done, trials = await asyncio.wait(
                    trials,
                    timeout=TURN_STEP_S if waiting else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for trial in done:
                    if trial.exception() is None:
                        candidate, protocol = trial.result()
                        self._join(candidate, protocol)
                        return
                    log.info("TURN server gave no relay", error=repr(trial.exception()))
        finally:
            for trial in trials:
                trial.cancel()

    async def _allocate(self, component: int, server: TurnServer) -> Any:
        return await aioice.ice.relayed_candidate(
            component=component,
            hide_related_address=self._transport_policy == aioice.ice.TransportPolicy.RELAY,
            protocol_factory=lambda: aioice.ice.StunProtocol(self),
            turn_server=(server.host, server.port),
            turn_username=server.username,
            turn_password=server.credential,
            turn_ssl=server.way == "tls",
            turn_transport="udp" if server.way == "udp" else "tcp",
        )

    def _join(self, candidate: aioice.Candidate, protocol: aioice.ice.StunProtocol) -> None:
        """Pair a late relay with what the far end has sent, and check at once."""
        self._protocols.append(protocol)
        for remote in self._remote_candidates:
            if candidate.can_pair_with(remote) and not self._find_pair(protocol, remote):
                pair = aioice.ice.CandidatePair(protocol, remote)
                self._check_list.append(pair)
                if self._early_checks_done and not self._check_list_done:
                    self.check_start_task(pair)
        self.sort_check_list()
        self._announce(candidate)

    def _announce(self, candidate: aioice.Candidate) -> None:
        known = {(c.host, c.port) for c in self._local_candidates}
        if (candidate.host, candidate.port) in known:
            return
        self._local_candidates.append(candidate)
        text = candidate_to_sdp(aiortc.rtcicetransport.candidate_from_aioice(candidate))
        self.on_candidate(f"candidate:{text}")


# --- DTLS ------------------------------------------------------------------------------------


class KioskDtlsTransport(aiortc.rtcdtlstransport.RTCDtlsTransport):
    """A transport that one bad packet cannot end, and that says when media arrives.

    aiortc closes DTLS for good on any exception while a packet is handled, an empty datagram
    included.
    """

    on_rtp: Callable[[], None] | None = None
    rtp_octets = 0

    async def _recv_next(self) -> None:
        try:
            await super()._recv_next()
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one packet breaks, the call goes on
            log.info("packet passed over", error=repr(error))

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self.rtp_octets += len(data)
        if self.on_rtp is not None:
            self.on_rtp()
        await super()._handle_rtp_data(data, arrival_time_ms=arrival_time_ms)


# --- receiving -------------------------------------------------------------------------------


class NewestTrack(aiortc.rtcrtpreceiver.RemoteStreamTrack):
    """A far track whose queue is bounded: a slow reader loses old frames, not memory."""

    def __init__(self, kind: str, id: str | None = None) -> None:  # noqa: A002 - aiortc's signature
        super().__init__(kind, id)
        self._queue = _NewestQueue(1 if kind == "video" else 10)


class _NewestQueue(asyncio.Queue[Any]):
    async def put(self, item: Any) -> None:
        while self.full():
            self.get_nowait()
        self.put_nowait(item)


class _Nack(aiortc.rtcrtpreceiver.NackGenerator):
    """Asks again for single losses; after an outage a whole picture is cheaper than a burst."""

    def add(self, packet: RtpPacket) -> bool:
        if self.max_seq is not None:
            jump = (packet.sequence_number - self.max_seq) & 0xFFFF
            if FAR_AHEAD // 2 < jump < 0x8000:
                self.missing.clear()
                self.max_seq = packet.sequence_number
                return False
        return super().add(packet)


class KioskReceiver(aiortc.rtcrtpreceiver.RTCRtpReceiver):
    """aiortc's receiver with the kiosk's reassembly (order.py) in place of its jitter buffer."""

    def __init__(self, kind: str, transport: aiortc.rtcdtlstransport.RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self.order = VideoOrder(self._is_key_start) if kind == "video" else AudioOrder()
        self._RTCRtpReceiver__jitter_buffer = types.SimpleNamespace(add=self._take)
        if kind == "video":
            self._RTCRtpReceiver__nack_generator = _Nack()

    def _take(self, packet: RtpPacket) -> tuple[bool, None]:
        ask, frames = self.order.add(packet, time.monotonic())
        decoder: queue.Queue[Any] = self._RTCRtpReceiver__decoder_queue
        for frame in frames:
            codec = self._RTCRtpReceiver__codecs[frame[0].payload_type]
            data = b"".join(part._data for part in frame)
            timestamp = self._RTCRtpReceiver__timestamp_mapper.map(frame[0].timestamp)
            decoder.put((codec, JitterFrame(data, timestamp)))
        if decoder.qsize() > _MOST_UNDECODED:  # decoding is too slow: catch up
            with decoder.mutex:
                decoder.queue.clear()
            self.order.restart()
        return ask, None

    def _is_key_start(self, packet: RtpPacket) -> bool:
        codec = self._RTCRtpReceiver__codecs.get(packet.payload_type)
        match codec.name if codec else "":
            case "VP8":
                return vp8_key_start(packet.payload)
            case "H264":
                return h264_key_start(packet.payload)
        return True

    @property
    def sources(self) -> list[int]:
        """SSRCs that media came from."""
        return list(self._RTCRtpReceiver__remote_streams)

    @property
    def packets(self) -> tuple[int, int]:
        """Packets received and packets lost, since the beginning."""
        streams = self._RTCRtpReceiver__remote_streams.values()
        return (
            sum(stream.packets_received for stream in streams),
            sum(max(0, stream.packets_lost) for stream in streams),
        )


class _StampingDecoder:
    """Notes on each picture when it was decoded, for the age at which the screen shows it."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder

    def decode(self, frame: JitterFrame) -> list[Any]:
        frames: list[Any] = self._decoder.decode(frame)
        for decoded in frames:
            if isinstance(decoded, av.VideoFrame):
                decoded.opaque = time.monotonic()
        return frames


def _stamping_decoder(codec: Any) -> _StampingDecoder:
    return _StampingDecoder(aiortc.codecs.get_decoder(codec))


# --- sending ---------------------------------------------------------------------------------

_limits = Limits()


def limit_video(most_bit_s: int) -> None:
    """No picture of this process takes more than this, in bit/s."""
    global _limits
    _limits = Limits().capped(most_bit_s)


class _Aimed:
    """An encoder whose target follows REMB with sense (rate.py)."""

    def __init__(self) -> None:
        self._aim = Aim(_limits)
        super().__init__()
        self._set(self._aim.bit_s)

    @property
    def target_bitrate(self) -> int:
        return self._aim.bit_s

    @target_bitrate.setter
    def target_bitrate(self, bit_s: int) -> None:
        self._set(self._aim.remb(bit_s, time.monotonic()))

    def encode(self, frame: Any, force_keyframe: bool = False) -> Any:
        payloads, timestamp = super().encode(frame, force_keyframe)  # type: ignore[misc]
        self._aim.sent(sum(map(len, payloads)), time.monotonic())
        return payloads, timestamp

    def _set(self, bit_s: int) -> None:
        raise NotImplementedError


class _Vp8(_Aimed, vpx.Vp8Encoder):  # type: ignore[misc]
    def _set(self, bit_s: int) -> None:
        self._Vp8Encoder__target_bitrate = bit_s  # sizes the encoder's buffer


class _H264(_Aimed, h264.H264Encoder):  # type: ignore[misc]
    def _set(self, bit_s: int) -> None:
        pass  # reads target_bitrate alone


class _Opus(opus.OpusEncoder):
    """Mono speech at 28 kbit/s that can mend one lost packet (RFC 6716 §2.1.7).

    aiortc sends 96 kbit/s of stereo without any protection.
    """

    def __init__(self) -> None:
        super().__init__()
        codec: Any = av.CodecContext.create("libopus", "w")
        codec.bit_rate = OPUS_BIT_S
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = opus.SAMPLE_RATE
        codec.time_base = opus.TIME_BASE
        codec.options = {"application": "voip", "fec": "1", "packet_loss": "10"}
        self.codec = codec
        self.resampler = av.AudioResampler(
            format="s16", layout="mono", rate=opus.SAMPLE_RATE, frame_size=opus.SAMPLES_PER_FRAME
        )


_ENCODERS: dict[str, type] = {"video/vp8": _Vp8, "video/h264": _H264, "audio/opus": _Opus}


def _encoder(codec: Any) -> Any:
    made = _ENCODERS.get(codec.mimeType.lower())
    return made() if made else aiortc.codecs.get_encoder(codec)


# --- what a generation asks for --------------------------------------------------------------


def prepare(
    pc: RTCPeerConnection,
    servers: Sequence[IceServer],
    *,
    relay_only: bool,
    on_candidate: Callable[[str], None],
    on_rtp: Callable[[], None],
) -> None:
    """Before the local description is set: servers, policy, and who is told what."""
    stun_servers, turn_servers = choose(servers)
    for transport in _transports(pc):
        transport.on_rtp = on_rtp
        connection = _connection(transport)
        connection.stun_servers = stun_servers
        connection.turn_servers = turn_servers
        connection.on_candidate = on_candidate
        if relay_only:
            connection.relay_only()


def refresh(pc: RTCPeerConnection) -> None:
    """After a silence: forget half pictures, ask the far end for a whole one, send one."""
    for transceiver in pc.getTransceivers():
        receiver = transceiver.receiver
        if isinstance(receiver, KioskReceiver):
            receiver.order.restart()
            if transceiver.kind == "video":
                for source in receiver.sources:
                    asyncio.ensure_future(receiver._send_rtcp_pli(source))
        if transceiver.kind == "video":
            transceiver.sender._send_keyframe()


def relayed(pc: RTCPeerConnection) -> bool:
    """Whether the pair in use goes by a relay."""
    return any(_connection(transport).relayed for transport in _transports(pc))


def octets(pc: RTCPeerConnection) -> tuple[int, int]:
    """Octets sent and received on the wire (SRTP and DTLS), since the beginning."""
    sent = received = 0
    for transport in _transports(pc):
        for entry in transport._get_stats().values():
            sent += entry.bytesSent
            received += entry.bytesReceived
    return sent, received


def packets(pc: RTCPeerConnection) -> tuple[int, int]:
    """RTP packets received and lost, since the beginning."""
    pairs = [r.packets for r in pc.getReceivers() if isinstance(r, KioskReceiver)]
    return sum(got for got, _ in pairs), sum(lost for _, lost in pairs)


def round_trip_s(pc: RTCPeerConnection) -> float | None:
    """The round trip that RTCP measured, in seconds; None before the first report."""
    for sender in pc.getSenders():
        measured: float | None = sender._RTCRtpSender__rtt
        if measured is not None:
            return measured
    return None


def codec(pc: RTCPeerConnection, kind: str) -> str:
    """Name of the codec in use, as in `opus` or `VP8`; empty when there is none."""
    for transceiver in pc.getTransceivers():
        if transceiver.kind == kind and transceiver.mid is not None and transceiver._codecs:
            return str(transceiver._codecs[0].name)
    return ""


def codec_preferences(kind: str, names: Sequence[str]) -> list[RTCRtpCodecCapability]:
    """aiortc's capabilities for these codec names (`VP8`, `H264`), resending included."""
    capabilities = aiortc.codecs.get_capabilities(kind).codecs
    wanted = [name.lower() for name in names]
    chosen = [c for c in capabilities if c.name.lower() in wanted]
    chosen.sort(key=lambda c: wanted.index(c.name.lower()))
    return chosen + [c for c in capabilities if c.name.lower() == "rtx"]


def _transports(pc: RTCPeerConnection) -> list[KioskDtlsTransport]:
    found = {id(t.receiver.transport): t.receiver.transport for t in pc.getTransceivers()}
    return [transport for transport in found.values() if isinstance(transport, KioskDtlsTransport)]


def _connection(transport: KioskDtlsTransport) -> KioskConnection:
    connection = transport.transport.iceGatherer._connection
    if not isinstance(connection, KioskConnection):
        raise AttachError("the connection was made before install()")
    return connection
