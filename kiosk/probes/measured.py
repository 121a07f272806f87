"""What `kiosk probe` found, for programs and for people. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from visiohub.linkquality.delays import DelaySummary
from visiohub.linkquality.verdict import Doubt, Verdict
from visiohub.linkquality.voice import heard

_WHY = {
    Doubt.TOO_SHORT: "too few packets came",
    Doubt.BURST: "a shaper lets so much through at once that the line did not show",
    Doubt.SENDER: "this PC or the hub sent too slowly for this line",
    Doubt.UNSTEADY: "others use the line, or it shakes the packets too much",
}


@dataclass(frozen=True)
class Measured:
    """What was found; `octets_up` and `octets_down` are what it cost."""

    up: Verdict
    down: Verdict
    delays: DelaySummary
    octets_up: int
    octets_down: int

    @property
    def complete(self) -> bool:
        """Whether every figure is known."""
        return None not in (self.up.kbit_s, self.down.kbit_s, self.delays.two_way_ms)


def plain(measured: Measured) -> dict[str, Any]:
    """For programs: kbit/s of IP, milliseconds; null is not known."""
    voice = heard(measured.delays) if measured.delays.sent else None
    up, down = (voice.forward, voice.backward) if voice else (None, None)
    delay = asdict(measured.delays)
    del delay["two_way_counts"]  # for adding up, which one measurement does not
    return {
        "up": asdict(measured.up),
        "down": asdict(measured.down),
        "delay": delay,
        "voice_estimate": {
            "mos_up": round(up.mos, 2) if up else None,
            "mos_down": round(down.mos, 2) if down else None,
        },
        "octets_up": measured.octets_up,
        "octets_down": measured.octets_down,
    }


def table(measured: Measured) -> str:
    """For people."""
    told = plain(measured)
    two_way, voice = measured.delays.two_way_ms, told["voice_estimate"]
    loss = measured.delays.loss_ratio
    rows = [
        ("capacity up", _capacity(measured.up)),
        ("capacity down", _capacity(measured.down)),
        ("two-way delay", f"{two_way.p50:.1f} ms, 95 %: {two_way.p95:.1f} ms" if two_way else "?"),
        ("loss", "?" if loss is None else f"{100 * loss:.1f} % of {measured.delays.sent}"),
        ("voice up", f"MOS {voice['mos_up']} (estimate)" if voice["mos_up"] else "?"),
        ("voice down", f"MOS {voice['mos_down']} (estimate)" if voice["mos_down"] else "?"),
        ("cost", f"{(measured.octets_up + measured.octets_down) / 1000:.0f} kB"),
    ]
    return "\n".join(f"{name:14} {figure}" for name, figure in rows)


def _capacity(verdict: Verdict) -> str:
    if verdict.kbit_s is None:
        return f"not known: {_WHY[verdict.doubt]}" if verdict.doubt else "not known"
    error = f" +-{100 * verdict.error:.1f} %" if verdict.error is not None else ""
    return f"{verdict.kbit_s:.0f} kbit/s{error}"
