"""Lines and kiosks for Prometheus; docs/metrics.md says what each name means.

Units are Prometheus' own: seconds, bits a second, ratios. What is not known has no sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from visiohub.booking.lines.gauges import LineGauges
from visiohub.domain.line import DayOfModem, Figures, ModemFigures, Way
from visiohub.linkquality.grading import Grade

_LINE = ["line", "venue"]
_WAYS = tuple(Way)


@dataclass(frozen=True)
class KioskGauge:
    """Whether one kiosk is connected; its id, as names are unique within a room only."""

    id: str
    name: str
    venue: str
    is_here: bool


class LineCollector(Collector):
    """Gives the newest snapshot; `lines` and `kiosks` are set before each answer."""

    def __init__(self) -> None:
        self.lines: Sequence[LineGauges] = ()
        self.kiosks: Sequence[KioskGauge] = ()

    def describe(self) -> Iterable[Metric]:
        """Nothing before the first snapshot."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All families, those without a sample, too."""
        yield _family(
            "kiosk_here", "Whether a kiosk is connected.", ["venue", "kiosk", "id"],
            [([k.venue, k.name, k.id], float(k.is_here)) for k in self.kiosks],
        )  # fmt: skip
        yield _family(
            "line_grade", "1 for the grade that a line has.", [*_LINE, "grade"],
            [([*_of(g), grade], float(g.row.grade is grade))
             for g in self.lines for grade in Grade],
        )  # fmt: skip
        yield _family(
            "line_out", "Whether a line is out.", _LINE,
            [(_of(g), float(s.out_since is not None)) for g in self.lines if (s := g.row.state)],
        )  # fmt: skip
        yield _family(
            "line_heard_timestamp_seconds", "When a line answered last.", _LINE,
            [(_of(g), s.heard_at.timestamp())
             for g in self.lines if (s := g.row.state) and s.heard_at],
        )  # fmt: skip
        yield _family(
            "line_alert", "1 for each rule of which an alert stands.", [*_LINE, "rule", "level"],
            [([*_of(g), rule, level.name.lower()], 1.0) for g in self.lines
             for rule, level in sorted({(a.rule, a.level) for a in g.row.alerts})],
        )  # fmt: skip
        yield from self._rates()
        yield from self._minutes()
        yield from self._modems()

    def _rates(self) -> Iterator[Metric]:
        contract, capacity, on_wire = [], [], []
        for g in self.lines:
            line = g.row.line
            for way, kbit_s in ((Way.DOWN, line.down_kbit_s), (Way.UP, line.up_kbit_s)):
                contract.append(([*_of(g), way], 1000.0 * kbit_s))
            for way, train in g.trains.items():
                if train.kbit_s is not None:
                    capacity.append(([*_of(g), way], 1000 * train.kbit_s))
                    wire = g.framing.wire_kbit_s(train.kbit_s, train.octets)
                    on_wire.append(([*_of(g), way], 1000 * wire))
        labels = [*_LINE, "direction"]
        says = "Rate of the contract, on the wire."
        yield _family("line_contract_bits_per_second", says, labels, contract)
        says = "Newest packet train, of IP."
        yield _family("line_capacity_bits_per_second", says, labels, capacity)
        says = "The same train, on the wire: to be held against the contract."
        yield _family("line_capacity_on_wire_bits_per_second", says, labels, on_wire)

    def _minutes(self) -> Iterator[Metric]:
        known = [(g, g.minute) for g in self.lines if g.minute]
        yield _family(
            "line_probes_lost_ratio", "Of the newest minute's probes.", _LINE,
            [(_of(g), minute.lost / minute.sent) for g, minute in known if minute.sent],
        )  # fmt: skip
        yield _family(
            "line_round_trip_seconds", "Two-way delay of the newest minute.", [*_LINE, "quantile"],
            [([*_of(g), quantile], value / 1000)
             for g, minute in known for quantile, value in _round_trips(minute)],
        )  # fmt: skip

    def _modems(self) -> Iterator[Metric]:
        now = [(g, g.modem) for g in self.lines if g.modem]
        day = [(g, g.modem_day) for g in self.lines if g.modem_day]
        labels = [*_LINE, "direction"]
        for name, field, factor, says in _MODEM:
            yield _family(name, says, labels, _by_way(now, field, factor))
        for name, field, says in _MODEM_DAY:
            yield _family(name, says, labels, _by_way(day, field, 1.0))
        retrains = [(_of(g), float(d.retrains)) for g, d in day if d.retrains is not None]
        yield _family("line_retrains", "Of the last 24 hours.", _LINE, retrains)
        uptimes = [(_of(g), modem.uptime_s) for g, modem in now if modem.uptime_s is not None]
        yield _family("line_uptime_seconds", "Since the last training.", _LINE, uptimes)


_MODEM = (
    ("line_sync_bits_per_second", "sync_kbit_s", 1000.0, "Rate of the modem's synchronisation."),
    ("line_attainable_bits_per_second", "attainable_kbit_s", 1000.0, "What it could reach."),
    ("line_snr_margin_decibels", "snr_db", 1.0, "Noise margin."),
    ("line_attenuation_decibels", "attenuation_db", 1.0, "Attenuation."),
)
_MODEM_DAY = (
    ("line_errored_seconds", "errored_s", "Of the last 24 hours."),
    ("line_severely_errored_seconds", "severely_errored_s", "Of the last 24 hours."),
)


def _of(gauges: LineGauges) -> list[str]:
    return [gauges.row.line.id, gauges.row.venue.full_name]


def _round_trips(minute: Figures) -> Iterator[tuple[str, float]]:
    for quantile, value in (("0.5", minute.rtt_p50), ("0.95", minute.rtt_p95)):
        if value is not None:
            yield quantile, value


def _by_way(
    known: Sequence[tuple[LineGauges, ModemFigures]] | Sequence[tuple[LineGauges, DayOfModem]],
    field: str,
    factor: float,
) -> Iterator[tuple[list[str], float]]:
    """What is not known has no sample."""
    for gauges, modem in known:
        for way in _WAYS:
            value: float | None = getattr(modem, f"{way}_{field}")
            if value is not None:
                yield [*_of(gauges), way], factor * value


def _family(
    name: str, says: str, labels: list[str], samples: Iterable[tuple[list[str], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"visiohub_{name}", says, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
