"""Agents' outside calendars are fetched and read, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import structlog

from visiohub.booking.outside import (
    due_calendars,
    is_ours,
    was_not_read,
    was_read,
    was_unchanged,
)
from visiohub.bootstrap import Hub
from visiohub.domain.connections import OutsideCalendar
from visiohub.domain.hours import BOOKABLE_AHEAD
from visiohub.notify.failures import HttpError
from visiohub.notify.http import Answer, Limits, ask
from visiohub.notify.outside import NoCalendarError, Reading, read
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

R = TypeVar("R")

TIMEOUT_S = 20.0
MOST_BYTES = 8 * 1024 * 1024
MOST_REDIRECTIONS = 3
READ_ANYWAY_AFTER = timedelta(days=7)
"""A file that never changes is expanded anew: its repetitions go on."""

log = structlog.get_logger(__name__)


def refresh_calendars(hub: Hub, stopping: Callable[[], bool]) -> int:
    """Read what is due; returns how many were read or found unchanged."""
    with hub.reading() as uow:
        due = due_calendars(uow, hub.clock())
    well = 0
    for outside in due:
        if stopping():
            break
        well += _refresh(hub, outside)
    return well


def _refresh(hub: Hub, outside: OutsideCalendar) -> bool:
    now = hub.clock()
    try:
        answer = _fetch(hub, outside, now)
        if answer.status == 304:
            _do(hub, lambda uow: was_unchanged(uow, outside, now))
            return True
        reading = _read(hub, answer.body, now)
    except HttpError as error:
        problem = error.code
    except NoCalendarError:
        problem = "no_calendar"
    else:
        etag = answer.headers.get("etag", "")
        _do(hub, lambda uow: was_read(uow, outside, reading.busy, etag, now))
        if reading.skipped:
            log.info("outside_events_skipped", person=outside.id, events=reading.skipped)
        return True
    log.warning("outside_calendar_not_read", person=outside.id, problem=problem)
    _do(hub, lambda uow: was_not_read(uow, outside, problem, now))
    return False


def _fetch(hub: Hub, outside: OutsideCalendar, now: datetime) -> Answer:
    """Raises HttpError, also for a status that is no calendar."""
    limits = Limits(TIMEOUT_S, MOST_BYTES, set(hub.settings.private_hosts))
    headers = {"Accept": "text/calendar", "User-Agent": "visiohub"}
    if outside.etag and outside.read_at and now - outside.read_at < READ_ANYWAY_AFTER:
        headers["If-None-Match"] = outside.etag
    url = outside.url
    for _ in range(MOST_REDIRECTIONS + 1):
        answer = ask("GET", url, limits, headers)
        if answer.status not in {301, 302, 303, 307, 308}:
            break
        url = urljoin(url, answer.headers.get("location", ""))
    if answer.status in {401, 403, 404, 410}:
        raise HttpError("gone", f"status {answer.status}")
    if answer.status not in {200, 304}:
        raise HttpError("unreachable", f"status {answer.status}")
    return answer


def _read(hub: Hub, content: bytes, now: datetime) -> Reading:
    zone = ZoneInfo(hub.settings.time_zone)
    end = now + BOOKABLE_AHEAD + READ_ANYWAY_AFTER
    with hub.reading() as uow:
        return read(content, now - timedelta(days=1), end, zone, lambda uid: is_ours(uow, uid))


def _do(hub: Hub, use_case: Callable[[UnitOfWork], R]) -> R:
    return committed(hub.uow, use_case, within_s=hub.settings.database_busy_timeout_s)[0]
