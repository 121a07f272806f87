"""Tells the hub what was measured, batch by batch, until it says that it has each."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import structlog

from kiosk.probes.cards import telling_octets
from kiosk.probes.purse import Purse
from kiosk.probes.results import ResultStore
from signaling.protocol import codec
from signaling.protocol.messages import LineResults
from visiohub.linkquality.ledger import Purpose

log = structlog.get_logger(__name__)

BATCH = 50
"""Results in a message: about half of what a frame takes."""
SEND_EVERY_S = 5.0
SEND_AGAIN_S = 30.0


class Teller:
    """`tell` each second, `now` of a monotonic clock; `kept` when the hub answers."""

    def __init__(
        self, store: ResultStore, purse: Purse, send: Callable[[LineResults], bool]
    ) -> None:
        """`send` says whether there is a connection to send on."""
        self._store = store
        self._purse = purse
        self._send = send
        self._batch: tuple[str, list[int]] | None = None
        self._sent_at = -SEND_EVERY_S

    def kept(self, batch: str) -> None:
        """The hub has it; an answer to a batch that was told again since is no news."""
        if self._batch is not None and self._batch[0] == batch:
            self._store.drop(self._batch[1])
            self._batch = None

    def tell(self, now: float) -> None:
        """The oldest that wait, if it is time, and the day's octets allow it."""
        waited_s = now - self._sent_at
        if waited_s < (SEND_EVERY_S if self._batch is None else SEND_AGAIN_S):
            return
        rows = self._store.oldest(BATCH)
        if not rows:
            return
        self._sent_at = now
        name = secrets.token_hex(8)
        message = LineResults(batch=name, results=[result for _, result in rows])
        costs = telling_octets(codec.encode(message))
        if not self._purse.allows(Purpose.RESULTS, costs):
            log.info("results wait: the day's octets are spent", waiting=self._store.count())
            self._sent_at = now + SEND_AGAIN_S
            return
        self._batch = (name, [number for number, _ in rows])
        if self._send(message):
            self._purse.take(Purpose.RESULTS, costs)
            self._purse.move(costs["up"], costs["down"])
