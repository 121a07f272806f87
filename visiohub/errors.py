"""Everything that the hub refuses, with a stable code, an HTTP status and the words for people.

`says` is a French sentence and a gettext msgid: what happened, then what to do. It is shown as
`_(error.says).format(**error.params)`. `str(error)` is for developers and logs, in English, and
never holds data about citizens.
"""

# ruff: noqa: N818 - refusals are named for what happened; nothing is gained by "Error" in each

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "extract, translate later"
    """Mark a sentence for extraction; it is translated where it is shown."""
    return text


class VisiohubError(Exception):
    """Base of all refusals; never raised itself."""

    code: ClassVar[str]
    status: ClassVar[int]
    says: str

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        retry_after_s: float | None = None,
        **params: object,
    ) -> None:
        super().__init__(detail or self.code)
        self.field = field if field is not None else self.default_field
        self.retry_after_s = retry_after_s
        self.params = params

    default_field: ClassVar[str | None] = None


# --- forms ----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, and what to write instead."""

    field: str
    code: str
    says: str
    params: dict[str, object] = dataclasses.field(default_factory=dict)


class InvalidForm(VisiohubError):
    """Some fields cannot be accepted; `errors` names each."""

    code = "invalid_form"
    status = 422
    says = N_("Rien n’a été enregistré. Corrigez ce qui est indiqué, votre saisie est gardée.")

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{e.field}: {e.code}" for e in errors))
        self.errors = tuple(errors)
        self.field = errors[0].field if errors else None


class WrongPeriod(VisiohubError):
    """A file was asked for with a day in its address that cannot be used; `field` names it."""

    code = "wrong_period"
    status = 422
    says = N_(
        "Aucun fichier n’a été fait : le jour « {name} » de l’adresse ne convient pas. {why} "
        "Revenez à la liste."
    )


class NotFound(VisiohubError):
    """No such thing, or no longer."""

    code = "not_found"
    status = 404
    says = N_("Cette page n’existe pas, ou plus. Revenez à la liste.")


class AppointmentLinkDead(VisiohubError):
    """A link to an appointment whose key opens nothing."""

    code = "appointment_link_dead"
    status = 404
    says = N_("Ce lien n’ouvre aucun rendez-vous.")


class WaitingLinkDead(VisiohubError):
    """A link to a place on the waiting list whose key opens nothing."""

    code = "waiting_link_dead"
    status = 404
    says = N_("Ce lien n’ouvre aucune inscription sur la liste d’attente.")


class NothingChosen(VisiohubError):
    """A form that begins with a slot of the search, without one."""

    code = "nothing_chosen"
    status = 422
    says = N_("Choisissez d’abord un service et un lieu.")


class EditedMeanwhile(VisiohubError):
    """Somebody saved another version since this one was read."""

    code = "edited_meanwhile"
    status = 409
    says = N_(
        "Quelqu’un a modifié cette fiche pendant votre saisie. "
        "Relisez-la, puis enregistrez de nouveau."
    )


class NameTaken(VisiohubError):
    """A name or login that must be unique is in use."""

    code = "name_taken"
    status = 409
    says = N_("Ce nom est déjà pris. Choisissez-en un autre.")


class TwinLine(VisiohubError):
    """The venue has a line of the same kind, operator and rates: nobody could tell them apart."""

    code = "twin_line"
    status = 409
    says = N_(
        "Ce lieu a déjà une ligne de cet opérateur, avec cette technologie et ces débits. "
        "Ouvrez celle qui existe, ou écrivez dans « Opérateur » ce qui les distingue, "
        "par exemple « Orange 2 »."
    )
    default_field = "operator"


class StillInUse(VisiohubError):
    """Cannot be retired, or moved, while appointments to come need it."""

    code = "still_in_use"
    status = 409
    says = N_("Des rendez-vous à venir en dépendent. Déplacez-les d’abord.")


class TooManyKiosks(VisiohubError):
    """One more than the codes of convocations are safe for (`max_kiosks`, domain/codes.py)."""

    code = "too_many_kiosks"
    status = 409
    says = N_(
        "Le territoire a déjà {most} bornes, autant que ses réglages permettent. "
        "Retirez une borne qui ne sert plus, "
        "ou faites augmenter le réglage max_kiosks du serveur."
    )


class LastAdministrator(VisiohubError):
    """The only active administrator goes: nobody could manage the hub any more."""

    code = "last_administrator"
    status = 409
    says = N_(
        "C’est le seul compte d’administration actif. Donnez d’abord ce rôle à une autre personne."
    )
    default_field = "roles"


class NotAllowed(VisiohubError):
    """Signed in, but not for this."""

    code = "not_allowed"
    status = 403
    says = N_("Votre compte ne permet pas cette action. Demandez à l’administration.")


# --- accounts -------------------------------------------------------------------------------


