"""A line's month as a table for spreadsheets: by contract a figure a row, then an outage a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from visiohub.booking.lines.reporting import LineMonth
from visiohub.linkquality.contract import ContractReport, Direction
from visiohub.web.cells import BYTE_ORDER_MARK, safe

HEADS = ("Lieu", "Opérateur", "Mois", "Sens", "Mesure", "Valeur", "Unité")
_KEPT = {None: "", True: "dépassé", False: "tenu"}


def line_report_csv(made: LineMonth) -> bytes:
    """The table; what is not known is an empty cell. Times are on the venue's clock, ISO 8601."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADS)
    zone = ZoneInfo(made.venue.time_zone)
    for part in made.parts:
        operator = safe(part.report.terms.operator)
        who = (safe(made.venue.full_name), operator, str(made.month))
        if made.since is not None and part is made.parts[0]:
            since = _local(made.since, zone)
            writer.writerow((*who, "", "compté depuis le changement de contrat", since, ""))
        if len(made.parts) > 1:
            for edge, at in (("début", part.report.begin), ("fin", part.report.end)):
                writer.writerow((*who, "", f"contrat, {edge}", _local(at, zone), ""))
        for row in _rows(part.report, zone):
            writer.writerow((*who, *row))
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _rows(made: ContractReport, zone: ZoneInfo) -> Iterator[tuple[str, str, str, str]]:
    for name, way in (("vers le lieu", made.down), ("depuis le lieu", made.up)):
        for what, value, unit in _figures(way):
            yield name, what, _number(value), unit
        for day in way.days_below:
            yield name, "jour en dessous du débit garanti", day.isoformat(), ""
    restoration = made.terms.restoration
    hours = None if restoration is None else restoration / timedelta(hours=1)
    yield "", "délai de rétablissement du contrat", _number(hours), "h"
    yield "", "part du mois avec des mesures", _number(_percent(made.measured)), "%"
    yield "", "disponibilité", _number(_percent(made.available)), "%"
    for outage in made.outages:
        yield "", "coupure, début", _local(outage.begin, zone), ""
        yield "", "coupure, fin", _local(outage.over_at, zone) if outage.over_at else "", ""
        yield "", "coupure, durée", _number(outage.lasted / timedelta(minutes=1)), "min"
        yield "", "coupure, délai de rétablissement", _KEPT[outage.too_long], ""
    for one in made.excused:
        what = "travaux" if one.works else "coupure non comptée"
        yield "", f"{what}, début", _local(one.begin, zone), ""
        yield "", f"{what}, fin", _local(one.end, zone) if one.end else "", ""
        yield "", f"{what}, raison", safe(one.reason), ""


def _figures(way: Direction) -> Iterator[tuple[str, float | None, str]]:
    yield "débit du contrat", way.contract_kbit_s, "kbit/s"
    yield "débit garanti", way.guaranteed_kbit_s, "kbit/s"
    yield "mesures sûres", way.trains, ""
    yield "débit médian", way.median_kbit_s, "kbit/s"
    yield "débit dépassé par neuf mesures sur dix", way.low_kbit_s, "kbit/s"
    yield "mesures au débit garanti ou au-dessus", _percent(way.kept), "%"


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else 100 * ratio


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".removesuffix(".00").replace(".", ",")


def _local(value: datetime, zone: ZoneInfo) -> str:
    return value.astimezone(zone).isoformat(timespec="minutes")
