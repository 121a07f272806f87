"""The words of states, roles and kinds: word, shape, then colour (look/LOOK.md)."""

from __future__ import annotations

from dataclasses import dataclass

from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later


@dataclass(frozen=True)
class Word:
    """How a state is shown: a message id, a shape of shapes.svg, a colour class or none."""

    text: str
    shape: str
    colour: str = ""

    def __str__(self) -> str:
        return _(self.text)


APPOINTMENT = {
    "booked": Word(later("Prévu"), "ring"),
    "confirmed": Word(later("Prévu"), "ring"),
    "arrived": Word(later("Sur place"), "disc"),
    "in_call": Word(later("En cours"), "half"),
    "done": Word(later("Terminé"), "tick"),
    "cancelled": Word(later("Annulé"), "barred"),
    "no_show": Word(later("Absence"), "hollow", "att"),
    "lost": Word(later("Perdu, panne"), "crossed", "def"),
}
CALL = {
    "waiting": Word(later("En attente"), "half"),
    "admitted": Word(later("Sonne"), "ring"),
    "negotiating": Word(later("Sonne"), "ring"),
    "connected": Word(later("En cours"), "disc"),
    "interrupted": Word(later("Interrompu"), "crossed", "def"),
    "ended": Word(later("Terminé"), "tick"),
}
END = {
    "hung_up_by_agent": Word(later("Fini par l’agent"), "tick"),
    "hung_up_by_citizen": Word(later("Fini par la personne"), "tick"),
    "left_by_citizen": Word(later("Partie avant l’appel"), "barred"),
    "refused": Word(later("Pas pris"), "barred"),
    "line_fault": Word(later("Ligne coupée"), "crossed", "def"),
    "kiosk_fault": Word(later("Borne en panne"), "crossed", "def"),
    "agent_lost": Word(later("Agent perdu"), "hollow", "att"),
    "agent_absent": Word(later("Sans réponse"), "hollow", "att"),
    "revoked": Word(later("Borne retirée"), "barred"),
}
KIOSK = {
    "ready": Word(later("Prêt"), "disc"),
    "in_call": Word(later("En appel"), "half"),
    "trouble": Word(later("Appareil en panne"), "hollow", "att"),
    "away": Word(later("Ne répond pas"), "crossed", "def"),
    "closed": Word(later("Lieu fermé"), "barred"),
    "new": Word(later("Pas encore installé"), "dashed"),
    "revoked": Word(later("Retiré"), "barred"),
}
DEVICE = {
    "ok": Word(later("marche"), "disc"),
    "muted": Word(later("coupé"), "half"),
    "absent": Word(later("absent"), "dashed"),
    "not_fitted": Word(later("pas prévu"), "dashed"),
    "unplugged": Word(later("débranché"), "hollow", "att"),
    "failed": Word(later("en panne"), "crossed", "def"),
}
DEVICE_KIND = {
    "camera": later("Caméra"),
    "microphone": later("Micro"),
    "speaker": later("Haut-parleur"),
    "screen": later("Écran"),
}
DEVICE_OF = {
    "kiosk.camera": later("Caméra de la borne"),
    "kiosk.microphone": later("Micro de la borne"),
    "kiosk.speaker": later("Haut-parleur de la borne"),
    "kiosk.screen": later("Écran de la borne"),
    "agent.camera": later("Caméra de l’agent"),
    "agent.microphone": later("Micro de l’agent"),
    "agent.speaker": later("Haut-parleur de l’agent"),
    "agent.screen": later("Écran de l’agent"),
}
"""By end of a call and kind of device, as domain/record.py writes faults down."""
ROLE = {
    "administrator": later("administration"),
    "coordinator": later("coordination"),
    "reception": later("accueil"),
    "agent": later("agent"),
    "professional": later("professionnel"),
    "technician": later("technique"),
    "social_worker": later("travail social"),
}
LINE = {"adsl": later("ADSL"), "sdsl": later("SDSL"), "other": later("autre")}
REFUSAL = {
    "other_day": later("Un autre jour"),
    "by_phone": later("Par téléphone"),
    "wrong_service": later("Un autre service"),
    "missing_document": later("Il manque un document"),
    "other": later("Autre raison"),
}
DESPITE = {
    "agent_agrees": later("Oui, l’agent est d’accord"),
    "calendar_old": later("Oui, son agenda n’est plus à jour"),
    "urgent": later("Oui, c’est urgent"),
}
"""Of domain.connections.Despite."""
WORDS = {
    "appointment": APPOINTMENT,
    "call": CALL,
    "end": END,
    "kiosk": KIOSK,
    "device": DEVICE,
    "device_kind": DEVICE_KIND,
    "device_of": DEVICE_OF,
    "role": ROLE,
    "line": LINE,
    "refusal": REFUSAL,
    "despite": DESPITE,
}