class WrongSignIn(VisiohubError):
    """Login or password is wrong; which one is not told."""

    code = "wrong_sign_in"
    status = 401
    says = N_("Identifiant ou mot de passe inexact. Vérifiez, puis recommencez.")
    default_field = "password"


class TooManyAttempts(VisiohubError):
    """Rate limited; `retry_after_s` says for how long."""

    code = "too_many_attempts"
    status = 429
    says = N_("Trop d’essais. Attendez {minutes} minutes, puis recommencez.")


class Busy(VisiohubError):
    """Too much slow work waits already; nothing was begun. `retry_after_s` says when to retry."""

    code = "busy"
    status = 429
    says = N_(
        "Trop de demandes arrivent en même temps. Rien n’a été fait. "
        "Attendez quelques secondes, puis recommencez."
    )


class WrongPassword(VisiohubError):
    """The present password, asked for before a change, is wrong."""

    code = "wrong_password"
    status = 422
    says = N_("Le mot de passe actuel est inexact. Il n’a pas été changé.")
    default_field = "current"


class WeakPassword(VisiohubError):
    """Too short, or the login itself."""

    code = "weak_password"
    status = 422
    says = N_("Ce mot de passe est trop simple. Prenez au moins {minimum} caractères.")
    default_field = "new"


# --- enrolment ------------------------------------------------------------------------------


class EnrolmentRefused(VisiohubError):
    """Unknown, used or expired enrolment code; which one is not told."""

    code = "enrolment_refused"
    status = 403
    says = N_("Ce code d’enrôlement ne marche pas ou plus. Demandez-en un nouveau.")
    default_field = "code"


class BadPublicKey(VisiohubError):
    """Not a raw Ed25519 public key (RFC 8032: 32 octets) in base64url."""

    code = "bad_public_key"
    status = 422
    says = N_("La clé envoyée par la borne n’est pas valable. Relancez « kiosk enrol ».")
    default_field = "public_key"


# --- appointments ---------------------------------------------------------------------------


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


class LineFull(VisiohubError):
    """Another visio is on the venue's line at that time, and both do not fit. `best` is the
    picture that would (linkquality.budget.Picture): `none` is sound only, None nothing at all."""

    code = "line_full"
    status = 409
    default_field = "picture"

    def __init__(self, detail: str = "", *, best: str | None = None) -> None:
        super().__init__(detail, best=best)
        self.says = _LINE_FULL_SAYS[best]


_LINE_FULL_SAYS = {
    "standard": N_(
        "À cette heure, une autre visio utilise la ligne du lieu : il reste de quoi avoir une "
        "image moyenne. Choisissez « Image moyenne », une autre heure ou un autre lieu."
    ),
    "small": N_(
        "À cette heure, une autre visio utilise la ligne du lieu : il reste de quoi avoir une "
        "petite image. Choisissez « Petite image », une autre heure ou un autre lieu."
    ),
    "none": N_(
        "À cette heure, une autre visio utilise la ligne du lieu : il reste de quoi se parler, "
        "sans image. Choisissez « Son seul », une autre heure ou un autre lieu."
    ),
    None: N_(
        "À cette heure, une autre visio utilise toute la ligne du lieu. "
        "Choisissez une autre heure ou un autre lieu."
    ),
}


class SlotTaken(VisiohubError):
    """Another appointment holds this kiosk at that time."""

    code = "slot_taken"
    status = 409
    says = N_("Cette heure vient d’être prise sur cette borne. Choisissez-en une autre.")
    default_field = "time"


class RoomTaken(SlotTaken):
    """Something else holds the room at that time: another kiosk's appointment, a booking."""

    code = "room_taken"
    says = N_(
        "La salle est déjà prise à cette heure, par une autre borne ou une réservation. "
        "Choisissez une autre heure."
    )


class CounterFull(VisiohubError):
    """Another appointment holds this place of a counter at that time."""

    code = "counter_full"
    status = 409
    says = N_("Ce guichet n’a plus de place à cette heure. Choisissez une autre heure.")
    default_field = "time"


class AgentBusy(VisiohubError):
    """Another appointment holds this agent at that time."""

    code = "agent_busy"
    status = 409
    says = N_("Cet agent a déjà un rendez-vous à cette heure. Choisissez une autre heure.")
    default_field = "agent_id"


class BusyElsewhere(VisiohubError):
    """The agent's outside calendar has something then; whoever books may say that it goes."""

    code = "busy_elsewhere"
    status = 409
    says = N_(
        "À cette heure, l’agenda extérieur de cet agent est pris. Choisissez une autre heure ou "
        "un autre agent. Si cela va quand même, dites pourquoi à "
        "« Malgré l’agenda »."
    )
    default_field = "despite_calendar"


class AgentAway(VisiohubError):
    """The agent is noted absent then; whoever books may say that it goes."""

    code = "agent_away"
    status = 409
    says = N_(
        "À cette heure, cet agent est noté absent. Choisissez une autre heure ou un autre agent. "
        "Si cela va quand même, dites pourquoi à « Malgré l’agenda »."
    )
    default_field = "despite_calendar"


