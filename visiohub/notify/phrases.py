"""The sentences of a notice, in the language that is spoken: subject, news, what to do."""

from __future__ import annotations

from datetime import datetime

from visiohub.notify.notice import Change, Notice, Reader, Settled, Time
from visiohub.web.formats import hour_at, last_day, local, long_day
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import ngettext
from visiohub.web.room_words import euros

MOST_DATES = 30
"""A series' dates that a mail lists; its calendar has all of them."""


def is_of_rooms(notice: Notice) -> bool:
    """Whether it tells of a booking of rooms, and not of a citizen's appointment."""
    return notice.reader is Reader.BOOKER or notice.change in {Change.RELEASED, Change.LAPSED}


def subject(notice: Notice) -> str:
    """What happened, and when it is."""
    when = _when(notice.times[0].starts_at, notice.time_zone)
    if is_of_rooms(notice):
        return _subject_of_rooms(notice.change, when)
    match notice.change:
        case Change.MOVED:
            return _("Visio-rendez-vous déplacé : %(when)s", when=when)
        case Change.CANCELLED:
            return _("Visio-rendez-vous annulé : %(when)s", when=when)
        case Change.REMINDER:
            return _("Rappel de votre visio-rendez-vous : %(when)s", when=when)
        case Change.OFFERED if notice.reader is Reader.DESK:
            return _("Une personne à prévenir, pour une place : %(when)s", when=when)
        case Change.OFFERED:
            return _("Une place pour vous : %(when)s", when=when)
        case _:
            return _("Visio-rendez-vous : %(when)s", when=when)


def _subject_of_rooms(change: Change, when: str) -> str:
    match change:
        case Change.REQUESTED:
            return _("Salle demandée : %(when)s", when=when)
        case Change.APPROVED:
            return _("Salle accordée : %(when)s", when=when)
        case Change.MOVED:
            return _("Réservation déplacée : %(when)s", when=when)
        case Change.CANCELLED:
            return _("Réservation annulée : %(when)s", when=when)
        case Change.REFUSED:
            return _("Salle refusée : %(when)s", when=when)
        case Change.RELEASED:
            return _("Salle rendue, personne n’est venu : %(when)s", when=when)
        case Change.SHUT:
            return _("Lieu fermé, salle annulée : %(when)s", when=when)
        case Change.LAPSED:
            return _("Demande restée sans réponse : %(when)s", when=when)
        case Change.REMINDER:
            return _("Rappel de votre réservation : %(when)s", when=when)
        case _:
            return _("Salle réservée : %(when)s", when=when)


def lines(notice: Notice) -> tuple[str, ...]:
    """The paragraphs of a mail."""
    said = [_("Bonjour,"), _news(notice), *_dates(notice), *_money(notice)]
    if notice.partner:
        said.append(_with(notice))
    said.append(_("Lieu : %(place)s", place="\n".join(notice.place)))
    return (*said, *_what_to_do(notice))


def held(notice: Notice) -> str:
    """Until when an offer is held."""
    until = _when(notice.until, notice.time_zone) if notice.until else ""
    return _("La place est gardée jusqu’à ce moment : %(until)s.", until=until)


def take_it(notice: Notice) -> str:
    """The link that takes an offer."""
    return _("Pour la prendre ou la laisser : %(link)s", link=notice.link)


def _with(notice: Notice) -> str:
    if notice.reader is Reader.DESK:
        return _("Organisme : %(partner)s", partner=notice.partner)
    return _("Vous parlerez avec : %(partner)s", partner=notice.partner)


