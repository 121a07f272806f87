"""Waiting for a phase of the call, as the page shows it."""

from __future__ import annotations

from browsers import Page


async def phase(page: Page, wanted: str, *, within_s: float = 10.0) -> None:
    """Wait until the page shows this phase of the call."""
    await page.until(
        f"document.querySelector('#stage').dataset.phase === '{wanted}'", within_s=within_s
    )