class AgentOffDuty(VisiohubError):
    """The agent holds no permanence then, or appointments that have nobody yet need them; whoever
    books may say that it goes."""

    code = "agent_off_duty"
    status = 409
    says = N_(
        "À cette heure, cet agent ne tient pas de permanence, ou d’autres rendez-vous l’attendent "
        "déjà. Choisissez une autre heure ou un autre agent. Si cela va quand même, dites pourquoi "
        "à « Malgré l’agenda »."
    )
    default_field = "despite_calendar"


class NobodyFree(VisiohubError):
    """No permanence is held then, or all its agents and seats are needed; whoever books may say
    that it goes."""

    code = "nobody_free"
    status = 409
    says = N_(
        "À cette heure, il n’y a pas de permanence, ou tous ceux qui reçoivent ont déjà un "
        "rendez-vous. Choisissez une autre heure. Si cela va quand même, dites pourquoi à "
        "« Malgré l’agenda »."
    )
    default_field = "despite_calendar"


class KeptForOthers(VisiohubError):
    """A shared window of the room stays with professionals."""

    code = "kept_for_others"
    status = 422
    says = N_("Cette heure est gardée pour les professionnels. Choisissez une autre heure.")
    default_field = "time"


class KeptForNow(VisiohubError):
    """A shared window of the room goes to professionals first, and opens at `opens_at`."""

    code = "kept_for_now"
    status = 422
    says = N_(
        "Cette heure est d’abord pour les professionnels. Si elle reste libre, elle s’ouvre aux "
        "rendez-vous le {opens_at}. Choisissez une autre heure."
    )
    default_field = "time"


class NotOffered(VisiohubError):
    """The service is not offered at this venue."""

    code = "not_offered"
    status = 422
    says = N_("Ce service n’est pas proposé dans ce lieu. Choisissez un autre lieu.")
    default_field = "kiosk_id"


class WrongState(VisiohubError):
    """The appointment is not in a state that allows this."""

    code = "wrong_state"
    status = 409
    says = N_("Ce rendez-vous a changé entre-temps. Relisez la liste.")


class CodesSpent(VisiohubError):
    """All wrong codes of the day are used up; unlocking is no longer possible."""

    code = "codes_spent"
    status = 409
    says = N_(
        "Trop de codes inexacts aujourd’hui sur cette borne. "
        "Le QR de la convocation marche toujours."
    )


# --- arrivals and calls (codes of PROTOCOL.md §5.2, sent on to the peer) ------------------------


class ArrivalRefused(VisiohubError):
    """Base: the kiosk presented something that opens nothing now."""

    status = 409
    default_field = "code"


class CodeUnknown(ArrivalRefused):
    """Typed codes: also when outside the window or elsewhere, so that guessing learns nothing."""

    code = "code_unknown"
    says = N_("Aucun rendez-vous maintenant avec ce code. Vérifiez les chiffres.")


class CodeElsewhere(ArrivalRefused):
    """A QR for another venue."""

    code = "code_elsewhere"
    says = N_("Ce rendez-vous est dans un autre lieu. Demandez à l’accueil.")


class CodeTooEarly(ArrivalRefused):
    """A QR before its window."""

    code = "code_too_early"
    says = N_("Votre rendez-vous est plus tard. Regardez l’heure sur votre convocation.")


class CodeTooLate(ArrivalRefused):
    """A QR after its window."""

    code = "code_too_late"
    says = N_("L’heure de ce rendez-vous est passée. Demandez à l’accueil.")


class CodeUsed(ArrivalRefused):
    """The appointment is over, cancelled, or its call is open."""

    code = "code_used"
    says = N_("Cette convocation a déjà servi. Demandez à l’accueil.")


class CodeLocked(ArrivalRefused):
    """Too many wrong typed codes on this kiosk today."""

    code = "code_locked"
    status = 429
    says = N_("Trop de codes inexacts. Montrez le QR, ou demandez à l’accueil.")


class ServiceUnknown(VisiohubError):
    """No such service, or not at this venue."""

    code = "service_unknown"
    status = 404
    says = N_("Ce service n’est pas proposé ici.")


class ServiceClosed(VisiohubError):
    """Nobody receives without an appointment now."""

    code = "service_closed"
    status = 409
    says = N_("Personne ne reçoit sans rendez-vous en ce moment.")


class CallTaken(VisiohubError):
    """Another agent admitted it first."""

    code = "call_taken"
    status = 409
    says = N_("Un autre agent reçoit déjà cette personne.")


class CallOver(VisiohubError):
    """The call has ended, or never was."""

    code = "call_over"
    status = 410
    says = N_("Cette personne n’attend plus.")


class SettingsError(VisiohubError):
    """The hub refuses to start: a setting is unknown or wrong (exit code 2)."""

    code = "settings"
    status = 500
    says = N_("Un réglage est inexact.")
