"""Whatever is done to rooms, in whatever order, and whenever the hub is killed: nothing overlaps,
nothing that was answered is lost, nothing is there in part."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import time, timedelta
from decimal import Decimal
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hub_world import NOW, build
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from room_world import Rooms, at, furnish, on_screen

from visiohub.booking.planning import doors
from visiohub.booking.rooms import book, changes, no_shows
from visiohub.booking.rooms.forms import BookingForm, SeriesForm, WhenForm
from visiohub.bootstrap import Hub
from visiohub.domain.booking import HOLDS_ITS_ROOM
from visiohub.domain.hours import Span
from visiohub.domain.occupancy import Resource, ResourceKind
from visiohub.errors import VisiohubError
from visiohub.settings import Settings

PARIS = ZoneInfo("Europe/Paris")
Held = tuple[frozenset[str], Span]
"""Ids of rooms, and when."""
ROOMS = ("room", "beside", "far")
hours = st.tuples(st.integers(8, 14), st.integers(1, 3)).map(lambda h: (h[0], h[0] + h[1]))
some_rooms = st.sets(st.sampled_from(ROOMS), min_size=1).map(sorted).map(tuple)
days = st.integers(1, 3)
turn = st.integers(0, 199)
"""Which of the bookings there are: no bundle, whose size would hang on when the hub is killed."""


class Operations(RuleBasedStateMachine):
    """One account's bookings of three rooms; `answered` is what the hub said was done."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        folder = self._open.enter_context(tempfile.TemporaryDirectory())
        self.settings = Settings(data_dir=Path(folder))
        hub = Hub(self.settings, clock=lambda: NOW)
        self._open.callback(hub.close)
        with hub.uow() as uow:
            world = build(hub, uow)
            uow.commit()
        self.rooms: Rooms = furnish(world)
        for room in (self.rooms.room, self.rooms.beside, self.rooms.far):
            world.do(doors.give_address, room.id, world.admin, NOW)
        self.answered: dict[str, Held | None] = {}
        """By id of the booking what it holds; None: it is over."""
        self.came: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        self._open.close()

    def do(self, use_case: Callable[..., Any], *args: Any) -> Any:
        """The answer; None when it was refused. Raises what is no refusal."""
        try:
            return self.rooms.world.do(use_case, *args)
        except VisiohubError:
            return None

    def _when(self, names: tuple[str, ...], day: int, span: tuple[int, int]) -> dict[str, Any]:
        starts, ends = (time(hour) for hour in span)
        ids = tuple(getattr(self.rooms, name).id for name in names)
        date = at(9).date() + timedelta(days=day)
        return {"room_ids": ids, "day": date, "starts": starts, "ends": ends}

    def _one(self, n: int) -> str | None:
        """The id of one that is there; None: nothing is booked yet."""
        ids = list(self.answered)
        return ids[n % len(ids)] if ids else None

    def _keep(self, *kept: Any) -> None:
        for one in kept:
            held = frozenset(r.room_id for r in one.rooms if r.state in HOLDS_ITS_ROOM)
            span = (one.booking.starts_at, one.booking.ends_at)
            self.answered[one.booking.id] = (held, span) if held else None

    @rule(names=some_rooms, day=days, span=hours)
    def books(self, names: tuple[str, ...], day: int, span: tuple[int, int]) -> None:
        account = self.rooms.account.id
        form = BookingForm(membership_id=account, **self._when(names, day, span))
        made = self.do(book.book, form, self.rooms.coworker, NOW)
        if made:
            self._keep(made)

    @rule(names=some_rooms, span=hours, count=st.integers(2, 3), free=st.booleans())
    def books_series(
        self, names: tuple[str, ...], span: tuple[int, int], count: int, free: bool
    ) -> None:
        form = SeriesForm(
            membership_id=self.rooms.account.id,
            rule=f"FREQ=DAILY;COUNT={count}",
            only_free=free,
            **self._when(names, 1, span),
        )
        made = self.do(book.book_series, form, self.rooms.coworker, NOW)
        if made:
            self._keep(*made.booked)

    @rule(one=turn, names=some_rooms, day=days, span=hours)
    def moves(self, one: int, names: tuple[str, ...], day: int, span: tuple[int, int]) -> None:
        form, booking_id = WhenForm(**self._when(names, day, span)), self._one(one)
        if booking_id:
            version, by = self._version(booking_id), self.rooms.coordinator
            moved = self.do(changes.move, booking_id, form, version, by, NOW)
            if moved:
                self._keep(moved)

    @rule(one=turn)
    def cancels(self, one: int) -> None:
        if booking_id := self._one(one):
            version = self._version(booking_id)
            answer = self.do(changes.cancel, booking_id, version, self.rooms.coworker, NOW)
            if answer:
                self._keep(answer[0])

    @rule(one=turn, comes=st.booleans())
    def is_used_or_freed(self, one: int, comes: bool) -> None:
        used = self._one(one) or ""
        held = self.answered.get(used)
        if held is None:
            return
        rooms, (starts_at, _) = held
        if comes:
            for room_id in sorted(rooms):
                here = used, room_id, self._shown(used, room_id), self.rooms.coworker
                come = self.do(doors.check_in_from_own_page, *here, starts_at)
                if come:
                    self.came.add((come.booking_id, room_id))
        late = starts_at + timedelta(minutes=15)
        for booking_id in self.rooms.world.see(no_shows.unused, late, NOW):
            other = self.answered.get(booking_id)
            released = self.do(no_shows.release, booking_id, late, NOW)
            if released is not None and other is not None:
                self.answered[booking_id] = self._used(booking_id, other)

    def _shown(self, booking_id: str, room_id: str) -> str:
        """By the screen beside the room."""
        rooms = self.rooms.world.see(lambda uow: uow.booked_rooms.list(booking_id=booking_id))
        return on_screen(self.rooms.world, next(r for r in rooms if r.room_id == room_id))

    def _used(self, booking_id: str, held: Held) -> Held | None:
        """Of what it holds, the rooms to which somebody came."""
        left = frozenset(room_id for room_id in held[0] if (booking_id, room_id) in self.came)
        return (left, held[1]) if left else None

    def _there(self) -> dict[str, Held | None]:
        """What each booking holds, by its id, as it is kept."""
        world = self.rooms.world
        found: dict[str, Held | None] = {}
        for booking in world.see(lambda uow: uow.bookings.list()):
            rooms = world.see(lambda uow, b=booking: uow.booked_rooms.list(booking_id=b.id))
            held = frozenset(r.room_id for r in rooms if r.state in HOLDS_ITS_ROOM)
            found[booking.id] = (held, (booking.starts_at, booking.ends_at)) if held else None
        return found

    @invariant()
    def nothing_overlaps_and_nothing_is_lost(self) -> None:
        world = self.rooms.world
        resources = [Resource(ResourceKind.ROOM, getattr(self.rooms, name).id) for name in ROOMS]
        always = NOW - timedelta(days=1), NOW + timedelta(days=60)
        held = world.see(lambda uow: uow.occupancies.between(resources, *always))
        for one, following in pairwise(held):
            assert one.resource != following.resource or one.ends_at <= following.starts_at
        owners = {r.id: r for r in world.see(lambda uow: uow.booked_rooms.list())}
        there: dict[str, set[tuple[str, Span]]] = {}
        for o in held:
            booking_id = owners[o.owner.id].booking_id
            there.setdefault(booking_id, set()).add((o.resource.id, (o.starts_at, o.ends_at)))
        said = {
            booking_id: {(room_id, held_now[1]) for room_id in held_now[0]}
            for booking_id, held_now in self.answered.items()
            if held_now is not None
        }
        assert there == said
        assert set(self.answered) == {b.id for b in world.see(lambda uow: uow.bookings.list())}

    @invariant()
    def what_is_booked_is_what_is_charged(self) -> None:
        charged: dict[str | None, Decimal] = defaultdict(Decimal)
        for line in self.rooms.world.see(lambda uow: uow.charges.list()):
            charged[line.booked_room_id] += line.amount.total
        for room in self.rooms.world.see(lambda uow: uow.booked_rooms.list()):
            if room.state in HOLDS_ITS_ROOM:
                assert charged[room.id] == room.quote.totals.total

    def _version(self, booking_id: str) -> int:
        found: int = self.rooms.world.see(lambda uow: uow.bookings.get(booking_id).version)
        return found


