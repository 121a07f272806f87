"""The pure parts of NDT7: what is told, what it costs, who may, how responsive a line is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiohub.linkquality.ndt7 import Seen, cost_octets, heard, next_message, told
from visiohub.linkquality.responsiveness import NewConnection, responsiveness, trimmed
from visiohub.linkquality.tickets import AN_HOUR, GOOD_FOR_S, TicketRefused, Tickets


def test_what_is_told_is_heard() -> None:
    assert heard(told(Seen(1_000_000, 8.0), "upload", "server", {"RTT": 40})) == Seen(1_000_000, 8)
    assert Seen(1_000_000, 8.0).kbit_s == 1000.0
    assert Seen(0, 0.0).kbit_s is None


NONSENSE = (
    '{"AppInfo": {"NumBytes": -1, "ElapsedTime": 3}}',
    '{"AppInfo": {"NumBytes": true, "ElapsedTime": 3}}',
    "[" * 9999,
    '"x"',
)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_no_count(text: str) -> None:
    assert heard(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert heard(text) is None


def test_thin_lines_get_small_messages() -> None:
    """Ten milliseconds of what the line carries, as far as a message of two kilobytes allows."""
    assert next_message(0, 0.0) == 2048
    assert next_message(10_000_000, 0.001) == 625_000  # what the buffers took at once is no rate
    for kbit_s, octets in ((512, 2048), (8_000, 10_000), (10_000_000, 1 << 20)):
        assert next_message(int(kbit_s * 125 * 5.0), 5.0) == octets
    assert cost_octets(512, 128) == 880_000


def refusal(tickets: Tickets, now: float, line: str = "a") -> TicketRefused:
    with pytest.raises(TicketRefused) as caught:
        tickets.give("another", line, 1000, 1000, now)
    return caught.value


def test_one_line_is_measured_once_at_a_time() -> None:
    tickets = Tickets()
    ticket = tickets.give("t", "a", 1000, 1000, 0)
    assert (refusal(tickets, 20).code, refusal(tickets, 20).retry_after_s) == ("line_measured", 100)
    for direction in ("download", "upload"):
        tickets.begin("t", direction, 30)
        tickets.end(ticket)
    tickets.give("next", "a", 1000, 1000, 60)


def test_two_directions_at_one_time_are_none() -> None:
    tickets = Tickets()
    tickets.give("t", "a", 1000, 1000, 0)
    tickets.begin("t", "download", 0)
    with pytest.raises(TicketRefused, match="ticket_used"):
        tickets.begin("t", "upload", 1)


def test_a_ticket_grows_old() -> None:
    tickets = Tickets()
    tickets.give("t", "a", 1000, 1000, 0)
    with pytest.raises(TicketRefused, match="ticket_unknown"):
        tickets.begin("t", "download", GOOD_FOR_S - 1)  # it could not end in time
    tickets.give("later", "a", 1000, 1000, GOOD_FOR_S)


def test_so_many_an_hour() -> None:
    tickets = Tickets()
    for number in range(AN_HOUR):
        tickets.give(str(number), "a", 1000, 1000, number * 130.0)
    assert refusal(tickets, AN_HOUR * 130.0).code == "too_many_measurements"
    tickets.give("later", "a", 1000, 1000, 3601)


def test_a_ticket_that_was_not_handed_out_counts_as_none() -> None:
    """A line in use was asked for again and again: afterwards it can be measured."""
    tickets = Tickets()
    for number in range(2 * AN_HOUR):
        tickets.undo(tickets.give(str(number), "a", 1000, 1000, number))
    tickets.give("at last", "a", 1000, 1000, 100)
    with pytest.raises(TicketRefused, match="ticket_unknown"):
        tickets.find("3", 100)


def test_responsiveness_by_hand() -> None:
    """50 and 100 ms outside, 150 ms inside: 800 and 400 round trips a minute."""
    found = responsiveness([NewConnection(50, None, 100)] * 5, [150.0] * 5)
    assert found is not None
    assert (found.foreign_rpm, found.loaded_rpm, found.rpm) == (800, 400, 600)
    with_tls = responsiveness([NewConnection(50, 150, 100)] * 5, [150.0] * 5)
    assert with_tls is not None
    assert with_tls.foreign_rpm == 600
    assert responsiveness([NewConnection(50, None, 100)] * 4, [150.0] * 5) is None


def test_the_slowest_twentieth_is_left_out() -> None:
    assert trimmed([10.0] * 19 + [9000.0]) == 10.0
