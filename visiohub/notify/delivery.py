"""The outbox is emptied: each message is claimed, given away, and marked, each step a commit.

A hub that ends before a mail's final dot has given away nothing, and the mail leaves later. One
that ends between the dot and the note of the answer leaves it in doubt (state `sending`): it is
sent again with the same Message-ID, as losing a convocation is worse than having it twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import structlog

from visiohub.bootstrap import Hub
from visiohub.errors import NotFound
from visiohub.notify import letters, line_mail, sms, statement_mail, webhook
from visiohub.notify.failures import DeliveryError, HttpError
from visiohub.notify.http import Limits, ask
from visiohub.notify.mail import Letter, composed
from visiohub.notify.message import Channel, Message
from visiohub.notify.notice import from_content
from visiohub.notify.smtp import MailServer
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

R = TypeVar("R")

MOST_IN_A_RUN = 500
HTTP_TIMEOUT_S = 15.0
MOST_ANSWER_BYTES = 64 * 1024
_TRY_AGAIN = {401, 403, 404, 407, 408, 425, 429}
"""Statuses below 500 that settings or time may mend; 404 is a server that is being changed, too."""

log = structlog.get_logger(__name__)


class LeaseLostError(Exception):
    """Another hub has the message meanwhile."""


class Delivery:
    """Empties a hub's outbox; waits for servers, so it is run in a thread of its own."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._settings = hub.settings

    def run(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Send what is due, until `stopping`, at most MOST_IN_A_RUN; returns how many arrived."""
        arrived = 0
        for _ in range(MOST_IN_A_RUN):
            if stopping():
                break
            message = self._do(lambda uow: uow.outbox.claim(self._hub.clock()))
            if message is None:
                break
            arrived += self._deliver(message)
        return arrived

    def _deliver(self, message: Message) -> bool:
        facts = {"id": message.id, "channel": str(message.channel), "attempt": message.attempts}
        if message.doubts:
            log.warning("message_in_doubt_sent_again", **facts)
        try:
            self._give_away(message)
        except LeaseLostError:
            return False
        except (DeliveryError, HttpError) as error:
            for_good = isinstance(error, DeliveryError) and error.for_good
            self._failed(message, str(error), facts, for_good=for_good)
            return False
        except ValueError as error:  # nothing can be made of it: it must not hold up the others
            self._failed(message, f"cannot be written: {error}", facts, for_good=True)
            return False
        self._do(lambda uow: uow.outbox.sent(message, self._hub.clock()))
        return True

    def _failed(
        self, message: Message, says: str, facts: dict[str, object], *, for_good: bool
    ) -> None:
        dead = self._do(
            lambda uow: uow.outbox.failed(message, says, self._hub.clock(), for_good=for_good)
        )
        log.warning("message_given_up" if dead else "message_not_sent", error=says, **facts)

    def _give_away(self, message: Message) -> None:
        match message.channel:
            case Channel.MAIL:
                self._mail(message)
            case Channel.SMS:
                self._sms(message)
            case Channel.WEBHOOK:
                self._webhook(message)

    def _mail(self, message: Message) -> None:
        s = self._settings
        if not s.mail_host:
            raise DeliveryError("setting mail_host is empty")
        password = s.mail_password.get_secret_value()
        server = MailServer(s.mail_host, s.mail_port, s.mail_security, s.mail_user, password)
        mail = composed(self._letter(message), message.id, message.created_at)
        server.send(s.mail_from, message.recipient, mail, lambda: self._point_of_no_return(message))

    def _letter(self, message: Message) -> Letter:
        content, to, s = message.content, message.recipient, self._settings
        if line_mail.is_line_mail(content):
            return line_mail.letter(content, s.mail_from, s.mail_from_name, to)
        if not statement_mail.is_statement(content):
            return letters.letter(from_content(content), s.mail_from, s.mail_from_name, to)
        try:
            with self._hub.reading() as uow:
                return statement_mail.letter(uow, content, to, message.created_at)
        except NotFound as error:
            raise DeliveryError("whose statement it is, is gone", for_good=True) from error

    def _sms(self, message: Message) -> None:
        s = self._settings
        if not s.sms_url:
            raise DeliveryError("setting sms_url is empty")
        text = letters.short_text(from_content(message.content))
        body = sms.body(s.sms_body, message.recipient, text)
        headers = {s.sms_header: s.sms_token.get_secret_value(), "Idempotency-Key": message.id}
        # the administrator names this one server, wherever it is
        hosts = {urlsplit(s.sms_url).hostname or ""}
        self._post(message, s.sms_url, body, headers, hosts)

    def _webhook(self, message: Message) -> None:
        with self._hub.reading() as uow:
            hook = uow.webhooks.find(message.content["webhook_id"])
        if hook is None or not hook.active:
            raise DeliveryError("the webhook is no longer there", for_good=True)
        body = message.content["body"].encode()
        seconds = int(self._hub.clock().timestamp())
        headers = webhook.headers(hook.secret, message.id, seconds, body)
        self._post(message, hook.url, body, headers, set(self._settings.private_hosts))

    def _post(
        self, message: Message, url: str, body: bytes, headers: dict[str, str], hosts: set[str]
    ) -> None:
        limits = Limits(HTTP_TIMEOUT_S, MOST_ANSWER_BYTES, hosts)
        self._point_of_no_return(message)
        answer = ask("POST", url, limits, {"Content-Type": "application/json", **headers}, body)
        if not 200 <= answer.status < 300:
            for_good = 300 <= answer.status < 500 and answer.status not in _TRY_AGAIN
            raise DeliveryError(f"HTTP status {answer.status}", for_good=for_good)

    def _point_of_no_return(self, message: Message) -> None:
        if not self._do(lambda uow: uow.outbox.sending(message)):
            raise LeaseLostError(message.id)

    def _do(self, use_case: Callable[[UnitOfWork], R]) -> R:
        within_s = self._settings.database_busy_timeout_s
        return committed(self._hub.uow, use_case, within_s=within_s)[0]


def deliver(hub: Hub, stopping: Callable[[], bool]) -> int:
    """Empty the outbox once; returns how many messages arrived."""
    return Delivery(hub).run(stopping)
