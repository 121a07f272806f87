"""A technician has a line's speed measured: its cost, its refusals, its reservation, its result.

The line is reserved from the order up to `until`, whatever happens to kiosk or hub: the booking
rule (lines/fit.py) asks for what is open and not past, so nothing stays reserved for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signaling.protocol.line_cards import SpeedCard
from visiohub.booking import audit
from visiohub.booking.lines.looking import show_line
from visiohub.booking.lines.refusals import LineMeasured, SpeedRefused
from visiohub.booking.lines.spending import octets_left
from visiohub.booking.secrets import new_id
from visiohub.domain.appointment import HOLDS_ITS_SLOT
from visiohub.domain.hours import Span
from visiohub.domain.line_orders import LineSpeed, SpeedState
from visiohub.domain.model import Line, Person, Venue
from visiohub.linkquality.budget import Both
from visiohub.linkquality.ndt7 import cost_octets
from visiohub.linkquality.tickets import GOOD_FOR_S
from visiohub.storage.uow import UnitOfWork

RESERVED = timedelta(seconds=GOOD_FOR_S)
"""As long as the ticket: after it nothing can load the line."""
SOON = timedelta(minutes=10)
SHOWN = 20


@dataclass(frozen=True)
class SpeedCost:
    """Octets that a measurement puts on a line of these rates (kbit/s), and those of today's that
    are left for it."""

    rates: Both
    octets: Both
    left: Both

    @property
    def beyond_budget(self) -> bool:
        """In one direction at least."""
        return self.octets.down > self.left.down or self.octets.up > self.left.up


@dataclass(frozen=True)
class SpeedView:
    """What the page shows; `refused` None: a measurement may begin now."""

    line: Line
    venue: Venue
    cost: SpeedCost
    refused: str | None
    """A key of refusals.WHY."""
    runs: Sequence[LineSpeed]
    """The newest first."""
    people: dict[str, str]
    """Names of who ordered them."""


def topic(line_id: str) -> str:
    """What a page of measurements of this line listens to."""
    return f"line:{line_id}"


def show_speeds(uow: UnitOfWork, line_id: str, here: Sequence[str], now: datetime) -> SpeedView:
    """`here` are the kiosks in connection, those that measure first. Raises NotFound."""
    view = show_line(uow, line_id, now)
    runs = uow.linkquality.speeds.newest(line_id, SHOWN)
    people = uow.persons.by_ids([run.person_id for run in runs])
    return SpeedView(
        view.row.line,
        view.row.venue,
        speed_cost(uow, line_id, now),
        _why_not(uow, view.row.line, _measurer(uow, view.row.line, here), now),
        runs,
        {person.id: person.label for person in people.values()},
    )


def speed_cost(uow: UnitOfWork, line_id: str, now: datetime) -> SpeedCost:
    """By what the line carries at most, as far as anybody knows. Raises NotFound."""
    view = show_line(uow, line_id, now)
    line, last = view.row.line, view.capacity.last
    rates = Both(down=max(line.down_kbit_s, last.down), up=max(line.up_kbit_s, last.up))
    octets = Both(down=cost_octets(rates.down, 0.0), up=cost_octets(0.0, rates.up))
    return SpeedCost(rates, octets, octets_left(uow, view, now, now))


def order_speed(
    uow: UnitOfWork,
    line_id: str,
    here: Sequence[str],
    by: Person,
    now: datetime,
    *,
    beyond_budget: bool,
) -> tuple[LineSpeed, SpeedCost]:
    """Reserve the line for a measurement by the first of the venue's kiosks that is `here`.
    Raises NotFound, SpeedRefused."""
    line = uow.lines.get(line_id)
    kiosk_id = _measurer(uow, line, here)
    refused = _why_not(uow, line, kiosk_id, now)
    if refused is not None or kiosk_id is None:
        raise SpeedRefused(refused or "away")
    cost = _allowed_cost(uow, line_id, now, beyond_budget=beyond_budget)
    run = LineSpeed(
        id=new_id(),
        line_id=line_id,
        kiosk_id=kiosk_id,
        person_id=by.id,
        ordered_at=now,
        until=now + RESERVED,
        octets_down=int(cost.octets.down),
        octets_up=int(cost.octets.up),
        beyond_budget=cost.beyond_budget,
    )
    uow.linkquality.speeds.add(run)
    octets = run.octets_down + run.octets_up
    audit.note(uow, by, now, "line.speed", line_id, {}, {"run": run.id, "octets": octets})
    uow.changed(topic(line_id))
    uow.flush()
    return run, cost


def reserve_by_hand(
    uow: UnitOfWork, line_id: str, person_id: str | None, now: datetime, *, beyond_budget: bool
) -> LineSpeed:
    """Reserve the line for whoever has a ticket. Raises NotFound, SpeedRefused."""
    line = uow.lines.get(line_id)
    refused = _in_the_way(uow, line, now)
    if refused is not None:
        raise SpeedRefused(refused)
    cost = _allowed_cost(uow, line_id, now, beyond_budget=beyond_budget)
    run = LineSpeed(
        id=new_id(),
        line_id=line_id,
        kiosk_id=None,
        person_id=person_id,
        ordered_at=now,
        until=now + RESERVED,
        octets_down=int(cost.octets.down),
        octets_up=int(cost.octets.up),
        beyond_budget=cost.beyond_budget,
    )
    uow.linkquality.speeds.add(run)
    uow.changed(topic(line_id))
    uow.flush()
    return run


def end_by_hand(uow: UnitOfWork, run_id: str, moved: Mapping[str, int], now: datetime) -> None:
    """Its ticket is used up: the line is free again. `moved` are octets by NDT7's test."""
    run = uow.linkquality.speeds.find(run_id)
    if run is not None and run.state is SpeedState.ORDERED:
        run.moved_down, run.moved_up = moved["download"], moved["upload"]
        _end(uow, run, "", now)


