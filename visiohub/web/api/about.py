"""Which fields of a request a refusal is about: where a program looks for what to change.

Use cases name what a form of the pages calls it, or an identifier; requests call some of it
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from visiohub.booking.rooms.refusals import (
    DatesClash,
    NotBookable,
    NotSold,
    PriceChanged,
    RulesChanged,
    SeriesWrong,
)
from visiohub.booking.waiting_offers import TooSoonToOffer
from visiohub.domain.calendar import limits, recurrence, rule
from visiohub.domain.calendar.causes import Cause
from visiohub.domain.calendar.closed import OnPublicHoliday
from visiohub.errors import N_, EditedMeanwhile, InvalidForm, NotFound, VisiohubError
from visiohub.web.error_pages import WrongField, field_sentence, sentence, wrong_field
from visiohub.web.i18n import gettext as _
from visiohub.web.room_words import cause_sentence

OF_CODE: Mapping[str, str] = {
    EditedMeanwhile.code: "version",
    PriceChanged.code: "shown_total",
    RulesChanged.code: "shown_rules",
    DatesClash.code: "rule",
    NotSold.code: "room_ids",
    TooSoonToOffer.code: "starts_at",
}
"""Of refusals that stand beside no input of a page."""
CALLED: Mapping[str, Sequence[str]] = {
    "time": ("starts", "starts_at"),
    "day": ("starts_at",),
    "agent_id": ("time", "starts_at"),
    "kiosk_id": ("venue_id", "venue_ids"),
    "membership_id": ("account_id",),
    "duration_minutes": ("time",),
    "picture": ("time",),
}
"""What else a request may call what pages call so, the nearest first."""
OF_CAUSE: Mapping[type[Cause], str] = {
    limits.TooShort: "ends",
    limits.TooLong: "ends",
    limits.TooFarAhead: "day",
    OnPublicHoliday: "day",
    recurrence.StartOffRule: "day",
    recurrence.EndsBeforeItStarts: "ends",
    **dict.fromkeys(
        (
            rule.RuleUnreadable,
            rule.PartUnsupported,
            rule.ValueWrong,
            rule.TwoEnds,
            rule.PartMisplaced,
            recurrence.NeverHappens,
            recurrence.Endless,
            recurrence.TooMany,
            recurrence.RunsTooFar,
            recurrence.OverlapsItself,
        ),
        "rule",
    ),
}
"""What is to be changed of a booking of rooms; of other causes, when it starts."""


UNKNOWN = N_("Rien n’a cet identifiant, ou ce n’est pas à vous. Corrigez-le.")
"""Of what is not found: programs have no list to go back to."""


@dataclass(frozen=True)
class Asked:
    """What a request gave: the parameters of its address, and its body, by name."""

    address: Mapping[str, object]
    body: Mapping[str, object]

    def wrong(self, error: VisiohubError, zone: str) -> list[WrongField]:
        """Each field that the refusal is about; sentences tell the time of `zone`."""
        match error:
            case InvalidForm(errors=errors):
                return [self._named(e.field, e.code, field_sentence(e)) for e in errors]
            case NotBookable(causes=causes):
                each = dict.fromkeys(cause for some in causes.values() for cause in some)
                return [
                    self._named(OF_CAUSE.get(type(c), "starts"), c.code, cause_sentence(c, zone))
                    for c in each
                ]
            case SeriesWrong(cause=c):
                field = OF_CAUSE.get(type(c), "rule")
                return [self._named(field, c.code, cause_sentence(c, zone))]
        said = error.code, _(UNKNOWN) if type(error) is NotFound else sentence(error)
        if found := next(self._with(error.about), None):
            return [wrong_field(found, *said, of_body=found[0] in self.body)]
        name = error.field or OF_CODE.get(error.code)
        return [self._named(name, *said)] if name and self._called(name) else []

    def _named(self, name: str, code: str, detail: str) -> WrongField:
        """By what the request calls it; a field of no request is named as it is."""
        first, *rest = name.split(".")
        path = (self._called(first) or first, *rest)
        return wrong_field(path, code, detail, of_body=path[0] in self.body)

    def _called(self, name: str) -> str | None:
        names = (name, *CALLED.get(name, ()))
        return next((n for n in names if n in self.body or n in self.address), None)

    def _with(self, identifier: str | None) -> Iterator[tuple[object, ...]]:
        """Where the request has this identifier."""
        for name, value in (*self.body.items(), *self.address.items()):
            if identifier is not None and value == identifier:
                yield (name,)
            elif isinstance(value, tuple) and identifier in value:
                yield name, value.index(identifier)
