"""The citizen's stay at the kiosk, as a pure state machine.

Inputs are messages of the hub, wishes from the screen, events of the media and of the link, and
time: `now` is a monotonic clock in seconds that the caller reads. Each input returns the effects
that the caller carries out; `scene(now)` is what the screen shows. All that concerns one citizen
lives in one `Stay` object, so that forgetting the citizen is replacing that object.

What is remembered is in memory.py; what the screen shows of it, in outlook.py; the course of a
call in course.py, the citizen's wishes in wishes.py, ends in ends.py.
Section numbers are those of signaling/protocol/PROTOCOL.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kiosk import course, ends, outlook, quality, wishes
from kiosk.memory import Memory
from kiosk.quality import Glimpse
from kiosk.scene import Action, Effect, Scene, Send
from kiosk.stay import Pace, Stay
from signaling.protocol.cards import DeviceCard, VenueCard
from signaling.protocol.messages import Answer, Candidate, Devices, FromHub

REMEMBERED_ANSWERS = 3
"""A line is slow when the quickest of so many answers was."""


class Lifecycle:
    """The machine. The caller serialises its inputs."""

    def __init__(
        self,
        now: float,
        time: datetime,
        *,
        pace: Pace | None = None,
        venue: VenueCard | None = None,
        low_controls: bool = False,
    ) -> None:
        stay = Stay(touched_at=now, low_controls=low_controls)
        self._memory = Memory(
            pace or Pace(), (time, now), low_controls, stay, cut_at=now, venue=venue
        )

    # --- what the caller asks -----------------------------------------------------------------

    @property
    def in_call(self) -> bool:
        """Whether somebody waits or talks: then the link hurries, and no restart is welcome."""
        return self._memory.stay.call is not None

    @property
    def on_the_line(self) -> bool:
        """Whether somebody talks: who waits for that uses nothing of the line."""
        call = self._memory.stay.call
        return call is not None and call.state != "waiting"

    def scene(self, now: float) -> Scene:
        """What the screen shows now."""
        return outlook.scene(self._memory, now)

    # --- inputs: link -------------------------------------------------------------------------

    def receive(self, message: FromHub, now: float) -> list[Effect]:
        """One message of the hub. Messages that concern another call are ignored."""
        return course.receive(self._memory, message, now)

    def not_enrolled(self) -> None:
        """There is no key yet."""
        self._memory.door = "not_enrolled"

    def enrolled(self, now: float) -> None:
        """The key is there: from now on the hub is called."""
        self._memory.door, self._memory.cut_at = "starting", now

    def link_lost(self, now: float) -> None:
        """The hub does not answer any more; the link goes on trying."""
        if self._memory.door == "open":
            self._memory.door, self._memory.cut_at = "cut", now
        if self._memory.stay.at == "checking":
            wishes.back_from_checking(self._memory, wishes.LINE_CUT)

    def hub_answered(self, round_trip_s: float) -> None:
        """The hub answered a ping after so long (§4)."""
        kept = self._memory.round_trips_s[1 - REMEMBERED_ANSWERS :]
        self._memory.round_trips_s = (*kept, round_trip_s)

    def turned_away(self, code: str, now: float) -> list[Effect]:
        """The hub said `bye` (§5.3)."""
        if code in {"revoked", "not_enrolled", "bad_proof"}:
            self._memory.door = "closed"
        elif code == "too_old":
            self._memory.door = "too_old"
        elif code == "too_new":
            self._memory.door = "too_new"
        else:
            self.link_lost(now)
            return []
        return ends.clean(self._memory, now)

    # --- inputs: media and devices ------------------------------------------------------------

    def answered(self, call_id: str, generation: int, sdp: str) -> list[Effect]:
        """The media engine made the answer to an offer (§8.3)."""
        if not self._memory.is_ours(call_id):
            return []
        return [Send(Answer(call_id=call_id, generation=generation, sdp=sdp))]

    def media_flows(self, generation: int, now: float) -> list[Effect]:
        """Sound or picture of the agent arrives (§8.5)."""
        return course.media_flows(self._memory, generation, now)

    def media_silent(self, generation: int, now: float) -> list[Effect]:
        """Nothing arrives any more on this connection (§8.5)."""
        return course.media_silent(self._memory, generation, now)

    def media_failed(self, generation: int, now: float) -> list[Effect]:
        """This connection is dead (§8.6)."""
        return course.media_failed(self._memory, generation, now)

    def gathered(
        self, generation: int, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> list[Effect]:
        """The media engine found a candidate after its answer (§8.4)."""
        call = self._memory.stay.call
        if call is None:
            return []
        found = Candidate(
            call_id=call.call_id,
            generation=generation,
            candidate=candidate,
            sdp_mid=sdp_mid,
            sdp_m_line_index=sdp_m_line_index,
        )
        return [Send(found)]

    def picture(self, now: float) -> None:
        """A far picture was decoded."""
        self._memory.stay.picture_at = now
        self._memory.stay.picture_awaited_until = None

    def glimpse(self, seen: Glimpse) -> None:
        """Figures of the last seconds of the call, about every two seconds."""
        if self._memory.stay.media_flows:
            self._memory.stay.quality = quality.after(self._memory.stay.quality, seen)

    def heard(self, now: float) -> None:
        """The microphone hears something."""
        self._memory.stay.heard_at = now

    def devices(self, cards: Iterable[DeviceCard]) -> list[Effect]:
        """The state of the kiosk's devices, all of them (§6.6)."""
        self._memory.devices = tuple(cards)
        return [Send(Devices(devices=list(self._memory.devices)))]

    # --- inputs: the citizen, time ------------------------------------------------------------

    def act(self, action: Action, now: float) -> list[Effect]:
        """One wish from the screen; what makes no sense at this moment is ignored."""
        return wishes.act(self._memory, action, now)

    def qr(self, text: str | None, now: float) -> list[Effect]:
        """The camera saw a QR: a convocation's text, or None for anything else."""
        if not self.scene(now).reads_qr:
            return []
        return wishes.qr(self._memory, text, now)

    def tick(self, now: float) -> list[Effect]:
        """Do what is due."""
        memory, stay, pace = self._memory, self._memory.stay, self._memory.pace
        if stay.at == "checking" and now >= stay.checking_since + pace.check_for_s:
            wishes.back_from_checking(memory, wishes.NO_ANSWER)
        since = memory.helpless_since()
        if stay.call is not None and since is not None and now >= since + pace.gives_up_after_s:
            memory.unwanted_call = stay.call.call_id
            return ends.finish(memory, ends.ending(memory, stay.call, "line_fault"), now)
        limits = stay.idle_limits(pace)
        if limits is not None and now >= stay.touched_at + limits[1]:
            # help that was asked for outlives what was on the screen
            kept = stay.helped and stay.call is None and not stay.awaits_help_alone
            return ends.clean(memory, now, keep_help=kept)
        return []
