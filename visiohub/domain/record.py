"""The record of a call: its ends' statistics, blended report by report, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from visiohub.domain.model import Call, CallEnd

WORKS = frozenset({"ok", "muted", "not_fitted"})
"""States of a device that are no fault (signaling.protocol.cards.DeviceStatus)."""


def note_faults(call: Call, end: str, devices: Iterable[Mapping[str, str]]) -> None:
    """Keep which devices of `end` (`kiosk` or `agent`) do not work, once for the whole call."""
    faults = [f"{end}.{device['kind']}" for device in devices if device["status"] not in WORKS]
    new = [fault for fault in faults if fault not in call.device_faults]
    if new:
        call.device_faults = (*call.device_faults, *new)


def blend(end: CallEnd, report: CallEnd, covered_s: float) -> CallEnd:
    """Means over the time of all reports so far; the codecs are the last ones told.

    A report speaks of the time since the one before it. `covered_s` is how long after the start
    of the call's media it came, in seconds.
    """
    weight = max(0.0, covered_s - end.covered_s)
    total = end.covered_s + weight
    share = weight / total if total else 1.0

    def mean(so_far: float, latest: float) -> float:
        return so_far + (latest - so_far) * share

    rtt_ms = report.rtt_ms
    if end.rtt_ms is not None:
        rtt_ms = end.rtt_ms if rtt_ms is None else mean(end.rtt_ms, rtt_ms)
    return CallEnd(
        audio_codec=report.audio_codec or end.audio_codec,
        video_codec=report.video_codec or end.video_codec,
        sent_kbit_s=mean(end.sent_kbit_s, report.sent_kbit_s),
        received_kbit_s=mean(end.received_kbit_s, report.received_kbit_s),
        loss_ratio=mean(end.loss_ratio, report.loss_ratio),
        concealed_ratio=mean(end.concealed_ratio, report.concealed_ratio),
        rtt_ms=rtt_ms,
        freezes_per_minute=mean(end.freezes_per_minute, report.freezes_per_minute),
        relayed=report.relayed,
        samples=end.samples + 1,
        covered_s=total,
    )
