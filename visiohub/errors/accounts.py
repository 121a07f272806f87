"""What is refused at the sign-in, of passwords, and at a kiosk's enrolment."""

# ruff: noqa: N818 - refusals are named for what happened; nothing is gained by "Error" in each

from __future__ import annotations

from visiohub.errors.base import N_, VisiohubError


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
