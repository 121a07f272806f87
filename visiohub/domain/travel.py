"""The journeys that a visio booking replaces: kilometres, euros, CO2, and when it is worth it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import asin, cos, radians, sin, sqrt

from visiohub.domain.tariff.money import cents

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the WGS 84 ellipsoid (IUGG, R1)."""
TENTH = Decimal("0.1")
GRAMS = Decimal(1000)


@dataclass(frozen=True)
class TravelRates:
    """What a kilometre is and costs; settings of the territory.

    Raises ValueError: roads are no shorter than the straight line, and a kilometre costs something.
    """

    road_factor: Decimal
    """Kilometres by road for one as the crow flies."""
    eur_per_km: Decimal
    g_co2_per_km: Decimal

    def __post_init__(self) -> None:
        if self.road_factor < 1 or self.eur_per_km <= 0 or self.g_co2_per_km < 0:
            raise ValueError(f"not rates of travel: {self}")


@dataclass(frozen=True)
class TravelSaved:
    """What a booking saves, and where it begins to be worth its price."""

    km_one_way: Decimal
    km: Decimal
    """There and back, of all participants."""
    eur: Decimal
    kg_co2: Decimal
    break_even_km: Decimal
    """One way by road: further than this, the journey costs more than the booking."""

    @property
    def is_worth_it(self) -> bool:
        """Is the journey dearer than the booking?"""
        return self.km_one_way > self.break_even_km


def great_circle_km(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Between two (latitude, longitude) in degrees, by the haversine formula."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, point)) for point in (here, there))
    half_chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_chord)))


def travel_saved(
    here: tuple[float, float],
    there: tuple[float, float],
    participants: int,
    price: Decimal,
    rates: TravelRates,
) -> TravelSaved:
    """What `participants` save who need not go `there` and back; `price` is the booking's, euros.

    Raises ValueError without a participant.
    """
    if participants < 1:
        raise ValueError(f"{participants} participants")
    straight = Decimal(great_circle_km(here, there))
    one_way = (straight * rates.road_factor).quantize(TENTH, ROUND_HALF_UP)
    km = one_way * 2 * participants
    return TravelSaved(
        km_one_way=one_way,
        km=km,
        eur=cents(km * rates.eur_per_km),
        kg_co2=(km * rates.g_co2_per_km / GRAMS).quantize(TENTH, ROUND_HALF_UP),
        break_even_km=break_even_km(price, participants, rates),
    )


def travel_saved_by(
    places: Sequence[tuple[float, float]],
    there: tuple[float, float],
    participants: int,
    price: Decimal,
    rates: TravelRates,
) -> TravelSaved:
    """The same of several places, from each of which `participants` need not go `there`; `price` is
    of all. Who is there already does not travel; one way is the mean of those who would.

    Raises ValueError without a place or a participant.
    """
    each = [travel_saved(here, there, participants, price, rates) for here in places]
    far = [one for one in each if one.km_one_way] or each
    km = sum((one.km for one in far), Decimal(0))
    travellers = participants * len(far)
    return TravelSaved(
        km_one_way=(km / (2 * travellers)).quantize(TENTH, ROUND_HALF_UP),
        km=km,
        eur=cents(km * rates.eur_per_km),
        kg_co2=(km * rates.g_co2_per_km / GRAMS).quantize(TENTH, ROUND_HALF_UP),
        break_even_km=break_even_km(price, travellers, rates),
    )


def break_even_km(price: Decimal, participants: int, rates: TravelRates) -> Decimal:
    """One way by road, to a tenth: where the journeys of all cost what the booking costs.

    The study of the first visio points: about 90 km at 100 EUR a session for one person.
    """
    each_km = 2 * participants * rates.eur_per_km
    return (price / each_km).quantize(TENTH, ROUND_HALF_UP)
