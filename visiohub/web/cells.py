"""Cells of the tables that spreadsheet programs and treasuries open: text stays text."""

from __future__ import annotations

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheet programs take UTF-8 for Windows-1252."""
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""The wide ones too: East Asian spreadsheet programs read them alike."""


def safe(cell: str) -> str:
    """A cell of one line that no program takes for a formula (OWASP, CSV injection)."""
    cell = " ".join(cell.split())  # spaces before a formula do not keep it from being one
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
