"""All that staff, citizens and those who book rooms ask of a running hub, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from asked import Done, fits, new_rooms, one_new, taken, that
from asked_hub import DAYS, PARIS, ROOMS, AskedHub, Dying
from hypothesis import strategies as st
from hypothesis.stateful import rule
from kept import Facts, Kept
from room_world import GRID, RULE

from visiohub.booking.rooms.prices import rules_text

V1 = "/api/v1"
AN_HOUR = GRID.tariffs[0].rates[0].price
"""In euros, of a room."""
HALF_HOURS, MOST_US = (16, 17, 18, 19, 20, 27, 28), 40_000
turn = st.integers(0, 199)
"""Which one of those there are: no bundle, whose size would hang on when the hub is killed."""
day = st.integers(0, DAYS - 1)
half_hour = st.sampled_from(HALF_HOURS)
kiosk = st.sampled_from(("kiosk", "beside", "far"))
venue = st.sampled_from(("venue", "elsewhere"))
rooms_wanted = st.sets(st.sampled_from(ROOMS), min_size=1).map(sorted)
dies = st.tuples(st.sampled_from(range(100)), st.integers(0, MOST_US))


class Operations(AskedHub):
    """Each rule asks one thing; where there is nothing yet to be moved, it makes one."""

    # --- staff --------------------------------------------------------------------------------

    @rule(
        where=kiosk, d=day, half=half_hour, dying=dies, walk_in=st.booleans(), named=st.booleans()
    )
    def staff_book(
        self, where: str, d: int, half: int, dying: Dying, walk_in: bool, named: bool
    ) -> None:
        self._staff_book(where, d, half, dying, walk_in=walk_in, named=named)

    def _staff_book(
        self,
        where: str,
        d: int,
        half: int,
        dying: Dying,
        *,
        walk_in: bool = False,
        named: bool = False,
    ) -> None:
        world = self.world
        service, kiosk_id = world.walk_in if walk_in else world.service, getattr(world, where).id
        body: dict[str, object] = {
            "service_id": service.id,
            "kiosk_id": kiosk_id,
            "day": self.days[d],
            "time": f"{half // 2:02}:{half % 2 * 30:02}",
        }
        if named:
            body["agent_id"] = world.colleague.id
        wanted = {"service_id": service.id, "kiosk_id": kiosk_id, "starts_at": self._at(d, half)}
        path, by = f"{V1}/appointments", world.agent if where == "far" else world.reception
        self.ask("staff book", path, body, by, dying, one_new("appointment", wanted))

    @rule(n=turn, where=kiosk, d=day, half=half_hour, dying=dies)
    def staff_move(self, n: int, where: str, d: int, half: int, dying: Dying) -> None:
        which = self._one("appointment", n)
        if which is None:
            self._staff_book(where, d, half, dying)
            return
        wanted = {"kiosk_id": getattr(self.world, where).id, "starts_at": self._at(d, half)}
        body = {
            "kiosk_id": wanted["kiosk_id"],
            "day": self.days[d],
            "time": f"{half // 2:02}:{half % 2 * 30:02}",
            "version": self.kept[which]["version"],
        }
        path = f"{V1}/appointments/{which}/move"
        self.ask("staff move", path, body, self.world.agent, dying, that(which, wanted))

    @rule(n=turn, confirms=st.booleans(), dying=dies)
    def staff_cancel_or_confirm(self, n: int, confirms: bool, dying: Dying) -> None:
        which = self._one("appointment", n)
        if which is None:
            self._staff_book("kiosk", 0, 18, dying)
            return
        body: dict[str, object] = {"version": self.kept[which]["version"]}
        path, by = f"{V1}/appointments/{which}", self.world.agent
        if confirms:
            wanted = {"state": "confirmed"}
            self.ask("confirm", f"{path}/confirm", body, by, dying, that(which, wanted))
        else:
            body["cancelled_by"] = "agent"
            wanted = {"state": "cancelled"}
            self.ask("staff cancel", f"{path}/cancel", body, by, dying, that(which, wanted))

    @rule(n=turn, nobody=st.booleans(), dying=dies)
    def is_assigned(self, n: int, nobody: bool, dying: Dying) -> None:
        which = self._one("appointment", n)
        if which is None:
            self._staff_book("beside", 0, 18, dying)
            return
        agent_id = None if nobody else self.world.agent.id
        body = {"agent_id": agent_id or "", "version": self.kept[which]["version"]}
        path, wanted = f"/appointments/{which}/assign", {"agent_id": agent_id}
        self.ask("assign", path, body, self.world.agent, dying, that(which, wanted))

    # --- citizens alone -----------------------------------------------------------------------

    @rule(where=venue, d=day, half=half_hour, dying=dies, walk_in=st.booleans())
    def citizen_books(self, where: str, d: int, half: int, dying: Dying, walk_in: bool) -> None:
        self._citizen_books(where, d, half, dying, walk_in=walk_in)

    def _citizen_books(
        self, where: str, d: int, half: int, dying: Dying, *, walk_in: bool = False
    ) -> None:
        key = f"key of a citizen, number {self.stage.asked:06}"
        service = self.world.walk_in if walk_in else self.world.service
        starts_at = self._at(d, half)
        body = {
            "service_id": service.id,
            "venue_id": getattr(self.world, where).id,
            "at": f"{starts_at:%Y-%m-%dT%H:%MZ}",
            "key": key,
        }
        wanted = {"service_id": service.id, "starts_at": starts_at}
        before = set(self.kept)
        if self.ask("citizen books", "/book", body, None, dying, one_new("appointment", wanted)):
            (made,) = set(self.kept) - before
            self.keys[made] = key

    @rule(n=turn, where=venue, d=day, half=half_hour, cancels=st.booleans(), dying=dies)
    def citizen_moves_or_cancels(
        self, n: int, where: str, d: int, half: int, cancels: bool, dying: Dying
    ) -> None:
        if not self.keys:
            self._citizen_books(where, d, half, dying)
            return
        which, key = sorted(self.keys.items())[n % len(self.keys)]
        body: dict[str, object] = {"key": key, "version": self.kept[which]["version"]}
        if cancels:
            path, wanted = f"/my/{which}/cancel", {"state": "cancelled"}
            self.ask("citizen cancels", path, body, None, dying, that(which, wanted))
        else:
            starts_at = self._at(d, half)
            body["to"] = f"{starts_at:%Y-%m-%dT%H:%MZ} {getattr(self.world, where).id}"
            path, wanted = f"/my/{which}/move", {"starts_at": starts_at}
            self.ask("citizen moves", path, body, None, dying, that(which, wanted))

    # --- who waits ----------------------------------------------------------------------------

    @rule(dying=dies)
    def joins_the_waiting_list(self, dying: Dying) -> None:
        self._wait(dying)

    def _wait(self, dying: Dying) -> None:
        body: dict[str, object] = {
            "service_id": self.world.service.id,
            "venue_ids": [self.world.venue.id, self.world.elsewhere.id],
            "not_after": datetime.now(UTC) + timedelta(days=30),
        }
        done = one_new("waiting", {"state": "waiting"})
        self.ask("wait", f"{V1}/waiting", body, self.world.reception, dying, done)

    @rule(n=turn, where=venue, d=day, half=half_hour, dying=dies)
    def is_offered(self, n: int, where: str, d: int, half: int, dying: Dying) -> None:
        which = self._one("waiting", n)
        if which is None:
            self._wait(dying)
            return
        starts_at, version = self._at(d, half), self.kept[which]["version"]
        at_instant = starts_at.isoformat()
        venue_id = getattr(self.world, where).id
        body = {"venue_id": venue_id, "starts_at": at_instant, "version": version}
        path, wanted = f"{V1}/waiting/{which}/offer", {"state": "offered"}
        self.ask("offer", path, body, self.world.reception, dying, that(which, wanted))

    @rule(n=turn, says=st.sampled_from(("accept", "accept", "decline", "leave")), dying=dies)
    def answers_the_offer(self, n: int, says: str, dying: Dying) -> None:
        which = self._one("waiting", n)
        if which is None:
            self._wait(dying)
            return
        body: dict[str, object] = {"version": self.kept[which]["version"]}
        path, by = f"{V1}/waiting/{which}/{says}", self.world.reception
        offer = self.kept[which]["offer"]
        done = that(which, {"state": {"decline": "waiting", "leave": "left"}.get(says)})
        if says == "accept":
            slot = {"kiosk_id": offer.kiosk_id, "starts_at": offer.starts_at} if offer else {}
            done = taken(which, slot)
        self.ask(says, path, body, by, dying, done)

    # --- rooms --------------------------------------------------------------------------------

    def _rooms(self, names: list[str], d: int, half: int) -> tuple[dict[str, object], Facts]:
        """The body of a form, and what each room is to be then; an hour."""
        ids = [self.stage.room_ids[name] for name in names]
        starts_at = self._at(d, half)
        ends = (starts_at + timedelta(hours=1)).astimezone(PARIS)
        starts = starts_at.astimezone(PARIS)
        body: dict[str, object] = {
            "room_ids": ids,
            "day": self.days[d],
            "starts": f"{starts:%H:%M}",
            "ends": f"{ends:%H:%M}",
            "shown_total": f"{AN_HOUR * len(ids)}",
        }
        return body, {"starts_at": starts_at, "holds": True}

    @rule(names=rooms_wanted, d=day, half=half_hour, times=st.integers(1, 2), dying=dies)
    def coworker_books(self, names: list[str], d: int, half: int, times: int, dying: Dying) -> None:
        self._book_rooms(names, d, half, times, dying)

    def _book_rooms(self, names: list[str], d: int, half: int, times: int, dying: Dying) -> None:
        body, wanted = self._rooms(names, d, half)
        body["membership_id"] = self.rooms.account.id
        body["shown_total"] = f"{AN_HOUR * len(names) * times}"
        body["shown_rules"] = " ".join([rules_text([RULE])] * len(names))
        path = f"{V1}/bookings"
        if times > 1:
            path, body["rule"] = f"{V1}/booking-series", f"FREQ=WEEKLY;COUNT={times}"
            wanted.pop("starts_at")
        ids = [self.stage.room_ids[name] for name in names] * times
        self.ask("rooms", path, body, self.rooms.coworker, dying, new_rooms(ids, wanted))

    @rule(n=turn, names=rooms_wanted, d=day, half=half_hour, cancels=st.booleans(), dying=dies)
    def coworker_moves_or_cancels(
        self,
        n: int,
        names: list[str],
        d: int,
        half: int,
        cancels: bool,
        dying: Dying,
    ) -> None:
        which = self._one("room", n)
        if which is None:
            self._book_rooms(names, d, half, 1, dying)
            return
        booking_id = str(self.kept[which]["booking_id"])
        body, wanted = self._rooms(names, d, half)
        ids = sorted(self.stage.room_ids[name] for name in names)
        if cancels:
            body, ids = {}, []
        body["version"] = self.kept[which]["version"]
        path = f"{V1}/bookings/{booking_id}/{'cancel' if cancels else 'move'}"
        what = "rooms cancelled" if cancels else "rooms moved"
        done = self._rooms_of(booking_id, ids, wanted)
        self.ask(what, path, body, self.rooms.coworker, dying, done)

    def _rooms_of(self, booking_id: str, ids: list[str], wanted: Facts) -> Done:
        """The booking holds these rooms, and nothing else has changed."""

        def done(changed: Kept, _before: Kept) -> bool:
            of_it = [f for f in self.kept.values() if f.get("booking_id") == booking_id]
            held = [f for f in of_it if f["holds"]]
            return (
                all(facts.get("booking_id") == booking_id for facts in changed.values())
                and sorted(f["room_id"] for f in held) == ids
                and all(fits(facts, wanted) for facts in held)
            )

        return done
