"""The citizen's stay at the kiosk, as a pure state machine.

Inputs are messages of the hub, wishes from the screen, events of the media and of the link, and
time: `now` is a monotonic clock in seconds that the caller reads. Each input returns the effects
that the caller carries out; `scene(now)` is what the screen shows. All that concerns one citizen
lives in one `Stay` object, so that forgetting the citizen is replacing that object.
Section numbers are those of signaling/protocol/PROTOCOL.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from kiosk.scene import (
    CODE_DIGITS,
    LOUDEST,
    Action,
    AddCandidate,
    Do,
    Effect,
    Ending,
    Mute,
    RememberVenue,
    Ring,
    Scene,
    Screen,
    Send,
    StartAnswer,
    StopMedia,
    Volume,
)
from kiosk.stay import DEFAULT_VOLUME, Pace, Stay
from signaling.protocol.cards import CallCard, DeviceCard, EndReason, ServiceCard, VenueCard
from signaling.protocol.messages import (
    Answer,
    AskHelp,
    CallService,
    CallState,
    Candidate,
    Devices,
    Ended,
    Error,
    FromHub,
    HangUp,
    Help,
    Lobby,
    Media,
    Offer,
    PresentCode,
    Renegotiate,
    Say,
    WelcomeKiosk,
)

NOT_A_CONVOCATION = "not_a_convocation"
LINE_CUT = "line_cut"
NO_ANSWER = "no_answer"

Door = Literal["starting", "not_enrolled", "open", "cut", "closed", "too_old"]


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
        self.pace = pace or Pace()
        self._clock = (time, now)
        self._low_controls = low_controls
        self._venue = venue
        self._services: tuple[ServiceCard, ...] = ()
        self._devices: tuple[DeviceCard, ...] = ()
        self._door: Door = "starting"
        self._cut_at = now
        self._unwanted_call: str | None = None
        """A call that the citizen left, and that the hub may not know of yet."""
        self._cancelled_check_at: float | None = None
        self._stay = self._new_stay(now)

    # --- what the caller asks -----------------------------------------------------------------

    @property
    def in_call(self) -> bool:
        """Whether somebody waits or talks: then the link hurries, and no restart is welcome."""
        return self._stay.call is not None

    def time_at(self, now: float) -> datetime:
        """The hub's time of day, from its last welcome (§3.4)."""
        time, then = self._clock
        return time + timedelta(seconds=now - then)

    def scene(self, now: float) -> Scene:
        """What the screen shows now."""
        stay, limits = self._stay, self._stay.idle_limits(self.pace)
        seconds_left = None
        if limits is not None and now >= stay.touched_at + limits[0]:
            seconds_left = max(0, round(stay.touched_at + limits[1] - now))
        return Scene(
            screen=self._screen(now),
            time=self.time_at(now),
            language=stay.language,
            larger_text=stay.larger_text,
            low_controls=stay.low_controls,
            overlay=stay.overlay if seconds_left is None else "still_there",
            seconds_left=seconds_left,
            venue=self._venue,
            services=self._services,
            page=stay.page,
            digits=stay.digits,
            notice=stay.notice,
            call=stay.call,
            said=stay.said,
            said_at=stay.said_at,
            muted=stay.muted,
            volume=stay.volume,
            far_picture=self._far_picture(now),
            devices=self._devices,
            help=stay.help if self._door == "open" or stay.help == "none" else "nobody",
            phone=self._phone(),
            cut_since=self.time_at(self._cut_at) if self._door in {"cut", "starting"} else None,
            interrupted_since=self._interrupted_since(),
            ending=stay.ending,
        )  # fmt: skip

    # --- inputs: link -------------------------------------------------------------------------

    def receive(self, message: FromHub, now: float) -> list[Effect]:
        """One message of the hub. Messages that concern another call are ignored."""
        match message:
            case WelcomeKiosk():
                return self._welcome(message, now)
            case Lobby():
                self._services = tuple(message.services)
            case CallState():
                return self._call_state(message.call, now)
            case Ended():
                return self._ended(message, now)
            case Error():
                self._refused(message, now)
            case Help():
                self._stay.help, self._stay.help_phone = message.state, message.phone
            case Say() if self._is_ours(message.call_id):
                self._stay.said, self._stay.said_at = message.text, self.time_at(now)
            case Offer() if self._is_ours(message.call_id):
                self._stay.media_here = True
                servers = tuple(message.ice_servers)
                return [StartAnswer(message.call_id, message.generation, message.sdp, servers)]
            case Candidate() if self._is_ours(message.call_id) and self._stay.media_here:
                return [AddCandidate(message)]
        return []

    def not_enrolled(self) -> None:
        """There is no key yet."""
        self._door = "not_enrolled"

    def enrolled(self, now: float) -> None:
        """The key is there: from now on the hub is called."""
        self._door, self._cut_at = "starting", now

    def link_lost(self, now: float) -> None:
        """The hub does not answer any more; the link goes on trying."""
        if self._door == "open":
            self._door, self._cut_at = "cut", now
        if self._stay.at == "checking":
            self._back_from_checking(LINE_CUT)

    def turned_away(self, code: str, now: float) -> list[Effect]:
        """The hub said `bye` (§5.3)."""
        if code in {"revoked", "not_enrolled", "bad_proof"}:
            self._door = "closed"
        elif code in {"too_old", "too_new"}:
            self._door = "too_old"
        else:
            self.link_lost(now)
            return []
        return self._clean(now)

    # --- inputs: media and devices ------------------------------------------------------------

    def answered(self, call_id: str, generation: int, sdp: str) -> list[Effect]:
        """The media engine made the answer to an offer (§8.3)."""
        if not self._is_ours(call_id):
            return []
        return [Send(Answer(call_id=call_id, generation=generation, sdp=sdp))]

    def not_answered(self, call_id: str, generation: int) -> list[Effect]:
        """The media engine could not answer: ask for a new offer (§8.6)."""
        if not self._is_ours(call_id):
            return []
        return [Send(Renegotiate(call_id=call_id, generation=generation))]

    def media_flows(self, generation: int) -> list[Effect]:
        """Sound or picture of the agent arrives (§8.5)."""
        stay = self._stay
        if stay.call is None:
            return []
        stay.flowing_generation, stay.silent_since = generation, None
        told = Media(call_id=stay.call.call_id, generation=generation, flowing=True)
        return [Ring(False), Send(told)]

    def media_silent(self, generation: int, now: float) -> list[Effect]:
        """Nothing arrives any more on this connection (§8.5)."""
        stay = self._stay
        if stay.call is None or generation < stay.flowing_generation:
            return []
        if stay.silent_since is None:
            stay.silent_since = now
        return [Send(Media(call_id=stay.call.call_id, generation=generation, flowing=False))]

    def media_failed(self, generation: int, now: float) -> list[Effect]:
        """This connection is dead (§8.6)."""
        stay = self._stay
        if stay.call is None:
            return []
        if generation >= stay.flowing_generation and stay.silent_since is None:
            stay.silent_since = now
        return [Send(Renegotiate(call_id=stay.call.call_id, generation=generation))]

    def gathered(
        self, generation: int, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> list[Effect]:
        """The media engine found a candidate after its answer (§8.4)."""
        if self._stay.call is None:
            return []
        found = Candidate(
            call_id=self._stay.call.call_id,
            generation=generation,
            candidate=candidate,
            sdp_mid=sdp_mid,
            sdp_m_line_index=sdp_m_line_index,
        )
        return [Send(found)]

    def picture(self, now: float) -> None:
        """A far picture was decoded."""
        self._stay.picture_at = now

    def devices(self, cards: Iterable[DeviceCard]) -> list[Effect]:
        """The state of the kiosk's devices, all of them (§6.6)."""
        self._devices = tuple(cards)
        return [Send(Devices(devices=list(self._devices)))]

    def qr(self, text: str | None, now: float) -> list[Effect]:
        """The camera saw a QR: a convocation's text, or None for anything else."""
        if not self.scene(now).reads_qr:
            return []
        self._stay.touched_at = now
        if text is None:
            self._stay.notice = NOT_A_CONVOCATION
            return []
        return self._check(PresentCode(code=text, language=self._stay.language), "code", now)

    # --- input: time --------------------------------------------------------------------------

    def tick(self, now: float) -> list[Effect]:
        """Do what is due."""
        stay = self._stay
        if stay.at == "checking" and now >= stay.checking_since + self.pace.check_for_s:
            self._back_from_checking(NO_ANSWER)
        since = self._helpless_since()
        given_up = since is not None and now >= since + self.pace.gives_up_after_s
        if stay.call is not None and given_up:
            self._unwanted_call = stay.call.call_id
            return self._finish(self._ending(stay.call, "line_fault"), now)
        limits = self._stay.idle_limits(self.pace)
        if limits is not None and now >= stay.touched_at + limits[1]:
            # help that was asked for outlives what was on the screen
            return self._clean(now, keep_help=stay.helped and stay.at in {"code", "ended"})
        return []

    # --- input: wishes of the citizen ---------------------------------------------------------

    def act(self, action: Action, now: float) -> list[Effect]:
        """One wish from the screen; what makes no sense at this moment is ignored."""
        stay = self._stay
        stay.touched_at = now
        match action.do:
            case Do.DISMISS:
                stay.overlay = None
            case Do.LANGUAGE:
                stay.language = "en" if action.value == "en" else "fr"
            case Do.LARGER_TEXT:
                stay.larger_text = not stay.larger_text
            case Do.LOW_CONTROLS:
                stay.low_controls = not stay.low_controls
            case Do.HELP:
                return self._want_help(wanted=True)
            case Do.HELP_CANCEL:
                return self._want_help(wanted=False)
            case Do.START_CODE if stay.at == "home":
                stay.at, stay.notice, stay.overlay = "code", "", None
            case Do.BACK:
                self._go_back(now)
            case Do.DIGIT | Do.ERASE | Do.CLEAR | Do.SUBMIT if stay.at == "code":
                return self._type(action, now)
            case Do.CALL_SERVICE if stay.at == "home" and self._can_call(action.value):
                wish = CallService(service_id=action.value, language=stay.language)
                return self._check(wish, "home", now)
            case Do.NEXT_SERVICES:
                stay.page += 1
            case Do.LEAVE if stay.call is not None:
                stay.overlay = "leave"
            case Do.LEAVE_YES if stay.call is not None:
                return self._leave(stay.call, now)
            case Do.MUTE if stay.call is not None:
                stay.muted = not stay.muted
                return [Mute(stay.muted)]
            case Do.LOUDER | Do.QUIETER:
                step = 1 if action.do is Do.LOUDER else -1
                stay.volume = min(LOUDEST, max(0, stay.volume + step))
                return [Volume(stay.volume)]
            case Do.DONE if stay.at == "ended":
                return self._clean(now)
        return []

    def _type(self, action: Action, now: float) -> list[Effect]:
        stay = self._stay
        match action.do:
            case Do.ERASE:
                stay.digits, stay.notice = stay.digits[:-1], ""
            case Do.CLEAR:
                stay.digits, stay.notice = "", ""
            case Do.DIGIT if len(stay.digits) < CODE_DIGITS and action.value in tuple("0123456789"):
                stay.digits, stay.notice = stay.digits + action.value, ""
        complete = len(stay.digits) == CODE_DIGITS
        if (complete and not stay.notice and action.do is Do.DIGIT) or (
            complete and action.do is Do.SUBMIT
        ):
            wish = PresentCode(code=stay.digits, language=stay.language)
            return self._check(wish, "code", now)
        return []

    def _check(
        self, wish: PresentCode | CallService, origin: Literal["home", "code"], now: float
    ) -> list[Effect]:
        stay = self._stay
        stay.overlay, stay.notice = None, ""
        if self._door != "open":
            stay.notice = LINE_CUT
            return []
        stay.at, stay.checking_from, stay.checking_since = "checking", origin, now
        return [Send(wish)]

    def _go_back(self, now: float) -> None:
        stay = self._stay
        if stay.at == "checking":
            self._cancelled_check_at = now
            self._back_from_checking("")
        elif stay.at == "code":
            stay.at, stay.digits, stay.notice, stay.overlay = "home", "", "", None

    def _back_from_checking(self, notice: str) -> None:
        self._stay.at, self._stay.notice = self._stay.checking_from, notice

    def _want_help(self, *, wanted: bool) -> list[Effect]:
        stay = self._stay
        stay.overlay = "help" if wanted else None
        if wanted and stay.help in {"asked", "coming"}:
            return []  # asked already: the overlay says what became of it
        stay.help = "asked" if wanted else "none"
        return [Send(AskHelp(wanted=wanted))]

    def _leave(self, call: CallCard, now: float) -> list[Effect]:
        self._unwanted_call = call.call_id
        reason = self._ending(
            call, "left_by_citizen" if call.state == "waiting" else "hung_up_by_citizen"
        )
        return [Send(HangUp(call_id=call.call_id)), *self._finish(reason, now)]

    # --- messages of the hub ------------------------------------------------------------------

    def _welcome(self, message: WelcomeKiosk, now: float) -> list[Effect]:
        stay, effects = self._stay, list[Effect]()
        self._door, self._clock = "open", (message.now, now)
        self._services = tuple(message.services)
        if message.venue != self._venue:
            self._venue = message.venue
            effects.append(RememberVenue(message.venue))
        effects.append(Send(Devices(devices=list(self._devices))))
        if stay.help == "asked":
            effects.append(Send(AskHelp(wanted=True)))
        call = message.call
        if call is None:
            self._unwanted_call = None
            if stay.call is not None:
                effects += self._finish(self._ending(stay.call, None), now)
            return effects
        effects += self._call_state(call, now)
        if self._is_ours(call.call_id) and call.state != "waiting":
            effects += self._resume(call, now)
        return effects

    def _resume(self, call: CallCard, now: float) -> list[Effect]:
        """After a reconnection: say what flows; after a restart nothing can (§8.5, §8.6)."""
        stay = self._stay
        if not stay.media_here:
            if call.state in {"connected", "interrupted"} and stay.silent_since is None:
                stay.silent_since = now
            return [Send(Renegotiate(call_id=call.call_id, generation=call.generation))]
        generation = max(stay.flowing_generation, call.generation)
        flowing = stay.silent_since is None and stay.flowing_generation == generation
        return [Send(Media(call_id=call.call_id, generation=generation, flowing=flowing))]

    def _call_state(self, call: CallCard, now: float) -> list[Effect]:
        stay, effects = self._stay, list[Effect]()
        if call.state == "ended":
            if self._is_ours(call.call_id):
                return self._finish(self._ending(call, call.end_reason), now)
            return []
        if call.call_id == self._unwanted_call or self._check_was_cancelled(now):
            self._unwanted_call, self._cancelled_check_at = call.call_id, None
            return [Send(HangUp(call_id=call.call_id))]
        if not self._is_ours(call.call_id):
            if stay.call is not None or stay.at == "ended":
                effects += self._clean(now)
                stay = self._stay
            stay.touched_at, stay.overlay = now, None
        before = stay.call.state if stay.call else None
        stay.at, stay.call, stay.digits, stay.notice = "call", call, "", ""
        if call.state in {"admitted", "negotiating"} and before in {None, "waiting"}:
            stay.touched_at, stay.overlay = now, None
            effects.append(Ring(True))
        elif call.state in {"connected", "interrupted"} and before != call.state:
            effects.append(Ring(False))
        return effects

    def _check_was_cancelled(self, now: float) -> bool:
        at = self._cancelled_check_at
        recently = at is not None and now <= at + self.pace.check_for_s
        return recently and self._stay.at in {"home", "code"}

    def _ended(self, message: Ended, now: float) -> list[Effect]:
        stay = self._stay
        if message.call_id == self._unwanted_call:
            self._unwanted_call = None
        if stay.call is None or not self._is_ours(message.call_id):
            return []
        ending = replace(
            self._ending(stay.call, message.reason), refusal=message.refusal, text=message.text
        )
        if message.fallback_phone:
            ending = replace(ending, phone=message.fallback_phone)
        return self._finish(ending, now)

    def _refused(self, message: Error, now: float) -> None:
        stay = self._stay
        if stay.at == "checking" and message.about in {"present_code", "call_service"}:
            stay.touched_at = now
            self._back_from_checking(message.code)

    # --- ends ---------------------------------------------------------------------------------

    def _ending(self, call: CallCard, reason: EndReason | None) -> Ending:
        phone = call.fallback_phone or (self._venue.phone if self._venue else "")
        return Ending(call_id=call.call_id, partner=call.partner, reason=reason, phone=phone)

    def _finish(self, ending: Ending, now: float) -> list[Effect]:
        """The call is over: stop its media, say why; the idle rule cleans the screen."""
        effects, old = self._stop_call(), self._stay
        self._stay = replace(
            self._new_stay(now),
            language=old.language,
            larger_text=old.larger_text,
            low_controls=old.low_controls,
            volume=old.volume,
            help=old.help,
            help_phone=old.help_phone,
            at="ended",
            ending=ending,
        )
        return effects

    def _clean(self, now: float, *, keep_help: bool = False) -> list[Effect]:
        """Forget the citizen, wherever the stay had got to."""
        stay, effects = self._stay, self._stop_call()
        self._stay = self._new_stay(now)
        if stay.call is not None:
            self._unwanted_call = stay.call.call_id
            effects.append(Send(HangUp(call_id=stay.call.call_id)))
        if stay.at == "checking":
            self._cancelled_check_at = now
        if keep_help:
            self._stay.help, self._stay.help_phone = stay.help, stay.help_phone
        elif stay.help != "none":
            effects.append(Send(AskHelp(wanted=False)))
        if stay.volume != DEFAULT_VOLUME:
            effects.append(Volume(DEFAULT_VOLUME))
        return effects

    def _stop_call(self) -> list[Effect]:
        effects: list[Effect] = [Ring(False)] if self._stay.call is not None else []
        return [*effects, StopMedia()] if self._stay.media_here else effects

    def _new_stay(self, now: float) -> Stay:
        return Stay(touched_at=now, low_controls=self._low_controls)

    # --- what follows from the state ----------------------------------------------------------

    def _is_ours(self, call_id: str) -> bool:
        return self._stay.call is not None and self._stay.call.call_id == call_id

    def _can_call(self, service_id: str) -> bool:
        return any(
            service.service_id == service_id and service.availability != "closed"
            for service in self._services
        )

    def _screen(self, now: float) -> Screen:
        stay = self._stay
        match self._door:
            case "not_enrolled":
                return Screen.NOT_ENROLLED
            case "closed":
                return Screen.CLOSED
            case "too_old":
                return Screen.TOO_OLD
        if stay.call is not None:
            return self._call_screen(stay.call)
        if stay.at == "ended":
            return Screen.ENDED
        if self._door == "starting":
            waited = now >= self._cut_at + self.pace.start_for_s
            return Screen.OFFLINE if waited else Screen.STARTING
        if self._door == "cut" and now >= self._cut_at + self.pace.cut_shown_after_s:
            return Screen.OFFLINE
        return Screen(stay.at)

    def _call_screen(self, call: CallCard) -> Screen:
        if call.state == "waiting":
            return Screen.WAITING
        if self._interrupted_since() is not None:
            return Screen.INTERRUPTED
        if call.state == "connected" or self._stay.media_flows:
            return Screen.CALL
        return Screen.ADMITTED

    def _interrupted_since(self) -> datetime | None:
        """Since when no media passes: this end notices by itself, the hub tells of the other."""
        call, moments = self._stay.call, list[datetime]()
        if call is None or call.state == "waiting":
            return None
        if self._stay.silent_since is not None:
            moments.append(self.time_at(self._stay.silent_since))
        if self._door == "open" and call.interrupted_at is not None:
            moments.append(call.interrupted_at)
        return min(moments, default=None)

    def _helpless_since(self) -> float | None:
        """Since when neither the hub nor the agent is heard, while a call is open."""
        stay = self._stay
        if stay.call is None or stay.media_flows or self._door == "open":
            return None
        return max(self._cut_at, stay.silent_since or self._cut_at)

    def _far_picture(self, now: float) -> bool:
        at = self._stay.picture_at
        return at is not None and now < at + self.pace.picture_lasts_s

    def _phone(self) -> str:
        stay = self._stay
        if stay.ending is not None and stay.ending.phone:
            return stay.ending.phone
        if stay.call is not None and stay.call.fallback_phone:
            return stay.call.fallback_phone
        return stay.help_phone or (self._venue.phone if self._venue else "")
