"""Calendar months, as quotas and statements count them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; `str()` is ISO 8601, 2026-11."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that this day is in."""
        return cls(day.year, day.month)

    def following(self) -> Month:
        """The next one."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def preceding(self) -> Month:
        """The one before."""
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    def last(self) -> date:
        """Its last day."""
        return self.following().first() - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def month_later(day: date) -> date:
    """The same day of the next month, or that month's last: 31 January gives 28 February."""
    after = Month.of(day).following()
    last = (after.following().first() - after.first()).days
    return after.first().replace(day=min(day.day, last))
