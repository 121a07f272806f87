"""The outbox: messages kept in the transaction of the change that they tell of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    Column,
    CursorResult,
    Index,
    Integer,
    Table,
    Update,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session as OrmSession

from visiohub.notify.message import (
    LEASE,
    MOST_CHARACTERS,
    UNFINISHED,
    Channel,
    DeadLetter,
    Message,
    MessageState,
    next_try,
)
from visiohub.storage.columns import Id, Object, enum, metadata, text, when

outbox = Table(
    "outbox",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("channel", enum(Channel), nullable=False),
    text("recipient", 2000),
    Column("content", Object, nullable=False),
    Column("state", enum(MessageState), nullable=False),
    when("created_at", nullable=False),
    when("due_at", nullable=False),
    when("lease_until"),
    Column("attempts", Integer, nullable=False),
    Column("doubts", Integer, nullable=False),
    when("finished_at"),
    text("last_error", 300),
    Column("subject_id", Id, nullable=False, index=True),
    Index(None, "state", "due_at"),
    Index(None, "channel", "recipient", "state"),
    sqlite_autoincrement=True,  # a position is never given twice: it is the order
)
_m = outbox.c


class Outbox:
    """All messages, in the order in which they were put. To one recipient they leave in that
    order: a message waits until those before it are sent or given up."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def put(
        self,
        channel: Channel,
        recipient: str,
        content: Mapping[str, str],
        now: datetime,
        message_id: str | None = None,
        subject_id: str = "",
    ) -> str:
        """Keep a message with the change under way; returns its id. `subject_id` says whose it is,
        of those whose data can be erased: an account, appointment or entry of the waiting list.
        ValueError: it is too long."""
        if sum(map(len, content.values())) > MOST_CHARACTERS:
            raise ValueError(f"a message of more than {MOST_CHARACTERS} characters")
        message_id = message_id or new_message_id()
        self._session.execute(
            insert(outbox).values(
                id=message_id,
                channel=channel,
                recipient=recipient,
                content=dict(content),
                state=MessageState.WAITING,
                created_at=now,
                due_at=now,
                attempts=0,
                doubts=0,
                last_error="",
                subject_id=subject_id,
            )
        )
        return message_id

    def claim(self, now: datetime) -> Message | None:
        """The next message that is due, for this caller alone until its lease ends.

        One that is found `sending` was given away by a hub that ended before it heard the answer:
        it is counted as a doubt.
        """
        earlier = outbox.alias("earlier").c
        first = (
            select(func.min(earlier.position))
            .where(
                earlier.channel == _m.channel,
                earlier.recipient == _m.recipient,
                earlier.state.in_(UNFINISHED),
            )
            .scalar_subquery()
        )
        row = self._session.execute(
            select(outbox)
            .where(
                _m.state.in_(UNFINISHED),
                _m.due_at <= now,
                or_(_m.lease_until.is_(None), _m.lease_until <= now),
                _m.position == first,
            )
            .order_by(_m.due_at, _m.position)
            .limit(1)
        ).first()
        if row is None:
            return None
        doubts = row.doubts + (row.state == MessageState.SENDING)
        self._session.execute(
            update(outbox)
            .where(_m.id == row.id)
            .values(
                state=MessageState.WAITING,
                attempts=row.attempts + 1,
                doubts=doubts,
                lease_until=now + LEASE,
            )
        )
        return Message(
            id=row.id,
            channel=row.channel,
            recipient=row.recipient,
            content=row.content,
            created_at=row.created_at,
            attempts=row.attempts + 1,
            doubts=doubts,
        )

    def sending(self, message: Message) -> bool:
        """From here on it may have arrived. False: another hub has it meanwhile."""
        return self._change(message, MessageState.WAITING, state=MessageState.SENDING)

    def sent(self, message: Message, now: datetime) -> None:
        """It arrived; what it said is not kept."""
        self._change(
            message,
            MessageState.SENDING,
            state=MessageState.SENT,
            content={},
            finished_at=now,
            lease_until=None,
            last_error="",
        )

    def failed(self, message: Message, error: str, now: datetime, *, for_good: bool) -> bool:
        """It did not arrive. True: it is given up."""
        due_at = None if for_good else next_try(now, message.attempts)
        dead = due_at is None
        self._change(
            message,
            *UNFINISHED,
            state=MessageState.DEAD if dead else MessageState.WAITING,
            due_at=due_at or now,
            finished_at=now if dead else None,
            lease_until=None,
            last_error=error[:300],
        )
        return dead

    def dead(self) -> Sequence[DeadLetter]:
        """What was given up, the latest first, at most 200."""
        rows = self._session.execute(
            select(outbox)
            .where(_m.state == MessageState.DEAD)
            .order_by(_m.position.desc())
            .limit(200)
        )
        return [
            DeadLetter(r.id, r.channel, r.recipient, r.created_at, r.attempts, r.last_error)
            for r in rows
        ]

    def revive(self, message_id: str, now: datetime) -> bool:
        """Try a dead letter again from the start. False: it is none."""
        fresh = {"state": MessageState.WAITING, "due_at": now, "attempts": 0, "finished_at": None}
        dead = (_m.id == message_id, _m.state == MessageState.DEAD)
        return self._run(update(outbox).where(*dead).values(**fresh)) == 1

    def purge(self, finished_before: datetime) -> int:
        """Erase what was sent or given up before."""
        result = self._session.execute(delete(outbox).where(_m.finished_at < finished_before))
        return cast("CursorResult[Any]", result).rowcount

    def knows(self, message_id: str) -> bool:
        """Whether it was put already, and is not purged yet."""
        return self._session.scalar(select(_m.id).where(_m.id == message_id)) is not None

    def _change(self, message: Message, *states: MessageState, **values: Any) -> bool:
        """Only while the attempt is still this caller's."""
        mine = (_m.id == message.id, _m.attempts == message.attempts, _m.state.in_(states))
        return self._run(update(outbox).where(*mine).values(**values)) == 1

    def _run(self, statement: Update) -> int:
        return cast("CursorResult[Any]", self._session.execute(statement)).rowcount


def new_message_id() -> str:
    """128 random bits: part of a Message-ID, the same at each attempt."""
    return secrets.token_hex(16)
