"""The course of a call: what the hub says of it, what its media does. Pure.

Section numbers are those of signaling/protocol/PROTOCOL.md.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import ends, wishes
from kiosk.memory import Memory
from kiosk.quality import Quality
from kiosk.scene import AddCandidate, Effect, Ending, RememberVenue, Ring, Send, StartAnswer
from signaling.protocol.cards import CallCard
from signaling.protocol.messages import (
    AgentDevices,
    AskHelp,
    CallState,
    Candidate,
    Codes,
    Devices,
    Ended,
    Error,
    FromHub,
    HangUp,
    Help,
    Lobby,
    Media,
    Offer,
    Renegotiate,
    Say,
    WelcomeKiosk,
)


def receive(memory: Memory, message: FromHub, now: float) -> list[Effect]:
    """One message of the hub. Messages that concern another call are ignored."""
    stay = memory.stay
    match message:
        case WelcomeKiosk():
            return _welcome(memory, message, now)
        case Lobby():
            memory.services = tuple(message.services)
        case Codes():
            if message.digits != memory.codes.digits:
                stay.digits = ""  # they were typed into boxes that are no more
            memory.codes = message
        case CallState():
            return _call_state(memory, message.call, now)
        case Ended():
            return _ended(memory, message, now)
        case Error():
            _refused(memory, message, now)
        case Help():
            stay.help, stay.help_phone = message.state, message.phone
        case Say() if memory.is_ours(message.call_id):
            _said(memory, message.text, now)
        case AgentDevices() if memory.is_ours(message.call_id):
            stay.agent_devices = tuple(message.devices)
        case Offer() if memory.is_ours(message.call_id):
            stay.media_here = True
            servers = tuple(message.ice_servers)
            return [StartAnswer(message.call_id, message.generation, message.sdp, servers)]
        case Candidate() if memory.is_ours(message.call_id) and stay.media_here:
            return [AddCandidate(message)]
    return []


# --- the hub ------------------------------------------------------------------------------------


def _welcome(memory: Memory, message: WelcomeKiosk, now: float) -> list[Effect]:
    stay, effects = memory.stay, list[Effect]()
    memory.door, memory.clock, memory.round_trips_s = "open", (message.now, now), ()
    stay.said_comes_again = bool(stay.said)
    memory.services = tuple(message.services)
    if message.venue != memory.venue:
        memory.venue = message.venue
        effects.append(RememberVenue(message.venue))
    effects.append(Send(Devices(devices=list(memory.devices))))
    if stay.help == "asked":
        effects.append(Send(AskHelp(wanted=True)))
    call = message.call
    if call is None:
        memory.unwanted_call = None
        if stay.call is not None:
            effects += ends.finish(memory, ends.ending(memory, stay.call, None), now)
        return effects
    effects += _call_state(memory, call, now)
    if memory.is_ours(call.call_id) and call.state != "waiting":
        effects += _resume(memory, call, now)
    return effects


def _said(memory: Memory, text: str, now: float) -> None:
    """The agent's sentence (§8.7); what the hub repeats after a cut keeps its hour."""
    stay = memory.stay
    repeated, stay.said_comes_again = stay.said_comes_again and text == stay.said, False
    if not repeated:
        stay.said, stay.said_at = text, memory.time_at(now)


def _resume(memory: Memory, call: CallCard, now: float) -> list[Effect]:
    """After a reconnection: say what flows; after a restart nothing can (§8.5, §8.6)."""
    stay = memory.stay
    if not stay.media_here:
        if call.state in {"connected", "interrupted"} and stay.silent_since is None:
            stay.silent_since = now
        return [Send(Renegotiate(call_id=call.call_id, generation=call.generation))]
    generation = max(stay.flowing_generation, call.generation)
    flowing = stay.silent_since is None and stay.flowing_generation == generation
    return [Send(Media(call_id=call.call_id, generation=generation, flowing=flowing))]


