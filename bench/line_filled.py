"""Kiosks with a line each, what each tells of a minute, and what a line has measured in a year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from signaling.protocol.line_cards import MinuteCard, ModemCard, ModemWay, SpreadCard, TrainCard
from visiohub.booking import territory
from visiohub.booking.forms import KioskForm, LineForm, RoomForm, VenueForm
from visiohub.bootstrap import Hub
from visiohub.domain.line import Figures, ModemFigures, TrainResult, Way
from visiohub.domain.line_figures import counted
from visiohub.domain.model import LineKind
from visiohub.linkquality import histogram
from visiohub.storage.line_series import Resolution

SEED = 20_261_121
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE, QUARTER, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1)
READING = timedelta(minutes=4)
"""Of the modem (kiosk/probes/modem_watch.py)."""
YEAR_DAYS = 365
MINUTES_DAYS = 31
"""Minutes are kept for so long (visiohub/settings.py)."""


def territory_of(hub: Hub, lines: int) -> tuple[list[str], list[str]]:
    """So many venues with a line and a kiosk; the kiosks' ids, and the lines', numbered from 1."""
    kiosks, ids = [], []
    with hub.uow() as uow:

        def make(form: Any) -> Any:
            return territory.create(uow, form, None, NOW)

        for number in range(lines):
            place = {"street": "1 place du Four", "postcode": "05600", "town": f"Lieu {number}"}
            where = {"latitude": 44.6, "longitude": 6.6, "phone": "04 65 71 20 05"}
            venue = make(VenueForm(name=f"Lieu {number}", kind="Mairie", **place, **where))
            line = make(
                LineForm(venue_id=venue.id, kind=LineKind.ADSL, up_kbit_s=900, down_kbit_s=9000)
            )
            room = make(RoomForm(venue_id=venue.id, name="Salle", capacity=3))
            kiosks.append(make(KioskForm(room_id=room.id, name=f"Borne {number}")).id)
            ids.append(line.id)
            uow.linkquality.states.of(line.id)
        uow.commit()
    return kiosks, ids


def told_at(minute: int) -> Iterator[Any]:
    """What a kiosk tells of this minute after NOW."""
    at = NOW + minute * MINUTE
    spread = SpreadCard(p5=31.2, p50=35.9, p95=44.1, p99=63.0)
    yield MinuteCard(
        at=at, sent=20, lost=0, two_way=spread, up=spread, down=spread, octets_up=2800,
        octets_down=2800, two_way_counts=tuple(_delays(20, minute).items()),
    )  # fmt: skip
    if minute % 60 == 0:
        for way in ("up", "down"):
            yield TrainCard.model_validate(
                {"at": at, "way": way, "kbit_s": 800.0, "doubt": None, "packets": 61,
                 "octets": 1228, "arrived": 61}
            )  # fmt: skip
    if minute % 4 == 0:
        way_card = ModemWay(sync_kbit_s=1000.0, snr_db=9.5, errored_s=2)
        yield ModemCard(at=at, standard="adsl", up=way_card, down=way_card, retrains=0)


def fill_year(uow: Any, line_id: str) -> None:
    """A year of one line, its last month in minutes, too."""
    random = Random(SEED)  # noqa: S311 - no secret
    number, series = uow.linkquality.states.of(line_id).number, uow.linkquality.series
    start = NOW - YEAR_DAYS * DAY
    quarters = YEAR_DAYS * 96
    rows = [(number, _figures(start + n * QUARTER, random)) for n in range(quarters)]
    series.add_figures(rows, Resolution.QUARTERS)
    days = [(number, _figures(start + n * DAY, random)) for n in range(YEAR_DAYS)]
    series.add_figures(days, Resolution.DAYS)
    trains = [
        (number, _train(start + n * 4 * QUARTER, way, random))
        for n in range(YEAR_DAYS * 24) for way in Way
    ]  # fmt: skip
    series.add_trains(trains)
    minutes = [
        (
            number,
            replace(_figures(NOW - n * MINUTE, random), minutes=1, **random.choice(_MINUTES)),
        )
        for n in range(1, MINUTES_DAYS * 1440)
    ]
    series.add_figures(minutes, Resolution.MINUTES)
    modem = [(number, _reading(start + n * READING)) for n in range(YEAR_DAYS * DAY // READING)]
    series.add_modem(modem)


def _train(at: datetime, way: Way, random: Random) -> TrainResult:
    rate = random.uniform(700, 800)
    return TrainResult(at, way, rate, None, 0.01, 0, 61, 1228, 61, 0, in_call=False)


def _reading(at: datetime) -> ModemFigures:
    up, down = (1000.0, 1100.0, 9.5, 30.0, 0, 0, 0.0), (9000.0, 9500.0, 8.5, 31.0, 0, 0, 0.0)
    return ModemFigures(at, "adsl", *up, *down, 0, 1e6)


def _figures(at: datetime, random: Random) -> Figures:
    spread: dict[str, Any] = {
        f"{way}_{p}": random.uniform(5, 90)
        for way in ("up", "down") for p in ("p5", "p50", "p95", "p99")
    }  # fmt: skip
    spread |= random.choice(_DELAYS)
    return Figures(at, minutes=15, sent=300, lost=1, octets_up=42_000, octets_down=42_000, **spread)


def _delays(probes: int, seed: int) -> dict[int, int]:
    """Counts of two-way delays of an ADSL line: 30 ms, and 6 ms more in the mean."""
    random = Random(seed)  # noqa: S311 - no secret
    return histogram.count(30 + random.expovariate(1 / 6) for _ in range(probes))


_DELAYS = [counted(_delays(300, seed)) for seed in range(SEED, SEED + 50)]
"""Of quarters of an hour."""
_MINUTES = [counted(_delays(20, seed)) for seed in range(SEED, SEED + 50)]
