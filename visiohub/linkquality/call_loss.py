"""How much of what a call lost is the line's. Pure.

A call's packets pass the agent's network, perhaps a relay, and the venue's line; its statistics do
not say on which of them they were lost. The heartbeat passes the line in the same minutes, in the
same queue, and goes no further than the hub. So the line answers for a call's loss up to what its
probes lost in that direction meanwhile, or, where the modem counts them, up to the share of seconds
with errors: more than that a modem cannot have lost. What neither confirms stays the call's.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAST_PROBES = 24
"""Two minutes of them beside a call (linkquality.sender): of fewer, one lost by chance is much."""


@dataclass(frozen=True)
class Beside:
    """One direction of the line in the minutes of a call."""

    sent: int
    """Probes."""
    lost: int
    """Of them, in this direction or nobody knows in which."""
    errored: float | None = None
    """Share of the seconds in which the modem saw errors, from 0 to 1; None: it did not tell."""


def lines_share(lost: float, beside: Beside) -> float | None:
    """Of the share that a call lost in this direction, what its line answers for, from 0 to 1.

    None: the line was not looked at meanwhile, so that nothing can be said of it.
    """
    seen = [beside.lost / beside.sent] if beside.sent >= LEAST_PROBES else []
    if beside.errored is not None:
        seen.append(beside.errored)
    return min(lost, max(seen)) if seen else None
