"""Rooms shared by rule: windows of one profile first, and when they open to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.closed import Closed
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.hours import Span
from visiohub.errors import N_


class Profile(StrEnum):
    """Who books."""

    PUBLIC_SERVICE = "public_service"
    PROFESSIONAL = "professional"


@dataclass(frozen=True)
class NotYetOpen(Closed):
    """A window of `first`; what is not booked opens to everybody at `opens_at`."""

    first: Profile
    opens_at: datetime
    code = "not_yet_open"
    says = N_(
        "Ce créneau est gardé pour d’autres. S’il reste libre, "
        "vous pourrez le réserver à partir du {opens_at}."
    )


@dataclass(frozen=True)
class NeverOpen(Closed):
    """A window that stays with `first`."""

    first: Profile
    code = "never_open"
    says = N_("Ce créneau est gardé pour d’autres. Choisissez une autre heure.")


@dataclass(frozen=True)
class SharedWindow:
    """`first` alone may book it until `release` before each of its starts; None: always."""

    window: Recurrence
    first: Profile
    release: timedelta | None


@dataclass(frozen=True)
class Sharing:
    """Of a venue or a room. Outside all windows everybody may book."""

    windows: tuple[SharedWindow, ...] = ()

    def why_not(
        self, profile: Profile, start: datetime, end: datetime, now: datetime
    ) -> NotYetOpen | NeverOpen | None:
        """Why this profile may not book this time now; None: it may.

        Of several windows the one that opens last decides.
        """
        opens_at, first = now, profile
        for shared, (begins, _) in self._of_others(profile, start, end):
            if shared.release is None:
                return NeverOpen(shared.first)
            if begins - shared.release > opens_at:
                opens_at, first = begins - shared.release, shared.first
        return NotYetOpen(first, opens_at) if opens_at > now else None

    def closed_to(
        self, profile: Profile, start: datetime, end: datetime, now: datetime
    ) -> sp.Spans:
        """Times between two instants that this profile may not book now."""
        kept = (
            span
            for shared, span in self._of_others(profile, start, end)
            if shared.release is None or span[0] - shared.release > now
        )
        return sp.clipped(sp.merged(kept), start, end)

    def _of_others(
        self, profile: Profile, start: datetime, end: datetime
    ) -> Iterator[tuple[SharedWindow, Span]]:
        for shared in self.windows:
            if shared.first is not profile:
                for span in shared.window.overlapping(start, end):
                    yield shared, span
