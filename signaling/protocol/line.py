"""Messages of the kiosk's line; PROTOCOL.md §10."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from signaling.protocol.cards import (
    Card,
    Identifier,
)
from signaling.protocol.line_cards import BudgetCard, Count, KbitS, Result
from signaling.protocol.modem import ModemAccess


class ProbeSession(Card):
    """H to K: measure the venue's line in this session (§10.1)."""

    type: Literal["probe_session"] = "probe_session"
    session: Annotated[int, Field(ge=1, le=65_535)]
    key: Annotated[str, Field(min_length=43, max_length=43, repr=False)]
    """32 octets, base64url without padding."""
    port: Annotated[int, Field(ge=1, le=65_535)]
    up_kbit_s: Annotated[KbitS, Field(gt=0)]
    """To plan the first train for: of IP."""
    down_kbit_s: Annotated[KbitS, Field(gt=0)]
    burst_up_octets: Count | None = None
    burst_down_octets: Count | None = None
    octets_a_day_up: Count
    octets_a_day_down: Count
    spent_up: Count = 0
    """Of them, today, by whoever measured: octets of the day are the line's, not the kiosk's."""
    spent_down: Count = 0
    known_since: AwareDatetime | None = None
    """When it became another line: what the kiosk knew of its rates before is void."""
    modem: ModemAccess | None = None
    """To be read from now on, or no more (§10.6)."""


class LineResults(Card):
    """K to H: what was found out (§10.2)."""

    type: Literal["line_results"] = "line_results"
    batch: Identifier
    results: Annotated[
        list[Annotated[Result, Field(discriminator="kind")]], Field(min_length=1, max_length=100)
    ]


class ResultsKept(Card):
    """H to K: this batch is kept, durably (§10.2)."""

    type: Literal["results_kept"] = "results_kept"
    batch: Identifier


class CheckLine(Card):
    """H to K: look at the line now, somebody comes soon (§10.5)."""

    type: Literal["check_line"] = "check_line"
    check_id: Identifier


class MeasureSpeed(Card):
    """H to K: load the line by NDT7 now, once each way (§10.7)."""

    type: Literal["measure_speed"] = "measure_speed"
    run_id: Identifier
    token: Annotated[str, Field(min_length=16, max_length=100, repr=False)]
    octets_up: Count
    octets_down: Count
    beyond_budget: bool = False


class CallBeside(Card):
    """H to K: another kiosk of the venue has a call on this line; said again and again (§10.8)."""

    type: Literal["call_beside"] = "call_beside"
    holds_s: Annotated[int, Field(ge=1, le=60)]


class HubTime(Card):
    """H to K: the hub's clock was set, or a connection has lasted for long (§10.9)."""

    type: Literal["hub_time"] = "hub_time"
    now: AwareDatetime


class CallBudget(Card):
    """H to K and B: what this call may use of the venue's line (§10.4)."""

    type: Literal["call_budget"] = "call_budget"
    call_id: Identifier
    budget: BudgetCard | None
    """None: what the line carries is no longer known."""
