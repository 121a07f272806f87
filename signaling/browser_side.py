"""What a staff page may ask, message by message (PROTOCOL.md §7 to §9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from signaling.errors import SignalingError
from signaling.ports import Authoriser, CallReport
from signaling.presence import Presence, TabPeer
from signaling.protocol.limits import check_sdp
from signaling.protocol.messages import (
    Admit,
    AgentDevices,
    Candidate,
    FromBrowser,
    HangUp,
    Hello,
    MakeWait,
    Media,
    Offer,
    Ping,
    Pong,
    Refuse,
    Renegotiate,
    Report,
    Say,
    Subscribe,
    TakeOver,
)
from signaling.session.call import Call
from signaling.switchboard import Switchboard


class BrowserSide:
    """Serves one tab's messages."""

    def __init__(
        self,
        tab: TabPeer,
        authoriser: Authoriser,
        switchboard: Switchboard,
        presence: Presence,
        clock: Callable[[], datetime],
    ) -> None:
        self._tab = tab
        self._authoriser = authoriser
        self._switchboard = switchboard
        self._presence = presence
        self._clock = clock

    async def handle(self, message: FromBrowser) -> None:
        """Do what was asked. Raises SignalingError."""
        match message:
            case Subscribe():
                await self._subscribe(message)
            case Hello() | Ping() | Pong():
                raise SignalingError("not_now", "the connection is open already")
            case Admit() | MakeWait() | Refuse():
                await self._answer(self._call(message.call_id), message)
            case _:
                await self._in_call(self._call(message.call_id), message)

    def _call(self, call_id: str) -> Call:
        return self._switchboard.call_seen_by(self._tab.identity.person_id, call_id)

    async def _subscribe(self, message: Subscribe) -> None:
        """All of the topics or none."""
        for topic in message.topics:
            if not await self._authoriser.may_subscribe(self._tab.identity, topic):
                raise SignalingError("not_allowed", "a topic is not for you", field="topics")
        self._tab.topics = frozenset(message.topics)

    async def _answer(self, call: Call, message: Admit | MakeWait | Refuse) -> None:
        identity = self._tab.identity
        if isinstance(message, Admit):
            await self._switchboard.admit(identity, self._tab.tab, call)
            self._tell_devices(call)
            return
        if not await self._authoriser.may_answer(identity, message.call_id):
            raise SignalingError("not_allowed", "this call is not yours to answer")
        match message:
            case MakeWait(minutes=minutes):
                await self._switchboard.apply(call, lambda call, now: call.make_wait(minutes, now))
            case Refuse(reason=reason, text=text):
                await self._switchboard.apply(
                    call, lambda call, now: call.refuse(reason, text, now)
                )

    async def _in_call(
        self,
        call: Call,
        message: TakeOver
        | Offer
        | Candidate
        | Media
        | Renegotiate
        | Say
        | Report
        | AgentDevices
        | HangUp,
    ) -> None:
        apply, tab = self._switchboard.apply, self._tab.tab
        match message:
            case TakeOver():
                await apply(call, lambda call, now: call.take_over(tab, now))
                self._tell_devices(call)
            case Offer():
                check_sdp(message.sdp, about="offer")
                await apply(call, lambda call, now: call.offer(tab, message, now))
            case Candidate():
                await apply(call, lambda call, now: call.candidate_from(tab, message, now))
            case Media(generation=generation, flowing=flowing):
                await apply(
                    call, lambda call, now: call.tab_media(tab, generation, now, flowing=flowing)
                )
            case Renegotiate(generation=generation):
                await apply(call, lambda call, now: call.tab_renegotiates(tab, generation, now))
            case Say(text=text):
                await apply(call, lambda call, now: call.say(tab, text, now))
            case Report():
                await apply(call, lambda call, now: call.reported_by(tab, now))
                report = CallReport("agent", self._clock(), message)
                await self._authoriser.record_report(message.call_id, report)
            case AgentDevices(devices=devices):
                await apply(call, lambda call, now: call.agent_devices(tab, message, now))
                await self._authoriser.agent_devices(message.call_id, devices)
            case HangUp():
                await apply(call, lambda call, now: call.agent_hangs_up(tab, now))

    def _tell_devices(self, call: Call) -> None:
        """A tab that begins to hold a call learns how the kiosk's devices are (§6.6)."""
        kiosk = self._presence.kiosk(call.ticket.kiosk_id)
        if kiosk is not None and kiosk.devices is not None:
            self._tab.peer.send(kiosk.devices)
