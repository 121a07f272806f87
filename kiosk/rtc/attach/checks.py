"""Are the libraries still those that this package was written for?"""
# ruff: noqa: SLF001 - reaching into private parts is what this package is for

from __future__ import annotations

import importlib.metadata
import inspect
import types
from typing import Any

import aioice.ice
import aioice.turn
import aiortc.codecs
import aiortc.rate
import aiortc.rtcdtlstransport
import aiortc.rtcicetransport
import aiortc.rtcpeerconnection
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import aiortc.rtp
from aiortc import RTCPeerConnection, RTCRtpTransceiver
from aiortc.jitterbuffer import JitterFrame

from kiosk.rtc.coding.libvpx import VpxUnavailable
from kiosk.rtc.coding.libvpx import library as vpx_library
from kiosk.rtc.coding.libx264 import X264Unavailable
from kiosk.rtc.coding.libx264 import library as x264_library
from kiosk.rtc.errors import AttachError
from kiosk.rtc.hearing.opus import OpusUnavailable
from kiosk.rtc.hearing.opus import library as opus_library

_VERSIONS = {"aiortc": "1.16", "aioice": "0.13", "av": "18.1"}


_PeerConnection: Any = RTCPeerConnection  # for its mangled names, which have no types

_SIGNATURES: list[tuple[Any, str, str]] = [
    (aioice.ice.Connection, "connect", "self"),
    (aioice.ice.Connection, "_pair_remote_candidate", "self remote_candidate"),
    (aioice.ice.Connection, "_unfreeze_initial", "self"),
    (aioice.ice.Connection, "_check_periodic", "self"),
    (aioice.ice.Connection, "check_complete", "self pair"),
    (aioice.ice.Connection, "check_incoming", "self message addr protocol"),
    (aioice.ice.Connection, "query_consent", "self"),
    (aioice.ice.Connection, "get_component_candidates", "self component addresses timeout"),
    (aioice.ice.Connection, "_remote_candidates_expected", "self"),
    (aioice.ice.Connection, "_check_list_maybe_fail", "self"),
    (aioice.ice.Connection, "_find_pair", "self protocol remote_candidate"),
    (aioice.ice.Connection, "build_request", "self pair nominate"),
    (aioice.ice.Connection, "check_start_task", "self pair"),
    (aioice.ice.Connection, "sort_check_list", "self"),
    (aioice.ice.Connection, "close", "self"),
    (aioice.ice.StunProtocol, "__init__", "self receiver"),
    (aioice.ice.StunProtocol, "send_stun", "self message addr"),
    (aioice.ice.StunProtocol, "datagram_received", "self data addr"),
    (aioice.ice.StunProtocol, "error_received", "self exc"),
    (aioice.ice.StunProtocol, "send_data", "self data addr"),
    (aioice.turn.TurnClientMixin, "channel_bind", "self channel_number addr"),
    (aioice.ice.Connection, "data_received", "self data component"),
    (aioice.ice.Connection, "recv", "self"),
    (aioice.ice.Connection, "send", "self data"),
    (aioice.ice, "server_reflexive_candidate", "protocol stun_server"),
    (
        aioice.ice,
        "relayed_candidate",
        (
            "component hide_related_address protocol_factory turn_server turn_username"
            " turn_password turn_ssl turn_transport"
        ),
    ),
    (aiortc.rtcicetransport, "candidate_from_aioice", "x"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_do_handshake", "self"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_write_ssl", "self"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_set_state", "self state"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_recv_next", "self"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_handle_rtp_data", "self data arrival_time_ms"),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver, "__init__", "self kind transport"),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver, "receive", "self parameters"),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver, "_send_rtcp_pli", "self media_ssrc"),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver, "_send_rtcp_nack", "self media_ssrc lost"),
    (
        aiortc.rtcrtpreceiver.RTCRtpReceiver,
        "_handle_rtp_packet",
        "self packet arrival_time_ms",
    ),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver, "_handle_rtcp_packet", "self packet"),
    (aiortc.rate.RemoteBitrateEstimator, "__init__", "self"),
    (
        aiortc.rate.RemoteBitrateEstimator,
        "add",
        "self arrival_time_ms abs_send_time payload_size ssrc",
    ),
    (aiortc.rtcrtpreceiver, "decoder_worker", "loop input_q output_q decode_error"),
    (aiortc.rtcrtpreceiver.TimestampMapper, "map", "self timestamp"),
    (aiortc.rtcrtpreceiver.StreamStatistics, "add", "self packet"),
    (aiortc.rtcrtpreceiver.StreamStatistics, "__init__", "self clockrate"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_setup_srtp", "self"),
    (aiortc.rtcrtpreceiver.RemoteStreamTrack, "__init__", "self kind id"),
    (aiortc.rtcrtpreceiver, "get_decoder", "codec"),
    (aiortc.rtcpeerconnection, "is_codec_compatible", "a b"),
    (aiortc.codecs, "is_rtx", "codec"),
    (aiortc.codecs, "depayload", "codec payload"),
    (aiortc.rtp, "unpack_remb_fci", "data"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_handle_rtcp_data", "self data"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_get_stats", "self"),
    (aiortc.rtcdtlstransport.RTCDtlsTransport, "_send_rtp", "self data"),
    (aiortc.rtcrtpsender.RTCRtpSender, "__init__", "self trackOrKind transport"),
    (aiortc.rtcrtpsender.RTCRtpSender, "send", "self parameters"),
    (aiortc.rtcrtpsender.RTCRtpSender, "_handle_rtcp_packet", "self packet"),
    (aiortc.rtcrtpsender.RTCRtpSender, "_run_rtp", "self codec"),
    (aiortc.rtcrtpsender.RTCRtpSender, "_send_rtcp", "self packets"),
    (aiortc.rtcrtpsender.RTCRtpSender, "_send_keyframe", "self"),
    (aiortc.rtp.HeaderExtensionsMap, "configure", "self parameters"),
    (aiortc.rtp.HeaderExtensionsMap, "set", "self values"),
    (aiortc.rtp, "wrap_rtx", "packet payload_type sequence_number ssrc"),
    (JitterFrame, "__init__", "self data timestamp"),
]
_NAMES_USED: list[tuple[Any, tuple[str, ...]]] = [
    (
        aiortc.rtcrtpreceiver.RTCRtpReceiver._handle_rtp_packet,
        (
            "_RTCRtpReceiver__jitter_buffer",
            "_RTCRtpReceiver__nack_generator",
            "_RTCRtpReceiver__decoder_error",
            "_RTCRtpReceiver__decoder_queue",
            "_RTCRtpReceiver__timestamp_mapper",
            "_RTCRtpReceiver__codecs",
        ),
    ),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver.getStats, ("_RTCRtpReceiver__remote_streams",)),
    (
        aiortc.rtcrtpreceiver.RTCRtpReceiver.receive,
        ("decoder_worker", "threading", "Thread", "_track", "_queue"),
    ),
    (
        aiortc.rtcrtpsender.RTCRtpSender._run_rtp,
        (
            "_RTCRtpSender__rtp_started",
            "_RTCRtpSender__rtp_exited",
            "_RTCRtpSender__rtp_header_extensions_map",
            "_RTCRtpSender__mid",
            "_RTCRtpSender__track",
        ),
    ),
    (
        aiortc.rtcrtpsender.RTCRtpSender._run_rtcp,
        (
            "_RTCRtpSender__ntp_timestamp",
            "_RTCRtpSender__rtp_timestamp",
            "_RTCRtpSender__packet_count",
            "_RTCRtpSender__octet_count",
        ),
    ),
    (
        aiortc.rtcrtpsender.RTCRtpSender._retransmit,
        ("_RTCRtpSender__rtx_payload_type", "_RTCRtpSender__rtx_sequence_number", "_rtx_ssrc"),
    ),
    (
        aiortc.rtcrtpsender.RTCRtpSender._handle_rtcp_packet,
        ("_RTCRtpSender__rtt",),
    ),
    (
        aiortc.rtcrtpreceiver.RTCRtpReceiver._handle_rtp_packet,
        (
            "StreamStatistics",
            "_RTCRtpReceiver__active_ssrc",
            "_RTCRtpReceiver__remote_bitrate_estimator",
            "_RTCRtpReceiver__remote_streams",
        ),
    ),
    (aiortc.rtcrtpreceiver.StreamStatistics.add, ("_last_timestamp",)),
    (
        aiortc.rtcdtlstransport.RTCDtlsTransport._recv_next,
        ("_rx_srtp", "unprotect", "unprotect_rtcp"),
    ),
    (aiortc.rtcdtlstransport.RTCDtlsTransport._do_handshake, ("_ssl", "encrypted")),
    (aiortc.rtcrtpsender.RTCRtpSender._next_encoded_frame, ("_enabled",)),
    (
        aiortc.rtcdtlstransport.RTCDtlsTransport._send_rtp,
        ("_tx_srtp", "_RTCDtlsTransport__tx_bytes", "_RTCDtlsTransport__tx_packets"),
    ),
    (
        aiortc.rtcdtlstransport.RTCDtlsTransport._handle_rtp_data,
        ("_rtp_header_extensions_map", "_rtp_router", "_handle_rtp_packet"),
    ),
    (
        aioice.ice.Connection.connect,
        ("_query_consent_task", "query_consent", "_check_list_state", "_early_checks"),
    ),
    (aioice.ice.Connection.query_consent, ("CONSENT_INTERVAL",)),
    (aioice.ice.StunProtocol.__init__, ("receiver", "transactions")),
    (aioice.turn.TurnClientMixin.send_data, ("channel_refresh_time", "channel_to_peer")),
    (aioice.turn.TurnTransport.__init__, ("_TurnTransport__inner_protocol",)),
    (aiortc.rtcicetransport.RTCIceTransport.__init__, ("_connection", "_recv", "_send")),
    (aiortc.rtcdtlstransport.RTCDtlsTransport.__init__, ("_state", "_stats_id")),
    (aiortc.rtcrtpsender.RTCRtpSender.__init__, ("_ssrc",)),
    (aiortc.rtcrtpreceiver.RTCRtpReceiver._handle_rtp_packet, ("_data",)),
    (RTCRtpTransceiver.__init__, ("_codecs",)),
    (
        aioice.ice.Connection.__init__,
        (
            "_check_list",
            "_check_list_done",
            "_closing",
            "_early_checks_done",
            "_local_candidates",
            "_nominated",
            "_protocols",
            "_queue",
            "_remote_candidates",
            "_transport_policy",
        ),
    ),
    (aiortc.rtcicetransport.RTCIceGatherer.__init__, ("Connection", "_connection")),
    (
        _PeerConnection._RTCPeerConnection__createTransceiver,
        ("RTCRtpReceiver", "RTCRtpSender", "_set_rtcp_ssrc"),
    ),
    (_PeerConnection._RTCPeerConnection__createDtlsTransport, ("RTCDtlsTransport",)),
    (RTCPeerConnection.setRemoteDescription, ("RemoteStreamTrack", "CODECS")),
    (
        aiortc.rtcpeerconnection.find_common_codecs,
        ("is_codec_compatible", "DYNAMIC_PAYLOAD_TYPES"),
    ),
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
    for library in (opus_library, vpx_library, x264_library):
        try:
            library()
        except (OpusUnavailable, VpxUnavailable, X264Unavailable) as error:
            changed.append(str(error))
    if changed:
        raise AttachError("; ".join(changed))


def _code_names(code: types.CodeType) -> set[str]:
    names = {*code.co_names, *code.co_freevars, *code.co_varnames}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _code_names(constant)
    return names
