"""A line's month beside its contracts as PDF, in French, for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from visiohub.booking.lines.reporting import LineMonth, MonthPart
from visiohub.linkquality.contract import Broken, ContractReport, Direction, Excused
from visiohub.web.statement_pdf import NBSP, TITLE_PT, Pages, day, month_name

NOT_KNOWN = "non connu"
HOW_MEASURED = (
    "Le débit est mesuré par de courts trains de paquets, dans chaque sens, quand la ligne ne sert "
    "à rien d’autre. Il est ramené au débit sur la ligne, en-têtes et cellules comprises, pour "
    "être comparé au contrat. Une mesure qui n’est pas sûre n’est pas comptée. Dix-neuf mesures "
    f"sûres sur vingt sont justes à 2{NBSP}% près{NBSP}: une mesure ne compte en dessous du débit "
    "garanti que si elle l’est de plus que cela."
)
HOW_OUT = (
    "Une coupure est un temps où la ligne ne répond plus au centre. Une panne d’électricité sur "
    "place ou un équipement éteint la font voir de la même façon."
)
HOW_EXCUSED = (
    "Les débits mesurés pendant ces temps ne sont pas comptés. La durée d’une coupure est donnée "
    "sans la part qui tombe dans ces temps."
)


def line_report_pdf(made: LineMonth, issued: date) -> bytes:
    """The month of one line; `issued` is the report's date."""
    name = f"{made.venue.full_name}, {month_name(made.month)}"
    pages = Pages(f"Qualité de la ligne, {name}", made.venue.full_name)
    pages.heading(f"Qualité de la ligne, {month_name(made.month)}", TITLE_PT, level=0)
    venue = made.venue
    pages.paragraph(f"{venue.name}, {venue.street}, {venue.postcode} {venue.town}")
    pages.paragraph(f"Rapport du {day(issued)}")
    zone = ZoneInfo(venue.time_zone)
    if made.since is not None:
        pages.paragraph(
            f"Le contrat de cette ligne a changé le {instant(made.since, zone)}. Ce qui a été "
            "mesuré avant n’est pas compté."
        )
    if len(made.parts) > 1:
        pages.paragraph(
            "Le contrat de cette ligne a changé pendant ce mois. Ce qui a été mesuré est comparé "
            "au contrat de ce moment-là. Une coupure qui va d’un contrat à l’autre compte entière, "
            "et se juge au délai promis quand elle a commencé."
        )
    for part in made.parts:
        if len(made.parts) > 1:
            begin, end = instant(part.report.begin, zone), instant(part.report.end, zone)
            pages.heading(f"Du {begin} au {end}", TITLE_PT, level=0)
        _part(pages, part, zone)
    return bytes(pages.output())


def _part(pages: Pages, part: MonthPart, zone: ZoneInfo) -> None:
    made = part.report
    for line in _heads(part):
        pages.paragraph(line)
    pages.heading("Débit")
    pages.listing(
        ("", "Vers le lieu", "Depuis le lieu"),
        (90, 50, 50),
        list(zip(_NAMES, _figures(made.down), _figures(made.up), strict=True)),
        words=1,
    )
    pages.paragraph(HOW_MEASURED)
    _days_below(pages, made)
    pages.heading("Disponibilité")
    pages.listing(
        ("", "Ce mois"),
        (140, 50),
        [
            ("Part du mois avec des mesures", share(made.measured)),
            ("Durée totale des coupures", duration(made.out)),
            ("Disponibilité sur le temps mesuré", share(made.available)),
        ],
        words=1,
    )
    pages.heading("Coupures")
    if made.outages:
        pages.listing(
            ("Début", "Fin", "Durée", "Délai de rétablissement"),
            (50, 50, 35, 55),
            [_outage(one, zone) for one in made.outages],
            words=2,
        )
    else:
        counted = " à compter" if made.excused else ""
        pages.paragraph(f"Aucune coupure{counted} n’a été vue ce mois-ci.")
    pages.paragraph(HOW_OUT)
    if made.excused:
        pages.heading("Travaux annoncés, et coupures non comptées")
        pages.listing(
            ("Début", "Fin", "Nature", "Raison"),
            (50, 50, 35, 55),
            [_excused(one, zone) for one in made.excused],
            words=2,
        )
        pages.paragraph(HOW_EXCUSED)


def _heads(part: MonthPart) -> Sequence[str]:
    terms = part.report.terms
    hours = NOT_AGREED if terms.restoration is None else duration(terms.restoration)
    return (
        f"Ligne {part.kind.upper()}, opérateur {terms.operator or NOT_KNOWN}",
        f"Délai de rétablissement au contrat{NBSP}: {hours}",
    )


NOT_AGREED = "aucun"
_NAMES = (
    "Débit du contrat",
    "Débit garanti",
    "Mesures sûres",
    "Débit médian",
    "Part du débit du contrat",
    "Neuf mesures sur dix au-dessus de",
    "Mesures au débit garanti, ou au-dessus",
    "Jours en dessous du débit garanti",
)


def _figures(way: Direction) -> tuple[str, ...]:
    below = NOT_KNOWN if way.kept is None else str(len(way.days_below))
    return (
        rate(way.contract_kbit_s),
        NOT_AGREED if way.guaranteed_kbit_s is None else rate(way.guaranteed_kbit_s),
        str(way.trains),
        rate(way.median_kbit_s),
        share(way.of_contract),
        rate(way.low_kbit_s),
        share(way.kept),
        below,
    )


def _days_below(pages: Pages, made: ContractReport) -> None:
    for name, way in (("vers le lieu", made.down), ("depuis le lieu", made.up)):
        if way.days_below:
            days = ", ".join(day(one) for one in way.days_below)
            pages.paragraph(f"Jours en dessous du débit garanti, {name}{NBSP}: {days}.")


def _outage(one: Broken, zone: ZoneInfo) -> tuple[str, ...]:
    told = {None: "aucun au contrat", True: "dépassé", False: "tenu"}
    end = instant(one.over_at, zone) if one.over_at else "dure encore"
    return (instant(one.begin, zone), end, duration(one.lasted), told[one.too_long])


def _excused(one: Excused, zone: ZoneInfo) -> tuple[str, ...]:
    end = instant(one.end, zone) if one.end else ""
    return instant(one.begin, zone), end, "Travaux" if one.works else "Coupure", one.reason


def rate(kbit_s: float | None) -> str:
    """1,94 Mbit/s, 512 kbit/s."""
    if kbit_s is None:
        return NOT_KNOWN
    mega = kbit_s >= 1000
    figure = format_decimal(kbit_s / 1000 if mega else kbit_s, "0.##" if mega else "0", locale="fr")
    return f"{figure}{NBSP}{'M' if mega else 'k'}bit/s"


def share(ratio: float | None) -> str:
    """99,52 %."""
    if ratio is None:
        return NOT_KNOWN
    return f"{format_decimal(100 * ratio, '0.##', locale='fr')}{NBSP}%"


def duration(span: timedelta) -> str:
    """3 h 05, in whole minutes."""
    minutes = round(span / timedelta(minutes=1))
    return f"{minutes // 60}{NBSP}h{NBSP}{minutes % 60:02}"


def instant(value: datetime, zone: ZoneInfo) -> str:
    """23/11/2026 à 09 h 05, on the venue's clock."""
    local = value.astimezone(zone)
    return f"{day(local.date())} à {local:%H}{NBSP}h{NBSP}{local:%M}"
