"""Price lists of the territory and of venues; what a booking costs on an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from visiohub.booking.audit import note
from visiohub.booking.rooms.facts import plain
from visiohub.booking.rooms.places import Place
from visiohub.booking.rooms.refusals import GridWrong, NotSold, PriceChanged, RulesChanged
from visiohub.booking.rooms.scope import check_runs_territory, check_version
from visiohub.domain.booking import Membership, PriceList
from visiohub.domain.hours import Span
from visiohub.domain.model import Person
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.check import faults, rule_faults
from visiohub.domain.tariff.grid import Grid
from visiohub.domain.tariff.money import totals
from visiohub.domain.tariff.price import NotSoldError, Wish, price, price_all
from visiohub.domain.tariff.quote import Quote
from visiohub.domain.tariff.standing import Standing
from visiohub.storage.uow import UnitOfWork

TERRITORY = "territory"
"""Id of the list that counts where a venue has none; a venue's list has the venue's id."""


def prices_of(uow: UnitOfWork, venue_id: str | None) -> PriceList:
    """The venue's own list, else the territory's. Raises NotSold where there is neither."""
    found = any_prices_of(uow, venue_id)
    if found is None:
        raise NotSold("there is no price list", what="room")
    return found


def any_prices_of(uow: UnitOfWork, venue_id: str | None) -> PriceList | None:
    """The same; None where there is neither."""
    return uow.price_lists.any_of(*filter(None, (venue_id, TERRITORY)))


def save_prices(
    uow: UnitOfWork,
    venue_id: str | None,
    grid: Grid,
    cancellation: CancellationRule,
    version: int,
    by: Person,
    now: datetime,
) -> PriceList:
    """Edit a list; `version` 0 makes it. What was booked keeps its price.

    Raises NotAllowed, NotFound (the venue), EditedMeanwhile, GridWrong.
    """
    check_runs_territory(by)
    wrong = (*faults(grid), *rule_faults(cancellation))
    if wrong:
        raise GridWrong(wrong)
    list_id = TERRITORY if venue_id is None else uow.venues.get(venue_id).id
    kept = uow.price_lists.find(list_id)
    before = plain(kept, leave=("version",)) if kept else {}
    if kept is None:
        kept = PriceList(list_id, venue_id, grid, cancellation, version=0)
        uow.price_lists.add(kept)
    check_version(kept, version)
    kept.grid, kept.cancellation = grid, cancellation
    kept.version += 1
    note(uow, by, now, "prices.update", list_id, before, plain(kept, leave=("version",)))
    uow.flush()
    return kept


def quotes(
    uow: UnitOfWork,
    membership: Membership,
    wanted: Sequence[tuple[Place, Span]],
    *,
    visio: bool,
    uses_passes: bool,
    standing: Standing | None = None,
) -> tuple[list[Quote], Standing]:
    """The price of each, in the order given, and the account afterwards: the first draws first
    from passes, quotas and first uses. Raises NotSold.

    `standing` is the account's own unless it is given.
    """
    standing = membership.standing if standing is None else standing
    found = []
    for place, span in wanted:
        wish = _wish(membership, place, span, visio=visio, uses_passes=uses_passes)
        grid = prices_of(uow, place.venue.id).grid
        try:
            quoted = price_all(grid, [wish], standing)[wish]
        except NotSoldError as error:
            raise NotSold(str(error), what=error.what, about=place.room.id) from error
        standing = standing.take(quoted.draws)
        found.append(quoted)
    return found, standing


def check_shown(found: Sequence[Quote], shown: Decimal | None) -> None:
    """Nobody pays a price that was not shown; `shown` None: whoever books takes any. Raises
    PriceChanged."""
    total = totals(line.amount for quoted in found for line in quoted.lines).total
    if shown is not None and shown != total:
        raise PriceChanged(shown, found)


def rules_text(rules: Iterable[CancellationRule]) -> str:
    """Rules of cancellation, room by room, as a form carries them from where they were shown to
    where they are agreed to: `24:50:100` for free until 24 hours before, then 50 %, then 100 %."""

    def percent(value: Decimal) -> str:
        return f"{value.normalize():f}"

    return " ".join(
        f"{r.free_hours}:{percent(r.late_percent)}:{percent(r.no_show_percent)}" for r in rules
    )


def check_shown_rules(rules: Iterable[CancellationRule], shown: str | None) -> None:
    """Nobody is held to a rule of cancellation that was not shown; `shown` is their `rules_text`,
    None: whoever books takes any. Raises RulesChanged."""
    found = rules_text(rules)
    if shown is not None and shown != found:
        raise RulesChanged(f"{shown} was shown, {found} counts")


def quote_with_advice(
    uow: UnitOfWork, membership: Membership, place: Place, span: Span, *, visio: bool
) -> Quote:
    """One room's price, and the pass that would make it cheaper. Raises NotSold."""
    wish = _wish(membership, place, span, visio=visio, uses_passes=True)
    try:
        return price(prices_of(uow, place.venue.id).grid, wish, membership.standing)
    except NotSoldError as error:
        raise NotSold(str(error), what=error.what, about=place.room.id) from error


def _wish(
    membership: Membership, place: Place, span: Span, *, visio: bool, uses_passes: bool
) -> Wish:
    return Wish(
        membership.profile,
        place.room.id,
        place.room_class,
        *span,
        place.zone,
        visio=visio,
        uses_passes=uses_passes,
    )
