"""What is refused of what people typed or chose."""

# ruff: noqa: N818 - refusals are named for what happened; nothing is gained by "Error" in each

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from visiohub.errors.base import N_, VisiohubError


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


class AlreadyWaiting(VisiohubError):
    """This telephone or address waits for the same already."""

    code = "already_waiting"
    status = 409
    says = N_(
        "Ce numéro ou cette adresse attend déjà une place de ce service dans l’un de ces lieux. "
        "Rouvrez la page de cette attente, ou téléphonez au lieu."
    )


class OfferGone(VisiohubError):
    """A slot that the waiting list was offered, and that can no longer be had."""

    code = "offer_gone"
    status = 409
    says = N_(
        "Cette place n’est plus possible. L’attente continue : nous en proposerons une autre dès "
        "qu’il y en aura une."
    )


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
