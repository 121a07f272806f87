"""What is refused of orders for a line; `says` is as in visiohub.errors."""

# ruff: noqa: N818 - refusals are named for what happened, as in visiohub.errors

from __future__ import annotations

from visiohub.errors import N_, VisiohubError


class NoEncryptionKey(VisiohubError):
    """A secret was to be kept, and there is no key to encrypt it with."""

    code = "no_encryption_key"
    status = 409
    says = N_(
        "Rien n’est enregistré : le hub n’a pas de clé pour chiffrer ce secret. "
        "L’administrateur du serveur en écrit une dans le réglage encryption_keys."
    )


class LineMeasured(VisiohubError):
    """A technician measures the line, which is reserved meanwhile."""

    code = "line_measured"
    status = 409
    says = N_(
        "La ligne de ce lieu est mesurée en ce moment, deux minutes au plus. "
        "Attendez la fin, ou choisissez une autre heure ou un autre lieu."
    )
    default_field = "time"


class SpeedRefused(VisiohubError):
    """The line is not measured now; `why` is in `WHY`, with its sentence."""

    code = "speed_refused"
    status = 409

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail or why)
        self.why = why
        self.says = WHY[why]


WHY = {
    "away": N_(
        "Aucun point visio de ce lieu n’est en liaison, et c’est lui qui mesure. "
        "Vérifiez qu’il est allumé."
    ),
    "call": N_("Un appel est en cours ou attend dans ce lieu. Mesurez quand il sera fini."),
    "visio": N_(
        "Une visio est prévue sur cette ligne dans les dix minutes, ou n’est pas finie. "
        "Mesurez à un autre moment."
    ),
    "measured": N_("Une mesure est déjà en cours sur cette ligne. Son résultat vient ici."),
    "budget": N_(
        "Cette mesure coûte plus que ce qui reste aujourd’hui pour les sondes. "
        "Cochez la case pour la faire quand même."
    ),
    "often": N_(
        "Trop de mesures en peu de temps : douze par heure et par ligne, quatre à la fois en tout. "
        "Réessayez plus tard."
    ),
}
