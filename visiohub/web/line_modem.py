"""What a modem said over a stretch of time, for the table of a line's page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from visiohub.domain.line import DayOfModem, ModemFigures, Way


@dataclass(frozen=True)
class ModemWay:
    """One direction: the newest rates, the least margin, the greatest attenuation, sums of the
    seconds; None is not known."""

    sync_kbit_s: float | None
    attainable_kbit_s: float | None
    snr_db: float | None
    attenuation_db: float | None
    errored_s: int | None
    severely_errored_s: int | None


@dataclass(frozen=True)
class ModemSpan:
    """Both directions."""

    up: ModemWay
    down: ModemWay
    retrains: int | None

    @property
    def known(self) -> bool:
        """Whether it said anything."""
        return self != NOTHING

    @property
    def snr_db(self) -> float | None:
        """Of the worse direction."""
        return min((m for m in (self.up.snr_db, self.down.snr_db) if m is not None), default=None)


def modem_span(rows: Sequence[ModemFigures] | Sequence[DayOfModem]) -> ModemSpan:
    """Of readings, or of days of them, in order of time."""
    retrains = [row.retrains for row in rows if row.retrains is not None]
    return ModemSpan(_way(rows, Way.UP), _way(rows, Way.DOWN), sum(retrains) if retrains else None)


def _way(rows: Sequence[ModemFigures] | Sequence[DayOfModem], way: Way) -> ModemWay:
    def known(field: str) -> list[float]:
        return [value for row in rows if (value := getattr(row, f"{way}_{field}")) is not None]

    def newest(field: str) -> float | None:
        return next(iter(known(field)[-1:]), None)

    def total(field: str) -> int | None:
        found = known(field)
        return int(sum(found)) if found else None

    return ModemWay(
        newest("sync_kbit_s"),
        newest("attainable_kbit_s"),
        min(known("snr_db"), default=None),
        max(known("attenuation_db"), default=None),
        total("errored_s"),
        total("severely_errored_s"),
    )


NOTHING = modem_span(())
