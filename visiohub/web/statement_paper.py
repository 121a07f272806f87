"""A statement on paper: its number, who issues it, and the PDF, the same each time it is made."""

from __future__ import annotations

from datetime import date

from visiohub.domain.tariff.statement import Statement
from visiohub.settings import Settings
from visiohub.web.statement_pdf import Issuer, statement_pdf


def number_of(made: Statement) -> str:
    """The month and whose it is: the same each time it is made."""
    return f"{made.month}-{made.payer.id[:8]}"


def statement_paper(made: Statement, settings: Settings, issued: date) -> bytes:
    """The PDF, dated with this day."""
    issuer = Issuer(
        settings.statement_issuer,
        settings.statement_address,
        settings.statement_contact,
        settings.statement_notes,
    )
    return statement_pdf(made, issuer, number_of(made), issued)
