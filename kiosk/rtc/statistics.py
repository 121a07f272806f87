"""What a call's connection did since it began, in the names of W3C webrtc-stats."""

from __future__ import annotations

import time

from kiosk.rtc import attach
from kiosk.rtc.generation import Generation
from kiosk.rtc.report import Snapshot


async def snapshot(generation: Generation | None) -> Snapshot:
    """All that is known of a connection now: aiortc's entries, but what arrives as we count it."""
    if generation is None:
        return Snapshot(time.monotonic(), 0, {})
    connection = generation.connection
    entries = {
        key: {
            name: value.timestamp() if hasattr(value, "timestamp") else value
            for name, value in vars(entry).items()
        }
        for key, entry in (await connection.getStats()).items()
        if entry.type != "inbound-rtp"
    }
    for inbound in attach.inbound(connection):
        shown = generation.far.picture.statistics() if inbound["kind"] == "video" else {}
        entries[inbound["id"]] = inbound | shown
    entries |= {entry["id"]: entry for entry in attach.codecs(connection)}
    return Snapshot(time.monotonic(), generation.number, entries)
