"""How a call of `kiosk call` goes, and what the console hears of it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import typer

from kiosk.rtc import Failed, Flowing, MediaEvent, Silent


@dataclass
class Course:
    """Times are seconds since the offer was made."""

    began: float = field(default_factory=time.monotonic)
    first_media_s: float | None = None
    first_picture_s: float | None = None
    silences: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    failed: bool = False

    def elapsed(self) -> float:
        """Seconds since the offer was made."""
        return round(time.monotonic() - self.began, 3)

    def picture(self) -> None:
        """A picture came."""
        if self.first_picture_s is None:
            self.first_picture_s = self.elapsed()
            say(f"first picture after {self.first_picture_s * 1000:.0f} ms")

    def follow(self, event: MediaEvent) -> None:
        """What the media engine tells."""
        match event:
            case Flowing():
                if self.first_media_s is None:
                    self.first_media_s = self.elapsed()
                    say(f"media flows after {self.first_media_s * 1000:.0f} ms")
                else:
                    say("media flows again")
            case Silent():
                self.silences += 1
                say("nothing comes any more; waiting")
            case Failed():
                self.failed = True
                self.over.set()

    def tell(self, report: Mapping[str, Any]) -> None:
        """A line about an interval (`kiosk.rtc.report`)."""
        rtt = "-" if report["rtt_ms"] is None else f"{report['rtt_ms']:.0f} ms"
        say(
            f"{self.elapsed():.0f} s: sends {report['sent_kbit_s']:.0f} kbit/s,"
            f" receives {report['received_kbit_s']:.0f} kbit/s,"
            f" loss {report['loss_ratio'] * 100:.1f} %, round trip {rtt}"
        )

    def summary(self) -> dict[str, Any]:
        """What the file of `--stats` has besides its samples."""
        return {
            "first_media_s": self.first_media_s,
            "first_picture_s": self.first_picture_s,
            "silences": self.silences,
        }


def say(text: str) -> None:
    """A line on the console; standard output stays free."""
    typer.echo(text, file=sys.stderr)
