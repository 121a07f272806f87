"""Accounts."""

from __future__ import annotations

from visiohub.booking.forms import (
    PersonForm,
)
from visiohub.storage.uow import UnitOfWork
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.pages.kinds import choices
from visiohub.web.pages.kinds.description import Input, Kind, Options
from visiohub.web.words import ROLE


def _roles(_uow: UnitOfWork) -> Options:
    return [(key, _(text)) for key, text in ROLE.items()]


def _languages(_uow: UnitOfWork) -> Options:
    return [("", _("Celle du navigateur")), ("fr", "Français"), ("en", "English")]


PEOPLE = Kind(
    "people",
    later("Équipes"),
    later("Nouveau compte"),
    PersonForm,
    (
        Input(
            "login",
            later("Identifiant"),
            hint=later("Lettres minuscules, chiffres, point, tiret"),
            width="half",
            group=later("La personne"),
        ),
        Input(
            "label",
            later("Nom affiché"),
            hint=later("Un rôle et un lieu, ou un nom"),
            width="half",
        ),
        Input("initials", later("Initiales"), required=False, width="third"),
        Input(
            "email",
            later("Courriel"),
            hint=later("Pour ses rendez-vous et ses réservations"),
            required=False,
            width="two-thirds",
        ),
        Input(
            "roles",
            later("Rôles"),
            "checks",
            options=_roles,
            group=later("Ce qu’elle voit et fait"),
        ),
        Input(
            "partner_id",
            later("Organisme, pour un agent"),
            "choose",
            required=False,
            options=choices.partners,
            blank=later("Aucun"),
        ),
        Input(
            "venue_ids",
            later("Lieux, pour l’accueil"),
            "checks",
            required=False,
            options=choices.venues,
        ),
        Input("language", later("Langue des pages"), "choose", options=_languages),
    ),
    lambda _uow, p: (
        p.label,
        p.login,
        ", ".join(_(ROLE[role]) for role in sorted(p.roles)),
    ),
    (later("Nom affiché"), later("Identifiant"), later("Rôles")),
)
