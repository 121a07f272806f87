"""The figures of an interval of a call, from its statistics at both ends of it. Pure.

One snapshot a second feeds the citizen's screen, the hub's report and the file of `--stats`, so all
three say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Entry = Mapping[str, Any]

_OF_SOURCE = {"packetsReceived", "packetsLost"}
"""Totals of one SSRC; all others are of the receiver, and go on when the far end takes another."""


@dataclass(frozen=True)
class Snapshot:
    """One connection at one instant."""

    at: float
    """Seconds of `time.monotonic()`."""
    generation: int
    """0: there is no connection yet."""
    entries: Mapping[str, Entry]
    """W3C webrtc-stats by their ids; totals since the connection began."""

    def of(self, kind: str) -> Iterator[Entry]:
        """Entries of one RTCStatsType, such as `inbound-rtp`."""
        return (entry for entry in self.entries.values() if entry["type"] == kind)

    def codec(self, media: str) -> str:
        """Name of the codec of what arrives, before that of what is sent; empty when neither is."""
        for kind in ("inbound-rtp", "outbound-rtp"):
            for stream in self.of(kind):
                codec = self.entries.get(str(stream.get("codecId")))
                if stream["kind"] == media and codec is not None:
                    return str(codec["mimeType"]).partition("/")[2]
        return ""

    @property
    def round_trip_s(self) -> float | None:
        """What receiver reports measured, before the first of them what STUN did."""
        measured = [entry.get("roundTripTime") for entry in self.of("remote-inbound-rtp")]
        measured += [entry.get("currentRoundTripTime") for entry in self.of("candidate-pair")]
        return next((seconds for seconds in measured if seconds is not None), None)

    @property
    def relayed(self) -> bool:
        """The pair in use goes by a relay on either side."""
        ends = (*self.of("local-candidate"), *self.of("remote-candidate"))
        return any(end["candidateType"] == "relay" for end in ends)


class Reporter:
    """Turns snapshots into the figures of one report's interval; `began` as in Snapshot.at."""

    def __init__(self, began: float) -> None:
        self._last = Snapshot(began, 0, {})
        self._said: dict[str, Any] = {"generation": 0}

    def report(self, now: Snapshot) -> dict[str, Any]:
        """Fields of a `report` message (PROTOCOL.md §8.8) since the last call of this; the same
        again while the snapshot is the same."""
        if now.generation and now is not self._last:
            self._said, self._last = self._figures(self._last, now), now
        return self._said

    @staticmethod
    def _figures(last: Snapshot, now: Snapshot) -> dict[str, Any]:
        if now.generation != last.generation:
            last = Snapshot(last.at, now.generation, {})
        seconds = max(0.001, now.at - last.at)

        def gained(kind: str, member: str) -> float:
            return _gained(last, now, kind, member)

        lost, arrived = (
            gained("inbound-rtp", "packetsLost"),
            gained("inbound-rtp", "packetsReceived"),
        )
        concealed = gained("inbound-rtp", "concealedSamples")
        round_trip_s = now.round_trip_s
        return {
            "generation": now.generation,
            "audio_codec": now.codec("audio"),
            "video_codec": now.codec("video"),
            "sent_kbit_s": round(gained("transport", "bytesSent") * 8 / 1000 / seconds, 1),
            "received_kbit_s": round(gained("transport", "bytesReceived") * 8 / 1000 / seconds, 1),
            "loss_ratio": round(lost / (lost + arrived), 4) if lost else 0.0,
            "concealed_ratio": concealed_ratio(
                concealed, gained("inbound-rtp", "totalSamplesReceived")
            ),
            "rtt_ms": None if round_trip_s is None else round(round_trip_s * 1000, 1),
            "freezes_per_minute": freezes_per_minute(gained("inbound-rtp", "freezeCount"), seconds),
            "relayed": now.relayed,
        }


def concealed_ratio(concealed: float, played: float) -> float:
    """Share, 0 to 1, of samples; what is made up is counted before it is played, a packet ahead."""
    return round(min(1.0, concealed / played), 4) if played > 0 else 0.0


def freezes_per_minute(freezes: float, seconds: float) -> float:
    """Of an interval; the last report of a call may come milliseconds after the one before."""
    return round(freezes * 60 / max(1.0, seconds), 2)


def _gained(last: Snapshot, now: Snapshot, kind: str, member: str) -> float:
    """How much a total grew, over all entries of a kind; those of a source begin anew at nothing
    with another source."""
    total = 0.0
    for key, entry in now.entries.items():
        if entry["type"] == kind:
            before = last.entries.get(key, {})
            same = member not in _OF_SOURCE or before.get("ssrc") == entry.get("ssrc")
            known = before.get(member, 0) if same else 0
            total += max(0.0, entry.get(member, 0) - known)
    return total
