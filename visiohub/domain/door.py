"""The screen beside a room: its secret address, the short code that says "I am here", what it
shows over the day. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from visiohub.domain.calendar import spans as sp
from visiohub.domain.hours import Span

CODE_DIGITS = 4
LIVING = timedelta(minutes=15)
"""A screen asks three times a minute. So long after it was last seen it counts as being there;
after that it was switched off or taken away, or has no line, and nobody is waited for at it."""
SEEN_EVERY = timedelta(minutes=5)
"""How often it is written down that a screen asked."""
AT_ONCE = timedelta(minutes=1)
"""So soon a screen that is switched on, or of which the hub hears again, has asked."""


@dataclass(eq=False)
class Door:
    """The address of a room's screen; `id` is the room's. The token itself is not kept."""

    id: str
    token_hash: str
    made_at: datetime
    seen_at: datetime | None = None
    """When a screen last asked at this address, to within SEEN_EVERY; None: never."""
    lives_since: datetime | None = None
    """From when on it has been there without a break of LIVING, if it ever was."""

    def lives(self, now: datetime) -> bool:
        """Whether there is a screen beside the room, as far as the hub can know: not if a clock
        that was ahead saw it in times to come."""
        return self.seen_at is not None and abs(now - self.seen_at) <= LIVING

    def lived(self, since: datetime, now: datetime) -> bool:
        """Whether it has been there from `since` on: one that was switched on later knows nothing
        of who came before."""
        began = self.lives_since
        return self.lives(now) and began is not None and began <= since + AT_ONCE

    def seen(self, now: datetime) -> None:
        """It asked."""
        if not self.lives(now):
            self.lives_since = now
        self.seen_at = now

    def is_news(self, now: datetime) -> bool:
        """Whether it is to be written down that a screen asks now."""
        return self.seen_at is None or abs(now - self.seen_at) >= SEEN_EVERY


@dataclass(frozen=True)
class DoorEntry:
    """Something in the room; `who` is an organisation, or empty."""

    span: Span
    who: str
    visio: bool
    """An appointment with a public service; with which one is nobody's business at the door."""
    expects_from: datetime | None = None
    """From when who booked may say with the code that they are here; None: nothing is asked."""
    shows: str = ""
    """What who booked may type on their own page instead, while it is expected."""


@dataclass(frozen=True)
class Moment:
    """What the screen says from one instant to another."""

    span: Span
    state: str
    """free, taken, shut"""
    until: datetime
    """Free, taken or closed up to then."""
    entry: DoorEntry | None
    """What is in the room."""
    expects: DoorEntry | None
    """Whose code would be accepted."""
    coming: tuple[DoorEntry, ...]
    """What follows, in order."""


def door_code(booked_room_id: str) -> str:
    """What opens nothing and only says that somebody came. It follows from the id, which has 64
    random bits and is shown to the desk and to who booked, so that no table has to hold it."""
    return _short(f"door:{booked_room_id}")


def screen_code(door: Door, booked_room_id: str) -> str:
    """The other way round: what the screen shows for a booking, to be typed on its own page. Only
    the screen shows it, and another address is another code."""
    return _short(f"screen:{door.token_hash}:{booked_room_id}")


def _short(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def moments(
    entries: Sequence[DoorEntry], opened: Sequence[Span], now: datetime, end: datetime
) -> list[Moment]:
    """From `now` to `end`, one after the other without a gap: a screen that loses its line can go
    on. `entries` are in order of time and do not overlap."""
    edges = {now, end}
    for entry in entries:
        edges |= {*entry.span, *((entry.expects_from,) if entry.expects_from else ())}
    edges |= {edge for span in opened for edge in span}
    inside = sorted(edge for edge in edges if now <= edge <= end)
    return [_moment(entries, opened, since, until, end) for since, until in pairwise(inside)]


def _moment(
    entries: Sequence[DoorEntry],
    opened: Sequence[Span],
    since: datetime,
    until: datetime,
    end: datetime,
) -> Moment:
    inside = next((e for e in entries if e.span[0] <= since < e.span[1]), None)
    coming = tuple(e for e in entries if e.span[0] > since)
    expects = next(
        (e for e in entries if e.expects_from and e.expects_from <= since < e.span[1]), None
    )
    next_start = coming[0].span[0] if coming else end
    open_now = sp.span_at(opened, since)
    if inside is not None:
        state, lasts = "taken", min(inside.span[1], end)
    elif open_now is not None:
        state, lasts = "free", min(open_now[1], next_start)
    else:
        opens = sp.next_start(opened, since)
        state, lasts = "shut", min(opens or end, next_start)
    return Moment((since, until), state, lasts, inside, expects, coming)
