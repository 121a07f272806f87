"""Why a message did not arrive, or a calendar was not read."""

from __future__ import annotations


class DeliveryError(Exception):
    """The server was away or refused; `for_good`: another try would be refused, too."""

    def __init__(self, says: str, *, for_good: bool = False) -> None:
        super().__init__(says)
        self.for_good = for_good


class HttpError(Exception):
    """No whole answer. `code` is one of address_refused, unreachable, too_slow, too_large."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(f"{code}: {says}")
        self.code = code
