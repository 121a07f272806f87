"""The open calls: events go in one at a time, effects are recorded, then sent (§8.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from signaling.errors import SignalingError
from signaling.ports import Authoriser, BrowserIdentity, Ticket
from signaling.presence import Presence
from signaling.protocol.cards import CallCard
from signaling.protocol.line_cards import BudgetCard
from signaling.protocol.messages import Ended, FromHub, Negotiate, Offer
from signaling.session.call import Call
from signaling.session.effects import Effect, Record, Send, Tab, Target
from signaling.settings import SignalingSettings
from signaling.turn import ice_servers

log = structlog.get_logger("signaling")

_QUEUE_STATES: Final = frozenset({"waiting", "admitted", "ended"})
_NEWS: Final = timedelta(minutes=10)
"""How long the end of a call is worth telling to an end that was away."""
_DOUBT: Final = timedelta(seconds=30)
"""A half-open connection takes a message and loses it: within this the end is told again (§8.9)."""

Event = Callable[[Call, datetime], list[Effect]]


@dataclass(eq=False)
class _Entry:
    call: Call
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    timer: asyncio.TimerHandle | None = None


class Switchboard:
    """Every call that has not ended. Fewer than a thousand: looking through them is cheap."""

    def __init__(
        self,
        authoriser: Authoriser,
        settings: SignalingSettings,
        presence: Presence,
        clock: Callable[[], datetime],
        on_change: Callable[[], None],
    ) -> None:
        """`on_change` is told when a call came to the waiting room, left it, or ended."""
        self._authoriser = authoriser
        self._settings = settings
        self._presence = presence
        self._clock = clock
        self._on_change = on_change
        self._entries: dict[str, _Entry] = {}
        self._missed: dict[Target, tuple[datetime, Ended]] = {}
        """Ends that a kiosk or an agent may not have heard, and until when that is worth telling;
        the latest of each."""
        self._admitting: set[str] = set()
        """Agents whose admission is being decided: two tabs must not admit two calls."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up the calls that were open when the hub stopped."""
        for unfinished in await self._authoriser.unfinished_calls():
            entry = _Entry(Call.restore(unfinished, self._settings.call, self._clock()))
            self._entries[unfinished.ticket.call_id] = entry
            self._arm(entry)

    async def close(self) -> None:
        """Stop the clocks; the calls stay open in the record."""
        for entry in self._entries.values():
            if entry.timer is not None:
                entry.timer.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # --- looking ----------------------------------------------------------------------------

    def of_kiosk(self, kiosk_id: str) -> Call | None:
        """The unfinished call of this kiosk."""
        found = (e.call for e in self._entries.values() if e.call.ticket.kiosk_id == kiosk_id)
        return next((call for call in found if not call.over), None)

    def of_person(self, person_id: str) -> list[Call]:
        """Unfinished calls that this person holds or may admit."""
        calls = (e.call for e in self._entries.values())
        return [call for call in calls if not call.over and call.may_see(person_id)]

    def held_by(self, person_id: str) -> Call | None:
        """The call that this agent holds."""
        held = (call for call in self.of_person(person_id) if call.person_id == person_id)
        return next(held, None)

    def waiting(self) -> list[Call]:
        """Calls in the waiting room."""
        return [e.call for e in self._entries.values() if e.call.state == "waiting"]

    def call_seen_by(self, person_id: str, call_id: str) -> Call:
        """The call, if it is this person's business. Raises call_unknown."""
        entry = self._entries.get(call_id)
        if entry is None or not entry.call.may_see(person_id):
            raise SignalingError("call_unknown", "no such call", field="call_id")
        return entry.call

    def call_of_kiosk(self, kiosk_id: str, call_id: str) -> Call:
        """The call, if it is this kiosk's. Raises call_unknown."""
        entry = self._entries.get(call_id)
        if entry is None or entry.call.ticket.kiosk_id != kiosk_id:
            raise SignalingError("call_unknown", "no such call", field="call_id")
        return entry.call

    def cards_of_person(self, person_id: str) -> list[CallCard]:
        """For the welcome of a tab."""
        return [call.card(for_agent=True) for call in self.of_person(person_id)]

    def missed_by(self, target: Target) -> Ended | None:
        """The end of a call that this kiosk or agent may not have heard, while it is news."""
        until, ended = self._missed.pop(target, (None, None))
        return ended if until is not None and self._clock() < until else None

    # --- changing ---------------------------------------------------------------------------

    async def open(self, ticket: Ticket) -> None:
        """A citizen's call goes to the waiting room."""
        place = await self._authoriser.place(ticket.call_id, self._presence.person_ids())
        entry = _Entry(Call(ticket, self._settings.call, self._clock()))
        self._entries[ticket.call_id] = entry
        await self.apply(entry.call, lambda call, now: call.open(place, now))

    async def admit(self, identity: BrowserIdentity, tab: Tab, call: Call) -> None:
        """Give the call to this tab; the orchestrator decides, once (§7.4)."""
        entry = self._entries.get(call.ticket.call_id) or _Entry(call)
        person_id = identity.person_id
        async with entry.lock:
            if person_id in self._admitting or self.held_by(person_id) is not None:
                raise SignalingError("agent_busy", "you hold another call")
            call.must_wait()
            self._admitting.add(person_id)
            try:
                ticket = await self._authoriser.admit(identity, call.ticket.call_id)
                await self._perform(entry, call.admit(tab, ticket, self._clock()))
            finally:
                self._admitting.discard(person_id)

    async def place(self, call: Call) -> None:
        """Compute the place of a waiting call anew."""
        place = await self._authoriser.place(call.ticket.call_id, self._presence.person_ids())
        await self.apply(call, lambda call, now: call.placed(place, now))

    async def staff_changed(self, may_admit: Mapping[str, frozenset[str]]) -> None:
        """Who may admit each open call now; calls that are not named stay as they are."""
        for entry in list(self._entries.values()):
            people = may_admit.get(entry.call.ticket.call_id)
            if people is not None:
                async with entry.lock:
                    await self._perform(entry, entry.call.staff_changed(people, self._clock()))

    async def budgets_changed(self, budgets: Mapping[str, BudgetCard | None]) -> None:
        """What open calls may use of their lines now, by call id; None: unknown. Calls that are
        not named stay as they are."""
        for entry in list(self._entries.values()):
            call_id = entry.call.ticket.call_id
            if call_id in budgets:
                async with entry.lock:
                    await self._perform(entry, entry.call.budget_changed(budgets[call_id]))

    async def apply(self, call: Call, event: Event) -> None:
        """One event at a time for each call, its effects performed before the next."""
        # a call that ended meanwhile has no entry: it refuses requests and ignores the rest
        entry = self._entries.get(call.ticket.call_id) or _Entry(call)
        async with entry.lock:
            await self._perform(entry, event(call, self._clock()))

    async def revoke_kiosk(self, kiosk_id: str) -> None:
        """Its key was withdrawn: its call ends, and it is sent away."""
        call = self.of_kiosk(kiosk_id)
        if call is not None:
            await self.apply(call, lambda call, now: call.revoke(now))
        kiosk = self._presence.kiosk(kiosk_id)
        if kiosk is not None:
            kiosk.peer.dismiss("revoked", "this kiosk's key was withdrawn")

    async def _perform(self, entry: _Entry, effects: list[Effect]) -> None:
        call = entry.call
        for effect in effects:
            match effect:
                case Record(fact):
                    try:
                        await self._authoriser.record(fact)
                    except Exception:
                        log.exception("record_failed", call_id=fact.call_id, state=fact.state)
                case Send(to, Ended() as ended):
                    sent = self._presence.send(to, ended)
                    if call.person_id is not None:
                        self._missed[to] = (self._clock() + (_DOUBT if sent else _NEWS), ended)
                case Send(to, message):
                    self._presence.send(to, self._with_ice_servers(call, message))
        if call.over:
            self._entries.pop(call.ticket.call_id, None)
        self._arm(entry)
        if any(isinstance(e, Record) and e.fact.state in _QUEUE_STATES for e in effects):
            self._on_change()

    def _with_ice_servers(self, call: Call, message: FromHub) -> FromHub:
        if not isinstance(message, Negotiate | Offer):
            return message
        servers = ice_servers(self._settings.ice, call.ticket.call_id, self._clock())
        return message.model_copy(update={"ice_servers": servers})

    # --- time -------------------------------------------------------------------------------

    def _arm(self, entry: _Entry) -> None:
        if entry.timer is not None:
            entry.timer.cancel()
        due = entry.call.get_timer()
        if due is None:
            entry.timer = None
            return
        wait_s = max(0.0, (due - self._clock()).total_seconds())
        loop = asyncio.get_running_loop()
        entry.timer = loop.call_later(wait_s, self._spawn_tick, entry)

    def _spawn_tick(self, entry: _Entry) -> None:
        task = asyncio.create_task(self._tick(entry))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tick(self, entry: _Entry) -> None:
        async with entry.lock:
            await self._perform(entry, entry.call.handle_timer(self._clock()))
