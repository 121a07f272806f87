"""What the citizen asks for, by touch, by keyboard or by QR. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from kiosk import ends
from kiosk.memory import Memory
from kiosk.scene import LOUDEST, Action, Do, Effect, Mute, Send, Volume
from signaling.protocol.cards import CallCard
from signaling.protocol.messages import AskHelp, CallService, HangUp, PresentCode

NOT_A_CONVOCATION = "not_a_convocation"
LINE_CUT = "line_cut"
NO_ANSWER = "no_answer"


def act(memory: Memory, action: Action, now: float) -> list[Effect]:
    """One wish from the screen; what makes no sense at this moment is ignored."""
    stay = memory.stay
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
            return _want_help(memory, wanted=True)
        case Do.HELP_CANCEL:
            return _want_help(memory, wanted=False)
        case Do.START_CODE if stay.at == "home":
            stay.at, stay.notice, stay.overlay = "code", "", None
        case Do.BACK:
            _go_back(memory, now)
        case Do.DIGIT | Do.ERASE | Do.CLEAR | Do.SUBMIT if stay.at == "code":
            return _type(memory, action, now)
        case Do.CALL_SERVICE if stay.at == "home" and memory.can_call(action.value):
            wish = CallService(service_id=action.value, language=stay.language)
            return _check(memory, wish, "home", now)
        case Do.NEXT_SERVICES:
            stay.page += 1
        case Do.LEAVE if stay.call is not None:
            stay.overlay = "leave"
        case Do.LEAVE_YES if stay.call is not None:
            return _leave(memory, stay.call, now)
        case Do.PHONE if stay.call is not None and stay.call.state == "waiting":
            stay.overlay = "phone"
        case Do.PHONE_YES if stay.call is not None and stay.call.state == "waiting":
            return _leave(memory, stay.call, now, by_phone=True)
        case Do.NO_CODE if stay.at == "code":
            stay.overlay = "no_code"
        case Do.MUTE if stay.call is not None:
            stay.muted = not stay.muted
            return [Mute(stay.muted)]
        case Do.LOUDER | Do.QUIETER:
            step = 1 if action.do is Do.LOUDER else -1
            stay.volume = min(LOUDEST, max(0, stay.volume + step))
            return [Volume(stay.volume)]
        case Do.DONE if stay.at == "ended":
            return ends.clean(memory, now)
    return []


def qr(memory: Memory, text: str | None, now: float) -> list[Effect]:
    """The camera saw a QR: a convocation's text, or None for anything else."""
    memory.stay.touched_at = now
    if text is None:
        memory.stay.notice = NOT_A_CONVOCATION
        return []
    wish = PresentCode(code=text, language=memory.stay.language)
    return _check(memory, wish, "code", now)


def back_from_checking(memory: Memory, notice: str) -> None:
    """The wish was not granted: the screen that it came from says why."""
    memory.stay.at, memory.stay.notice = memory.stay.checking_from, notice


def _type(memory: Memory, action: Action, now: float) -> list[Effect]:
    stay, length = memory.stay, memory.codes.digits
    match action.do:
        case Do.ERASE:
            stay.digits, stay.notice = stay.digits[:-1], ""
        case Do.CLEAR:
            stay.digits, stay.notice = "", ""
        case Do.DIGIT if len(stay.digits) < length and action.value in tuple("0123456789"):
            stay.digits, stay.notice = stay.digits + action.value, ""
    complete = len(stay.digits) == length
    if (complete and not stay.notice and action.do is Do.DIGIT) or (
        complete and action.do is Do.SUBMIT
    ):
        wish = PresentCode(code=stay.digits, language=stay.language)
        return _check(memory, wish, "code", now)
    return []


def _check(
    memory: Memory, wish: PresentCode | CallService, origin: Literal["home", "code"], now: float
) -> list[Effect]:
    stay = memory.stay
    stay.overlay, stay.notice = None, ""
    if memory.door != "open":
        stay.notice = LINE_CUT
        return []
    stay.at, stay.checking_from, stay.checking_since = "checking", origin, now
    return [Send(wish)]


def _go_back(memory: Memory, now: float) -> None:
    stay = memory.stay
    if stay.at == "checking":
        memory.cancelled_check_at = now
        back_from_checking(memory, "")
    elif stay.at == "code":
        stay.at, stay.digits, stay.notice, stay.overlay = "home", "", "", None


def _want_help(memory: Memory, *, wanted: bool) -> list[Effect]:
    stay = memory.stay
    stay.overlay = "help" if wanted else None
    if wanted and stay.help in {"asked", "coming"}:
        return []  # asked already: the overlay says what became of it
    stay.help = "asked" if wanted else "none"
    return [Send(AskHelp(wanted=wanted))]


def _leave(memory: Memory, call: CallCard, now: float, *, by_phone: bool = False) -> list[Effect]:
    memory.unwanted_call = call.call_id
    how = ends.ending(
        memory, call, "left_by_citizen" if call.state == "waiting" else "hung_up_by_citizen"
    )
    how = replace(how, by_phone=by_phone)
    return [Send(HangUp(call_id=call.call_id)), *ends.finish(memory, how, now)]
