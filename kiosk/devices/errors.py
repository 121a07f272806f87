"""What can go wrong with a device: one class, stable codes."""

from __future__ import annotations

from kiosk.errors import KioskError


class DeviceError(KioskError):
    """A device cannot do what it was asked.

    `code` is stable: `bad_spec`, `no_such_path`, `cannot_open`, `stopped`, `no_portaudio`.
    `field` names the setting at fault, `remedy` says what to do about it.
    """

    def __init__(self, code: str, detail: str, *, field: str = "", remedy: str = "") -> None:
        self.field = field
        self.remedy = remedy
        super().__init__(detail, code)

    def __str__(self) -> str:
        head = f"{self.field}: {self.detail}" if self.field else self.detail
        return f"{head}. {self.remedy}" if self.remedy else head
