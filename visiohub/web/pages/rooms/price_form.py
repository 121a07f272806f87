"""The form of a price list: its words and rows, a grid as it is typed, faults by field."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from visiohub.domain.booking import PriceList
from visiohub.domain.tariff.check import Cause, Fault
from visiohub.domain.tariff.grid import Unit
from visiohub.web.i18n import later
from visiohub.web.inputs import FormData
from visiohub.web.pages.rooms.lines import write_days, write_week


@dataclass(frozen=True)
class Rows:
    """The rows of a table in the form; their fields are called `name.0.what`."""

    name: str
    most: int


TARIFFS, PASSES = Rows("tariffs", 36), Rows("passes", 8)
"""Six profiles of six classes of rooms; with them the page keeps within what thin lines carry."""
_QUOTAS = (".quota_hours", ".quota_pages")
"""The page itself writes 0 here for none."""
_REMOVED = ".removed"
"""The tick of a row that is to go."""
SAYS = {
    Cause.EMPTY: later("Il en faut au moins un."),
    Cause.NEGATIVE_PRICE: later("Un prix ne peut pas être négatif. Écrivez 0 pour gratuit."),
    Cause.NOT_CENTS: later("Donnez un prix en euros et centimes, par exemple 12,50."),
    Cause.TOO_DEAR: later("Ce prix est trop grand. Vérifiez la virgule."),
    Cause.TWICE: later("Il est déjà donné plus haut. Gardez-en un seul."),
    Cause.UNKNOWN_PROFILE: later("Ce profil n’est pas dans la liste des profils. Ajoutez-le."),
    Cause.GAP: later("Il manque une ligne de prix pour {profile}, salles « {room} »."),
    Cause.PEAK_ORDER: later("Cette plage finit avant de commencer. Corrigez l’une des heures."),
    Cause.PEAK_OVERLAP: later("Deux plages du même jour se chevauchent. Corrigez l’une d’elles."),
    Cause.PEAK_BELOW: later("Le prix des heures chargées est sous le prix ordinaire."),
    Cause.PEAK_NEVER: later("Dites quand sont les heures chargées, ou ôtez ce prix."),
    Cause.IMPOSSIBLE_QUOTA: later("Donnez un nombre de 0 à {most}."),
    Cause.IMPOSSIBLE_COUNT: later("Donnez un nombre de {least} à {most}."),
    Cause.WEEKDAY: later("Choisissez un jour de la semaine."),
    Cause.PERCENT: later("Donnez un pourcentage de 0 à 100, par exemple 5,5."),
    Cause.UNIT: later("Un carnet a des demi-journées ou des journées."),
    Cause.MIDDAY: later("Donnez l’heure qui coupe la journée en deux, par exemple 13:00."),
    Cause.LATE_ABOVE_NO_SHOW: later("Prévenir tard ne peut pas coûter plus que ne pas venir."),
}


def typed_prices(kept: PriceList) -> FormData:
    """The form with what is kept."""
    grid, rule = kept.grid, kept.cancellation
    values: dict[str, object] = {
        "version": kept.version,
        "profiles": ", ".join(grid.profiles),
        "room_classes": ", ".join(grid.room_classes),
        "vat_percent": grid.vat_percent,
        "prices_include_vat": "1" if grid.prices_include_vat else "",
        "midday": f"{grid.midday:%H:%M}",
        "peak": write_week(grid.peak),
        "free_hours": rule.free_hours,
        "late_percent": rule.late_percent,
        "no_show_percent": rule.no_show_percent,
    }
    typed = FormData()
    for n, row in enumerate(grid.tariffs):
        at = f"tariffs.{n}"
        values |= {f"{at}.profile": row.profile, f"{at}.room": row.room}
        for rate in row.rates:
            values |= {f"{at}.{rate.unit}": _plain(rate.price)}
            values |= {f"{at}.{rate.unit}.peak": _plain(rate.peak)}
        values |= {f"{at}.session": _plain(row.session), f"{at}.page": _plain(row.page)}
        values |= {f"{at}.quota_hours": row.quota.hours, f"{at}.quota_pages": row.quota.pages}
        if row.first_uses:
            values |= {f"{at}.first_count": row.first_uses.count}
            values |= {f"{at}.first_hours": row.first_uses.hours}
        values |= {f"{at}.free": write_days(row.free_weekdays)}
    for n, offer in enumerate(grid.passes):
        at = f"passes.{n}"
        values |= {f"{at}.id": offer.id, f"{at}.unit": offer.unit, f"{at}.count": offer.count}
        values |= {f"{at}.price": _plain(offer.price), f"{at}.valid_days": offer.valid_days}
        values |= {f"{at}.profiles": ", ".join(sorted(offer.profiles))}
        values |= {f"{at}.rooms": ", ".join(sorted(offer.rooms))}
    typed.extend((name, str(value)) for name, value in values.items())
    return typed


def _plain(price: Decimal | None) -> str:
    return "" if price is None else f"{price:.2f}".replace(".", ",").removesuffix(",00")


def shown_rows(typed: FormData, rows: Rows) -> list[int]:
    """Those that are filled, and one more."""
    filled = filled_rows(typed, rows)
    return [n for n in range(rows.most) if n in filled or n == max(filled, default=-1) + 1]


def filled_rows(typed: FormData, rows: Rows) -> list[int]:
    """Those in which something was typed: a blank row has a unit, too, and nothing is offered."""
    filled = {
        tuple(name.split(".")[:2])
        for name, value in typed.items()
        if value.strip()
        and not (value.strip() == "0" and name.endswith(_QUOTAS))
        and not name.endswith((".unit", _REMOVED))
    }
    return [n for n in range(rows.most) if (rows.name, str(n)) in filled]


def kept_rows(typed: FormData, rows: Rows) -> list[int]:
    """Those of them that are not to be removed."""
    return [n for n in filled_rows(typed, rows) if not typed.one(f"{rows.name}.{n}{_REMOVED}")]


def input_of(fault: Fault, typed: FormData) -> str:
    """The form's field: the fault counts only the rows that are kept."""
    parts = fault.field.split(".")
    rows = next((one for one in (TARIFFS, PASSES) if one.name == parts[0]), None)
    if rows is None or len(parts) < 3:
        return parts[0]
    at = f"{rows.name}.{kept_rows(typed, rows)[int(parts[1])]}"
    match parts[2:]:
        case ["rates", n, what]:
            given = [u for u in Unit if typed.one(f"{at}.{u}")]
            unit = given[int(n)]
            return f"{at}.{unit}.peak" if what == "peak" else f"{at}.{unit}"
        case ["rates"]:
            return f"{at}.hour"
        case ["first_uses", what] | ["quota", what]:
            return f"{at}.{parts[2].removesuffix('_uses')}_{what}"
        case ["free_weekdays"]:
            return f"{at}.free"
        case rest:
            return f"{at}.{rest[0]}"
