"""The record of a call: its ends' statistics, blended report by report, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from visiohub.domain.model import Call, CallEnd

WORKS = frozenset({"ok", "muted"})
"""States of a device that are no fault (signaling.protocol.cards.DeviceStatus)."""


def note_faults(call: Call, end: str, devices: Iterable[Mapping[str, str]]) -> None:
    """Keep which devices of `end` (`kiosk` or `agent`) do not work, once for the whole call."""
    faults = [f"{end}.{device['kind']}" for device in devices if device["status"] not in WORKS]
    new = [fault for fault in faults if fault not in call.device_faults]
    if new:
        call.device_faults = (*call.device_faults, *new)


def blend(end: CallEnd, report: CallEnd) -> CallEnd:
    """Means over all reports so far; the codecs are the last ones told."""
    n = end.samples

    def mean(so_far: float, latest: float) -> float:
        return (so_far * n + latest) / (n + 1)

    rtt_ms = report.rtt_ms
    if end.rtt_ms is not None:
        rtt_ms = end.rtt_ms if rtt_ms is None else mean(end.rtt_ms, rtt_ms)
    return CallEnd(
        audio_codec=report.audio_codec or end.audio_codec,
        video_codec=report.video_codec or end.video_codec,
        sent_kbit_s=mean(end.sent_kbit_s, report.sent_kbit_s),
        received_kbit_s=mean(end.received_kbit_s, report.received_kbit_s),
        loss_ratio=mean(end.loss_ratio, report.loss_ratio),
        rtt_ms=rtt_ms,
        freezes_per_minute=mean(end.freezes_per_minute, report.freezes_per_minute),
        relayed=report.relayed,
        samples=n + 1,
    )
