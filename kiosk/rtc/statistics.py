"""What a call's connection did since it began, in the names and units of W3C webrtc-stats."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from typing import Any

from kiosk.rtc import attach
from kiosk.rtc.generation import Generation
from kiosk.rtc.report import Snapshot

_CLOCKS = {"audio": 48_000, "video": 90_000}
_NOT_W3C = {"trackId"}
"""Left the standard with its `track` entries."""


async def snapshot(generation: Generation | None) -> Snapshot:
    """All that is known of a connection now: aiortc's entries, but what arrives as we count it."""
    if generation is None:
        return Snapshot(time.monotonic(), 0, {})
    connection = generation.connection
    known = {
        key: vars(entry)
        for key, entry in (await connection.getStats()).items()
        if entry.type != "inbound-rtp"
    }
    entries = {key: w3c(entry, known) for key, entry in known.items()}
    for inbound in attach.inbound(connection):
        shown = generation.far.picture.statistics() if inbound["kind"] == "video" else {}
        entries[inbound["id"]] = inbound | shown
    transports = [key for key, entry in known.items() if entry["type"] == "transport"]
    common = {"timestamp": time.time() * 1000, "transportId": next(iter(transports), "")}
    entries |= {entry["id"]: entry | common for entry in attach.codecs(connection)}
    return Snapshot(time.monotonic(), generation.number, entries)


def w3c(entry: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """aiortc's members of an entry in the standard's units; `known` are all of them by id.

    Times of day are milliseconds since 1970, what is not known is left out. Of receiver reports
    aiortc keeps RTP's own units (RFC 3550 §6.4.1) and the source that reports, for the standard's
    seconds, share of 1 and source reported on.
    """
    told: dict[str, Any] = {
        name: value.timestamp() * 1000 if isinstance(value, datetime.datetime) else value
        for name, value in entry.items()
        if value is not None and name not in _NOT_W3C
    }
    if told["type"] == "remote-inbound-rtp":
        told["jitter"] = round(told["jitter"] / _CLOCKS[told["kind"]], 6)
        told["fractionLost"] = told["fractionLost"] / 256
        told["localId"] = told["id"].replace("remote-inbound", "outbound", 1)
        told["ssrc"] = known[told["localId"]]["ssrc"]
    return told
