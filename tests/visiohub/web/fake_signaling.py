"""In place of signaling's server, for a desk of lines: who is here, and what kiosks were told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from signaling.protocol import codec
from signaling.protocol.line_cards import BudgetCard
from signaling.protocol.messages import FromHub, HubTime


class FakeSignaling:
    """These kiosks are here; what any is told comes over the codec."""

    def __init__(self, *present: str) -> None:
        self.present = set(present)
        self.told: list[tuple[str, FromHub]] = []
        """All but the time."""
        self.times: list[tuple[str, datetime]] = []
        self.budgets: Mapping[str, BudgetCard | None] = {}

    def present_kiosks(self) -> set[str]:
        return self.present

    async def budgets_changed(self, budgets: Mapping[str, BudgetCard | None]) -> None:
        self.budgets = budgets

    def tell_kiosk(self, kiosk_id: str, message: Any) -> bool:
        told = codec.from_hub(codec.encode(message))
        if isinstance(told, HubTime):
            self.times.append((kiosk_id, told.now))
        else:
            self.told.append((kiosk_id, told))
        return kiosk_id in self.present
