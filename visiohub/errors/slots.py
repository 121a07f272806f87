"""Times that are taken, and appointments that are past changing."""

# ruff: noqa: N818 - refusals are named for what happened; nothing is gained by "Error" in each

from __future__ import annotations

from visiohub.errors.base import N_, VisiohubError


class SlotTaken(VisiohubError):
    """Another appointment holds this kiosk at that time."""

    code = "slot_taken"
    status = 409
    says = N_("Cette heure vient d’être prise. Choisissez-en une autre.")
    default_field = "time"


class RoomTaken(SlotTaken):
    """Something else holds the room at that time: another kiosk's appointment, a booking."""

    code = "room_taken"
    says = N_(
        "La salle est déjà prise à cette heure, battements compris, par une autre borne ou une "
        "réservation. Choisissez une autre heure."
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


class NotTheDay(VisiohubError):
    """Noted as here on another day than the appointment's."""

    code = "not_the_day"
    status = 409
    says = N_("Ce rendez-vous est un autre jour. Vérifiez sa date.")


class CodesSpent(VisiohubError):
    """All wrong codes of the day are used up; unlocking is no longer possible."""

    code = "codes_spent"
    status = 409
    says = N_(
        "Trop de codes inexacts aujourd’hui sur cette borne. "
        "Le QR de la convocation marche toujours."
    )
