"""iCalendar as it leaves the hub (RFC 5545), for mails (iTIP, RFC 5546) and for feeds. Pure.

Nothing here says why somebody comes: a calendar is seen by colleagues, families and providers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import Calendar, vCalAddress, vRecur, vText
from icalendar import Event as Component

from visiohub.domain.calendar.rule import Rule
from visiohub.notify.timezones import vtimezone

PRODUCT = "-//visiohub//visiohub//FR"


class Method(StrEnum):
    """METHOD (RFC 5546 section 1.4); a feed is published."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Status(StrEnum):
    """STATUS of an event."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Override:
    """One occurrence that is not as its series says; `replaces` is the start it would have had.

    Times are naive local ones of the series' zone.
    """

    replaces: datetime
    starts: datetime
    ends: datetime
    status: Status = Status.CONFIRMED


@dataclass(frozen=True)
class Event:
    """What one UID stands for: a time, or with `rule` a series.

    `starts` and `ends` are naive local times of `zone`. `sequence` rises with every change;
    `changed_at` (DTSTAMP, LAST-MODIFIED) is the instant of the last.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts: datetime
    ends: datetime
    zone: ZoneInfo
    summary: str
    location: str = ""
    description: str = ""
    status: Status = Status.CONFIRMED
    rule: Rule | None = None
    excluded: tuple[datetime, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True)
class Invitation:
    """Who invites whom; addresses as in a mail."""

    organizer: str
    organizer_name: str
    attendee: str


def calendar(
    events: Sequence[Event],
    method: Method = Method.PUBLISH,
    invitation: Invitation | None = None,
    name: str = "",
) -> bytes:
    """The events with the zones that they name; lines of at most 75 octets, CR LF."""
    whole = Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", PRODUCT)
    whole.add("calscale", "GREGORIAN")
    whole.add("method", method)
    if name:
        whole.add("name", _line(name))  # RFC 7986
        whole.add("x-wr-calname", _line(name))  # what Google and Outlook read
    for zone in sorted({event.zone for event in events}, key=str):
        years = [event.starts.year for event in events if event.zone == zone]
        whole.add_component(vtimezone(zone, min(years), max(years) + 1))
    for event in events:
        whole.add_component(_component(event, invitation))
        for override in event.overrides:
            whole.add_component(_override(event, override, invitation))
    return bytes(whole.to_ical())


def _component(event: Event, invitation: Invitation | None) -> Component:
    component = _bare(event, event.starts, event.ends, event.status, invitation)
    if event.rule is not None:
        component.add("rrule", vRecur.from_ical(event.rule.text(event.zone)))
    if event.excluded:
        component.add("exdate", [local.replace(tzinfo=event.zone) for local in event.excluded])
    return component


def _override(event: Event, override: Override, invitation: Invitation | None) -> Component:
    component = _bare(event, override.starts, override.ends, override.status, invitation)
    component.add("recurrence-id", override.replaces.replace(tzinfo=event.zone))
    return component


def _bare(
    event: Event,
    starts: datetime,
    ends: datetime,
    status: Status,
    invitation: Invitation | None,
) -> Component:
    component = Component()
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    component.add("dtstamp", event.changed_at)
    component.add("last-modified", event.changed_at)
    component.add("dtstart", starts.replace(tzinfo=event.zone))
    component.add("dtend", ends.replace(tzinfo=event.zone))
    component.add("summary", _line(event.summary))
    for key, text in (("location", event.location), ("description", event.description)):
        if text:
            component.add(key, _text(text))
    component.add("status", status)
    component.add("class", "PRIVATE")
    component.add("transp", "TRANSPARENT" if status is Status.CANCELLED else "OPAQUE")
    if invitation:
        organizer = vCalAddress(f"mailto:{_line(invitation.organizer)}")
        organizer.params["CN"] = vText(_line(invitation.organizer_name).replace('"', "'"))
        component.add("organizer", organizer)
        attendee = vCalAddress(f"mailto:{_line(invitation.attendee)}")
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        attendee.params["RSVP"] = vText("FALSE")
        component.add("attendee", attendee)
    return component


def _text(value: str) -> str:
    """Without the control characters that RFC 5545 section 3.1 forbids; line ends are LF."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or (c >= " " and c != "\x7f"))


def _line(value: str) -> str:
    return " ".join(_text(value).split())
