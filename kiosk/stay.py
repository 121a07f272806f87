"""One citizen's stay: what the kiosk knows of who is here, how long it may know it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from kiosk.quality import Quality
from kiosk.scene import Ending, HelpState, Overlay
from signaling.protocol.cards import CallCard, DeviceCard, Language

DEFAULT_VOLUME = 7


@dataclass(frozen=True)
class Pace:
    """How long things last, in seconds."""

    warn_after_s: float = 35.0
    """Without a touch, before "Êtes-vous toujours là ?"."""
    clean_after_s: float = 57.0
    """Without a touch, before the citizen is forgotten: at least 20 s of warning, 60 s in all."""
    waiting_warn_after_s: float = 600.0
    waiting_clean_after_s: float = 660.0
    check_for_s: float = 10.0
    """For the hub to answer a code."""
    cut_shown_after_s: float = 3.0
    """A cut of an idle kiosk that lasts less is not shown."""
    start_for_s: float = 8.0
    """For the first answer of the hub, before the screen says that there is none."""
    picture_lasts_s: float = 2.0
    """After the last far picture, before the screen says that only the sound is left; after the
    first sound, or the first after a silence, so long it says that the picture is coming."""
    picture_told_after_s: float = 10.0
    """After the last far picture, before that is read out, too: on a bad line it comes and goes."""
    hearing_lasts_s: float = 20.0
    """After the last sound, before the screen stops saying that the microphone hears."""
    slow_answer_s: float = 0.5
    """A ping of the hub that takes longer is a slow line."""
    gives_up_after_s: float = 200.0
    """Without media and without the hub, which would have ended the call by itself."""


At = Literal["home", "code", "checking", "call", "ended"]


@dataclass
class Stay:
    """All that the kiosk knows of the citizen who is here. A new one knows nothing."""

    touched_at: float
    low_controls: bool
    language: Language = "fr"
    larger_text: bool = False
    at: At = "home"
    overlay: Overlay | None = None
    page: int = 0
    digits: str = ""
    notice: str = ""
    checking_from: Literal["home", "code"] = "home"
    checking_since: float = 0.0
    call: CallCard | None = None
    media_here: bool = False
    """A media session of this call lives in this process."""
    flowing_generation: int = 0
    silent_since: float | None = None
    quality: Quality = field(default_factory=Quality)
    picture_at: float | None = None
    """When the last far picture came."""
    picture_awaited_until: float | None = None
    """Sound came, or came again, the picture did not yet; for so long it is awaited."""
    heard_at: float | None = None
    """When the microphone last heard something, while waiting."""
    said: str = ""
    said_at: datetime | None = None
    said_comes_again: bool = False
    """The hub is back, and says next what stands here, if it still does."""
    agent_devices: tuple[DeviceCard, ...] = ()
    """As the agent's page last told them (§8.11)."""
    muted: bool = False
    volume: int = DEFAULT_VOLUME
    help: HelpState = "none"
    help_phone: str = ""
    ending: Ending | None = None

    @property
    def pristine(self) -> bool:
        """Nobody has touched anything: there is nothing to forget."""
        fresh = Stay(touched_at=self.touched_at, low_controls=self.low_controls)
        return replace(self, picture_at=None) == fresh

    @property
    def awaits_help_alone(self) -> bool:
        """Reception was asked to come, and nothing else is known."""
        overlay = None if self.overlay == "help" else self.overlay
        return self.helped and replace(self, help="none", help_phone="", overlay=overlay).pristine

    @property
    def helped(self) -> bool:
        """Reception was asked to come, and nobody said no."""
        return self.help in {"asked", "coming"}

    @property
    def media_flows(self) -> bool:
        """Something of the agent arrives at this moment."""
        return self.flowing_generation > 0 and self.silent_since is None

    def idle_limits(self, pace: Pace) -> tuple[float, float] | None:
        """Seconds without a touch until the warning, and until the end; None: no limit."""
        if self.call is not None and self.call.state != "waiting":
            return None
        if self.call is not None or self.awaits_help_alone:
            return pace.waiting_warn_after_s, pace.waiting_clean_after_s
        return None if self.pristine else (pace.warn_after_s, pace.clean_after_s)
