"""What a call's connection did: for the record, and in the names of W3C webrtc-stats."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from kiosk.rtc import attach
from kiosk.rtc.generation import Generation


@dataclass(frozen=True)
class Sample:
    """Totals of one connection at one instant."""

    at: float
    sent_octets: int
    received_octets: int
    packets: int
    lost: int
    freezes: int
    played: int
    """Samples of sound."""
    concealed: int
    """Of those, made up or silent."""


_NOTHING = Sample(0.0, 0, 0, 0, 0, 0, 0, 0)


def concealed_ratio(concealed: int, played: int) -> float:
    """Share, 0 to 1, of samples; what is made up is counted before it is played, a packet ahead."""
    return round(min(1.0, concealed / played), 4) if played > 0 else 0.0


def freezes_per_minute(freezes: int, seconds: float) -> float:
    """Of an interval; the last report of a call may come milliseconds after the one before."""
    return round(freezes * 60 / max(1.0, seconds), 2)


class Reporter:
    """Turns totals into the figures of one report's interval."""

    def __init__(self) -> None:
        self._generation: Generation | None = None
        self._last = replace(_NOTHING, at=time.monotonic())

    def report(self, generation: Generation | None) -> dict[str, Any]:
        """Fields of a `report` message (PROTOCOL.md §8.8) since the last call."""
        if generation is None:
            return {"generation": 0}
        if generation is not self._generation:
            self._generation = generation
            self._last = replace(_NOTHING, at=self._last.at)
        now = sample(generation)
        last, self._last = self._last, now
        seconds = max(0.001, now.at - last.at)
        lost = max(0, now.lost - last.lost)
        arrived = max(0, now.packets - last.packets)
        concealed = now.concealed - last.concealed
        rtt = attach.round_trip_s(generation.connection)
        return {
            "generation": generation.number,
            "audio_codec": attach.codec(generation.connection, "audio"),
            "video_codec": attach.codec(generation.connection, "video"),
            "sent_kbit_s": round((now.sent_octets - last.sent_octets) * 8 / 1000 / seconds, 1),
            "received_kbit_s": round(
                (now.received_octets - last.received_octets) * 8 / 1000 / seconds, 1
            ),
            "loss_ratio": round(lost / (lost + arrived), 4) if lost + arrived else 0.0,
            "concealed_ratio": concealed_ratio(concealed, now.played - last.played),
            "rtt_ms": None if rtt is None else round(rtt * 1000, 1),
            "freezes_per_minute": freezes_per_minute(now.freezes - last.freezes, seconds),
            "relayed": attach.relayed(generation.connection),
        }

    async def statistics(self, generation: Generation | None) -> dict[str, Any]:
        """All that is known, by id: aiortc's entries, but what arrives as we count it ourselves."""
        if generation is None:
            return {}
        entries: dict[str, Any] = {}
        for key, entry in (await generation.connection.getStats()).items():
            if entry.type != "inbound-rtp":
                entries[key] = {
                    name: value.timestamp() if hasattr(value, "timestamp") else value
                    for name, value in vars(entry).items()
                }
        for inbound in attach.inbound(generation.connection):
            shown = generation.far.picture.statistics() if inbound["kind"] == "video" else {}
            entries[inbound["id"]] = inbound | shown
        entries |= {entry["id"]: entry for entry in attach.codecs(generation.connection)}
        return entries


def sample(generation: Generation) -> Sample:
    """Totals of a connection, now."""
    sent, received = attach.octets(generation.connection)
    packets, lost = attach.packets(generation.connection)
    freezes = generation.far.picture.freezes.count
    played, concealed = generation.far.sound.played()
    return Sample(time.monotonic(), sent, received, packets, lost, freezes, played, concealed)
