"""Makes `browsers` importable for every end-to-end test; a browser for each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from browsers import ENGINES, Browser, launch


@pytest.fixture(params=ENGINES)
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """Chromium, then Firefox, with synthetic camera and microphone."""
    async with launch(request.param) as running:
        yield running
