"""Rooms shared by rule: windows of one profile first, and when they open to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import combinations

from visiohub.domain.calendar import spans as sp
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.closed import Closed
from visiohub.domain.calendar.recurrence import Recurrence
from visiohub.domain.hours import Span
from visiohub.errors import N_

_LOOKED_AT = timedelta(days=62)


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
class WindowsDisagree(Cause):
    """Two windows meet, from one instant to another, and each goes to others first."""

    starts_at: datetime
    ends_at: datetime
    code = "windows_disagree"
    says = N_(
        "Deux plages partagées se rencontrent, par exemple du {starts_at} au {ends_at}, et vont "
        "d’abord à des publics différents. Changez l’heure, le jour ou le public de l’une d’elles."
    )


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

    def contradictions(self) -> list[WindowsDisagree]:
        """Of its own windows."""
        return disagreements(combinations(self.windows, 2))

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


def disagreements(pairs: Iterable[tuple[SharedWindow, SharedWindow]]) -> list[WindowsDisagree]:
    """Of each two windows that disagree the first time at which they meet, soon after the later one
    begins."""
    found = []
    for one, other in pairs:
        if one.first is other.first:
            continue
        low = max(_begins(one.window), _begins(other.window))
        both = (w.window.spans(low, low + _LOOKED_AT) for w in (one, other))
        if common := sp.intersect(*both):
            found.append(WindowsDisagree(*common[0]))
    return found


def _begins(window: Recurrence) -> datetime:
    return window.starts.replace(tzinfo=window.zone).astimezone(UTC)
