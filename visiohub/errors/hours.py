"""Times that an appointment cannot have."""

# ruff: noqa: N818 - refusals are named for what happened; nothing is gained by "Error" in each

from __future__ import annotations

from visiohub.errors.base import N_, VisiohubError


class InThePast(VisiohubError):
    """The instant is gone."""

    code = "in_the_past"
    status = 422
    says = N_("Cette heure est passée. Choisissez une heure à venir.")
    default_field = "time"


class TooFarAhead(VisiohubError):
    """Later than appointments are made (hours.BOOKABLE_AHEAD)."""

    code = "too_far_ahead"
    status = 422
    says = N_("Ce jour est trop loin. Choisissez un jour dans les deux ans.")
    default_field = "day"


class TimeDoesNotExist(VisiohubError):
    """A local time that the clock skips (change to summer time)."""

    code = "time_does_not_exist"
    status = 422
    says = N_(
        "Ce jour-là, l’horloge saute de {gap_starts} à {gap_ends}. Choisissez une autre heure."
    )
    default_field = "time"


class TimeHappensTwice(VisiohubError):
    """A local time that the clock shows again (change to winter time)."""

    code = "time_happens_twice"
    status = 422
    says = N_(
        "Cette nuit-là, l’horloge recule et cette heure passe deux fois. "
        "Choisissez une autre heure."
    )
    default_field = "time"


class OutsideHours(VisiohubError):
    """The venue is not open during the whole appointment."""

    code = "outside_hours"
    status = 422
    says = N_("Le lieu n’est pas ouvert pendant tout ce rendez-vous. Choisissez une autre heure.")
    default_field = "time"


class ClosedThatDay(OutsideHours):
    """A public holiday, or days that the venue itself closed; `reason` is their French name."""

    code = "closed"
    says = N_("Le lieu est fermé ce jour-là ({reason}). Choisissez un autre jour.")
    default_field = "day"


class ClosedThen(OutsideHours):
    """A part of a day that the venue or the room itself closed; `reason` is shown."""

    code = "closed_then"
    says = N_("C’est fermé à cette heure ({reason}). Choisissez une autre heure.")


class ClosedWeekday(OutsideHours):
    """The venue's timetable has nothing on that day of the week; `weekday` 0 is Monday."""

    code = "closed_weekday"
    default_field = "day"

    def __init__(self, detail: str = "", *, weekday: int) -> None:
        super().__init__(detail, weekday=weekday)
        self.says = _CLOSED_WEEKDAY_SAYS[weekday]


_CLOSED_WEEKDAY_SAYS = (
    N_("Le lieu est fermé le lundi. Choisissez un autre jour."),
    N_("Le lieu est fermé le mardi. Choisissez un autre jour."),
    N_("Le lieu est fermé le mercredi. Choisissez un autre jour."),
    N_("Le lieu est fermé le jeudi. Choisissez un autre jour."),
    N_("Le lieu est fermé le vendredi. Choisissez un autre jour."),
    N_("Le lieu est fermé le samedi. Choisissez un autre jour."),
    N_("Le lieu est fermé le dimanche. Choisissez un autre jour."),
)


class ShortNotice(VisiohubError):
    """Sooner than the service's notice; `earliest` is the first start that would do, local."""

    code = "short_notice"
    status = 422
    says = N_("Ce service se prépare : choisissez une heure à partir du {earliest}.")
    default_field = "time"


class NotYetOpen(TooFarAhead):
    """Beyond the service's horizon: `last_day` would do today, the day asked for `opens_on`."""

    code = "not_yet_open"
    says = N_(
        "Ce jour n’est pas encore ouvert à la réservation. Choisissez un jour jusqu’au "
        "{last_day}, ou revenez le {opens_on}."
    )


class OffGrid(VisiohubError):
    """Not one of the starts that the venue's hours give (`slot_step_minutes`)."""

    code = "off_grid"
    status = 422
    says = N_("Les rendez-vous ne commencent pas à cette heure. Choisissez {earlier} ou {later}.")
    default_field = "time"
