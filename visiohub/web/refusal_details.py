"""What a refusal tells programs beside its code: which room, date or line, why, what would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from visiohub.booking.rooms.refusals import (
    DatesClash,
    GridWrong,
    NotBookable,
    PriceChanged,
    RulesWrong,
    SeriesWrong,
)
from visiohub.domain.calendar.causes import Cause
from visiohub.errors import LineFull, VisiohubError
from visiohub.web.room_words import cause_sentence


def details(error: VisiohubError, zone: str) -> dict[str, object]:
    """More fields of the JSON answer; sentences tell the time of `zone`."""
    match error:
        case NotBookable(causes=causes):
            return {"causes": _by_room(causes, zone)}
        case DatesClash(clashes=clashes):
            dates = [
                {"starts_at": _utc(start), "ends_at": _utc(end), "causes": _by_room(causes, zone)}
                for (start, end), causes in clashes.items()
            ]
            return {"clashes": dates}
        case RulesWrong(problems=problems):
            return {"causes": [_one(p, zone) for p in problems]}
        case SeriesWrong(cause=cause):
            return {"causes": [_one(cause, zone)]}
        case GridWrong(faults=faults):
            return {"causes": [{"field": f.field, "code": f.cause.value} for f in faults]}
        case PriceChanged(totals=new):
            return {"total": str(new.total)}
        case LineFull():
            return _would_fit(error)
        case _:
            return {}


def _would_fit(error: LineFull) -> dict[str, object]:
    return {
        "line_id": error.line_id,
        "venue_id": error.venue_id,
        "starts_at": _utc(error.starts_at),
        "ends_at": _utc(error.ends_at),
        "wanted": error.wanted,
        "fits": list(error.fits),
        "free_at": _utc(error.free_at) if error.free_at else None,
        "elsewhere": [{"venue_id": id_, "venue": name} for id_, name in error.elsewhere],
    }


def _by_room(causes: Mapping[str, Sequence[Cause]], zone: str) -> dict[str, object]:
    return {room_id: [_one(c, zone) for c in some] for room_id, some in causes.items()}


def _utc(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _one(cause: Cause, zone: str) -> dict[str, str]:
    return {"code": cause.code, "detail": cause_sentence(cause, zone)}
