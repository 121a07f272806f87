from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tariff_grids import euros

from visiohub.domain.tariff.money import Amount, Totals, totals
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.statement import (
    Charge,
    NotClosedError,
    Payer,
    correction,
    month_of,
    statement,
)

PAYER = Payer("acc-1", "Fédération")
OCTOBER, NOVEMBER, DECEMBER = (Month(2026, n) for n in (10, 11, 12))


def charge(
    charge_id: str,
    on: date,
    price: str = "12",
    *,
    vat: str = "20",
    venue: str = "Gap",
    person: str = "A",
) -> Charge:
    amount = Amount.priced(euros(price), Decimal(vat), includes_vat=True)
    return Charge(charge_id, on, venue, person, "Salle de visio", amount)


CHARGES = st.lists(
    st.builds(
        lambda n, day, cents, vat, venue, person: charge(
            f"c{n}",
            date(2026, 11, day),
            str(Decimal(cents) / 100),
            vat=vat,
            venue=venue,
            person=person,
        ),
        st.integers(0, 10**9),
        st.integers(1, 30),
        st.integers(-50_00, 500_00),
        st.sampled_from(["0", "5.5", "10", "20"]),
        st.sampled_from(["Gap", "Guillestre", "Briançon"]),
        st.sampled_from(["A", "B", "É"]),
    ),
    max_size=40,
)


@given(CHARGES)
def test_every_way_of_adding_comes_to_the_total(charges: list[Charge]) -> None:
    made = statement(PAYER, NOVEMBER, charges, OCTOBER)
    assert made.totals == totals(c.amount for c in charges)
    for parts in (made.by_venue, made.by_person, made.by_vat):
        assert sum(p.totals.before_tax for p in parts) == made.totals.before_tax
        assert sum(p.totals.vat for p in parts) == made.totals.vat
        assert sum(p.totals.total for p in parts) == made.totals.total
    assert statement(PAYER, NOVEMBER, charges[::-1], OCTOBER).totals == made.totals
    assert sorted(c.id for c in made.lines) == sorted(c.id for c in charges)


def test_each_charge_is_on_one_statement() -> None:
    charges = [charge(str(n), date(2026, n, 15)) for n in (9, 10, 11, 12)]
    on = {c.id: month_of(c, OCTOBER) for c in charges}
    assert on == {"9": NOVEMBER, "10": NOVEMBER, "11": NOVEMBER, "12": DECEMBER}
    assert month_of(charges[0], None) == Month(2026, 9)
    assert [c.id for c in statement(PAYER, DECEMBER, charges, OCTOBER).lines] == ["12"]


def test_a_correction_after_closing_is_a_line_of_the_next_month() -> None:
    booked = charge("c1", date(2026, 10, 6), "49")
    right = Amount.priced(euros("24.50"), Decimal(20), includes_vat=True)
    mended = correction(booked, right, OCTOBER, charge_id="c2", label="Annulée")
    assert (mended.corrects, mended.amount.total) == ("c1", euros("-24.50"))
    made = statement(PAYER, NOVEMBER, [mended, charge("c3", date(2026, 11, 3))], OCTOBER)
    assert [line.id for line in made.lines] == ["c2", "c3"]
    assert made.totals.total == euros("-12.50")

    nothing = Amount.priced(euros("0"), Decimal(20), includes_vat=True)
    again = correction(
        booked, nothing, NOVEMBER, charge_id="c4", label="Annulée", earlier=(mended,)
    )
    assert totals(c.amount for c in (booked, mended, again)) == Totals(*[euros("0")] * 3)


def test_what_is_open_is_changed_and_not_corrected() -> None:
    booked = charge("c1", date(2026, 11, 6))
    with pytest.raises(NotClosedError):
        correction(booked, booked.amount, OCTOBER, charge_id="c2", label="")


def test_a_month_without_charges_owes_nothing() -> None:
    made = statement(PAYER, NOVEMBER, [], OCTOBER)
    assert (made.lines, made.by_vat, made.totals.total) == ((), (), 0)


def test_months_follow_each_other() -> None:
    assert DECEMBER.following() == Month(2027, 1)
    assert str(Month(2027, 1)) == "2027-01"
