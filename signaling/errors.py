"""Everything that signaling refuses, as a small tree with stable codes (PROTOCOL.md §5)."""

from __future__ import annotations

from typing import Literal

ErrorCode = Literal[
    # the frame itself (ProtocolError)
    "malformed",
    "too_large",
    "unknown_type",
    "invalid_field",
    "sdp_refused",
    # what it asks for
    "not_now",
    "not_allowed",
    "not_holder",
    "call_unknown",
    "call_taken",
    "call_over",
    "kiosk_busy",
    "agent_busy",
    # codes that citizens present
    "code_unknown",
    "code_elsewhere",
    "code_too_early",
    "code_too_late",
    "code_used",
    "code_locked",
    # calls without an appointment
    "service_unknown",
    "service_closed",
    # load and faults
    "busy",
    "rate_limited",
    "internal",
]

ByeCode = Literal[
    "too_old",
    "too_new",
    "not_enrolled",
    "bad_proof",
    "no_opening",
    "superseded",
    "outrun",
    "revoked",
    "signed_out",
    "rate_limited",
    "closing",
    "internal",
]


class SignalingError(Exception):
    """A request was not done. `code` is stable, `detail` is English for developers and logs."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str = "",
        *,
        field: str = "",
        about: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.field = field
        """Dotted path of the offending field, empty when it is not about one."""
        self.about = about
        """`type` of the refused message, when it could be read."""
        self.retry_after_s = retry_after_s


class ProtocolError(SignalingError):
    """The frame is not a message that this end may send."""


class RateLimitedError(SignalingError):
    """Too many of these for now; `retry_after_s` says when to come again."""

    def __init__(self, retry_after_s: float, *, about: str = "") -> None:
        super().__init__(
            "rate_limited", "too many messages", about=about, retry_after_s=round(retry_after_s, 3)
        )


class DismissedError(Exception):
    """The connection ends with `bye` (PROTOCOL.md §5.3)."""

    def __init__(self, code: ByeCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
