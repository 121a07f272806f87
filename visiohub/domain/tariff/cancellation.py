"""What a booking costs that is not used: cancelled in time, late, or nobody came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from visiohub.domain.tariff.money import HUNDRED, ZERO, Amount, Totals, totals
from visiohub.domain.tariff.quote import Quote
from visiohub.domain.tariff.standing import Draws


@dataclass(frozen=True)
class CancellationRule:
    """Free until `free_hours` before the start, then `late_percent`; nobody came: the last."""

    free_hours: int
    late_percent: Decimal
    no_show_percent: Decimal


class Unused(StrEnum):
    """How a booking came to be unused."""

    IN_TIME = "in_time"
    LATE = "late"
    NO_SHOW = "no_show"


@dataclass(frozen=True)
class Settlement:
    """What stays charged, line by line of the quote, and what goes back."""

    unused: Unused
    percent: Decimal
    kept: tuple[Amount, ...]
    back: Draws
    """For Standing.give_back: a pass unit is kept only when the percentage makes it whole."""
    refund: Totals

    @property
    def totals(self) -> Totals:
        """What stays charged."""
        return totals(self.kept)


def when_cancelled(starts_at: datetime, now: datetime, rule: CancellationRule) -> Unused:
    """Which rule counts for a cancellation now; at the limit itself it is still free."""
    if now >= starts_at:
        return Unused.NO_SHOW
    in_time = now <= starts_at - timedelta(hours=rule.free_hours)
    return Unused.IN_TIME if in_time else Unused.LATE


def settle(quote: Quote, unused: Unused, rule: CancellationRule) -> Settlement:
    """What stays charged of a quote, and what is given back."""
    percent = {
        Unused.IN_TIME: ZERO,
        Unused.LATE: rule.late_percent,
        Unused.NO_SHOW: rule.no_show_percent,
    }[unused]
    kept = tuple(line.amount.share(percent) for line in quote.lines)
    paid, stays = quote.totals, totals(kept)
    refund = Totals(
        paid.before_tax - stays.before_tax, paid.vat - stays.vat, paid.total - stays.total
    )
    return Settlement(unused, percent, kept, _back(quote.draws, percent), refund)


def _back(draws: Draws, percent: Decimal) -> Draws:
    """Units are whole: what the percentage keeps is rounded down, in the person's favour."""

    def left_of(units: int) -> int:
        return units - int(units * percent / HUNDRED)

    return replace(
        draws,
        uses=left_of(draws.uses),
        pass_units=tuple((pass_id, left_of(units)) for pass_id, units in draws.pass_units),
        hours=tuple((month, left_of(hours)) for month, hours in draws.hours),
        pages=(),  # printed paper does not come back
    )
