"""A hub that is asked over HTTP, killed now and then, and looked at after each answer."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import print_exc
from typing import ClassVar
from zoneinfo import ZoneInfo

from asked import Done
from coming_days import workdays
from hub_world import NOW, World, build
from hypothesis.stateful import RuleBasedStateMachine, invariant
from kept import Facts, Kept, check_whole, everything
from killed_hub import ServedHub
from postgresql_server import PostgresqlServer
from room_world import furnish

from visiohub.booking import accounts, permanences
from visiohub.booking.permanences import PermanenceForm
from visiohub.bootstrap import Hub
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.model import Person
from visiohub.settings import Settings
from visiohub.storage.uow import UnitOfWork

PARIS = ZoneInfo("Europe/Paris")
DAYS = 2
ROOMS = ("room", "beside", "far", "visio")
Dying = tuple[int, int]
"""By chance, of a hundred, and how many microseconds after it was asked."""


class Stage:
    """A hub that is served, and what there is: two venues with three kiosks and four rooms, one of
    which has a kiosk and is cleaned after each use; a counter of one seat beside an agent's own
    windows. Whoever makes one calls `close`."""

    def __init__(self, empty_folder: Path, server: PostgresqlServer | None) -> None:
        self._open = ExitStack()
        folder = Path(self._open.enter_context(TemporaryDirectory(dir=empty_folder.parent)))
        shutil.copytree(empty_folder, folder, dirs_exist_ok=True)
        url = server.emptied() if server else ""
        self.hub = Hub(Settings(data_dir=folder, database_url=url), clock=lambda: NOW)
        self._open.callback(self.hub.close)
        with self.hub.uow() as uow:
            self.world: World = build(self.hub, uow)
            uow.commit()
        self.rooms = furnish(self.world)
        cleaned = self.world.kiosk.room_id
        self.rooms.terms(cleaned, limits=Limits(buffer_after=timedelta(minutes=10)))
        self.room_ids = {
            "room": self.rooms.room.id,
            "beside": self.rooms.beside.id,
            "far": self.rooms.far.id,
            "visio": cleaned,
        }
        self.days = workdays(datetime.now(PARIS).date(), 30)
        for fields in (
            {"name": "Guichet", "service_ids": (self.world.service.id,)},
            {"agent_id": self.world.agent.id, "service_ids": (self.world.walk_in.id,)},
        ):
            form = PermanenceForm(
                partner_id=self.world.partner.id,
                first_day=self.days[0],
                opens=time(8),
                closes=time(16),
                rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
                **fields,
            )
            self.world.do(permanences.add, form, self.world.admin, NOW)
        self.tokens = {
            person.login: self.world.do(_signed_in, person)
            for person in (self.world.reception, self.world.agent, self.rooms.coworker)
        }
        self.served = ServedHub(self.hub.settings)
        self._open.callback(self.served.close)
        self.asked = 0
        self.done: Counter[str] = Counter()
        """How often each was done, by name of the rule."""

    def close(self) -> None:
        self._open.close()


class AskedHub(RuleBasedStateMachine):
    """Each example has two days of its own, and begins with nothing booked on them."""

    stage: ClassVar[Stage]
    deaths_percent: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        self.world, self.rooms = self.stage.world, self.stage.rooms
        self.days = [self.stage.days.pop(0) for _ in range(DAYS)]
        self.keys: dict[str, str] = {}
        """Of the appointments that citizens took alone."""
        self.kept = self._read()
        self._of_others = frozenset(self.kept)

    def _read(self) -> Kept:
        with self.stage.hub.reading() as uow:
            return everything(uow)

    def ask(
        self,
        what: str,
        path: str,
        body: dict[str, object],
        by: Person | None,
        dying: Dying,
        done: Done,
    ) -> bool:
        """Whether it was done. Refused, nothing has changed; killed, nothing or all of it."""
        chance, after_us = dying
        dies_after_s = after_us / 1e6 if chance >= 100 - self.deaths_percent else None
        token = self.stage.tokens[by.login] if by else ""
        before = self._read()
        answer = self.stage.served.post(path, body, token, dies_after_s)
        self.stage.asked += 1
        self.kept = self._read()
        changed = {
            i: facts
            for i, facts in self.kept.items()
            if before.get(i) != facts and (i in path or not _offered_by_the_hub(facts))
        }
        was_done = 0 < answer.status < 400 or (answer.status == 0 and bool(changed))
        whole = done(changed, before) if was_done else not changed
        if answer.status >= 500 or not whole or before.keys() - self.kept.keys():
            # printed, as the hub may die at another moment when this is done again
            print(f"{what} {path} {body}: {answer}, changed {changed}, of {before}")
            raise AssertionError(f"{what}: {answer.status}, in part or lost")
        if was_done:
            self.stage.done[what] += 1
        return was_done

    def _one(self, kind: str, n: int) -> str | None:
        """The id of one of this example; None: there is none yet."""
        own = self.kept.keys() - self._of_others
        ids = sorted(i for i in own if self.kept[i]["kind"] == kind)
        return ids[n % len(ids)] if ids else None

    def _at(self, d: int, half: int) -> datetime:
        """Of the territory's clock."""
        local = datetime.combine(self.days[d], time(half // 2, half % 2 * 30), PARIS)
        return local.astimezone(UTC)

    @invariant()
    def what_is_kept_is_whole(self) -> None:
        with self.stage.hub.reading() as uow:
            try:
                check_whole(uow)
            except AssertionError:
                print_exc()  # as above
                raise


def _signed_in(uow: UnitOfWork, person: Person) -> str:
    kept = uow.persons.get(person.id)
    return accounts.open_session(uow, kept, "tests", datetime.now(UTC)).token


def _offered_by_the_hub(facts: Facts) -> bool:
    """Its job finds slots for those who wait, whatever is asked meanwhile."""
    return bool(facts["kind"] == "waiting" and facts["state"] == "offered")
