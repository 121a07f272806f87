"""A list is made anew when the world has changed, and never while somebody holds it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from kiosk.devices import listing
from kiosk.devices.listing import Listing


class World:
    """What there is to list; counts how often it was listed, and watches that nobody holds then."""

    def __init__(self) -> None:
        self.state = 0
        self.listed: list[int] = []
        self.holders = 0
        self.fails = 0
        self.now = 1000.0
        self.listing = Listing(lambda: self.state, self.renew, now=lambda: self.now)

    def renew(self) -> None:
        assert self.holders == 0
        if self.fails:
            self.fails -= 1
            raise OSError("the driver is not ready")
        self.listed.append(self.state)


class User(threading.Thread):
    """Holds the list until it is outdated or this one is told to leave, then comes again."""

    def __init__(self, world: World, *, hangs: bool = False) -> None:
        super().__init__(daemon=True)
        self.world, self.hangs = world, hangs
        self.has, self.leave = threading.Event(), threading.Event()

    def run(self) -> None:
        while not self.leave.is_set():
            with self.world.listing.held():
                self.world.holders += 1
                self.has.set()
                while not self.leave.wait(0.001):
                    if self.world.listing.outdated and not self.hangs:
                        break
                self.world.holders -= 1


def running(user: User) -> User:
    user.start()
    assert user.has.wait(20)
    return user


def end(*users: User) -> None:
    for user in users:
        user.leave.set()
        user.join(5)


def test_as_long_as_nothing_changes_nothing_is_listed_anew() -> None:
    world = World()
    for _ in range(3):
        with world.listing.held():
            assert not world.listing.outdated
    assert world.listed == []


def test_whoever_comes_after_a_change_finds_it_listed_once() -> None:
    world = World()
    world.state = 1
    for _ in range(3):
        with world.listing.held():
            assert world.listed == [1]


def test_whoever_holds_the_list_lets_go_and_comes_again() -> None:
    world = World()
    user = running(User(world))
    world.state = 1
    user.has.clear()
    with world.listing.held():
        assert world.listed == [1]
        assert user.has.wait(20), "both hold the new one"
        assert not world.listing.outdated
    end(user)
    assert world.listed == [1]


def test_a_change_disturbs_nobody_before_somebody_comes() -> None:
    world = World()
    user = running(User(world))
    world.state = 1
    assert not world.listing.outdated
    end(user)
    assert world.listed == []


def test_where_somebody_hangs_the_old_list_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PATIENCE_S", 0.05)
    world = World()
    user = running(User(world, hangs=True))
    world.state = 1
    with capture_logs() as logs:
        for _ in range(2):
            with world.listing.held():
                assert world.listed == []
                assert not world.listing.outdated
    assert len(logs) == 1
    end(user)
    with world.listing.held():
        assert world.listed == [1]


def test_a_list_that_could_not_be_made_is_made_next_time() -> None:
    world = World()
    world.state, world.fails = 1, 2
    for _ in range(2):
        with pytest.raises(OSError, match="not ready"), world.listing.held():
            pass
    world.state = 0  # as it was at first: what there is of a list is still none
    with world.listing.held():
        assert world.listed == [0]


def test_a_list_that_is_doubted_is_made_anew_once_and_not_at_once() -> None:
    world = World()
    world.listing.doubt()
    for now, listed in ((1029.9, []), (1030.0, [0]), (1100.0, [0])):
        world.now = now
        with world.listing.held():
            assert world.listed == listed
    world.listing.doubt()
    with world.listing.held():
        assert world.listed == [0, 0]


def test_nobody_is_disturbed_for_a_list_that_is_merely_doubted() -> None:
    world = World()
    user = running(User(world))
    world.listing.doubt()
    world.now += 100
    with world.listing.held():
        assert world.listed == []
        assert not world.listing.outdated
    end(user)
    with world.listing.held():
        assert world.listed == [0]


def test_many_come_and_go_while_the_world_changes() -> None:
    seed = 20261123
    print("seed", seed)
    dice = random.Random(seed)
    world = World()
    lock = threading.Lock()
    faults: list[str] = []

    def note(change: int) -> None:
        with lock:
            world.holders += change

    def use(turns: list[int]) -> Callable[[], None]:
        def work() -> None:
            try:
                for turn in turns:
                    if turn == 0:
                        world.state += 1
                    with world.listing.held():
                        note(+1)
                        for _ in range(turn):
                            if world.listing.outdated:
                                break
                        note(-1)
            except AssertionError:
                faults.append("listed while somebody held it")

        return work

    users = [
        threading.Thread(target=use([dice.randrange(50) for _ in range(300)]), daemon=True)
        for _ in range(4)
    ]
    for user in users:
        user.start()
    for user in users:
        user.join(30)
    assert not any(user.is_alive() for user in users)
    assert faults == []
    with world.listing.held():
        assert world.listed[-1] == world.state
