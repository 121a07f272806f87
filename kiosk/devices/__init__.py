"""Cameras, microphones and speakers: real, from files, synthetic."""

from kiosk.devices.errors import DeviceError
from kiosk.devices.set import DeviceSet

__all__ = ["DeviceError", "DeviceSet"]
