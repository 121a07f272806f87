"""The base of all refusals, and the settings' own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "extract, translate later"
    """Mark a sentence for extraction; it is translated where it is shown."""
    return text


class VisiohubError(Exception):
    """Base of all refusals; never raised itself.

    `field` is what a form calls what it is about, `about` an identifier that it is about: programs
    are told which field of their request that is (web/api/about.py).
    """

    code: ClassVar[str]
    status: ClassVar[int]
    says: str

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        about: str | None = None,
        retry_after_s: float | None = None,
        **params: object,
    ) -> None:
        super().__init__(detail or self.code)
        self.field = field if field is not None else self.default_field
        self.about = about
        self.retry_after_s = retry_after_s
        self.params = params

    default_field: ClassVar[str | None] = None

    @property
    def more(self) -> Sequence[str]:
        """Sentences after `says`, with the same params."""
        return ()


class SettingsError(VisiohubError):
    """The hub refuses to start: a setting is unknown or wrong (exit code 2)."""

    code = "settings"
    status = 500
    says = N_("Un réglage est inexact.")
