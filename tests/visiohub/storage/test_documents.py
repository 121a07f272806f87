"""Rules, grids and quotes come back from the database as they were written."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hub_world import NOW, World
from postgresql_server import on_both_databases

from visiohub.domain.booking import Membership, PlaceRules, PriceList
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.calendar.rule import parse_rule
from visiohub.domain.calendar.sharing import Profile, SharedWindow, Sharing
from visiohub.domain.model import AuditEntry, OpeningRange
from visiohub.domain.tariff import quote as q
from visiohub.domain.tariff.cancellation import CancellationRule
from visiohub.domain.tariff.grid import FirstUses, Grid, PassOffer, Quota, Rate, Tariff, Unit
from visiohub.domain.tariff.money import Amount
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.standing import Draws, PassHeld, Standing
from visiohub.storage.documents import QuoteJson

PARIS = ZoneInfo("Europe/Paris")
RULES = OpeningRules(
    weekly=(OpeningRange(0, time(9), time(12)),),
    in_school_holidays=(OpeningRange(1, time(9), time(0)),),
    holidays=HolidayRule(Territory.ALSACE_MOSELLE, others=frozenset({"Vendredi saint"})),
    exceptions=(ExceptionalDay(date(2026, 12, 24), ((time(9), time(11)),), "Noël"),),
    closures=(Closure(NOW, NOW + timedelta(days=2), "Travaux"),),
)
LIMITS = Limits(
    notice=timedelta(hours=1),
    horizon_days=60,
    buffer_after=timedelta(minutes=10),
    longest=timedelta(hours=8),
)


def window(until: str) -> Recurrence:
    return Recurrence(
        datetime(2026, 1, 5, 9),  # noqa: DTZ001 - local, as a rule is
        datetime(2026, 1, 5, 12),  # noqa: DTZ001
        PARIS,
        parse_rule(f"FREQ=WEEKLY;BYDAY=MO,TU{until}"),
        frozenset({date(2026, 12, 28), datetime(2026, 12, 29, 9)}),  # noqa: DTZ001
    )


SHARING = Sharing(
    (
        SharedWindow(window(""), Profile.PUBLIC_SERVICE, timedelta(hours=48)),
        SharedWindow(window(";UNTIL=20270101T000000Z"), Profile.PROFESSIONAL, None),
    )
)
GRID = Grid(
    profiles=("pro",),
    room_classes=("visio",),
    tariffs=(
        Tariff(
            "pro",
            "visio",
            (Rate(Unit.HOUR, Decimal("9.50"), Decimal("12.00")), Rate(Unit.DAY, Decimal(40))),
            session=Decimal("49.00"),
            free_weekdays=frozenset({2}),
            first_uses=FirstUses(2, 1),
            quota=Quota(10, 50),
        ),
    ),
    vat_percent=Decimal(20),
    passes=(PassOffer("ten", Unit.HALF_DAY, 10, Decimal(20), 365, frozenset({"pro"})),),
    peak=(OpeningRange(0, time(9), time(11)),),
)
CANCELLATION = CancellationRule(24, Decimal(50), Decimal(100))
STANDING = Standing(
    3,
    (PassHeld("p", Unit.HALF_DAY, 4, date(2027, 1, 1), frozenset({"visio"})),),
    ((Month(2026, 11), 4),),
    ((Month(2026, 12), 7),),
)


@on_both_databases
def test_places_accounts_and_prices(world: World) -> None:
    venue_id = world.venue.id
    entities = {
        "place_rules": PlaceRules(venue_id, venue_id, None, RULES, "Zone A", LIMITS, SHARING),
        "price_lists": PriceList("territory", None, GRID, CANCELLATION),
        "memberships": Membership(
            "m", world.reception.id, "pro", Profile.PROFESSIONAL, standing=STANDING
        ),
    }

    def keep(uow):
        for name, entity in entities.items():
            getattr(uow, name).add(entity)

    world.do(keep)

    def read(uow):
        rules = uow.place_rules.get(venue_id)
        prices = uow.price_lists.get("territory")
        return (
            (rules.rules, rules.limits, rules.sharing),
            (prices.grid, prices.cancellation),
            uow.memberships.get("m").standing,
        )

    assert world.see(read) == ((RULES, LIMITS, SHARING), (GRID, CANCELLATION), STANDING)


def test_each_kind_of_line_of_a_quote() -> None:
    amount = Amount.priced(Decimal(49), Decimal(20), includes_vat=True)
    quote = q.Quote(
        (
            q.UnitLine(amount, Unit.HOUR, 2, Decimal("24.50"), peak=True),
            q.PassLine(amount, "p", Unit.DAY, 1, 3),
            q.QuotaLine(amount, Month(2026, 11), 2, 8),
            q.FreeWeekdayLine(amount, 2, 1),
            q.FirstUseLine(amount, 1, 2, 1),
            q.SessionLine(amount),
            q.PagesLine(amount, 1, 2, Decimal("0.10")),
        ),
        Draws(1, (("p", 1),), ((Month(2026, 11), 2),), ((Month(2026, 11), 3),)),
    )
    assert QuoteJson.load(QuoteJson.dump(quote)) == quote


@on_both_databases
def test_equal_documents_are_one_value(world: World) -> None:
    first, second = world.see(
        lambda uow: [uow.venues.get(venue.id) for venue in (world.venue, world.elsewhere)]
    )
    assert first.opening == second.opening
    assert first.opening is second.opening


@on_both_databases
def test_what_readers_may_change_is_never_shared(world: World) -> None:
    said = {"rooms": {"a": "b"}}

    def keep(uow):
        uow.audit.add(AuditEntry("e", NOW, None, "test", "x", said, said))

    world.do(keep)

    def read(uow):
        return uow.audit.get("e")

    changed = world.see(read)
    changed.before["rooms"]["a"] = "c"
    assert changed.after == said
    assert world.see(read).before == said
