"""What a modem said over a stretch of time, for the table of a line's page. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from visiohub.domain.line import Way
from visiohub.domain.modem_readings import Readings, margin, over_time


@dataclass(frozen=True)
class ModemWay:
    """One direction, as domain.modem_readings puts it together; None is not known."""

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
        return margin(self.up.snr_db, self.down.snr_db)


def modem_span(rows: Readings) -> ModemSpan:
    """Of readings, or of days of them, in order of time."""
    return ModemSpan(_way(rows, Way.UP), _way(rows, Way.DOWN), _count(rows, "retrains"))


def _way(rows: Readings, way: Way) -> ModemWay:
    return ModemWay(
        over_time(rows, f"{way}_sync_kbit_s"),
        over_time(rows, f"{way}_attainable_kbit_s"),
        over_time(rows, f"{way}_snr_db"),
        over_time(rows, f"{way}_attenuation_db"),
        _count(rows, f"{way}_errored_s"),
        _count(rows, f"{way}_severely_errored_s"),
    )


def _count(rows: Readings, field: str) -> int | None:
    found = over_time(rows, field)
    return None if found is None else int(found)


NOTHING = modem_span(())
