"""The journey that an appointment by visio replaces: from the venue to its partner's office."""

from __future__ import annotations

from decimal import Decimal

from visiohub.domain.model import Partner, Venue
from visiohub.domain.travel import TravelRates, TravelSaved, travel_saved
from visiohub.storage.uow import UnitOfWork


def rates_of(uow: UnitOfWork) -> TravelRates:
    """The territory's."""
    s = uow.settings
    return TravelRates(s.road_factor, s.eur_per_km, s.g_co2_per_km)


def office_of(partner: Partner) -> tuple[float, float] | None:
    """Latitude and longitude; None: not told."""
    if partner.latitude is None or partner.longitude is None:
        return None
    return partner.latitude, partner.longitude


def journey_saved(uow: UnitOfWork, service_id: str, venue_id: str) -> TravelSaved | None:
    """What one person saves who need not go to the office and back; None: nobody told where that
    is, or it is in the same place. Raises NotFound."""
    office = office_of(uow.partners.get(uow.services.get(service_id).partner_id))
    venue: Venue = uow.venues.get(venue_id)
    if office is None:
        return None
    saved = travel_saved((venue.latitude, venue.longitude), office, 1, Decimal(0), rates_of(uow))
    return saved if saved.km else None
