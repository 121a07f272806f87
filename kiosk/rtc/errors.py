"""What the media engine refuses, with stable codes; `detail` is a sentence."""

from __future__ import annotations

from kiosk.errors import KioskError


class SdpRefused(KioskError):  # noqa: N818 - a refusal, as the protocol calls it
    """A session description that makes no sense, or that this kiosk cannot agree to."""

    code = "sdp_refused"


class AttachError(KioskError):
    """The libraries are not those that `kiosk.rtc.attach` was written for; raised at start."""

    code = "libraries_changed"

    @property
    def remedy(self) -> str:
        """What happened, then what to do."""
        return (
            f"its media libraries are not those it was written for ({self.detail}). "
            "Install the kiosk anew, with its own versions of them."
        )