def fail_speed(uow: UnitOfWork, run_id: str, failure: str, now: datetime) -> None:
    """It did not come to be: the line is free again."""
    run = uow.linkquality.speeds.find(run_id)
    if run is not None and run.state is SpeedState.ORDERED:
        _end(uow, run, failure, now)


def call_beside(uow: UnitOfWork, line_id: str, kiosk_id: str | None) -> bool:
    """Whether another kiosk of the venue than the one that measures has a call. That one sees its
    own calls itself, and tells what it found until then; by hand (None) nobody does."""
    kiosks = {kiosk.id for kiosk in uow.kiosks.at_venue(uow.lines.get(line_id).venue_id)}
    return any(uow.calls.open(kiosk_id=beside) for beside in kiosks - {kiosk_id})


def give_up_speeds(uow: UnitOfWork, now: datetime) -> int:
    """Those of which nobody heard in time; how many."""
    late = [run for run in uow.linkquality.speeds.open() if run.until <= now]
    for run in late:
        _end(uow, run, "silent" if run.kiosk_id else "", now)
    return len(late)


def keep_speed(uow: UnitOfWork, line_id: str, card: SpeedCard, now: datetime) -> bool:
    """A kiosk answers, perhaps late; whether that was waited for."""
    run = uow.linkquality.speeds.find(card.run_id)
    if run is None or run.line_id != line_id or (run.failure != "silent" and run.ended_at):
        return False
    for way, found in (("down", card.down), ("up", card.up)):
        if found is not None:
            setattr(run, f"{way}_kbit_s", found.kbit_s)
            setattr(run, f"moved_{way}", found.octets)
            setattr(run, f"{way}_rpm", found.rpm)
    _end(uow, run, card.failure or "", now)
    return True


def require_free(uow: UnitOfWork, line: Line, spans: Iterable[Span]) -> None:
    """No measurement has the line at some moment of these times. Raises LineMeasured."""
    runs = uow.linkquality.speeds.open(line.id)
    for start, end in spans:
        for run in runs:
            if run.ordered_at < end and run.until > start:
                raise LineMeasured(f"line {line.id} is measured up to {run.until}")


def _allowed_cost(
    uow: UnitOfWork, line_id: str, now: datetime, *, beyond_budget: bool
) -> SpeedCost:
    """Of a measurement that the day's octets hold, or somebody wants in spite of them."""
    cost = speed_cost(uow, line_id, now)
    if cost.beyond_budget and not beyond_budget:
        raise SpeedRefused("budget", f"{cost.octets} of {cost.left}")
    return cost


def _end(uow: UnitOfWork, run: LineSpeed, failure: str, now: datetime) -> None:
    run.state = SpeedState.FAILED if failure else SpeedState.DONE
    run.failure, run.ended_at = failure, now
    uow.changed(topic(run.line_id))


def _measurer(uow: UnitOfWork, line: Line, here: Sequence[str]) -> str | None:
    kiosks = {kiosk.id for kiosk in uow.kiosks.at_venue(line.venue_id)}
    return next((kiosk_id for kiosk_id in here if kiosk_id in kiosks), None)


def _why_not(uow: UnitOfWork, line: Line, kiosk_id: str | None, now: datetime) -> str | None:
    """A key of refusals.WHY, None: a measurement by this kiosk may begin."""
    return _in_the_way(uow, line, now) or (None if kiosk_id is not None else "away")


def _in_the_way(uow: UnitOfWork, line: Line, now: datetime) -> str | None:
    """The same, whoever measures."""
    if any(run.until > now for run in uow.linkquality.speeds.open(line.id)):
        return "measured"
    kiosks = [kiosk.id for kiosk in uow.kiosks.at_venue(line.venue_id)]
    if any(uow.calls.open(kiosk_id=kiosk) for kiosk in kiosks):
        return "call"
    booked = uow.appointments.between(now, now + SOON, kiosk_ids=kiosks)
    if any(one.state in HOLDS_ITS_SLOT for one in booked):
        return "visio"
    if uow.linkquality.visio_bookings.at_venue(line.venue_id, now, now + SOON):
        return "visio"
    return None
