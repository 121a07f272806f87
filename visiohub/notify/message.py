"""What waits in the outbox, and when it is tried again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_ATTEMPTS = 14
"""With the pauses below, a day."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
LEASE = timedelta(minutes=10)
"""So long one hub has a message for itself; longer than any exchange of `smtp` and `http`."""
MOST_CHARACTERS = 200_000
"""Of one message's content: its calendar is a few thousand."""


class Channel(StrEnum):
    """By which way it goes."""

    MAIL = "mail"
    SMS = "sms"
    WEBHOOK = "webhook"


class MessageState(StrEnum):
    """waiting -> sending -> sent; a failure leads back to waiting, and at last to dead."""

    WAITING = "waiting"
    SENDING = "sending"
    """Given away, and the answer is not known: when it is found so, it is in doubt."""
    SENT = "sent"
    DEAD = "dead"


UNFINISHED = frozenset({MessageState.WAITING, MessageState.SENDING})


@dataclass(frozen=True)
class Message:
    """One message as it is taken from the outbox. `attempts` counts this one."""

    id: str
    channel: Channel
    recipient: str
    content: dict[str, str]
    created_at: datetime
    attempts: int = 0
    doubts: int = 0
    """How often a hub ended between giving it away and hearing the answer."""


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up; its content is kept for another try."""

    id: str
    channel: Channel
    recipient: str
    created_at: datetime
    attempts: int
    last_error: str


def next_try(now: datetime, attempts: int) -> datetime | None:
    """When a message that failed for the n-th time is tried again; None: never."""
    if attempts >= MOST_ATTEMPTS:
        return None
    pause: timedelta = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return now + pause
