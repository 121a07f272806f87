"""An agent who is retired, or goes to another partner, receives nobody any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases
from waiting_world import join

from visiohub.booking import online, territory, waiting_offers
from visiohub.booking.forms import PersonForm
from visiohub.booking.secrets import new_token
from visiohub.domain.model import Person, Role
from visiohub.domain.permanence import Permanence
from visiohub.errors import InvalidForm, SlotTaken
from visiohub.storage.uow import UnitOfWork

pytestmark = on_both_databases
TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Of Paris, today."""


def hold(world: World, agent_id: str | None) -> Permanence:
    return world.hold(agent_id=agent_id, name="Guichet")


def take(world: World, starts_at: datetime) -> str:
    """A citizen does."""
    wanted = online.OnlineForm(
        service_id=world.service.id, venue_id=world.venue.id, starts_at=starts_at, initials="D. R."
    )
    booked = world.do(online.book_online, wanted, new_token(), "192.0.2.1", NOW)
    return str(booked.appointment_id)


def retire(world: World) -> None:
    world.do(territory.retire, Person, world.agent.id, world.agent.version, world.admin, NOW)


def edit(world: World, **fields: object) -> None:
    agent = world.agent
    kept = {"login": agent.login, "label": agent.label, "roles": agent.roles}
    new = PersonForm.model_validate({**kept, "partner_id": agent.partner_id, **fields})
    world.do(territory.update, agent.id, new, agent.version, world.admin, NOW)


@pytest.mark.parametrize("leaves", ["retired", "to another partner", "other role"])
def test_who_leaves_is_not_booked_any_more(world: World, leaves: str) -> None:
    held = hold(world, world.agent.id)
    booked = take(world, TEN)
    if leaves == "retired":
        retire(world)
    elif leaves == "to another partner":
        edit(world, partner_id=world.stranger.partner_id)
    else:
        edit(world, roles=frozenset({Role.ADMINISTRATOR}), partner_id=None)
    assert world.appointment(booked).agent_id is None
    assert not world.see(lambda uow: uow.permanences.get(held.id)).active
    with pytest.raises(SlotTaken):
        take(world, TEN + timedelta(hours=1))
    with pytest.raises(InvalidForm):
        hold(world, world.agent.id)
    [said] = world.see(lambda uow: uow.audit.list(subject=booked, action="appointment.assign"))
    assert (said.before["agent_id"], said.after["agent_id"]) == (world.agent.id, None)


def test_a_new_name_takes_nothing_away(world: World) -> None:
    held = hold(world, world.agent.id)
    booked = take(world, TEN)
    edit(world, label="Agnès")
    assert world.appointment(booked).agent_id == world.agent.id
    assert world.see(lambda uow: uow.permanences.get(held.id)).active


def test_the_counter_takes_over_what_it_can(world: World) -> None:
    guichet = hold(world, None)
    at_counter = take(world, TEN)
    hold(world, world.agent.id)
    entry = join(world, new_token(), venue_ids=(world.elsewhere.id,))
    due = waiting_offers.Due(entry.id, world.elsewhere.id, TEN + timedelta(hours=24))
    take(world, due.starts_at)  # the counter's seat; the agent is offered
    made = world.do(waiting_offers.make_offer, due, NOW)
    assert made.offer.agent_id == world.agent.id
    later = world.book("11:00", agent_id=world.agent.id).appointment_id
    retire(world)
    assert world.appointment(at_counter).seat_id == f"{guichet.id}/1"
    assert world.appointment(later).seat_id == f"{guichet.id}/1"
    offer = world.see(lambda uow: uow.waiting_list.get(entry.id)).offer
    assert (offer.agent_id, offer.seat_id) == (None, None)


def test_permanences_of_who_left_before_are_not_offered(world: World) -> None:
    held = hold(world, world.agent.id)
    retire(world)

    def as_it_was(uow: UnitOfWork) -> None:
        uow.permanences.get(held.id).active = True

    world.do(as_it_was)
    with pytest.raises(SlotTaken):
        take(world, TEN)
