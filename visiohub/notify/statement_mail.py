"""The mail that carries an organisation's monthly statement, made when it is sent.

The outbox keeps whose it is and of which month alone: a month that is over never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import copy_context
from datetime import datetime

from visiohub.booking.rooms.statements import made_for
from visiohub.domain import hours
from visiohub.domain.tariff.months import Month
from visiohub.domain.tariff.statement import Statement
from visiohub.notify.mail import Attachment, Letter
from visiohub.settings import Settings
from visiohub.storage.uow import UnitOfWork
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import speak
from visiohub.web.room_words import euros, month_words
from visiohub.web.statement_paper import number_of, statement_paper

LANGUAGE = "fr"
"""Of the statement itself."""


def to_content(organisation_id: str, month: Month) -> dict[str, str]:
    """As the outbox keeps it."""
    return {"statement_of": organisation_id, "month": str(month)}


def is_statement(content: Mapping[str, str]) -> bool:
    """Whether `to_content` made it."""
    return "statement_of" in content


def letter(
    uow: UnitOfWork, content: Mapping[str, str], recipient: str, created_at: datetime
) -> Letter:
    """The mail, the same each time: the statement is dated with the day on which the message was
    made. Raises NotFound."""
    year, _dash, number = content["month"].partition("-")
    made = made_for(uow, content["statement_of"], Month(int(year), int(number)))
    return copy_context().run(_letter, made, uow.settings, recipient, created_at)


def _letter(made: Statement, s: Settings, recipient: str, created_at: datetime) -> Letter:
    speak(LANGUAGE)
    issued = hours.local_day(created_at, hours.zone_of(s.time_zone))
    month = month_words(made.month)
    paper = Attachment(f"{number_of(made)}.pdf", "pdf", statement_paper(made, s, issued))
    lines = [
        _("Bonjour,"),
        _("Voici le relevé de %(payer)s, pour %(month)s.", payer=made.payer.name, month=month),
        _("Total : %(total)s.", total=euros(made.totals.total)),
        _("Le détail est joint, en PDF."),
        s.statement_contact and _("Une question : %(contact)s", contact=s.statement_contact),
        s.statement_issuer,
    ]
    return Letter(
        sender=s.mail_from,
        sender_name=s.mail_from_name,
        recipient=recipient,
        language=LANGUAGE,
        subject=_("Relevé, %(month)s", month=month),
        lines=tuple(line for line in lines if line),
        attachments=(paper,),
    )
