"""What the line's probes may still send today, both ways, and what they sent in this minute."""

from __future__ import annotations

import time
from collections.abc import Mapping

from kiosk.probes.hub_clock import HubClock
from kiosk.probes.results import ResultStore
from signaling.protocol.line_cards import Way
from signaling.protocol.messages import ProbeSession
from visiohub.linkquality.ledger import Ledger, Purpose
from visiohub.linkquality.train import Train


class Purse:
    """Two ledgers, kept on disk. Without the hub's word, `told`, there is no limit: nothing of
    what it limits is sent before."""

    def __init__(self, store: ResultStore, clock: HubClock) -> None:
        self._store = store
        self._clock = clock
        self.ledgers: dict[Way, Ledger] = {}
        self.moved = (0, 0)
        """Octets up and down that no minute has told of yet."""

    def told(self, order: ProbeSession) -> None:
        """The day's octets, and what was spent of them, by the hub's word."""
        now = self._clock.local(time.monotonic())
        days: dict[Way, tuple[int, int]] = {
            "up": (order.octets_a_day_up, order.spent_up),
            "down": (order.octets_a_day_down, order.spent_down),
        }
        for way, (octets_a_day, spent) in days.items():
            if way not in self.ledgers:
                self.ledgers[way] = Ledger(octets_a_day, now.date())
                self._store.restore_ledger(way, self.ledgers[way])
            self.ledgers[way].octets_a_day = octets_a_day
            self.ledgers[way].told(now, spent)

    def allows(self, purpose: Purpose, costs: Mapping[Way, int]) -> bool:
        """Whether these octets may be sent, each in its direction."""
        now = self._clock.local(time.monotonic())
        known = {way: octets for way, octets in costs.items() if way in self.ledgers}
        return all(self.ledgers[way].allows(now, purpose, n) for way, n in known.items())

    def take(self, purpose: Purpose, costs: Mapping[Way, int]) -> bool:
        """Whether they may; then they count as sent in each of these directions, else in none."""
        if not self.allows(purpose, costs):
            return False
        now = self._clock.local(time.monotonic())
        for way, octets in costs.items():
            if way in self.ledgers:
                self.ledgers[way].take(now, purpose, octets)
        return True

    def take_both(self, purpose: Purpose, octets: int) -> bool:
        """So many each way."""
        return self.take(purpose, {"up": octets, "down": octets})

    def take_heartbeat(self, octets: int) -> bool:
        """A probe and its answer."""
        return self.take_both(Purpose.HEARTBEAT, octets)

    def take_train(self, purpose: Purpose, train: Train, way: Way) -> bool:
        """With what asks for it and for its arrivals, which goes both ways."""
        costs: dict[Way, int] = {"up": train.talk_octets, "down": train.talk_octets}
        costs[way] += train.cost_octets
        return self.take(purpose, costs)

    def move(self, up: int, down: int) -> None:
        """So much went over the line."""
        self.moved = (self.moved[0] + up, self.moved[1] + down)

    def end_minute(self) -> None:
        """Take over what `kiosk probe` sent since, as this minute's and the day's; and save."""
        if self.ledgers:
            now = self._clock.local(time.monotonic())
            for way, octets in self._store.take_owed():
                self.move(*((octets, 0) if way == "up" else (0, octets)))
                self.ledgers[way].charge_by_hand(now, octets)
        for way, ledger in self.ledgers.items():
            self._store.save_ledger(way, ledger)
