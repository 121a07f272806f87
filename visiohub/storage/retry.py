"""Work that another transaction was in the way of is begun anew, within bounds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from visiohub.errors import Busy
from visiohub.storage.conflicts import is_transient
from visiohub.storage.uow import UnitOfWork

R = TypeVar("R")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.005, 0.25


def committed(
    open_uow: Callable[[], UnitOfWork], work: Callable[[UnitOfWork], R], *, within_s: float
) -> tuple[R, set[str]]:
    """The result of `work`, committed, and the topics that it changed.

    `work` may run several times, each in a unit of its own; it tells nothing to the world outside.
    Raises what it raises, and Busy once `within_s` have passed, or when others were in the way of
    what followed a commit of its own: that much is kept, and is not done twice.
    """
    ends_at = time.monotonic() + within_s
    for attempt in count():
        with open_uow() as uow:
            try:
                result = work(uow)
                uow.commit()
            except DBAPIError as error:
                if not is_transient(error):
                    raise
                if uow.kept or time.monotonic() >= ends_at:
                    raise Busy("other transactions were in the way", retry_after_s=5) from error
            else:
                return result, uow.topics
        # at random, lest those who met now meet again
        longest = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S)
        time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret
    raise AssertionError("count() has no end")
