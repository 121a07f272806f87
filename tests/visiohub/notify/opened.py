"""What a mail server got, opened as messages, their calendars read by vobject."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import vobject
from hub_world import World
from mail_server import MailServer

from visiohub.notify.delivery import deliver


def sent(world: World, post: MailServer) -> dict[str, EmailMessage]:
    """What was sent since the last call, by recipient."""
    before = len(post.taken)
    deliver(world.hub, lambda: False)
    return dict(zip(post.recipients[before:], post.mails[before:], strict=True))


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    text: str = part.get_content()
    return text


def event(mail: EmailMessage) -> Any:
    """The calendar, whole."""
    (part,) = (p for p in mail.walk() if p.get_content_type() == "text/calendar")
    content = part.get_content()
    text = content.decode() if isinstance(content, bytes) else content
    calendar = vobject.readOne(text)
    assert calendar.method.value == part.get_param("method")
    return calendar
