"""What a citizen saves who comes to a kiosk instead of the office."""

from __future__ import annotations

from hub_world import World

from visiohub.booking.journeys import journey_saved
from visiohub.storage.uow import UnitOfWork


def test_there_and_back_for_one_person_if_anybody_told_where_the_office_is(world: World) -> None:
    ids = world.service.id, world.venue.id
    assert world.see(journey_saved, *ids) is None

    def office(latitude: float) -> None:
        def told(uow: UnitOfWork) -> None:
            partner = uow.partners.get(world.partner.id)
            partner.latitude, partner.longitude = latitude, 6.6

        world.do(told)

    office(44.6)
    assert world.see(journey_saved, *ids) is None  # it stands in the venue
    office(44.9)
    saved = world.see(journey_saved, *ids)
    assert saved is not None
    assert 80 < saved.km < 100
    assert saved.km == 2 * saved.km_one_way
