"""Mails as they are sent: plain text, HTML, and an invitation that calendars understand. Pure.

The calendar is one of the alternatives, as RFC 6047 section 2.4 wants it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from unicodedata import category

from visiohub.notify.ics import Method

ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,187}[A-Za-z0-9])?"
"""What HTML's e-mail fields take (html.spec.whatwg.org, "valid email address"), of RFC 5321's
lengths; nothing else gets into a header or into a command of SMTP."""
LONGEST_LINE = 200


@dataclass(frozen=True)
class Attachment:
    """A file; `subtype` of application/."""

    name: str
    subtype: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """What a mail says; `lines` are paragraphs, `calendar` an iCalendar with this method."""

    sender: str
    sender_name: str
    recipient: str
    language: str
    subject: str
    lines: tuple[str, ...]
    calendar: bytes = b""
    method: Method = Method.REQUEST
    attachments: tuple[Attachment, ...] = ()


def is_address(value: str) -> bool:
    """One plain address, without a name."""
    local = value.partition("@")[0]
    odd = ".." in value or local.startswith(".") or local.endswith(".")
    return bool(re.fullmatch(ADDRESS, value)) and not odd


def composed(letter: Letter, message_id: str, now: datetime) -> str:
    """The whole mail, in ASCII with CR LF. The id stays the same at each attempt, so that a
    mailbox can leave out what comes twice. ValueError: an address is none."""
    for address in (letter.sender, letter.recipient):
        if not is_address(address):
            raise ValueError(f"{address!r} is no address of a mail")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(one_line(letter.sender_name), addr_spec=letter.sender)
    mail["To"] = letter.recipient
    mail["Subject"] = one_line(letter.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}@{letter.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
    mail.set_content("\n\n".join(letter.lines) + "\n", cte="quoted-printable")
    mail.add_alternative(_html(letter), subtype="html", cte="quoted-printable")
    if letter.calendar:
        mail.add_alternative(
            letter.calendar,
            maintype="text",
            subtype="calendar",
            params={"method": str(letter.method), "charset": "utf-8"},
        )
    for file in letter.attachments:
        name = one_line(file.name)
        mail.add_attachment(file.content, "application", file.subtype, filename=name)
    mail["Content-Language"] = letter.language  # last: it would go to the first part
    several = [part for part in mail.walk() if part.is_multipart()]
    for n, part in enumerate(several):  # nothing in the mail is left to chance
        part.set_boundary(f"visiohub-{message_id}" + f"-{n}" * bool(n))
    return mail.as_bytes().decode("ascii")


def one_line(value: str) -> str:
    """What may stand in a header: one line without control characters, not too long."""
    plain = "".join(" " if category(c)[0] in "CZ" else c for c in value)
    return " ".join(plain.split())[:LONGEST_LINE]


def _html(letter: Letter) -> str:
    paragraphs = "\n".join(
        f"<p>{escape(line).replace(chr(10), '<br>')}</p>" for line in letter.lines
    )
    return (
        f'<!doctype html>\n<html lang="{escape(letter.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(one_line(letter.subject))}</title></head>\n"
        f'<body style="font-family: sans-serif; font-size: 1rem; line-height: 1.5">\n'
        f"{paragraphs}\n</body></html>\n"
    )
