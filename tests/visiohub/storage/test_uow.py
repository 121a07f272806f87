from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases
from sqlalchemy.exc import StatementError

from visiohub.booking.secrets import new_id
from visiohub.domain.model import Attempt
from visiohub.errors import EditedMeanwhile, NotFound

pytestmark = on_both_databases


def test_what_is_not_committed_is_not_kept(world: World) -> None:
    with world.hub.uow() as uow:
        uow.venues.get(world.venue.id).name = "Autre"
        uow.flush()
    assert world.see(lambda uow: uow.venues.get(world.venue.id)).name == "Guillestre"


def test_topics_are_told_after_the_commit(world: World) -> None:
    with world.hub.uow() as uow:
        uow.changed("kiosks")
        assert uow.topics == set()
        uow.commit()
        assert uow.topics == {"kiosks"}


def test_an_unknown_id_is_named(world: World) -> None:
    with world.hub.reading() as uow, pytest.raises(NotFound, match="Venue 'nowhere'"):
        uow.venues.get("nowhere")


def test_a_row_that_changed_under_us_is_not_overwritten(world: World) -> None:
    with world.hub.reading() as earlier:
        stale = earlier.venues.get(world.venue.id)
    with world.hub.uow() as uow:
        venue = uow.venues.get(world.venue.id)
        venue.version += 1
        uow.commit()
    with world.hub.uow() as uow:
        uow._session.add(stale)
        stale.name = "Autre"
        with pytest.raises(EditedMeanwhile):
            uow.commit()


def test_instants_come_back_in_utc_and_naive_ones_are_refused(world: World) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=2)))
    world.do(lambda uow: uow.attempts.add(Attempt("a1", "k", "x", local)))
    (attempt,) = world.see(lambda uow: uow.attempts.list(kind="k"))
    assert attempt.at == NOW
    assert attempt.at.tzinfo is UTC
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"):
        world.do(lambda uow: uow.attempts.add(Attempt(new_id(), "k", "x", naive)))


def test_a_text_with_nul_in_it_is_no_fault(world: World) -> None:
    assert world.see(lambda uow: uow.venues.find("\0")) is None
    world.do(lambda uow: uow.attempts.add(Attempt("a1", "k", "some\0one", NOW)))
    (attempt,) = world.see(lambda uow: uow.attempts.list(kind="k"))
    assert attempt.key.replace("\0", "") == "someone"


def test_values_survive_the_database(world: World) -> None:
    venue = world.see(lambda uow: uow.venues.get(world.venue.id))
    assert venue.opening == world.venue.opening
    agent = world.see(lambda uow: uow.persons.get(world.agent.id))
    assert agent.roles == world.agent.roles


def test_a_reader_does_not_wait_for_a_writer(world: World) -> None:
    with world.hub.uow() as writer:
        writer.venues.get(world.venue.id).name = "Autre"
        writer.flush()
        with world.hub.reading() as reader:
            assert reader.venues.get(world.venue.id).name == "Guillestre"
        writer.commit()
