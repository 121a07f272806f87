"""A line that does not carry one visio more."""

# ruff: noqa: N818 - refusals are named for what happened; nothing is gained by "Error" in each

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from visiohub.errors.base import N_, VisiohubError

_CHOOSE = {
    "standard": N_("Il reste de quoi avoir une image moyenne : choisissez « Image moyenne »."),
    "small": N_("Il reste de quoi avoir une petite image : choisissez « Petite image »."),
    "none": N_("Il reste de quoi se parler, sans image : choisissez « Son seul »."),
}
_LATER = N_("Ce jour-là, elle a de nouveau assez de place à {later}.")
_ELSEWHERE = N_("À la même heure, il y a de la place ici : {elsewhere}.")
_OTHERWISE = N_("Choisissez une autre heure ou un autre lieu.")


class LineFull(VisiohubError):
    """Other visios are on the venue's line at that time, and this one does not fit beside them.

    `fits` are the pictures that would (linkquality.budget.Picture), best first: `none` is sound
    only, empty nothing at all. `free_at` is when what is `wanted` goes again on the same day;
    `elsewhere` is who has room for it at the same time, id and name of the venue.
    """

    code = "line_full"
    status = 409
    says = N_(
        "Le {day} à {hour}, la ligne de ce lieu n’a plus assez de place pour cette visio : {venue}."
    )

    def __init__(
        self,
        detail: str = "",
        *,
        line_id: str,
        venue_id: str,
        venue: str,
        zone: ZoneInfo,
        starts_at: datetime,
        ends_at: datetime,
        wanted: str,
        fits: Sequence[str],
        free_at: datetime | None,
        may_choose: bool,
    ) -> None:
        """`may_choose`: whoever asks can ask for a smaller picture."""
        local = starts_at.astimezone(zone)
        chosen = may_choose and bool(fits)
        super().__init__(
            detail,
            field="picture" if chosen else "time",
            venue=venue,
            day=f"{local:%d/%m/%Y}",
            hour=local.time(),
            later=free_at.astimezone(zone).time() if free_at else None,
        )
        self.line_id, self.venue_id, self.venue = line_id, venue_id, venue
        self.starts_at, self.ends_at = starts_at, ends_at
        self.wanted, self.fits, self.free_at = wanted, tuple(fits), free_at
        self.elsewhere: Sequence[tuple[str, str]] = ()
        self._chooses = _CHOOSE[self.fits[0]] if chosen else None

    def has_room(self, elsewhere: Sequence[tuple[str, str]]) -> None:
        """These venues have room for it at the same time: id and name."""
        self.elsewhere = elsewhere
        self.params["elsewhere"] = ", ".join(name for _, name in elsewhere)

    @property
    def more(self) -> Sequence[str]:
        """What would fit."""
        found = (
            self._chooses,
            _LATER if self.free_at else None,
            _ELSEWHERE if self.elsewhere else _OTHERWISE,
        )
        return [one for one in found if one]
