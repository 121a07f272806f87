"""A real SMTP server in a thread, which keeps what it took over."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class MailServer:
    """`taken` is what it answered 250 for, or would have. `before_taking` is called when a sender
    is named, `after_taking` between the final dot and the answer, which it may give itself."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[bytes] = []
        self.recipients: list[str] = []
        self.before_taking: Callable[[], str | None] = lambda: None
        self.after_taking: Callable[[], str | None] = lambda: None
        self.refuse_recipient: Callable[[str], str | None] = lambda _address: None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if says := self.before_taking():
            return says
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if says := self.refuse_recipient(address):
            return says
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        return self.after_taking() or "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one, policy=default) for one in self.taken]  # type: ignore[misc]

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port, **options)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()