class KilledOperations(Operations):
    """The same through a process that is killed by the signal that cannot be caught."""

    def __init__(self) -> None:
        super().__init__()
        self._pipe: Connection
        self._process: BaseProcess
        self._start()
        self._dies_in_s: float | None = None

    def teardown(self) -> None:
        self._kill()
        super().teardown()

    @rule(after_us=st.integers(0, 12_000))
    def is_killed_in_the_next_operation(self, after_us: int) -> None:
        self._dies_in_s = after_us / 1e6

    def do(self, use_case: Callable[..., Any], *args: Any) -> Any:
        self._pipe.send((use_case, args))
        if self._dies_in_s is not None:
            sleep(self._dies_in_s)  # the moment is the matter of this test
            self._dies_in_s = None
            said = self._pipe.recv() if self._pipe.poll() else None
            self._kill()
            self._start()
            if said is None:
                self._look_what_was_done(use_case, *args)
                return None
        else:
            said = self._pipe.recv()
        kind, answer = said
        assert kind != "failed", answer
        return answer

    def _look_what_was_done(self, use_case: Callable[..., Any], *args: Any) -> None:
        """Nobody was told: it is done as a whole or not at all. Of what it had nothing to do with,
        `answered` stays, and the invariants hold it against what is there now."""
        there = self._there()
        new = {i: held for i, held in there.items() if i not in self.answered}
        if use_case in {book.book, book.book_series}:
            self._are_whole(args[0], list(new.values()))
            self.answered |= new
            return
        assert not new
        booking_id = str(args[0])
        before, now = self.answered[booking_id], there[booking_id]
        assert now in (before, self._done(use_case, booking_id, args[1]))
        self.answered[booking_id] = now
        if use_case is doors.check_in_from_own_page:
            rooms = self.rooms.world.see(lambda uow: uow.booked_rooms.list(booking_id=booking_id))
            self.came |= {(booking_id, r.room_id) for r in rooms if r.checked_in_at}

    def _are_whole(self, form: BookingForm, made: Sequence[Held | None]) -> None:
        """New bookings have all that was asked for; of a series all dates are there, or none."""
        wanted = frozenset(form.room_ids)
        assert all(held is not None and held[0] == wanted for held in made)
        if not isinstance(form, SeriesForm):
            assert made in ([], [(wanted, form.span(PARIS))])
        elif not form.only_free:
            assert len(made) in {0, int(form.rule.rpartition("=")[2])}

    def _done(self, use_case: Callable[..., Any], booking_id: str, asked: Any) -> Held | None:
        """What a booking that is not new holds once this is done."""
        before = self.answered[booking_id]
        if use_case is changes.move:
            return frozenset(asked.room_ids), asked.span(PARIS)
        if use_case is doors.check_in_from_own_page or before is None:
            return before
        if use_case is no_shows.release:
            return self._used(booking_id, before)
        return None

    def _start(self) -> None:
        world = self.rooms.world
        world.hub.engine.dispose()
        processes = multiprocessing.get_context("fork")
        self._pipe, theirs = processes.Pipe()
        self._process = processes.Process(target=_serve, args=(world.do, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def _kill(self) -> None:
        if self._process.pid is not None:
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        self._process.close()
        self._pipe.close()


def _serve(do: Callable[..., Any], pipe: Connection) -> None:
    while True:
        use_case, args = pipe.recv()
        try:
            pipe.send(("done", do(use_case, *args)))
        except VisiohubError:
            pipe.send(("refused", None))
        except Exception as error:  # noqa: BLE001 - shown by the test
            pipe.send(("failed", repr(error)))


@pytest.fixture(autouse=True)
def in_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def bounded(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        derandomize=True,
    )


def test_no_order_of_operations_books_twice_or_loses_anything() -> None:
    run_machine(Operations, settings=bounded(examples=4, steps=20))


@pytest.mark.slow
def test_ten_thousand_operations_with_the_hub_killed_between() -> None:
    run_machine(KilledOperations, settings=bounded(examples=100, steps=100))
