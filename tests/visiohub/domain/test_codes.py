from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from visiohub.domain import codes
from visiohub.settings import Settings


def test_guessing_succeeds_less_than_once_in_ten_thousand_days() -> None:
    s = Settings()
    live = codes.live_codes(
        timedelta(minutes=s.code_early_minutes), timedelta(minutes=s.slot_step_minutes)
    )
    assert live == 3
    assert 0 < s.guess_probability < 1e-4


@given(
    st.integers(0, 90).map(lambda n: timedelta(minutes=n)),
    st.lists(st.integers(1, 6), min_size=1, max_size=12),
    st.integers(0, 600),
)
def test_no_instant_has_more_live_codes_than_the_bound_counts(
    early: timedelta, quarters: list[int], minute: int
) -> None:
    slot = timedelta(minutes=15)
    start = datetime(2026, 11, 23, 8, tzinfo=UTC)
    now = start + timedelta(minutes=minute - 120)
    live = 0
    for n in quarters:  # back to back, the densest that a kiosk can be booked
        opens, closes = codes.window(start, start + n * slot, early)
        live += opens <= now < closes
        start += n * slot
    assert live <= codes.live_codes(early, slot)


@given(st.text(alphabet="0123456789", min_size=8, max_size=8))
def test_a_code_is_read_as_it_is_printed(code: str) -> None:
    assert codes.digits_of(codes.spaced(code)) == code
    assert len(codes.spaced(code)) == 9


@given(st.text(max_size=200))
def test_any_text_may_be_shown_as_a_qr(text: str) -> None:
    read = codes.read_qr(text)
    assert read is None or codes.qr_text(*read) == text.strip()


def test_a_qr_says_what_was_put_in() -> None:
    assert codes.read_qr(codes.qr_text("ab12", "t-_k")) == ("ab12", "t-_k")
    assert codes.read_qr("VH2.ab12.tok") is None
    assert codes.read_qr("VH1..tok") is None


def test_enrolment_codes_are_read_in_any_case() -> None:
    assert codes.enrolment_code_of("bcdf ghjk") == "BCDFGHJK"
    assert not set("015LSZAEIOU") & set(codes.ENROLMENT_LETTERS)


def test_reception_opens_the_rest_of_the_day_and_no_more() -> None:
    def locked(wrong: int, unlocked: bool) -> bool:
        return codes.is_locked(wrong, before_lock=6, per_day=10, unlocked=unlocked)

    assert [locked(5, False), locked(6, False)] == [False, True]
    assert [locked(6, True), locked(9, True), locked(10, True)] == [False, False, True]
