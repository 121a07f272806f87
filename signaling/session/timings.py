"""How long the call machine waits for what (PROTOCOL.md §8.10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CallTimings:
    """Seconds."""

    gives_up_s: float = 180.0
    """An interrupted, unfinished or abandoned call ends after this."""
    waiting_limit_s: float = 1800.0
    """Nobody admitted: the call ends; a "please wait" moves the limit."""
    retry_s: float = 3.0
    """Interrupted: a new generation when the last one made no step for this long."""
    first_retry_s: float = 8.0
    """The same while negotiating: people may be answering the browser's permission prompt."""
    settle_s: float = 0.3
    """Both ends back, nothing flows: this long for the old connection to revive."""
    report_within_s: float = 2.0
    """An end that came back says what it receives, or is taken to receive nothing."""
    resume_grace_s: float = 30.0
    """After a restart of the hub a call lives at least this long, so that ends can come back."""
