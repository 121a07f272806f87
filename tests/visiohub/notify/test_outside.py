"""Calendars as Outlook and Google export them, and as nobody should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visiohub.notify.outside import MOST_EVENTS, NoCalendarError, Reading, read

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 1, tzinfo=PARIS).astimezone(UTC)
END = datetime(2027, 1, 15, tzinfo=PARIS).astimezone(UTC)
EXPORTS = Path(__file__).with_name("exports")


def reading(content: bytes) -> Reading:
    return read(content, START, END, PARIS, lambda uid: uid == "appointment-ours@visiohub")


def events(*bodies: str) -> bytes:
    whole = "".join(f"BEGIN:VEVENT\r\n{body}\r\nEND:VEVENT\r\n" for body in bodies)
    return f"BEGIN:VCALENDAR\r\n{whole}END:VCALENDAR\r\n".encode()


def shown(found: Reading) -> list[str]:
    """Local, "23/11 09:30-10:30"; with the day of the end when it is another one."""
    texts = []
    for start, end in found.busy:
        begins, ends = start.astimezone(PARIS), end.astimezone(PARIS)
        last = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{ends:%d/%m %H:%M}"
        texts.append(f"{begins:%d/%m %H:%M}-{last}")
    return texts


def test_an_outlook_export() -> None:
    found = reading((EXPORTS / "outlook.ics").read_bytes())
    assert shown(found) == [
        "02/11 09:30-10:30",
        "03/11 11:00-12:00",
        "09/11 09:30-10:30",
        "16/11 09:30-10:30",
        "23/11 09:30-10:30",
        "25/11 00:00-27/11 00:00",
        "01/12 11:00-12:00",  # the first Tuesday; the meeting of 30/11 was taken out
        "08/12 14:00-15:00",  # moved from the 7th
        "14/12 09:30-10:30",
        "21/12 09:30-10:30",
        "28/12 09:30-10:30",
        "04/01 09:30-10:30",
        "05/01 11:00-12:00",
        "11/01 09:30-10:30",
    ]
    assert found.skipped == 0


def test_a_google_export() -> None:
    found = reading((EXPORTS / "google.ics").read_bytes())
    assert shown(found) == [
        "03/11 09:00-10:00",
        "05/11 09:00-10:00",
        "10/11 09:00-10:00",
        "24/11 14:00-15:30",
        "11/12 00:00-12/12 00:00",
    ]
    assert found.skipped == 0


def test_nine_stays_nine_when_the_clock_changes() -> None:
    body = "DTSTART;TZID={}:20261019T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4"
    for name in ("Europe/Paris", "Romance Standard Time", "/citadel.org/20260101/Europe/Paris"):
        assert shown(reading(events(body.format(name)))) == [
            "02/11 09:00-10:00",
            "09/11 09:00-10:00",
        ]
    utc = events("DTSTART:20261012T070000Z\nDTEND:20261012T080000Z\nRRULE:FREQ=WEEKLY;COUNT=4")
    assert shown(reading(utc)) == ["02/11 08:00-09:00"]


def test_free_and_busy_alone() -> None:
    busy = (
        b"BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\n"
        b"FREEBUSY;FBTYPE=BUSY:20261123T080000Z/20261123T090000Z,20261124T080000Z/PT30M\n"
        b"FREEBUSY;FBTYPE=FREE:20261125T080000Z/PT1H\nFREEBUSY:x/y\nEND:VFREEBUSY\nEND:VCALENDAR\n"
    )
    assert shown(reading(busy)) == ["23/11 09:00-10:00", "24/11 09:00-09:30"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"\x00\xff\xfe" * 100,
        b"BEGIN:VCARD\nEND:VCARD\n",
        events(*(["DTSTART:20261123T080000Z"] * (MOST_EVENTS + 1))),
        b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 50,
        events(
            *(
                ["DTSTART:19700101T080000Z\nDTEND:19700101T090000Z\nRRULE:FREQ=DAILY;COUNT=9999"]
                * 30
            )
        ),
        events(*(["DTSTART:20200101T080000Z\nDTEND:20200101T080001Z\nRRULE:FREQ=DAILY"] * 900)),
    ],
)
def test_what_is_no_calendar_or_too_much_is_refused(content: bytes) -> None:
    with pytest.raises(NoCalendarError):
        reading(content)


@pytest.mark.parametrize(
    ("body", "busy"),
    [
        ("SUMMARY:x", []),
        ("DTSTART:yesterday\nDTEND:today", []),
        ("DTSTART:20261340T080000Z\nDTEND:20261341T080000Z", []),
        ("DTSTART:20261124T090000Z\nDTEND:20261123T080000Z", []),
        ("DTSTART:20261124T090000Z\nDURATION:P9999D", []),
        ("DTSTART:99991231T090000Z\nDURATION:PT1H", []),
        (
            "DTSTART:20261123T080000Z\nDTEND:20261123T090000Z\nRRULE:FREQ=SECONDLY",
            ["23/11 09:00-10:00"],
        ),
        ("DTSTART:20261123T080000Z\nDTEND:20261123T090000Z\nRRULE:nonsense", ["23/11 09:00-10:00"]),
        (
            "DTSTART:20261123T080000Z\nDTEND:20261123T090000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            ["23/11 09:00-10:00"],
        ),
    ],
)
def test_one_event_of_nonsense_costs_itself_alone(body: str, busy: list[str]) -> None:
    good = "DTSTART:20261201T080000Z\nDTEND:20261201T090000Z"
    found = reading(events(body, good))
    assert shown(found) == [*busy, "01/12 09:00-10:00"]
    assert found.skipped == 1


def test_a_zone_that_does_not_exist_is_ours() -> None:
    body = "DTSTART;TZID=Customized Time Zone:20261123T090000\nDURATION:PT1H"
    assert shown(reading(events(body))) == ["23/11 09:00-10:00"]


NAMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "UID")
PARAMETERS = ("", ";TZID=Europe/Paris", ";VALUE=DATE", ';TZID="', ";;=")
VALUES = (
    *("20261123T080000Z", "20261123", "20261123T080000", "PT1H", "P1D", "FREQ=DAILY"),
    *("FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=YEARLY;INTERVAL=x", "FREQ=MONTHLY;BYSETPOS=9;BYDAY=MO"),
)
LINE = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(PARAMETERS),
    st.one_of(st.text(max_size=20), st.sampled_from(VALUES)),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(LINE, max_size=8))
def test_whatever_stands_in_an_event_is_read_or_left(lines: list[tuple[str, str, str]]) -> None:
    found = reading(events("\n".join(f"{name}{params}:{value}" for name, params, value in lines)))
    for start, end in found.busy:
        assert START <= start < end <= END
    assert all(a[1] < b[0] for a, b in zip(found.busy, found.busy[1:], strict=False))
    assert found.skipped in {0, 1}
    assert all(end - start < timedelta(days=500) for start, end in found.busy)
