"""What `kiosk call` may be asked, and what is wrong with it, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.errors import KioskError
from kiosk.rtc.coding import av1
from kiosk.rtc.line import Line
from kiosk.settings import LEAST_KBIT, Settings

_CODECS: dict[str, tuple[str, ...]] = {
    "auto": (), "vp8": ("VP8",), "h264": ("H264",), "av1": ("AV1",),
}  # fmt: skip


class OptionError(KioskError):
    """An option that makes no sense; `detail` names it and says what to write."""

    code = "bad_option"


@dataclass(frozen=True)
class Options:
    """What `kiosk call` was asked; devices as in `kiosk.devices.specs`."""

    url: str
    camera: str = "device"
    microphone: str = "device"
    speaker: str = "device"
    video_out: str = "none"
    seconds: float | None = None
    max_kbit: int | None = None
    codec: str = "auto"
    stats: Path | None = None
    settings: Settings = field(default_factory=Settings)
    """Those of the kiosk, of which a call takes what they say about the line."""

    @property
    def codecs(self) -> tuple[str, ...]:
        """Names in SDP of those to offer; empty: all, in the order that suits the line."""
        return _CODECS[self.codec]

    def line(self) -> Line:
        """What is known of the line, and no more of it than `max_kbit`, if that was asked for."""
        down = [rate for rate in (self.settings.line_down_kbit, self.max_kbit) if rate]
        return Line.of_kbit(
            self.settings.line_up_kbit or None,
            min(down, default=None),
            self.max_kbit or self.settings.call_most_kbit,
            cells=self.settings.line_cells,
        )

    def check(self) -> None:
        """What can be known before anything is opened.

        Raises:
            OptionError: an option is wrong.
        """
        if not _is_web_address(self.url):
            raise OptionError(f"URL: {self.url!r} is no http or https address.")
        if self.codec not in _CODECS:
            known = ", ".join(_CODECS)
            raise OptionError(
                f"--codec: {self.codec!r} is no codec that is known. Choose: {known}."
            )
        if self.codec == "av1" and (reason := av1.unavailable()) is not None:
            raise OptionError(
                f"--codec: AV1 cannot be encoded here ({reason}). Choose auto, vp8 or h264."
            )
        if self.seconds is not None and not self.seconds > 0:  # nan is not, either
            raise OptionError("--seconds: give more than 0.")
        if self.max_kbit is not None and self.max_kbit < LEAST_KBIT:
            raise OptionError(f"--max-kbit: give {LEAST_KBIT} or more; speech alone takes as much.")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # such as a bracket that is not closed
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
