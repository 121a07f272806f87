"""Reception and agent see beside a visio how its line was when it was looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hub_site import Site

from visiohub.domain.line import LineCheck
from visiohub.linkquality.grading import Level
from visiohub.storage.uow import UnitOfWork


def same_day(one: datetime, other: datetime) -> bool:
    paris = ZoneInfo("Europe/Paris")
    return one.astimezone(paris).date() == other.astimezone(paris).date()


@pytest.fixture
def looked(site: Site) -> Iterator[tuple[str, str, str]]:
    """An agent's next appointment at a venue with a line, looked at twice; ends as it began."""
    now = site.hub.clock()

    def add(uow: UnitOfWork) -> tuple[str, str, str]:
        for agent in (p for p in uow.persons.list(active=True) if p.partner_id):
            services = [s.id for s in uow.services.list(partner_id=agent.partner_id)]
            coming = uow.appointments.between(now, now + timedelta(days=3), service_ids=services)
            for one in coming:
                line = uow.lines.of_kiosk(one.kiosk_id)
                if not same_day(one.starts_at - timedelta(minutes=15), one.starts_at):
                    continue  # before midnight, nobody's day shows it
                if line and one.state == "booked" and one.agent_id in {None, agent.id}:
                    for minutes, level in ((15, Level.FINE), (5, Level.ALARM)):
                        at = one.starts_at - timedelta(minutes=minutes)
                        uow.linkquality.checks.add(
                            LineCheck(
                                f"look-{minutes}", line.id, one.kiosk_id, minutes, at,
                                appointment_id=one.id, answered_at=at, level=level,
                            )
                        )  # fmt: skip
                    return agent.login, line.venue_id, one.id
        raise LookupError("the demo has no such appointment")

    yield site.do(add)
    site.do(lambda uow: [uow.linkquality.checks.remove(c) for c in uow.linkquality.checks.list()])


async def test_the_newest_look_is_said_with_what_to_do(
    site: Site, looked: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, venue_id, appointment_id = looked
    with site.hub.reading() as uow:
        begins = uow.appointments.get(appointment_id).starts_at
    monkeypatch.setattr(site.hub, "clock", lambda: begins - timedelta(minutes=4))
    site.tokens.clear()  # a session of today may be over by then
    with site.hub.reading() as uow:
        desk = next(p.login for p in uow.persons.list(active=True) if venue_id in p.venue_ids)
    for login, path in ((agent, "/agent"), (desk, f"/reception/{venue_id}")):
        async with site.client(login) as client, client.get(path) as answer:
            text = await answer.text()
        assert answer.status == 200, text
        assert text.count("Ligne insuffisante") == 1, path
        assert "Prévenez un technicien, et prévoyez le téléphone." in text
        assert "Ligne essayée" not in text
    site.tokens.clear()
