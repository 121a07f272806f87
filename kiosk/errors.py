"""What can go wrong on a kiosk, as a small tree with stable codes."""

from __future__ import annotations


class KioskError(Exception):
    """Base: `code` is stable, `detail` is for developers and logs, in English."""

    code = "kiosk_error"

    def __init__(self, detail: str = "", code: str | None = None) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        if code is not None:
            self.code = code


class SettingsError(KioskError):
    """The settings file or a KIOSK_* variable says something that does not exist or fit."""

    code = "settings_refused"


class NotEnrolledError(KioskError):
    """There is no key in the state directory yet."""

    code = "not_enrolled"


class AlreadyEnrolledError(KioskError):
    """There is a key already; replacing it must be said."""

    code = "already_enrolled"


class KeyUnreadableError(KioskError):
    """The key file is there and cannot be used."""

    code = "key_unreadable"


class KeyNotKeptError(KioskError):
    """The hub took the code and knows the key, which could then not be written here."""

    code = "key_not_kept"


class EnrolmentRefusedError(KioskError):
    """The hub answered and did not enrol; `code` is the hub's."""

    code = "enrolment_refused"


class HubUnreachableError(KioskError):
    """No answer from that address."""

    code = "hub_unreachable"


class HubNotTrustedError(KioskError):
    """TLS fails: its certificate is not accepted, or it speaks no TLS there."""

    code = "hub_not_trusted"


class HubBusyError(KioskError):
    """The hub, or the proxy before it, wants fewer tries; `detail` is the wait in words."""

    code = "hub_busy"


class NotAHubError(KioskError):
    """Something answers there, and it is no hub."""

    code = "not_a_hub"


class ScreenPortTakenError(KioskError):
    """Another program listens on the screen's port."""

    code = "screen_port_taken"
