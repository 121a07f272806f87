"""What the API takes and gives of the record of calls. Instants are UTC, RFC 3339."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from visiohub.booking.views import CallRow
from visiohub.web.api.describe import Inputs, by_names
from visiohub.web.api.models import Id, Instant


class CallQuery(Inputs):
    """Which calls of the record, by the citizen's arrival; the last thirty days by default."""

    start: Instant | None = None
    end: Instant | None = None
    venue_id: Id | None = None
    partner_id: Id | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class EndOut(BaseModel):
    """Statistics of one end of a call."""

    audio_codec: str
    video_codec: str
    sent_kbit_s: float
    received_kbit_s: float
    loss_ratio: float
    concealed_ratio: float
    rtt_ms: float | None
    freezes_per_minute: float
    relayed: bool


class CallOut(BaseModel):
    """One call of the record: no content, nothing about the citizen."""

    id: str
    venue_id: str
    venue: str
    kiosk_id: str
    partner: str
    agent: str
    state: str
    arrived_at: datetime
    ended_at: datetime | None
    waited_s: int
    lasted_s: int
    interruptions: int
    end_reason: str | None
    kiosk_end: EndOut
    agent_end: EndOut

    @classmethod
    def of(cls, row: CallRow) -> Self:
        """From the view."""
        call = row.call
        return cls(
            id=call.id,
            venue_id=row.place.venue_id,
            venue=row.place.venue_name,
            kiosk_id=call.kiosk_id,
            partner=row.partner,
            agent=row.agent,
            state=call.state,
            arrived_at=call.arrived_at,
            ended_at=call.ended_at,
            waited_s=row.waited_s,
            lasted_s=row.lasted_s,
            interruptions=call.interruptions,
            end_reason=call.end_reason,
            kiosk_end=by_names(EndOut, call.kiosk_end),
            agent_end=by_names(EndOut, call.agent_end),
        )
