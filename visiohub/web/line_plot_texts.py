"""What the plots of lines say."""

from __future__ import annotations

from visiohub.web.i18n import gettext as _


def plot_texts() -> dict[str, str]:
    """What the plots say; the modules write nothing of their own."""
    return {
        "ms": _("{n} ms"),
        "percent": _("{n} % perdus"),
        "rate": _("{n} Mbit/s"),
        "db": _("{n} dB"),
        "median": _("délai médian {n}"),
        "smoke": _("de {low} à {high}"),
        "up": _("montant {n}"),
        "down": _("descendant {n}"),
        "up_sync": _("synchronisé à {n} en montée"),
        "down_sync": _("synchronisé à {n} en descente"),
        "call": _("appel {n}"),
        "planned": _("visio prévue {n}"),
        "instant": _("Instant lu sur les courbes"),
        "hint": _("Passez sur les courbes pour lire un instant, ou ici avec les flèches."),
        "hint_zoom": _(
            "Passez sur les courbes pour lire un instant, tracez pour l’agrandir. "
            "Au clavier, ici : flèches pour lire, + et − pour agrandir et réduire."
        ),
        "legend_above": _(
            "Au-dessus : barre, appel ; barre vide, visio prévue ; crochet, alerte ; point, note. "
            "Colonnes pâles : appels ; grises : travaux."
        ),
        "legend_delay": _(
            "Délai : trait, médiane ; gris clair, 90 sondes sur cent ; gris foncé, 50 ; "
            "rouge sous zéro, pertes. Hachures : ligne coupée. Tirets épais : pas de mesure."
        ),
        "legend_rate": _(
            "Débits : trait et gris, mesuré ; pointillé, synchronisation du modem ; "
            "tirets, contrat."
        ),
        "legend_margin": _(
            "Marge de bruit : trait, montante ; tirets, descendante ; "
            "rouge en bas, resynchronisations."
        ),
        "retrains": _("resynchronisations : {n}"),
        "errored": _("secondes en erreur : {n}"),
        "margin": _("marge {n}"),
        "out": _("ligne coupée"),
        "none": _("pas de mesure"),
        "talk": _("150 ms : on se coupe la parole"),
        "contract": _("contrat : {n}"),
        "least_margin": _("6 dB : en dessous, la ligne décroche"),
        "not_drawn": _(
            "Les courbes ne sont pas arrivées. Le tableau les dit aussi. Rechargez la page pour "
            "réessayer."
        ),
        "failed": _("Ces mesures ne sont pas arrivées. Les courbes d’avant restent. Réessayez."),
    }
