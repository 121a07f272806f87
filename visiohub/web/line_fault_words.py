"""How a line stands and what is wrong with it, in words for technicians."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from visiohub.booking.lines.looking import LineRow, Standing
from visiohub.domain.line import LineAlert, LineCheck, LineTest
from visiohub.linkquality.emodel import mos
from visiohub.linkquality.grading import RATING, Level
from visiohub.linkquality.signatures import BelowContract, LineFull, Signature, SnrFell
from visiohub.web import formats
from visiohub.web.formats import NBSP
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import language, later
from visiohub.web.line_times import other_day, when
from visiohub.web.words import Word

STANDING = {
    Standing.OUT: Word(later("Coupée"), "crossed", "def"),
    Standing.BAD: Word(later("Insuffisante"), "triangle", "att"),
    Standing.NO_DATA: Word(later("Sans mesure"), "dashed"),
    Standing.FAIR: Word(later("Juste"), "hollow", "att"),
    Standing.UNKNOWN: Word(later("Pas encore connue"), "dashed"),
    Standing.GOOD: Word(later("Bonne"), "disc"),
    Standing.MAINTENANCE: Word(later("Arrêtée"), "barred"),
    Standing.NEVER: Word(later("Pas encore mesurée"), "dashed"),
}
"""look/LOOK.md; `NEVER` and `UNKNOWN` are kinds of "Sans mesure" that wait for nobody."""
_FINDING = Word(later("Correcte"), "half")
_ALERT = {
    "outage": later(
        "La ligne ne répond plus. Appelez le lieu : courant, box, prise. Si tout y marche, "
        "prévenez l’opérateur."
    ),
    "no_data": later(
        "Rien n’a été mesuré depuis une heure d’ouverture : la borne est éteinte, ou ses sondes ne "
        "passent pas."
    ),
    "kiosk_away": later(
        "%(kiosk)s ne répond pas, alors qu’un visio approche. Appelez le lieu : qu’on "
        "l’allume, ou qu’on prévienne la personne qui vient."
    ),
    "loss": later("%(percent)s des paquets se perdent."),
    "jitter": later("Les délais varient de %(ms)s : le son peut hacher."),
    "delay": later("Le délai aller-retour monte à %(ms)s : on se coupe la parole."),
    "capacity_down": later("Le débit vers le lieu est tombé à %(percent)s de l’habitude."),
    "capacity_up": later("Le débit depuis le lieu est tombé à %(percent)s de l’habitude."),
    "snr": later("La marge de bruit est de %(db)s. Il en faut 6 dB."),
    "snr_fall": later(
        "La marge de bruit est %(db)s sous son habitude : câble, prise ou filtre s’abîment."
    ),
    "retrains": later("La ligne s’est resynchronisée %(n)s fois en 24 heures."),
    "call_loss": later(
        "Dans les derniers appels, %(percent)s des paquets se perdaient sur la ligne : ses sondes "
        "ou son modem le confirment."
    ),
    "check": later("L’essai avant un rendez-vous est mauvais : note R estimée %(n)s sur 82."),
    "check_rate": later(
        "Avant un rendez-vous, la ligne ne portait que %(n)s kbit/s : moins que d’habitude, et "
        "trop peu pour l’image prévue."
    ),
}
_NO_ANSWER = later("L’essai avant un rendez-vous n’a rien donné : la borne ou la ligne s’est tue.")
_TAKE = later("Une règle est dépassée (%(rule)s).")
_LEVEL = {
    Level.ALARM: Word(later("Grave"), "triangle", "att"),
    Level.WARNING: Word(later("À surveiller"), "hollow", "att"),
    Level.FINE: Word(later("Fini"), "tick"),
}


_CHECK = {
    Level.ALARM: Word(later("Ligne insuffisante"), "triangle", "att"),
    Level.WARNING: Word(later("Ligne juste"), "hollow", "att"),
    Level.FINE: Word(later("Ligne essayée : bonne"), "disc"),
}
_ADVICE = {
    Level.ALARM: later("Prévenez un technicien, et prévoyez le téléphone."),
    Level.WARNING: later("Le son ou l’image peuvent en souffrir."),
}


def standing_word(row: LineRow, faults: Sequence[Signature]) -> Word:
    """A line that no alert stands on, and whose figures show something all the same, is not
    good."""
    return _FINDING if row.standing is Standing.GOOD and faults else STANDING[row.standing]


def level_word(alert: LineAlert) -> Word:
    """How bad it is; one that is over is over, however bad it was."""
    if alert.cleared_at is not None:
        return _LEVEL[Level.FINE]
    return STANDING[Standing.OUT] if alert.rule == "outage" else _LEVEL[alert.level]


def alert_sentence(alert: LineAlert) -> str:
    """What passed its limit, with the figure."""
    if alert.rule == "outage" and alert.cleared_at is not None:
        return _("La ligne a été coupée pendant %(time)s.", time=_lasted(alert))
    if alert.rule == "check" and not alert.value:
        return _(_NO_ANSWER)
    return _(
        _ALERT.get(alert.rule, _TAKE),
        percent=_percent(alert.value, int(alert.value < 0.1)),
        ms=f"{formats.number(alert.value)}{NBSP}ms",
        db=f"{formats.number(alert.value, 1)}{NBSP}dB",
        n=formats.number(alert.value),
        rule=alert.rule,
        kiosk=alert.kiosk_name or _("Le point visio"),
    )


def _lasted(alert: LineAlert) -> str:
    return formats.ago((alert.cleared_at or alert.raised_at) - alert.raised_at)


def fault_sentence(found: Signature, zone: str, now: datetime) -> str:
    """What the figures look like, and whose fault that is."""
    match found:
        case SnrFell():
            return _(
                "La marge de bruit a perdu %(db)s%(day)s à %(hour)s, et la ligne s’est "
                "resynchronisée %(n)s fois depuis : défaut de la ligne ou d’un filtre, pas "
                "un encombrement.",
                db=f"{formats.number(found.fell_db, 1)}{NBSP}dB",
                day=other_day(found.at, zone, now),
                hour=formats.hour_at(found.at, zone),
                n=found.retrains,
            )
        case LineFull(direction="up"):
            return _(
                "Le sens montant a été plein%(day)s de %(begin)s à %(end)s, pris pour %(percent)s "
                "par d’autres usages du lieu.",
                **_full(found, zone, now),
            )
        case LineFull():
            return _(
                "Le sens descendant a été plein%(day)s de %(begin)s à %(end)s, pris pour "
                "%(percent)s par d’autres usages du lieu.",
                **_full(found, zone, now),
            )
        case BelowContract(direction="up"):
            return _(
                "Le débit montant est %(percent)s sous le contrat depuis %(days)s jours.",
                percent=_percent(found.below),
                days=found.days,
            )
        case BelowContract():
            return _(
                "Le débit descendant est %(percent)s sous le contrat depuis %(days)s jours.",
                percent=_percent(found.below),
                days=found.days,
            )


def _full(found: LineFull, zone: str, now: datetime) -> dict[str, str]:
    return {
        "day": other_day(found.begin, zone, now),
        "begin": formats.hour_at(found.begin, zone),
        "end": formats.hour_at(found.end, zone),
        "percent": _percent(found.others_share),
    }


def wrongs(row: LineRow, faults: Sequence[Signature], now: datetime) -> list[str]:
    """What is wrong, the cause before the figures that follow from it."""
    zone = row.venue.time_zone
    if row.standing is Standing.NO_DATA and row.since is not None:
        silent = _(
            "La borne n’envoie plus de mesures depuis %(when)s. Vérifiez qu’elle est allumée.",
            when=when(row.since, zone, now),
        )
        return [silent, *(alert_sentence(alert) for alert in row.alerts)]
    if row.standing is Standing.MAINTENANCE:
        works = _("Des travaux sont en cours : rien n’est jugé, aucune alerte ne part.")
        return [works, *(alert_sentence(alert) for alert in row.alerts)]
    told = [fault_sentence(one, zone, now) for one in faults]
    return told + [alert_sentence(alert) for alert in row.alerts]


def unheard_sentence(port: int) -> str:
    """Of a line whose kiosk is connected, and whose probes do not arrive."""
    return _(
        "La borne est connectée, mais ses sondes n’arrivent pas : le port UDP %(port)s du serveur "
        "est fermé, ou un pare-feu les arrête. La ligne n’est pas mesurée.",
        port=port,
    )


def look_words(check: LineCheck) -> tuple[Word, str]:
    """How the line was before a visio, for those who wait for it, and what to do about it; empty
    where nothing is to be done."""
    level = check.level or Level.FINE
    return _CHECK[level], _(_ADVICE[level]) if level in _ADVICE else ""


def test_word(test: LineTest) -> Word:
    """How an ordered test went."""
    if test.answered_at is None:
        return Word(later("En cours"), "half") if test.asked_at else Word(later("Prévu"), "ring")
    known = [r for r in (test.r_up, test.r_down) if r is not None]
    if len(known) < 2:
        return Word(later("Sans résultat"), "dashed")
    level = RATING.level(min(known))
    if level is Level.FINE:
        return Word(later("Bon"), "disc")
    return (
        Word(later("Mauvais"), "triangle", "att")
        if level is Level.ALARM
        else Word(later("Juste"), "hollow", "att")
    )


def voice_words(test: LineTest) -> str:
    """How a voice would sound, by ITU-T's estimates, and what was lost; of a test that told."""
    return _(
        "Voix estimée. Montant : %(up)s. Descendant : %(down)s. %(lost)s de pertes.",
        up=_rating(test.r_up),
        down=_rating(test.r_down),
        lost=_percent(test.loss_ratio or 0.0, 1),
    )


def _rating(r: float | None) -> str:
    if r is None:
        return "–"
    return _(
        "note R %(r)s sur 82, MOS %(mos)s sur 5",
        r=formats.number(r),
        mos=formats.number(mos(r), 1),
    )


def _percent(ratio: float, digits: int = 0) -> str:
    """2,1 %; in English 2.1%."""
    return f"{formats.number(100 * ratio, digits)}{NBSP if language() == 'fr' else ''}%"
