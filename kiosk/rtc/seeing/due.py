"""What a receiver has to do now. Pure: the word between sound or picture and the network."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.rtc.order import Picture


@dataclass(frozen=True)
class Due:
    """What is to be done now."""

    nack: tuple[int, ...] = ()
    """16 bit numbers of packets to ask for again, ascending but for their wrapping."""
    pli: bool = False
    """Ask for a whole picture."""
    pictures: tuple[Picture, ...] = ()
    """To be decoded, in this order."""
