"""What the screen shows, as it follows from what is remembered. Pure."""

from __future__ import annotations

from datetime import datetime

from kiosk.memory import Memory
from kiosk.scene import Scene, Screen
from signaling.protocol.cards import CallCard


def scene(memory: Memory, now: float) -> Scene:
    """What the screen shows now."""
    stay, limits = memory.stay, memory.stay.idle_limits(memory.pace)
    seconds_left = None
    if limits is not None and now >= stay.touched_at + limits[0]:
        seconds_left = max(0, round(stay.touched_at + limits[1] - now))
    return Scene(
        screen=_screen(memory, now),
        time=memory.time_at(now),
        language=stay.language,
        larger_text=stay.larger_text,
        low_controls=stay.low_controls,
        overlay=stay.overlay if seconds_left is None else "still_there",
        seconds_left=seconds_left,
        venue=memory.venue,
        services=memory.services,
        page=stay.page,
        digits=stay.digits,
        code_digits=memory.codes.digits,
        code_early_minutes=memory.codes.early_minutes,
        notice=stay.notice,
        call=stay.call,
        said=stay.said,
        said_at=stay.said_at,
        muted=stay.muted,
        volume=stay.volume,
        far_picture=_recently(stay.picture_at, memory.pace.picture_lasts_s, now),
        picture_awaited=stay.picture_awaited_until is not None and now < stay.picture_awaited_until,
        picture_lately=_recently(stay.picture_at, memory.pace.picture_told_after_s, now),
        quality=stay.quality.said,
        heard=_recently(stay.heard_at, memory.pace.hearing_lasts_s, now),
        line_slow=min(memory.round_trips_s, default=0.0) >= memory.pace.slow_answer_s,
        devices=memory.devices,
        agent_devices=stay.agent_devices,
        help=stay.help if memory.door == "open" or stay.help == "none" else "nobody",
        phone=_phone(memory),
        cut_since=memory.time_at(memory.cut_at) if memory.door in {"cut", "starting"} else None,
        interrupted_since=_interrupted_since(memory),
        ending=stay.ending,
    )  # fmt: skip


def _screen(memory: Memory, now: float) -> Screen:
    stay = memory.stay
    match memory.door:
        case "not_enrolled":
            return Screen.NOT_ENROLLED
        case "closed":
            return Screen.CLOSED
        case "too_old":
            return Screen.TOO_OLD
        case "too_new":
            return Screen.TOO_NEW
    if stay.call is not None:
        return _call_screen(memory, stay.call)
    if stay.at == "ended":
        return Screen.ENDED
    if memory.door == "starting":
        waited = now >= memory.cut_at + memory.pace.start_for_s
        return Screen.OFFLINE if waited else Screen.STARTING
    if memory.door == "cut" and now >= memory.cut_at + memory.pace.cut_shown_after_s:
        return Screen.OFFLINE
    return Screen(stay.at)


def _call_screen(memory: Memory, call: CallCard) -> Screen:
    if call.state == "waiting":
        return Screen.WAITING
    if _interrupted_since(memory) is not None:
        return Screen.INTERRUPTED
    if call.state == "connected" or memory.stay.media_flows:
        return Screen.CALL  # before the first picture, which need then wait for no other screen
    return Screen.ADMITTED


def _interrupted_since(memory: Memory) -> datetime | None:
    """Since when no media passes: this end notices by itself, the hub tells of the other."""
    call, moments = memory.stay.call, list[datetime]()
    if call is None or call.state == "waiting":
        return None
    if memory.stay.silent_since is not None:
        moments.append(memory.time_at(memory.stay.silent_since))
    if memory.door == "open" and call.interrupted_at is not None:
        moments.append(call.interrupted_at)
    return min(moments, default=None)


def _recently(at: float | None, lasts_s: float, now: float) -> bool:
    return at is not None and now < at + lasts_s


def _phone(memory: Memory) -> str:
    stay = memory.stay
    if stay.ending is not None and stay.ending.phone:
        return stay.ending.phone
    if stay.call is not None and stay.call.fallback_phone:
        return stay.call.fallback_phone
    return stay.help_phone or (memory.venue.phone if memory.venue else "")
