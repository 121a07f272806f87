"""The pair of candidates in use, in the names of W3C webrtc-stats that aiortc lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aioice import Candidate
from aiortc import clock
from aiortc.stats import RTCStats

from kiosk.rtc.attach.connection import KioskConnection
from kiosk.rtc.attach.uplink import Uplink


@dataclass
class RTCIceCandidatePairStats(RTCStats):
    """The pair, and what congestion control knows of its way."""

    transportId: str  # noqa: N815 - W3C's name, as all below
    localCandidateId: str  # noqa: N815
    remoteCandidateId: str  # noqa: N815
    nominated: bool
    state: str
    availableOutgoingBitrate: float  # noqa: N815
    """bit/s of all that is sent, as `Target.available_bit_s`."""
    currentRoundTripTime: float | None  # noqa: N815
    """Seconds, of the last request for consent; before its answer, of feedback."""


@dataclass
class RTCIceCandidateStats(RTCStats):
    """One end of it. Whose address it is stays here: statistics may be handed on."""

    transportId: str  # noqa: N815
    candidateType: str  # noqa: N815
    protocol: str


def pair_statistics(
    transport_id: str, connection: KioskConnection, uplink: Uplink
) -> Iterator[RTCStats]:
    """The pair in use and its ends; nothing before there is one."""
    pair = connection.in_use()
    if pair is None:
        return
    now = clock.current_datetime()
    yield RTCIceCandidatePairStats(
        timestamp=now,
        type="candidate-pair",
        id=f"pair_{transport_id}",
        transportId=transport_id,
        localCandidateId=f"local_{transport_id}",
        remoteCandidateId=f"remote_{transport_id}",
        nominated=connection.nominated,
        state="succeeded",
        availableOutgoingBitrate=round(uplink.target().available_bit_s),
        currentRoundTripTime=connection.round_trip_s or uplink.control.round_trip_s,
    )

    def end(side: str, candidate: Candidate) -> RTCIceCandidateStats:
        name = f"{side}_{transport_id}"
        kind, way = candidate.type, candidate.transport
        return RTCIceCandidateStats(now, f"{side}-candidate", name, transport_id, kind, way)

    yield end("local", pair.local_candidate)
    yield end("remote", pair.remote_candidate)
