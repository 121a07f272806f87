"""Words of the public pages: needs, lines, the waiting list, why nothing is free."""

from __future__ import annotations

from visiohub.booking.search_why import WhyNothing
from visiohub.domain.line import LineState
from visiohub.linkquality.grading import Grade
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later
from visiohub.web.room_words import cause_sentence, span_words
from visiohub.web.words import Word

NEED = {
    "interpreter": later("Un interprète"),
    "sign_language": later("La langue des signes"),
    "wheelchair": later("Un accès en fauteuil roulant"),
    "large_print": later("Des papiers en gros caractères"),
}
LINE = {
    Grade.GOOD: Word(later("Ligne bonne : image nette"), "disc"),
    Grade.FAIR: Word(later("Ligne juste : le son est sûr, l’image peut se figer"), "hollow", "att"),
    Grade.BAD: Word(
        later("Ligne insuffisante : le son peut couper, demandez à l’accueil"), "triangle", "att"
    ),
    Grade.UNKNOWN: Word(later("Ligne pas encore connue"), "dashed"),
    Grade.MAINTENANCE: Word(later("Ligne arrêtée pour travaux"), "barred"),
}
CUT = Word(later("Ligne coupée : téléphonez avant de venir"), "crossed", "def")
UNMEASURED = Word(later("Ligne sans mesure pour l’instant"), "dashed")
WAIT = {
    "waiting": Word(later("En attente d’une place"), "half"),
    "offered": Word(later("Une place vous est gardée"), "lozenge", "att"),
    "taken": Word(later("Place prise"), "tick"),
    "left": Word(later("Vous avez quitté la liste"), "barred"),
    "over": Word(later("Attente finie"), "barred"),
}
WAIT_OF_STAFF = {
    **WAIT,
    "offered": Word(later("Place gardée, sans réponse"), "lozenge", "att"),
    "left": Word(later("Liste quittée"), "barred"),
}


def line_word(state: LineState | None) -> Word:
    """What a line's state means for a talk over it."""
    if state is None:
        return UNMEASURED
    return CUT if state.out_since is not None else LINE.get(state.grade, UNMEASURED)


def why_words(why: WhyNothing, zone: str) -> str:
    """A sentence, after the time that it is about."""
    said = cause_sentence(why.cause, zone)
    if why.span is None:
        return said
    return _("%(times)s : %(said)s", times=span_words(*why.span, zone), said=said)
