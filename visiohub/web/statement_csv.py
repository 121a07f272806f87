"""Statements as one table that a treasury's program imports: a row by account and VAT rate.

Semicolons, decimal commas, lines ended by CR LF, UTF-8 with its mark: docs/decisions/0016.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

from visiohub.domain.tariff.money import cents
from visiohub.domain.tariff.statement import Statement
from visiohub.web.cells import BYTE_ORDER_MARK, safe

HEADS = (
    "Débiteur",
    "Compte",
    "Libellé",
    "Période",
    "Montant HT",
    "Taux TVA",
    "Montant TVA",
    "Montant TTC",
)


def treasury_csv(statements: Iterable[Statement], account: str, label: str) -> bytes:
    """The table; `account` is the number that the receipts are booked on, `label` what they are.

    A period is a month by ISO 8601, 2026-11. A statement without lines owes nothing: no row.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADS)
    for made in statements:
        who = (safe(made.payer.name), safe(account), safe(label), str(made.month))
        for rate in made.by_vat:
            money = rate.totals
            writer.writerow(
                (
                    *who,
                    _decimal(money.before_tax),
                    _decimal(rate.percent),
                    _decimal(money.vat),
                    _decimal(money.total),
                )
            )
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _decimal(number: Decimal) -> str:
    """Two decimals after a comma, no spaces: a number, also with a minus before it."""
    return f"{cents(number):f}".replace(".", ",")
