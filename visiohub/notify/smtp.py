"""Giving one mail to a mail server, in two steps.

No protocol makes sure that a mail is taken over exactly once: when the connection or the sender
ends after the final dot and before the answer, nobody knows (RFC 1047). So everything but the dot
goes first: until then the server has taken over nothing (RFC 5321 section 4.1.1.4).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from visiohub.notify.failures import DeliveryError

TIMEOUT_S = 30
_REMEDY = {535: "mail_user, mail_password", 530: "mail_security, mail_user"}


@dataclass(frozen=True)
class MailServer:
    """Where mails are given in; `security` is "none", "starttls" or "tls"."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = ""

    def send(self, sender: str, recipient: str, mail: str, at_the_dot: Callable[[], None]) -> None:
        """Give it in; `at_the_dot` is called when all but the final dot is with the server.

        Raises DeliveryError, and what `at_the_dot` raises: the server has then taken nothing.
        """
        try:
            with self._connected() as server:
                _expect(server.mail(sender), 250)
                _expect(server.rcpt(recipient), 250, 251)
                server.putcmd("DATA")
                _expect(server.getreply(), 354)
                server.send(_stuffed(mail))
                try:
                    at_the_dot()
                except BaseException:
                    server.close()  # without the dot nothing is taken over
                    raise
                server.send(b".\r\n")
                _expect(server.getreply(), 250)
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            why = error if str(error) else type(error).__name__
            raise DeliveryError(f"{self.host}:{self.port}: {why}") from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_S, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def _expect(answer: tuple[int, bytes], *wanted: int) -> None:
    if answer[0] not in wanted:
        raise smtplib.SMTPResponseException(*answer)


def _refused(code: int, says: bytes | str) -> DeliveryError:
    """5xx of the address or of the mail is for good; one that settings mend is tried again."""
    text = says.decode("utf-8", "replace") if isinstance(says, bytes) else says
    if code in _REMEDY:
        return DeliveryError(f"{code} {text} (settings {_REMEDY[code]})")
    return DeliveryError(f"{code} {text}", for_good=code >= 500)


def _stuffed(mail: str) -> bytes:
    """With CR LF at each line's end and dots doubled (RFC 5321 section 4.5.2)."""
    lines = mail.replace("\r\n", "\n").rstrip("\n").split("\n")
    return "".join(f"{'.' if line[:1] == '.' else ''}{line}\r\n" for line in lines).encode("ascii")
