"""What is refused at a kiosk and of calls; codes of PROTOCOL.md §5.2, sent on to the peer."""

# ruff: noqa: N818 - refusals are named for what happened; nothing is gained by "Error" in each

from __future__ import annotations

from visiohub.errors.base import N_, VisiohubError


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
