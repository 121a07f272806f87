from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from calendars import PARIS, event, read, series, wall
from hypothesis import given, settings
from hypothesis import strategies as st

from visiohub.domain.calendar.rule import parse_rule
from visiohub.notify.ics import Invitation, Method, Status, calendar
from visiohub.notify.timezones import changes, vtimezone

AT = wall(24)
ZONES = ["Europe/Paris", "America/Miquelon", "Indian/Reunion", "Pacific/Noumea", "America/Cayenne"]


def starts_of(text: bytes) -> list[datetime]:
    """Starts as the reader finds them with the file's own VTIMEZONE."""
    return list(read(text).vevent.getrruleset(addRDate=True))


@pytest.mark.parametrize("name", [*ZONES, "Africa/Casablanca"])
def test_nine_stays_nine_across_every_change_of_five_years(name: str) -> None:
    zone = ZoneInfo(name)
    days = parse_rule("FREQ=DAILY;UNTIL=20301231T235900")
    text = calendar([event(wall(1, 1), zone=zone, rule=days)])
    daily = read(text).vevent
    theirs = daily.dtstart.value.tzinfo  # made by the reader from our VTIMEZONE alone
    for n in range(5 * 365 + 1):
        local = wall(1, 1) + timedelta(days=n)
        assert local.replace(tzinfo=theirs).astimezone(UTC) == local.replace(
            tzinfo=zone
        ).astimezone(UTC), local
    assert len(starts_of(text)) == 5 * 365 + 1
    assert {start.hour for start in starts_of(text)} == {9}
    if name == "Europe/Paris":
        assert len(changes(zone, 2026, 2030)) == 10


def test_a_zone_with_a_yearly_rule_holds_for_ever() -> None:
    text = vtimezone(PARIS, 2026, 2026).to_ical().decode()
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in text
    assert "RRULE" not in vtimezone(ZoneInfo("Africa/Casablanca"), 2026, 2026).to_ical().decode()


def test_a_series_with_what_is_left_out_and_what_is_moved() -> None:
    whole = read(calendar([series()]))
    first, moved = whole.vevent_list
    starts = [start.replace(tzinfo=None) for start in first.getrruleset()]
    assert len(starts) == 39
    assert wall(16, 3) not in starts
    assert first.rrule.value == "FREQ=WEEKLY;COUNT=40"
    assert moved.uid.value == first.uid.value
    assert moved.recurrence_id.value.replace(tzinfo=None) == wall(23, 3)
    assert moved.dtstart.value.replace(tzinfo=None) == wall(24, 3, 14)


def test_an_invitation_and_its_end() -> None:
    invitation = Invitation("hub@visio.example.fr", 'Visio, "Alpes"', "agent@caf.example.fr")
    asked = read(calendar([event(AT)], Method.REQUEST, invitation))
    taken_back = event(AT, sequence=2, status=Status.CANCELLED)
    ended = read(calendar([taken_back], Method.CANCEL, invitation))
    assert (asked.method.value, ended.method.value) == ("REQUEST", "CANCEL")
    assert asked.vevent.uid.value == ended.vevent.uid.value
    assert int(ended.vevent.sequence.value) > int(asked.vevent.sequence.value)
    assert ended.vevent.status.value == "CANCELLED"
    assert asked.vevent.organizer.value == "mailto:hub@visio.example.fr"
    assert asked.vevent.organizer.params["CN"] == ["Visio, 'Alpes'"]
    assert asked.vevent.attendee.value == "mailto:agent@caf.example.fr"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=150), st.text(max_size=150))
def test_any_text_comes_back_and_no_line_is_long(summary: str, location: str) -> None:
    written = calendar([event(AT, summary=summary, location=location)])
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n", written)
    there = read(written).vevent
    plain = "".join(c for c in summary if (c >= " " and c != "\x7f") or c in "\r\n\t")
    assert there.summary.value == " ".join(plain.split())
    assert len(read(written).vevent_list) == 1
    assert {child.name for child in there.getChildren()} <= {
        *("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY"),
        *("LOCATION", "STATUS", "CLASS", "TRANSP"),
    }
