"""Rate limits over failed tries, kept in the database so that a restart forgives nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from visiohub.booking.secrets import new_id
from visiohub.domain.model import Attempt
from visiohub.errors import TooManyAttempts
from visiohub.storage.uow import UnitOfWork

SIGN_IN_LOGIN = "sign_in_login"
SIGN_IN_ADDRESS = "sign_in_address"
SIGN_IN_LOGIN_AND_ADDRESS = "sign_in_login_and_address"
SIGN_IN_BROWSER = "sign_in_browser"
ENROLMENT = "enrolment"
TYPED_CODE = "typed_code"
LONGEST_WINDOW = timedelta(days=2)
"""Tries older than this count nowhere."""
_KEY = 200
"""Characters of a key that are kept."""


def require_below(
    uow: UnitOfWork, kind: str, key: str | None, most: int, window: timedelta, now: datetime
) -> None:
    """Raise TooManyAttempts when `most` tries lie within the last `window`."""
    times = uow.attempts.times(kind, None if key is None else key[:_KEY], now - window)
    if len(times) >= most:
        wait_s = (times[-most] + window - now).total_seconds()
        raise TooManyAttempts(
            f"{len(times)} tries of {kind}",
            retry_after_s=max(1.0, wait_s),
            minutes=max(1, round(wait_s / 60)),
        )


def count_try(uow: UnitOfWork, kind: str, key: str, now: datetime) -> Attempt:
    """Remember one try, before it is known whether it fails: tries sent at once all count.

    Who succeeds takes it back: `uow.attempts.remove`.
    """
    tried = Attempt(id=new_id(), kind=kind, key=key[:_KEY], at=now)
    uow.attempts.add(tried)
    return tried
