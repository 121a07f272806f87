"""What is said of each HTTP status and of dead links: to people, and to programs below /api."""

from __future__ import annotations

from dataclasses import dataclass, replace

from visiohub.web.i18n import later


@dataclass(frozen=True)
class Trouble:
    """A page of trouble: stable code, what happened, what it means, what to do."""

    code: str
    title: str
    means: str
    advice: str
    next: str = ""
    """The one next step: "reload", "back", "sign_in", "my", "near"; otherwise the first page."""


NOTHING_DONE = later("Rien n’a été fait.")
NOTHING_KEPT = later(
    "Rien n’a été enregistré. Ce que vous avez écrit est encore dans le formulaire."
)
TROUBLES: dict[int, Trouble] = {
    400: Trouble(
        "bad_request",
        later("Cette demande est mal formée."),
        NOTHING_DONE,
        later("Revenez en arrière, puis recommencez."),
        "back",
    ),
    401: Trouble(
        "not_signed_in",
        later("Votre session est finie."),
        NOTHING_KEPT,
        later("Connectez-vous dans un autre onglet, puis revenez ici et renvoyez le formulaire."),
        "sign_in",
    ),
    403: Trouble(
        "not_allowed",
        later("Cette page n’est pas ouverte à votre compte."),
        later("Votre rôle ne permet pas de la voir. Rien n’a été changé."),
        later("Demandez l’accès à l’administration du territoire."),
    ),
    404: Trouble(
        "not_found",
        later("Cette page n’existe pas, ou plus."),
        later("L’adresse est inexacte, ou ce qu’elle montrait a été retiré."),
        later("Vérifiez l’adresse, ou repartez de la première page."),
    ),
    405: Trouble(
        "method_not_allowed",
        later("Cette adresse ne s’utilise pas ainsi."),
        NOTHING_DONE,
        later("Repartez de la première page."),
    ),
    409: Trouble(
        "changed_meanwhile",
        later("Cela a changé entre-temps."),
        NOTHING_DONE,
        later("Revenez en arrière, puis rechargez la page."),
        "back",
    ),
    413: Trouble(
        "too_large",
        later("Ce que vous envoyez est trop long."),
        NOTHING_KEPT,
        later("Revenez en arrière et raccourcissez."),
        "back",
    ),
    415: Trouble(
        "wrong_content_type",
        later("Ce format n’est pas accepté."),
        NOTHING_KEPT,
        later("Revenez en arrière et utilisez le formulaire."),
        "back",
    ),
    429: Trouble(
        "too_many_attempts",
        later("Trop d’essais."),
        later("C’est une protection. Rien n’a été fait."),
        later("Attendez quelques minutes, puis recommencez."),
        "back",
    ),
    500: Trouble(
        "internal",
        later("Quelque chose n’a pas marché de notre côté."),
        later("Ce n’est pas votre faute."),
        later("Réessayez ; si cela dure, donnez ce numéro."),
        "reload",
    ),
    503: Trouble(
        "not_ready",
        later("Le service démarre ou a trop à faire."),
        later("Rien n’a été fait. Cela dure quelques secondes."),
        later("Attendez un peu, puis réessayez."),
        "reload",
    ),
}
FOR_PROGRAMS: dict[int, Trouble] = {
    400: replace(
        TROUBLES[400], advice=later("Corrigez-la. /api/openapi.json dit ce qui est attendu.")
    ),
    401: replace(
        TROUBLES[401],
        title=later("Aucune session ouverte, aucune clé valable."),
        means=NOTHING_DONE,
        advice=later(
            "Renvoyez la demande avec le cookie d’une session ouverte, ou avec une clé valable."
        ),
    ),
    403: replace(
        TROUBLES[403],
        title=later("Ce compte ou cette clé ne peut pas cela."),
        means=NOTHING_DONE,
        advice=later("Demandez ce droit à l’administration du territoire."),
    ),
    404: replace(
        TROUBLES[404],
        title=later("Il n’y a rien à cette adresse, ou plus rien."),
        means=NOTHING_DONE,
        advice=later("Vérifiez l’adresse et l’identifiant ; /api/openapi.json donne les adresses."),
    ),
    405: replace(
        TROUBLES[405], advice=later("L’en-tête Allow et /api/openapi.json disent comment.")
    ),
    413: replace(
        TROUBLES[413],
        means=NOTHING_DONE,
        advice=later("Raccourcissez, ou partagez en plusieurs demandes."),
    ),
    415: replace(
        TROUBLES[415],
        means=NOTHING_DONE,
        advice=later("Envoyez du JSON, avec l’en-tête Content-Type : application/json."),
    ),
}
"""Below /api there is no form to go back to."""
FORM_FOR_PROGRAMS = later("Rien n’a été fait. Corrigez ce qui est indiqué.")
"""Of a body that was well formed; nothing of it is kept for another try."""
FIELDS = {413: "body", 415: "Content-Type"}
"""What is wrong in a request to the API."""
CROSS_SITE = Trouble(
    "cross_site",
    later("Cette demande vient d’un autre site."),
    NOTHING_DONE,
    later("Ouvrez la page sur ce site, puis recommencez."),
)
CROSS_SITE_API = replace(
    CROSS_SITE, advice=later("Envoyez l’en-tête Origin de ce site, ou servez-vous d’une clé.")
)
LINKS: dict[str, Trouble] = {
    "appointment_link_dead": Trouble(
        "appointment_link_dead",
        later("Ce lien n’ouvre aucun rendez-vous."),
        later("Il est coupé, ou une convocation plus récente l’a remplacé."),
        later("Ouvrez le lien de votre dernier message, ou donnez le code de la convocation."),
        "my",
    ),
    "waiting_link_dead": Trouble(
        "waiting_link_dead",
        later("Ce lien n’ouvre aucune inscription sur la liste d’attente."),
        later("Il est coupé, ou l’inscription a été effacée."),
        later("Ouvrez le lien de votre dernier message, ou cherchez une place libre."),
        "near",
    ),
    "nothing_chosen": Trouble(
        "nothing_chosen",
        later("Choisissez d’abord un service et un lieu."),
        NOTHING_DONE,
        later("Cherchez une place libre, puis touchez l’heure qui vous convient."),
        "near",
    ),
}
"""Of citizens who came by a link, each with its own way on."""
