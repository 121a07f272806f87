"""A measurement by NDT7 that a technician ordered, as a result for the hub.

Liveness guarantee: it ends within two times ndt7.LIMIT_S, and a second after a call begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Literal, TypeVar

from kiosk.probes.ndt7 import Ndt7, Ndt7Error, Transfer
from kiosk.probes.purse import Purse
from signaling.protocol.line_cards import SpeedCard, SpeedWay
from signaling.protocol.messages import MeasureSpeed
from visiohub.linkquality.ledger import Purpose
from visiohub.linkquality.ndt7 import SECONDS

T = TypeVar("T")
Failure = Literal["call", "budget", "refused", "unreachable", "cut"]
_FAILURES: dict[str, Failure] = {"unreachable": "unreachable", "cut": "cut"}
_LOOKS_UP_S = 0.2


class _CallBeganError(Exception):
    """Citizens come first."""


async def measure(
    origin: str,
    order: MeasureSpeed,
    at: datetime,
    in_call: Callable[[], bool],
    seconds: float = SECONDS,
) -> SpeedCard:
    """Receive for so long, then send; what was found until it failed is kept. `origin` is the
    hub's."""
    ndt7 = Ndt7(origin, order.token)
    found: dict[str, SpeedWay] = {}
    failure: Failure | None = None
    try:
        found["down"] = _way(await _unless(in_call, ndt7.download(seconds)))
        found["up"] = _way(await _unless(in_call, ndt7.upload(seconds)))
    except _CallBeganError:
        failure = "call"
    except Ndt7Error as error:
        failure = _FAILURES.get(error.code, "refused")
    return SpeedCard(
        at=at, run_id=order.run_id, down=found.get("down"), up=found.get("up"), failure=failure
    )


def may_spend(order: MeasureSpeed, purse: Purse) -> bool:
    """Whether the day's octets hold what it is expected to cost; then they are spent."""
    return purse.take(Purpose.ON_DEMAND, {"up": order.octets_up, "down": order.octets_down})


def refused(order: MeasureSpeed, at: datetime, failure: Failure) -> SpeedCard:
    """Nothing was measured."""
    return SpeedCard(at=at, run_id=order.run_id, failure=failure)


async def _unless(in_call: Callable[[], bool], work: Coroutine[Any, Any, T]) -> T:
    """What the work gives. Raises _CallBeganError when a call begins, or is on; then the work
    is over."""
    task = asyncio.create_task(work)
    try:
        while not (task.done() or in_call()):
            await asyncio.wait([task], timeout=_LOOKS_UP_S)
        if task.done():
            return task.result()
        raise _CallBeganError
    finally:
        task.cancel()
        await asyncio.wait([task])


def _way(transfer: Transfer) -> SpeedWay:
    quick = transfer.responsiveness
    return SpeedWay(
        kbit_s=round(min(1e7, transfer.seen.kbit_s or 0.0), 1),
        octets=transfer.seen.octets,
        rpm=quick.rpm if quick else None,
    )
