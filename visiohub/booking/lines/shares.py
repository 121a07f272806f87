"""What each call may use of its venue's line now, of what is measured and left: the picture that it
was booked with before anybody's better one, and before traffic that is not ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from signaling.protocol.line_cards import BudgetCard
from visiohub.booking.lines.capacity import capacity_of, others_on, usable_on
from visiohub.booking.lines.fit import USUAL, picture_of, taken_by_rooms
from visiohub.domain.model import Call, Line
from visiohub.linkquality.budget import AUDIO_KBIT_S, CallBudget, Picture, call_budget
from visiohub.linkquality.sharing import deal_beside
from visiohub.storage.uow import UnitOfWork

NOT_ON_THE_LINE = frozenset({"waiting", "ended"})


def budgets(uow: UnitOfWork, now: datetime) -> Mapping[str, BudgetCard | None]:
    """Of all calls that are admitted, by call id. None where the line was not measured in both
    directions: a contract's rate may be far off, and ends find out by themselves."""
    by_line: dict[str, tuple[Line, list[Call]]] = {}
    found: dict[str, BudgetCard | None] = {}
    for call in uow.calls.open():
        if call.state in NOT_ON_THE_LINE:
            continue
        found[call.id] = None
        line = uow.lines.of_kiosk(call.kiosk_id)
        if line is not None:
            by_line.setdefault(line.id, (line, []))[1].append(call)
    for line, calls in by_line.values():
        if capacity_of(uow, line, now).measured:
            found |= _share(uow, line, calls, now)
    return found


def _share(
    uow: UnitOfWork, line: Line, calls: Sequence[Call], now: datetime
) -> Mapping[str, BudgetCard]:
    free, framing = usable_on(uow, line, uow.linkquality.terms.of(line), now)
    rooms = uow.booked_rooms.by_ids([call.booked_room_id for call in calls])
    free -= taken_by_rooms(
        uow, line.venue_id, now, framing, {room.booking_id for room in rooms.values()}
    )
    owners = [
        rooms[call.booked_room_id].booking_id if call.booked_room_id else call.appointment_id
        for call in calls
    ]
    chosen = uow.linkquality.pictures.by_ids(owners)
    # who came without a booking was promised nothing, but others' traffic has no right before them
    booked = [Picture.NONE if owner is None else picture_of(chosen, owner) for owner in owners]
    kept = [USUAL if owner is None else picture_of(chosen, owner) for owner in owners]
    parts = deal_beside(free, free - others_on(uow, line, now), booked, kept, framing)
    return {
        call.id: _card(call_budget(part, framing)) for call, part in zip(calls, parts, strict=True)
    }


def _card(budget: CallBudget | None) -> BudgetCard:
    if budget is None:  # less than speech needs: nobody is cut off, and all suffer alike
        return BudgetCard(
            picture="none", audio_kbit_s=AUDIO_KBIT_S, video_up_kbit_s=0, video_down_kbit_s=0
        )
    return BudgetCard(
        picture=budget.picture.value,
        audio_kbit_s=budget.audio.up,
        video_up_kbit_s=round(budget.video.up),
        video_down_kbit_s=round(budget.video.down),
    )