def _news(notice: Notice) -> str:
    when = _when(notice.times[0].starts_at, notice.time_zone)
    until = _until(notice.times[0], notice.time_zone)
    was = _when(notice.was_at, notice.time_zone) if notice.was_at else ""
    match notice.change:
        case Change.BOOKED | Change.REMINDER if is_of_rooms(notice):
            return _("Votre réservation : %(when)s, jusqu’à %(until)s.", when=when, until=until)
        case Change.BOOKED | Change.REMINDER:
            return _(
                "Votre visio-rendez-vous : %(when)s, jusqu’à %(until)s.", when=when, until=until
            )
        case Change.REQUESTED:
            says = _("Votre demande : %(when)s, jusqu’à %(until)s.", when=when, until=until)
            return says + " " + _("Le lieu vous répondra ; l’heure est gardée jusque-là.")
        case Change.APPROVED:
            says = _("Votre réservation : %(when)s, jusqu’à %(until)s.", when=when, until=until)
            return _("Le lieu est d’accord.") + " " + says
        case Change.MOVED:
            says = _(
                "Nouvelle heure ou nouveau lieu : %(when)s, jusqu’à %(until)s.",
                when=when,
                until=until,
            )
            return f"{says} " + _("C’était : %(was)s.", was=was) if was else says
        case Change.REFUSED:
            return _(
                "Le lieu ne peut pas donner cette salle : %(when)s. Elle n’est pas due.", when=when
            )
        case Change.CANCELLED:
            return _("Il n’y a plus rien à cette heure : %(when)s.", when=when)
        case Change.RELEASED:
            at = hour_at(notice.changed_at, notice.time_zone)
            return _("Personne n’a été noté sur place. La salle est libre depuis %(at)s.", at=at)
        case Change.SHUT:
            says = _("Le lieu est fermé à cette heure.")
            return f"{says} " + _("La salle n’est plus gardée. Elle n’est pas due.")
        case Change.LAPSED:
            says = _("Le lieu n’avait pas répondu, et personne n’est venu.")
            return f"{says} " + _("La salle n’est plus gardée. Elle n’est pas due.")
        case Change.OFFERED if notice.reader is Reader.DESK:
            says = _("Une personne de la liste d’attente n’a ni courriel ni mobile.")
            return " ".join((says, _("Prévenez-la."), held(notice)))
        case Change.OFFERED:
            says = _("Une place est libre : %(when)s, jusqu’à %(until)s.", when=when, until=until)
            return f"{says} {held(notice)}"


def _money(notice: Notice) -> list[str]:
    """What is to be paid of rooms that are given up, and what is not any more."""
    if notice.settled is None:
        return []
    said = _given_back(notice.settled)
    if notice.change is not Change.SHUT:  # other rooms of the booking may be to be paid
        said = [_to_pay(notice.settled), *said]
    return [" ".join(said)] if said else []


def _to_pay(settled: Settled) -> str:
    values = {"total": euros(settled.stays), "organisation": settled.organisation}
    if settled.stays > 0 and settled.organisation:
        return _("Il reste %(total)s à payer par %(organisation)s.", **values)
    if settled.stays > 0:
        return _("Il vous reste %(total)s à payer.", **values)
    if settled.organisation:
        return _("%(organisation)s n’a rien à payer.", **values)
    return _("Vous n’avez rien à payer.")


def _given_back(settled: Settled) -> list[str]:
    said = []
    if settled.back:
        said.append(_("Rendu sur le relevé : %(total)s.", total=euros(settled.back)))
    if settled.drawn_back and settled.drawn_back < settled.drawn:
        said.append(_("Ce qui a été pris d’un carnet ou d’un quota est rendu en partie."))
    elif settled.drawn_back:
        said.append(_("Ce qui a été pris d’un carnet ou d’un quota est rendu."))
    elif settled.drawn:
        said.append(_("Ce qui a été pris d’un carnet ou d’un quota n’est pas rendu."))
    return said


def _dates(notice: Notice) -> list[str]:
    """Of a series."""
    if len(notice.times) < 2:
        return []
    shown = [_when(time.starts_at, notice.time_zone) for time in notice.times[:MOST_DATES]]
    if more := len(notice.times) - len(shown):
        shown.append(ngettext("et %(n)s autre date", "et %(n)s autres dates", more))
    return ["\n".join(shown)]


def _what_to_do(notice: Notice) -> list[str]:
    match notice.change, notice.reader:
        case ((Change.CANCELLED | Change.REFUSED), _):
            return []
        case ((Change.RELEASED | Change.LAPSED | Change.SHUT), _):
            return [_("Pour voir la réservation : %(link)s", link=notice.link)]
        case Change.OFFERED, Reader.DESK:
            return [_("Pour l’appeler et noter sa réponse : %(link)s", link=notice.link)]
        case Change.OFFERED, _:
            coming = [take_it(notice)]
        case Change.MOVED, Reader.CITIZEN:
            coming = [_("Votre convocation et votre code restent les mêmes."), *_to_change(notice)]
        case _, Reader.CITIZEN:
            paper = _("Venez quelques minutes avant l’heure, avec votre convocation ou votre code.")
            coming = [paper, *_to_change(notice)]
        case _:
            coming = _to_change(notice)
    if notice.phone:
        coming.append(_("Un empêchement, une question : %(phone)s", phone=notice.phone))
    return coming


def _to_change(notice: Notice) -> list[str]:
    return [_("Pour voir, déplacer ou annuler : %(link)s", link=notice.link)] if notice.link else []


def _when(instant: datetime, zone: str) -> str:
    return f"{long_day(local(instant, zone).date())}, {hour_at(instant, zone)}"


def _until(time: Time, zone: str) -> str:
    """When it ends, with its day where that is another one."""
    if last_day(time.ends_at, zone) == local(time.starts_at, zone).date():
        return hour_at(time.ends_at, zone)
    return _when(time.ends_at, zone)
