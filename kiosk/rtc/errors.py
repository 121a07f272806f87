"""What the media engine refuses, with stable codes."""

from __future__ import annotations


class MediaError(Exception):
    """Base of the media engine's errors; `code` is stable, `detail` is a sentence."""

    code = "media_error"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class SdpRefused(MediaError):  # noqa: N818 - a refusal, as the protocol calls it
    """A session description that makes no sense, or that this kiosk cannot agree to."""

    code = "sdp_refused"


class AttachError(MediaError):
    """The libraries are not those that `attach.py` was written for; raised at start."""

    code = "libraries_changed"
