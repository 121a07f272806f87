"""The demo's appointments: two weeks that were, a day in several states, and what comes.

Everything follows from `now` and from counting: two demos loaded at one instant are the same,
but for ids and codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import count

from visiohub.booking import appointments
from visiohub.booking.secrets import new_id
from visiohub.booking.views import Booked
from visiohub.domain import hours
from visiohub.domain.model import (
    Appointment,
    AppointmentState,
    Call,
    CallEnd,
    CancelledBy,
    Kiosk,
    Person,
    Service,
    Venue,
)
from visiohub.storage.uow import UnitOfWork

DAYS_BEFORE = 14
_QUARTER = timedelta(minutes=15)
_INITIALS = ("D. R.", "F. B.", "M. T.", "S. V.", "K. L.", "A. P.", "J. M.", "N. G.", "L. C.")
_ENDS = (  # how past appointments ended, in turn
    "done", "done", "done", "done", "no_show", "done", "done", "cancelled", "done", "line_fault",
    "done", "done", "agent_lost", "done", "no_show", "done",
)  # fmt: skip


class DemoDay:
    """Makes the appointments of a territory just made; `now` is the demo's instant."""

    def __init__(
        self,
        uow: UnitOfWork,
        venues: Mapping[str, Venue],
        kiosks: Mapping[str, list[Kiosk]],
        services: Mapping[str, list[Service]],
        persons: Mapping[str, Person],
        now: datetime,
    ) -> None:
        self.uow = uow
        self.venues = venues
        self.kiosks = kiosks
        self.persons = persons
        self.now = now
        self.zone = hours.zone_of(uow.settings.time_zone)
        self._services = [s for kind in services.values() for s in kind if not s.walk_in]
        self._named = {s.name: s for s in self._services}
        self._turn = count()

    def past(self) -> None:
        """Two weeks of appointments and calls at every venue, up to an hour ago."""
        today = hours.local_day(self.now, self.zone)
        for n, (key, venue) in enumerate(self.venues.items()):
            for back in range(DAYS_BEFORE, -1, -1):
                day = today - timedelta(days=back)
                for start in self._starts(venue, day, every_minutes=105 + 15 * (n % 4)):
                    if start + timedelta(hours=1) < self.now - timedelta(hours=1):
                        self._held(self.kiosks[key][0], start)
        self.uow.flush()

    def about_now(self) -> tuple[Booked, datetime]:
        """At the télécentre: one to open now, one checked in by reception, some soon."""
        first, second, third = self.kiosks["gap"]
        start = self._next_quarter()
        shown = self._book("Aide au logement", first, start, "D. R.")
        self._book("Prime d’activité", first, start + 3 * _QUARTER, "F. B.", agent="caf1")
        self._book("Séparation", first, start + 6 * _QUARTER, "M. T.")
        self._book("Inscription", second, start + _QUARTER, "S. V.")
        self._book("Retraite agricole", third, start + 2 * _QUARTER, "K. L.")
        come = self._book("Santé et arrêt de travail", third, start, "A. P.")
        appointments.check_in(
            self.uow, come.appointment_id, 1, self.persons["accueil-gap"], self.now
        )
        gone = self._book("Suivi avec votre conseiller", second, start + 5 * _QUARTER, "J. M.")
        appointments.cancel(
            self.uow,
            gone.appointment_id,
            CancelledBy.CITIZEN,
            1,
            self.persons["accueil-gap"],
            self.now,
        )
        return shown, start

    def today_and_tomorrow(self) -> None:
        """Some at the other venues, today after now and on the days after."""
        today = hours.local_day(self.now, self.zone)
        for n, (key, venue) in enumerate(self.venues.items()):
            if key == "gap":
                continue
            for ahead in range(3):
                day = today + timedelta(days=ahead)
                for start in self._starts(venue, day, every_minutes=120 + 30 * (n % 3)):
                    if start > self.now + timedelta(minutes=30):
                        self._expected(self.kiosks[key][0], start)

    def _starts(self, venue: Venue, day: date, every_minutes: int) -> Iterator[datetime]:
        """Starts of hours that fit into the venue's day, by daylight."""
        step = timedelta(minutes=every_minutes)
        for opens, closes in hours.opening_spans(venue.opening, day, self.zone):
            start = max(opens, closes - timedelta(hours=16))
            while start + timedelta(hours=1) <= min(closes, opens + timedelta(hours=18)):
                yield start
                start += step

    def _next_quarter(self) -> datetime:
        past_quarter = timedelta(
            minutes=self.now.minute % 15, seconds=self.now.second, microseconds=self.now.microsecond
        )
        return self.now - past_quarter + _QUARTER

    def _book(
        self, service: str, kiosk: Kiosk, start: datetime, initials: str, agent: str | None = None
    ) -> Booked:
        paper = appointments.new_paper(self.uow)
        kept = self._appointment(self._named[service], kiosk, start, initials)
        kept.created_at = self.now
        kept.agent_id = self.persons[agent].id if agent else None
        return appointments.enter(self.uow, kept, paper, self.persons["accueil-gap"], self.now)

    def _expected(self, kiosk: Kiosk, start: datetime) -> Appointment:
        """To come; its paper is printed from its page (a new code each time)."""
        return self._add(kiosk, start, next(self._turn), AppointmentState.BOOKED)

    def _held(self, kiosk: Kiosk, start: datetime) -> None:
        """One that was, with its call."""
        n = next(self._turn)
        end = _ENDS[n % len(_ENDS)]
        if end in {"no_show", "cancelled"}:
            appointment = self._add(kiosk, start, n, AppointmentState(end))
            if end == "cancelled":
                appointment.cancelled_by = CancelledBy.CITIZEN
            return
        done = end == "done"
        state = AppointmentState.DONE if done else AppointmentState.LOST
        appointment = self._add(kiosk, start, n, state)
        appointment.arrived_at = start - timedelta(minutes=4 + n % 7)
        appointment.lost_cause = None if done else end
        self.uow.calls.add(self._call(appointment, n, "hung_up_by_agent" if done else end))

    def _add(self, kiosk: Kiosk, start: datetime, n: int, state: AppointmentState) -> Appointment:
        service = self._services[n % len(self._services)]
        appointment = self._appointment(service, kiosk, start, _INITIALS[n % len(_INITIALS)])
        appointment.state = state
        self.uow.appointments.add(appointment)
        return appointment

    def _appointment(
        self, service: Service, kiosk: Kiosk, start: datetime, initials: str
    ) -> Appointment:
        return Appointment(
            id=new_id(),
            service_id=service.id,
            kiosk_id=kiosk.id,
            starts_at=start,
            ends_at=start + timedelta(minutes=service.duration_minutes),
            state=AppointmentState.BOOKED,
            created_at=start - timedelta(days=5),
            created_by=self.persons["admin"].id,
            initials=initials,
        )

    def _call(self, appointment: Appointment, n: int, reason: str) -> Call:
        agents = [
            p
            for p in self.persons.values()
            if p.partner_id == self._partner_of(appointment.service_id)
        ]
        admitted = appointment.starts_at + timedelta(minutes=n % 5, seconds=11 * n % 60)
        lasted = timedelta(minutes=11 + 5 * n % 17, seconds=7 * n % 60)
        slow = n % 3 == 0
        return Call(
            id=new_id(),
            kiosk_id=appointment.kiosk_id,
            service_id=appointment.service_id,
            appointment_id=appointment.id,
            language="fr",
            state="ended",
            arrived_at=appointment.arrived_at or appointment.starts_at,
            generation=1 + n % 4 // 3,
            until=appointment.ends_at,
            person_id=agents[n % len(agents)].id,
            admitted_at=admitted,
            connected_at=admitted + timedelta(milliseconds=600 + 37 * n % 500),
            interruptions=n % 4 // 3 if reason == "hung_up_by_agent" else 1,
            ended_at=admitted + lasted,
            end_reason=reason,
            kiosk_end=_end(sent=380 if slow else 900, received=420 if slow else 1100, n=n),
            agent_end=_end(sent=420 if slow else 1100, received=380 if slow else 900, n=n + 1),
            device_faults=("agent.microphone",) if n % 11 == 5 else (),
        )

    def _partner_of(self, service_id: str) -> str:
        return next(s.partner_id for s in self._services if s.id == service_id)


def _end(*, sent: int, received: int, n: int) -> CallEnd:
    return CallEnd(
        audio_codec="opus",
        video_codec="VP8" if n % 2 else "H264",
        sent_kbit_s=float(sent + 13 * n % 90),
        received_kbit_s=float(received + 17 * n % 110),
        loss_ratio=n % 9 / 1000,
        rtt_ms=float(34 + 3 * n % 40),
        freezes_per_minute=n % 6 / 10,
        relayed=n % 5 == 0,
        samples=60,
    )
