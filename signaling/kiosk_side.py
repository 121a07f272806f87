"""What a kiosk may ask, message by message (PROTOCOL.md §6 to §8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from signaling.errors import SignalingError
from signaling.ports import Authoriser, CallReport, LineDesk
from signaling.presence import KioskPeer, Presence
from signaling.protocol.limits import check_sdp
from signaling.protocol.messages import (
    Answer,
    AskHelp,
    CallService,
    Candidate,
    Devices,
    FromKiosk,
    HangUp,
    Help,
    LineResults,
    Media,
    PresentCode,
    Renegotiate,
    Report,
    ResultsKept,
)
from signaling.session.call import Call
from signaling.session.effects import ToPeople
from signaling.switchboard import Switchboard


class KioskSide:
    """Serves one kiosk's messages."""

    def __init__(
        self,
        kiosk: KioskPeer,
        authoriser: Authoriser,
        switchboard: Switchboard,
        presence: Presence,
        clock: Callable[[], datetime],
        lines: LineDesk | None,
    ) -> None:
        self._kiosk = kiosk
        self._id = kiosk.identity.kiosk_id
        self._authoriser = authoriser
        self._switchboard = switchboard
        self._presence = presence
        self._clock = clock
        self._lines = lines

    async def handle(self, message: FromKiosk) -> None:
        """Do what was asked. Raises SignalingError."""
        match message:
            case PresentCode() | CallService():
                await self._arrive(message)
            case AskHelp():
                phone = await self._authoriser.help_wanted(self._id, wanted=message.wanted)
                state = "asked" if message.wanted else "none"
                self._kiosk.peer.send(Help.model_validate({"state": state, "phone": phone}))
            case Devices():
                await self._devices(message)
            case LineResults() if self._lines is not None:
                await self._lines.line_results(self._id, message.results)
                self._kiosk.peer.send(ResultsKept(batch=message.batch))
            case LineResults():
                raise SignalingError("not_now", "nobody keeps results of lines here")
            case Answer() | Candidate() | Media() | Renegotiate() | Report() | HangUp():
                call = self._switchboard.call_of_kiosk(self._id, message.call_id)
                await self._in_call(call, message)
            case _:
                raise SignalingError("not_now", "the connection is open already")

    async def _arrive(self, message: PresentCode | CallService) -> None:
        if self._switchboard.of_kiosk(self._id) is not None:
            raise SignalingError("kiosk_busy", "this kiosk has a call already")
        if isinstance(message, PresentCode):
            ticket = await self._authoriser.present_code(self._id, message.code, message.language)
        else:
            told = self._presence.reachable_ids(asyncio.get_running_loop().time())
            ticket = await self._authoriser.call_service(
                self._id, message.service_id, message.language, told
            )
        await self._switchboard.open(ticket)

    async def _devices(self, message: Devices) -> None:
        known = message.model_copy(update={"kiosk_id": self._id})
        self._kiosk.devices = known
        call = self._switchboard.of_kiosk(self._id)
        if call is not None and call.person_id is not None:
            self._presence.send(ToPeople(frozenset({call.person_id})), known)
        await self._authoriser.kiosk_devices(self._id, message.devices)

    async def _in_call(
        self, call: Call, message: Answer | Candidate | Media | Renegotiate | Report | HangUp
    ) -> None:
        apply = self._switchboard.apply
        match message:
            case Answer():
                check_sdp(message.sdp, about="answer")
                await apply(call, lambda call, now: call.answer(message, now))
            case Candidate():
                await apply(call, lambda call, _: call.candidate_from_kiosk(message))
            case Media(generation=generation, flowing=flowing):
                await apply(
                    call, lambda call, now: call.kiosk_media(generation, now, flowing=flowing)
                )
            case Renegotiate(generation=generation):
                await apply(call, lambda call, now: call.kiosk_renegotiates(generation, now))
            case Report():
                await apply(call, lambda call, _: call.reported_by_kiosk())
                report = CallReport("kiosk", self._clock(), message)
                await self._authoriser.record_report(message.call_id, report)
            case HangUp():
                await apply(call, lambda call, now: call.kiosk_hangs_up(now))
