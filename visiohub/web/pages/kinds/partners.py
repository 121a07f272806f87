"""Partners and their services."""

from __future__ import annotations

from visiohub.booking.forms import (
    PartnerForm,
    ServiceForm,
)
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.pages.kinds import choices
from visiohub.web.pages.kinds.description import Input, Kind

PARTNERS = Kind(
    "partners",
    later("Organismes"),
    later("Nouvel organisme"),
    PartnerForm,
    (
        Input("name", later("Nom")),
        Input(
            "short_name",
            later("Nom court"),
            hint=later("Celui des écrans et des convocations, par exemple CAF"),
            width="half",
        ),
        Input("phone", later("Téléphone"), "tel", width="half"),
        Input(
            "latitude",
            later("Latitude"),
            "number",
            later("Entre −90 et 90, par exemple 44,32"),
            required=False,
            width="half",
            group=later("Le bureau où les gens iraient sinon"),
        ),
        Input(
            "longitude",
            later("Longitude"),
            "number",
            later("Pour compter les trajets évités, page Usage"),
            required=False,
            width="half",
        ),
    ),
    lambda _uow, p: (p.short_name, p.name, p.phone),
    (later("Nom court"), later("Nom"), later("Téléphone")),
)

SERVICES = Kind(
    "services",
    later("Services"),
    later("Nouveau service"),
    ServiceForm,
    (
        Input(
            "partner_id",
            later("Organisme"),
            "choose",
            options=choices.partners,
            blank=later("Choisir un organisme"),
            width="third",
        ),
        Input("name", later("Nom"), width="two-thirds"),
        Input(
            "duration_minutes",
            later("Durée (minutes)"),
            "number",
            later("Par quarts d’heure, de 15 à 240"),
            width="third",
        ),
        Input(
            "walk_in",
            later("Peut être appelé sans rendez-vous"),
            "flag",
            required=False,
            width="two-thirds",
        ),
        Input(
            "to_bring",
            later("À apporter"),
            "lines",
            later("Un document par ligne. Dit par l’accueil, jamais imprimé."),
            required=False,
        ),
        Input(
            "venue_ids",
            later("Lieux où il est proposé"),
            "checks",
            later("Aucun coché : partout."),
            required=False,
            options=choices.venues,
        ),
        Input(
            "notice_minutes",
            later("Prévenir avant (minutes)"),
            "number",
            later("1440 : la veille. 0 : jusqu’au dernier moment."),
            required=False,
            width="half",
            group=later("Réserver"),
        ),
        Input(
            "horizon_days",
            later("Réserver au plus tôt (jours avant)"),
            "number",
            later("Vide : jusqu’à deux ans avant."),
            required=False,
            width="half",
        ),
        Input(
            "buffer_before_minutes",
            later("Battement avant (minutes)"),
            "number",
            later("La borne, la salle et l’agent restent libres."),
            required=False,
            width="half",
        ),
        Input(
            "buffer_after_minutes",
            later("Battement après (minutes)"),
            "number",
            later("Pour écrire le compte rendu, aérer la salle."),
            required=False,
            width="half",
        ),
        Input(
            "shortest_minutes",
            later("Durée la plus courte (minutes)"),
            "number",
            later("Vide : la durée habituelle. Au choix de l’accueil et des agents."),
            required=False,
            width="half",
        ),
        Input(
            "longest_minutes",
            later("Durée la plus longue (minutes)"),
            "number",
            later("Vide : la durée habituelle."),
            required=False,
            width="half",
        ),
    ),
    lambda uow, s: (
        s.name,
        uow.partners.get(s.partner_id).short_name,
        _("%(n)s min", n=s.duration_minutes),
    ),
    (later("Nom"), later("Organisme"), later("Durée")),
    first_step=later("Créez d’abord un organisme, puis ses services."),
)
