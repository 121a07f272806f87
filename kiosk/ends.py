"""How a call, and how a citizen's stay, come to their end. Pure."""

from __future__ import annotations

from dataclasses import replace

from kiosk.memory import Memory
from kiosk.scene import Effect, Ending, Ring, Send, StopMedia, Volume
from kiosk.stay import DEFAULT_VOLUME
from signaling.protocol.cards import CallCard, EndReason
from signaling.protocol.messages import AskHelp, HangUp


def ending(memory: Memory, call: CallCard, reason: EndReason | None) -> Ending:
    """What the screen will say of the end of this call."""
    phone = call.fallback_phone or (memory.venue.phone if memory.venue else "")
    return Ending(call_id=call.call_id, partner=call.partner, reason=reason, phone=phone)


def finish(memory: Memory, how: Ending, now: float) -> list[Effect]:
    """The call is over: stop its media, say why; the idle rule cleans the screen."""
    effects, old = _stop_call(memory), memory.stay
    memory.stay = replace(
        memory.fresh_stay(now),
        language=old.language,
        larger_text=old.larger_text,
        low_controls=old.low_controls,
        volume=old.volume,
        help=old.help,
        help_phone=old.help_phone,
        at="ended",
        ending=how,
    )
    return effects


def clean(memory: Memory, now: float, *, keep_help: bool = False) -> list[Effect]:
    """Forget the citizen, wherever the stay had got to."""
    stay, effects = memory.stay, _stop_call(memory)
    memory.stay = memory.fresh_stay(now)
    if stay.call is not None:
        memory.unwanted_call = stay.call.call_id
        effects.append(Send(HangUp(call_id=stay.call.call_id)))
    if stay.at == "checking":
        memory.cancelled_check_at = now
    if keep_help:
        memory.stay.help, memory.stay.help_phone = stay.help, stay.help_phone
    elif stay.help != "none":
        effects.append(Send(AskHelp(wanted=False)))
    if stay.volume != DEFAULT_VOLUME:
        effects.append(Volume(DEFAULT_VOLUME))
    return effects


def _stop_call(memory: Memory) -> list[Effect]:
    effects: list[Effect] = [Ring(False)] if memory.stay.call is not None else []
    return [*effects, StopMedia()] if memory.stay.media_here else effects
