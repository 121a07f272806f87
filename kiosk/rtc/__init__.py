"""Media on aiortc's transport."""

from kiosk.rtc.errors import SdpRefused
from kiosk.rtc.events import Failed, Flowing, Gathered, MediaEvent, Silent
from kiosk.rtc.session import MediaSession

__all__ = ["Failed", "Flowing", "Gathered", "MediaEvent", "MediaSession", "SdpRefused", "Silent"]
