"""A month that is over never changes: who owes it alone stays its debtor when they are erased."""

from __future__ import annotations

from datetime import timedelta

from hub_world import NOW, World
from postgresql_server import on_both_databases
from room_world import at, furnish, release_unused

from visiohub.booking.personal import erase, retention
from visiohub.booking.rooms import statements
from visiohub.domain.tariff.months import Month
from visiohub.web.statement_csv import treasury_csv

pytestmark = on_both_databases
NOVEMBER = Month(2026, 11)


def test_the_treasury_knows_who_owes_what_was_used(world: World) -> None:
    rooms = furnish(world)
    rooms.book()
    rooms.book("13:00", "15:00", membership_id=rooms.paid.id)
    for now in (at(9, 15), at(13, 15)):
        release_unused(world, now)

    def table() -> str:
        made = world.see(statements.statements_of_month, NOVEMBER, rooms.coordinator)
        return treasury_csv(made, "7083", "Salles").decode()

    before = table()
    assert "coworker;" in before
    world.do(erase.erase_staff, rooms.coworker.id, world.admin, at(17))
    assert table() == before
    alone = world.see(statements.made_for, rooms.account.id, NOVEMBER)
    assert {alone.payer.name, *(line.person for line in alone.lines)} == {"coworker"}
    theirs = world.see(statements.made_for, rooms.organisation.id, NOVEMBER)
    assert {line.person for line in theirs.lines} == {erase.ERASED}
    assert world.do(retention.purge, NOW + timedelta(days=3663))["charges"] == 2
    assert "coworker" not in table()