def _call_state(memory: Memory, call: CallCard, now: float) -> list[Effect]:
    stay, effects = memory.stay, list[Effect]()
    if call.state == "ended":
        if memory.is_ours(call.call_id):
            return ends.finish(memory, ends.ending(memory, call, call.end_reason), now)
        return []
    if call.call_id == memory.unwanted_call or _check_was_cancelled(memory, now):
        memory.unwanted_call, memory.cancelled_check_at = call.call_id, None
        return [Send(HangUp(call_id=call.call_id))]
    if not memory.is_ours(call.call_id):
        if stay.call is not None or stay.at == "ended":
            effects += ends.clean(memory, now)
            stay = memory.stay
        if stay.pristine:  # after a restart nobody has chosen a language here
            stay.language = call.language
        stay.touched_at, stay.overlay = now, None
    before = stay.call.state if stay.call else None
    stay.at, stay.call, stay.digits, stay.notice = "call", call, "", ""
    if call.state in {"admitted", "negotiating"} and before in {None, "waiting"}:
        stay.touched_at, stay.overlay = now, None
        effects.append(Ring(True))
    elif call.state in {"connected", "interrupted"} and before != call.state:
        effects.append(Ring(False))
    return effects


def _check_was_cancelled(memory: Memory, now: float) -> bool:
    at = memory.cancelled_check_at
    recently = at is not None and now <= at + memory.pace.check_for_s
    return recently and memory.stay.at in {"home", "code"}


def _ended(memory: Memory, message: Ended, now: float) -> list[Effect]:
    call = memory.stay.call
    if message.call_id == memory.unwanted_call:
        memory.unwanted_call = None
    if call is not None and memory.is_ours(message.call_id):
        return ends.finish(memory, _as_told(ends.ending(memory, call, None), message), now)
    known = memory.stay.ending
    if known is not None and known.call_id == message.call_id and known.reason is None:
        # the call was gone at the welcome; why follows it (§3.4)
        memory.stay.ending = _as_told(known, message)
    return []


def _as_told(known: Ending, message: Ended) -> Ending:
    """The ending with what the hub says of it (§8.9)."""
    return replace(
        known,
        reason=message.reason,
        refusal=message.refusal,
        text=message.text,
        phone=message.fallback_phone or known.phone,
    )


def _refused(memory: Memory, message: Error, now: float) -> None:
    stay = memory.stay
    if stay.at == "checking" and message.about in {"present_code", "call_service"}:
        stay.touched_at = now
        wishes.back_from_checking(memory, message.code)


# --- the media ----------------------------------------------------------------------------------


def media_flows(memory: Memory, generation: int, now: float) -> list[Effect]:
    """Sound or picture of the agent arrives (§8.5)."""
    stay = memory.stay
    if stay.call is None:
        return []
    if stay.silent_since is not None:
        stay.quality = Quality()  # what was so before the silence says nothing of now
    if not stay.media_flows:
        # sound comes first, after a silence too: for a moment the picture does not lack yet
        stay.picture_awaited_until = now + memory.pace.picture_lasts_s
    stay.flowing_generation, stay.silent_since = generation, None
    told = Media(call_id=stay.call.call_id, generation=generation, flowing=True)
    return [Ring(False), Send(told)]


def media_silent(memory: Memory, generation: int, now: float) -> list[Effect]:
    """Nothing arrives any more on this connection (§8.5)."""
    stay = memory.stay
    if stay.call is None or generation < stay.flowing_generation:
        return []
    if stay.silent_since is None:
        stay.silent_since = now
    stay.picture_awaited_until = None
    return [Send(Media(call_id=stay.call.call_id, generation=generation, flowing=False))]


def media_failed(memory: Memory, generation: int, now: float) -> list[Effect]:
    """This connection is dead (§8.6)."""
    stay = memory.stay
    if stay.call is None:
        return []
    if generation >= stay.flowing_generation and stay.silent_since is None:
        stay.silent_since = now
    return [Send(Renegotiate(call_id=stay.call.call_id, generation=generation))]
